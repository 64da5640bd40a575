//! Discord: the token, the application, and in each server the bot's permissions, its commands and the people.

use super::finding::causes;
use super::slack::{accounts, counted, named_channels};
use super::{Finding, clocks};
use crate::clock::Clock;
use crate::config::RunSettings;
use crate::domain::{Organisation, Platform};
use crate::platform::discord::{ConnectError, DiscordAdapter, Permission, Scope, Server};
use crate::platform::{Cause, SendError};
use crate::registration;

/// So many accounts are looked up, to stay far from Discord's limits.
const ACCOUNTS_MAX: usize = 40;

const APP_PAGE: &str = "discord.com/developers";

pub async fn examine(settings: &RunSettings, organisations: &[Organisation]) -> Vec<Finding> {
    let settings = match settings.discord.settings() {
        Ok(Some(settings)) => settings,
        Ok(None) => return vec![Finding::good("Discord is not served: DISCORD_TOKEN is not set.")],
        Err(sentence) => return vec![Finding::wrong(format!("Discord: {sentence}."))],
    };
    let by_requests = settings.public_key.is_some();
    match DiscordAdapter::connect(settings).await {
        Ok(discord) => look(&discord, by_requests, organisations).await,
        Err(ConnectError::Send(error)) => vec![Finding::failed("Discord: the bot cannot log in", &error)],
        Err(error) => vec![Finding::wrong(format!("Discord: {}.", causes(&error)))],
    }
}

async fn look(discord: &DiscordAdapter, by_requests: bool, organisations: &[Organisation]) -> Vec<Finding> {
    let mut findings = vec![Finding::good(format!("Discord: the token is that of {}.", discord.name()))];
    match discord.application().await {
        Ok(application) => {
            findings.extend(clocks::compare(Platform::Discord, Clock::default().now(), application.date));
            findings.push(match discord.obstacle() {
                Some(obstacle) => Finding::wrong(format!("{obstacle}. It is under General Information at {APP_PAGE}.")),
                None if by_requests => Finding::good("Discord: interactions come as signed requests."),
                None => Finding::good("Discord: interactions come over the gateway, which needs no privileged intent."),
            });
        }
        Err(error) => findings.push(Finding::failed("Discord: the application could not be looked up", &error)),
    }
    let mut servers = 0;
    for organisation in organisations {
        for workspace in organisation.workspaces.iter().filter(|w| w.platform == Platform::Discord) {
            servers += 1;
            findings.extend(server(discord, organisation, &workspace.id).await);
        }
    }
    if servers == 0 {
        let line =
            "Discord: the organisation file names no server. Add one under [[workspace]] and run `wardroom org apply`.";
        findings.push(Finding::wrong(line));
    }
    findings
}

async fn server(discord: &DiscordAdapter, organisation: &Organisation, id: &str) -> Vec<Finding> {
    let server = match discord.server(id).await {
        Ok(server) => server,
        Err(error) if error.is(Cause::Absent) || error.is(Cause::Right) => {
            return vec![Finding::wrong(format!(
                "Discord: the bot is not in the server {id}. An administrator of the server can invite it: {}",
                discord.invitation()
            ))];
        }
        Err(error) => {
            return vec![Finding::failed(&format!("Discord: the server {id} could not be looked up"), &error)];
        }
    };
    let mut findings = permissions(&server, organisation, id);
    findings.push(commands(discord, &server, id).await);
    findings.extend(people(discord, organisation, id).await);
    findings
}

fn permissions(server: &Server, organisation: &Organisation, id: &str) -> Vec<Finding> {
    let name = &server.name;
    let lacking = server.lacks();
    let mut findings: Vec<Finding> = lacking
        .iter()
        .map(|permission| {
            Finding::wrong(format!(
                "Discord: the bot lacks “{}” in {name}, {}. Give it under Server Settings, Roles.",
                permission.name, permission.why
            ))
        })
        .collect();
    let channels = named_channels(organisation, Platform::Discord, id);
    for (channel, what) in &channels {
        let Some((channel_name, lacking_here)) = server.lacks_in(channel) else {
            findings.push(Finding::wrong(format!(
                "Discord: the channel {channel}, {what}, is not in {name}. Correct its id in the organisation file."
            )));
            continue;
        };
        // What is missing everywhere was said once.
        let here: Vec<&Permission> = lacking_here.into_iter().filter(|missing| !lacking.contains(missing)).collect();
        if !here.is_empty() {
            let names: Vec<String> = here.iter().map(|permission| format!("“{}”", permission.name)).collect();
            findings.push(Finding::wrong(format!(
                "Discord: the bot lacks {} in #{channel_name}, {what}. Give it under Edit Channel, Permissions.",
                names.join(" and ")
            )));
        }
    }
    if findings.is_empty() {
        let counted = counted(channels.len(), usize::MAX, "channel");
        findings.push(Finding::good(format!(
            "Discord: the bot has every permission that it needs in {name} and in {counted}."
        )));
    }
    findings
}

async fn commands(discord: &DiscordAdapter, server: &Server, id: &str) -> Finding {
    let specs = registration::discord_commands();
    match discord.is_registered(&Scope::Guild(id.to_owned()), &specs).await {
        Ok(true) => Finding::good(format!("Discord: the {} commands are registered in {}.", specs.len(), server.name)),
        Ok(false) => Finding::wrong(format!(
            "Discord: the commands in {} are missing or from another version. Start `wardroom run`: it registers them.",
            server.name
        )),
        Err(error) => Finding::wrong(format!("Discord: the commands could not be looked up: {}.", causes(&error))),
    }
}

async fn people(discord: &DiscordAdapter, organisation: &Organisation, id: &str) -> Vec<Finding> {
    let accounts = accounts(organisation, Platform::Discord, id);
    let (all, mut wrong) = (accounts.len(), Vec::new());
    for (account, person) in accounts.into_iter().take(ACCOUNTS_MAX) {
        match discord.is_member(id, &account).await {
            Ok(true) => {}
            Ok(false) => wrong.push(Finding::wrong(format!(
                "Discord: the account {account} of {} is not in the server. Invite it, or correct it in the organisation file.",
                person.name
            ))),
            Err(error) => return vec![unlooked(&error)],
        }
    }
    if wrong.is_empty() {
        let counted = counted(all, ACCOUNTS_MAX, "account");
        wrong.push(Finding::good(format!("Discord: {counted} of the organisation file can be reached.")));
    }
    wrong
}

fn unlooked(error: &SendError) -> Finding {
    Finding::failed("Discord: the people of the organisation file could not be looked up", error)
}
