//! What comes in: a platform repeats what it sends, and people click twice. Each acts once, and is answered.

use std::collections::BTreeMap;

use wardroom::app::{Act, Inbound, Reply};
use wardroom::domain::{Account, Place, Platform, Standing};

use crate::harness::Bot;

const ROOM: &str = "inc-1-checkout-returns-502";

/// An incident with its rooms, half a minute old.
async fn declared() -> Bot {
    let bot = Bot::start().await;
    bot.person("ana").slack().says("/inc declare sev2 checkout returns 502 svc:payments").await;
    bot.pass(1).await;
    bot
}

/// The same with a change that the E-CAB votes on, and that was reviewed.
async fn asked() -> Bot {
    let bot = declared().await;
    let asks = "/change emergency Roll back to 4.1 impact: cards fail why: sales plan: deploy again tested: yes \
                data: 2 avail: 3 compliance: 1 complexity: 3 rollback: 3";
    bot.person("ana").slack().at(ROOM).says(asks).await;
    bot.run_until_idle().await;
    bot.person("raj").discord().at(ROOM).reviews("CHG-1").await;
    bot.run_until_idle().await;
    bot
}

async fn entries(bot: &Bot, subject: &str, kind: &str) -> usize {
    let log = bot.decision_log(subject).await;
    log.lines().filter(|line| line.contains(&format!(" {kind} "))).count()
}

