//! Witnesses: each new checkpoint is handed to them, and what they cosign is kept in the folder. A witness that cannot be
//! asked holds nobody up for longer than a few seconds at the start; one that saw something else keeps the bot from starting.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use reqwest::{Client, redirect};
use tokio::time::Instant;

use super::{Notary, NotaryError, on_disk};
use crate::ledger::LogName;
use crate::ledger::anchors::{Anchors, Signed};
use crate::ledger::witness::{Answer, Cosigned, Witness, request};

/// How soon a new checkpoint is handed in.
const PAUSE: Duration = Duration::from_secs(5);
/// And how soon again where a witness could not be asked.
const PAUSE_AFTER_TROUBLE: Duration = Duration::from_mins(5);
/// A witness that takes longer is asked later.
const PATIENCE: Duration = Duration::from_secs(10);
/// The start waits no longer than this for all of them, who are asked at once.
const PATIENCE_AT_START: Duration = Duration::from_secs(5);
/// A handful of signature lines, or a number.
const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// What we know of a witness, or of the folder, may be old: others sign and ask as well.
const TRIES: usize = 4;

const NO_ANSWER: &str = "no answer in time";

/// What came of asking a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Nothing was signed yet.
    Nothing,
    Cosigned(Cosigned),
    /// It cosigned a tree, of this size where it says so, that the newest checkpoint does not continue.
    Disputes {
        size: Option<u64>,
        ours: u64,
    },
    /// It could not be asked, and why.
    Unheard(String),
}

impl Notary {
    /// Has what it signs cosigned by these.
    #[must_use]
    pub fn with_witnesses(self, witnesses: Vec<Witness>) -> Notary {
        Notary { witnesses: Arc::new(witnesses), ..self }
    }

    /// Whether every log continues what each witness has seen of it.
    pub async fn check_witnesses(&self) -> Result<(), NotaryError> {
        let tenants = self.app.store.tenants().await?;
        let all = tenants.iter().flat_map(|tenant| self.witnesses.iter().map(move |witness| (*tenant, witness)));
        let asked = all.map(|(tenant, witness)| async move {
            let heard = tokio::time::timeout(PATIENCE_AT_START, self.ask(tenant, witness)).await;
            (tenant, witness, heard.unwrap_or_else(|_| Ok(Heard::Unheard(NO_ANSWER.to_owned()))))
        });
        for (tenant, witness, heard) in join_all(asked).await {
            match heard? {
                Heard::Disputes { size, ours } => {
                    let log = self.name(tenant).await?.to_string();
                    let found = format!("found by the witness {}", witness.name());
                    return Err(NotaryError::Fork { log, found, signed: size.unwrap_or(ours), there: ours });
                }
                Heard::Unheard(why) => unheard(witness, &why),
                Heard::Nothing | Heard::Cosigned(_) => {}
            }
        }
        Ok(())
    }

    /// Hands in what is new, for as long as it is let.
    pub(super) async fn have_cosigned(&self) {
        let mut rests: BTreeMap<(i64, String), Instant> = BTreeMap::new();
        while !self.witnesses.is_empty() && self.anchors.is_some() {
            tokio::time::sleep(PAUSE).await;
            for tenant in self.app.store.tenants().await.unwrap_or_default() {
                for witness in self.witnesses.iter() {
                    let key = (tenant, witness.name().to_owned());
                    if rests.get(&key).is_some_and(|until| Instant::now() < *until) {
                        continue;
                    }
                    if !self.ask_for_new(tenant, witness).await {
                        rests.insert(key, Instant::now() + PAUSE_AFTER_TROUBLE);
                    }
                }
            }
        }
        std::future::pending::<()>().await;
    }

    /// Whether that went well.
    async fn ask_for_new(&self, tenant: i64, witness: &Witness) -> bool {
        let asked = async {
            match self.newest_and_cosigned(tenant, witness).await? {
                (_, Some(newest), Some(kept)) if kept.checkpoint == newest.checkpoint => Ok(Heard::Nothing),
                _ => self.ask(tenant, witness).await,
            }
        };
        match asked.await {
            Ok(Heard::Nothing | Heard::Cosigned(_)) => true,
            Ok(Heard::Unheard(why)) => {
                unheard(witness, &why);
                false
            }
            Ok(Heard::Disputes { size, ours }) => {
                metrics::counter!("wardroom_witness_disputes_total").increment(1);
                tracing::error!(
                    witness = witness.name(),
                    size,
                    ours,
                    "a witness has cosigned a log that ours does not continue: `wardroom log verify` says more"
                );
                false
            }
            Err(error) => {
                unheard(witness, &error.to_string());
                false
            }
        }
    }

