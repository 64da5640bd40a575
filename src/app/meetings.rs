//! The board's meetings: which one is meant, how it looks, and what becomes visible of it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::answer::{Teller, plain, told};
use super::cards::{button, change_buttons, headline, row};
use super::freezes::calling;
use super::handle::{Caller, HandleError};
use super::lists::LISTED_MAX;
use super::questions::slip;
use super::target::no_such;
use super::{App, Tenant};
use crate::domain::amendment::AskedFor;
use crate::domain::decide::quorum_sentence;
use crate::domain::meeting::{
    FindingVerdict, Item, Meeting, MeetingCommand, MeetingStatus, MeetingTarget, is_undecided,
};
use crate::domain::minutes::outcome;
use crate::domain::pack::PackPeriod;
use crate::domain::rules::{Pending, agenda};
use crate::domain::{
    Account, Actor, Change, ChangeStatus, Command, Decision, Event, MeetingEvent, PersonId, Place, Refusal, Role,
    Subject, Target, Urgency,
};
use crate::language::presses::{Press, PressAction};
use crate::ledger;
use crate::render::{Block, ButtonStyle, Inline, Message, Text, fit};
use crate::store::{Job, Later, Tx};

/// Entries of a meeting's log that are looked through for its minutes: all of it, but for thousands of refusals.
const ENTRIES_MAX: i64 = 1_000;

/// Meetings that are looked through for the last one that was held: a year of weekly ones.
const RECENT_MAX: i64 = 52;

/// Months that a pack sets side by side.
const TREND_MONTHS: u32 = 6;

impl App {
    /// The meeting that a command is about, with the changes on its agenda, under lock. The order of locks: the tenant,
    /// which holds the next number, then meetings.
    pub(super) async fn meeting_target(
        &self,
        tx: &mut Tx,
        caller: &Caller<'_>,
        named: Option<Subject>,
        command: Option<&MeetingCommand>,
    ) -> Result<Result<Target, Refusal>, HandleError> {
        let mut target = MeetingTarget {
            meeting: None,
            standing: Vec::new(),
            number: 0,
            place: caller.place.cloned(),
            item: None,
            changes: Vec::new(),
            patterns: Vec::new(),
            owed: Vec::new(),
            counted: None,
            registry: None,
            digest: sha256,
        };
        if let Some(Subject::Change(number)) = named {
            target.item = Some(number);
        }
        if let Some(MeetingCommand::Open | MeetingCommand::Announce { .. }) = command {
            target.number = tx.next_meeting_number().await?;
            target.standing = tx.lock_standing_meetings().await?;
            target.changes = awaiting(tx).await?;
            target.owed = tx.owed_pirs().await?;
            let tenant = self.tenant(tx).await?;
            let numbers = &tenant.policy.meetings;
            let since = self.clock.now() - TimeDelta::days(numbers.pattern_days.into());
            target.patterns = tx.change_patterns(since, numbers.pattern_changes.into()).await?;
            if let Some(MeetingCommand::Announce { starts_at }) = command
                && let Some(period) = PackPeriod::before(*starts_at, tenant.organisation.time_zone)
            {
                let zone = tenant.organisation.time_zone;
                let mut figures = tx.pack_figures(&period).await?;
                figures.trend = tx.emergency_trend(&period.months_until(TREND_MONTHS, zone)).await?;
                if let Some((now, before)) = PackPeriod::quarters_before(*starts_at, zone) {
                    figures.quarter = Some(Box::new(tx.quarter_figures(&now, &before).await?));
                }
                target.counted = Some((period, figures));
            }
            return Ok(Ok(Target::Meeting(Box::new(target))));
        }
        if let Some(MeetingCommand::Decide { verdict: Some(FindingVerdict::Adopt), .. }) = command {
            // What is asked of the policy is numbered under the tenant's lock, which comes first.
            tx.lock_tenant().await?;
            let known = AskedFor { amendments: tx.amendments().await?, next_number: tx.next_amendment_number().await? };
            target.registry = Some((tx.waiting_proposals().await?, known));
        }
        if let Some(meeting) = meant(tx, named).await? {
            target.meeting = tx.lock_meeting(meeting).await?;
            if target.meeting.is_none() {
                return Ok(Err(no_such(Subject::Meeting(meeting))));
            }
        }
        if let Some(MeetingCommand::Close) = command {
            target.owed = tx.owed_pirs().await?;
        }
        for item in target.meeting.iter().flat_map(|meeting| &meeting.agenda) {
            target.changes.extend(tx.change(item.change).await?);
        }
        Ok(Ok(Target::Meeting(Box::new(target))))
    }

