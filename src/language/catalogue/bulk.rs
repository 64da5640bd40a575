//! The verbs of `/change` about batches of changes.

use super::change::{PLAN, TESTED, TOUCHES, from, until};
use super::{Arg, ArgKind, Need, Verb, VerbId, arg};

const BULK: &[Arg] = &[
    arg("title", ArgKind::Text, Need::Asked, "What it is for", "In a few words"),
    arg(
        "items",
        ArgKind::Words,
        Need::Asked,
        "Items",
        "Or CSV. One a line or after ; in order: service or a,b, what is done; group 2: begins a group",
    ),
    until(Need::Asked),
    from(),
    arg("impact", ArgKind::Words, Need::Asked, "What it means for users", "Of each of them"),
    // A modal of Discord holds five texts.
    arg("why", ArgKind::Words, Need::Optional, "Why", "Without it what it is for"),
    PLAN,
    TESTED,
    TOUCHES,
    arg("stop", ArgKind::Choice(STOPS), Need::Optional, "A failure stops", "Else as the policy says"),
    arg("risk", ArgKind::Words, Need::Optional, "Risk", "Data availability compliance complexity rollback: 1 2 1 2 1"),
];

const STOPS: &[(&str, &str)] = &[("all", "all of it"), ("group", "its group, others go on")];

const DOS: &[(&str, &str)] = &[
    ("show", "show · its items, 15 a page"),
    ("go", "go · it goes on with what was not refused"),
    ("start", "start · its changes are started in their order"),
    ("pause", "pause · no further one is started"),
    ("resume", "resume · it goes on with the next"),
    ("exclude", "exclude · a change goes on by itself"),
    ("stop", "stop · all of its changes go on by themselves"),
];

pub(super) static VERBS: &[Verb] = &[
    Verb {
        id: VerbId::ChangeBulk,
        command: "change",
        name: "bulk",
        summary: "Ask for up to 200 changes in one window, with one vote",
        example: "/change bulk patch night until:+4h items: ledger rotate the key; payments rotate the key",
        args: BULK,
    },
    Verb {
        id: VerbId::ChangeBatch,
        command: "change",
        name: "plan batch",
        summary: "A batch: see, start, pause or stop it, take a change out",
        example: "/change plan batch BAT-2 show",
        args: &[
            arg("batch", ArgKind::Subject, Need::Optional, "Batch", "BAT-2; without it the only open one"),
            arg("do", ArgKind::Choice(DOS), Need::Optional, "What", "Without it you see it"),
            arg("change", ArgKind::Change, Need::Offered, "Change", "CHG-88, to take it out"),
            arg("why", ArgKind::Text, Need::Offered, "Why", "Why it is taken out or stopped"),
            arg("page", ArgKind::Number, Need::Optional, "Page", "Of its items"),
        ],
    },
];
