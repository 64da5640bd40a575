//! A sample of everything that can happen: what the log keeps of it, and how it reads.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::{DateTime, TimeZone, Utc};
use insta::assert_snapshot;
use wardroom::domain::event::{ChangeEvent, Draft, Event, PrivacyEvent};
use wardroom::domain::{Actor, PersonId, State, Subject};
use wardroom::ledger::replay::Replay;
use wardroom::render::TEMPLATES;
use wardroom::store::{Recorded, Writes};

use super::event_kinds::kind_of;
use super::sparse_events::sparse;
use super::{NO_TRIGGERS, TRIGGERS};
use super::{
    archive_samples, batch_samples, change_samples, charter_samples, checklist_samples, conflict_samples,
    custom_field_samples, exception_samples, freeze_samples, halt_samples, identity_samples, incident_samples,
    link_samples, log_samples, meeting_samples, on_call_samples, pir_samples, policy_samples, privacy_samples,
    rehearsal_samples, rollback_samples, slot_samples, standby_samples, validation_samples,
};
use crate::harness::Bot;

#[test]
fn what_the_log_keeps_of_each_kind_is_a_promise() {
    let shapes: Vec<String> = samples().iter().map(|event| shape(&event.draft())).collect();
    assert_snapshot!(shapes.join("\n"), @"
    incident.declared [computed impact priority services urgency] beside it [title]
    incident.word_unmapped [taken] beside it [typed]
    incident.priority_set [from raised to] beside it [why]
    incident.exposure_set [exposed from to] beside it [why]
    incident.step_requested [step to] beside it [why]
    incident.step_confirmed [asked_by step to] beside it []
    incident.step_declined [asked_by step to] beside it []
    incident.status_set [from to] beside it [why]
    incident.lead_set [from to unaccountable] beside it [why]
    successor.paged [commander minutes person] beside it []
    commander.heard [heard_at person] beside it []
    incident.noted [] beside it [text]
    incident.decided [] beside it [chose question why]
    update.sent [late missed slot] beside it [text]
    incident.resolved [] beside it [summary]
    incident.cancelled [] beside it [why]
    room.opened [channel platform workspace] beside it []
    draft.offered [change draft person service] beside it []
    draft.reminded [draft person service] beside it []
    draft.submitted [change draft person service] beside it []
    draft.joined [change draft person service] beside it []
    draft.dismissed [draft person service] beside it []
    draft.left [draft person service] beside it []
    major.declared [rule] beside it [why]
    major.stood_down [] beside it [why]
    incident.reopened [major priority] beside it [why]
    change.requested [also asks asks_as cause change_kind draft due entry entry_version incident parameters planned_from planned_until policy requires revision risk_band risk_score service skipped sources tested touches] beside it [impact regulation rollback_plan title why_now]
    change.revised [asks asks_as change_kind entry entry_version fields parameters policy requires revision risk_band risk_score skipped touches voided] beside it [edits voided_people]
    change.edited [fields] beside it [edits]
    change.scheduled [closes opens] beside it []
    review.changes_wanted [effects revision rollback target] beside it [why]
    review.agreed [effects revision rollback target] beside it []
    seat.granted [effects on_behalf owns revision rollback seat target until] beside it [accepted why]
    ballot.cast [choice on_behalf owns replaces revision round until] beside it [why]
    concern.raised [revision] beside it [why]
    concern.resolved [of raised revision] beside it [why]
    vote.reminded [closes people percent revision] beside it []
    vote.chair_asked [chair revision] beside it []
    vote.closed [outcome passed rule] beside it [sentence]
    approval.asked [because person seat until] beside it []
    approval.acknowledged [revision seats] beside it []
    approval.unanswered [nobody seat] beside it []
    acceptance.given [again revision until] beside it [accepted alternatives why]
    acceptance.expired [people person revision rule until] beside it []
    approval.prolonged [people revision rule until] beside it [sentence]
    change.approved [ahead closes opens taken_by] beside it []
    change.rejected [] beside it [why]
    change.approval_expired [] beside it [sentence]
    change.started [] beside it []
    change.done [] beside it [summary]
    change.rolled_back [] beside it [why]
    change.withdrawn [] beside it [why]
    change.announced [closes left opens] beside it []
    window.warned [closes minutes_left] beside it []
    window.expired [closed extendable late] beside it []
    window.missed [closed over] beside it []
    window.extension_requested [closes round rule until] beside it [why]
    window.extended [closes opens times] beside it []
    window.extension_denied [closes] beside it [sentence]
    change.recorded [allowed_by also found_at frozen incident late made_at made_by made_from policy requires revision risk_band risk_score service touches works] beside it [evidence impact title why]
    change.attested [works] beside it []
    change.found [also due found_at incident made_at policy revision service touches] beside it [evidence title]
    change.claimed [allowed_by also found_at frozen incident late made_at made_by made_from policy requires revision risk_band risk_score service touches works] beside it [evidence impact title why]
    change.unclaimed [found_at rule] beside it []
    entry.suspended [entry entry_version failures owner rule uses] beside it []
    entry.rated [entry entry_version helpful wrong] beside it [why]
    entry.revision_due [entry entry_version owner ratings rule until] beside it []
    entry.suggested [owner rule service uses] beside it []
    entry.submitted [entry entry_version rule sha256] beside it []
    entry.approved [entry entry_version owner rule sha256] beside it []
    risk.adjusted [asked_by from rule to] beside it [why]
    risk.lowering_asked [from rule to] beside it [why]
    slot.queued [because behind position rule] beside it []
    slot.offered [until] beside it []
    slot.missed [] beside it []
    slot.renewed [until waiting] beside it []
    slot.released [] beside it [why]
    slot.put_first [] beside it [why]
    slot.allowed_both [] beside it [why]
    validation.opened [checks person until] beside it []
    validation.checked [attempt check of passed] beside it [text]
    validation.reminded [person] beside it []
    validation.again [] beside it []
    validation.passed [attested] beside it [why]
    validation.failed [attested failures] beside it [why]
    validation.doubted [confidence incident rule] beside it []
    validation.cleared [incident person] beside it []
    rollback.begun [planned steps] beside it [why]
    rollback.step_done [minutes step steps] beside it []
    rollback.step_failed [person step steps] beside it [why]
    change.let_finish [incident] beside it []
    change.halted [back declares incident rule trigger] beside it [why]
    change.resume_asked [] beside it [why]
    change.resumed [] beside it [why]
    change.held [freezes rule] beside it []
    change.released [held_minutes passed] beside it []
    pir.opened [due owes person reason rule skipped] beside it []
    pir.reminded [due] beside it []
    pir.overdue [due] beside it []
    pir.closed [effective evidence policy_followed rollback_proven verdict] beside it [text]
    conflict.opened [other until] beside it []
    conflict.opened [near other] beside it []
    conflict.coexist_asked [opened other side] beside it [why]
    conflict.escalated [level opened other] beside it []
    conflict.resolved [how near opened other] beside it [why]
    conflict.yielded [rivals] beside it [why]
    ruling.asked [dispute of person revision until] beside it [why]
    ruling.passed_on [asked to until] beside it []
    ruling.given [asked dispute reopens verdict] beside it [conditions why]
    ruling.appointed [asked person] beside it []
    ruling.unanswered [asked dispute] beside it []
    ruling.lapsed [asked dispute] beside it []
    notice.acknowledged [revision] beside it []
    notice.reminded [owners revision] beside it []
    notice.objected [revision until] beside it [why]
    notice.settled [how objected of] beside it [why]
    notice.unsettled [objected of] beside it []
    notice.previewed [people revision until] beside it []
    notice.sent [revision] beside it [text]
    exploit.claimed [revision] beside it [why]
    exploit.confirmed [claimed] beside it [why]
    exploit.denied [claimed] beside it [why]
    clearance.asked [incident revision] beside it [why]
    clearance.given [claimed incident] beside it [why]
    clearance.denied [claimed incident] beside it [why]
    catalogue.suspended [by_failures entry entry_version owner rule] beside it [why]
    catalogue.resumed [by_failures entry entry_version owner rule] beside it [why]
    catalogue.expiring [ends entry entry_version owner rule] beside it []
    catalogue.expired [entry entry_version owner rule until] beside it []
    standby.booked [asked on_call person role starts] beside it []
    standby.taken [again person role starts] beside it []
    standby.asked [again booked person role] beside it []
    standby.confirmed [again booked role] beside it []
    standby.declined [booked proposed role] beside it [why]
    standby.missed [booked person role] beside it []
    standby.exhausted [role] beside it []
    standby.alerted [last person proposed role] beside it []
    standby.moved [booked person role starts] beside it []
    standby.released [booked person role] beside it []
    rehearsal.asked [due] beside it []
    rehearsal.planned [due environment minutes observer opened] beside it []
    rehearsal.begun [opened plan] beside it []
    rehearsal.proven [minutes opened plan took] beside it [note]
    rehearsal.failed [opened plan took] beside it [note]
    rehearsal.waived [accepted opened plan] beside it [why]
    rehearsal.moved [due opened] beside it [why]
    rehearsal.reminded [due opened overdue] beside it []
    rehearsal.voided [opened] beside it []
    field.asked [fields rule] beside it []
    field.filled [field rule] beside it [value]
    field.dropped [fields rule] beside it []
    checklist.added [category items rule] beside it []
    checklist.ticked [evidence_at item person rule] beside it [evidence]
    checklist.unticked [item rule] beside it [why]
    checklist.waiver_asked [item rule] beside it [why]
    checklist.waived [asked_by item rule] beside it [why]
    link.proposed [change confidence facts link origin person relation unanswered] beside it [why]
    link.confirmed [change confidence facts link origin person relation unanswered] beside it [why]
    link.rejected [change confidence facts link origin person relation unanswered] beside it [why]
    policy.proposed [effective_at hash origin people] beside it []
    policy.signed [from hash missing proposed] beside it []
    policy.read [hash policy] beside it []
    policy.review_due [policy since] beside it []
    policy.review_late [policy since] beside it []
    policy.reviewed [hash policy] beside it [text]
    policy.overdue [hash proposed] beside it []
    policy.objected [hash proposed] beside it [why]
    amendment.proposed [amendment due number origin] beside it [what why]
    amendment.answered [amendment asked hash number proposed] beside it []
    amendment.adopted [amendment asked hash number] beside it []
    amendment.reopened [amendment asked number] beside it []
    amendment.declined [amendment asked number] beside it [why]
    amendment.reminded [amendment asked due number origin] beside it []
    amendment.overdue [amendment asked due number origin] beside it []
    freeze.created [asked blocks every follows freeze_kind from hard held incident planned reach running services until wide] beside it [why]
    freeze.agreed [missing] beside it []
    freeze.objected [] beside it [why]
    freeze.awaited [from missing] beside it []
    freeze.not_agreed [missing] beside it []
    freeze.announced [days_left from] beside it []
    freeze.begun [late] beside it []
    freeze.stabilising [until] beside it []
    freeze.restored [held incident running wide] beside it []
    freeze.extended [until] beside it [why]
    freeze.ending [until] beside it []
    freeze.review_due [since] beside it []
    freeze.lifted [late] beside it [why]
    freeze.cancelled [] beside it [why]
    freeze.passed [change rule] beside it [why]
    override.requested [change revision] beside it [why]
    override.signed [change revision role] beside it [why]
    override.granted [change from revision role until] beside it [why]
    override.denied [change revision] beside it [why]
    override.used [change revision] beside it []
    override.expired [change revision] beside it []
    override.void [change revision] beside it []
    delegation.granted [ends from starts to] beside it [why]
    delegation.began [ends from granted to] beside it []
    delegation.ended [by_hand from granted to] beside it []
    absence.noted [ends person starts] beside it [why]
    absence.began [ends noted person] beside it []
    absence.ended [by_hand noted person] beside it []
    on_call.handed_over [ends from team to] beside it []
    on_call.gap_found [person starts team] beside it []
    exception.requested [class rule scope sets_aside until] beside it [control why]
    exception.signed [role] beside it []
    exception.granted [role until] beside it []
    exception.denied [] beside it [why]
    exception.used [change revision sets_aside] beside it []
    exception.ending [until uses] beside it []
    exception.expired [review uses waited] beside it []
    exception.revoked [review] beside it [why]
    exception.overdue [due] beside it []
    exception.reviewed [kept uses] beside it [text]
    batch.planned [closes items opens stop] beside it [impact list rollback_plan title why]
    batch.checked [conflicts refused waits] beside it [text]
    batch.confirmed [items] beside it []
    batch.filed [change item] beside it []
    batch.item_refused [item] beside it [why]
    batch.opened [items] beside it []
    batch.said [choice refused taken] beside it []
    batch.excluded [change] beside it [why]
    batch.started [items] beside it []
    batch.advanced [change item items] beside it []
    batch.held [change] beside it [why]
    batch.paused [change] beside it [why]
    batch.group_stopped [change group] beside it [why]
    batch.resumed [stopped] beside it []
    batch.stopped [] beside it [why]
    batch.completed [items] beside it []
    meeting.announced [agenda starts_at] beside it []
    meeting.called [late] beside it []
    meeting.missed [] beside it []
    meeting.opened [agenda minutes] beside it []
    meeting.attended [member platform quorate] beside it []
    meeting.item_begun [change minutes until] beside it []
    meeting.item_time_over [change decided minutes] beside it []
    meeting.item_deferred [change] beside it [why]
    meeting.reviews_listed [reviews] beside it []
    meeting.pack_posted [items pack_sha256] beside it [pack]
    meeting.trend_rising [before cause changes service] beside it []
    meeting.decided [cites number pack_sha256 verdict] beside it [text]
    meeting.closed [decided deferred present quorate sha256 undecided] beside it [minutes]
    identity.linked [account means person platform workspace] beside it []
    identity.unlinked [account person platform workspace] beside it []
    identity.deactivated [account person platform workspace] beside it []
    identity.reactivated [account person platform workspace] beside it []
    workspace.lost [platform reason workspace] beside it []
    workspace.regained [platform workspace] beside it []
    feed.opened [person renewed sha256] beside it []
    feed.closed [person] beside it []
    charter.published [edition hash minutes people team] beside it []
    charter.acknowledged [charter edition team] beside it []
    charter.review_due [charter edition team] beside it []
    charter.review_late [charter edition team] beside it []
    charter.reviewed [charter edition team] beside it []
    log.recovered [cause epoch fits signed statement there] beside it [backup declared_by why]
    log.key_rotated [replaces vkey] beside it []
    erasure.requested [entry] beside it [basis]
    erasure.declined [asked asked_by] beside it []
    erasure.approved [asked asked_by] beside it []
    payload.erased [approved_by asked_by class digests entry texts] beside it [basis]
    person.erased [approved_by asked asked_by person] beside it []
    hold.placed [] beside it [why]
    hold.released [placed] beside it [why]
    archive.previewed [profile records] beside it []
    archive.confirmed [profile] beside it []
    archive.asked [] beside it []
    archive.sealed [bytes covers entries manifest replaces] beside it []
    redaction.asked [sha256] beside it [marks]
    redaction.approved [asked asked_by] beside it []
    archive.redacted [bytes covers entries manifest] beside it []
    redaction.declined [asked asked_by] beside it []
    redaction.void [asked asked_by] beside it []
    archive.removed [kind manifest] beside it []
    refused [asked rule] beside it [sentence]
    organisation.applied [changed people services] beside it []
    policy.loaded [hash proposed] beside it []
    clock.moved [seconds] beside it []
    log.exported [entries of texts] beside it []
    ");
}

/// Stored entries must stay readable for ever: a name that is gone from here needs an answer for old logs.
fn shape(draft: &Draft) -> String {
    let mut facts: Vec<&str> = draft.facts.iter().map(|(name, _)| *name).collect();
    let mut texts: Vec<&str> = draft.texts.iter().map(|(name, _)| *name).collect();
    facts.sort_unstable();
    texts.sort_unstable();
    format!("{} [{}] beside it [{}]", draft.kind, facts.join(" "), texts.join(" "))
}

#[test]
fn every_kind_has_a_sample_and_a_line_to_read_and_no_line_is_without_a_kind() {
    let sampled: BTreeSet<String> = samples().iter().map(|event| event.draft().kind.to_owned()).collect();
    assert_eq!(sampled, kinds_of_source(), "samples and source");
    let lines = TEMPLATES.iter().filter_map(|(name, _)| name.strip_prefix("line/"));
    assert_eq!(sampled, lines.map(str::to_owned).collect(), "samples and templates");
    for event in samples() {
        let kind = event.draft().kind;
        assert_eq!(kind, kind_of(&event), "a variant keeps its kind");
    }
}

/// A verifier folds entries into the state that there must be; a kind that it does not know leaves a record unchecked.
#[test]
fn the_check_of_the_state_knows_every_kind() {
    let unknown: Vec<String> = kinds_of_source().into_iter().filter(|kind| !Replay::knows(kind)).collect();
    assert_eq!(unknown, Vec::<String>::new(), "src/ledger/replay.rs says what each does to the state");
}

/// Every kind that the source can write: `Draft::new("kind")` and `step.draft("kind")`.
fn kinds_of_source() -> BTreeSet<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/domain/event");
    let files = std::fs::read_dir(folder).expect("the events' source").map(|file| file.expect("a file").path());
    let text: String = files.map(|path| std::fs::read_to_string(path).expect("a file of source")).collect();
    let after = |start: &'static str| text.split(start).skip(1).filter_map(|rest| rest.split('"').next());
    after("Draft::new(\"").chain(after("step.draft(\"")).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_entry_can_be_read_in_chat_also_when_its_texts_are_erased() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev2 checkout returns 502 svc:payments").await;
    bot.run_until_idle().await;
    let written = record_all(&bot).await;
    let entries = bot.decision_log("INC-1").await.lines().count();
    assert!(entries > written, "{entries} entries");

    let whole = read_log(&bot, entries).await;
    for word in ["{{", "[object]", "word_of", "TEXT"] {
        assert_eq!(whole.contains(word), word == "TEXT", "{word} in\n{whole}");
    }
    let erase = format!("{NO_TRIGGERS}; delete from dlog.disclosure; {TRIGGERS}");
    bot.as_superuser(&erase).await;
    let erased = read_log(&bot, entries).await;
    assert!(!erased.contains("TEXT"), "erased texts are gone:\n{erased}");
    assert_eq!(whole.lines().count(), erased.lines().count());
    bot.leave().await;
}