    /// Enqueues everything that follows from what happened to a meeting.
    pub(super) async fn spread_meeting(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        meeting: &Meeting,
        decision: &Decision,
    ) -> Result<(), HandleError> {
        let teller = Teller { app: self, tenant, actor: caller.actor };
        let places = self.served(meeting.places.clone());
        let mut cards: Vec<(Subject, &str)> = vec![(meeting.subject(), "meeting")];
        for event in &decision.events {
            let Event::Meeting(told) = event else { continue };
            let mut message = Message {
                blocks: vec![Block::Paragraph { text: teller.line(decision.subject, event)? }],
                ..Message::default()
            };
            match told {
                MeetingEvent::Attended { .. } | MeetingEvent::ItemTimeOver { decided: true, .. } => continue,
                MeetingEvent::Announced { .. } | MeetingEvent::Called { .. } => {
                    call_roster(tenant, meeting, &mut message);
                }
                MeetingEvent::ItemBegun { change, .. } => cards.push((Subject::Change(*change), "change")),
                MeetingEvent::ItemTimeOver { change, .. } => {
                    if let Some(change) = tx.change(*change).await? {
                        message.blocks.extend(change_buttons(&change));
                    }
                    message.blocks.push(row(vec![
                        press(meeting, PressAction::Defer, ButtonStyle::Plain),
                        press(meeting, PressAction::NextItem, ButtonStyle::Plain),
                    ]));
                }
                MeetingEvent::TrendRising { .. } => {
                    let managers: Vec<PersonId> = tenant.organisation.holding(Role::ChangeManager);
                    message = calling(&tenant.organisation, teller.line(decision.subject, event)?, &managers);
                }
                MeetingEvent::PackPosted { sha256, pack, .. } => message.blocks.extend(hashed(meeting, pack, sha256)),
                MeetingEvent::Missed
                | MeetingEvent::Opened { .. }
                | MeetingEvent::ReviewsListed { .. }
                | MeetingEvent::Decided { .. }
                | MeetingEvent::ItemDeferred { .. }
                | MeetingEvent::Closed { .. } => {}
            }
            for place in &places {
                self.say(tx, decision.subject, place, Urgency::Decision, &message);
                if let MeetingEvent::Closed { minutes, sha256, .. } = told {
                    self.say(
                        tx,
                        decision.subject,
                        place,
                        Urgency::Decision,
                        &minutes_message(meeting, minutes, sha256),
                    );
                }
            }
        }
        let tenant = tx.tenant();
        let show = |(place, (subject, kind)): (&Place, (Subject, &str))| -> Later {
            Job::Show { tenant, subject, kind: kind.to_owned(), place: place.clone() }.now()
        };
        let all = places.iter().flat_map(|place| cards.iter().map(move |card| (place, *card)));
        tx.enqueue(all.map(show).collect::<Vec<_>>());
        Ok(())
    }

    /// Ticks a change off on the cards of meetings, and brings its own card there up to date.
    pub(super) async fn show_in_meetings(
        &self,
        tx: &mut Tx,
        change: i64,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let tenant = tx.tenant();
        for meeting in tx.meetings_about(change).await? {
            let mut cards = vec![(meeting.subject(), "meeting")];
            if meeting.item(change).is_some_and(|item| item.began_at.is_some()) {
                cards.push((Subject::Change(change), "change"));
            }
            let show = |place: Place| {
                let of = cards.iter().map(move |(subject, kind)| (*subject, (*kind).to_owned(), place.clone()));
                of.map(|(subject, kind, place)| Job::Show { tenant, subject, kind, place }.now())
            };
            jobs.extend(self.served(meeting.places.clone()).into_iter().flat_map(show));
        }
        Ok(())
    }

