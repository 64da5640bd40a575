//! The verbs of `/change` for what was done.

use super::change::{COMPLEXITY_RISK, IMPACT, ROLLBACK_RISK, why};
use super::{Arg, ArgKind, Need, Verb, VerbId, arg, change_ref, help};

const VALIDATIONS: &[(&str, &str)] =
    &[("ok", "ok · it works"), ("failed", "failed · it does not, and why"), ("again", "again · it is looked at anew")];

const STEPS: &[(&str, &str)] =
    &[("begin", "begin · it is taken back"), ("done", "done · on to the next"), ("failed", "failed · what happened")];

const PIR: &[Arg] = &[
    change_ref(),
    arg(
        "verdict",
        ArgKind::Choice(&[
            ("compliant", "Compliant · it was right, and done by the rules"),
            ("non-compliant", "Not compliant · a rule was broken"),
            ("misclassified", "Misclassified · it was of another type"),
        ]),
        Need::Asked,
        "Verdict",
        "What you conclude from the rest",
    ),
    arg("effective", ArgKind::YesNo, Need::Asked, "Effective", "Did it do what it was for?"),
    arg("policy", ArgKind::YesNo, Need::Asked, "Policy followed", "Review, approval, window, freeze"),
    arg("evidence", ArgKind::YesNo, Need::Asked, "Evidence", "Is there proof of what was done and tested?"),
    arg("rollback", ArgKind::YesNo, Need::Asked, "Rollback proven", "Was the way back tried, now or before?"),
    arg("notes", ArgKind::Text, Need::Offered, "What others should know", "Kept in the log"),
];

const RETRO: &[Arg] = &[
    arg("title", ArgKind::Text, Need::Asked, "What was done", "In a few words"),
    Arg { aliases: &["service"], ..arg("svc", ArgKind::Services, Need::Asked, "Service", "One, or several as a,b") },
    Arg { aliases: &["made"], ..arg("at", ArgKind::When, Need::Asked, "When", "14:10, -3h or 2030-01-31T14:10") },
    arg("impact", ArgKind::Words, Need::Optional, "What it meant for users", "Then, and now"),
    arg("why", ArgKind::Words, Need::Asked, "Why it was not asked for", "What stood in the way of asking first"),
    arg("evidence", ArgKind::Words, Need::Asked, "Evidence", "What shows it: a link, a log line"),
    arg("works", ArgKind::YesNo, Need::Asked, "Works as meant", "No: it did not, and was taken back"),
    arg("risk", IMPACT, Need::Asked, "Risk", "If it had gone wrong, how bad"),
    COMPLEXITY_RISK,
    ROLLBACK_RISK,
    arg("from", ArgKind::When, Need::Optional, "From", "When it was begun"),
    arg("found", ArgKind::When, Need::Optional, "Found", "When somebody else came upon it"),
    arg("by", ArgKind::Person, Need::Optional, "Who made it", "Without it, you"),
    arg("allowed", ArgKind::Person, Need::Optional, "Who allowed it", "Whoever said yes by word of mouth"),
    Arg {
        aliases: &["inc"],
        ..arg("incident", ArgKind::Subject, Need::Optional, "Incident", "INC-7, where it belongs to one")
    },
];

pub(super) static VERBS: &[Verb] = &[
    Verb {
        id: VerbId::ChangeValidate,
        command: "change",
        name: "after validate",
        summary: "Say whether what is done works, or have it checked anew",
        example: "/change after validate CHG-88 ok",
        args: &[
            change_ref(),
            arg(
                "verdict",
                ArgKind::Choice(VALIDATIONS),
                Need::Asked,
                "Verdict",
                "As somebody who did not carry it out",
            ),
            why(Need::Offered, "Why", "Needed where it does not work: what you see"),
        ],
    },
    Verb {
        id: VerbId::ChangeStep,
        command: "change",
        name: "after step",
        summary: "Take a change back step by step, as its plan says",
        example: "/change after step CHG-88 done",
        args: &[
            change_ref(),
            arg("verdict", ArgKind::Choice(STEPS), Need::Asked, "Step", "How the next step went"),
            why(Need::Offered, "Why", "Needed to begin, or where it failed"),
        ],
    },
    Verb {
        id: VerbId::ChangePir,
        command: "change",
        name: "after pir",
        summary: "Review a change, as somebody who had no part in it",
        example: "/change after pir CHG-88",
        args: PIR,
    },
    Verb {
        id: VerbId::ChangeRetro,
        command: "change",
        name: "after retro",
        summary: "Record what was done without a change; others attest it",
        example: "/change after retro restarted the gateway svc:payments at:-2h why: the lead was asleep",
        args: RETRO,
    },
    help("change", "/change help"),
];
