use super::*;

fn allowed(role: Role, scope: Scope, action: Action, ties: &[Tie]) -> bool {
    authorize(&[HeldRole { role, scope }], action, ties).is_ok()
}

/// The cases hold who may; this holds that nothing else helps.
#[test]
fn no_role_reaches_elsewhere_and_no_tie_replaces_a_role() {
    for action in Action::ALL {
        let open = [Action::Whoami, Action::Help, Action::Link].contains(&action);
        let granting = action == Action::GrantRole;
        for role in Role::ALL {
            let elsewhere = open || action == Action::SeeRecord;
            let ties: Vec<Tie> = Tie::ALL.into_iter().filter(|tie| !granting || *tie != Tie::Oneself).collect();
            assert_eq!(allowed(role, Scope::Elsewhere, action, &ties), elsewhere, "{action}, {role}: elsewhere");
            if allowed(role, Scope::Tenant, action, &[]) {
                assert!(allowed(role, Scope::Own, action, &ties), "{action}, {role}: what holds everywhere holds here");
            }
        }
        assert_eq!(authorize(&[], action, &Tie::ALL).is_ok(), open, "{action}, without a role");
    }
}

#[test]
fn outside_the_columns_only_what_is_named_is_allowed() {
    assert!(allowed(Role::CommunicationLead, Scope::Tenant, Action::SendInternalUpdate, &[]));
    assert!(allowed(Role::Spokesperson, Scope::Tenant, Action::SendExternalMessage, &[]));
    assert!(allowed(Role::Executive, Scope::Tenant, Action::SeeRecord, &[]));
    assert!(allowed(Role::Privacy, Scope::Tenant, Action::EraseText, &[]));
    assert!(!allowed(Role::Privacy, Scope::Tenant, Action::HoldRecord, &[]));
    assert!(!allowed(Role::Executive, Scope::Tenant, Action::ResolveIncident, &Tie::ALL));
    assert!(authorize(&[], Action::SeeRecord, &Tie::ALL).is_err(), "without a role nothing is seen");
    assert!(authorize(&[], Action::Help, &[]).is_ok());
}

#[test]
fn nobody_grants_a_role_to_themselves() {
    let admin = [HeldRole { role: Role::TenantAdmin, scope: Scope::Tenant }];
    assert!(authorize(&admin, Action::GrantRole, &[]).is_ok());
    let denial = authorize(&admin, Action::GrantRole, &[Tie::Oneself]).expect_err("their own");
    assert_eq!(denial.sentence, "You cannot grant a role to yourself.");
    assert_eq!(denial.who_can, "The service owner (of what is theirs) or a tenant administrator can.");
}

#[test]
fn a_denial_says_who_can() {
    let denial = authorize(&[], Action::AssignRole, &[]).expect_err("no role");
    assert_eq!(denial.sentence, "You cannot assign this role.");
    assert_eq!(denial.who_can, "The incident commander or the service owner (of what is theirs) can.");
    let freeze = authorize(&[], Action::RaiseChange, &[]).expect_err("no role");
    assert_eq!(
        freeze.who_can,
        "A responder certified for it, the incident commander certified for it, a change requester, the service owner \
         (of what is theirs) or a change manager can."
    );
}

#[test]
fn an_account_without_a_person_may_declare_note_and_ask() {
    let open = [Action::Declare, Action::Note, Action::Whoami, Action::Help, Action::Link];
    for action in Action::ALL {
        assert_eq!(authorize_unlinked(Standing::Member, action).is_ok(), open.contains(&action), "{action}");
        for standing in [Standing::Guest, Standing::Bot] {
            assert!(authorize_unlinked(standing, action).is_err(), "{standing:?}: {action}");
        }
    }
}
