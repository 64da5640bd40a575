//! The verbs of `/cab` about exceptions from a procedure.

use super::{Arg, ArgKind, Need, Verb, VerbId, arg, help};

const fn exception_ref() -> Arg {
    arg("exception", ArgKind::Subject, Need::Optional, "Exception", "EXC-3; without it the only open one")
}

const fn why(hint: &'static str) -> Arg {
    arg("why", ArgKind::Text, Need::Asked, "Why", hint)
}

/// The rules that may be set aside first, then those that nothing here asks for yet, then those that never may be.
const RULES: ArgKind = ArgKind::Choice(&[
    ("checklist_item", "an item of a checklist"),
    ("optional_fields", "empty fields of a change"),
    ("conflict_block", "the block by another change"),
    ("hard_freeze", "a hard freeze"),
    ("validation", "the validation after a change"),
    ("emergency_review", "the review of an emergency, as far as it blocks the next"),
    ("executive_acceptance", "the executive's acceptance of risk"),
    ("standby", "the people on standby"),
    ("rehearsal", "the rehearsal of the rollback"),
    ("tempfix_expiry", "the end of a temporary fix"),
    ("calm_cadence", "how often P3 and P4 are reported on"),
    ("template_use", "the use of a template"),
    ("log_writing", "never: writing the log"),
    ("duties", "never: the duties of two people"),
    ("high_risk_peer_review", "never: the peer review of high risk"),
    ("breach_clocks", "never: the clocks of a breach"),
    ("spokesperson", "never: who speaks outside"),
    ("tenant_isolation", "never: the separation of units"),
    ("major_review", "never: the review of a major"),
]);

pub(super) static VERBS: &[Verb] = &[
    Verb {
        id: VerbId::ExceptionAsk,
        command: "cab",
        name: "exception ask",
        summary: "Ask to have a rule set aside for a while, for a change, a service or a team",
        example: "/cab exception ask CHG-88 rule:checklist_item until:+4h control: tom restores by hand why: the tool is down",
        args: &[
            arg("change", ArgKind::Subject, Need::Optional, "Change", "CHG-88; or say svc: or team:"),
            arg("rule", RULES, Need::Asked, "Rule", "What is to be set aside"),
            arg("until", ArgKind::When, Need::Asked, "Until", "+7d or 2030-01-07; 90 days at most"),
            arg("control", ArgKind::Words, Need::Asked, "Instead", "What is done instead, and who watches it"),
            why("Why the rule cannot be kept to"),
            arg("svc", ArgKind::Services, Need::Optional, "Service", "For every change on it; all: everywhere"),
            arg("team", ArgKind::Words, Need::Optional, "Team", "For every service that it keeps"),
        ],
    },
    Verb {
        id: VerbId::ExceptionApprove,
        command: "cab",
        name: "exception approve",
        summary: "Approve an exception that you were asked for",
        example: "/cab exception approve EXC-3",
        args: &[exception_ref()],
    },
    Verb {
        id: VerbId::ExceptionDeny,
        command: "cab",
        name: "exception deny",
        summary: "Deny an exception that you were asked for, with a reason",
        example: "/cab exception deny EXC-3 why: a restore takes ten minutes",
        args: &[exception_ref(), why("What speaks against it")],
    },
    Verb {
        id: VerbId::ExceptionRevoke,
        command: "cab",
        name: "exception revoke",
        summary: "End an exception before its time, with a reason; the rule holds again at once",
        example: "/cab exception revoke EXC-3 why: the tool works again",
        args: &[exception_ref(), why("Why it is not needed any more")],
    },
    Verb {
        id: VerbId::ExceptionReview,
        command: "cab",
        name: "exception review",
        summary: "Look back on an exception that is over, as somebody who may approve it",
        example: "/cab exception review EXC-3 kept:yes the tool is mended, nobody needs it again",
        args: &[
            arg("exception", ArgKind::Subject, Need::Optional, "Exception", "EXC-3; without it the only one due"),
            arg("kept", ArgKind::YesNo, Need::Asked, "Kept", "Was done instead what was promised?"),
            arg("notes", ArgKind::Text, Need::Offered, "What follows", "Kept in the log"),
        ],
    },
    Verb {
        id: VerbId::ExceptionList,
        command: "cab",
        name: "exception list",
        summary: "Which rules are set aside, where, until when and how often; or one with its uses",
        example: "/cab exception list",
        args: &[arg("page", ArgKind::Number, Need::Optional, "Page", "15 exceptions a page"), exception_ref()],
    },
    help("cab", "/cab help"),
];
