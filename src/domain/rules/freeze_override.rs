//! Rule 4.12: who may let a change through a freeze, who stands in where that is the one who asks, and whose second yes
//! it takes.

use super::{FreezeKind, Role, Ruling};

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverrideAuthority {
    pub first: Role,
    /// Where the first is the one who asks, or is nobody.
    pub instead: Role,
    pub second: Option<Role>,
}

/// Whose yes it takes, person by person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deciders<P> {
    pub first: (Role, Vec<P>),
    pub second: Option<(Role, Vec<P>)>,
}

const RULE: &str = "4.12";

/// Whom a role falls to that nobody else can fill: somebody is always on duty.
const LAST: [Role; 2] = [Role::DutyManager, Role::Executive];

/// Rule 4.12: the authority by kind of freeze. `commander`: whether the freeze's incident has one.
pub fn override_authority(kind: FreezeKind, hard: bool, commander: bool) -> Ruling<OverrideAuthority> {
    let (first, instead, second) = match kind {
        _ if hard => (Role::Executive, Role::Executive, Some(Role::BusinessOwner)),
        FreezeKind::Major => (Role::Commander, Role::DecisionAuthority, None),
        FreezeKind::Stabilising if commander => (Role::Commander, Role::DecisionAuthority, Some(Role::ChangeManager)),
        FreezeKind::Stabilising => (Role::ServiceOwner, Role::DecisionAuthority, Some(Role::ChangeManager)),
        // The deputy is another change manager.
        FreezeKind::Business => (Role::ChangeManager, Role::ChangeManager, Some(Role::BusinessOwner)),
        // The duty manager holds the change authority of the shift.
        FreezeKind::Manual => (Role::ChangeManager, Role::DecisionAuthority, Some(Role::DutyManager)),
    };
    let also = second.map_or_else(String::new, |role| format!(", and {role} agrees"));
    let sentence = format!("Through {kind} {first} lets a change{also}.");
    Ruling::new(RULE, OverrideAuthority { first, instead, second }, sentence)
}

impl OverrideAuthority {
    /// Names the people. Whoever asked, or carries the change out, decides nothing (rule 4.15); the next one does then,
    /// and at last whoever is on duty.
    pub fn deciders<P: Clone + PartialEq>(&self, holders: impl Fn(Role) -> Vec<P>, barred: &[P]) -> Deciders<P> {
        let free = |role: Role, barred: &[P]| -> Vec<P> {
            holders(role).into_iter().filter(|person| !barred.contains(person)).collect()
        };
        let find = |chain: &[Role], barred: &[P]| -> (Role, Vec<P>) {
            let found = chain.iter().map(|role| (*role, free(*role, barred))).find(|(_, people)| !people.is_empty());
            found.unwrap_or_else(|| (chain[0], Vec::new()))
        };
        let first = find(&[&[self.first, self.instead], LAST.as_slice()].concat(), barred);
        let second = self.second.map(|role| {
            // Where one person alone could be the first, another is the second.
            let mut barred = barred.to_vec();
            if let [only] = first.1.as_slice() {
                barred.push(only.clone());
            }
            // Who owns the service stands for the business where nobody is named for it.
            find(&[&[role, Role::ServiceOwner], LAST.as_slice()].concat(), &barred)
        });
        Deciders { first, second }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_authority_table_holds() {
        use Role::{BusinessOwner, ChangeManager, Commander, DecisionAuthority, DutyManager, Executive, ServiceOwner};
        let rows = [
            (FreezeKind::Major, false, true, Commander, DecisionAuthority, None),
            (FreezeKind::Stabilising, false, true, Commander, DecisionAuthority, Some(ChangeManager)),
            (FreezeKind::Stabilising, false, false, ServiceOwner, DecisionAuthority, Some(ChangeManager)),
            (FreezeKind::Business, false, false, ChangeManager, ChangeManager, Some(BusinessOwner)),
            (FreezeKind::Manual, false, false, ChangeManager, DecisionAuthority, Some(DutyManager)),
            (FreezeKind::Business, true, false, Executive, Executive, Some(BusinessOwner)),
            (FreezeKind::Manual, true, false, Executive, Executive, Some(BusinessOwner)),
        ];
        for (kind, hard, commander, first, instead, second) in rows {
            let found = override_authority(kind, hard, commander).verdict;
            assert_eq!(found, OverrideAuthority { first, instead, second }, "{kind}, hard {hard}");
        }
    }

    fn holders(role: Role) -> Vec<&'static str> {
        match role {
            Role::Commander => vec!["ana"],
            Role::ChangeManager => vec!["ines", "ida"],
            Role::DutyManager => vec!["omar"],
            Role::ServiceOwner => vec!["mia"],
            Role::Executive => vec!["zoe"],
            _ => Vec::new(),
        }
    }

    fn deciders(kind: FreezeKind, hard: bool, barred: &[&'static str]) -> Deciders<&'static str> {
        override_authority(kind, hard, true).verdict.deciders(holders, barred)
    }

    #[test]
    fn whoever_asks_is_passed_over_for_the_next() {
        let first = |kind, barred: &[&'static str]| deciders(kind, false, barred).first;
        assert_eq!(first(FreezeKind::Major, &[]), (Role::Commander, vec!["ana"]));
        // Nobody is the decision authority here, so it falls to whoever is on duty.
        assert_eq!(first(FreezeKind::Major, &["ana"]), (Role::DutyManager, vec!["omar"]));
        assert_eq!(first(FreezeKind::Major, &["ana", "omar"]), (Role::Executive, vec!["zoe"]));
        assert_eq!(first(FreezeKind::Business, &["ines"]), (Role::ChangeManager, vec!["ida"]), "the deputy");
    }

    #[test]
    fn the_second_is_another_person_and_the_owner_stands_for_the_business() {
        let second = |kind, hard, barred: &[&'static str]| deciders(kind, hard, barred).second;
        assert_eq!(second(FreezeKind::Major, false, &[]), None);
        assert_eq!(second(FreezeKind::Stabilising, false, &[]), Some((Role::ChangeManager, vec!["ines", "ida"])));
        assert_eq!(second(FreezeKind::Business, false, &[]), Some((Role::ServiceOwner, vec!["mia"])));
        assert_eq!(second(FreezeKind::Business, true, &["mia"]), Some((Role::DutyManager, vec!["omar"])));
        let alone = override_authority(FreezeKind::Manual, false, false).verdict.deciders(
            |role| match role {
                Role::ChangeManager | Role::DutyManager => vec!["omar"],
                Role::Executive => vec!["zoe"],
                _ => Vec::new(),
            },
            &[],
        );
        assert_eq!(alone.first.1, ["omar"]);
        assert_eq!(alone.second, Some((Role::Executive, vec!["zoe"])), "nobody signs twice");
    }
}
