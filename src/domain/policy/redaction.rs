//! What a redacted copy leaves out beyond what it always does.

use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedactionPolicy {
    /// Regular expressions, in any casing: what customers are known by here.
    #[serde(default)]
    pub customer_ids: Vec<String>,
}