    pub(super) async fn meeting_card(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        number: i64,
    ) -> Result<Option<Message>, HandleError> {
        let Some(meeting) = tx.meeting(number).await? else { return Ok(None) };
        let organisation = &tenant.organisation;
        let mut items = Vec::new();
        for item in &meeting.agenda {
            let change = tx.change(item.change).await?;
            items.push(item_data(&meeting, item, change.as_ref()));
        }
        let quorum = meeting.quorum(organisation, &tenant.policy);
        let stand = if meeting.is_open() { quorum_sentence(quorum) } else { quorum.sentence() };
        let patterns: Vec<Value> = meeting
            .patterns
            .iter()
            .map(|of| json!({"service": organisation.service_name(&of.service), "changes": of.changes.to_string()}))
            .collect();
        let total: u32 = meeting.agenda.iter().map(|item| item.minutes).sum();
        let owed = if meeting.reviews.is_empty() { Vec::new() } else { tx.owed_pirs().await? };
        let reviews: Vec<Value> = meeting
            .reviews
            .iter()
            .map(|of| json!({"change": of.subject(), "due_at": of.due_at, "closed": !of.is_owed(&owed)}))
            .collect();
        let earlier = decided_before(tx, &meeting).await?;
        let data = json!({
            "reviews": reviews, "pack": meeting.pack.as_ref().map(|pack| &pack.items),
            "month": meeting.pack.as_ref().map(|pack| &pack.month), "decisions": meeting.decisions,
            "earlier_subject": earlier.as_ref().map(Meeting::subject),
            "earlier": earlier.map(|earlier| earlier.decisions).unwrap_or_default(),
            "subject": meeting.subject(), "status": meeting.status.as_str(), "chair": meeting.chair,
            "starts_at": meeting.starts_at.filter(|_| meeting.status == MeetingStatus::Announced),
            "opened_at": meeting.opened_at, "ended_at": meeting.ended_at,
            "quorum": (meeting.opened_at.is_some()).then_some(stand),
            "present": attended(&meeting, true), "guests": attended(&meeting, false),
            "absent": meeting.absent().collect::<Vec<_>>(),
            "items": items, "patterns": patterns, "minutes": total.to_string(),
        });
        let mut message = self.renderer.message("card/meeting", &data, organisation)?;
        message.accent = Some(if meeting.is_open() { 0x25_63_EB } else { 0x6B_72_80 });
        message.rest = Some(format!("/cab agenda {}", meeting.subject()));
        if meeting.is_open() {
            message.blocks.push(row(vec![
                press(&meeting, PressAction::Present, ButtonStyle::Primary),
                press(&meeting, PressAction::NextItem, ButtonStyle::Plain),
                press(&meeting, PressAction::Defer, ButtonStyle::Plain),
                press(&meeting, PressAction::CloseMeeting, ButtonStyle::Danger),
            ]));
        }
        Ok(Some(message))
    }

    /// The agenda of the meeting that was named, is open or is announced; where none is, what it would be.
    pub(super) async fn cab_agenda(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        named: Option<Subject>,
    ) -> Result<Message, HandleError> {
        let number = if let Some(Subject::Meeting(number)) = named {
            Some(number)
        } else {
            let standing = tx.standing_meetings().await?;
            let open = standing.iter().find(|meeting| meeting.is_open());
            open.or(standing.last()).map(|meeting| meeting.number)
        };
        let Some(number) = number else {
            let waiting = awaiting(tx).await?;
            return Ok(told(&would_be(tenant, &waiting)));
        };
        Ok(match self.meeting_card(tx, tenant, number).await? {
            // A private copy is not kept up to date, so nobody leads a meeting on it: the buttons are on the card.
            Some(mut card) => {
                card.blocks.retain(|block| !matches!(block, Block::Actions { .. }));
                card
            }
            None => slip(&no_such(Subject::Meeting(number))),
        })
    }

