//! What happens when a platform says no: the work goes on elsewhere, a person who can mend it is told once, in one
//! sentence, and what was refused is there as soon as it may be.

use insta::assert_snapshot;
use wardroom::domain::Platform;
use wardroom::sandbox::discord::{DiscordAct, DiscordFault};
use wardroom::sandbox::slack::{SlackAct, SlackFault};

use crate::harness::Bot;

const ROOM: &str = "inc-1-checkout-returns-502";
const POST: &str = "POST /channels/{id}/messages";
const PIN: &str = "PUT /channels/{id}/pins/{id}";

async fn declare(bot: &Bot) {
    bot.person("ana").slack().says("/inc declare sev2 checkout returns 502 svc:payments").await;
    bot.run_until_done().await;
}

async fn declared() -> Bot {
    let bot = Bot::start().await;
    declare(&bot).await;
    bot
}

/// What is refused is tried again every five minutes.
async fn minutes_later(bot: &Bot) {
    bot.pass(5).await;
    bot.run_until_done().await;
}

fn on_slack(bot: &Bot, act: &SlackAct) {
    bot.slack.administer(act).expect("an administrator may do this");
}

fn on_discord(bot: &Bot, act: &DiscordAct) {
    bot.discord.administer(act).expect("an administrator may do this");
}

fn take(permission: &str) -> DiscordAct {
    DiscordAct::Take { permission: permission.to_owned() }
}

fn give(permission: &str) -> DiscordAct {
    DiscordAct::Give { permission: permission.to_owned() }
}

fn channel(name: &str) -> String {
    name.to_owned()
}

/// What was told of a trouble, wherever it was told: a line a place.
fn told(bot: &Bot) -> String {
    let mut lines = Vec::new();
    let mut look = |place: &str, text: String| {
        let troubles = text.lines().filter(|line| line.contains("Wardroom could not"));
        lines.extend(troubles.map(|line| format!("{place}: {}", line.trim().trim_start_matches("wardroom: "))));
    };
    for (name, label) in [("incidents", "#incidents"), (ROOM, "the room"), ("status-updates", "#status-updates")] {
        look(&format!("Slack, {label}"), bot.slack.transcript(name));
        look(&format!("Discord, {label}"), bot.discord.transcript(name));
    }
    for person in ["ana", "omar"] {
        look(&format!("Slack, to {person}"), bot.slack.private(person));
        look(&format!("Discord, to {person}"), bot.discord.private(person));
    }
    lines.join("\n")
}

