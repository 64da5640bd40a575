//! What is said of a data exposure.

use super::Reader;
use crate::domain::ExposureMark;
use crate::domain::rules::Exposure;

impl Reader<'_> {
    pub(super) fn exposure(&mut self) -> Option<ExposureMark> {
        let to = Exposure::parse(&self.choice("to")?)?;
        let list = match self.call.get("category") {
            Some(_) => Some(self.category()?),
            None => None,
        };
        Some(ExposureMark { to, list, why: self.text("why")? })
    }
}
