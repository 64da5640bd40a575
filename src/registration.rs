//! The catalogue of verbs in the platforms' own words: Discord's application commands, Slack's app manifest, and the
//! table of the README.

use std::fmt::Write;

use crate::language::catalogue::{self, Arg, ArgKind};
use crate::platform::discord::{CommandSpec, OptionKind, OptionSpec, PERMISSIONS, VerbSpec, invitation};

/// What Discord offers while somebody types.
pub fn discord_commands() -> Vec<CommandSpec> {
    catalogue::COMMANDS
        .iter()
        .map(|(command, summary)| CommandSpec {
            name: (*command).to_owned(),
            description: (*summary).to_owned(),
            verbs: catalogue::verbs_of(command)
                .map(|verb| VerbSpec {
                    group: verb.group().map(str::to_owned),
                    name: verb.word().to_owned(),
                    description: verb.summary.to_owned(),
                    options: verb.args.iter().map(option).collect(),
                })
                .collect(),
        })
        .collect()
}

/// Nothing is required at Discord: what is missing opens a form, as everywhere.
fn option(arg: &Arg) -> OptionSpec {
    let kind = match (arg.kind, arg.choices()) {
        (ArgKind::Person, _) => OptionKind::Person,
        // Discord counts every letter of a command's choices, and none of what is offered while somebody types: what has
        // more than a word for each is offered.
        (
            ArgKind::Services
            | ArgKind::Subject
            | ArgKind::Change
            | ArgKind::Kind
            | ArgKind::Key(_)
            | ArgKind::Scale(_)
            | ArgKind::Touches
            | ArgKind::Choice(_),
            _,
        ) => OptionKind::Offered,
        (_, Some(choices)) => OptionKind::Choice(choices),
        (_, None) => OptionKind::Text,
    };
    OptionSpec { name: arg.name.to_owned(), description: arg.hint.to_owned(), required: false, kind }
}

/// The scopes that the bot's token needs, and why each.
pub const SLACK_SCOPES: [(&str, &str); 15] = [
    ("app_mentions:read", "to hear `@wardroom inc …`"),
    ("channels:history", "to hear `!inc …` in threads, and to look up a message before it is sent a second time"),
    ("channels:join", "to post in the channels of audiences"),
    ("channels:manage", "to open war rooms"),
    ("channels:read", "to find a war room that exists already"),
    ("chat:write", "to speak"),
    ("chat:write.public", "to speak in channels that the bot has not joined"),
    ("commands", "to be spoken to"),
    ("files:write", "to hand an export of the log to whoever asked for it"),
    ("groups:history", "the same as channels:history, in private channels that the bot was invited to"),
    ("im:history", "the same, in direct messages with the bot"),
    ("im:write", "to write to one person"),
    ("pins:write", "to pin a room's card"),
    ("users:read", "to tell guests from members, and to hear when an account is deactivated"),
    ("users:read.email", "to link an account to the person who has its confirmed address"),
];

/// What Slack tells the bot, and why each.
pub const SLACK_EVENTS: [(&str, &str); 9] = [
    ("app_home_opened", "to show what waits for whoever opens the Home tab"),
    ("app_mention", "`@wardroom inc …`, the same as `!inc …`"),
    ("app_uninstalled", "to stop calling Slack, and to say so on Discord"),
    ("message.channels", "`!inc …` in threads; what else people say is not looked at"),
    ("message.groups", "the same in private channels"),
    ("message.im", "the same in direct messages with the bot"),
    ("team_join", "an account that came back"),
    ("tokens_revoked", "as app_uninstalled"),
    ("user_change", "a deactivated account can do nothing any more"),
];

/// The app manifest for Slack, as YAML: for Socket Mode, or for signed requests to a public address.
pub fn slack_manifest(url: Option<&str>) -> String {
    let url = url.map(|url| url.trim_end_matches('/'));
    let next = match url {
        None => "then make an app token with connections:write.",
        Some(_) => "then copy its signing secret.",
    };
    let mut yaml = format!(
        "# Wardroom's app manifest for Slack. Written by `wardroom manifest`; a test holds the two together.\n\
         # Create the app from it at https://api.slack.com/apps, {next}\n\
         display_information:\n  name: Wardroom\n  description: Incident command and change control, with a log that can be proven\n  \
         background_color: \"#1f2937\"\nfeatures:\n  app_home:\n    home_tab_enabled: true\n    \
         messages_tab_enabled: true\n    messages_tab_read_only_enabled: false\n  bot_user:\n    display_name: wardroom\n    \
         always_online: true\n  slash_commands:\n",
    );
    for (command, summary) in catalogue::COMMANDS {
        let hint = catalogue::usage_hint(command);
        let _ = writeln!(yaml, "    - command: /{command}");
        if let Some(url) = url {
            let _ = writeln!(yaml, "      url: {url}/slack/commands");
        }
        let _ = writeln!(yaml, "      description: {summary:?}\n      usage_hint: {hint:?}\n      should_escape: true");
    }
    yaml.push_str("oauth_config:\n  scopes:\n    bot:\n");
    for (scope, why) in SLACK_SCOPES {
        let _ = writeln!(yaml, "      - {scope} # {why}");
    }
    yaml.push_str("settings:\n  event_subscriptions:\n");
    if let Some(url) = url {
        let _ = writeln!(yaml, "    request_url: {url}/slack/events");
    }
    yaml.push_str("    bot_events:\n");
    for (event, why) in SLACK_EVENTS {
        let _ = writeln!(yaml, "      - {event} # {why}");
    }
    yaml.push_str("  interactivity:\n    is_enabled: true\n");
    if let Some(url) = url {
        let _ = writeln!(yaml, "    request_url: {url}/slack/interactions");
    }
    let socket_mode = url.is_none();
    let _ = write!(
        yaml,
        "  org_deploy_enabled: false\n  socket_mode_enabled: {socket_mode}\n  token_rotation_enabled: false\n"
    );
    yaml
}

/// The link with which an administrator of a server invites the bot, and what it asks for.
pub fn discord_invitation(application: &str) -> String {
    let mut text = format!("{}\n\nIt asks for:\n", invitation(application));
    for permission in PERMISSIONS {
        let _ = writeln!(text, "  {}: {}", permission.name, permission.why);
    }
    text.push_str("No privileged intent is needed.\n");
    text
}

/// The table of commands in the README.
pub fn command_table() -> String {
    let mut table = String::from("| command | what it does |\n|---|---|\n");
    for verb in catalogue::verbs().filter(|verb| verb.name != "help") {
        let _ = writeln!(table, "| `{}` | {} |", verb.example.replace('|', "\\|"), verb.summary);
    }
    table
}
