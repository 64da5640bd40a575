//! The verb of `/change plan` that says who stands ready to take a change back.

use super::{Arg, ArgKind, Need, Verb, VerbId, arg, change_ref};

const SAYS: &[(&str, &str)] = &[
    ("ready", "ready · I am on standby"),
    ("cannot", "cannot · I cannot be there"),
    ("oncall", "oncall · book who is on call"),
    ("pool", "pool · who is free"),
];

const fn role(name: &'static str, label: &'static str) -> Arg {
    arg(name, ArgKind::Person, Need::Optional, label, "Who; or me")
}

pub(super) static VERBS: &[Verb] = &[Verb {
    id: VerbId::ChangeStandby,
    command: "change",
    name: "plan standby",
    summary: "Who stands ready to take it back",
    example: "/change plan standby CHG-88 rollback_owner:@tom",
    args: &[
        change_ref(),
        role("rollback_owner", "Rollback owner"),
        role("database", "Database"),
        role("network", "Network"),
        role("service_desk", "Service desk"),
        arg("do", ArgKind::Choice(SAYS), Need::Optional, "Say", "What you say"),
        arg("why", ArgKind::Text, Need::Optional, "Why", "Why you cannot"),
        arg("page", ArgKind::Number, Need::Optional, "Page", "Page"),
    ],
}];
