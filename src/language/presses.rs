//! Buttons: what a click means. An id names an action and its subject, never state or authority: both are looked up
//! when it is clicked.

mod buttons;
mod entry_key;

pub use buttons::PressAction;
pub use entry_key::EntryKey;

use super::call::Call;
use super::catalogue;
use crate::domain::Subject;

/// What names a draft in a call.
pub const DRAFT: &str = "draft";

impl PressAction {
    /// Whether it is about a draft of its incident, whose number stands where others have their revision.
    fn is_on_draft(self) -> bool {
        matches!(self, PressAction::CompleteDraft | PressAction::PartOf | PressAction::NotAChange)
    }

    /// Whether it may be about an entry of the catalogue, whose key stands where others have their revision.
    fn is_on_entry(self) -> bool {
        matches!(self, PressAction::SuspendEntry | PressAction::ResumeEntry | PressAction::ReviseEntry)
    }
}

/// One button on one record, as it was when the button was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Press {
    pub action: PressAction,
    pub subject: Subject,
    /// The revision that the clicker was looking at; a later one is not what they agreed to. Of a draft, its number.
    pub revision: Option<i32>,
    /// The change that is meant, where the button of another record is about one.
    pub change: Option<i64>,
    /// The entry of the catalogue that is meant.
    pub entry: Option<EntryKey>,
}

impl Press {
    /// A button on a record, as it was at this revision where it has any.
    pub fn on(action: PressAction, subject: Subject, revision: Option<i32>) -> Press {
        Press { action, subject, revision, change: None, entry: None }
    }

    /// A button on a record, about a change.
    pub fn about(action: PressAction, subject: Subject, change: i64) -> Press {
        Press { action, subject, revision: None, change: Some(change), entry: None }
    }

    /// A button about an entry of the catalogue, which is a part of the policy.
    pub fn of_entry(action: PressAction, entry: EntryKey) -> Press {
        Press { action, subject: Subject::Policy, revision: None, change: None, entry: Some(entry) }
    }

    pub fn id(&self) -> String {
        let revision = self.revision.map(|revision| format!(".{revision}")).unwrap_or_default();
        let change = self.change.map(|change| format!(".{}", Subject::Change(change))).unwrap_or_default();
        let entry = self.entry.map(|entry| format!(".{}", entry.as_str())).unwrap_or_default();
        format!("b1.{}.{}{revision}{change}{entry}", self.action.word(), self.subject)
    }

    pub fn parse(id: &str) -> Option<Press> {
        let mut parts = id.split('.');
        (parts.next()? == "b1").then_some(())?;
        let word = parts.next()?;
        let action = PressAction::ALL.iter().copied().find(|action| action.word() == word)?;
        let press = Press::on(action, Subject::parse(parts.next()?)?, None);
        let press = match parts.next() {
            Some(last) => match Subject::parse(last) {
                Some(Subject::Change(change)) => Press { change: Some(change), ..press },
                Some(_) => return None,
                None if press.action.is_on_entry() && EntryKey::parse(last).is_some() => {
                    Press { entry: EntryKey::parse(last), ..press }
                }
                None => Press { revision: Some(last.parse().ok()?), ..press },
            },
            None => press,
        };
        parts.next().is_none().then_some(press)
    }

    /// The call that this click makes.
    pub fn call(&self) -> Call {
        let verb = catalogue::verb(self.action.verb());
        // Whoever takes a risk upon them types what they take.
        if self.action == PressAction::AcceptRisk {
            return Call::new(verb);
        }
        if let Some(entry) = &self.entry {
            return Call::new(verb).with("entry", entry.as_str());
        }
        let call = Call::new(verb).with(verb.about().map_or("about", |arg| arg.name), &self.subject.to_string());
        let call = match self.revision.filter(|_| self.action.is_on_draft()) {
            Some(draft) => call.with(DRAFT, &draft.to_string()),
            None => call,
        };
        let call = match self.change {
            Some(change) => call.with("change", &Subject::Change(change).to_string()),
            None => call,
        };
        match self.action.says() {
            Some((key, word)) => call.with(key, word),
            None => call,
        }
    }
}

#[cfg(test)]
mod tests;
