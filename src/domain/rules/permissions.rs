//! Rule 4.23: who may do what. Whatever is not listed is denied.

mod table;

use super::ruling::{capitalised, listed};
use super::{Denial, Role};
use crate::domain::Standing;

words! {
    /// What somebody wants to do.
    Action {
        SeeRecord = "see_record", "see this record";
        SeeRestricted = "see_restricted", "see this restricted record";
        Declare = "declare", "declare an incident";
        Note = "note", "add a note";
        RaisePriority = "raise_priority", "raise the priority";
        AssignRole = "assign_role", "assign this role";
        /// Assign a role to oneself.
        TakeRole = "take_role", "take this role";
        ResolveIncident = "resolve_incident", "resolve or close this incident";
        LinkChange = "link_change", "link a change to this incident";
        /// Whether a change is what broke it.
        DecideCause = "decide_cause", "decide what caused this incident";
        SendInternalUpdate = "send_internal_update", "send this update";
        SendChangeNotice = "send_change_notice", "send this change notice";
        SendExternalMessage = "send_external_message", "send a message outside the house";
        RaiseEmergencyChange = "raise_emergency_change", "ask for an emergency change";
        RaiseChange = "raise_change", "ask for a change";
        /// Start, done, roll back.
        RunChange = "run_change", "run this change";
        HaltChange = "halt_change", "halt this change";
        Freeze = "freeze", "set or lift this freeze";
        AgreeToFreeze = "agree_to_freeze", "agree to this freeze";
        RunMeeting = "run_meeting", "open this meeting or set its agenda";
        ProposePolicy = "propose_policy", "propose a policy";
        SignPolicy = "sign_policy", "sign this policy";
        ApproveLowException = "approve_low_exception", "approve an exception of the low class";
        ApproveMediumException = "approve_medium_exception", "approve an exception of the medium class";
        ApproveHighException = "approve_high_exception", "approve an exception of the high class";
        ReadLog = "read_log", "read or export this log";
        ReadLogMetadata = "read_log_metadata", "read the log's metadata";
        /// The report of what was done without the regular approval, or outside of what was approved.
        SeeBypasses = "see_bypasses", "see reports on changes and incidents";
        GrantRole = "grant_role", "grant this role";
        StartAccessReview = "start_access_review", "start an access review";
        AttestAccess = "attest_access", "attest this access";
        SignAccessReview = "sign_access_review", "sign this access review";
        SeeAccessReview = "see_access_review", "see this access review";
        ChangeIntegrations = "change_integrations", "change integrations or forms";
        ChangeTemplates = "change_templates", "change these templates";
        RunDrill = "run_drill", "run this drill";
        JoinDrill = "join_drill", "take part in this drill";
        ObserveDrill = "observe_drill", "observe this drill";
        ReadOtherTenant = "read_other_tenant", "read another tenant's records";
        EraseText = "erase_text", "have names or texts erased";
        HoldRecord = "hold_record", "put this record on hold or release it";
        SettleRetention = "settle_retention", "settle how long texts are kept";
        Whoami = "whoami", "ask who you are here";
        Help = "help", "ask for help";
        /// Have an account linked to oneself, and unlink it.
        Link = "link", "link an account";
    }
}

words! {
    /// How far a grant reaches, seen from the record in question.
    Scope {
        /// The whole tenant.
        Tenant = "tenant", "everywhere";
        /// This record: its incident, its change, its service, its team, the caller's own records.
        Own = "own", "here";
        /// Another service, team or incident of the tenant.
        Elsewhere = "elsewhere", "elsewhere";
    }
}

/// A role that the caller holds, and how far it reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldRole {
    pub role: Role,
    pub scope: Scope,
}

words! {
    /// What ties the caller to the record, besides roles.
    Tie {
        Granted = "granted", "with a grant";
        Certified = "certified", "certified for it";
        Implementer = "implementer", "who carries it out";
        Chair = "chair", "in the chair";
        Voting = "voting", "where they vote";
        Signatory = "signatory", "listed to sign";
        /// The role would be the caller's own: nobody grants one to themselves.
        Oneself = "oneself", "for themselves";
    }
}

/// What a row asks for besides the role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Always,
    /// The role reaches this record, not only the tenant in general.
    Own,
    Tied(Tie),
}

type Row = (Role, When);

const RULE: &str = "4.23";

