//! Changes that are asked for together.

use serde::Deserialize;

use super::super::rules::BatchStop;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BatchPolicy {
    /// What a failure stops, where the request does not say.
    pub stop: BatchStop,
}

impl Default for BatchPolicy {
    fn default() -> BatchPolicy {
        BatchPolicy { stop: BatchStop::All }
    }
}
