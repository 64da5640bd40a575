//! The verbs of `/inc`.

use super::{Arg, ArgKind, KeyOf, Need, Verb, VerbId, arg, change_ref, help, incident_ref, values};

const IMPACTS: ArgKind = ArgKind::Choice(&[
    ("outage", "outage · unusable"),
    ("partial", "partial · some users or functions"),
    ("degraded", "degraded · slow or intermittent"),
    ("none_visible", "none visible · at risk"),
]);

const URGENCIES: ArgKind = ArgKind::Choice(&[
    ("u1", "u1 · immediate: growing, no workaround"),
    ("u2", "u2 · high: no workaround"),
    ("u3", "u3 · medium: workaround exists"),
    ("u4", "u4 · low: can be planned"),
]);

const STATUSES: ArgKind = ArgKind::Choice(&[
    ("investigating", "investigating · looking for the cause"),
    ("identified", "identified · the cause is known"),
    ("mitigated", "mitigated · the impact has stopped"),
    ("monitoring", "monitoring · watching that it holds"),
]);

const EXPOSURES: ArgKind = ArgKind::Choice(&[
    ("suspected", "suspected · data may have left"),
    ("confirmed", "confirmed · data has left"),
    ("none", "none · it has not, after all"),
]);

const LINKS: ArgKind = ArgKind::Choice(&[
    ("caused", "caused · it broke it"),
    ("resolves", "resolves · it mends it"),
    ("related", "related · it has to do with it"),
    ("none", "none · it has nothing to do with it"),
]);

const DRAFTS: ArgKind = ArgKind::Choice(&[
    ("none", "none · the step changes nothing"),
    ("part", "part · of the change that is open for it"),
]);

const NOTICE_DOS: ArgKind = ArgKind::Choice(&[("send", "send · as it is"), ("edit", "edit · in other words")]);

const fn why(need: Need, label: &'static str, hint: &'static str) -> Arg {
    arg("why", ArgKind::Words, need, label, hint)
}

const fn item(need: Need) -> Arg {
    arg("item", ArgKind::Key(KeyOf::Item), need, "Item", "Its key, like containment")
}

