//! What is said in a dispute: of a conflict, to a notice, of a claim, and to or by the decision authority.

use super::{Reader, VerbId};
use crate::domain::rules::RulingVerdict;
use crate::domain::{ClaimCommand, ConflictCommand, NoticeCommand, RulingCommand};

impl Reader<'_> {
    /// What settles a conflict needs a reason.
    pub(super) fn settling(&mut self) -> Option<ConflictCommand> {
        let why = self.text("why")?;
        Some(match self.verb.id {
            VerbId::ChangeYield => ConflictCommand::Yield { why },
            _ => ConflictCommand::Coexist { why },
        })
    }

    /// What is said to the notice of a change. An objection needs a reason.
    pub(super) fn answering(&mut self) -> Option<NoticeCommand> {
        let why = self.text("why");
        match self.verb.id {
            VerbId::ChangeAck => Some(NoticeCommand::Acknowledge),
            VerbId::ChangeObject => why.map(|why| NoticeCommand::Object { why }),
            _ => Some(NoticeCommand::TakeBack { why }),
        }
    }

    /// The notice of an unplanned change goes out: as it is, or in other words, which a form asks for.
    pub(super) fn sending(&mut self) -> Option<NoticeCommand> {
        let text = self.text("text");
        match self.choice("do").as_deref() {
            Some("edit") => text.map(|text| NoticeCommand::Send { text: Some(text) }),
            _ => Some(NoticeCommand::Send { text }),
        }
    }

    /// What is asked or said of a claim. To confirm an exploit is the only word that needs no reason.
    pub(super) fn claim(&mut self) -> Option<ClaimCommand> {
        let (verdict, why) = (self.choice("verdict")?, self.text("why"));
        match (self.verb.id, verdict.as_str()) {
            (VerbId::CabExploit, "confirm") => Some(ClaimCommand::ConfirmExploit),
            (VerbId::CabExploit, _) => why.map(|why| ClaimCommand::DenyExploit { why }),
            (_, "ask") => why.map(|why| ClaimCommand::AskClearance { why }),
            (_, "allow") => why.map(|why| ClaimCommand::Clear { why }),
            _ => why.map(|why| ClaimCommand::RefuseClearance { why }),
        }
    }

    /// Without a reason there is no ruling: a form asks for it.
    pub(super) fn ruling(&mut self) -> Option<RulingCommand> {
        let why = self.text("why");
        if self.verb.id == VerbId::CabEscalate {
            return why.map(|why| RulingCommand::Escalate { why });
        }
        let verdict = self.choice("verdict").and_then(|word| RulingVerdict::parse(&word))?;
        let appoint = match self.call.get("appoint") {
            Some(word) => Some(self.person("appoint", word)?),
            None => None,
        };
        Some(RulingCommand::Rule { verdict, why: why?, conditions: self.text("conditions"), appoint })
    }
}
