//! The verbs of `/change plan` about the notices of a change.

use super::change::why;
use super::{Need, Verb, VerbId, change_ref};

pub(super) static VERBS: &[Verb] = &[
    Verb {
        id: VerbId::ChangeNotices,
        command: "change",
        name: "plan notices",
        summary: "Who was told, and who has read it",
        example: "/change plan notices CHG-88",
        args: &[change_ref()],
    },
    Verb {
        id: VerbId::ChangeAck,
        command: "change",
        name: "plan ack",
        summary: "You have seen it",
        example: "/change plan ack CHG-88",
        args: &[change_ref()],
    },
    Verb {
        id: VerbId::ChangeObject,
        command: "change",
        name: "plan object",
        summary: "Object: it waits until settled",
        example: "/change plan object CHG-88 why: we close the books",
        args: &[change_ref(), why(Need::Asked, "Why", "Its requester reads it")],
    },
    Verb {
        id: VerbId::ChangeUnobject,
        command: "change",
        name: "plan unobject",
        summary: "Take your objection back",
        example: "/change plan unobject CHG-88",
        args: &[change_ref(), why(Need::Optional, "Why", "What settled it")],
    },
];
