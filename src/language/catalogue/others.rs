//! The verbs of `/log` and `/admin`.

use super::{Arg, ArgKind, KeyOf, Need, Verb, VerbId, arg, help};

const SUBJECT: Arg = arg(
    "about",
    ArgKind::Subject,
    Need::Optional,
    "About",
    "INC-7, CHG-88, FRZ-9 or CAB-3; in a war room its own incident is meant",
);

const PLATFORMS: ArgKind = ArgKind::Choice(&[("slack", "Slack"), ("discord", "Discord")]);

pub(super) static VERBS: &[Verb] = &[
    Verb {
        id: VerbId::LogShow,
        command: "log",
        name: "show",
        summary: "The decision log: who, what, when, where, why; of a record, or by person, kind and time",
        example: "/log show INC-7 by:me kind:decided since:-2d",
        args: &[
            SUBJECT,
            arg("kind", ArgKind::Kind, Need::Optional, "Kind", "declared, decided, vote, approval, refused, …"),
            arg("since", ArgKind::When, Need::Optional, "Since", "-2h, 14:30, 2030-01-07 or 2030-01-07T14:30Z"),
            arg("until", ArgKind::When, Need::Optional, "Until", "-2h, 14:30, 2030-01-07 or 2030-01-07T14:30Z"),
            arg("by", ArgKind::Person, Need::Optional, "By", "Whose entries"),
            arg("page", ArgKind::Number, Need::Optional, "Page", "20 entries a page; the first has the newest"),
        ],
    },
    Verb {
        id: VerbId::LogVerify,
        command: "log",
        name: "verify",
        summary: "Check that no entry was changed, removed or slipped in",
        example: "/log verify",
        args: &[SUBJECT],
    },
    Verb {
        id: VerbId::LogExport,
        command: "log",
        name: "export",
        summary: "The log of a record as a file for you alone, with proofs, to be checked without Wardroom",
        example: "/log export INC-7",
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
    Verb {
        id: VerbId::AdminCheck,
        command: "admin",
        name: "check",
        summary: "What hangs on one person, and who is missing from what they should answer for",
        example: "/admin check",
        args: &[],
    },
    Verb {
        id: VerbId::AdminRaci,
        command: "admin",
        name: "raci",
        summary: "Who is accountable, responsible, consulted and informed for what, and what is missing",
        example: "/admin raci svc:payments",
        args: &[Arg {
            aliases: &["service"],
            ..arg("svc", ArgKind::Services, Need::Optional, "Service", "Key of a service; without it what is written")
        }],
    },
    Verb {
        id: VerbId::AdminCharter,
        command: "admin",
        name: "charter",
        summary: "What a team answers for, how soon it can be reached, who takes over; acknowledge it",
        example: "/admin charter payments",
        args: &[
            arg(
                "do",
                ArgKind::Choice(&[
                    ("ack", "ack · I have read it and keep to it"),
                    ("reviewed", "reviewed · I looked at it again, and it stays"),
                ]),
                Need::Optional,
                "Do",
                "Without it you see the charter",
            ),
            arg(
                "team",
                ArgKind::Key(KeyOf::Team),
                Need::Optional,
                "Team",
                "Key of a team; without it all that there are",
            ),
        ],
    },
    Verb {
        id: VerbId::AdminPolicy,
        command: "admin",
        name: "policy",
        summary: "Which policy is in force, which waits and what it changes; try it on the past, sign it, or object",
        example: "/admin policy sign 4fd3a1b29c07",
        args: &[
            arg(
                "do",
                ArgKind::Choice(&[
                    ("sign", "sign · it may come into force"),
                    ("object", "object · it must not"),
                    ("read", "read · I have read the one in force"),
                    ("reviewed", "reviewed · I looked at the one in force again, and it stays"),
                    ("decline", "decline · an amendment, like AMD-3, is not to be"),
                    ("simulate", "simulate · the last 90 days under the one that waits"),
                    ("history", "history · the policies that were in force"),
                    ("show", "show · what a rule says here, by its number or name; or AMD-3"),
                ]),
                Need::Optional,
                "Do",
                "Without it you see what there is",
            ),
            arg(
                "hash",
                ArgKind::Key(KeyOf::Policy),
                Need::Optional,
                "Policy",
                "The beginning of its hash, as it is shown; of an amendment AMD-3",
            ),
            arg("why", ArgKind::Words, Need::Offered, "Why", "Needed to object or decline"),
            arg("rule", ArgKind::Words, Need::Optional, "Rule", "To show: 4.10, or a name like risk"),
        ],
    },
    Verb {
        id: VerbId::AdminPropose,
        command: "admin",
        name: "propose",
        summary: "Ask for another rule in the policy; those who sign it are told, and chased until it is answered",
        example: "/admin propose audit two people agree to lift a freeze ref:F-12 why: one lifted it alone due:+14d",
        args: &[
            arg(
                "source",
                ArgKind::Choice(&[
                    ("finding", "finding · of a review"),
                    ("audit", "audit · an auditor waits for it"),
                    ("regulation", "regulation · a law or a standard asks for it"),
                    ("quarter", "quarter · the figures of a quarter show it"),
                ]),
                Need::Asked,
                "Where it comes from",
                "finding, audit, regulation or quarter",
            ),
            arg("about", ArgKind::Subject, Need::Optional, "About", "The record that shows it, like CHG-88"),
            arg("what", ArgKind::Text, Need::Asked, "What is to be different", "The rule, and what it should say"),
            arg("why", ArgKind::Words, Need::Asked, "Why", "What was found"),
            arg(
                "ref",
                ArgKind::Words,
                Need::Offered,
                "Its number",
                "F-12, GDPR-33 or 2030-Q1; else that of the record",
            ),
            arg("due", ArgKind::When, Need::Offered, "Due", "+30d or 2030-01-31; an audit has 30 days without it"),
        ],
    },
    Verb {
        id: VerbId::AdminLink,
        command: "admin",
        name: "link",
        summary: "Link another account of yours: shows a code there, to be typed where I know you",
        example: "/admin link",
        args: &[arg("code", ArgKind::Text, Need::Optional, "Code", "The code that your other account was shown")],
    },
    Verb {
        id: VerbId::AdminUnlink,
        command: "admin",
        name: "unlink",
        summary: "Remove your own link: what is done through this account is not yours any more",
        example: "/admin unlink confirm:yes",
        args: &[
            arg(
                "on",
                PLATFORMS,
                Need::Optional,
                "Platform",
                "Your accounts there, instead of the one that you type with",
            ),
            arg(
                "confirm",
                ArgKind::YesNo,
                Need::Asked,
                "Unlink it?",
                "You may do less through it until it is linked again",
            ),
        ],
    },
    help("admin", "/admin help"),
];
