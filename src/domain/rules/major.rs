//! Rule 4.5, the authority: who may declare a major incident, and who may stand it down.

use super::ruling::{capitalised, listed};
use super::{Denial, Role};

const RULE: &str = "4.5";

/// Who declares at once, for any service or for their own; everybody else proposes.
pub const DECLARES_MAJOR: &[Role] = &[Role::Commander, Role::DutyManager, Role::ServiceOwner, Role::Executive];

/// Rule 4.5: may somebody with these roles on the incident declare it a major one? Owning a service counts for its own;
/// the leads of security and privacy may where data is exposed.
pub fn may_declare_major(roles: &[Role], exposure: bool) -> Result<(), Denial> {
    let exposed = |role: &Role| exposure && matches!(role, Role::Security | Role::Privacy);
    if roles.iter().any(|role| DECLARES_MAJOR.contains(role) || exposed(role)) {
        return Ok(());
    }
    Err(Denial::new(RULE, "You can propose a major incident, not declare it.", who_can(DECLARES_MAJOR)))
}

/// Rule 4.5: may they stand it down? A commander their own incident, the duty manager any.
pub fn may_stand_down(commands_it: bool, roles: &[Role]) -> Result<(), Denial> {
    if commands_it || roles.contains(&Role::DutyManager) {
        return Ok(());
    }
    let who = who_can(&[Role::Commander, Role::DutyManager]);
    Err(Denial::new(RULE, "You cannot stand this major incident down.", who))
}

fn who_can(roles: &[Role]) -> String {
    let who: Vec<&str> = roles.iter().map(|role| role.phrase()).collect();
    format!("{} can.", capitalised(&listed(&who, "or")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_authority_to_declare_holds() {
        for role in Role::ALL {
            let declares = matches!(role, Role::Commander | Role::DutyManager | Role::ServiceOwner | Role::Executive);
            assert_eq!(may_declare_major(&[role], false).is_ok(), declares, "{role}");
            let exposed = declares || matches!(role, Role::Security | Role::Privacy);
            assert_eq!(may_declare_major(&[role], true).is_ok(), exposed, "{role}, data exposed");
        }
        let denial = may_declare_major(&[Role::Responder], false).expect_err("a responder proposes");
        assert_eq!(denial.who_can, "The incident commander, the duty manager, the service owner or an executive can.");
    }

    #[test]
    fn a_commander_stands_their_own_incident_down_and_the_duty_manager_any() {
        assert!(may_stand_down(true, &[]).is_ok());
        assert!(may_stand_down(false, &[Role::DutyManager]).is_ok());
        for role in Role::ALL.into_iter().filter(|role| *role != Role::DutyManager) {
            assert!(may_stand_down(false, &[role]).is_err(), "{role}");
        }
    }
}
