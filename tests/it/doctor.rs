//! `wardroom doctor` against live platforms: each thing that can be wrong is named, with what to do.

use std::net::Ipv4Addr;

use insta::assert_snapshot;
use secrecy::SecretString;
use wardroom::config::{
    ArchiveSettings, DatabaseSettings, DiscordFlags, LedgerSettings, RunSettings, SiemFlags, SlackFlags,
    WitnessSettings,
};
use wardroom::doctor;
use wardroom::sandbox::cast;
use wardroom::sandbox::discord::DiscordAct;
use wardroom::sandbox::slack::SlackAct;

use crate::harness::Bot;

fn settings(bot: &Bot) -> RunSettings {
    RunSettings {
        siem: SiemFlags::default(),
        ledger: LedgerSettings { ledger: None },
        witness: WitnessSettings::default(),
        archive: ArchiveSettings { archive: None },
        check_databases: Vec::new(),
        check_tokens: Vec::new(),
        database: DatabaseSettings { database_url: SecretString::from(bot.database.url()) },
        slack: SlackFlags {
            slack_bot_token: Some(SecretString::from(cast::SLACK_BOT_TOKEN)),
            slack_app_token: Some(SecretString::from(cast::SLACK_APP_TOKEN)),
            slack_signing_secret: None,
            slack_api_url: bot.sandbox().slack_api_url(),
        },
        discord: DiscordFlags {
            discord_public_key: None,
            discord_token: Some(SecretString::from(cast::DISCORD_TOKEN)),
            discord_api_url: bot.sandbox().discord_api_url(),
        },
        port: 0,
        listen: Ipv4Addr::LOCALHOST.into(),
        policy: None,
        public_url: None,
        templates: None,
        connections: 1,
        sandbox: false,
    }
}

async fn says(settings: &RunSettings) -> String {
    let findings = doctor::examine(settings).await;
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    format!("{}\n{}", lines.join("\n"), doctor::summary(&findings))
}

