//! `wardroom log recover`: what does not fit, and how to go on from there.

use anyhow::{Context, bail};
use clap::Args;

use super::chat;
use crate::app::App;
use crate::cli::{connect, out};
use crate::clock;
use crate::config::{ChatSettings, DatabaseSettings, LedgerSettings};
use crate::domain::event::RecoveryCause;
use crate::jobs::{BackAgain, Declaration, Misfit, Notary};
use crate::ledger::recovery::Statement;

#[derive(Debug, Clone, Args)]
pub struct RecoverSettings {
    /// A backup was restored, and this says which: what is missing is declared lost
    #[arg(long, value_name = "WHICH", requires = "reason")]
    backup: Option<String>,
    /// Go on although nobody knows why the log does not fit
    #[arg(long, requires = "reason", conflicts_with = "backup")]
    accept_fork: bool,
    /// The key that signed the log is gone for good, or the whole folder: another one signs from now on
    #[arg(long, requires = "reason", conflicts_with_all = ["backup", "accept_fork"])]
    lost_key: bool,
    /// Why, for everybody who reads the log later; kept for good, so no personal data belongs here
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Who answers for it
    #[arg(long, value_name = "NAME", env = "USER", default_value = "an operator")]
    by: String,
    #[command(flatten)]
    ledger: LedgerSettings,
    #[command(flatten)]
    chat: ChatSettings,
    #[command(flatten)]
    database: DatabaseSettings,
}

pub(super) async fn recover(settings: RecoverSettings) -> anyhow::Result<()> {
    let app: App = connect(&settings.database).await?;
    let anchors = settings.ledger.anchors();
    let notary = Notary::new(
        app.clone(),
        Some(anchors.context("--ledger, the folder of the key and of signed checkpoints, is missing")?),
    );
    let joined = chat::join(&settings.chat).await;
    for tenant in app.store.tenants().await? {
        if declaration(&settings).is_some() {
            // What was committed under the old name becomes part of it.
            app.store.sequence(tenant).await?;
        }
        let kept = notary.read_chat(tenant, &joined.adapters).await?;
        let Some(misfit) = notary.misfit(tenant, &kept).await? else {
            let mut tx = app.store.begin(tenant).await?;
            let log = tx.tenant_row().await?.log();
            tx.rollback().await?;
            out(&format!("{log}: fits what was signed; there is nothing to recover"))?;
            // A recovery that was cut short after its statement.
            erase_again(&notary, tenant, declaration(&settings).is_some()).await?;
            continue;
        };
        explain(&misfit)?;
        if let Some(declaration) = declaration(&settings) {
            fits_cause(&misfit, declaration.cause)?;
            let statement = notary.recover(&misfit, &declaration).await?;
            out(&format!("It goes on as {}. {}.", statement.origin, told(&statement)))?;
            erase_again(&notary, tenant, true).await?;
            out("Give the statement and the new .vkey to whoever checks the log; then start the bot.")?;
        } else {
            erase_again(&notary, tenant, false).await?;
            how_to_go_on(&misfit)?;
        }
    }
    Ok(())
}

/// What was erased after the backup is there again: listed, and with a declaration erased again.
async fn erase_again(notary: &Notary, tenant: i64, is_declared: bool) -> anyhow::Result<()> {
    let again = notary.back_again(tenant).await?;
    if again.is_empty() {
        return Ok(());
    }
    out("What was erased, and is there again:")?;
    for one in &again {
        out(&format!("  {}", line(one)))?;
    }
    if !is_declared {
        return out("It is erased again with the recovery, each under an entry of its own.");
    }
    let left = notary.erase_again(tenant, &again).await?;
    out(&format!("Erased again: {} of {}.", again.len() - left.len(), again.len()))?;
    for one in &left {
        let how = match &one.erased.data.person {
            Some(_) => "two officers erase a person's row, as they did before: `/log erase person:KEY`",
            None => "a hold of the backup keeps it: `/log release` it, and run this command again",
        };
        out(&format!("  Left: {}: {how}", line(one)))?;
    }
    Ok(())
}

fn line(one: &BackAgain) -> String {
    let what = match &one.erased.data.person {
        Some(person) => format!("the row of {person}"),
        None => format!("{} names or texts of {}", one.digests.len(), one.erased.subject),
    };
    format!("{what}, erased as {} of {}", one.erased.entry(), one.erased.at)
}

