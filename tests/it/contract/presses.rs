//! Every button, pressed by somebody who may, as far as one story shows them all.

use super::{ROOM, prepare};
use crate::harness::{Bot, Here, Transport};

/// Something that was done without a change, for others to attest.
const RECORD: &str = "/change after retro restarted the gateway svc:payments at:-2h why: no time evidence: its log works:yes \
                      risk:1 complexity:1 rollback:1";

pub async fn press_all(on_slack: bool, transport: Transport) {
    let bot = Bot::start_over(transport).await;
    prepare(&bot).await;
    crate::asks::press_all(&bot).await;
    press_on_standby(&bot, on_slack).await;
    crate::incident_checklists::press_all(&bot, on_slack, ROOM).await;
    crate::rehearsals::press_all(&bot, on_slack).await;
    crate::adjustments::press_all(&bot, on_slack).await;
    bot.person("ines").slack().says("/freeze on svc:payments hard:yes until:+4h why: payroll").await;
    bot.person("ana").slack().at(ROOM).says("/freeze except CHG-1 why: cards fail").await;
    for day in ["2030-01-30", "2030-01-31"] {
        bot.person("ines").slack().says(&format!("/freeze on svc:payments from:{day} until:+12h why: closing")).await;
    }
    bot.person("ines").slack().at("changes").says("/cab open").await;
    let except = "/cab exception ask svc:payments rule:checklist_item until:+7d control: tom watches why: no tool";
    bot.person("ana").slack().says(except).await;
    bot.person("ana").slack().at(ROOM).says(RECORD).await;
    bot.run_until_idle().await;
    let here = |key: &str| -> Here<'_> {
        let person = bot.person(key);
        if on_slack { person.slack() } else { person.discord() }.at(ROOM)
    };
    for (who, label, about) in [
        ("ana", "Update", "INC-1"),
        ("ana", "Severity", "INC-1"),
        ("ana", "Change", "INC-1"),
        ("ana", "Resolve", "INC-1"),
        ("ana", "Take lead", "INC-1"),
        ("mia", "Details", "CHG-1"),
        ("mia", "Ask for changes", "CHG-1"),
        ("mia", "Reject", "CHG-1"),
        ("mia", "Recuse", "CHG-1"),
        ("mia", "Abstain", "CHG-1"),
        ("mia", "Approve", "CHG-1"),
        ("tom", "Attest", "CHG-2"),
        ("mia", "Deny", "asks for an exception"),
        ("mia", "Allow", "asks for an exception"),
        ("ana", "Extend", "FRZ-1"),
        ("ana", "Lift", "FRZ-1"),
        ("ines", "Deny", "approve EXC-1"),
        ("ines", "Approve", "approve EXC-1"),
        ("mia", "Object", "FRZ-2"),
        ("mia", "Agree", "FRZ-3"),
        ("mia", "Present", "meeting of the board"),
        ("tom", "Next", "meeting of the board"),
        ("tom", "Defer", "meeting of the board"),
        ("tom", "Close", "meeting of the board"),
    ] {
        let in_changes = about == "meeting of the board" || about == "FRZ-1";
        let is_private = ["FRZ-2", "FRZ-3", "approve EXC-1"].contains(&about);
        let here = match (in_changes, is_private) {
            (true, _) => here(who).at("changes"),
            (_, true) => bot.person(who).slack().at("@wardroom"),
            _ => here(who),
        };
        let answer = here.presses(label, about).await;
        assert!(!answer.is_empty() && !answer.contains("could not do this"), "[{label}]: {answer}");
        bot.dismiss(who);
    }
    crate::exceptions::press_all(&bot).await;
    press_on_what_runs(&bot, on_slack).await;
    press_on_what_is_done(&bot, on_slack).await;
    press_on_a_batch(&bot, on_slack).await;
    crate::amendments::press_all(&bot, on_slack).await;
    crate::charters::press_all(&bot, on_slack).await;
    crate::reopenings::press_all(&bot, on_slack).await;
    crate::findings::press_all(&bot, on_slack).await;
    bot.finish().await;
}

/// The buttons of a batch, from what was found in it to its end.
async fn press_on_a_batch(bot: &Bot, on_slack: bool) {
    let changes = |key: &str| -> Here<'_> {
        let person = bot.person(key);
        if on_slack { person.slack() } else { person.discord() }.at("changes")
    };
    let bulk = "/change bulk patch night until:+4h items: payments one; nothing two impact: none why: routine plan: put it \
                back tested:yes risk: 1 1 1 1 1";
    bot.person("ana").slack().says(bulk).await;
    bot.run_until_idle().await;
    for (who, label, words) in [
        ("ana", "Continue", "goes on with 1 items"),
        ("mia", "Approve", "approve"),
        ("ana", "Exclude", "(a form)"),
        ("ana", "Start batch", "started"),
        ("ana", "Pause", "paused"),
        ("ana", "Resume", "resumed"),
        ("ana", "Pause", "paused"),
        ("ana", "Stop batch", "(a form)"),
    ] {
        let answer = changes(who).presses(label, "BAT-1").await;
        assert!(answer.contains(words), "[{label}]: {answer}");
        bot.dismiss(who);
        bot.run_until_idle().await;
    }
}

