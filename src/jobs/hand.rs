//! Hands a part of the log to whoever asked for it, by direct message.

use super::{JobError, Jobs};
use crate::domain::{Account, Place, Subject};
use crate::platform::{Attachment, Outbound, SendError, Sending};
use crate::render::{Block, Inline, Message};
use crate::store::ExportPart;

impl Jobs {
    /// Repeated, it finds what an earlier attempt has sent.
    pub(super) async fn hand(
        &self,
        tenant: i64,
        account: &Account,
        place: &Place,
        key: &str,
        part: &ExportPart,
    ) -> Result<(), JobError> {
        let Some(adapter) = self.adapters.of(account.platform) else { return Ok(()) };
        let bundle = self.app.bundle(tenant, part).await?;
        // The key tells this export from an earlier one of the same record.
        let name = format!("{}-{key}.tar", bundle.name);
        let entries = bundle.entries;
        let file = Attachment { name, content: bundle.tar(self.app.clock.now()) };
        let what = part.of.map_or_else(|| "The whole log".to_owned(), |of: Subject| format!("The log of {of}"));
        let sentence = format!("{what}, {entries} entries. README.txt in it says how to check it.");
        match adapter.hand(account, &file, &told(&sentence), &Sending::new(key, true)).await {
            // Direct messages are closed, or a scope is missing: what was asked for is not sent a day later.
            Err(error @ SendError::Refused { .. }) if error.dead_token().is_none() => {
                tracing::warn!(%error, "an export of the log could not be handed over");
                let why = error.meaning().map(|meaning| format!(" {}. {}", meaning.because, meaning.remedy));
                let sentence = format!("The export could not be sent to you:{}", why.unwrap_or_default());
                match adapter.whisper(account, place, &told(&sentence), key).await {
                    Ok(()) | Err(SendError::Refused { .. }) => Ok(()),
                    Err(error) => Err(error.into()),
                }
            }
            handed => Ok(handed?),
        }
    }
}

fn told(sentence: &str) -> Message {
    let text = vec![Inline::Plain { text: sentence.to_owned() }];
    Message { blocks: vec![Block::Paragraph { text }], ..Message::default() }
}