/// Rule 4.23: may somebody with these roles and ties do this?
pub fn authorize(held: &[HeldRole], action: Action, ties: &[Tie]) -> Result<(), Denial> {
    if action == Action::GrantRole && ties.contains(&Tie::Oneself) {
        return Err(Denial::new(RULE, "You cannot grant a role to yourself.", who_can(action)));
    }
    let allowed = match action {
        Action::Whoami | Action::Help | Action::Link => true,
        // Open and internal records are for everybody of the tenant, wherever their role reaches.
        Action::SeeRecord => !held.is_empty(),
        other => rows(other).iter().any(|(role, when)| {
            held.iter().any(|held| {
                held.role == *role
                    && match (held.scope, when) {
                        (Scope::Elsewhere, _) | (Scope::Tenant, When::Own) => false,
                        (Scope::Own, When::Own) | (Scope::Tenant | Scope::Own, When::Always) => true,
                        (Scope::Tenant | Scope::Own, When::Tied(tie)) => ties.contains(tie),
                    }
            })
        }),
    };
    if allowed { Ok(()) } else { Err(Denial::new(RULE, format!("You cannot {action}."), who_can(action))) }
}

/// Rule 4.23 for an account that is not linked to a person: it may declare, note, ask who it is and for help, and be
/// linked.
pub fn authorize_unlinked(standing: Standing, action: Action) -> Result<(), Denial> {
    let open = [Action::Declare, Action::Note, Action::Whoami, Action::Help, Action::Link];
    match standing {
        Standing::Member if open.contains(&action) => Ok(()),
        Standing::Member => Err(Denial::new(
            RULE,
            format!("I don't know who you are yet, so you cannot {action}."),
            "`/admin link` shows how to link this account to you; then try again.",
        )),
        Standing::Guest => Err(Denial::new(
            RULE,
            "Guests of a shared channel cannot use commands here.",
            "A member of this workspace can do it for you.",
        )),
        Standing::Bot => {
            Err(Denial::new(RULE, "Other bots and webhooks cannot use commands.", "A person of this workspace can."))
        }
    }
}

/// "A responder, the incident commander or the service owner (of what is theirs) can."
fn who_can(action: Action) -> String {
    let who: Vec<String> = rows(action)
        .iter()
        .map(|(role, when)| match when {
            When::Always => role.phrase().to_owned(),
            When::Own => format!("{role} (of what is theirs)"),
            When::Tied(tie) => format!("{role} {tie}"),
        })
        .collect();
    if who.is_empty() { "Nobody can.".to_owned() } else { format!("{} can.", capitalised(&listed(&who, "or"))) }
}

/// The rows of the table: who besides nobody.
fn rows(action: Action) -> &'static [Row] {
    match action {
        // Open to everybody, and decided before the rows are read.
        Action::SeeRecord | Action::Whoami | Action::Help | Action::Link => &[],
        Action::SeeRestricted => table::SEE_RESTRICTED,
        Action::Declare | Action::Note | Action::LinkChange | Action::RaiseEmergencyChange => table::RESPOND,
        Action::RaisePriority => table::RAISE_PRIORITY,
        Action::AssignRole | Action::ResolveIncident | Action::DecideCause => table::LEAD_INCIDENT,
        Action::TakeRole => table::TAKE_ROLE,
        Action::SendInternalUpdate => table::SEND_INTERNAL_UPDATE,
        Action::SendChangeNotice => table::SEND_CHANGE_NOTICE,
        Action::SendExternalMessage => table::SEND_EXTERNAL_MESSAGE,
        Action::RaiseChange => table::RAISE_CHANGE,
        Action::RunChange => table::RUN_CHANGE,
        Action::HaltChange => table::HALT_CHANGE,
        Action::Freeze => table::FREEZE,
        Action::AgreeToFreeze => table::AGREE_TO_FREEZE,
        Action::RunMeeting => table::RUN_MEETING,
        Action::ProposePolicy => table::PROPOSE_POLICY,
        Action::SignPolicy => table::SIGN_POLICY,
        Action::ApproveLowException => table::APPROVE_LOW_EXCEPTION,
        Action::ApproveMediumException => table::APPROVE_MEDIUM_EXCEPTION,
        Action::ApproveHighException | Action::SignAccessReview | Action::HoldRecord | Action::SettleRetention => {
            table::COMPLIANCE_ONLY
        }
        Action::EraseText => table::ERASE_TEXT,
        Action::ReadLog => table::READ_LOG,
        Action::ReadLogMetadata => table::READ_LOG_METADATA,
        Action::SeeBypasses => table::SEE_BYPASSES,
        Action::GrantRole => table::GRANT_ROLE,
        Action::StartAccessReview => table::START_ACCESS_REVIEW,
        Action::AttestAccess => table::ATTEST_ACCESS,
        Action::SeeAccessReview => table::SEE_ACCESS_REVIEW,
        Action::ChangeIntegrations => table::CHANGE_INTEGRATIONS,
        Action::ChangeTemplates => table::CHANGE_TEMPLATES,
        Action::RunDrill => table::RUN_DRILL,
        Action::JoinDrill => table::JOIN_DRILL,
        Action::ObserveDrill => table::OBSERVE_DRILL,
        Action::ReadOtherTenant => table::READ_OTHER_TENANT,
    }
}

#[cfg(test)]
mod tests;
