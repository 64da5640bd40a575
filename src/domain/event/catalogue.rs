//! What happens to an entry of the catalogue by somebody's word, or by time.

use chrono::{DateTime, Utc};

use super::change::small;
use super::{Draft, Fact};
use crate::domain::catalogue_mark::{CatalogueMark, CatalogueStep};
use crate::domain::rules::CatalogueState;

/// On the policy's chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CatalogueEvent {
    /// `by_failures`: by rule 4.41, because of how its uses went.
    Suspended { of: CatalogueStep, by_failures: bool, why: Option<String> },
    /// `by_failures`: in spite of how its uses went, which count anew.
    Resumed { of: CatalogueStep, by_failures: bool, why: String },
    /// It has to be looked at again by then.
    Expiring { of: CatalogueStep, ends: DateTime<Utc> },
    /// It may be used until then, unless it is looked at again.
    Expired { of: CatalogueStep, until: DateTime<Utc> },
}

impl CatalogueEvent {
    pub fn step(&self) -> &CatalogueStep {
        match self {
            CatalogueEvent::Suspended { of, .. }
            | CatalogueEvent::Resumed { of, .. }
            | CatalogueEvent::Expiring { of, .. }
            | CatalogueEvent::Expired { of, .. } => of,
        }
    }

    /// What it leaves on the entry.
    pub fn mark(&self, at: DateTime<Utc>) -> CatalogueMark {
        let (state, by_failures) = match self {
            CatalogueEvent::Suspended { by_failures, .. } => (CatalogueState::Suspended, *by_failures),
            CatalogueEvent::Resumed { by_failures, .. } => (CatalogueState::Resumed, *by_failures),
            CatalogueEvent::Expiring { .. } => (CatalogueState::Expiring, false),
            CatalogueEvent::Expired { .. } => (CatalogueState::Expired, false),
        };
        CatalogueMark { state, by_failures, at }
    }

    /// The log's form of this event.
    pub fn draft(&self) -> Draft {
        let of = |draft: Draft, of: &CatalogueStep| {
            draft
                .word("entry", &of.entry)
                .int("entry_version", small(of.version))
                .word("rule", "4.41")
                .maybe(of.owner.clone(), |draft, owner| draft.fact("owner", Fact::Person(owner)))
        };
        match self {
            CatalogueEvent::Suspended { of: step, by_failures, why } => of(Draft::new("catalogue.suspended"), step)
                .fact("by_failures", Fact::Yes(*by_failures))
                .maybe(why.as_ref(), |draft, why| draft.text("why", why)),
            CatalogueEvent::Resumed { of: step, by_failures, why } => {
                of(Draft::new("catalogue.resumed"), step).fact("by_failures", Fact::Yes(*by_failures)).text("why", why)
            }
            CatalogueEvent::Expiring { of: step, ends } => {
                of(Draft::new("catalogue.expiring"), step).fact("ends", Fact::At(*ends))
            }
            CatalogueEvent::Expired { of: step, until } => {
                of(Draft::new("catalogue.expired"), step).fact("until", Fact::At(*until))
            }
        }
    }
}
