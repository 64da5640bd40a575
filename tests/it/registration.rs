//! What the platforms and the README are told about the commands is what the catalogue says.

use std::path::PathBuf;

use insta::assert_snapshot;
use wardroom::language::catalogue;
use wardroom::platform::discord::PERMISSIONS;
use wardroom::platform::discord::{CommandSpec, OptionKind};
use wardroom::registration;

#[test]
fn the_manifest_for_slack_is_the_one_that_the_program_writes() {
    let file = read("deploy/slack-manifest.yaml");
    assert_eq!(file, registration::slack_manifest(None), "run `cargo run -- manifest > deploy/slack-manifest.yaml`");
}

#[test]
fn the_manifest_offers_every_command_and_keeps_to_slacks_limits() {
    let manifest = registration::slack_manifest(None);
    for (command, summary) in catalogue::COMMANDS {
        assert!(manifest.contains(&format!("- command: /{command}\n      description: \"{summary}\"")), "{command}");
        assert!(command.len() <= 32 && summary.chars().count() <= 2_000, "{command}");
        let hint = catalogue::usage_hint(command);
        assert!(hint.chars().count() <= 1_000, "{hint}");
    }
    let app = manifest.split("  description: ").nth(1).and_then(|rest| rest.lines().next()).expect("a description");
    assert!(app.chars().count() <= 140, "Slack takes 140 characters: {app}");
}

#[test]
fn the_manifest_names_a_reason_for_each_scope_and_event_and_addresses_only_where_slack_sends_requests() {
    let socket = registration::slack_manifest(None);
    for (name, why) in registration::SLACK_SCOPES.iter().chain(&registration::SLACK_EVENTS) {
        assert!(socket.contains(&format!("      - {name} # {why}\n")), "{name}");
    }
    assert!(socket.contains("home_tab_enabled: true") && socket.contains("socket_mode_enabled: true"));
    assert!(!socket.contains("request_url") && !socket.contains("url:"), "Socket Mode needs no address");
    let http = registration::slack_manifest(Some("https://bot.example/"));
    assert!(http.contains("socket_mode_enabled: false"));
    assert_eq!(http.matches("url: https://bot.example/slack/commands\n").count(), catalogue::COMMANDS.len());
    for path in ["events", "interactions"] {
        assert_eq!(http.matches(&format!("request_url: https://bot.example/slack/{path}\n")).count(), 1, "{path}");
    }
}

