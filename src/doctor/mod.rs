//! `wardroom doctor`: what is wrong with a deployment, in sentences, each with what to do about it.
//!
//! It looks at the live platforms, with the tokens that the bot itself would use, and changes nothing anywhere.

mod clocks;
mod database;
mod discord;
mod finding;
mod siem;
mod slack;

use std::io::Write;

pub use finding::Finding;

use crate::config::RunSettings;
use crate::render::Renderer;

/// Prints a line per finding and a summary; the process fails where anything is wrong.
pub async fn run(settings: &RunSettings) -> anyhow::Result<()> {
    let findings = examine(settings).await;
    let mut out = std::io::stdout();
    for finding in &findings {
        writeln!(out, "{finding}")?;
    }
    writeln!(out, "\n{}", summary(&findings))?;
    if findings.iter().any(|finding| finding.is_wrong) {
        std::process::exit(1);
    }
    Ok(())
}

/// Everything that was looked at, in the order in which it is set up.
pub async fn examine(settings: &RunSettings) -> Vec<Finding> {
    let (database, organisations) = database::examine(settings).await;
    let mut findings = vec![database, templates(settings)];
    findings.extend(slack::examine(settings, &organisations).await);
    findings.extend(discord::examine(settings, &organisations).await);
    findings.extend(siem::examine(settings).await);
    findings.extend(public_url(settings));
    findings.extend(nothing_to_serve(settings));
    findings
}

/// The last line.
pub fn summary(findings: &[Finding]) -> String {
    match findings.iter().filter(|finding| finding.is_wrong).count() {
        0 => "All is well: `wardroom run` can start.".to_owned(),
        1 => "One thing is wrong.".to_owned(),
        wrong => format!("{wrong} things are wrong."),
    }
}

fn templates(settings: &RunSettings) -> Finding {
    match Renderer::new(settings.templates.as_deref()) {
        Ok(_) => Finding::good("Every template can be read."),
        Err(error) => Finding::wrong(format!("Templates: {}.", finding::causes(&error))),
    }
}

/// Nothing where none is set: then only calendar programs miss it, and `/change cal feed:new` says so.
fn public_url(settings: &RunSettings) -> Option<Finding> {
    match settings.public_url() {
        Ok(url) => url.map(|url| Finding::good(format!("Calendar programs are told to ask {url}."))),
        Err(problem) => Some(Finding::wrong(format!("{problem}."))),
    }
}

fn nothing_to_serve(settings: &RunSettings) -> Option<Finding> {
    let slack = matches!(settings.slack.settings(), Ok(Some(_)));
    let served = slack || matches!(settings.discord.settings(), Ok(Some(_)));
    (!served).then(|| Finding::wrong("There is nothing to serve: neither Slack nor Discord has its tokens."))
}
