//! The verbs of `/report`.

use super::change::{COMPLEXITY_RISK, IMPACT, ROLLBACK_RISK};
use super::{Arg, ArgKind, Need, Verb, VerbId, arg, change_ref, help};

const FOUND: &[Arg] = &[
    arg("title", ArgKind::Text, Need::Asked, "What was changed", "In a few words"),
    Arg { aliases: &["service"], ..arg("svc", ArgKind::Services, Need::Asked, "Service", "One, or several as a,b") },
    arg("evidence", ArgKind::Words, Need::Asked, "Evidence", "What shows it: a link, a log line"),
    Arg {
        aliases: &["made"],
        ..arg("at", ArgKind::When, Need::Offered, "When it was made", "As far as that can be seen: 14:10, -3h")
    },
    arg("found", ArgKind::When, Need::Optional, "Found", "When you came upon it; without it, now"),
    Arg {
        aliases: &["inc"],
        ..arg("incident", ArgKind::Subject, Need::Optional, "Incident", "INC-7, where it belongs to one")
    },
];

const CLAIM: &[Arg] = &[
    change_ref(),
    Arg { aliases: &["made"], ..arg("at", ArgKind::When, Need::Asked, "When", "When it was made: 14:10, -3h") },
    arg("why", ArgKind::Words, Need::Asked, "Why it was not asked for", "What stood in the way of asking first"),
    arg("evidence", ArgKind::Words, Need::Asked, "Evidence", "What shows what was done: a link, a log line"),
    arg("works", ArgKind::YesNo, Need::Asked, "Works as meant", "No: it did not, and was taken back"),
    arg("risk", IMPACT, Need::Asked, "Risk", "If it had gone wrong, how bad"),
    COMPLEXITY_RISK,
    ROLLBACK_RISK,
    arg("from", ArgKind::When, Need::Optional, "From", "When it was begun"),
    arg("impact", ArgKind::Words, Need::Optional, "What it meant for users", "Then, and now"),
    arg("by", ArgKind::Person, Need::Optional, "Who made it", "Without it, you"),
    arg("allowed", ArgKind::Person, Need::Optional, "Who allowed it", "Whoever said yes by word of mouth"),
];

pub(super) static VERBS: &[Verb] = &[
    Verb {
        id: VerbId::ReportBypass,
        command: "report",
        name: "bypass",
        summary: "What went past the regular way or wrong: emergencies, failures, records, exceptions, overruns",
        example: "/report bypass days:30",
        args: &[
            arg("days", ArgKind::Number, Need::Optional, "Days", "How many days back, to 365; without it 90"),
            arg("page", ArgKind::Number, Need::Optional, "Page", "15 entries a page; what is overdue comes first"),
        ],
    },
    Verb {
        id: VerbId::ReportFields,
        command: "report",
        name: "fields",
        summary: "Records whose fields are still empty, and how long forms and fields take to fill in",
        example: "/report fields days:30",
        args: &[
            arg("days", ArgKind::Number, Need::Optional, "Days", "How many days back, to 365; without it 90"),
            arg("page", ArgKind::Number, Need::Optional, "Page", "15 records a page; those that are over come first"),
        ],
    },
    Verb {
        id: VerbId::ReportFound,
        command: "report",
        name: "found",
        summary: "Report a change that nobody recorded; whoever made it claims it, or the owner is asked after a day",
        example: "/report found a firewall rule is open svc:payments evidence: the scan of tonight",
        args: FOUND,
    },
    Verb {
        id: VerbId::ReportClaim,
        command: "report",
        name: "claim",
        summary: "Say that you made a change that was found, and what there is to say of it",
        example: "/report claim CHG-88 at:-3h why: the pager did not stop evidence: deploy 4711",
        args: CLAIM,
    },
    help("report", "/report help"),
];
