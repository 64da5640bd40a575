//! Slack: tokens, scopes, Socket Mode, the channels and the people of the organisation file.

use std::collections::BTreeMap;

use secrecy::ExposeSecret;

use super::finding::causes;
use super::{Finding, clocks};
use crate::clock::Clock;
use crate::config::RunSettings;
use crate::domain::{Organisation, Person, Platform};
use crate::platform::slack::{Checkup, Identity, SlackSettings};
use crate::platform::{Cause, SendError};
use crate::registration::SLACK_SCOPES;

/// So many channels are looked up; Slack allows fifty in a minute.
const CHANNELS_MAX: usize = 40;
/// So many accounts are looked up; Slack allows a hundred in a minute.
const ACCOUNTS_MAX: usize = 90;

const APP_PAGE: &str = "api.slack.com/apps";

pub async fn examine(settings: &RunSettings, organisations: &[Organisation]) -> Vec<Finding> {
    let settings = match settings.slack.settings() {
        Ok(Some(settings)) => settings,
        Ok(None) => return vec![Finding::good("Slack is not served: SLACK_BOT_TOKEN is not set.")],
        Err(sentence) => return vec![Finding::wrong(format!("Slack: {sentence}. Both are at {APP_PAGE}."))],
    };
    let kinds = kinds(&settings);
    if !kinds.is_empty() {
        return kinds;
    }
    match Checkup::new(&settings) {
        Ok(checkup) => look(&checkup, &settings, organisations).await,
        Err(error) => vec![Finding::wrong(format!("Slack: {}.", causes(&error)))],
    }
}

/// The two tokens are easily mixed up: each has a kind of its own, which its beginning tells.
fn kinds(settings: &SlackSettings) -> Vec<Finding> {
    let bot_token = settings.bot_token.expose_secret();
    let Some(app_token) = settings.app_token.as_ref().map(ExposeSecret::expose_secret) else { return Vec::new() };
    if bot_token.starts_with("xapp-") && app_token.starts_with("xoxb-") {
        return vec![Finding::wrong("Slack: SLACK_BOT_TOKEN and SLACK_APP_TOKEN are mixed up. Exchange them.")];
    }
    let wanted = [("SLACK_BOT_TOKEN", bot_token, "xoxb-"), ("SLACK_APP_TOKEN", app_token, "xapp-")];
    let strange = wanted.into_iter().filter(|(_, token, kind)| !token.starts_with(kind));
    strange
        .map(|(name, _, kind)| {
            Finding::wrong(format!("Slack: {name} does not begin with {kind}: it is another kind of token."))
        })
        .collect()
}

async fn look(checkup: &Checkup, settings: &SlackSettings, organisations: &[Organisation]) -> Vec<Finding> {
    let identity = match checkup.identity().await {
        Ok(identity) => identity,
        Err(error) => return vec![Finding::failed("Slack: the bot token does not open the workspace", &error)],
    };
    let (user, team) = (&identity.bot_user, &identity.workspace_name);
    let mut findings =
        vec![Finding::good(format!("Slack: the bot token is that of {user} in {team} ({}).", identity.workspace))];
    findings.extend(clocks::compare(Platform::Slack, Clock::default().now(), identity.date));
    findings.extend(scopes(&identity));
    if settings.app_token.is_some() {
        findings.push(socket(checkup).await);
    }
    if settings.signing_secret.is_some() {
        findings.push(Finding::good(
            "Slack: signed requests are taken at /slack/commands, /slack/interactions and /slack/events.",
        ));
    }
    let ours = organisations.iter().filter(|organisation| {
        organisation.workspaces.iter().any(|w| w.platform == Platform::Slack && w.id == identity.workspace)
    });
    let ours: Vec<&Organisation> = ours.collect();
    if ours.is_empty() {
        findings.push(Finding::wrong(format!(
            "Slack: no organisation file names the workspace {}. Add it under [[workspace]] and run `wardroom org apply`.",
            identity.workspace
        )));
    }
    for organisation in ours {
        findings.extend(channels(checkup, organisation, &identity).await);
        findings.extend(people(checkup, organisation, &identity).await);
    }
    findings
}

async fn socket(checkup: &Checkup) -> Finding {
    match checkup.socket().await {
        Ok(()) => Finding::good("Slack: Socket Mode may connect."),
        Err(error) if error.is(Cause::Right) => Finding::wrong(format!(
            "Slack: Socket Mode may not connect: the app token lacks connections:write. Make one that has it under Basic \
             Information at {APP_PAGE}."
        )),
        Err(error) => Finding::failed("Slack: Socket Mode may not connect", &error),
    }
}