/// Only what is wrong.
async fn complains(settings: &RunSettings) -> String {
    let said = says(settings).await;
    said.lines().filter(|line| !line.starts_with("ok")).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_deployment_is_told_so_line_by_line() {
    let bot = Bot::start().await;
    assert_snapshot!(says(&settings(&bot)).await, @"
    ok    Postgres answers, keeps what it acknowledges, and the bot's role cannot rewrite the log.
    ok    Every template can be read.
    ok    Slack: the bot token is that of U0WARDROOM in Harbour Pay (T0HARBOUR).
    ok    Slack: this machine's clock agrees with Slack's.
    ok    Slack: the app has all 15 scopes that it needs.
    ok    Slack: Socket Mode may connect.
    ok    Slack: Wardroom can write in all 4 channels.
    ok    Slack: all 9 accounts of the organisation file can be reached.
    ok    Discord: the token is that of wardroom.
    ok    Discord: this machine's clock agrees with Discord's.
    ok    Discord: interactions come over the gateway, which needs no privileged intent.
    ok    Discord: the bot has every permission that it needs in Harbour Pay and in all 4 channels.
    ok    Discord: the 7 commands are registered in Harbour Pay.
    ok    Discord: all 9 accounts of the organisation file can be reached.
    All is well: `wardroom run` can start.
    ");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_on_slack_is_named_with_its_remedy() {
    let bot = Bot::start().await;
    for act in [
        SlackAct::TakeScope { scope: "pins:write".to_owned() },
        SlackAct::Archive { channel: "status-updates".to_owned() },
        SlackAct::RemoveBot { channel: "changes".to_owned() },
        SlackAct::Hide { channel: "changes".to_owned() },
        SlackAct::Deactivate { user: "mia".to_owned() },
    ] {
        bot.slack.administer(&act).expect("an administrator may do this");
    }
    assert_snapshot!(complains(&settings(&bot)).await, @"
    FAIL  Slack: the app lacks the scope pins:write, to pin a room's card. Add it at api.slack.com/apps under OAuth & Permissions, then install the app again.
    FAIL  Slack: the channel C0CHANGES, where changes are announced, is not there, or is private and without Wardroom. Type /invite @wardroom there, or correct its id in the organisation file.
    FAIL  Slack: #status-updates, where Stakeholders are told, is archived. Unarchive it, or name another in the organisation file.
    FAIL  Slack: the account U0MIA of Mia Chen is deactivated. Correct it in the organisation file, or say active = false.
    4 things are wrong.
    ");
    bot.slack.administer(&SlackAct::RevokeToken).expect("an administrator may do this");
    assert_snapshot!(complains(&settings(&bot)).await, @"
    FAIL  Slack: the bot token does not open the workspace: Slack does not accept its token any more. Whoever runs Wardroom can set a valid token and start it again; `wardroom doctor` says which one is wrong.
    One thing is wrong.
    ");
    bot.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_are_missing_or_mixed_up_are_told_apart() {
    let bot = Bot::start().await;
    let mut mixed = settings(&bot);
    let tokens = &mut mixed.slack;
    std::mem::swap(&mut tokens.slack_bot_token, &mut tokens.slack_app_token);
    mixed.discord.discord_token = Some(SecretString::from("another"));
    assert_snapshot!(complains(&mixed).await, @"
    FAIL  Slack: SLACK_BOT_TOKEN and SLACK_APP_TOKEN are mixed up. Exchange them.
    FAIL  Discord: the bot cannot log in: Discord does not accept its token any more. Whoever runs Wardroom can reset the token under Bot at discord.com/developers, set it as DISCORD_TOKEN and start it again.
    2 things are wrong.
    ");
    let mut strange = settings(&bot);
    strange.slack.slack_bot_token = Some(SecretString::from("xoxp-a-persons"));
    strange.discord.discord_token = None;
    assert_snapshot!(complains(&strange).await, @"
    FAIL  Slack: SLACK_BOT_TOKEN does not begin with xoxb-: it is another kind of token.
    One thing is wrong.
    ");
    strange.slack.slack_bot_token = Some(SecretString::from("xoxb-another"));
    assert_snapshot!(complains(&strange).await, @"
    FAIL  Slack: the bot token does not open the workspace: Slack does not accept its token any more. Whoever runs Wardroom can set a valid token and start it again; `wardroom doctor` says which one is wrong.
    One thing is wrong.
    ");
    strange.slack.slack_app_token = None;
    assert_snapshot!(complains(&strange).await, @"
    FAIL  Slack: SLACK_APP_TOKEN (for Socket Mode) or SLACK_SIGNING_SECRET (for signed requests) is missing beside SLACK_BOT_TOKEN: without one of them nothing is heard. Both are at api.slack.com/apps.
    FAIL  There is nothing to serve: neither Slack nor Discord has its tokens.
    2 things are wrong.
    ");
    strange.slack.slack_bot_token = None;
    assert_snapshot!(complains(&strange).await, @"
    FAIL  There is nothing to serve: neither Slack nor Discord has its tokens.
    One thing is wrong.
    ");
    let mut refused = settings(&bot);
    refused.slack.slack_app_token = Some(SecretString::from("xapp-another"));
    assert_snapshot!(complains(&refused).await, @"
    FAIL  Slack: Socket Mode may not connect: Slack does not accept its token any more. Whoever runs Wardroom can set a valid token and start it again; `wardroom doctor` says which one is wrong.
    One thing is wrong.
    ");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_on_discord_is_named_with_its_remedy() {
    let bot = Bot::start().await;
    for act in [
        DiscordAct::Take { permission: "MANAGE_CHANNELS".to_owned() },
        DiscordAct::Take { permission: "PIN_MESSAGES".to_owned() },
        DiscordAct::Deny { channel: "status-updates".to_owned(), permission: "SEND_MESSAGES".to_owned() },
        DiscordAct::DeleteChannel { channel: "changes".to_owned() },
        DiscordAct::Leave { user: "mia".to_owned() },
        DiscordAct::SetEndpoint { url: Some("https://bot.example/discord".to_owned()) },
    ] {
        bot.discord.administer(&act).expect("an administrator may do this");
    }
    forget_commands(&bot).await;
    assert_snapshot!(complains(&settings(&bot)).await, @"
    FAIL  Discord posts interactions to https://bot.example/discord, and nothing comes over the gateway: set DISCORD_PUBLIC_KEY, or clear the Interactions Endpoint URL of the application. It is under General Information at discord.com/developers.
    FAIL  Discord: the bot lacks “Manage Channels” in Harbour Pay, to open war rooms. Give it under Server Settings, Roles.
    FAIL  Discord: the bot lacks “Pin Messages” in Harbour Pay, to pin a room's card. Give it under Server Settings, Roles.
    FAIL  Discord: the bot lacks “Send Messages” in #status-updates, where Stakeholders are told. Give it under Edit Channel, Permissions.
    FAIL  Discord: the channel 200000000000000004, where changes are announced, is not in Harbour Pay. Correct its id in the organisation file.
    FAIL  Discord: the commands in Harbour Pay are missing or from another version. Start `wardroom run`: it registers them.
    FAIL  Discord: the account 100000000000000003 of Mia Chen is not in the server. Invite it, or correct it in the organisation file.
    7 things are wrong.
    ");
    bot.discord.administer(&DiscordAct::RemoveBot).expect("an administrator may do this");
    assert_snapshot!(complains(&settings(&bot)).await, @"
    FAIL  Discord posts interactions to https://bot.example/discord, and nothing comes over the gateway: set DISCORD_PUBLIC_KEY, or clear the Interactions Endpoint URL of the application. It is under General Information at discord.com/developers.
    FAIL  Discord: the bot is not in the server 900000000000000001. An administrator of the server can invite it: https://discord.com/oauth2/authorize?client_id=800000000000000001&scope=bot+applications.commands&permissions=2251799813770256
    2 things are wrong.
    ");
    bot.leave().await;
}

/// Another program with the same token registers commands of its own.
async fn forget_commands(bot: &Bot) {
    let url = bot.sandbox().discord_api_url();
    let url = format!("{url}/api/v10/applications/800000000000000001/guilds/900000000000000001/commands");
    let request = reqwest::Client::new().put(url).header("authorization", format!("Bot {}", cast::DISCORD_TOKEN));
    let answer = request.json(&serde_json::json!([])).send().await.expect("the sandbox answers");
    assert!(answer.status().is_success(), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_ready_is_told_of() {
    let bot = Bot::start().await;
    let mut wrong = settings(&bot);
    wrong.database.database_url = SecretString::from("somewhere");
    wrong.slack.slack_bot_token = None;
    wrong.slack.slack_app_token = None;
    wrong.discord.discord_token = None;
    assert_snapshot!(says(&wrong).await, @"
    FAIL  DATABASE_URL is no address of Postgres, like postgres://wardroom_app@host/wardroom.
    ok    Every template can be read.
    ok    Slack is not served: SLACK_BOT_TOKEN is not set.
    ok    Discord is not served: DISCORD_TOKEN is not set.
    FAIL  There is nothing to serve: neither Slack nor Discord has its tokens.
    2 things are wrong.
    ");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_others_could_listen_in_on_is_named() {
    let bot = Bot::start().await;
    let with = |url: &str| RunSettings { public_url: Some(url.to_owned()), ..settings(&bot) };
    assert!(
        complains(&with("http://bot.example")).await.contains("FAIL  WARDROOM_PUBLIC_URL is no address like https://")
    );
    let said = says(&with("https://bot.example/")).await;
    assert!(said.contains("ok    Calendar programs are told to ask https://bot.example.\n"), "{said}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_siem_that_is_set_wrongly_or_does_not_answer_is_named() {
    let bot = Bot::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("there is a port");
    let address = listener.local_addr().expect("it has an address");
    let with = |url: &str, token: bool| {
        let mut settings = settings(&bot);
        settings.siem.siem_url = Some(url.to_owned());
        settings.siem.siem_token = token.then(|| SecretString::from("t"));
        settings
    };
    let said = says(&with(&format!("http://{address}/in"), true)).await;
    assert!(said.contains("ok    The SIEM answers. It gets no name and no text."), "{said}");
    drop(listener);
    let said = complains(&with(&format!("syslog+tcp://{address}"), false)).await;
    assert!(said.contains("cannot be reached") && said.contains("sent on from where it stopped"), "{said}");
    assert_snapshot!(complains(&with("http://siem.example", true)).await, @"
    FAIL  SIEM: WARDROOM_SIEM_TOKEN would be sent in the clear: use https.
    One thing is wrong.
    ");
    let mut alone = settings(&bot);
    alone.siem.siem_with_texts = true;
    assert_snapshot!(complains(&alone).await, @"
    FAIL  SIEM: WARDROOM_SIEM_URL is missing beside the other settings of the SIEM.
    One thing is wrong.
    ");
    bot.finish().await;
}
