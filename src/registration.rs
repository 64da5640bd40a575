//! The catalogue of verbs in the platforms' own words: Discord's application commands, Slack's app manifest, and the
//! table of the README.

use std::fmt::Write;

use crate::language::catalogue::{self, Arg, ArgKind};
use crate::platform::discord::{CommandSpec, OptionKind, OptionSpec, VerbSpec};

/// What Discord offers while somebody types.
pub fn discord_commands() -> Vec<CommandSpec> {
    catalogue::COMMANDS
        .iter()
        .map(|(command, summary)| CommandSpec {
            name: (*command).to_owned(),
            description: (*summary).to_owned(),
            verbs: catalogue::verbs_of(command)
                .map(|verb| VerbSpec {
                    group: None,
                    name: verb.name.to_owned(),
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
        (_, Some(choices)) => OptionKind::Choice(choices),
        (_, None) => OptionKind::Text,
    };
    OptionSpec { name: arg.name.to_owned(), description: arg.hint.to_owned(), required: false, kind }
}

/// The scopes that the bot's token needs, and why each.
pub const SLACK_SCOPES: [(&str, &str); 12] = [
    ("channels:history", "to look up a message before it is sent a second time"),
    ("channels:join", "to post in the channels of audiences"),
    ("channels:manage", "to open war rooms"),
    ("channels:read", "to find a war room that exists already"),
    ("chat:write", "to speak"),
    ("chat:write.public", "to speak in channels that the bot has not joined"),
    ("commands", "to be spoken to"),
    ("groups:history", "to look up a message in a private channel"),
    ("im:history", "to look up a direct message"),
    ("im:write", "to write to one person"),
    ("pins:write", "to pin a room's card"),
    ("users:read", "to tell guests from members"),
];

/// The app manifest for Slack, as YAML.
pub fn slack_manifest() -> String {
    let mut yaml = String::from(
        "# Wardroom's app manifest for Slack. Written by `wardroom manifest`; a test holds the two together.\n\
         # Create the app from it at https://api.slack.com/apps, then make an app token with connections:write.\n\
         display_information:\n  name: Wardroom\n  description: Incident command and change control, with a log that can be proven\n  \
         background_color: \"#1f2937\"\nfeatures:\n  bot_user:\n    display_name: wardroom\n    always_online: true\n  \
         slash_commands:\n",
    );
    for (command, summary) in catalogue::COMMANDS {
        let hint = catalogue::usage_hint(command);
        let _ = write!(
            yaml,
            "    - command: /{command}\n      description: {summary:?}\n      usage_hint: {hint:?}\n      should_escape: true\n"
        );
    }
    yaml.push_str("oauth_config:\n  scopes:\n    bot:\n");
    for (scope, why) in SLACK_SCOPES {
        let _ = writeln!(yaml, "      - {scope} # {why}");
    }
    yaml.push_str(
        "settings:\n  interactivity:\n    is_enabled: true\n  org_deploy_enabled: false\n  socket_mode_enabled: true\n  \
         token_rotation_enabled: false\n",
    );
    yaml
}

/// The table of commands in the README.
pub fn command_table() -> String {
    let mut table = String::from("| command | what it does |\n|---|---|\n");
    for verb in catalogue::verbs().filter(|verb| verb.name != "help") {
        let _ = writeln!(table, "| `{}` | {} |", verb.example.replace('|', "\\|"), verb.summary);
    }
    table
}