#[test]
fn the_invitation_asks_for_exactly_the_permissions_that_it_names() {
    let invitation = registration::discord_invitation("800000000000000001");
    assert_snapshot!(invitation, @r#"
    https://discord.com/oauth2/authorize?client_id=800000000000000001&scope=bot+applications.commands&permissions=2251799813770256

    It asks for:
      View Channels: to see where it is spoken to
      Manage Channels: to open war rooms
      Send Messages: to speak
      Embed Links: to show cards
      Read Message History: to look a message up before it is sent a second time
      Pin Messages: to pin a room's card
    No privileged intent is needed.
    "#);
    let readme = read("README.md");
    for name in PERMISSIONS.map(|permission| permission.name) {
        assert!(readme.contains(name), "the README names {name}");
    }
}

#[test]
fn the_readme_lists_every_verb() {
    let readme = read("README.md");
    let (_, after) =
        readme.split_once("<!-- commands -->\n").expect("the README marks where its table of commands begins");
    let (table, _) = after.split_once("<!-- /commands -->").expect("and where it ends");
    assert_eq!(table.trim(), registration::command_table().trim());
}

#[test]
fn discord_takes_every_command() {
    let commands = registration::discord_commands();
    assert_eq!(commands.len(), catalogue::COMMANDS.len());
    let verbs: usize = commands.iter().map(|command| command.verbs.len()).sum();
    assert_eq!(verbs, catalogue::verbs().count(), "no verb is left out");
    for command in &commands {
        let level = command.verbs.iter().filter(|verb| verb.group.is_none()).count()
            + command
                .verbs
                .iter()
                .filter_map(|verb| verb.group.as_ref())
                .collect::<std::collections::BTreeSet<_>>()
                .len();
        assert!(level <= 25, "/{} has {level} entries", command.name);
        name_and_description(&command.name, &command.description);
        for verb in &command.verbs {
            name_and_description(&verb.name, &verb.description);
            assert!(verb.options.len() <= 25, "/{} {}", command.name, verb.name);
            for option in &verb.options {
                name_and_description(&option.name, &option.description);
                for (value, label) in choices(&option.kind) {
                    assert!((1..=100).contains(&value.chars().count()) && (1..=100).contains(&label.chars().count()));
                }
                assert!(choices(&option.kind).len() <= 25, "/{} {} {}", command.name, verb.name, option.name);
            }
        }
        let chars = weight(command);
        assert!(chars <= 8_000, "/{} has {chars} characters", command.name);
    }
}

fn name_and_description(name: &str, description: &str) {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    assert!((1..=32).contains(&name.len()) && name.chars().all(fits), "“{name}” is no name");
    assert!((1..=100).contains(&description.chars().count()), "“{description}” is no description");
}

fn choices(kind: &OptionKind) -> &[(String, String)] {
    match kind {
        OptionKind::Choice(choices) => choices,
        OptionKind::Text | OptionKind::Offered | OptionKind::Person | OptionKind::Channel => &[],
    }
}

/// The characters that Discord counts: names, descriptions and values, at every depth.
fn weight(command: &CommandSpec) -> usize {
    let of = |texts: &[&str]| texts.iter().map(|text| text.chars().count()).sum::<usize>();
    let options = command.verbs.iter().flat_map(|verb| &verb.options);
    let choices = options.clone().flat_map(|option| choices(&option.kind));
    of(&[&command.name, &command.description])
        + command.verbs.iter().map(|verb| of(&[&verb.name, &verb.description])).sum::<usize>()
        + options.map(|option| of(&[&option.name, &option.description])).sum::<usize>()
        + choices.map(|(value, label)| of(&[value, label])).sum::<usize>()
}

#[test]
fn how_each_verb_is_used() {
    let usages: Vec<String> = catalogue::verbs().map(catalogue::Verb::usage).collect();
    assert_snapshot!(usages.join("\n"), @"
        /inc declare <what is broken> sev1..sev4 svc: [impact:] [urgency:]
        /inc panel
        /inc lead [person:] [why:]
        /inc note <note>
        /inc decide <question> chose: why:
        /inc sev sev1..sev4 why:
        /inc plan exposure to: why: [category:]
        /inc status to: [why:]
        /inc update <update>
        /inc notice [<in other words>] [do:]
        /inc sum
        /inc changes
        /inc fill [<values>]
        /inc plan checklist [category:]
        /inc plan tick [item:] <evidence> [at:]
        /inc plan untick item: <why>
        /inc plan waive item: <why>
        /inc link change: as: [why:] [confirm:]
        /inc draft draft: as:
        /inc timeline
        /inc resolve <what resolved it>
        /inc cancel <why>
        /inc reopen <why>
        /inc major <why>
        /inc stand-down <why>
        /inc confirm
        /inc decline
        /inc list [page:]
        /inc help
        /change new <what will be done> svc: impact: why: plan: tested: data: availability: compliance: complexity: rollback: [touches:] [category:] [from:] [until:] [due:] [regulation:]
        /change emergency <what will be done> impact: why: plan: tested: data: availability: compliance: complexity: rollback: [touches:] [category:] [planning:] [exploit:] [svc:]
        /change std [entry:] [<values>] [svc:] [why:] [from:] [until:]
        /change edit [<what will be done>] [svc:] [impact:] [why:] [plan:] [tested:] [data:] [availability:] [compliance:] [complexity:] [rollback:] [touches:] [from:] [until:]
        /change sched [from:] until:
        /change review verdict: target: rollback: effects: [<what must change>]
        /change approve [<remark>]
        /change reject <why>
        /change abstain [<remark>]
        /change accept-risk <why the risk is worth it> alternatives: [until:]
        /change start [<why>]
        /change done [<how it went>]
        /change rollback <why>
        /change halt [<why>] [verdict:]
        /change extend <why>
        /change withdraw <why>
        /change show
        /change plan risk
        /change list [page:]
        /change queue [move:] [<why>]
        /change cal [days:] [svc:] [page:] [feed:]
        /change plan conflicts
        /change plan fill [<values>]
        /change plan checklist [category:]
        /change plan tick [item:] <evidence> [at:]
        /change plan untick item: <why>
        /change plan waive item: <why>
        /change bulk <what it is for> items: until: [from:] impact: [why:] plan: tested: [touches:] [stop:] [risk:]
        /change plan batch [do:] [change:] [<why>] [page:]
        /change plan yield <why>
        /change plan coexist <why>
        /change plan notices
        /change plan ack
        /change plan object <why>
        /change plan unobject [<why>]
        /change plan standby [rollback_owner:] [database:] [network:] [service_desk:] [do:] [<why>] [page:]
        /change plan rehearse [env:] [observer:] [minutes:] [do:] [<why>]
        /change after validate verdict: [<why>]
        /change after step verdict: [<why>]
        /change after pir verdict: effective: policy: evidence: rollback: [<what others should know>]
        /change after retro <what was done> svc: at: [impact:] why: evidence: works: risk: complexity: rollback: [from:] [found:] [by:] [allowed:]
        /change help
        /freeze on [svc:] [from:] until: <why> [types:] [every:] [hard:]
        /freeze off <why>
        /freeze extend [until:] <why>
        /freeze agree
        /freeze object <why>
        /freeze except <why>
        /freeze allow <why>
        /freeze deny <why>
        /freeze list [page:]
        /freeze check [svc:]
        /freeze help
        /cab status
        /cab members
        /cab quorum
        /cab recuse <why>
        /cab concern <concern>
        /cab resolved [<how>]
        /cab open
        /cab present
        /cab agenda
        /cab next
        /cab defer <why>
        /cab decide <decision> [cites:] [verdict:]
        /cab close
        /cab minutes
        /cab risk band: <why>
        /cab escalate <why>
        /cab rule verdict: <why> [conditions:] [appoint:]
        /cab exploit verdict: [<why>]
        /cab clear verdict: <why>
        /cab delegate [do:] [to:] [until:] [from:] [why:]
        /cab standard rate helpful: wrong: [<what was wrong>]
        /cab standard suspend entry: <why>
        /cab standard resume entry: <why>
        /cab standard submit entry:
        /cab standard draft [entry:]
        /cab exception ask rule: until: control: <why> [svc:] [team:]
        /cab exception approve
        /cab exception deny <why>
        /cab exception revoke <why>
        /cab exception review kept: [<what follows>]
        /cab exception list [page:]
        /cab help
        /report bypass [days:] [page:]
        /report fields [days:] [page:]
        /report found <what was changed> svc: evidence: [at:] [found:]
        /report claim at: why: evidence: works: risk: complexity: rollback: [from:] [impact:] [by:] [allowed:]
        /report help
        /log show [kind:] [since:] [until:] [by:] [page:]
        /log verify
        /log export
        /log help
        /admin whoami
        /admin check
        /admin raci [svc:]
        /admin charter [do:] [team:]
        /admin policy [do:] [hash:] [why:] [rule:]
        /admin propose source: <what is to be different> why: [ref:] [due:]
        /admin link [<code>]
        /admin unlink [on:] confirm:
        /admin help
        /log erase [entry:] [person:] [what:] <basis>
        /log approve [entry:] [person:]
        /log decline [entry:] [person:]
        /log hold <why>
        /log release <why>
        /log archive [do:]
        /log redact [do:] [mark:]
        /admin retention [do:]
        /admin tenant [do:] [teams:] [regions:] [desk:] [tooling:]
        ");
}

fn read(file: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file);
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{file}: {error}"))
}
