//! The verbs of `/freeze`.

use super::{Arg, ArgKind, Need, Verb, VerbId, arg, change_ref, help};

const fn why(hint: &'static str) -> Arg {
    arg("why", ArgKind::Text, Need::Asked, "Why", hint)
}

const fn freeze_ref() -> Arg {
    arg("freeze", ArgKind::Subject, Need::Optional, "Freeze", "FRZ-9; without it the one that is meant here")
}

const UNTIL: &str = "+2h, 18:00, or 2030-01-31T18:00";

const EVERY: &[(&str, &str)] = &[
    ("week", "week · a week later, at the same hour"),
    ("month-end", "month-end · the last business day of each month"),
    ("quarter-end", "quarter-end · the last business day of each quarter"),
    ("year-end", "year-end · the last business day of each year"),
];

pub(super) static VERBS: &[Verb] = &[
    Verb {
        id: VerbId::FreezeOn,
        command: "freeze",
        name: "on",
        summary: "Freeze changes on services and what is next to them, now or planned ahead",
        example: "/freeze on svc:payments until:18:00 why: payroll run",
        args: &[
            Arg {
                aliases: &["service", "services"],
                ..arg(
                    "svc",
                    ArgKind::Services,
                    Need::Optional,
                    "Services",
                    "Keys with commas, or all; in a war room its own",
                )
            },
            arg(
                "from",
                ArgKind::When,
                Need::Optional,
                "From",
                "Planned ahead: 18:00, or 2030-01-31T18:00; without it now",
            ),
            arg("until", ArgKind::When, Need::Asked, "Until", UNTIL),
            why("What must not be disturbed; everybody who is held up reads it"),
            arg(
                "types",
                ArgKind::Words,
                Need::Offered,
                "Types",
                "Only these: standard, normal, expedited, emergency; without it all",
            ),
            arg("every", ArgKind::Choice(EVERY), Need::Optional, "Again", "Comes again by itself, until it is lifted"),
            arg("hard", ArgKind::YesNo, Need::Optional, "Hard", "Yes: only an emergency for a P1 passes"),
        ],
    },
    Verb {
        id: VerbId::FreezeOff,
        command: "freeze",
        name: "off",
        summary: "Lift a freeze, or take a planned one back, with a reason",
        example: "/freeze off FRZ-9 why: payroll is through",
        args: &[freeze_ref(), why("Why changes may go on")],
    },
    Verb {
        id: VerbId::FreezeExtend,
        command: "freeze",
        name: "extend",
        summary: "Make a freeze longer; after a major incident by 12 hours at a time",
        example: "/freeze extend FRZ-9 until:20:00 why: payroll is late",
        args: &[
            freeze_ref(),
            arg("until", ArgKind::When, Need::Offered, "Until", UNTIL),
            why("Why it is needed for longer"),
        ],
    },
    Verb {
        id: VerbId::FreezeAgree,
        command: "freeze",
        name: "agree",
        summary: "Agree to a planned freeze of what you speak for",
        example: "/freeze agree FRZ-9",
        args: &[freeze_ref()],
    },
    Verb {
        id: VerbId::FreezeObject,
        command: "freeze",
        name: "object",
        summary: "Object to a planned freeze of what you speak for: it is not to be",
        example: "/freeze object FRZ-9 why: we deploy the tax rates that night",
        args: &[freeze_ref(), why("What speaks against it")],
    },
    Verb {
        id: VerbId::FreezeExcept,
        command: "freeze",
        name: "except",
        summary: "Ask to let one change through: for one start, within 2 hours",
        example: "/freeze except CHG-88 why: the certificate expires tonight",
        args: &[change_ref(), why("Why it cannot wait until the freeze is over")],
    },
    Verb {
        id: VerbId::FreezeAllow,
        command: "freeze",
        name: "allow",
        summary: "Let a change through that asks for it, with a reason",
        example: "/freeze allow CHG-88 why: waiting is worse",
        args: &[change_ref(), why("Why the risk is worth it; logged under your name")],
    },
    Verb {
        id: VerbId::FreezeDeny,
        command: "freeze",
        name: "deny",
        summary: "Do not let it through, with a reason",
        example: "/freeze deny CHG-88 why: tomorrow is early enough",
        args: &[change_ref(), why("What speaks against it")],
    },
    Verb {
        id: VerbId::FreezeList,
        command: "freeze",
        name: "list",
        summary: "What is frozen and what is planned, then the latest ones",
        example: "/freeze list",
        args: &[arg("page", ArgKind::Number, Need::Optional, "Page", "15 freezes a page"), freeze_ref()],
    },
    Verb {
        id: VerbId::FreezeCheck,
        command: "freeze",
        name: "check",
        summary: "Whether a change may start, or what may change on a service, and by which rule",
        example: "/freeze check CHG-88",
        args: &[
            change_ref(),
            Arg {
                aliases: &["service", "services"],
                ..arg(
                    "svc",
                    ArgKind::Services,
                    Need::Optional,
                    "Services",
                    "Instead of a change: what may change there",
                )
            },
        ],
    },
    help("freeze", "/freeze help"),
];
