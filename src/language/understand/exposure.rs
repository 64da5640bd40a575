//! What is said of a data exposure.

use super::Reader;
use crate::domain::ExposureMark;
use crate::domain::rules::Exposure;

impl Reader<'_> {
    pub(super) fn exposure(&mut self) -> Option<ExposureMark> {
        let to = Exposure::parse(&self.choice("to")?)?;
        Some(ExposureMark { to, list: self.category(), why: self.text("why")? })
    }
}
