//! Rule 4.23, row "log show / export": who reads which part of the log, and how much of it.

use super::permissions::{Action, HeldRole, Scope, Tie, authorize};
use super::{Denial, Role};

/// What ties a reader to the record whose log it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a tie of its own, in any combination")]
pub struct LogTies {
    /// It is an incident, or a change for one.
    pub of_incident: bool,
    /// They asked for it, lead it, carry it out, or did something in it.
    pub own: bool,
    /// It is on a service that they own.
    pub owns_service: bool,
    /// They have a vote on it.
    pub votes: bool,
}

/// How much of an entry is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogReading {
    Full,
    /// Who, when and what kind; no facts, no texts.
    Metadata,
}

/// How far a reader sees, before single records are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogReach {
    Everything,
    /// Every incident and the changes for incidents, and what is their own besides.
    Incidents,
    /// What they are tied to.
    Ties,
}

/// Rule 4.23: may somebody with these roles read this part of the log? Everybody is at least a viewer.
pub fn read_log(roles: &[Role], ties: LogTies) -> Result<LogReading, Denial> {
    let held: Vec<HeldRole> = [Role::Viewer]
        .iter()
        .chain(roles)
        .map(|role| HeldRole { role: *role, scope: if reaches(*role, ties) { Scope::Own } else { Scope::Tenant } })
        .collect();
    let voting: &[Tie] = if ties.votes { &[Tie::Voting] } else { &[] };
    match authorize(&held, Action::ReadLog, voting) {
        Ok(()) => Ok(LogReading::Full),
        Err(denial) => {
            authorize(&held, Action::ReadLogMetadata, &[]).map(|()| LogReading::Metadata).map_err(|_| denial)
        }
    }
}

/// How far these roles see, and whether of all the rest they see who, when and what kind.
pub fn log_reach(roles: &[Role]) -> (LogReach, bool) {
    let any = read_log(roles, LogTies::default());
    let incidents = read_log(roles, LogTies { of_incident: true, ..LogTies::default() });
    let reach = match (&any, incidents) {
        (Ok(LogReading::Full), _) => LogReach::Everything,
        (_, Ok(LogReading::Full)) => LogReach::Incidents,
        (_, Ok(LogReading::Metadata) | Err(_)) => LogReach::Ties,
    };
    (reach, any == Ok(LogReading::Metadata))
}

/// Whether a role that reads "its own" finds this record to be so.
fn reaches(role: Role, ties: LogTies) -> bool {
    match role {
        Role::Responder | Role::Commander => ties.of_incident,
        Role::Viewer | Role::ChangeRequester => ties.own,
        Role::ServiceOwner => ties.owns_service,
        Role::Triager
        | Role::ChangeApprover
        | Role::Reviewer
        | Role::ChangeManager
        | Role::CabMember
        | Role::DutyManager
        | Role::Executive
        | Role::Security
        | Role::Privacy
        | Role::DataOwner
        | Role::BusinessOwner
        | Role::Compliance
        | Role::Auditor
        | Role::CommunicationLead
        | Role::Spokesperson
        | Role::DecisionAuthority
        | Role::TenantAdmin => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: LogTies = LogTies { of_incident: false, own: false, owns_service: false, votes: false };

    /// The row as it is printed, cell by cell: in which case each role reads all, (m) metadata, or nothing.
    #[test]
    fn the_row_of_the_table() {
        let cases = [
            NONE,
            LogTies { of_incident: true, ..NONE },
            LogTies { own: true, ..NONE },
            LogTies { owns_service: true, ..NONE },
            LogTies { votes: true, ..NONE },
        ];
        // (role, nothing ties them, an incident, their own, their service, their vote)
        for (role, expected) in [
            (Role::Viewer, "--y--"),
            (Role::Responder, "-yy--"),
            (Role::Commander, "-yy--"),
            (Role::ChangeRequester, "--y--"),
            (Role::ServiceOwner, "--yy-"),
            (Role::ChangeManager, "yyyyy"),
            (Role::CabMember, "--y-y"),
            (Role::Compliance, "yyyyy"),
            (Role::Auditor, "yyyyy"),
            (Role::TenantAdmin, "mmymm"),
            (Role::Executive, "--y--"),
        ] {
            let cells: String = cases
                .iter()
                .map(|ties| match read_log(&[role], *ties) {
                    Ok(LogReading::Full) => 'y',
                    Ok(LogReading::Metadata) => 'm',
                    Err(_) => '-',
                })
                .collect();
            assert_eq!(cells, expected, "{role}");
        }
    }

    #[test]
    fn a_refusal_says_who_can() {
        let denial = read_log(&[Role::Executive], NONE).expect_err("an executive is a viewer");
        assert_eq!(denial.rule, "4.23");
        assert!(denial.who_can.contains("an auditor"), "{}", denial.who_can);
    }

    #[test]
    fn roles_add_up() {
        assert_eq!(log_reach(&[Role::TenantAdmin]), (LogReach::Ties, true));
        assert_eq!(log_reach(&[Role::TenantAdmin, Role::Commander]), (LogReach::Incidents, true));
        assert_eq!(log_reach(&[Role::TenantAdmin, Role::Auditor]), (LogReach::Everything, false));
        assert_eq!(log_reach(&[Role::Responder]), (LogReach::Incidents, false));
        assert_eq!(log_reach(&[Role::CabMember]), (LogReach::Ties, false));
    }
}
