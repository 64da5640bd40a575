//! The verbs of `/change`.

use super::{Arg, ArgKind, KeyOf, Need, Verb, VerbId, arg, change_ref, values};

pub(super) const IMPACT: ArgKind =
    ArgKind::Scale(&["none", "minor", "noticeable to one unit", "serious to many", "severe or irreversible"]);
const COMPLEXITY: ArgKind = ArgKind::Scale(&[
    "one automated step",
    "few known steps",
    "several steps or two teams",
    "many steps or three teams",
    "new technology",
]);
const ROLLBACK: ArgKind = ArgKind::Scale(&[
    "automatic and proven",
    "scripted",
    "manual, under 30 minutes",
    "manual, longer or with data",
    "irreversible or none",
]);

pub(super) const fn why(need: Need, label: &'static str, hint: &'static str) -> Arg {
    arg("why", ArgKind::Text, need, label, hint)
}

const VERDICTS: &[(&str, &str)] = &[
    ("halt", "halt · until two agree to go on"),
    ("finish", "finish · it may finish"),
    ("rollback", "rollback · it stops, and is to be taken back"),
    ("incident", "incident · it stops, and one is declared"),
];

const fn item(need: Need) -> Arg {
    arg("item", ArgKind::Key(KeyOf::Item), need, "Item", "Its key: backup_verified")
}

const MOVES: &[(&str, &str)] = &[
    ("first", "first · it goes before the others"),
    ("beside", "beside · it may run beside the change next to it"),
    ("release", "release · it has had its slot for long enough"),
];

const FEEDS: &[(&str, &str)] = &[
    ("new", "new · an address of your own; one that you had ends"),
    ("off", "off · your address is not answered any more"),
];

const PLAN_HINT: &str = "Steps back: step @who 10m; … fails: sign -> response; … abort: when";

pub(super) const PLAN: Arg =
    Arg { aliases: &["rollback_plan"], ..arg("plan", ArgKind::Plan, Need::Asked, "Rollback plan", PLAN_HINT) };
const CONFIRMED: Arg =
    arg("change", ArgKind::Subject, Need::Asked, "Type the change's number", "CHG-88: whose risk you take upon you");
pub(super) const TESTED: Arg = arg("tested", ArgKind::YesNo, Need::Asked, "Tested", "Was this very change tried?");
const DATA_RISK: Arg = arg("data", IMPACT, Need::Asked, "Risk to data", "If it goes wrong, for data");
const AVAILABILITY_RISK: Arg = Arg {
    aliases: &["avail"],
    ..arg("availability", IMPACT, Need::Asked, "Risk to availability", "The same for users")
};
const COMPLIANCE_RISK: Arg =
    arg("compliance", IMPACT, Need::Asked, "Risk to compliance", "The same for rules and contracts");
pub(super) const COMPLEXITY_RISK: Arg =
    arg("complexity", COMPLEXITY, Need::Asked, "Complexity", "How many steps, how new");
pub(super) const ROLLBACK_RISK: Arg =
    arg("rollback", ROLLBACK, Need::Asked, "Rollback complexity", "How hard it is to get back");

pub(super) const TOUCHES: Arg =
    arg("touches", ArgKind::Touches, Need::Offered, "What it touches", "security, privileged, migration, vendor");

/// The same argument where it may be left out.
const fn left_out(asked: &Arg) -> Arg {
    Arg { aliases: asked.aliases, ..arg(asked.name, asked.kind, Need::Optional, asked.label, asked.hint) }
}

/// The same argument where it may be left out, and a form offers it.
const fn offered(asked: &Arg) -> Arg {
    Arg { aliases: asked.aliases, ..arg(asked.name, asked.kind, Need::Offered, asked.label, asked.hint) }
}

const CATEGORY: Arg =
    arg("category", ArgKind::Key(KeyOf::Category), Need::Optional, "Category", "database_schema: with its checklist");