/// All pages of `/log show`, on both platforms, each entry with its receipt.
async fn read_log(bot: &Bot, entries: usize) -> String {
    let mut read = String::new();
    for here in [bot.person("ana").slack(), bot.person("ana").discord()] {
        let mut pages = String::new();
        for page in 1..=entries.div_ceil(5) {
            let shown = here.says(&format!("/log show INC-1 page:{page}")).await;
            if !pages.contains(&shown) {
                pages.push_str(&shown);
            }
            if shown.contains(&format!("Page {page} of {page},")) {
                break;
            }
        }
        for seq in 1..=entries {
            assert!(pages.contains(&format!("L INC-1#{seq} ")), "entry {seq} of {entries} is not shown:\n{pages}");
        }
        read.push_str(&pages);
    }
    read
}

/// Writes every sample onto one chain: the log does not ask what belongs together, decisions do.
async fn record_all(bot: &Bot) -> usize {
    let mut tx = bot.app.store.begin(1).await.expect("Postgres answers");
    let organisation = tx.organisation().await.expect("the organisation");
    let ana = organisation.people.values().find(|person| person.key == "ana").expect("ana");
    let by = Actor::Person { id: ana.id.clone(), name: ana.name.clone(), account: ana.identities[0].account.clone() };
    // One seat, one room and one promise of a kind is all that a record takes.
    let once = |event: &Event| !matches!(kind_of(event), "seat.granted" | "room.opened" | "update.sent");
    // What happens to accounts and delegations changes the organisation, under entries of its own chain only; what is erased has to be
    // there first.
    let elsewhere = |event: &Event| {
        !matches!(
            event,
            Event::Delegation(_)
                | Event::Absence(_)
                | Event::Identity(_)
                | Event::Feed(_)
                | Event::Privacy(_)
                | Event::Proposal(_)
                | Event::Amendment(_)
        )
    };
    let of_team = |event: &Event| !matches!(event, Event::Charter(_));
    let all = samples().into_iter().filter(elsewhere).filter(of_team);
    let mut events: Vec<Event> = all.chain(sparse().into_iter().filter(once)).collect();
    let before = bot.database.count("select max(seq)::bigint from dlog.entry where subject = 'INC-1'").await;
    change_samples::resolve_what_was_raised(&mut events, i32::try_from(before).expect("a short log"));
    let recorded = Recorded {
        subject: Subject::Incident(1),
        events: &events,
        writes: Writes::State { state: &State::Unchanged, promises: &[] },
        by: &by,
        at: bot.app.clock.now(),
        command: "test",
        place: None,
        log: "wardroom/test",
        clock_ahead: bot.app.clock.ahead(),
    };
    tx.record(&recorded).await.expect("samples can be written");
    tx.commit().await.expect("samples can be committed");
    events.len()
}

