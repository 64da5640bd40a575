//! The roles that a person can hold.

words! {
    /// A role, granted by tenant, service, team or incident. How far a grant reaches is its scope, not its name.
    Role {
        Viewer = "viewer", "a viewer";
        Responder = "responder", "a responder";
        Triager = "triager", "a triager";
        Commander = "commander", "the incident commander";
        ChangeRequester = "change_requester", "a change requester";
        ChangeApprover = "change_approver", "a change approver of the team";
        Reviewer = "reviewer", "a reviewer";
        ServiceOwner = "service_owner", "the service owner";
        ChangeManager = "change_manager", "a change manager";
        CabMember = "cab_member", "a member of the board";
        DutyManager = "duty_manager", "the duty manager";
        Executive = "executive", "an executive";
        Security = "security", "the security lead";
        Privacy = "privacy", "the privacy officer";
        DataOwner = "data_owner", "the data owner";
        BusinessOwner = "business_owner", "the business owner";
        Compliance = "compliance", "a compliance officer";
        Auditor = "auditor", "an auditor";
        CommunicationLead = "communication_lead", "the communication lead";
        Spokesperson = "spokesperson", "a spokesperson";
        DecisionAuthority = "decision_authority", "the decision authority";
        TenantAdmin = "tenant_admin", "a tenant administrator";
    }
}