/// The buttons of whoever is to stand ready, and of whoever books them.
async fn press_on_standby(bot: &Bot, on_slack: bool) {
    bot.person("ana").slack().at(ROOM).says("/change plan standby CHG-1 rollback_owner:@tom").await;
    bot.run_until_idle().await;
    let tom = bot.person("tom").slack().at("@wardroom");
    for (label, words) in [("I am on standby", "is on standby for CHG-1"), ("Cannot", "cannot stand by for CHG-1")] {
        let told = tom.presses(label, "Are you on standby for CHG-1").await;
        assert!(told.contains(words), "{told}");
    }
    let ana = bot.person("ana");
    let ana = if on_slack { ana.slack() } else { ana.discord() }.at(ROOM);
    ana.says(if on_slack { "/change plan standby CHG-1" } else { "/change plan standby change: CHG-1" }).await;
    let told = ana.presses("Book who is on call", "the owner of the rollback").await;
    assert!(told.contains("Every role is booked."), "{told}");
}

async fn press_on_what_runs(bot: &Bot, on_slack: bool) {
    let here = |key: &str, place: &str| -> Here<'_> {
        let person = bot.person(key);
        if on_slack { person.slack() } else { person.discord() }.at(place)
    };
    bot.person("ines").slack().says("/freeze off FRZ-1 why: payroll is through").await;
    press_on_drafts(bot, &here("ana", ROOM)).await;
    let tom = bot.person("tom").slack();
    tom.says("/change std log-rotation keep_days:14 svc:ledger").await;
    press_on_a_notice(bot, &here("mia", "changes")).await;
    tom.says("/change start CHG-3").await;
    bot.person("ana").slack().at(ROOM).says("/inc major why: no workaround").await;
    bot.run_until_idle().await;
    assert_eq!(here("ana", ROOM).presses("Halt", "CHG-3 · INC-1").await, "(a form)");
    bot.dismiss("ana");
    let finish = here("ana", ROOM).presses("Let finish", "CHG-3 · INC-1").await;
    assert!(finish.contains("lets CHG-3 finish"), "{finish}");
    bot.person("ana").slack().says("/change halt CHG-3 why: it fills the disk").await;
    tom.says("/change start CHG-3 why: there is room again").await;
    bot.run_until_idle().await;
    let goes_on = here("ana", "changes").presses("Continue", "CHG-3").await;
    assert!(goes_on.contains("agrees: CHG-3 goes on"), "{goes_on}");
}

/// The buttons of what the owners of a service are told.
async fn press_on_a_notice(bot: &Bot, mia: &Here<'_>) {
    bot.run_until_idle().await;
    let read = mia.presses("Acknowledge", "CHG-3 is approved").await;
    assert!(read.contains("has read of"), "{read}");
    assert_eq!(mia.presses("Object", "CHG-3 is approved").await, "(a form)");
    let objected = mia.fills(&[("why", "the disk is full")]).await;
    assert!(objected.contains("objects to"), "{objected}");
    mia.says("/change plan notices change: CHG-3").await;
    let back = mia.presses("Take back", "CHG-3 · notices").await;
    assert!(back.contains("back"), "{back}");
}

/// The buttons of a step that looks like a change.
async fn press_on_drafts(bot: &Bot, ana: &Here<'_>) {
    bot.person("ana").slack().at(ROOM).says("/inc note set pool_size=40 on payments").await;
    bot.person("ana").slack().at(ROOM).says("/inc note set pool_size=50 on db-1").await;
    bot.run_until_idle().await;
    let asked = ana.presses("Complete and submit", "(draft 2)").await;
    assert!(asked == "(a form)" || asked.contains("/change emergency"), "{asked}");
    bot.dismiss("ana");
    let dismissed = ana.presses("Not a change", "(draft 2)").await;
    assert!(dismissed.contains("is no change"), "{dismissed}");
    let part = ana.presses("Part of CHG-1", "(draft 1)").await;
    assert!(part.contains("is part of"), "{part}");
}

/// The buttons of a change that is done.
async fn press_on_what_is_done(bot: &Bot, on_slack: bool) {
    let changes = |key: &str| -> Here<'_> {
        let person = bot.person(key);
        if on_slack { person.slack() } else { person.discord() }.at("changes")
    };
    bot.person("tom").slack().says("/change done CHG-3").await;
    bot.run_until_idle().await;
    assert_eq!(changes("mia").presses("Does not work", "CHG-3").await, "(a form)");
    bot.dismiss("mia");
    bot.person("mia").slack().says("/change after validate CHG-3 failed why: the disk is full").await;
    bot.run_until_idle().await;
    assert_eq!(changes("tom").presses("Fix forward", "CHG-3").await, "(a form)");
    bot.dismiss("tom");
    bot.person("mia").slack().says("/change after validate CHG-3 again").await;
    bot.run_until_idle().await;
    let works = changes("mia").presses("Works", "CHG-3").await;
    assert!(works.contains("CHG-3 works"), "{works}");
    bot.run_until_idle().await;
    // The question is asked in private, where whoever carried it out is reached first.
    let rates = bot.person("tom").slack().at("@wardroom").presses("Rate it", "CHG-3 is over").await;
    assert_eq!(rates, "(a form)");
    bot.dismiss("tom");
    // Whoever keeps the entry, too, is told in private what somebody else does to it.
    bot.person("ines").slack().says("/cab standard suspend log-rotation why: the disk is full").await;
    bot.run_until_idle().await;
    let told = "suspended *log-rotation (version 1)*";
    let tom = bot.person("tom").slack().at("@wardroom");
    assert!(tom.presses("Revise", told).await.contains("version = 2"));
    assert_eq!(tom.presses("Resume", told).await, "(a form)");
}