const EMERGENCY: &[Arg] = &[
    arg("title", ArgKind::Text, Need::Asked, "What will be done", "In a few words"),
    arg("impact", ArgKind::Words, Need::Asked, "Impact now", "What fails for whom"),
    arg("why", ArgKind::Words, Need::Asked, "Why it can't wait", "Why not the next regular window"),
    PLAN,
    TESTED,
    DATA_RISK,
    AVAILABILITY_RISK,
    COMPLIANCE_RISK,
    COMPLEXITY_RISK,
    ROLLBACK_RISK,
    TOUCHES,
    CATEGORY,
    arg("planning", ArgKind::YesNo, Need::Optional, "Missed plan", "yes: a date or a missed plan"),
    arg("exploit", ArgKind::Words, Need::Offered, "If exploited: the evidence", "Alert or advisory"),
    Arg {
        aliases: &["service"],
        ..arg("svc", ArgKind::Services, Need::Optional, "Service", "One or several a,b; else the incident's")
    },
    Arg {
        aliases: &["inc"],
        ..arg("incident", ArgKind::Subject, Need::Optional, "Incident", "INC-7; else the room's own")
    },
];

pub(super) const fn from() -> Arg {
    arg("from", ArgKind::When, Need::Optional, "From", "22:00 or 2030-01-31T22:00; else now")
}

pub(super) const fn until(need: Need) -> Arg {
    arg("until", ArgKind::When, need, "Until", "23:30, +2h, or 2030-01-31T23:30")
}

const NEW: &[Arg] = &[
    arg("title", ArgKind::Text, Need::Asked, "What will be done", "In a few words"),
    Arg { aliases: &["service"], ..arg("svc", ArgKind::Services, Need::Asked, "Service", "One, or several as a,b") },
    arg("impact", ArgKind::Words, Need::Asked, "What it means for users", "During and after it"),
    arg("why", ArgKind::Words, Need::Asked, "Why", "What it is good for"),
    PLAN,
    TESTED,
    DATA_RISK,
    AVAILABILITY_RISK,
    COMPLIANCE_RISK,
    COMPLEXITY_RISK,
    ROLLBACK_RISK,
    TOUCHES,
    CATEGORY,
    from(),
    until(Need::Optional),
    arg("due", ArgKind::When, Need::Optional, "Bound to be done by", "By an incident or a regulation"),
    arg("regulation", ArgKind::Words, Need::Optional, "Regulation", "That binds it"),
    Arg { aliases: &["inc"], ..arg("incident", ArgKind::Subject, Need::Optional, "Incident", "INC-7, if it has one") },
];

/// What else an entry asks for is said by the catalogue, so all of it may be left out here.
const STANDARD: &[Arg] = &[
    arg("entry", ArgKind::Key(KeyOf::Entry), Need::Optional, "Entry", "Without it you see what there is"),
    values(Need::Optional),
    Arg { aliases: &["service"], ..arg("svc", ArgKind::Services, Need::Optional, "Service", "One, or several as a,b") },
    arg("why", ArgKind::Words, Need::Optional, "Why", "What it is good for"),
    from(),
    until(Need::Optional),
    Arg { aliases: &["inc"], ..arg("incident", ArgKind::Subject, Need::Optional, "Incident", "INC-7, if it has one") },
];

/// Everything may be left out: what is not given stays as it was.
const EDIT: &[Arg] = &[
    arg("title", ArgKind::Text, Need::Offered, "What will be done", "In a few words"),
    Arg { aliases: &["service"], ..arg("svc", ArgKind::Services, Need::Optional, "Service", "One, or several as a,b") },
    arg("impact", ArgKind::Words, Need::Optional, "Impact", "What it means for users"),
    arg("why", ArgKind::Words, Need::Offered, "Why", "What it is good for"),
    offered(&PLAN),
    offered(&TESTED),
    left_out(&DATA_RISK),
    left_out(&AVAILABILITY_RISK),
    left_out(&COMPLIANCE_RISK),
    left_out(&COMPLEXITY_RISK),
    left_out(&ROLLBACK_RISK),
    TOUCHES,
    from(),
    until(Need::Optional),
    change_ref(),
];

