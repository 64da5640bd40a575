//! Every button, in a line: the word of its id, what it says, the verb that it calls, and what it tells the verb beside what
//! it is about.

use crate::language::catalogue::VerbId;

macro_rules! buttons {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $label:literal, $verb:ident $(, ($key:literal, $said:literal))?;)+) => {
        /// What a button does. Each is a verb that was already told what it is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum PressAction {
            $($(#[$doc])* $name,)+
        }

        impl PressAction {
            pub const ALL: &[PressAction] = &[$(PressAction::$name,)+];

            pub(super) fn word(self) -> &'static str {
                match self {
                    $(PressAction::$name => $word,)+
                }
            }

            /// What the button says.
            pub fn label(self) -> &'static str {
                match self {
                    $(PressAction::$name => $label,)+
                }
            }

            pub(super) fn verb(self) -> VerbId {
                match self {
                    $(PressAction::$name => VerbId::$verb,)+
                }
            }

            /// What it says beside what it is about: an argument, and its word.
            pub(super) fn says(self) -> Option<(&'static str, &'static str)> {
                let said: &[(&'static str, &'static str)] = match self {
                    $(PressAction::$name => &[$(($key, $said))?],)+
                };
                said.first().copied()
            }
        }
    };
}

buttons! {
    TakeLead = "lead", "Take lead", IncLead;
    Update = "update", "Update", IncUpdate;
    Severity = "sev", "Severity", IncSev;
    Change = "change", "Change", ChangeEmergency;
    Resolve = "resolve", "Resolve", IncResolve;
    Reopen = "reopen", "Reopen", IncReopen;
    Confirm = "confirm", "Confirm", IncConfirm;
    Decline = "decline", "Decline", IncDecline;
    ReviewOk = "review_ok", "Peer review OK", ChangeReview, ("verdict", "ok");
    ReviewChanges = "review_no", "Ask for changes", ChangeReview, ("verdict", "changes");
    Approve = "approve", "Approve", ChangeApprove;
    /// Approve, as it is called for what was done already.
    Attest = "attest", "Attest", ChangeApprove;
    Reject = "reject", "Reject", ChangeReject;
    Abstain = "abstain", "Abstain", ChangeAbstain;
    Recuse = "recuse", "Recuse", CabRecuse;
    Concern = "concern", "Concern", CabConcern;
    Details = "details", "Details", ChangeShow;
    Claim = "claim", "Claim", ReportClaim;
    FillIn = "fill", "Fill in", ChangeFill;
    FillInIncident = "fill_inc", "Fill in", IncFill;
    Checklist = "checklist", "Checklist", ChangeChecklist;
    /// The same of an incident, and what is said of the next item of either.
    IncidentChecklist = "list_inc", "Checklist", IncChecklist;
    Tick = "tick", "Tick", ChangeTick;
    TickIncident = "tick_inc", "Tick", IncTick;
    Waive = "waive", "Does not apply", ChangeWaive;
    WaiveIncident = "waive_inc", "Does not apply", IncWaive;
    /// Judge the risk otherwise than its score.
    Reassess = "reassess", "Re-assess", CabRisk;
    AcceptRisk = "accept_risk", "Accept risk", ChangeAcceptRisk;
    Start = "start", "Start", ChangeStart;
    Done = "done", "Done", ChangeDone;
    Extend = "extend", "More time", ChangeExtend;
    RollBack = "back", "Roll back", ChangeRollback;
    /// Roll back step by step, and how a step went.
    WalkBack = "walk", "Roll back", ChangeStep, ("verdict", "begin");
    StepDone = "step_done", "Step done", ChangeStep, ("verdict", "done");
    StepFailed = "step_not", "Step failed", ChangeStep, ("verdict", "failed");
    StartNow = "start_now", "Start now", ChangeStart;
    /// What becomes of a change that runs into the freeze of a major incident.
    LetFinish = "finish", "Let finish", ChangeHalt, ("verdict", "finish");
    Halt = "halt", "Halt", ChangeHalt;
    Abort = "abort", "Abort and declare incident", ChangeHalt, ("verdict", "incident");
    /// Roll back, for whoever does not carry it out.
    HaveBack = "have_back", "Roll back", ChangeHalt, ("verdict", "rollback");
    Continue = "continue", "Continue", ChangeStart;
    /// What whoever is held up by a freeze can do.
    Except = "except", "Request override", FreezeExcept;
    /// The same, where a major incident keeps a risky change from being scheduled or approved.
    AskException = "ask_exc", "Ask commander", FreezeExcept;
    Reschedule = "resched", "Reschedule", ChangeSched;
    /// What the owner of a change does whose window lies inside a freeze that is planned.
    MoveOut = "move_out", "Move", ChangeSched;
    Exempt = "exempt", "Exempt", FreezeExcept;
    Allow = "allow", "Allow", FreezeAllow;
    Deny = "deny", "Deny", FreezeDeny;
    Lift = "lift", "Lift", FreezeOff;
    ExtendFreeze = "extend_freeze", "Extend", FreezeExtend;
    AgreeFreeze = "agree_freeze", "Agree", FreezeAgree;
    ObjectFreeze = "object_freeze", "Object", FreezeObject;
    PirCompliant = "pir_ok", "Compliant", ChangePir, ("verdict", "compliant");
    PirNotCompliant = "pir_no", "Not compliant", ChangePir, ("verdict", "non-compliant");
    PirMisclassified = "pir_mis", "Misclassified", ChangePir, ("verdict", "misclassified");
    Present = "present", "Present", CabPresent;
    NextItem = "next", "Next", CabNext;
    Defer = "defer", "Defer", CabDefer;
    CloseMeeting = "close", "Close", CabClose;
    SignPolicy = "sign", "Sign", AdminPolicy, ("do", "sign");
    ObjectPolicy = "object", "Object", AdminPolicy, ("do", "object");
    /// What a review found, and what becomes of what was asked for.
    ProposeAmendment = "amend", "Propose policy change", AdminPropose, ("source", "finding");
    DeclineAmendment = "amend_no", "Decline", AdminPolicy, ("do", "decline");
    AcknowledgeCharter = "charter", "Acknowledge charter", AdminCharter, ("do", "ack");
    ReviewedCharter = "charter_rev", "Reviewed", AdminCharter, ("do", "reviewed");
    ReviewedPolicy = "reviewed", "Reviewed", AdminPolicy, ("do", "reviewed");
    ReadPolicy = "read_policy", "I have read it", AdminPolicy, ("do", "read");
    ConfirmCause = "cause", "Confirm cause", IncLink, ("as", "caused");
    NotRelated = "other", "Not related", IncLink, ("as", "none");
    /// A dispute for the decision authority, and its ruling.
    Escalate = "escalate", "Escalate", CabEscalate;
    RuleAllow = "rule_allow", "Allow", CabRule, ("verdict", "allow");
    RuleDeny = "rule_deny", "Deny", CabRule, ("verdict", "deny");
    Works = "works", "Works", ChangeValidate, ("verdict", "ok");
    DoesNotWork = "works_not", "Does not work", ChangeValidate, ("verdict", "failed");
    CheckAgain = "again", "Re-run", ChangeValidate, ("verdict", "again");
    FixForward = "forward", "Fix forward", ChangeEdit;
    ApproveRedaction = "redact_ok", "Approve redaction", LogRedact, ("do", "approve");
    DeclineRedaction = "redact_no", "Decline redaction", LogRedact, ("do", "decline");
    /// What one side of a conflict can do.
    Yield = "yield", "Yield", ChangeYield;
    Move = "move", "Move", ChangeConflicts;
    Coexist = "coexist", "Coexist", ChangeCoexist;
    /// What is said to the notice of a change, and by whoever is asked for a yes to it.
    Acknowledge = "ack", "Acknowledge", ChangeAck;
    Delegate = "delegate", "Delegate", CabDelegate;
    ObjectChange = "object_chg", "Object", ChangeObject;
    TakeBack = "unobject", "Take back", ChangeUnobject;
    /// What an audience is told of an unplanned change, for whoever looks at it first.
    SendNotice = "ntc_send", "Send", IncNotice;
    EditNotice = "ntc_edit", "Edit", IncNotice, ("do", "edit");
    /// Whether a change meets an exploit, for the security lead.
    ConfirmExploit = "exp_ok", "Confirm exploit", CabExploit, ("verdict", "confirm");
    DenyExploit = "exp_no", "Not confirmed", CabExploit, ("verdict", "deny");
    /// What whoever is held up by an incident can do, and what its commander says.
    LinkToIncident = "mends", "Link to incident", IncLink, ("as", "resolves");
    AskCommander = "clr_ask", "Ask commander", CabClear, ("verdict", "ask");
    Clear = "clr_ok", "Let it start", CabClear, ("verdict", "allow");
    RefuseClearance = "clr_no", "Refuse", CabClear, ("verdict", "deny");
    /// Whoever is booked to stand ready for a change, and whoever books them.
    StandReady = "ready", "I am on standby", ChangeStandby, ("do", "ready");
    CannotStandBy = "cannot", "Cannot", ChangeStandby, ("do", "cannot");
    BookOnCall = "oncall", "Book who is on call", ChangeStandby, ("do", "oncall");
    /// Whoever tries a way back, and whoever watches.
    BeginRehearsal = "reh_go", "Begin rehearsal", ChangeRehearse, ("do", "begin");
    RehearsalProven = "reh_ok", "Proven", ChangeRehearse, ("do", "proven");
    RehearsalFailed = "reh_no", "Failed", ChangeRehearse, ("do", "failed");
    ApproveException = "exc_ok", "Approve", ExceptionApprove;
    DenyException = "exc_no", "Deny", ExceptionDeny;
    RevokeException = "exc_end", "Revoke", ExceptionRevoke;
    ReviewException = "exc_rev", "Look back", ExceptionReview;
    /// What becomes of a step that looks like a change.
    CompleteDraft = "complete", "Complete and submit", ChangeEmergency;
    PartOf = "part", "Part of", IncDraft, ("as", "part");
    NotAChange = "no_change", "Not a change", IncDraft, ("as", "none");
    /// What a batch of changes is told.
    BatchGo = "bat_go", "Continue", ChangeBatch, ("do", "go");
    BatchExclude = "bat_out", "Exclude", ChangeBatch, ("do", "exclude");
    BatchStart = "bat_start", "Start batch", ChangeBatch, ("do", "start");
    BatchPause = "bat_pause", "Pause", ChangeBatch, ("do", "pause");
    BatchResume = "bat_on", "Resume", ChangeBatch, ("do", "resume");
    BatchStop = "bat_stop", "Stop batch", ChangeBatch, ("do", "stop");
    /// The two questions after a use of an entry of the catalogue.
    RateEntry = "rate", "Rate it", CabRate;
    /// What becomes of an entry, for whoever keeps it.
    SuspendEntry = "suspend", "Suspend", CabSuspend;
    ResumeEntry = "use_again", "Resume", CabResume;
    ReviseEntry = "revise", "Revise", CabDraft;
    /// A change that could become one.
    Promote = "promote", "Promote", CabDraft;
}
