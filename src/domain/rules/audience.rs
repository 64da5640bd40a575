//! Rule 4.20, the audiences: who may read what. Settled by this table, not by whoever writes the update.

words! {
    /// Who reads.
    AudienceKind {
        Technical = "technical", "technical";
        Managerial = "managerial", "managers";
        Executive = "executive", "executives";
        Customer = "customer", "customers";
        Regulator = "regulator", "regulators";
        Vendor = "vendor", "vendors";
    }
}

words! {
    /// What there is to read.
    Field {
        State = "state", "state, affected service and start time";
        BusinessImpact = "business_impact", "business impact and users";
        NextUpdate = "next_update", "next update time and estimate";
        TechnicalDetail = "technical_detail", "host names, commands and alerts";
        CauseHypothesis = "cause_hypothesis", "cause hypothesis";
        LinkedChanges = "linked_changes", "linked changes and approvers";
        PeopleNames = "people_names", "people's names";
        /// Vendor, cost and claim data.
        Commercial = "commercial", "vendor, cost and claim data";
        RestrictedExistence = "restricted_existence", "that a restricted incident exists";
    }
}

words! {
    /// How far an audience sees a field.
    Visibility {
        Yes = "yes", "shown";
        No = "no", "hidden";
        PublicName = "public_name", "shown under the public name";
        OwnPart = "own_part", "only their part";
        General = "general", "in general words";
        OnRequest = "on_request", "on request";
        /// Not under a forensic hold, unless cleared.
        UnlessHeld = "unless_held", "not under a forensic hold, unless cleared";
        SummaryAfterHold = "summary_after_hold", "a summary, after the hold";
        AfterHold = "after_hold", "after the hold";
        AfterHoldAndLegalOk = "after_hold_and_legal_ok", "after the hold and with legal's OK";
        AsLegalDecides = "as_legal_decides", "as legal decides";
        CountAndRisk = "count_and_risk", "how many, and how risky";
        CountOnly = "count_only", "how many";
        RolesOnly = "roles_only", "roles instead of names";
        CommanderOnly = "commander_only", "the commander only";
        SpokespersonOnly = "spokesperson_only", "the spokesperson only";
        PrivacyOfficerOnly = "privacy_officer_only", "the privacy officer only";
        ContactOnly = "contact_only", "the contact only";
        LeadOnly = "lead_only", "the technical lead only";
        GrantedOnly = "granted_only", "those with a grant only";
    }
}

/// Rule 4.20: how far this audience sees this field.
pub fn visibility(field: Field, audience: AudienceKind) -> Visibility {
    use Visibility::{
        AfterHold, AfterHoldAndLegalOk, AsLegalDecides, CommanderOnly, ContactOnly, CountAndRisk, CountOnly, General,
        GrantedOnly, LeadOnly, No, OnRequest, OwnPart, PrivacyOfficerOnly, PublicName, RolesOnly, SpokespersonOnly,
        SummaryAfterHold, UnlessHeld, Yes,
    };
    // Technical, managerial, executive, customer, regulator, vendor.
    let row = match field {
        Field::State => [Yes, Yes, Yes, PublicName, Yes, OwnPart],
        Field::BusinessImpact => [Yes, Yes, Yes, General, Yes, No],
        Field::NextUpdate => [Yes; 6],
        Field::TechnicalDetail => [Yes, No, No, No, OnRequest, OwnPart],
        Field::CauseHypothesis => [UnlessHeld, SummaryAfterHold, AfterHold, AfterHoldAndLegalOk, AsLegalDecides, No],
        Field::LinkedChanges => [Yes, CountAndRisk, CountOnly, No, AsLegalDecides, No],
        Field::PeopleNames => [RolesOnly, RolesOnly, CommanderOnly, SpokespersonOnly, PrivacyOfficerOnly, ContactOnly],
        Field::Commercial => [LeadOnly, Yes, Yes, No, No, OwnPart],
        Field::RestrictedExistence => [GrantedOnly, GrantedOnly, CountOnly, No, AsLegalDecides, No],
    };
    row[audience as usize]
}

/// What is known of the reader and the record at the moment of writing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Viewing {
    /// A forensic hold is on the record.
    pub hold: bool,
    /// The reader holds what the table asks for: a clearance, a grant, the lead, or legal's decision.
    pub cleared: bool,
    /// The text has legal's OK.
    pub legal_ok: bool,
}

