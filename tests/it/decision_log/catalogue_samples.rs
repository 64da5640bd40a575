//! Samples of what happens to an entry of the catalogue.

use wardroom::domain::CatalogueEvent;
use wardroom::domain::catalogue_mark::CatalogueStep;

use super::events::{at, somebody, text};

/// One of each, with everything that it may hold.
pub fn samples() -> Vec<CatalogueEvent> {
    let of = CatalogueStep { entry: "log-rotation".to_owned(), version: 1, owner: Some(somebody()) };
    vec![
        CatalogueEvent::Suspended { of: of.clone(), by_failures: false, why: Some(text("why")) },
        CatalogueEvent::Resumed { of: of.clone(), by_failures: true, why: text("why") },
        CatalogueEvent::Expiring { of: of.clone(), ends: at(18) },
        CatalogueEvent::Expired { of, until: at(18) },
    ]
}

/// Those that may hold less, with as little as they may hold.
pub fn sparse() -> Vec<CatalogueEvent> {
    let of = CatalogueStep { entry: "log-rotation".to_owned(), version: 1, owner: None };
    vec![
        CatalogueEvent::Suspended { of: of.clone(), by_failures: true, why: None },
        CatalogueEvent::Expired { of, until: at(18) },
    ]
}

pub fn kind_of(event: &CatalogueEvent) -> &'static str {
    match event {
        CatalogueEvent::Suspended { .. } => "catalogue.suspended",
        CatalogueEvent::Resumed { .. } => "catalogue.resumed",
        CatalogueEvent::Expiring { .. } => "catalogue.expiring",
        CatalogueEvent::Expired { .. } => "catalogue.expired",
    }
}