pub fn at(hour: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2030, 1, 7, hour, 30, 0).single().expect("a moment")
}

pub fn text(what: &str) -> String {
    format!("TEXT {what} {}", "and so on ".repeat(30))
}

pub fn somebody() -> PersonId {
    PersonId("p_somebody".to_owned())
}

/// One of each, with everything that it may hold.
pub fn samples() -> Vec<Event> {
    let incident = incident_samples::samples().into_iter().chain(freeze_samples::major()).map(Event::Incident);
    let turns = slot_samples::samples()
        .into_iter()
        .map(ChangeEvent::Slot)
        .chain(validation_samples::samples())
        .chain(rollback_samples::samples());
    let change = change_samples::samples().into_iter().chain(turns).chain(halt_samples::samples()).map(Event::Change);
    let others = [
        Event::Refused { asked: "approve".to_owned(), rule: "4.15".to_owned(), sentence: text("sentence") },
        Event::OrganisationApplied { people: 12, services: 6, changed: 18 },
        Event::PolicyLoaded { hash: "0a1b2c".to_owned(), proposed: Some(1) },
        Event::ClockMoved { seconds: 2400 },
        Event::LogExported { of: Some(Subject::Incident(1)), entries: 22, texts: true },
    ];
    let pir = pir_samples::samples().into_iter().map(Event::Pir);
    let freeze = freeze_samples::samples().into_iter().map(Event::Freeze);
    let meeting = meeting_samples::samples().into_iter().map(Event::Meeting);
    let identity = identity_samples::samples().into_iter().map(Event::Identity);
    let feed = identity_samples::feed_samples().into_iter().map(Event::Feed);
    let log = log_samples::samples().into_iter().map(Event::Log);
    let privacy = privacy_samples::samples().into_iter().map(Event::Privacy);
    incident
        .chain(change)
        .chain(pir)
        .chain(conflict_samples::of_disputes())
        .chain(standby_samples::samples())
        .chain(rehearsal_samples::samples())
        .chain(custom_field_samples::samples())
        .chain(checklist_samples::samples())
        .chain(link_samples::samples().into_iter().map(Event::Link))
        .chain(policy_samples::samples().into_iter().map(Event::Proposal))
        .chain(policy_samples::amendments().into_iter().map(Event::Amendment))
        .chain(freeze)
        .chain(on_call_samples::samples())
        .chain(exception_samples::samples().into_iter().map(Event::Exception))
        .chain(batch_samples::samples().into_iter().map(Event::Batch))
        .chain(meeting)
        .chain(identity)
        .chain(feed)
        .chain(charter_samples::samples().into_iter().map(Event::Charter))
        .chain(log)
        .chain(privacy)
        .chain(archive_samples::samples().into_iter().map(PrivacyEvent::Archive).map(Event::Privacy))
        .chain(others)
        .collect()
}