/// What may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    Full,
    /// Only this much of it.
    Reduced(Visibility),
    Hidden,
}

/// Rule 4.20: what may be written to this audience now. What is not certain is hidden.
pub fn shown(field: Field, audience: AudienceKind, viewing: Viewing) -> Shown {
    let when = |holds: bool, shown: Shown| if holds { shown } else { Shown::Hidden };
    let found = visibility(field, audience);
    match found {
        Visibility::Yes => Shown::Full,
        Visibility::No => Shown::Hidden,
        Visibility::UnlessHeld => when(!viewing.hold || viewing.cleared, Shown::Full),
        Visibility::SummaryAfterHold => when(!viewing.hold, Shown::Reduced(found)),
        Visibility::AfterHold => when(!viewing.hold, Shown::Full),
        Visibility::AfterHoldAndLegalOk => when(!viewing.hold && viewing.legal_ok, Shown::Full),
        Visibility::AsLegalDecides => when(viewing.legal_ok, Shown::Full),
        Visibility::OnRequest | Visibility::LeadOnly | Visibility::GrantedOnly => when(viewing.cleared, Shown::Full),
        Visibility::PublicName
        | Visibility::OwnPart
        | Visibility::General
        | Visibility::CountAndRisk
        | Visibility::CountOnly
        | Visibility::RolesOnly
        | Visibility::CommanderOnly
        | Visibility::SpokespersonOnly
        | Visibility::PrivacyOfficerOnly
        | Visibility::ContactOnly => Shown::Reduced(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_of_the_audience_table_is_as_printed() {
        let rows = [
            (Field::State, "yes yes yes public_name yes own_part"),
            (Field::BusinessImpact, "yes yes yes general yes no"),
            (Field::NextUpdate, "yes yes yes yes yes yes"),
            (Field::TechnicalDetail, "yes no no no on_request own_part"),
            (
                Field::CauseHypothesis,
                "unless_held summary_after_hold after_hold after_hold_and_legal_ok as_legal_decides no",
            ),
            (Field::LinkedChanges, "yes count_and_risk count_only no as_legal_decides no"),
            (
                Field::PeopleNames,
                "roles_only roles_only commander_only spokesperson_only privacy_officer_only contact_only",
            ),
            (Field::Commercial, "lead_only yes yes no no own_part"),
            (Field::RestrictedExistence, "granted_only granted_only count_only no as_legal_decides no"),
        ];
        for (field, expected) in rows {
            let row: Vec<&str> = AudienceKind::ALL.iter().map(|kind| visibility(field, *kind).as_str()).collect();
            assert_eq!(row.join(" "), expected, "{field}");
        }
        assert_eq!(rows.map(|(field, _)| field), Field::ALL, "every field has its row");
    }

    #[test]
    fn under_a_forensic_hold_the_cause_is_for_the_cleared_only() {
        let held = Viewing { hold: true, ..Viewing::default() };
        for kind in AudienceKind::ALL {
            assert_eq!(shown(Field::CauseHypothesis, kind, held), Shown::Hidden, "{kind}");
        }
        let cleared = Viewing { cleared: true, ..held };
        assert_eq!(shown(Field::CauseHypothesis, AudienceKind::Technical, cleared), Shown::Full);
        let free = Viewing::default();
        assert_eq!(shown(Field::CauseHypothesis, AudienceKind::Technical, free), Shown::Full);
        assert_eq!(shown(Field::CauseHypothesis, AudienceKind::Customer, free), Shown::Hidden);
        let legal = Viewing { legal_ok: true, ..free };
        assert_eq!(shown(Field::CauseHypothesis, AudienceKind::Customer, legal), Shown::Full);
        assert_eq!(shown(Field::CauseHypothesis, AudienceKind::Regulator, free), Shown::Hidden);
    }

    #[test]
    fn what_needs_a_grant_is_hidden_without_one() {
        let nobody = Viewing::default();
        assert_eq!(shown(Field::RestrictedExistence, AudienceKind::Technical, nobody), Shown::Hidden);
        assert_eq!(shown(Field::Commercial, AudienceKind::Technical, nobody), Shown::Hidden);
        let count = Shown::Reduced(Visibility::CountOnly);
        assert_eq!(shown(Field::RestrictedExistence, AudienceKind::Executive, nobody), count);
        assert_eq!(shown(Field::State, AudienceKind::Customer, nobody), Shown::Reduced(Visibility::PublicName));
    }
}
