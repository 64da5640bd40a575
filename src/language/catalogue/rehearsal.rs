//! The verb of `/change plan` that says how a way back is rehearsed.

use super::{Arg, ArgKind, Need, Verb, VerbId, arg, change_ref};

const SAYS: &[(&str, &str)] = &[
    ("begin", "begin"),
    ("proven", "proven"),
    ("failed", "failed"),
    ("later", "later · no environment"),
    ("waive", "waive"),
];

pub(super) static VERBS: &[Verb] = &[Verb {
    id: VerbId::ChangeRehearse,
    command: "change",
    name: "plan rehearse",
    summary: "Try its way back, away from production",
    example: "/change plan rehearse CHG-88 env:staging observer:@tom minutes:15",
    args: &[
        change_ref(),
        Arg {
            aliases: &["environment"],
            ..arg("env", ArgKind::Words, Need::Optional, "Environment", "Not production")
        },
        arg("observer", ArgKind::Person, Need::Optional, "Observer", "Who watches"),
        arg("minutes", ArgKind::Number, Need::Optional, "Minutes", "Expected, or taken"),
        arg("do", ArgKind::Choice(SAYS), Need::Optional, "Say", "How it goes"),
        arg("why", ArgKind::Text, Need::Optional, "Why", "A note or a link"),
    ],
}];
