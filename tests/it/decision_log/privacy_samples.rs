//! Samples of what is erased, held and kept.

use wardroom::domain::PersonId;
use wardroom::domain::event::{PayloadErased, PrivacyEvent};
use wardroom::domain::privacy::ErasureOf;

use super::events::{somebody, text};

/// One of each.
pub fn samples() -> Vec<PrivacyEvent> {
    let (asked_by, approved_by) = (somebody(), PersonId("p_another".to_owned()));
    let profile = "0a1b2c".to_owned();
    vec![
        PrivacyEvent::ErasureRequested { of: ErasureOf::Entry(3), basis: text("basis") },
        PrivacyEvent::ErasureDeclined { asked: 4, asked_by: asked_by.clone() },
        PrivacyEvent::ErasureApproved { asked: 4, asked_by: asked_by.clone() },
        PrivacyEvent::PayloadErased(Box::new(PayloadErased {
            digests: vec!["47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".to_owned()],
            entry: Some(3),
            asked: Some(4),
            asked_by: Some(asked_by.clone()),
            approved_by: Some(approved_by.clone()),
            class: Some("incident"),
            basis: Some(text("basis")),
        })),
        PrivacyEvent::PersonErased { person: somebody(), asked: 4, asked_by, approved_by },
        PrivacyEvent::HoldPlaced { why: text("why") },
        PrivacyEvent::HoldReleased { placed: 3, why: text("why") },
        PrivacyEvent::RetentionPreviewed { profile: profile.clone(), records: 12 },
        PrivacyEvent::RetentionConfirmed { profile },
    ]
}