pub(super) static VERBS: &[Verb] = &[
    Verb {
        id: VerbId::IncDeclare,
        command: "inc",
        name: "declare",
        summary: "Declare an incident: opens a war room on both platforms",
        example: "/inc declare sev2 checkout returns 502 svc:payments",
        args: &[
            arg("title", ArgKind::Text, Need::Asked, "What is broken", "What people see, in a few words"),
            arg("sev", ArgKind::Severity, Need::Asked, "Severity", "How bad it is now; it can be changed at any time"),
            Arg {
                aliases: &["service", "services"],
                ..arg("svc", ArgKind::Services, Need::Asked, "Service", "Key of the service; several with commas")
            },
            arg("impact", IMPACTS, Need::Optional, "Technical impact", "With urgency, the matrix computes a priority"),
            arg("urgency", URGENCIES, Need::Optional, "Urgency", "With impact, the matrix computes a priority"),
        ],
    },
    Verb {
        id: VerbId::IncPanel,
        command: "inc",
        name: "panel",
        summary: "In a war room its card; elsewhere what waits for you",
        example: "/inc panel",
        args: &[incident_ref()],
    },
    Verb {
        id: VerbId::IncLead,
        command: "inc",
        name: "lead",
        summary: "Take the lead as incident commander, or give it to somebody",
        example: "/inc lead me",
        args: &[
            Arg {
                aliases: &["to"],
                ..arg("person", ArgKind::Person, Need::Optional, "Commander", "Who leads; without it you do")
            },
            why(Need::Optional, "Why", "Needed in an emergency where nobody is accountable for it"),
            incident_ref(),
        ],
    },
    Verb {
        id: VerbId::IncNote,
        command: "inc",
        name: "note",
        summary: "Add a note to the timeline, for everyone in the room",
        example: "/inc note errors began at 14:02 with the deploy",
        args: &[arg("text", ArgKind::Text, Need::Asked, "Note", "What you saw or did"), incident_ref()],
    },
    Verb {
        id: VerbId::IncDecide,
        command: "inc",
        name: "decide",
        summary: "Record a decision: the question, what was chosen, and why",
        example: "/inc decide Roll back 4.2? chose:yes why: errors began with deploy",
        args: &[
            arg("question", ArgKind::Text, Need::Asked, "Question", "What was to be decided"),
            arg("chose", ArgKind::Words, Need::Asked, "Chosen", "What was chosen"),
            why(Need::Asked, "Why", "The reason, for those who read this later"),
            incident_ref(),
        ],
    },
    Verb {
        id: VerbId::IncSev,
        command: "inc",
        name: "sev",
        summary: "Raise or lower the severity, with a reason",
        example: "/inc sev 1 why: all regions",
        args: &[
            arg("sev", ArgKind::Severity, Need::Asked, "Severity", "Raising stands at once; lowering sev1 needs two"),
            why(Need::Asked, "Why", "What changed"),
            incident_ref(),
        ],
    },
    Verb {
        id: VerbId::IncExposure,
        command: "inc",
        name: "plan exposure",
        summary: "Say whether data has left: raises the severity, calls the privacy officer, asks for the breach list",
        example: "/inc plan exposure suspected why: the bucket was public for an hour",
        args: &[
            arg("to", EXPOSURES, Need::Asked, "Data exposure", "Whether data has left"),
            why(Need::Asked, "Why", "What speaks for it"),
            arg("category", ArgKind::Key(KeyOf::Category), Need::Optional, "List", "What has to be shown; else breach"),
            incident_ref(),
        ],
    },
    Verb {
        id: VerbId::IncStatus,
        command: "inc",
        name: "status",
        summary: "Say how far it is: investigating, identified, mitigated, monitoring",
        example: "/inc status mitigated",
        args: &[
            arg("to", STATUSES, Need::Asked, "Status", "How far it is"),
            why(Need::Optional, "What is known", "For identified: the cause; back to investigating: the reason"),
            incident_ref(),
        ],
    },
    Verb {
        id: VerbId::IncUpdate,
        command: "inc",
        name: "update",
        summary: "Send stakeholders an update now; the schedule goes on",
        example: "/inc update rollback is running, next check at 15:00",
        args: &[
            arg("text", ArgKind::Text, Need::Asked, "Update", "For people outside the room: no host names, no names"),
            incident_ref(),
        ],
    },
    Verb {
        id: VerbId::IncNotice,
        command: "inc",
        name: "notice",
        summary: "Send the notice of an unplanned change that waits for a look",
        example: "/inc notice CHG-88 cards may fail for a minute",
        args: &[
            change_ref(),
            arg("text", ArgKind::Text, Need::Offered, "In other words", "In place of what it means and why; no names"),
            arg("do", NOTICE_DOS, Need::Optional, "What", "Without it it is sent"),
        ],
    },
    Verb {
        id: VerbId::IncSum,
        command: "inc",
        name: "sum",
        summary: "A summary for a manager: state, impact, decisions, what is next",
        example: "/inc sum",
        args: &[incident_ref()],
    },
    Verb {
        id: VerbId::IncChanges,
        command: "inc",
        name: "changes",
        summary: "What changed before: the changes that it may come from, the likeliest first",
        example: "/inc changes",
        args: &[incident_ref()],
    },
    Verb {
        id: VerbId::IncFill,
        command: "inc",
        name: "fill",
        summary: "Fill in what your organisation wants to know of an incident",
        example: "/inc fill cause:config",
        args: &[values(Need::Offered), incident_ref()],
    },
    Verb {
        id: VerbId::IncChecklist,
        command: "inc",
        name: "plan checklist",
        summary: "What has to be shown before it is over; with a list of the policy, that is asked for",
        example: "/inc plan checklist breach",
        args: &[
            incident_ref(),
            arg("category", ArgKind::Key(KeyOf::Category), Need::Optional, "List", "breach: its items are put on it"),
        ],
    },
    Verb {
        id: VerbId::IncTick,
        command: "inc",
        name: "plan tick",
        summary: "An item is done; say what shows it",
        example: "/inc plan tick containment the bucket is private since 14:10",
        args: &[
            incident_ref(),
            item(Need::Optional),
            arg("evidence", ArgKind::Text, Need::Asked, "Evidence", "What shows it: words, a link, a hash or a person"),
            arg("at", ArgKind::When, Need::Optional, "When it was done", "-2h or 14:10, where its age counts"),
        ],
    },
    Verb {
        id: VerbId::IncUntick,
        command: "inc",
        name: "plan untick",
        summary: "An item is open again, with a reason",
        example: "/inc plan untick containment a copy is still public",
        args: &[
            incident_ref(),
            item(Need::Asked),
            arg("why", ArgKind::Text, Need::Asked, "Why", "What is wrong with it"),
        ],
    },
    Verb {
        id: VerbId::IncWaive,
        command: "inc",
        name: "plan waive",
        summary: "An item does not apply; a second person has to say so too",
        example: "/inc plan waive lessons it was a drill",
        args: &[
            incident_ref(),
            item(Need::Asked),
            arg("why", ArgKind::Text, Need::Asked, "Why", "Why it does not apply"),
        ],
    },
    Verb {
        id: VerbId::IncLink,
        command: "inc",
        name: "link",
        summary: "Say what a change is to the incident: its cause, what resolves it, or not related",
        example: "/inc link CHG-88 caused why: errors began when it started",
        args: &[
            arg("change", ArgKind::Change, Need::Asked, "Change", "The change, like CHG-88"),
            arg(
                "as",
                LINKS,
                Need::Asked,
                "What it is to the incident",
                "Whether it is the cause decides the commander",
            ),
            why(Need::Offered, "Why", "What speaks for it; needed where it is not related"),
            arg(
                "confirm",
                ArgKind::YesNo,
                Need::Optional,
                "Are you sure?",
                "yes where it was decided otherwise, or began later",
            ),
            incident_ref(),
        ],
    },
    Verb {
        id: VerbId::IncDraft,
        command: "inc",
        name: "draft",
        summary: "Say what a step is that looked like a change: none, or part of the one that is open",
        example: "/inc draft draft:2 none",
        args: &[
            arg("draft", ArgKind::Number, Need::Asked, "Draft", "Its number, as the room and the card show it"),
            arg("as", DRAFTS, Need::Asked, "What the step is", "To ask for its change, press Complete and submit"),
            incident_ref(),
        ],
    },
    Verb {
        id: VerbId::IncTimeline,
        command: "inc",
        name: "timeline",
        summary: "What happened, in order",
        example: "/inc timeline",
        args: &[incident_ref()],
    },
    Verb {
        id: VerbId::IncResolve,
        command: "inc",
        name: "resolve",
        summary: "The incident is over: say what resolved it",
        example: "/inc resolve rolled back to 4.1, error rate is zero for 10 minutes",
        args: &[
            arg("summary", ArgKind::Text, Need::Asked, "What resolved it", "One or two sentences for the record"),
            incident_ref(),
        ],
    },
    Verb {
        id: VerbId::IncCancel,
        command: "inc",
        name: "cancel",
        summary: "Declared by mistake: cancel it, with a reason",
        example: "/inc cancel a test alert, nothing was broken",
        args: &[arg("why", ArgKind::Text, Need::Asked, "Why", "For those who were told already"), incident_ref()],
    },
    Verb {
        id: VerbId::IncReopen,
        command: "inc",
        name: "reopen",
        summary: "It came back: open a resolved incident again, with a reason",
        example: "/inc reopen cards fail again since 15:20",
        args: &[arg("why", ArgKind::Text, Need::Asked, "Why", "What came back"), incident_ref()],
    },
    Verb {
        id: VerbId::IncMajor,
        command: "inc",
        name: "major",
        summary: "Declare a major incident, or propose it: freezes changes around what is affected",
        example: "/inc major all card payments fail, no workaround",
        args: &[
            arg(
                "why",
                ArgKind::Text,
                Need::Asked,
                "Why",
                "What makes it more than an incident: reach, data, no workaround",
            ),
            incident_ref(),
        ],
    },
    Verb {
        id: VerbId::IncStandDown,
        command: "inc",
        name: "stand-down",
        summary: "It is no major incident any more; changes stay frozen while things settle",
        example: "/inc stand-down payments work again, we only watch",
        args: &[arg("why", ArgKind::Text, Need::Asked, "Why", "What is better now"), incident_ref()],
    },
    Verb {
        id: VerbId::IncConfirm,
        command: "inc",
        name: "confirm",
        summary: "Confirm, as the second person, what another has asked for",
        example: "/inc confirm",
        args: &[incident_ref()],
    },
    Verb {
        id: VerbId::IncDecline,
        command: "inc",
        name: "decline",
        summary: "Decline, as the second person, what another has asked for",
        example: "/inc decline",
        args: &[incident_ref()],
    },
    Verb {
        id: VerbId::IncList,
        command: "inc",
        name: "list",
        summary: "Open incidents, then the latest ones",
        example: "/inc list",
        args: &[arg("page", ArgKind::Number, Need::Optional, "Page", "15 incidents a page")],
    },
    help("inc", "/inc help"),
];