/// A recovery in one sentence.
pub(super) fn told(statement: &Statement) -> String {
    let what = match statement.cause {
        RecoveryCause::Backup => "A backup was restored",
        RecoveryCause::Fork => "A fork was accepted",
        RecoveryCause::LostKey => "The key was lost, and the new one declares it alone",
    };
    let name = statement.backup.as_ref().map(|backup| format!(" ({backup})")).unwrap_or_default();
    format!(
        "{what}{name} on {}, declared by {}: {}. {} entries were signed, {} were there, {} of those signed are there \
         unchanged; the log goes on as {}",
        statement.at.format("%-d %b %Y %H:%M UTC"),
        statement.by,
        statement.reason,
        statement.signed.size,
        statement.there.size,
        statement.fits(),
        statement.origin,
    )
}

fn declaration(settings: &RecoverSettings) -> Option<Declaration> {
    let cause = match &settings.backup {
        Some(_) => RecoveryCause::Backup,
        None if settings.accept_fork => RecoveryCause::Fork,
        None if settings.lost_key => RecoveryCause::LostKey,
        None => return None,
    };
    let (reason, by, backup) = (settings.reason.clone()?, settings.by.clone(), settings.backup.clone());
    Some(Declaration { reason, by, cause, backup, at: clock::real() })
}

/// A lost key is declared where it is lost, and nowhere else: what it signed would count for less.
fn fits_cause(misfit: &Misfit, cause: RecoveryCause) -> anyhow::Result<()> {
    match (misfit.is_key_lost, cause == RecoveryCause::LostKey) {
        _ if misfit.is_begun() => Ok(()),
        (true, false) => bail!("the key that signs {} is gone: put the folder back, or say --lost-key", misfit.log),
        (false, true) => bail!("the key that signs {} is there: --lost-key is for one that is gone", misfit.log),
        (true, true) | (false, false) => Ok(()),
    }
}

fn explain(misfit: &Misfit) -> anyhow::Result<()> {
    let lost = misfit.signed.size.saturating_sub(misfit.fits());
    if misfit.is_key_lost {
        out(&format!("The key that signs {} is gone, or the whole folder.", misfit.log))?;
        return out(&format!(
            "  signed  {} entries, as {} has it\n  there   {} entries in the database",
            misfit.signed.size, misfit.found, misfit.there.size
        ));
    }
    out(&format!("{} does not fit what was signed of it.", misfit.log))?;
    out(&format!("  signed  {} entries, as {} has it", misfit.signed.size, misfit.found))?;
    out(&format!("  there   {} entries in the database", misfit.there.size))?;
    out(&format!(
        "  fits    {} of those signed are there unchanged; the other {lost} are not there, or are others now",
        misfit.fits()
    ))
}

fn how_to_go_on(misfit: &Misfit) -> anyhow::Result<()> {
    if misfit.is_begun() {
        out("A recovery was begun and did not end. The same command again ends it, as it was declared then.")?;
    }
    out("Nothing was changed, and no bot starts before this is settled. One of these, with every bot stopped:")?;
    if misfit.is_key_lost {
        out("  - Put the folder back from where it is kept, or say --ledger with the folder where it is now.")?;
        out(
            "  - Copies of its .vkey and .checkpoints may be elsewhere, with an auditor: put them into the folder first, and \
             what they prove is compared as before.",
        )?;
        out(&format!(
            "  - Lost for good: the log goes on as {}, with another key, and says so each time that it is verified:  \
             wardroom log recover --lost-key --reason \"why\"",
            misfit.next()
        ))?;
        bail!("the key that signs the log is gone");
    }
    out("  - The newest backup is not this one: restore the newest.")?;
    out("  - A backup was restored, lawfully:  wardroom log recover --backup \"which\" --reason \"why\"")?;
    out(&format!(
        "  - Nobody restored anything. Then somebody has changed the log: keep a copy of this database and of the folder, \
         and look into it. To go on all the same, as {}:  wardroom log recover --accept-fork --reason \"why\"",
        misfit.next()
    ))?;
    bail!("the log does not fit what was signed of it")
}