    /// The minutes as the log has them, of the meeting that was named or the last one.
    pub(super) async fn cab_minutes(&self, tx: &mut Tx, named: Option<Subject>) -> Result<Message, HandleError> {
        let meeting = if let Some(Subject::Meeting(number)) = named {
            let Some(meeting) = tx.meeting(number).await? else { return Ok(slip(&no_such(Subject::Meeting(number)))) };
            meeting
        } else {
            let newest = tx.newest_meetings(RECENT_MAX).await?;
            let Some(closed) = newest.into_iter().find(|meeting| meeting.status == MeetingStatus::Closed) else {
                return Ok(told("No meeting was closed yet, so there are no minutes."));
            };
            closed
        };
        let Some(hash) = &meeting.minutes_hash else {
            return Ok(told(&format!(
                "{} is {}: its minutes are written when it is closed.",
                meeting.subject(),
                meeting.status.as_str()
            )));
        };
        let page = tx.log_page(&[meeting.subject()], 0, ENTRIES_MAX).await?;
        let closed = page.entries.iter().rev().find(|entry| entry.kind == "meeting.closed");
        let text = closed.and_then(|entry| entry.data.get("minutes")).and_then(Value::as_str);
        Ok(match text {
            Some(text) => minutes_message(&meeting, text, hash),
            None => {
                told(&format!("The minutes of {} were erased. sha256 of what they said: `{hash}`", meeting.subject()))
            }
        })
    }