    /// Asks a witness to cosign the newest checkpoint, whether it has or not: it says at least that it still holds to it.
    pub async fn ask(&self, tenant: i64, witness: &Witness) -> Result<Heard, NotaryError> {
        let mut old = None;
        let mut has = 0;
        for _ in 0..TRIES {
            let (name, newest, kept) = self.newest_and_cosigned(tenant, witness).await?;
            let Some(newest) = newest else { return Ok(Heard::Nothing) };
            let size = newest.checkpoint.size;
            let from = old.unwrap_or_else(|| kept.map_or(0, |kept| kept.checkpoint.size));
            has = from;
            if from > size {
                // Another bot may have signed more; where nobody has, what the witness saw is gone.
                old = None;
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            }
            let asked = self.hand_in(tenant, witness, from, &newest).await?;
            match asked {
                Answer::Cosigned(cosigned) => {
                    if let Err(error) = self.keep(&name, witness, &cosigned).await {
                        // An auditor may read the folder only.
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            "what a witness cosigned was not kept"
                        );
                    }
                    return Ok(Heard::Cosigned(cosigned));
                }
                Answer::Has(of) => {
                    has = of;
                    old = Some(of);
                }
                Answer::Disputes => {
                    return Ok(Heard::Disputes { size: Some(from).filter(|from| *from > 0), ours: size });
                }
                Answer::Refuses(why) => return Ok(Heard::Unheard(why)),
            }
        }
        let (_, newest, _) = self.newest_and_cosigned(tenant, witness).await?;
        let ours = newest.map_or(0, |newest| newest.checkpoint.size);
        if has > ours {
            return Ok(Heard::Disputes { size: Some(has), ours });
        }
        Ok(Heard::Unheard("others hand in checkpoints all the time".to_owned()))
    }

    async fn hand_in(&self, tenant: i64, witness: &Witness, old: u64, newest: &Signed) -> Result<Answer, NotaryError> {
        let size = newest.checkpoint.size;
        let proof = if old == 0 || old == size {
            Vec::new()
        } else {
            let mut tx = self.app.store.begin(tenant).await?;
            let proof = tx.prove_consistency(old, size).await?;
            tx.rollback().await?;
            proof
        };
        let address = witness.address();
        let answered = tokio::time::timeout(PATIENCE, post(&address, request(old, &proof, newest)));
        Ok(match answered.await {
            Ok(Ok((status, body))) => witness.answer((status, &body), old, newest),
            Ok(Err(error)) => Answer::Refuses(error.without_url().to_string()),
            Err(_) => Answer::Refuses(NO_ANSWER.to_owned()),
        })
    }

    /// The log's name, the newest of what was signed, and of what this witness has cosigned.
    async fn newest_and_cosigned(
        &self,
        tenant: i64,
        witness: &Witness,
    ) -> Result<(LogName, Option<Signed>, Option<Cosigned>), NotaryError> {
        let (anchors, name, witness) = (self.anchors()?, self.name(tenant).await?, witness.clone());
        Ok(on_disk(move || {
            let newest = anchors.newest_signed(&name.to_string())?;
            // What of it cannot be read is worth as much as nothing: the witness says what it has.
            let kept = anchors.cosigned(&name.to_string(), &witness).ok().flatten();
            Ok((name, newest, kept))
        })
        .await?)
    }

    async fn keep(&self, name: &LogName, witness: &Witness, cosigned: &Cosigned) -> Result<(), NotaryError> {
        let (anchors, log): (Arc<Anchors>, String) = (self.anchors()?, name.to_string());
        let (witness, cosigned) = (witness.clone(), cosigned.clone());
        on_disk(move || anchors.keep_cosigned(&log, &witness, &cosigned)).await?;
        metrics::counter!("wardroom_checkpoints_cosigned_total").increment(1);
        Ok(())
    }
}

fn unheard(witness: &Witness, why: &str) {
    tracing::warn!(witness = witness.name(), "a witness has not cosigned the newest checkpoint: {why}");
}

/// No redirect is followed: who is asked is who was configured.
async fn post(address: &str, body: String) -> Result<(u16, String), reqwest::Error> {
    let client = Client::builder().redirect(redirect::Policy::none()).build()?;
    let mut response = client.post(address).body(body).send().await?;
    let (status, mut answer) = (response.status().as_u16(), Vec::new());
    while let Some(chunk) = response.chunk().await? {
        answer.extend_from_slice(&chunk);
        if answer.len() > ANSWER_BYTES_MAX {
            break;
        }
    }
    Ok((status, String::from_utf8_lossy(&answer).into_owned()))
}
