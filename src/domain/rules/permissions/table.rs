//! The rows of rule 4.23 as they are printed: who may, and under which condition.

use super::When::{Always, Own, Tied};
use super::{Row, Tie, When};
use crate::domain::rules::Role::{
    Auditor, BusinessOwner, CabMember, ChangeManager, ChangeRequester, Commander, CommunicationLead, Compliance,
    Privacy, Responder, ServiceOwner, Spokesperson, TenantAdmin, Viewer,
};

const GRANTED: When = Tied(Tie::Granted);
const CERTIFIED: When = Tied(Tie::Certified);
const IMPLEMENTER: When = Tied(Tie::Implementer);
const SIGNATORY: When = Tied(Tie::Signatory);
const VOTING: When = Tied(Tie::Voting);

pub(super) const SEE_RESTRICTED: &[Row] = &[
    (Viewer, GRANTED),
    (Responder, GRANTED),
    (Commander, Own),
    (ChangeRequester, GRANTED),
    (ServiceOwner, Own),
    (ChangeManager, GRANTED),
    (CabMember, VOTING),
    (Compliance, Always),
    (Auditor, Always),
    (TenantAdmin, GRANTED),
];
pub(super) const RESPOND: &[Row] = &[
    (Responder, Always),
    (Commander, Always),
    (ChangeRequester, Always),
    (ServiceOwner, Always),
    (ChangeManager, Always),
];
pub(super) const RAISE_PRIORITY: &[Row] =
    &[(Responder, Always), (Commander, Always), (ServiceOwner, Always), (ChangeManager, Always)];
pub(super) const LEAD_INCIDENT: &[Row] = &[(Commander, Always), (ServiceOwner, Own)];
pub(super) const TAKE_ROLE: &[Row] = &[(Responder, Always), (Commander, Always), (ServiceOwner, Own)];
pub(super) const SEND_INTERNAL_UPDATE: &[Row] =
    &[(Commander, Always), (CommunicationLead, Always), (ServiceOwner, Own)];
pub(super) const SEND_CHANGE_NOTICE: &[Row] =
    &[(Commander, Always), (CommunicationLead, Always), (ServiceOwner, Own), (ChangeManager, Always)];
pub(super) const SEND_EXTERNAL_MESSAGE: &[Row] = &[(Spokesperson, Always)];
pub(super) const RAISE_CHANGE: &[Row] = &[
    (Responder, CERTIFIED),
    (Commander, CERTIFIED),
    (ChangeRequester, Always),
    (ServiceOwner, Own),
    (ChangeManager, Always),
];
pub(super) const RUN_CHANGE: &[Row] = &[(Responder, IMPLEMENTER), (ChangeRequester, IMPLEMENTER)];
pub(super) const HALT_CHANGE: &[Row] = &[
    (Responder, IMPLEMENTER),
    (ChangeRequester, IMPLEMENTER),
    (Commander, Always),
    (ServiceOwner, Always),
    (ChangeManager, Always),
];
pub(super) const FREEZE: &[Row] = &[(Commander, Own), (ChangeManager, Always)];
/// The business owner of a service, or its owner where nobody is named; nobody in their place.
pub(super) const AGREE_TO_FREEZE: &[Row] = &[(ServiceOwner, Always), (BusinessOwner, Always)];
pub(super) const RUN_MEETING: &[Row] = &[(ChangeManager, Always), (CabMember, Tied(Tie::Chair))];
pub(super) const PROPOSE_POLICY: &[Row] = &[
    (Responder, Always),
    (Commander, Always),
    (ChangeRequester, Always),
    (ServiceOwner, Always),
    (ChangeManager, Always),
    (Compliance, Always),
    (TenantAdmin, Always),
];
pub(super) const SIGN_POLICY: &[Row] =
    &[(ServiceOwner, SIGNATORY), (CabMember, SIGNATORY), (ChangeManager, Always), (Compliance, Always)];
pub(super) const APPROVE_LOW_EXCEPTION: &[Row] = &[(ServiceOwner, Always)];
pub(super) const APPROVE_MEDIUM_EXCEPTION: &[Row] = &[(ChangeManager, Always)];
pub(super) const COMPLIANCE_ONLY: &[Row] = &[(Compliance, Always)];
pub(super) const ERASE_TEXT: &[Row] = &[(Compliance, Always), (Privacy, Always)];
pub(super) const READ_LOG: &[Row] = &[
    (Viewer, Own),
    (Responder, Own),
    (Commander, Own),
    (ChangeRequester, Own),
    (ServiceOwner, Own),
    (ChangeManager, Always),
    (CabMember, VOTING),
    (Compliance, Always),
    (Auditor, Always),
];
pub(super) const READ_LOG_METADATA: &[Row] =
    &[(ChangeManager, Always), (Compliance, Always), (Auditor, Always), (TenantAdmin, Always)];
/// Who reads every log, or who, when and what kind of each; and the owners of the services concerned.
pub(super) const SEE_BYPASSES: &[Row] =
    &[(ServiceOwner, Own), (ChangeManager, Always), (Compliance, Always), (Auditor, Always), (TenantAdmin, Always)];
pub(super) const GRANT_ROLE: &[Row] = &[(ServiceOwner, Own), (TenantAdmin, Always)];
pub(super) const START_ACCESS_REVIEW: &[Row] = &[(Compliance, Always), (TenantAdmin, Always)];
pub(super) const ATTEST_ACCESS: &[Row] = &[(ServiceOwner, Always), (Compliance, Always)];
pub(super) const SEE_ACCESS_REVIEW: &[Row] = &[(Compliance, Always), (Auditor, Always), (TenantAdmin, Always)];
pub(super) const CHANGE_INTEGRATIONS: &[Row] = &[(TenantAdmin, Always)];
pub(super) const CHANGE_TEMPLATES: &[Row] = &[(ServiceOwner, Own), (ChangeManager, Always), (TenantAdmin, Always)];
pub(super) const RUN_DRILL: &[Row] =
    &[(Commander, Always), (ServiceOwner, Own), (ChangeManager, Always), (TenantAdmin, Always)];
pub(super) const JOIN_DRILL: &[Row] = &[
    (Responder, Always),
    (Commander, Always),
    (ChangeRequester, Always),
    (ServiceOwner, Own),
    (ChangeManager, Always),
    (CabMember, Always),
    (TenantAdmin, Always),
];
pub(super) const OBSERVE_DRILL: &[Row] = &[(Compliance, Always), (Auditor, Always)];
pub(super) const READ_OTHER_TENANT: &[Row] = &[(Auditor, Always)];