    /// Announces the regular meeting that begins at a moment, unless it is announced already.
    pub async fn announce_meeting(&self, tenant: i64, starts_at: DateTime<Utc>) -> Result<(), HandleError> {
        let mut tx = self.store.begin(tenant).await?;
        let actor = Actor::Wardroom;
        let id = format!("meeting:{}", starts_at.timestamp());
        let caller = Caller { actor: &actor, place: None, command: &id };
        let command = MeetingCommand::Announce { starts_at };
        let target = self.meeting_target(&mut tx, &caller, None, Some(&command)).await?;
        let tenant = self.tenant(&mut tx).await?;
        if let Ok(target) = target {
            self.act(&mut tx, &tenant, &caller, Command::Meeting(command), target).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// The meeting that was named, the one that is open, or the last one: a late click is told what became of it.
async fn meant(tx: &mut Tx, named: Option<Subject>) -> Result<Option<i64>, HandleError> {
    if let Some(Subject::Meeting(number)) = named {
        return Ok(Some(number));
    }
    let newest = tx.newest_meetings(RECENT_MAX).await?;
    let opened = || newest.iter().filter(|meeting| meeting.opened_at.is_some());
    let open = opened().find(|meeting| meeting.is_open());
    Ok(open.or(opened().next()).or(newest.first()).map(|meeting| meeting.number))
}

/// The meeting whose decisions a monthly one looks back on: the last before it that made some.
async fn decided_before(tx: &mut Tx, meeting: &Meeting) -> Result<Option<Meeting>, HandleError> {
    if meeting.pack.is_none() {
        return Ok(None);
    }
    let mut newest = tx.newest_meetings(RECENT_MAX).await?;
    newest.retain(|other| other.number < meeting.number && !other.decisions.is_empty());
    Ok(newest.into_iter().next())
}

async fn awaiting(tx: &mut Tx) -> Result<Vec<Change>, HandleError> {
    let mut changes = tx.changes(LISTED_MAX).await?;
    changes.retain(|change| change.status == ChangeStatus::AwaitingApproval);
    Ok(changes)
}

fn would_be(tenant: &Tenant, waiting: &[Change]) -> String {
    let pending = waiting.iter().map(|change| Pending {
        change: change.number,
        band: change.risk.band,
        decide_by: change.decide_by,
    });
    let order = agenda(pending.collect());
    if order.is_empty() {
        return "No meeting is open, and no change awaits approval.".to_owned();
    }
    let minutes = &tenant.policy.meetings.minutes;
    let item = |one: &Pending| format!("CHG-{} ({}, {} min)", one.change, one.band, minutes.of(one.band));
    let items: Vec<String> = order.iter().map(item).collect();
    format!("No meeting is open. `/cab open` would put on the agenda: {}.", items.join(", "))
}

fn press(meeting: &Meeting, action: PressAction, style: ButtonStyle) -> crate::render::Button {
    button(Press::on(action, meeting.subject(), None), style)
}

/// Members of the roster who are there, or the others, in the order of coming.
fn attended(meeting: &Meeting, member: bool) -> Vec<&PersonId> {
    let people = meeting.attendance.iter().map(|one| &one.person);
    people.filter(|person| meeting.roster.contains(person) == member).collect()
}

fn item_data(meeting: &Meeting, item: &Item, change: Option<&Change>) -> Value {
    let outcome = outcome(item, change);
    json!({
        "change": item.subject(), "title": change.map(|change| headline(&change.title)), "band": item.band,
        "minutes": item.minutes.to_string(), "decide_by": change.and_then(|change| change.decide_by),
        "done": !is_undecided(change), "outcome": outcome,
        "until": item.ends_at().filter(|_| meeting.current == Some(item.change)),
        "why": item.deferred.as_ref().map(|deferral| deferral.why.clone()),
    })
}

/// The board, called by name.
fn call_roster(tenant: &Tenant, meeting: &Meeting, message: &mut Message) {
    let people = meeting.roster.iter().filter_map(|id| tenant.organisation.person(id)).filter(|person| person.active);
    let mut text: Text = vec![Inline::Plain { text: "For ".to_owned() }];
    for (number, person) in people.enumerate() {
        if number > 0 {
            text.push(Inline::Plain { text: ", ".to_owned() });
        }
        let accounts: Vec<Account> = person.accounts().cloned().collect();
        message.pings.extend(accounts.iter().cloned());
        text.push(Inline::Mention { accounts, name: person.name.clone() });
    }
    if text.len() > 1 {
        message.blocks.push(Block::Paragraph { text });
    }
}

/// The text of the minutes as a message.
fn minutes_message(meeting: &Meeting, minutes: &str, sha256: &str) -> Message {
    let rest = Some(format!("/cab minutes {}", meeting.subject()));
    Message { blocks: hashed(meeting, minutes, sha256), rest, ..Message::default() }
}

/// What was hashed, word for word.
fn hashed(meeting: &Meeting, text: &str, sha256: &str) -> Vec<Block> {
    let literal = |line: &str| -> Text { vec![Inline::Plain { text: line.to_owned() }] };
    let mut blocks = Vec::new();
    let mut items: Vec<Text> = Vec::new();
    let flush = |items: &mut Vec<Text>, blocks: &mut Vec<Block>| {
        if !items.is_empty() {
            blocks.push(Block::List { items: fit(std::mem::take(items)) });
        }
    };
    for (number, line) in text.lines().enumerate() {
        if let Some(item) = line.strip_prefix("- ") {
            items.push(literal(item));
            continue;
        }
        flush(&mut items, &mut blocks);
        let text = literal(line);
        blocks.push(if number == 0 { Block::Heading { text } } else { Block::Paragraph { text } });
    }
    flush(&mut items, &mut blocks);
    blocks.push(Block::Context { text: plain(&format!("sha256 `{sha256}` · `/log show {}`", meeting.subject())) });
    blocks
}

/// In hex.
fn sha256(text: &str) -> String {
    ledger::hex(&Sha256::digest(text))
}

impl MeetingTarget {
    /// Whose chain an attempt belongs to.
    pub(super) fn subject(&self) -> Option<Subject> {
        self.meeting.as_ref().map(Meeting::subject)
    }
}
