//! What witnesses have cosigned of a log, and whether they still hold to it.

use crate::app::App;
use crate::jobs::{Heard, Notary};
use crate::ledger::anchors::Anchors;
use crate::ledger::note::Checkpoint;
use crate::ledger::outside::Outside;
use crate::ledger::witness::Witness;
use crate::ledger::{Findings, Layer, LogName};

/// What asking them came to.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub findings: Findings,
    /// What to tell of it.
    pub lines: Vec<String>,
}

/// The newest that each has cosigned, as the folder has it, under every name of the log: the tree must agree with it.
pub(super) fn cosigned(
    anchors: &Anchors,
    log: &LogName,
    witnesses: &[Witness],
    signed: &Outside,
) -> anyhow::Result<Vec<Checkpoint>> {
    let mut cosigned = Vec::new();
    for name in log.with_epoch(anchors.newest_epoch(log)).and_before() {
        for witness in witnesses {
            cosigned.extend(anchors.cosigned(&name.to_string(), witness)?.map(|cosigned| cosigned.checkpoint));
        }
    }
    cosigned.retain(|checkpoint| signed.trust.counts(checkpoint) && !signed.holds.contains(checkpoint));
    Ok(cosigned)
}

/// Hands the newest checkpoint to each: one that has cosigned another tree says so.
pub(super) async fn ask(
    app: &App,
    anchors: Option<&Anchors>,
    tenant: i64,
    witnesses: &[Witness],
) -> anyhow::Result<Asked> {
    let mut asked = Asked::default();
    let Some(anchors) = anchors else { return Ok(asked) };
    let notary = Notary::new(app.clone(), Some(anchors.clone()));
    for witness in witnesses {
        let name = witness.name();
        asked.lines.extend(match notary.ask(tenant, witness).await? {
            Heard::Nothing => None,
            Heard::Cosigned(cosigned) => Some(format!("{name} cosigns {} entries", cosigned.checkpoint.size)),
            Heard::Unheard(why) => Some(format!("The witness {name} was not asked: {why}")),
            Heard::Disputes { size, ours } => {
                let seen = size.map(|size| format!(" of {size} entries")).unwrap_or_default();
                let what = format!(
                    "{name} has cosigned a tree{seen} that the newest checkpoint, of {ours}, does not continue"
                );
                let at = i32::try_from(size.unwrap_or(ours)).unwrap_or(i32::MAX);
                asked.findings.find(Layer::Outside, "TREE", at, what);
                None
            }
        });
    }
    Ok(asked)
}
