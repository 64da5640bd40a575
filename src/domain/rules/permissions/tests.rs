use super::*;

const COLUMNS: [Role; 10] = [
    Role::Viewer,
    Role::Responder,
    Role::Commander,
    Role::ChangeRequester,
    Role::ServiceOwner,
    Role::ChangeManager,
    Role::CabMember,
    Role::Compliance,
    Role::Auditor,
    Role::TenantAdmin,
];

/// `y` always, `o` own, `g` grant, `c` certified, `i` implementer, `h` chair, `v` voting, `s` signatory, `n` never.
const ROWS: [(Action, &str); 36] = [
    (Action::SeeRecord, "yyyyyyyyyy"),
    (Action::SeeRestricted, "ggogogvyyg"),
    (Action::Declare, "nyyyyynnnn"),
    (Action::Note, "nyyyyynnnn"),
    (Action::RaisePriority, "nyynyynnnn"),
    (Action::AssignRole, "nnynonnnnn"),
    (Action::TakeRole, "nyynonnnnn"),
    (Action::ResolveIncident, "nnynonnnnn"),
    (Action::SendInternalUpdate, "nnynonnnnn"),
    (Action::SendChangeNotice, "nnynoynnnn"),
    (Action::SendExternalMessage, "nnnnnnnnnn"),
    (Action::RaiseEmergencyChange, "nyyyyynnnn"),
    (Action::RaiseChange, "nccyoynnnn"),
    (Action::RunChange, "nininnnnnn"),
    (Action::HaltChange, "niyiyynnnn"),
    (Action::Freeze, "nnonnynnnn"),
    (Action::AgreeToFreeze, "nnnnyynnnn"),
    (Action::RunMeeting, "nnnnnyhnnn"),
    (Action::ProposePolicy, "nyyyyynyny"),
    (Action::SignPolicy, "nnnnsysynn"),
    (Action::ApproveLowException, "nnnnynnnnn"),
    (Action::ApproveMediumException, "nnnnnynnnn"),
    (Action::ApproveHighException, "nnnnnnnynn"),
    (Action::ReadLog, "oooooyvyyn"),
    (Action::ReadLogMetadata, "nnnnnynyyy"),
    (Action::GrantRole, "nnnnonnnny"),
    (Action::StartAccessReview, "nnnnnnnyny"),
    (Action::AttestAccess, "nnnnynnynn"),
    (Action::SignAccessReview, "nnnnnnnynn"),
    (Action::SeeAccessReview, "nnnnnnnyyy"),
    (Action::ChangeIntegrations, "nnnnnnnnny"),
    (Action::ChangeTemplates, "nnnnoynnny"),
    (Action::RunDrill, "nnynoynnny"),
    (Action::JoinDrill, "nyyyoyynny"),
    (Action::ObserveDrill, "nnnnnnnyyn"),
    (Action::ReadOtherTenant, "nnnnnnnnyn"),
];

fn allowed(role: Role, scope: Scope, action: Action, ties: &[Tie]) -> bool {
    authorize(&[HeldRole { role, scope }], action, ties).is_ok()
}

#[test]
fn every_cell_of_the_permission_table_holds() {
    for (action, cells) in ROWS {
        for (role, cell) in COLUMNS.into_iter().zip(cells.chars()) {
            let name = format!("{action}, {role}");
            let tie = match cell {
                'g' => Some(Tie::Granted),
                'c' => Some(Tie::Certified),
                'i' => Some(Tie::Implementer),
                'h' => Some(Tie::Chair),
                'v' => Some(Tie::Voting),
                's' => Some(Tie::Signatory),
                _ => None,
            };
            assert_eq!(allowed(role, Scope::Tenant, action, &[]), cell == 'y', "{name}: everywhere");
            assert_eq!(allowed(role, Scope::Own, action, &[]), "yo".contains(cell), "{name}: here");
            let elsewhere = action == Action::SeeRecord;
            assert_eq!(allowed(role, Scope::Elsewhere, action, &Tie::ALL), elsewhere, "{name}: elsewhere");
            for given in Tie::ALL {
                let to_oneself = action == Action::GrantRole && given == Tie::Oneself;
                let expected = (cell == 'y' && !to_oneself) || tie == Some(given);
                assert_eq!(allowed(role, Scope::Tenant, action, &[given]), expected, "{name}: {given}");
            }
        }
    }
    let rest: Vec<Action> = Action::ALL.into_iter().filter(|action| ROWS.iter().all(|row| row.0 != *action)).collect();
    assert_eq!(rest, [Action::Whoami, Action::Help, Action::Link], "every action has its row");
}

#[test]
fn outside_the_columns_only_what_is_named_is_allowed() {
    assert!(allowed(Role::CommunicationLead, Scope::Tenant, Action::SendInternalUpdate, &[]));
    assert!(allowed(Role::Spokesperson, Scope::Tenant, Action::SendExternalMessage, &[]));
    assert!(allowed(Role::Executive, Scope::Tenant, Action::SeeRecord, &[]));
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
