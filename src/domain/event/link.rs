//! What is said of a change and an incident: proposed, confirmed as so, or found not to be so.

use super::{Draft, Fact};
use crate::domain::link::LinkGuess;
use crate::domain::rules::{LinkFact, LinkKind, LinkOrigin, LinkState};
use crate::domain::{PersonId, Subject};

/// An entry on the incident's chain: the commander decides, and the change's own says how that change was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkEvent {
    pub change: i64,
    pub kind: LinkKind,
    pub origin: LinkOrigin,
    /// What the link is from now on.
    pub state: LinkState,
    /// What led to it; `None` where a person came upon it alone.
    pub guess: Option<LinkGuess>,
    /// Nobody decided it before the incident was over.
    pub unanswered: bool,
    /// Who carried the change out.
    pub implementer: PersonId,
    pub why: Option<String>,
}

impl LinkEvent {
    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        let draft = match self.state {
            LinkState::Proposed => Draft::new("link.proposed"),
            LinkState::Confirmed => Draft::new("link.confirmed"),
            LinkState::Rejected => Draft::new("link.rejected"),
        };
        draft
            .word("change", Subject::Change(self.change).to_string())
            .word("link", self.kind.as_str())
            .word("origin", self.origin.as_str())
            .maybe(self.guess.as_ref(), |draft, guess| guess.tell(draft))
            .fact("unanswered", Fact::Yes(self.unanswered))
            .fact("person", Fact::Person(self.implementer.clone()))
            .maybe(self.why.as_ref(), |draft, why| draft.text("why", why))
    }

    /// Whether the change counts as failed by it.
    pub fn blames(&self) -> bool {
        self.kind == LinkKind::Caused && self.state == LinkState::Confirmed
    }
}

impl LinkGuess {
    fn tell(&self, draft: Draft) -> Draft {
        let facts: Vec<String> = self.facts.iter().map(|fact| LinkFact::as_str(*fact).to_owned()).collect();
        draft.word("relation", self.relation.as_str()).int("confidence", self.confidence).words_if_any("facts", facts)
    }
}