fn times(text: &str, words: &str) -> usize {
    text.matches(words).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_to_open_a_room_on_discord_the_incident_goes_on_and_an_administrator_is_told() {
    let bot = Bot::start().await;
    on_discord(&bot, &take("MANAGE_CHANNELS"));
    declare(&bot).await;
    assert_snapshot!(told(&bot), @"
    Discord, #incidents: Wardroom could not open the war room of INC-1 on Discord: it lacks “Manage Channels” in Harbour Pay. An administrator of the server can give it under Server Settings, Roles, or in the channel's permissions. It tries again by itself.
    Slack, the room: Wardroom could not open the war room of INC-1 on Discord: it lacks “Manage Channels” in Harbour Pay. An administrator of the server can give it under Server Settings, Roles, or in the channel's permissions. It tries again by itself.
    Discord, to omar: Wardroom could not open the war room of INC-1 on Discord: it lacks “Manage Channels” in Harbour Pay. An administrator of the server can give it under Server Settings, Roles, or in the channel's permissions. It tries again by itself.
    ");
    bot.pass(10).await; // tried twice more, and told no more
    assert_eq!(times(&told(&bot), "Wardroom could not"), 3, "{}", told(&bot));
    bot.person("ana").slack().at(ROOM).says("/inc note errors began at 14:02").await;
    on_discord(&bot, &give("MANAGE_CHANNELS"));
    minutes_later(&bot).await;
    assert!(bot.discord.channels().contains(&channel(ROOM)), "it is opened by itself");
    assert_eq!(times(&bot.discord.transcript(ROOM), "INC-1 · P2 · checkout returns 502 (pinned)"), 1);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_scope_to_open_a_room_on_slack_the_incident_goes_on_and_an_administrator_is_told() {
    let bot = Bot::start().await;
    on_slack(&bot, &SlackAct::TakeScope { scope: "channels:manage".to_owned() });
    declare(&bot).await;
    assert_snapshot!(told(&bot), @"
    Slack, #incidents: Wardroom could not open the war room of INC-1 on Slack: the app lacks the scope channels:manage. An administrator of the workspace can add it at api.slack.com/apps under OAuth & Permissions and install the app again. It tries again by itself.
    Slack, to omar: Wardroom could not open the war room of INC-1 on Slack: the app lacks the scope channels:manage. An administrator of the workspace can add it at api.slack.com/apps under OAuth & Permissions and install the app again. It tries again by itself.
    ");
    on_slack(&bot, &SlackAct::GiveScope { scope: "channels:manage".to_owned() });
    minutes_later(&bot).await;
    assert!(bot.slack.channels().contains(&channel(ROOM)), "it is opened by itself");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_may_not_be_pinned_stands_unpinned_and_is_not_tried_for_ever() {
    let bot = Bot::start().await;
    on_discord(&bot, &take("PIN_MESSAGES"));
    on_slack(&bot, &SlackAct::TakeScope { scope: "pins:write".to_owned() });
    declare(&bot).await;
    assert_snapshot!(told(&bot), @"
    Slack, to omar: Wardroom could not pin the card of INC-1 in #inc-1-checkout-returns-502 on Slack: the app lacks the scope pins:write. An administrator of the workspace can add it at api.slack.com/apps under OAuth & Permissions and install the app again.
    Discord, to omar: Wardroom could not pin the card of INC-1 in #inc-1-checkout-returns-502 on Discord: it lacks “Pin Messages” in Harbour Pay. An administrator of the server can give it under Server Settings, Roles, or in the channel's permissions.
    ");
    let pins = |bot: &Bot| {
        let slack = bot.slack.calls().iter().filter(|(call, _)| call == "pins.add").count();
        (slack, bot.discord.calls().iter().filter(|(call, _)| call == PIN).count())
    };
    assert_eq!(pins(&bot), (1, 1));
    bot.pass(10).await;
    assert_eq!(pins(&bot), (1, 1), "it is not tried again while nothing changes");
    on_discord(&bot, &give("PIN_MESSAGES"));
    on_slack(&bot, &SlackAct::GiveScope { scope: "pins:write".to_owned() });
    bot.person("ana").slack().at(ROOM).says("/inc lead me").await;
    bot.run_until_done().await;
    for text in [bot.slack.transcript(ROOM), bot.discord.transcript(ROOM)] {
        assert_eq!(times(&text, "checkout returns 502 (edited) (pinned)"), 1, "the next change pins it:\n{text}");
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_whose_pinning_got_no_answer_is_pinned_by_the_next_try() {
    let bot = Bot::start().await;
    bot.slack.fault(SlackFault::ServerError { method: "pins.add".to_owned(), times: 2 });
    bot.discord.fault(DiscordFault::ServerError { route: PIN.to_owned(), times: 3 });
    declare(&bot).await;
    for text in [bot.slack.transcript(ROOM), bot.discord.transcript(ROOM)] {
        assert_eq!(times(&text, "checkout returns 502 (pinned)"), 1, "{text}");
        assert_eq!(times(&text, "· P2 · checkout returns 502"), 1, "{text}");
    }
    assert_eq!(told(&bot), "");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_the_bot_was_taken_out_of_is_joined_again() {
    let bot = declared().await;
    for name in ["status-updates", ROOM] {
        on_slack(&bot, &SlackAct::RemoveBot { channel: channel(name) });
    }
    let ana = bot.person("ana").slack().at(ROOM);
    ana.says("/inc update rollback is running").await;
    ana.says("/inc note errors began at 14:02").await;
    bot.run_until_done().await;
    assert_eq!(times(&bot.slack.transcript("status-updates"), "rollback is running"), 1);
    assert_eq!(times(&bot.slack.transcript(ROOM), "errors began at 14:02"), 1);
    assert_eq!(told(&bot), "");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_may_not_join_a_person_is_told_and_can_bring_it_back() {
    let bot = declared().await;
    on_slack(&bot, &SlackAct::RemoveBot { channel: channel("status-updates") });
    on_slack(&bot, &SlackAct::TakeScope { scope: "channels:join".to_owned() });
    bot.person("ana").slack().at(ROOM).says("/inc update rollback is running").await;
    bot.run_until_done().await;
    assert_snapshot!(told(&bot), @"
    Slack, the room: Wardroom could not write about INC-1 in #status-updates on Slack: it is not in the channel. Anybody there can bring it back with /invite @wardroom. It tries again by itself.
    Discord, the room: Wardroom could not write about INC-1 in **#status-updates** on Slack: it is not in the channel. Anybody there can bring it back with /invite @wardroom. It tries again by itself.
    Slack, to omar: Wardroom could not write about INC-1 in #status-updates on Slack: it is not in the channel. Anybody there can bring it back with /invite @wardroom. It tries again by itself.
    ");
    on_slack(&bot, &SlackAct::GiveScope { scope: "channels:join".to_owned() });
    minutes_later(&bot).await;
    assert_eq!(times(&bot.slack.transcript("status-updates"), "rollback is running"), 1);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_room_is_missed_in_the_incidents_channel_and_in_the_other_room() {
    let bot = declared().await;
    on_slack(&bot, &SlackAct::Archive { channel: channel(ROOM) });
    let tom = bot.person("tom").discord().at(ROOM);
    tom.says("/inc note errors began at 14:02").await;
    tom.says("/inc lead").await;
    bot.run_until_done().await;
    assert_snapshot!(told(&bot), @"
    Slack, #incidents: Wardroom could not show the card of INC-1 in #inc-1-checkout-returns-502 on Slack: the channel is archived. A member can unarchive it in the channel's settings. It tries again by itself.
    Discord, the room: Wardroom could not show the card of INC-1 in **#inc-1-checkout-returns-502** on Slack: the channel is archived. A member can unarchive it in the channel's settings. It tries again by itself.
    Slack, to omar: Wardroom could not show the card of INC-1 in #inc-1-checkout-returns-502 on Slack: the channel is archived. A member can unarchive it in the channel's settings. It tries again by itself.
    ");
    assert_eq!(times(&tom.sees(), "errors began at 14:02"), 1);
    on_slack(&bot, &SlackAct::Unarchive { channel: channel(ROOM) });
    minutes_later(&bot).await;
    let room = bot.slack.transcript(ROOM);
    assert_eq!(times(&room, "errors began at 14:02"), 1, "{room}");
    assert!(room.contains("5 min late: Slack did not let Wardroom write here"), "{room}");
    assert!(room.contains("Commander: *Tom Okafor*"), "{room}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_on_discord_that_the_bot_cannot_see_or_write_in_is_missed_too() {
    for permission in ["VIEW_CHANNEL", "SEND_MESSAGES"] {
        let bot = declared().await;
        let (room, right) = (channel(ROOM), permission.to_owned());
        on_discord(&bot, &DiscordAct::Deny { channel: room.clone(), permission: right.clone() });
        let ana = bot.person("ana").slack().at(ROOM);
        ana.says("/inc note errors began at 14:02").await;
        bot.run_until_done().await;
        match permission {
            "VIEW_CHANNEL" => assert_snapshot!(told(&bot), @"
            Discord, #incidents: Wardroom could not write about INC-1 in #inc-1-checkout-returns-502 on Discord: it lacks “View Channels” in Harbour Pay. An administrator of the server can give it under Server Settings, Roles, or in the channel's permissions. It tries again by itself.
            Slack, the room: Wardroom could not write about INC-1 in #inc-1-checkout-returns-502 on Discord: it lacks “View Channels” in Harbour Pay. An administrator of the server can give it under Server Settings, Roles, or in the channel's permissions. It tries again by itself.
            Discord, to omar: Wardroom could not write about INC-1 in #inc-1-checkout-returns-502 on Discord: it lacks “View Channels” in Harbour Pay. An administrator of the server can give it under Server Settings, Roles, or in the channel's permissions. It tries again by itself.
            "),
            _ => assert_snapshot!(told(&bot), @"
            Discord, #incidents: Wardroom could not write about INC-1 in #inc-1-checkout-returns-502 on Discord: it lacks “Send Messages” in Harbour Pay. An administrator of the server can give it under Server Settings, Roles, or in the channel's permissions. It tries again by itself.
            Slack, the room: Wardroom could not write about INC-1 in #inc-1-checkout-returns-502 on Discord: it lacks “Send Messages” in Harbour Pay. An administrator of the server can give it under Server Settings, Roles, or in the channel's permissions. It tries again by itself.
            Discord, to omar: Wardroom could not write about INC-1 in #inc-1-checkout-returns-502 on Discord: it lacks “Send Messages” in Harbour Pay. An administrator of the server can give it under Server Settings, Roles, or in the channel's permissions. It tries again by itself.
            "),
        }
        on_discord(&bot, &DiscordAct::Undeny { channel: room, permission: right });
        minutes_later(&bot).await;
        let room = bot.discord.transcript(ROOM);
        assert_eq!(times(&room, "errors began at 14:02"), 1, "{room}");
        bot.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_revoked_is_told_on_the_other_platform() {
    let bot = declared().await;
    on_slack(&bot, &SlackAct::RevokeToken);
    bot.person("tom").discord().at(ROOM).says("/inc note errors began at 14:02").await;
    bot.run_until_done().await;
    assert_snapshot!(told(&bot), @"Discord, to omar: Wardroom could not speak on Slack: Slack does not accept its token any more. Whoever runs Wardroom can set a valid token and start it again; `wardroom doctor` says which one is wrong.");
    on_slack(&bot, &SlackAct::RestoreToken);
    // The bot is started again with the new token.
    bot.app.regain(Platform::Slack, "T0HARBOUR").await.expect("Postgres answers");
    minutes_later(&bot).await;
    assert_eq!(times(&bot.slack.transcript(ROOM), "errors began at 14:02"), 1);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_who_takes_no_messages_on_discord_is_told_on_slack() {
    let bot = Bot::start().await;
    on_discord(&bot, &DiscordAct::CloseMessages { user: "omar".to_owned() });
    on_discord(&bot, &take("MANAGE_CHANNELS"));
    declare(&bot).await;
    assert_eq!(times(&bot.discord.private("omar"), "Wardroom could not"), 0);
    assert_eq!(times(&bot.slack.private("omar"), "Wardroom could not open the war room"), 1);
    bot.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_left_keeps_nobody_else_out_of_the_room() {
    let bot = Bot::start().await;
    on_slack(&bot, &SlackAct::Deactivate { user: "mia".to_owned() });
    declare(&bot).await;
    let view = bot.slack.view("U0ANA");
    let rooms = view["channels"].as_array().expect("channels");
    assert!(rooms.iter().any(|room| room["name"] == ROOM), "Ana was brought in all the same");
    assert_eq!(told(&bot), "", "who left is no trouble");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_in_which_only_people_may_write_is_told_of() {
    let bot = declared().await;
    on_slack(&bot, &SlackAct::Restrict { channel: channel("status-updates") });
    bot.person("ana").slack().at(ROOM).says("/inc update rollback is running").await;
    bot.run_until_done().await;
    assert_snapshot!(told(&bot), @"
    Slack, the room: Wardroom could not write about INC-1 in #status-updates on Slack: the rules of the workspace do not let it. An administrator can allow it: in the channel's posting permissions, or under Settings & administration. It tries again by itself.
    Discord, the room: Wardroom could not write about INC-1 in **#status-updates** on Slack: the rules of the workspace do not let it. An administrator can allow it: in the channel's posting permissions, or under Settings & administration. It tries again by itself.
    Slack, to omar: Wardroom could not write about INC-1 in #status-updates on Slack: the rules of the workspace do not let it. An administrator can allow it: in the channel's posting permissions, or under Settings & administration. It tries again by itself.
    ");
    on_slack(&bot, &SlackAct::Allow { channel: channel("status-updates") });
    minutes_later(&bot).await;
    assert_eq!(times(&bot.slack.transcript("status-updates"), "rollback is running"), 1);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_whose_every_name_is_taken_is_told_of() {
    let bot = Bot::start().await;
    let (method, error) = ("conversations.create".to_owned(), "name_taken".to_owned());
    bot.slack.fault(SlackFault::Fail { method, times: 9, error });
    declare(&bot).await;
    assert_snapshot!(told(&bot), @"
    Slack, #incidents: Wardroom could not open the war room of INC-1 on Slack: other channels have every name for it. Somebody can rename one of them. It tries again by itself.
    Slack, to omar: Wardroom could not open the war room of INC-1 on Slack: other channels have every name for it. Somebody can rename one of them. It tries again by itself.
    ");
    minutes_later(&bot).await;
    assert!(bot.slack.channels().contains(&channel(ROOM)));
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_for_a_day_is_given_up_and_that_is_told() {
    let bot = declared().await;
    on_slack(&bot, &SlackAct::Restrict { channel: channel(ROOM) });
    let ana = bot.person("ana").slack().at(ROOM);
    ana.says("/inc note errors began at 14:02").await;
    bot.run_until_done().await;
    bot.sleep_through(25 * 60).await;
    bot.run_until_done().await;
    let said = told(&bot);
    let given_up: Vec<&str> = said.lines().filter(|line| line.contains("gave up")).collect();
    assert_snapshot!(given_up.join("\n"), @"
    Slack, #incidents: Wardroom could not send a message about INC-1 for a day and gave up in #inc-1-checkout-returns-502 on Slack: the rules of the workspace do not let it. An administrator can allow it: in the channel's posting permissions, or under Settings & administration.
    Discord, the room: Wardroom could not send a message about INC-1 for a day and gave up in **#inc-1-checkout-returns-502** on Slack: the rules of the workspace do not let it. An administrator can allow it: in the channel's posting permissions, or under Settings & administration.
    Slack, to omar: Wardroom could not send a message about INC-1 for a day and gave up in #inc-1-checkout-returns-502 on Slack: the rules of the workspace do not let it. An administrator can allow it: in the channel's posting permissions, or under Settings & administration.
    ");
    on_slack(&bot, &SlackAct::Allow { channel: channel(ROOM) });
    minutes_later(&bot).await;
    assert_eq!(times(&bot.slack.transcript(ROOM), "errors began at 14:02"), 0, "it is no news any more");
    assert_eq!(bot.database.count("select count(*) from say where given_up_at is not null").await, 1);
    bot.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_slack_does_not_open_is_explained() {
    let bot = declared().await;
    let ana = bot.person("ana").slack().at(ROOM);
    let mut said = Vec::new();
    for code in ["expired_trigger_id", "push_limit_reached", "view_too_large", "invalid_auth", "a_code_of_tomorrow"] {
        let (method, error) = ("views.open".to_owned(), code.to_owned());
        bot.slack.fault(SlackFault::Fail { method, times: 1, error });
        said.push(format!("{code}: {}", ana.presses("Severity", "INC-1").await));
    }
    assert_snapshot!(said.join("\n"), @"
    expired_trigger_id: Slack did not open the form in time. Nothing was changed. Please repeat the command.
    push_limit_reached: Slack did not open the form in time. Nothing was changed. Please repeat the command.
    view_too_large: The form could not be opened: Slack does not take what it has to say. Nothing was changed. It is in the decision log; `/log show` shows it.
    invalid_auth: The form could not be opened: Slack does not accept its token any more. Nothing was changed. Whoever runs Wardroom can set a valid token and start it again; `wardroom doctor` says which one is wrong.
    a_code_of_tomorrow: The form could not be opened: Slack refused it (a_code_of_tomorrow). Nothing was changed. Whoever runs Wardroom finds the call in its log.
    ");
    bot.finish().await;
}

/// Every code that Slack may answer a message with, but those that mean something else than no.
const SLACK_CODES: [&str; 23] = [
    "account_inactive",
    "channel_not_found",
    "exchanged_trigger_id",
    "expired_trigger_id",
    "invalid_auth",
    "invalid_blocks",
    "is_archived",
    "message_not_found",
    "message_truncated",
    "missing_scope",
    "msg_blocks_too_long",
    "msg_too_long",
    "name_taken",
    "no_text",
    "not_allowed_token_type",
    "not_authed",
    "not_in_channel",
    "push_limit_reached",
    "restricted_action",
    "token_revoked",
    "user_disabled",
    "user_not_found",
    "a_code_of_tomorrow",
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_slack_says_once_a_note_is_in_the_room_in_the_end_and_once() {
    let bot = declared().await;
    let ana = bot.person("ana").slack().at(ROOM);
    for (number, code) in SLACK_CODES.into_iter().enumerate() {
        let (method, error) = ("chat.postMessage".to_owned(), code.to_owned());
        bot.slack.fault(SlackFault::Fail { method, times: 1, error });
        ana.says(&format!("/inc note told despite {code} {number}.")).await;
        bot.run_until_done().await;
        bot.sleep_through(5).await;
        bot.run_until_done().await;
        let room = bot.slack.transcript(ROOM);
        assert_eq!(times(&room, &format!("told despite {code} {number}.")), 1, "{code}:\n{room}");
    }
    bot.finish().await;
}

/// Every code that Discord may answer a message with: its status and JSON code.
const DISCORD_CODES: [(u16, u64); 18] = [
    (400, 50006),
    (400, 50035),
    (400, 50083),
    (400, 200_000),
    (401, 0),
    (403, 50001),
    (403, 50007),
    (403, 50013),
    (403, 0),
    (404, 10003),
    (404, 10004),
    (404, 10008),
    (404, 10013),
    (404, 10062),
    (400, 40060),
    (400, 30013),
    (500, 0),
    (400, 999_999),
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_discord_says_once_a_note_is_in_the_room_in_the_end_and_once() {
    let bot = declared().await;
    let tom = bot.person("tom").discord().at(ROOM);
    for (status, code) in DISCORD_CODES {
        let (route, message) = (POST.to_owned(), "no".to_owned());
        bot.discord.fault(DiscordFault::Fail { route, times: 1, status, code, message });
        tom.says(&format!("/inc note told despite {status}/{code}.")).await;
        bot.run_until_done().await;
        bot.sleep_through(5).await;
        bot.run_until_done().await;
        let room = bot.discord.transcript(ROOM);
        assert_eq!(times(&room, &format!("told despite {status}/{code}.")), 1, "{status}/{code}:\n{room}");
    }
    bot.finish().await;
}