pub(super) static VERBS: &[Verb] = &[
    Verb {
        id: VerbId::ChangeNew,
        command: "change",
        name: "new",
        summary: "Ask for a change that can wait: the regular way, planned ahead",
        example: "/change new rotate the TLS certificate svc:payments from:22:00 until:23:00",
        args: NEW,
    },
    Verb {
        id: VerbId::ChangeEmergency,
        command: "change",
        name: "emergency",
        summary: "Ask for an emergency change for an open incident",
        example: "/change emergency roll back 4.2 impact: all card payments fail",
        args: EMERGENCY,
    },
    Verb {
        id: VerbId::ChangeStd,
        command: "change",
        name: "std",
        summary: "Standard changes: approved beforehand, may start at once",
        example: "/change std log-rotation keep_days:14 svc:ledger",
        args: STANDARD,
    },
    Verb {
        id: VerbId::ChangeEdit,
        command: "change",
        name: "edit",
        summary: "Mend a request; what others agreed to is asked again when it changes",
        example: "/change edit CHG-88 plan: deploy 4.1, then replay the queue",
        args: EDIT,
    },
    Verb {
        id: VerbId::ChangeSched,
        command: "change",
        name: "sched",
        summary: "Say when an approved change may run",
        example: "/change sched CHG-88 from:22:00 until:23:30",
        args: &[change_ref(), offered(&from()), until(Need::Asked)],
    },
    Verb {
        id: VerbId::ChangeReview,
        command: "change",
        name: "review",
        summary: "Peer review: ok, or what must change",
        example: "/change review CHG-88 ok target:yes rollback:yes effects:yes",
        args: &[
            arg(
                "verdict",
                ArgKind::Choice(&[("ok", "ok"), ("changes", "changes first")]),
                Need::Asked,
                "Verdict",
                "Your verdict",
            ),
            arg("target", ArgKind::YesNo, Need::Asked, "Right target", "Right target?"),
            arg("rollback", ArgKind::YesNo, Need::Asked, "Rollback usable", "Is it usable?"),
            arg("effects", ArgKind::YesNo, Need::Asked, "Side effects acceptable", "Acceptable?"),
            why(Need::Offered, "What must change", "Unless it is ok"),
            change_ref(),
        ],
    },
    Verb {
        id: VerbId::ChangeApprove,
        command: "change",
        name: "approve",
        summary: "Approve, in your seat or by your ballot",
        example: "/change approve CHG-88",
        args: &[change_ref(), why(Need::Optional, "Remark", "Kept with the approval")],
    },
    Verb {
        id: VerbId::ChangeReject,
        command: "change",
        name: "reject",
        summary: "Reject, with a reason",
        example: "/change reject CHG-88 no proof that 4.1 still reads the new rows",
        args: &[change_ref(), why(Need::Asked, "Why", "What would have to be different")],
    },
    Verb {
        id: VerbId::ChangeAbstain,
        command: "change",
        name: "abstain",
        summary: "Take part without taking sides: counts for the quorum only",
        example: "/change abstain CHG-88",
        args: &[change_ref(), why(Need::Optional, "Remark", "Kept with the ballot")],
    },
    Verb {
        id: VerbId::ChangeAcceptRisk,
        command: "change",
        name: "accept-risk",
        summary: "Accept the risk as an executive, typed",
        example: "/change accept-risk CHG-88 a day without payments costs more alternatives:wait for the vendor until:+7d",
        args: &[
            CONFIRMED,
            why(Need::Asked, "Why the risk is worth it", "Logged under your name"),
            arg("alternatives", ArgKind::Words, Need::Asked, "Alternatives considered", "What else was weighed"),
            arg("until", ArgKind::When, Need::Offered, "Accepted until", "+7d or a day"),
        ],
    },
    Verb {
        id: VerbId::ChangeStart,
        command: "change",
        name: "start",
        summary: "Start an approved change, or go on with a halted one",
        example: "/change start",
        args: &[change_ref(), why(Need::Optional, "Why", "Where it was halted: why it may go on")],
    },
    Verb {
        id: VerbId::ChangeDone,
        command: "change",
        name: "done",
        summary: "The change is in",
        example: "/change done",
        args: &[
            arg("summary", ArgKind::Text, Need::Optional, "How it went", "Anything worth knowing later"),
            change_ref(),
        ],
    },
    Verb {
        id: VerbId::ChangeRollback,
        command: "change",
        name: "rollback",
        summary: "The change was taken back, with a reason",
        example: "/change rollback error rate doubled",
        args: &[why(Need::Asked, "Why", "What made you go back"), change_ref()],
    },
    Verb {
        id: VerbId::ChangeHalt,
        command: "change",
        name: "halt",
        summary: "Stop a running change; in a major incident also let it finish or take it back",
        example: "/change halt CHG-88 why: the error rate doubles",
        args: &[
            why(Need::Offered, "Why", "For whoever carries it out; needed to stop it"),
            arg("verdict", ArgKind::Choice(VERDICTS), Need::Optional, "What becomes of it", "Without it, halt"),
            change_ref(),
        ],
    },
    Verb {
        id: VerbId::ChangeExtend,
        command: "change",
        name: "extend",
        summary: "Ask the E-CAB for more time, when a window is too short",
        example: "/change extend the replay takes an hour longer",
        args: &[why(Need::Asked, "Why", "What is left to do, and how long it takes"), change_ref()],
    },
    Verb {
        id: VerbId::ChangeWithdraw,
        command: "change",
        name: "withdraw",
        summary: "Take a request back before it starts, with a reason",
        example: "/change withdraw fixed by a config switch instead",
        args: &[why(Need::Asked, "Why", "For those who looked at it already"), change_ref()],
    },
    Verb {
        id: VerbId::ChangeShow,
        command: "change",
        name: "show",
        summary: "A change: state, risk, who approved, what is missing",
        example: "/change show CHG-88",
        args: &[change_ref()],
    },
    Verb {
        id: VerbId::ChangeRisk,
        command: "change",
        name: "plan risk",
        summary: "How the risk score came about, line by line",
        example: "/change plan risk CHG-88",
        args: &[change_ref()],
    },
    Verb {
        id: VerbId::ChangeList,
        command: "change",
        name: "list",
        summary: "Open changes, then the latest ones",
        example: "/change list",
        args: &[arg("page", ArgKind::Number, Need::Optional, "Page", "15 changes a page")],
    },
    Verb {
        id: VerbId::ChangeQueue,
        command: "change",
        name: "queue",
        summary: "Which changes run and wait; the commander moves them",
        example: "/change queue",
        args: &[
            arg("move", ArgKind::Choice(MOVES), Need::Optional, "Move", "Who goes first, or beside"),
            change_ref(),
            why(Need::Optional, "Why", "Needed to move one"),
        ],
    },
    Verb {
        id: VerbId::ChangeCal,
        command: "change",
        name: "cal",
        summary: "What is planned, runs and is frozen; also for your calendar",
        example: "/change cal days:14 svc:payments",
        args: &[
            arg("days", ArgKind::Number, Need::Optional, "Days", "How many days ahead, else 7"),
            Arg {
                aliases: &["service", "services"],
                ..arg("svc", ArgKind::Services, Need::Optional, "Services", "Keys with commas, else all")
            },
            arg("page", ArgKind::Number, Need::Optional, "Page", "15 entries a page"),
            arg("feed", ArgKind::Choice(FEEDS), Need::Optional, "Feed", "For your calendar program"),
        ],
    },
    Verb {
        id: VerbId::ChangeConflicts,
        command: "change",
        name: "plan conflicts",
        summary: "What is in the way of a change, and the next free windows",
        example: "/change plan conflicts CHG-88",
        args: &[change_ref()],
    },
    Verb {
        id: VerbId::ChangeFill,
        command: "change",
        name: "plan fill",
        summary: "Fill in what your organisation asks for",
        example: "/change plan fill CHG-88 ticket:OPS-7",
        args: &[change_ref(), values(Need::Offered)],
    },
    Verb {
        id: VerbId::ChangeChecklist,
        command: "change",
        name: "plan checklist",
        summary: "What it has to show; with a category, that is asked for",
        example: "/change plan checklist CHG-88 database_schema",
        args: &[
            change_ref(),
            arg("category", ArgKind::Key(KeyOf::Category), Need::Optional, "Category", "Its items are put on it"),
        ],
    },
    Verb {
        id: VerbId::ChangeTick,
        command: "change",
        name: "plan tick",
        summary: "An item is done; say what shows it",
        example: "/change plan tick CHG-88 backup_verified https://backup.example/88",
        args: &[
            change_ref(),
            item(Need::Optional),
            arg("evidence", ArgKind::Text, Need::Asked, "Evidence", "Words, a link or a hash"),
            arg("at", ArgKind::When, Need::Optional, "When it was done", "-2h, if its age counts"),
        ],
    },
    Verb {
        id: VerbId::ChangeUntick,
        command: "change",
        name: "plan untick",
        summary: "An item is open again, with a reason",
        example: "/change plan untick CHG-88 backup_verified the restore was of the wrong day",
        args: &[change_ref(), item(Need::Asked), why(Need::Asked, "Why", "What is wrong with it")],
    },
    Verb {
        id: VerbId::ChangeWaive,
        command: "change",
        name: "plan waive",
        summary: "An item does not apply; a second person has to say so too",
        example: "/change plan waive CHG-88 lock_time_estimate the table is empty",
        args: &[change_ref(), item(Need::Asked), why(Need::Asked, "Why", "Why it does not apply")],
    },
];
