//! The decision log against everybody who would change it: the bot's own role, and whoever owns the disk.

mod archive;
mod archive_samples;
mod at_once;
mod batch_samples;
mod catalogue_samples;
mod change_samples;
mod charter_samples;
mod chat;
mod checklist_samples;
mod checkpoints;
mod claim_samples;
mod conflict_samples;
mod custom_field_samples;
mod entry_samples;
mod epochs;
mod event_kinds;
pub mod events;
mod exception_samples;
mod exports;
mod freeze_samples;
mod go;
mod guards;
mod halt_samples;
mod identity_samples;
mod incident_samples;
mod keys;
mod link_samples;
mod log_samples;
mod meeting_samples;
mod notice_samples;
mod on_call_samples;
pub mod outside;
mod pir_samples;
mod policy_samples;
mod privacy_samples;
mod redacted;
mod rehearsal_samples;
mod restored;
mod rollback_samples;
mod ruling_samples;
mod slot_samples;
mod sparse_events;
mod standby_samples;
mod tamper;
mod tree;
mod turns_and_asks;
mod validation_samples;
mod verifying;
mod witnesses;

use wardroom::domain::Subject;
use wardroom::ledger::Disclosure;

use crate::harness::{Bot, Here};

const ROOM: &str = "inc-1-checkout-returns-502";

/// What a superuser does before and after: layer one is a guard rail, not a proof.
const NO_TRIGGERS: &str = "alter table dlog.entry disable trigger all; alter table dlog.disclosure disable trigger all";
const TRIGGERS: &str = "alter table dlog.entry enable trigger all; alter table dlog.disclosure enable trigger all;
    alter table dlog.entry enable always trigger enqueue;
    alter table dlog.entry enable always trigger no_change;
    alter table dlog.entry enable always trigger no_truncate;
    alter table dlog.disclosure enable always trigger no_change;
    alter table dlog.disclosure enable always trigger no_truncate";