fn scopes(identity: &Identity) -> Vec<Finding> {
    let Some(granted) = &identity.scopes else {
        return vec![Finding::wrong("Slack: it does not say which scopes the bot token has. Try again in a while.")];
    };
    let missing = SLACK_SCOPES.iter().filter(|(scope, _)| !granted.contains(*scope));
    let missing: Vec<Finding> = missing
        .map(|(scope, why)| {
            Finding::wrong(format!(
                "Slack: the app lacks the scope {scope}, {why}. Add it at {APP_PAGE} under OAuth & Permissions, then install \
                 the app again."
            ))
        })
        .collect();
    if !missing.is_empty() {
        return missing;
    }
    vec![Finding::good(format!("Slack: the app has all {} scopes that it needs.", SLACK_SCOPES.len()))]
}

async fn channels(checkup: &Checkup, organisation: &Organisation, identity: &Identity) -> Vec<Finding> {
    let named = named_channels(organisation, Platform::Slack, &identity.workspace);
    let (all, mut wrong) = (named.len(), Vec::new());
    for (id, what) in named.into_iter().take(CHANNELS_MAX) {
        match checkup.channel(&id).await {
            Ok(channel) if channel.is_archived => wrong.push(Finding::wrong(format!(
                "Slack: #{}, {what}, is archived. Unarchive it, or name another in the organisation file.",
                channel.name
            ))),
            Ok(channel) if channel.is_private && !channel.is_member => wrong.push(Finding::wrong(format!(
                "Slack: Wardroom is not in #{}, {what}. Type /invite @wardroom there.",
                channel.name
            ))),
            Ok(_) => {}
            Err(error) if error.is(Cause::NoChannel) => wrong.push(Finding::wrong(format!(
                "Slack: the channel {id}, {what}, is not there, or is private and without Wardroom. Type /invite @wardroom \
                 there, or correct its id in the organisation file."
            ))),
            Err(error) => return vec![unlooked("channels", &error)],
        }
    }
    if wrong.is_empty() {
        wrong.push(Finding::good(format!("Slack: Wardroom can write in {}.", counted(all, CHANNELS_MAX, "channel"))));
    }
    wrong
}

async fn people(checkup: &Checkup, organisation: &Organisation, identity: &Identity) -> Vec<Finding> {
    let accounts = accounts(organisation, Platform::Slack, &identity.workspace);
    let (all, mut wrong) = (accounts.len(), Vec::new());
    for (id, person) in accounts.into_iter().take(ACCOUNTS_MAX) {
        let fault = match checkup.is_active(&id).await {
            Ok(true) => continue,
            Ok(false) => "is deactivated",
            Err(error) if error.is(Cause::NoAccount) => "does not exist",
            Err(error) => return vec![unlooked("people", &error)],
        };
        wrong.push(Finding::wrong(format!(
            "Slack: the account {id} of {} {fault}. Correct it in the organisation file, or say active = false.",
            person.name
        )));
    }
    if wrong.is_empty() {
        let counted = counted(all, ACCOUNTS_MAX, "account");
        wrong.push(Finding::good(format!("Slack: {counted} of the organisation file can be reached.")));
    }
    wrong
}

fn unlooked(what: &str, error: &SendError) -> Finding {
    Finding::failed(&format!("Slack: the {what} of the organisation file could not be looked up"), error)
}

/// "all 4 channels", "the first 40 of 80 channels".
pub(super) fn counted(all: usize, most: usize, noun: &str) -> String {
    match all {
        1 => format!("the one {noun}"),
        all if all <= most => format!("all {all} {noun}s"),
        all => format!("the first {most} of {all} {noun}s"),
    }
}

/// The channels that the organisation file names in a workspace, and what each is for.
pub(super) fn named_channels(
    organisation: &Organisation,
    platform: Platform,
    workspace: &str,
) -> BTreeMap<String, String> {
    let mut channels = BTreeMap::new();
    for found in organisation.workspaces.iter().filter(|w| w.platform == platform && w.id == workspace) {
        for (channel, what) in [
            (&found.log_channel, "where checkpoints of the decision log are kept"),
            (&found.changes_channel, "where changes are announced"),
            (&found.incidents_channel, "where incidents are announced"),
        ] {
            channels.extend(channel.clone().map(|channel| (channel, what.to_owned())));
        }
    }
    for audience in &organisation.audiences {
        let here =
            audience.places.iter().filter(|(place, _)| place.platform == platform && place.workspace == workspace);
        channels.extend(here.map(|(place, _)| (place.channel.clone(), format!("where {} are told", audience.name))));
    }
    channels
}

/// The accounts of active people in a workspace.
pub(super) fn accounts<'a>(
    organisation: &'a Organisation,
    platform: Platform,
    workspace: &str,
) -> BTreeMap<String, &'a Person> {
    let active = organisation.people.values().filter(|person| person.active);
    let accounts = active.flat_map(|person| person.accounts().map(move |account| (account, person)));
    accounts
        .filter(|(account, _)| account.platform == platform && account.workspace == workspace)
        .map(|(account, person)| (account.id.clone(), person))
        .collect()
}
