//! The verbs of `/change plan` that settle a conflict.

use super::{ArgKind, Need, Verb, VerbId, arg, change_ref};

pub(super) static VERBS: &[Verb] = &[
    Verb {
        id: VerbId::ChangeYield,
        command: "change",
        name: "plan yield",
        summary: "Step back from a conflict: the change is planned anew",
        example: "/change plan yield CHG-88 why: theirs is more urgent",
        args: &[change_ref(), arg("why", ArgKind::Text, Need::Asked, "Why", "Read by the other side; kept in the log")],
    },
    Verb {
        id: VerbId::ChangeCoexist,
        command: "change",
        name: "plan coexist",
        summary: "Let both changes of a conflict run, if the other side agrees",
        example: "/change plan coexist CHG-88 why: they touch different tables",
        args: &[change_ref(), arg("why", ArgKind::Text, Need::Asked, "Why", "Why both may run at the same time")],
    },
];
