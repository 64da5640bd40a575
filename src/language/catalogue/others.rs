//! The verbs of `/cab`, `/log` and `/admin`.

use super::{Arg, ArgKind, Need, Verb, VerbId, arg, change_ref, help};

const SUBJECT: Arg =
    arg("about", ArgKind::Subject, Need::Optional, "About", "INC-7 or CHG-88; in a war room its own incident is meant");

pub(super) static VERBS: &[Verb] = &[
    Verb {
        id: VerbId::CabStatus,
        command: "cab",
        name: "status",
        summary: "How a vote stands: ballots, quorum, seats, time left",
        example: "/cab status CHG-88",
        args: &[change_ref()],
    },
    help("cab", "/cab help"),
    Verb {
        id: VerbId::LogShow,
        command: "log",
        name: "show",
        summary: "The decision log of an incident or a change: who, what, when, where, why",
        example: "/log show INC-7 page:2",
        args: &[SUBJECT, arg("page", ArgKind::Number, Need::Optional, "Page", "20 entries a page, the newest last")],
    },
    Verb {
        id: VerbId::LogVerify,
        command: "log",
        name: "verify",
        summary: "Check that no entry was changed, removed or slipped in",
        example: "/log verify",
        args: &[SUBJECT],
    },
    help("log", "/log help"),
    Verb {
        id: VerbId::AdminWhoami,
        command: "admin",
        name: "whoami",
        summary: "Who Wardroom takes you for, and what you may do",
        example: "/admin whoami",
        args: &[],
    },
    help("admin", "/admin help"),
];