fn times(text: &str, words: &str) -> usize {
    text.matches(words).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_slack_repeats_acts_once_and_answers_the_same() {
    let bot = declared().await;
    let ana = bot.person("ana").slack().at(ROOM);
    let first = ana.says("/inc note errors began at 14:02").await;
    let before = ana.private();
    bot.slack.repeat_last_envelope().await;
    let after = ana.private();
    assert_eq!(after.strip_prefix(&before).expect("it is told again").trim(), format!("wardroom: {first}"));
    bot.run_until_idle().await;
    assert_eq!(entries(&bot, "INC-1", "incident.noted").await, 1);
    assert_eq!(times(&ana.sees(), "errors began at 14:02"), 1);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_discord_repeats_acts_once() {
    let bot = declared().await;
    let tom = bot.person("tom").discord().at(ROOM);
    let first = tom.says("/inc note errors began at 14:02").await;
    let before = tom.private();
    bot.discord.repeat_last_interaction().await;
    assert_eq!(tom.private(), before, "Discord takes one answer: {first}");
    bot.run_until_idle().await;
    assert_eq!(entries(&bot, "INC-1", "incident.noted").await, 1);
    assert_eq!(times(&tom.sees(), "errors began at 14:02"), 1);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_that_is_repeated_acts_once_on_both_platforms() {
    let bot = asked().await;
    let kim = bot.person("kim").slack().at(ROOM);
    let first = kim.presses("Approve", "CHG-1").await;
    let before = kim.private();
    bot.slack.repeat_last_envelope().await;
    let mut again = String::new();
    for _ in 0..200 {
        again = kim.private()[before.len()..].trim().to_owned();
        if !again.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(again, format!("wardroom: {first}"));
    bot.person("mia").discord().at(ROOM).presses("Abstain", "CHG-1").await;
    bot.discord.repeat_last_interaction().await;
    assert_eq!(entries(&bot, "CHG-1", "ballot.cast").await, 2);
    assert_eq!(bot.database.count("select count(*) from ballot").await, 2);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_sent_twice_acts_once_on_both_platforms() {
    let bot = declared().await;
    let ana = bot.person("ana").slack().at(ROOM);
    ana.presses("Severity", "INC-1").await;
    ana.fills(&[("sev", "sev1"), ("why", "all regions")]).await;
    bot.slack.repeat_last_envelope().await;
    let tom = bot.person("tom").discord().at(ROOM);
    tom.presses("Update", "INC-1").await;
    tom.fills(&[("text", "rollback is running")]).await;
    bot.discord.repeat_last_interaction().await;
    bot.run_until_idle().await;
    assert_eq!(entries(&bot, "INC-1", "incident.priority_set").await, 1);
    assert_eq!(times(&bot.slack.transcript("status-updates"), "rollback is running"), 1);
    assert_eq!(times(&bot.discord.transcript("status-updates"), "rollback is running"), 1);
    assert_eq!(bot.database.count("select count(*) from form").await, 0, "both forms are closed");
    bot.finish().await;
}

/// The click opened its form before Slack lost the acknowledgement: its trigger is spent, and the form stands.
#[tokio::test(flavor = "multi_thread")]
async fn a_click_that_opened_a_form_can_be_repeated_without_a_complaint() {
    let bot = declared().await;
    let ana = bot.person("ana").slack().at(ROOM);
    assert_eq!(ana.presses("Severity", "INC-1").await, "(a form)");
    let before = ana.private();
    bot.slack.repeat_last_envelope().await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(ana.private(), before);
    ana.fills(&[("sev", "sev1"), ("why", "all regions")]).await;
    assert_eq!(entries(&bot, "INC-1", "incident.priority_set").await, 1);
    bot.finish().await;
}

async fn slack_room(bot: &Bot) -> Place {
    let mut tx = bot.app.store.begin(1).await.expect("Postgres answers");
    let rooms = tx.rooms(1).await.expect("the rooms can be read");
    rooms.into_iter().find(|room| room.platform == Platform::Slack).expect("there is a room")
}

fn inbound(place: &Place, user: &str, act: Act) -> Inbound {
    Inbound {
        delivery: "slack:1.2.same".to_owned(),
        place: place.clone(),
        account: Account { platform: Platform::Slack, workspace: place.workspace.clone(), id: user.to_owned() },
        account_name: user.to_owned(),
        standing: Standing::Member,
        message: None,
        act,
    }
}

/// Twenty at once: more than the pool has connections.
async fn handled_at_once(bot: &Bot, inbound: &Inbound) -> Vec<Reply> {
    let all = (0..20).map(|_| {
        tokio::spawn({
            let (app, inbound) = (bot.app.clone(), inbound.clone());
            async move { app.handle(inbound).await.expect("it is answered") }
        })
    });
    futures::future::join_all(all).await.into_iter().map(|reply| reply.expect("nothing panicked")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_copies_of_a_command_at_the_same_moment_act_once_and_get_one_answer() {
    let bot = declared().await;
    let room = slack_room(&bot).await;
    let says = |text: &str| Act::Says { command: "inc".to_owned(), text: text.to_owned() };
    let mut note = inbound(&room, "U0ANA", says("note errors began at 14:02"));
    let replies = handled_at_once(&bot, &note).await;
    assert!(replies.iter().all(|reply| *reply == replies[0]), "{replies:#?}");
    assert_eq!(entries(&bot, "INC-1", "incident.noted").await, 1);

    "slack:1.2.other".clone_into(&mut note.delivery);
    note.act = says("declare sev3 the shop is slow svc:shop");
    let replies = handled_at_once(&bot, &note).await;
    assert!(replies.iter().all(|reply| *reply == replies[0]), "{replies:#?}");
    assert_eq!(bot.database.count("select count(*) from incident").await, 2);
    assert_eq!(entries(&bot, "INC-2", "incident.declared").await, 1);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_copies_of_a_click_and_of_a_form_at_the_same_moment_act_once() {
    let bot = asked().await;
    let room = slack_room(&bot).await;
    let mut click = inbound(&room, "U0KIM", Act::Presses { button: "b1.approve.CHG-1.1".to_owned() });
    let replies = handled_at_once(&bot, &click).await;
    assert!(replies.iter().all(|reply| *reply == replies[0]), "{replies:#?}");
    assert_eq!(bot.database.count("select count(*) from ballot").await, 1);

    "slack:1.2.form".clone_into(&mut click.delivery);
    "U0ANA".clone_into(&mut click.account.id);
    click.act = Act::Presses { button: "b1.sev.INC-1".to_owned() };
    let Reply::Ask { form } = bot.app.handle(click.clone()).await.expect("it is answered") else {
        panic!("a form is asked for");
    };
    "slack:1.2.submit".clone_into(&mut click.delivery);
    let fields = [("sev", "sev1"), ("why", "all regions")];
    let fields: BTreeMap<String, String> = fields.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    click.act = Act::Submits { form: form.id, fields };
    let replies = handled_at_once(&bot, &click).await;
    assert!(replies.iter().all(|reply| *reply == replies[0]), "{replies:#?}");
    assert_eq!(entries(&bot, "INC-1", "incident.priority_set").await, 1);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_click_by_the_same_person_is_told_what_stands() {
    let bot = asked().await;
    let kim = bot.person("kim");
    let first = kim.slack().at(ROOM).presses("Approve", "CHG-1").await;
    assert!(first.contains("voted *approve*"), "{first}");
    let second = kim.discord().at(ROOM).presses("Approve", "CHG-1").await;
    assert!(second.contains("Your ballot on CHG-1 stands: approve since 14:01 UTC, from Slack."), "{second}");
    assert_eq!(bot.database.count("select count(*) from ballot").await, 1);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_who_click_at_the_same_moment_on_two_platforms_are_both_recorded() {
    let bot = asked().await;
    let (tom, mia) = (bot.person("tom").slack().at(ROOM), bot.person("mia").discord().at(ROOM));
    tokio::join!(tom.presses("Approve", "CHG-1"), mia.presses("Approve", "CHG-1"));
    bot.run_until_idle().await;
    assert_eq!(bot.database.count("select count(distinct person) from ballot").await, 2);
    assert_eq!(entries(&bot, "CHG-1", "vote.closed").await, 1);
    assert_eq!(entries(&bot, "CHG-1", "change.approved").await, 1);
    for sees in [tom.sees(), mia.sees()] {
        assert_eq!(times(&sees, "CHG-1 is approved."), 1, "{sees}");
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voter_who_comes_after_the_vote_is_told_how_it_ended() {
    let bot = declared().await;
    let asks = "/change emergency Roll back to 4.1 impact: cards fail why: sales plan: deploy again tested: yes \
                data: 2 avail: 3 compliance: 1 complexity: 3 rollback: 3";
    bot.person("ana").slack().at(ROOM).says(asks).await;
    bot.run_until_idle().await;
    // The peer review is still missing, so the change waits on.
    bot.person("mia").discord().at(ROOM).presses("Approve", "CHG-1").await;
    bot.person("tom").discord().at(ROOM).presses("Approve", "CHG-1").await;
    let late = bot.person("ines").slack().at(ROOM).presses("Approve", "CHG-1").await;
    assert!(late.starts_with("The vote on CHG-1 ended at 14:01 UTC."), "{late}");
    assert_eq!(bot.database.count("select count(*) from ballot").await, 2);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_command_is_harmless() {
    let bot = declared().await;
    let ana = bot.person("ana").slack().at(ROOM);
    for command in ["/inc lead me", "/inc status mitigated", "/inc sev 1 why: all regions"] {
        let first = ana.says(command).await;
        assert!(first.contains("L INC-1#"), "{first}");
        let log = bot.decision_log("INC-1").await;
        let again = ana.says(command).await;
        assert!(again.contains("already"), "{command}: {again}");
        assert_eq!(bot.decision_log("INC-1").await, log);
    }
    bot.finish().await;
}