#[tokio::test(flavor = "multi_thread")]
async fn a_rewritten_entry_is_named_and_no_other() {
    let bot = Bot::start().await;
    let seq = short_story(&bot).await;
    let before = verify(&bot).await;
    assert!(before.contains("The log is whole"), "{before}");
    tamper(
        &bot,
        &format!(
            "update dlog.entry set body = convert_to(replace(convert_from(body, 'UTF8'), '\"slack\"', '\"discord\"'), 'UTF8')
             where subject = 'INC-1' and seq = {seq}"
        ),
    )
    .await;
    assert_eq!(findings(&bot, None).await, [format!("INC-1#{seq}: changed after #{} was written", seq + 1)]);
    assert_eq!(findings(&bot, Some(Subject::Incident(1))).await.len(), 1, "also when only its record is verified");
    assert_eq!(findings(&bot, Some(Subject::Organisation)).await, Vec::<String>::new());
    let said = verify(&bot).await;
    assert!(said.contains(&format!("The first bad entry is *INC-1#{seq}*")), "{said}");
    assert!(!said.contains("more findings"), "{said}");
    bot.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_was_written_over_is_said_so_and_hides_no_other() {
    let bot = Bot::start().await;
    let seq = short_story(&bot).await;
    tamper(&bot, &format!("update dlog.entry set body = 'nothing' where subject = 'INC-1' and seq = {seq}")).await;
    let shown = bot.person("ana").slack().says("/log show INC-1").await;
    assert!(shown.contains(&format!("INC-1#{seq} cannot be read: it was changed.")), "{shown}");
    assert!(shown.contains("the second note"), "{shown}");
    assert!(!shown.contains("the first note"), "{shown}");
    bot.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_entry_is_missed() {
    let bot = Bot::start().await;
    let seq = short_story(&bot).await;
    let of = format!("(select id from dlog.entry where subject = 'INC-1' and seq = {seq})");
    tamper(
        &bot,
        &format!("delete from dlog.disclosure where entry_id in {of}; delete from dlog.entry where id in {of}"),
    )
    .await;
    assert_eq!(findings(&bot, None).await, [format!("INC-1#{seq}: missing")]);
    let said = verify(&bot).await;
    assert!(said.contains(&format!("The first bad entry is *INC-1#{seq}*: missing")), "{said}");
    bot.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swapped_text_is_found_though_it_hashes_to_its_new_digest() {
    let bot = Bot::start().await;
    let seq = short_story(&bot).await;
    let swapped = r#"["AAAAAAAAAAAAAAAAAAAAAA==","text","nothing happened"]"#;
    tamper(
        &bot,
        &format!(
            "update dlog.disclosure set disclosure = '{swapped}', digest = sha256('{swapped}')
             where convert_from(disclosure, 'UTF8') like '%the first note%'"
        ),
    )
    .await;
    let expected = [
        format!("INC-1#{seq}: a name or text stands beside it that it never held"),
        format!("INC-1#{seq}: a name or text is missing, and no erasure says why"),
    ];
    assert_eq!(findings(&bot, None).await, expected);
    let said = verify(&bot).await;
    assert!(said.contains(&format!("The first bad entry is *INC-1#{seq}*")), "{said}");
    bot.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_name_is_missed() {
    let bot = Bot::start().await;
    let seq = short_story(&bot).await;
    tamper(
        &bot,
        &format!(
            "delete from dlog.disclosure where convert_from(disclosure, 'UTF8') like '%actor_name%'
             and entry_id = (select id from dlog.entry where subject = 'INC-1' and seq = {seq})"
        ),
    )
    .await;
    let expected = [format!("INC-1#{seq}: a name or text is missing, and no erasure says why")];
    assert_eq!(findings(&bot, None).await, expected);
    let said = verify(&bot).await;
    assert!(said.contains(&format!("The first bad entry is *INC-1#{seq}*")), "{said}");
    bot.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_moved_to_another_incident_is_missed_there_and_out_of_place_here() {
    let bot = Bot::start().await;
    let seq = short_story(&bot).await;
    let moved = format!("update dlog.entry set subject = 'INC-9' where subject = 'INC-1' and seq = {seq}");
    tamper(&bot, &moved).await;
    let expected = [
        format!("INC-1#{seq}: missing"),
        format!("INC-9#1: missing, and so is everything up to #{}", seq - 1),
        format!("INC-9#{seq}: its row and its signed body differ"),
    ];
    assert_eq!(findings(&bot, None).await, expected);
    let said = verify(&bot).await;
    assert!(said.contains(&format!("The first bad entry is *INC-1#{seq}*: missing")), "{said}");
    assert!(said.contains("2 more findings"), "{said}");
    bot.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_what_people_write_stand_beside_the_log_and_never_in_it() {
    let bot = Bot::start().await;
    let pat = bot.person("pat").slack();
    pat.says("/inc declare sev2 the quetzal is on fire svc:payments").await;
    bot.run_until_idle().await;
    let ana = bot.person("ana").slack();
    ana.says("/inc note INC-1 Jacaranda Smith saw it first").await;
    ana.says("/inc decide INC-1 Wake the zebra? chose: certainly why: it is a marmoset").await;
    ana.says("/inc cancel INC-1 why: an axolotl asked for it").await;
    let written = ["quetzal", "Jacaranda", "zebra", "certainly", "marmoset", "axolotl"];
    let (bodies, disclosures) = export(&bot).await;
    for word in written {
        assert!(disclosures.iter().any(|(_, value)| value.contains(word)), "{word} is kept: {disclosures:?}");
        assert!(!bodies.iter().any(|body| body.contains(word)), "{word} stands in a body");
    }
    let mut tx = bot.app.store.begin(1).await.expect("Postgres answers");
    let organisation = tx.organisation().await.expect("the organisation");
    drop(tx);
    for person in organisation.people.values() {
        let words = person.name.split(' ').chain(person.email.as_deref());
        // Three letters stand in some digest by chance.
        for word in words.filter(|word| word.len() > 3) {
            assert!(!bodies.iter().any(|body| body.contains(word)), "{word} stands in a body");
        }
    }
    for name in ["Ana Ruiz", "pat"] {
        assert!(disclosures.contains(&("actor_name".to_owned(), name.to_owned())), "{name} is kept: {disclosures:?}");
    }
    assert!(!bodies.iter().any(|body| body.contains("pat\"")), "whom nobody knows is not named either");
    bot.finish().await;
}

/// Declares, notes twice, raises; the `seq` of the first note comes back: an entry in the middle.
async fn short_story(bot: &Bot) -> i32 {
    declared(bot).await;
    let ana = bot.person("ana").slack().at(ROOM);
    ana.says("/inc note the first note").await;
    ana.says("/inc note the second note").await;
    ana.says("/inc sev 1 why: all regions").await;
    let log = bot.decision_log("INC-1").await;
    let seq = log.lines().position(|line| line.contains("incident.noted")).expect("a note") + 1;
    assert!(log.lines().count() > seq + 1, "{log}");
    i32::try_from(seq).expect("a short story")
}

async fn declared(bot: &Bot) -> Here<'_> {
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev2 checkout returns 502 svc:payments").await;
    bot.run_until_idle().await;
    ana.at(ROOM)
}

async fn verify(bot: &Bot) -> String {
    bot.person("ana").slack().says("/log verify").await
}

/// As the superuser: takes the guard rail away, does it, and puts the guard rail back.
async fn tamper(bot: &Bot, sql: &str) {
    let refused = bot.database.as_superuser(sql).await.expect_err("the guard rail holds even a superuser");
    assert!(refused.contains("the decision log is append-only"), "{refused}");
    bot.as_superuser(&format!("{NO_TRIGGERS}; {sql}; {TRIGGERS}")).await;
}

async fn findings(bot: &Bot, subject: Option<Subject>) -> Vec<String> {
    let mut tx = bot.app.store.begin(1).await.expect("Postgres answers");
    let verdict = tx.verify_log(subject).await.expect("the log can be read");
    verdict.findings.iter().map(ToString::to_string).collect()
}

/// Every body, and every (name, text) beside them.
async fn export(bot: &Bot) -> (Vec<String>, Vec<(String, String)>) {
    bot.app.store.sequence(1).await.expect("it is sequenced");
    let (mut bodies, mut disclosures) = (Vec::new(), Vec::new());
    let mut tx = bot.app.store.begin(1).await.expect("Postgres answers");
    let line = |body: &[u8], beside: &[Vec<u8>]| {
        bodies.push(String::from_utf8_lossy(body).into_owned());
        disclosures.extend(beside.iter().map(|bytes| Disclosure::read(bytes).expect("a disclosure")));
        Ok(())
    };
    tx.export_log(line).await.expect("the log can be exported");
    (bodies, disclosures)
}
