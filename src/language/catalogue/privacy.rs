//! The verbs of erasure, legal hold, retention and business units.

use super::{Arg, ArgKind, Need, Verb, VerbId, arg};

const ENTRY: Arg = arg("entry", ArgKind::Entry, Need::Optional, "Entry", "INC-7#3, as its receipt names it");

// Words, not somebody to choose: whoever is meant has left, and may have no account any more.
const PERSON: Arg = arg(
    "person",
    ArgKind::Words,
    Need::Optional,
    "Person",
    "Instead: somebody who has left, by short name, or a stranger's account (slack:U0123)",
);

const WHAT: ArgKind = ArgKind::Choice(&[("name", "Their name alone"), ("all", "Also what they wrote")]);

const RECORD: Arg = arg(
    "about",
    ArgKind::Subject,
    Need::Optional,
    "Record",
    "INC-7 or CHG-88; in a war room its own incident, with its changes",
);

pub(super) static VERBS: &[Verb] = &[
    Verb {
        id: VerbId::LogErase,
        command: "log",
        name: "erase",
        summary: "Ask that what an entry says, or a person's name, be erased; a second officer approves it",
        example: "/log erase INC-7#3 basis: GDPR Art. 17(1)(b)",
        args: &[
            ENTRY,
            PERSON,
            arg(
                "what",
                WHAT,
                Need::Optional,
                "What of them",
                "Of a person: the name (as a rule), or all that they wrote",
            ),
            arg("basis", ArgKind::Text, Need::Asked, "Basis", "The law, or the rule of the house, that asks for it"),
        ],
    },
    Verb {
        id: VerbId::LogApprove,
        command: "log",
        name: "approve",
        summary: "Approve an erasure that another officer asked for: it is done at once",
        example: "/log approve INC-7#3",
        args: &[ENTRY, PERSON],
    },
    Verb {
        id: VerbId::LogDecline,
        command: "log",
        name: "decline",
        summary: "Decline an erasure, or take your own request back",
        example: "/log decline INC-7#3",
        args: &[ENTRY, PERSON],
    },
    Verb {
        id: VerbId::LogHold,
        command: "log",
        name: "hold",
        summary: "Put a record on legal hold: nothing of it is erased until it is released",
        example: "/log hold INC-7 why: the regulator has asked for it",
        args: &[
            RECORD,
            arg("why", ArgKind::Text, Need::Asked, "Why", "Who asked for it, and until when it is expected"),
        ],
    },
    Verb {
        id: VerbId::LogRelease,
        command: "log",
        name: "release",
        summary: "Release a record from legal hold",
        example: "/log release INC-7 why: the case is closed",
        args: &[RECORD, arg("why", ArgKind::Text, Need::Asked, "Why", "Who said that it may go")],
    },
    Verb {
        id: VerbId::LogArchive,
        command: "log",
        name: "archive",
        summary: "What is sealed of an incident, or what that waits for; a compliance officer seals it at once",
        example: "/log archive INC-7",
        args: &[
            RECORD,
            arg(
                "do",
                ArgKind::Choice(&[("seal", "Seal it at once")]),
                Need::Optional,
                "Do",
                "By itself it is sealed some days after its end, as the policy says",
            ),
        ],
    },
    Verb {
        id: VerbId::LogRedact,
        command: "log",
        name: "redact",
        summary: "Ask for a redacted copy of an incident, for training; a second officer approves it",
        example: "/log redact INC-7 mark: project nightjar",
        args: &[
            RECORD,
            arg(
                "do",
                ArgKind::Choice(&[("approve", "Approve the copy that was shown"), ("decline", "No copy is written")]),
                Need::Optional,
                "Do",
                "Without it a copy is asked for, and what it would leave out is shown",
            ),
            arg(
                "mark",
                ArgKind::Words,
                Need::Optional,
                "Mark",
                "Words that are to go too, as they stand in the record",
            ),
        ],
    },
    Verb {
        id: VerbId::AdminRetention,
        command: "admin",
        name: "retention",
        summary: "How long texts are kept, what is due, held or asked for; a compliance officer confirms the rules",
        example: "/admin retention confirm",
        args: &[arg(
            "do",
            ArgKind::Choice(&[("confirm", "Put the rules in force")]),
            Need::Optional,
            "Do",
            "Nothing goes by age before the rules, as they stand, are confirmed",
        )],
    },
    Verb {
        id: VerbId::AdminTenant,
        command: "admin",
        name: "tenant",
        summary: "Which business unit this is, and whether one desk or the teams should coordinate its incidents",
        example: "/admin tenant assess regions:2 desk:yes tooling:3",
        args: &[
            arg(
                "do",
                ArgKind::Choice(&[("assess", "Recommend a mode")]),
                Need::Optional,
                "Do",
                "The only thing to do here",
            ),
            arg("teams", ArgKind::Number, Need::Optional, "Teams", "Those of the organisation file, where left out"),
            arg(
                "regions",
                ArgKind::Number,
                Need::Optional,
                "Regions",
                "In how many regions people work; 1 where left out",
            ),
            arg("desk", ArgKind::YesNo, Need::Optional, "Desk", "Whether somebody sits at a desk around the clock"),
            arg("tooling", ArgKind::Number, Need::Optional, "Tooling", "1 (by hand) to 5 (automated)"),
        ],
    },
];
