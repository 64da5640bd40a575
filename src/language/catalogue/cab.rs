//! The verbs of `/cab`.

use super::{Arg, ArgKind, KeyOf, Need, Verb, VerbId, arg, change_ref};

const HELPFUL: ArgKind =
    ArgKind::Scale(&["misleading", "of little help", "of some help", "helpful", "nothing was missing"]);

const fn meeting_ref() -> Arg {
    arg("meeting", ArgKind::Subject, Need::Optional, "Meeting", "CAB-3; without it the one that is open")
}

/// An entry of the catalogue.
const fn entry(need: Need) -> Arg {
    arg("entry", ArgKind::Key(KeyOf::Entry), need, "Entry", "Its key, as /change std lists it")
}

const BANDS: &[(&str, &str)] = &[
    ("low", "low · its owner agrees"),
    ("medium", "medium · the change manager too"),
    ("high", "high · the board votes"),
    ("critical", "critical · the board votes, and an executive takes the risk"),
];

pub(super) static VERBS: &[Verb] = &[
    Verb {
        id: VerbId::CabStatus,
        command: "cab",
        name: "status",
        summary: "How a vote stands: ballots, quorum, seats, time left",
        example: "/cab status CHG-88",
        args: &[change_ref()],
    },
    Verb {
        id: VerbId::CabMembers,
        command: "cab",
        name: "members",
        summary: "Who votes, for which seats, who is in the chair, and who has not voted yet",
        example: "/cab members CHG-88",
        args: &[change_ref()],
    },
    Verb {
        id: VerbId::CabQuorum,
        command: "cab",
        name: "quorum",
        summary: "What a vote still takes to pass: voters, approvals, seats, concerns",
        example: "/cab quorum CHG-88",
        args: &[change_ref()],
    },
    Verb {
        id: VerbId::CabRecuse,
        command: "cab",
        name: "recuse",
        summary: "Step aside from a vote, with a reason",
        example: "/cab recuse CHG-88 I wrote the code in question",
        args: &[change_ref(), arg("why", ArgKind::Text, Need::Asked, "Why", "What ties you to this change")],
    },
    Verb {
        id: VerbId::CabConcern,
        command: "cab",
        name: "concern",
        summary: "Block the vote until your concern is resolved",
        example: "/cab concern CHG-88 nobody has tested this against the replica",
        args: &[
            change_ref(),
            arg("why", ArgKind::Text, Need::Asked, "Concern", "What must be answered before it may pass"),
        ],
    },
    Verb {
        id: VerbId::CabResolved,
        command: "cab",
        name: "resolved",
        summary: "Your concern is answered; in the chair, also those of others",
        example: "/cab resolved CHG-88 tested on the replica at 14:20",
        args: &[change_ref(), arg("why", ArgKind::Text, Need::Optional, "How", "What answered it")],
    },
    Verb {
        id: VerbId::CabOpen,
        command: "cab",
        name: "open",
        summary: "Open the board's meeting here; its agenda is what awaits approval, the riskiest first",
        example: "/cab open",
        args: &[],
    },
    Verb {
        id: VerbId::CabPresent,
        command: "cab",
        name: "present",
        summary: "Say that you are at the meeting, from either platform",
        example: "/cab present",
        args: &[meeting_ref()],
    },
    Verb {
        id: VerbId::CabAgenda,
        command: "cab",
        name: "agenda",
        summary: "What the meeting talks about, in which order and for how long, and who is there",
        example: "/cab agenda",
        args: &[meeting_ref()],
    },
    Verb {
        id: VerbId::CabNext,
        command: "cab",
        name: "next",
        summary: "Go on to the next change that waits; its vote is shown here",
        example: "/cab next",
        args: &[meeting_ref()],
    },
    Verb {
        id: VerbId::CabDefer,
        command: "cab",
        name: "defer",
        summary: "Leave a change of the agenda for later, with a reason",
        example: "/cab defer CHG-88 why: the test report is missing",
        args: &[
            arg("change", ArgKind::Subject, Need::Optional, "Change", "CHG-88; without it the one under discussion"),
            arg("why", ArgKind::Text, Need::Asked, "Why", "What is missing; it stands in the minutes"),
        ],
    },
    Verb {
        id: VerbId::CabDecide,
        command: "cab",
        name: "decide",
        summary: "Put on record what the meeting decides; in a monthly one it names a figure of the data pack",
        example: "/cab decide two people read every rollback plan cites:P2",
        args: &[
            arg("what", ArgKind::Text, Need::Asked, "Decision", "It stands in the minutes"),
            arg("cites", ArgKind::Words, Need::Offered, "Goes by", "The item of the data pack: P2"),
            arg(
                "verdict",
                ArgKind::Choice(&[("adopt", "adopt"), ("reject", "reject"), ("defer", "defer")]),
                Need::Optional,
                "Finding",
                "What becomes of a finding",
            ),
        ],
    },
    Verb {
        id: VerbId::CabClose,
        command: "cab",
        name: "close",
        summary: "Close the meeting; its minutes are written, posted and logged",
        example: "/cab close",
        args: &[meeting_ref()],
    },
    Verb {
        id: VerbId::CabMinutes,
        command: "cab",
        name: "minutes",
        summary: "The minutes of a meeting: who was there, what was decided, by whose votes",
        example: "/cab minutes",
        args: &[meeting_ref()],
    },
    Verb {
        id: VerbId::CabRisk,
        command: "cab",
        name: "risk",
        summary: "Judge a change's risk otherwise than its score: a change manager, to lower it two",
        example: "/cab risk CHG-88 band:high the replica was never tried with this load",
        args: &[
            change_ref(),
            arg("band", ArgKind::Choice(BANDS), Need::Asked, "Band", "What it is to count as"),
            arg("why", ArgKind::Text, Need::Asked, "Why", "What the score does not know"),
        ],
    },
    Verb {
        id: VerbId::CabEscalate,
        command: "cab",
        name: "escalate",
        summary: "Put what blocks a change for good to the decision authority, who rules on it",
        example: "/cab escalate CHG-88 why: the exception was denied, and the certificate expires tonight",
        args: &[
            change_ref(),
            arg("why", ArgKind::Text, Need::Asked, "Why", "Your position; whoever rules reads it beside the other one"),
        ],
    },
    Verb {
        id: VerbId::CabRule,
        command: "cab",
        name: "rule",
        summary: "Rule on a dispute that you were asked to rule on; it binds, and takes effect at once",
        example: "/cab rule CHG-88 allow why: the risk of waiting is greater conditions: tom watches",
        args: &[
            change_ref(),
            arg(
                "verdict",
                ArgKind::Choice(&[
                    ("allow", "allow · past this one block, with conditions or without"),
                    ("deny", "deny · it stays blocked"),
                    ("other", "other · another way, which the reason names"),
                ]),
                Need::Asked,
                "Ruling",
                "allow, deny or other",
            ),
            arg("why", ArgKind::Text, Need::Asked, "Why", "The reason; it stands in the log"),
            arg(
                "conditions",
                ArgKind::Words,
                Need::Offered,
                "Conditions",
                "What has to be kept to; shown at the start",
            ),
            arg("appoint", ArgKind::Person, Need::Optional, "Appoint", "Who votes too, where too few may"),
        ],
    },
    Verb {
        id: VerbId::CabExploit,
        command: "cab",
        name: "exploit",
        summary: "As the security lead: whether a change meets an exploit, and so is an emergency",
        example: "/cab exploit CHG-88 confirm",
        args: &[
            change_ref(),
            arg(
                "verdict",
                ArgKind::Choice(&[
                    ("confirm", "confirm · exploited now, or about to fail"),
                    ("deny", "deny · it goes its regular way"),
                ]),
                Need::Asked,
                "Verdict",
                "confirm or deny",
            ),
            arg("why", ArgKind::Text, Need::Offered, "Why", "Needed to deny it; kept in the log"),
        ],
    },
    Verb {
        id: VerbId::CabClear,
        command: "cab",
        name: "clear",
        summary: "Ask the commander to let a change start beside an incident; or, as the commander, answer",
        example: "/cab clear CHG-88 ask why: it only reads, and the partner waits for it",
        args: &[
            change_ref(),
            arg(
                "verdict",
                ArgKind::Choice(&[
                    ("ask", "ask · the commander is asked"),
                    ("allow", "allow · this revision may start"),
                    ("deny", "deny · it waits until the incident is over"),
                ]),
                Need::Asked,
                "Verdict",
                "ask, allow or deny",
            ),
            arg("why", ArgKind::Text, Need::Asked, "Why", "Why it harms nobody there, or why it does"),
        ],
    },
    Verb {
        id: VerbId::CabDelegate,
        command: "cab",
        name: "delegate",
        summary: "Who stands in for you, 30 days at most, or that you are away; or see who is on call",
        example: "/cab delegate to:@tom until:+4h why: a flight",
        args: &[
            arg(
                "do",
                ArgKind::Choice(&[
                    ("away", "away · I am not there, ask the next in line"),
                    ("end", "end · I am back, nobody stands in for me any more"),
                    ("show", "show · who is on call, away, stood in for"),
                ]),
                Need::Optional,
                "Away, end or show",
                "You are away, back, or want to see who is",
            ),
            arg("to", ArgKind::Person, Need::Offered, "To", "Who stands in for you"),
            arg("until", ArgKind::When, Need::Offered, "Until", "+2d, 18:00, 2030-01-07 or 2030-01-07T14:30Z"),
            arg("from", ArgKind::When, Need::Optional, "From", "+2d, 18:00 or 2030-01-07; without it from now on"),
            arg("why", ArgKind::Words, Need::Offered, "Why", "Kept in the log"),
        ],
    },
    Verb {
        id: VerbId::CabRate,
        command: "cab",
        name: "standard rate",
        summary: "Say whether the entry of the catalogue was of help, after a standard change of yours",
        example: "/cab standard rate CHG-88 helpful:2 wrong:yes step 3 has the old path",
        args: &[
            change_ref(),
            arg("helpful", HELPFUL, Need::Asked, "How much it helped", "From 1 to 5; three low ones have it revised"),
            arg("wrong", ArgKind::YesNo, Need::Asked, "Was a step wrong", "Wrong, missing or misleading"),
            arg("why", ArgKind::Text, Need::Offered, "What was wrong", "Which step, and what it should say"),
        ],
    },
    Verb {
        id: VerbId::CabSuspend,
        command: "cab",
        name: "standard suspend",
        summary: "Take an entry of the catalogue out of use; for its owner and change managers",
        example: "/cab standard suspend log-rotation why: the path in step 2 is gone",
        args: &[
            entry(Need::Asked),
            arg("why", ArgKind::Text, Need::Asked, "Why", "Kept in the log; its owner reads it"),
        ],
    },
    Verb {
        id: VerbId::CabResume,
        command: "cab",
        name: "standard resume",
        summary: "Let a suspended entry of the catalogue be used again",
        example: "/cab standard resume log-rotation why: the path is back",
        args: &[
            entry(Need::Asked),
            arg("why", ArgKind::Text, Need::Asked, "Why", "Kept in the log; its owner reads it"),
        ],
    },
    Verb {
        id: VerbId::CabSubmit,
        command: "cab",
        name: "standard submit",
        summary: "Put an entry of the catalogue to the board, where the policy has it vote on each",
        example: "/cab standard submit log-rotation",
        args: &[entry(Need::Asked)],
    },
    Verb {
        id: VerbId::CabDraft,
        command: "cab",
        name: "standard draft",
        summary: "The section for the policy file: an entry to revise, or a change that becomes one",
        example: "/cab standard draft CHG-88",
        args: &[change_ref(), entry(Need::Optional)],
    },
];
