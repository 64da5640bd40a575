//! The verbs of `/report`.

use super::{ArgKind, Need, Verb, VerbId, arg, help};

pub(super) static VERBS: &[Verb] = &[
    Verb {
        id: VerbId::ReportBypass,
        command: "report",
        name: "bypass",
        summary: "What went past the regular way or wrong: emergencies, failures, records, exceptions, overruns",
        example: "/report bypass days:30",
        args: &[
            arg("days", ArgKind::Number, Need::Optional, "Days", "How many days back, to 365; without it 90"),
            arg("page", ArgKind::Number, Need::Optional, "Page", "15 entries a page; what is overdue comes first"),
        ],
    },
    Verb {
        id: VerbId::ReportFields,
        command: "report",
        name: "fields",
        summary: "Records whose fields are still empty, and how long forms and fields take to fill in",
        example: "/report fields days:30",
        args: &[
            arg("days", ArgKind::Number, Need::Optional, "Days", "How many days back, to 365; without it 90"),
            arg("page", ArgKind::Number, Need::Optional, "Page", "15 records a page; those that are over come first"),
        ],
    },
    help("report", "/report help"),
];
