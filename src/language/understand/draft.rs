//! What is said of a step that looked like a change.

use super::Reader;
use crate::domain::{DraftAnswer, DraftCommand};
use crate::language::presses::DRAFT;

impl Reader<'_> {
    pub(super) fn draft(&mut self) -> Option<DraftCommand> {
        let word = self.call.get(DRAFT)?;
        let draft = match word.parse::<i32>() {
            Ok(draft) if draft >= 1 => Some(draft),
            _ => self.wanting(DRAFT, &format!("“{word}” is no draft: 1, 2, 3 …")),
        };
        let answer = match self.choice("as")?.as_str() {
            "part" => DraftAnswer::Part,
            _ => DraftAnswer::NoChange,
        };
        Some(DraftCommand { draft: draft?, answer })
    }
}
