use super::*;
use crate::domain::cases::{Cell, Column, Outcome, Row, Values, ask, tables};
use crate::domain::policy::{DEFAULT_TOML, Policy};

/// Every vector and row of the rules. The unit tests and `wardroom policy test` read this one file.
const CASES: &str = include_str!("../../deploy/policy-cases.toml");
/// The policies that are shipped beside the sample, as bases for one's own.
const PRESETS: [(&str, &str); 2] = [
    ("small team", include_str!("../../deploy/policy-small-team.toml")),
    ("regulated", include_str!("../../deploy/policy-regulated.toml")),
];

fn rows(source: &str, format: Format) -> Vec<Row> {
    read_cases(source, format).expect("the cases can be read")
}

fn asked(policy: &Policy, rows: &[Row]) -> Vec<Outcome> {
    rows.iter().map(|row| ask(policy, row).expect("a case can be asked")).collect()
}

/// What is wrong with the sample after one change of its text.
fn problems(changes: &[(&str, &str)]) -> Vec<String> {
    let mut source = DEFAULT_TOML.to_owned();
    for (from, to) in changes {
        assert!(source.contains(from), "the sample has {from:?}");
        source = source.replacen(from, to, 1);
    }
    match read_policy(&source) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

/// The number of the line on which the sample says this.
fn line_with(text: &str) -> usize {
    DEFAULT_TOML.lines().position(|line| line.contains(text)).expect(text) + 1
}

#[test]
fn every_shipped_case_holds_under_the_sample_policy() {
    let outcomes = asked(&Policy::sample(), &rows(CASES, Format::Toml));
    let differing: Vec<_> = outcomes.iter().filter(|outcome| !outcome.holds()).collect();
    assert!(differing.is_empty(), "{differing:#?}");
}

/// The columns of which the shipped cases name every word: each verdict is reached, and each fact is tried.
#[rustfmt::skip]
const COMPLETE: [&str; 47] = [
    "impact.technical", "impact.tier", "impact.impact", "priority.impact", "priority.urgency", "override.verdict",
    "risk.band", "disposition.band", "disposition.priority", "disposition.disposition", "classification.note",
    "classification.reason", "classification.missing", "contingency.band", "approvals.type", "approvals.band",
    "approvals.flags", "approvals.conditions", "seats.seat", "seats.ties", "vote.policy", "vote.chair", "vote.outcome",
    "vote_window.policy", "vote_window.case", "link.relation", "link.facts", "link.verdict", "duties.duty",
    "duties.barred", "deadlines.type", "window.verdict", "window_length.case", "throttle.facts", "throttle.reason",
    "permissions.action", "permissions.ties", "coordination.mode", "retention.class", "retention.action", "exception.subject", "exception.class", "checklist.before",
    "standby.verdict", "review.facts", "review.end", "review.review",
];

#[test]
fn the_shipped_cases_try_every_fact_and_reach_every_verdict() {
    let rows = rows(CASES, Format::Toml);
    let (mut missing, mut complete) = (Vec::new(), 0);
    for table in tables() {
        for column in table.given.iter().chain(table.expected) {
            let place = format!("{}.{}", table.name, column.name);
            let of_table = rows.iter().filter(|row| row.table == table.name);
            let cells: Vec<&Cell> =
                of_table.flat_map(|row| row.cells.iter().filter(|cell| cell.column == column.name)).collect();
            if cells.is_empty() {
                missing.push(place);
                continue;
            }
            if let (true, Values::One(words) | Values::Several(words)) =
                (COMPLETE.contains(&place.as_str()), column.values)
            {
                complete += 1;
                let named = |word: &&str| {
                    cells.iter().any(|cell| cell.text == *word || cell.text.split(' ').any(|part| part == *word))
                };
                missing.extend(words().iter().filter(|word| !named(word)).map(|word| format!("{place} = {word}")));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
    assert_eq!(complete, COMPLETE.len(), "every complete column is one of words");
}

#[test]
fn a_column_is_either_given_or_expected_and_a_table_is_there_once() {
    let tables = tables();
    for (place, table) in tables.iter().enumerate() {
        let columns: Vec<&Column> = table.given.iter().chain(table.expected).collect();
        for (place, column) in columns.iter().enumerate() {
            let twice = columns[..place].iter().any(|other| other.name == column.name) || column.name == "name";
            assert!(!twice, "{}.{}", table.name, column.name);
        }
        assert!(tables[..place].iter().all(|other| other.name != table.name), "{}", table.name);
    }
}

#[test]
fn every_problem_of_a_policy_is_named_with_its_line() {
    let line = line_with;
    assert_eq!(problems(&[]), Vec::<String>::new());
    let found = problems(&[
        ("outage       = [\"I1\", \"I1\", \"I2\", \"I3\"]", "outage       = [\"I1\", \"I9\", \"I2\", \"I3\"]"),
        ("peak_raises_steps = 1", "peak_rises_steps = 1"),
        ("medium   = [8, 14]", "medium   = [9, 14]"),
        ("critical = [\"peer_reviewer\", \"vote:ecab_critical\"", "critical = [\"peer_reviewer\", \"vote:ekab\""),
        ("threshold = \"more than 1/2\"", "threshold = \"more than 1/1\""),
        ("decision_minutes = 15\n", ""),
        ("warn_minutes_left = [30, 10]", "warn_minutes_left = \"soon\""),
        ("lease_minutes = 30", "lease_minutes = -5"),
    ]);
    let gone = line("[deadlines.emergency.p1]");
    let expected = [
        format!("line {}: impact.matrix.outage: ", line("outage       =")),
        format!("line {}: priority.peak_rises_steps: there is no such entry", line("peak_raises_steps")),
        "priority.peak_raises_steps: it is missing".to_owned(),
        format!("line {}: risk.bands.medium: there is a gap: low ends at 7", line("medium   = [8")),
        format!("line {}: approvals.emergency.critical: ", line("vote:ecab_critical")),
        format!("line {}: votes.cab_high.threshold: more than 1/1 can never", line("threshold = \"more than 1/2\"")),
        format!("line {gone}: deadlines.emergency.p1.decision_minutes: it is missing"),
        // A line is gone above these two.
        format!("line {}: windows.warn_minutes_left: ", line("warn_minutes_left =") - 1),
        format!("line {}: throttle.lease_minutes: ", line("lease_minutes =") - 1),
    ];
    for begins in &expected {
        assert!(found.iter().any(|problem| problem.contains(begins)), "{begins}\n{found:#?}");
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
}

#[test]
fn what_stands_in_the_wrong_place_is_told_in_plain_words() {
    let rows = [
        (
            "lease_minutes = 30",
            "lease_minutes = -5",
            "throttle.lease_minutes: -5 is not what belongs here: a whole number from 0 on.",
        ),
        (
            "lease_minutes = 30",
            "lease_minutes = \"x\"",
            "throttle.lease_minutes: \"x\" is not what belongs here: a whole number from 0 on.",
        ),
        ("auto_from = 70", "auto_from = 0.7", "links.auto_from: 0.7 is not what belongs here: a whole number."),
        (
            "warn_minutes_left = [30, 10]",
            "warn_minutes_left = \"x\"",
            "windows.warn_minutes_left: \"x\" is not what belongs here: a list.",
        ),
        (
            "opens = \"09:00\"",
            "opens = \"nine\"",
            "calendar.opens: this is no time like \"09:00\", and no date like \"2026-12-25\".",
        ),
        (
            "days = [\"mon\"",
            "days = [\"blursday\"",
            "calendar.days: days are written mon, tue, wed, thu, fri, sat, sun.",
        ),
        (
            "before = \"validate\"",
            "before = \"lunch\"",
            "checklists.network: lunch is unknown; there is submit, approve, start, validate, close.",
        ),
        (", what = \"the lessons\"", "", "checklists.breach: what is missing in an entry of this list."),
        (", then = \"anonymise\"", "", "retention.rule: then is missing in an entry of this list."),
        (
            "class = \"chat\"",
            "class = \"talk\"",
            "retention.rule: talk is unknown; there is incident, restricted, change, log, chat, drill.",
        ),
    ];
    for (from, to, expected) in rows {
        let found = problems(&[(from, to)]);
        assert!(found.len() == 1 && found[0].ends_with(expected), "{expected}\n{found:?}");
    }
}

#[test]
fn a_section_that_is_missing_is_one_problem() {
    let (before, after) = DEFAULT_TOML.split_once("[standby]").expect("the sample has it");
    let rest = after.split_once("[reviews]").expect("another section follows").1;
    let found = read_policy(&format!("{before}[reviews]{rest}")).expect_err("a hole");
    assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), ["standby: it is missing."]);
}

#[test]
fn a_policy_of_an_earlier_version_is_completed_and_a_slip_is_not() {
    let (before, after) = DEFAULT_TOML.split_once("[standby]").expect("the sample has it");
    let older = format!("{before}[reviews]{}", after.split_once("[reviews]").expect("another section follows").1);
    let older = older.replacen("lease_minutes = 30\n", "", 1);
    let (policy, mut places) = complete_policy(&older).expect("what it lacks is known");
    places.sort_unstable();
    assert_eq!((policy, places), (Policy::sample(), vec!["standby".to_owned(), "throttle.lease_minutes".to_owned()]));
    assert!(complete_policy(&older.replacen("soak_minutes", "soak", 1)).is_none(), "a misspelt entry is no older one");
    assert!(complete_policy("[").is_none());
    let entry = DEFAULT_TOML.replacen(", then = \"anonymise\"", "", 1);
    assert!(complete_policy(&entry).is_none(), "a list is an organisation's own, and not filled up");
}

#[test]
fn without_ages_nothing_is_missing_and_nothing_ages() {
    let without = DEFAULT_TOML.split_once("# How long what people wrote is kept").expect("the sample has it").0;
    let policy = read_policy(without).expect("ages are of one's own choice");
    assert_eq!(policy.retention.rule, []);
    assert_eq!(complete_policy(without), Some((policy, Vec::new())), "none are taken from the built-in policy");
}

#[test]
fn what_is_no_toml_is_told_where() {
    let found = problems(&[("[priority]", "[priority"), ("[windows]", "windows]")]);
    assert!(found.len() >= 2, "{found:?}");
    assert!(found[0].starts_with(&format!("line {}: this is no TOML", line_with("[priority]"))), "{found:?}");
}

#[test]
fn the_presets_are_complete_policies_of_their_own() {
    let cases = rows(CASES, Format::Toml);
    let sample = Policy::sample();
    for (name, source) in PRESETS {
        let policy = read_policy(source).unwrap_or_else(|problems| panic!("{name}: {problems:#?}"));
        assert_ne!(policy, sample, "{name}");
        assert!(source.starts_with("# The policy of a"), "{name}: says for whom it is");
        let differing = asked(&policy, &cases).iter().filter(|outcome| !outcome.holds()).count();
        assert!(differing > 0, "{name}: a policy that differs is seen in the cases");
        let never = ["duties", "seats", "permissions", "override", "candidates"];
        for outcome in asked(&policy, &cases).iter().filter(|outcome| never.contains(&outcome.table)) {
            assert!(outcome.holds(), "{name}: no policy changes {outcome:?}");
        }
    }
}

#[test]
fn a_spreadsheet_says_the_same_as_a_file() {
    let toml = rows(
        "[[approvals]]\nname = \"cards\"\ntype = \"normal\"\nband = \"low\"\nflags = [\"untested\", \"vendor\"]\nseats = \
         [\"internal_sponsor\", \"service_owner\"]\n\n[[link]]\nrelation = \"up1\"\nhours = 0.5\nconfidence = 80\n",
        Format::Toml,
    );
    let csv = rows(
        "approvals,type,band,flags,seats\ncards,normal,low,untested vendor,\"internal_sponsor service_owner\"\r\n,,,,\n\
         link,relation,hours,confidence\n,up1,0.5,80\n",
        Format::Csv,
    );
    let semicolons = rows(
        "approvals;type;band;flags;seats\ncards;normal;low;untested vendor;service_owner internal_sponsor\n\nlink;relation;hours;confidence\n;up1;0.5;80",
        Format::Csv,
    );
    let policy = Policy::sample();
    let said = |rows: &[Row]| -> Vec<(String, String, String)> {
        asked(&policy, rows).into_iter().map(|o| (o.case, o.expected, o.actual)).collect()
    };
    assert_eq!(said(&toml), said(&csv));
    assert_eq!(said(&toml), said(&semicolons));
    assert_eq!(said(&toml)[0].1, "seats = internal_sponsor service_owner");
    assert_eq!(said(&toml)[1].0, "relation up1, hours 0.5");
    assert!(asked(&policy, &csv).iter().all(Outcome::holds));
}

#[test]
fn cases_that_cannot_be_read_say_which_line() {
    let unread = |source: &str, format| -> Vec<String> {
        let read = match read_cases(source, format) {
            Ok(rows) => rows.iter().filter_map(|row| ask(&Policy::sample(), row).err()).collect(),
            Err(problems) => problems,
        };
        read.iter().map(ToString::to_string).collect()
    };
    #[rustfmt::skip]
    let rows = [
        ("[[risks]]\n", "line 1: there is no table \"risks\"; there are impact, priority"),
        ("\n[[impact]]\ntechnical = \"outage\"\ntier = 9\nimpact = \"I1\"\n", "line 4: tier: \"9\" is none of 1, 2, 3, 4"),
        ("[[impact]]\ntechnical = \"outage\"\nteir = 1\n", "line 3: impact has no column \"teir\"; it has technical, tier, impact"),
        ("[[impact]]\ntier = 1\nimpact = \"I1\"\n", "line 1: technical is missing"),
        ("[[impact]]\ntechnical = \"outage\"\ntier = 1\n", "line 1: impact expects nothing; name one of impact"),
        ("[[impact]]\ntechnical = \"outage\"\ntier = 1\nimpact = \"I7\"\n", "line 4: impact: \"I7\" is none of I1, I2, I3, I4"),
        ("impact = 3\n", "line 1: a case begins with [[impact]]"),
        ("impact = [3]\n", "line 1: a case is a table of columns"),
        ("[[impact]]\ntier = { a = 1 }\n", "line 2: tier: a value is a word, a number"),
        ("[[impact]\n", "line 1: this is no TOML"),
        ("[[risk]]\ntier = 3\ndata = 300\nscore = 1\n", "line 3: data: 300 is out of range"),
        ("[[history]]\nchanges = [1, 2]\nfailures = 1\npoints = 0\n", "line 1: changes and failures have as many values each"),
        ("[[link]]\nrelation = \"up1\"\nhours = \"soon\"\nconfidence = 1\n", "line 3: hours: \"soon\" is no number of hours"),
        ("[[window]]\nnow = \"noon\"\nverdict = \"open\"\n", "line 2: now: \"noon\" is no moment like"),
        ("[[vote]]\npolicy = \"ecab\"\nroster = 1\napprove = 2\noutcome = \"open\"\n", "line 1: more ballots than the roster"),
        ("[[checklist]]\ncategory = \"tea\"\nbefore = \"start\"\nopen = \"none\"\n", "line 1: category: \"tea\" is none of access"),
    ];
    for (source, begins) in rows {
        let found = unread(source, Format::Toml);
        assert!(found.first().is_some_and(|first| first.starts_with(begins)), "{begins}\n{found:?}");
    }
    let two = unread("[[risks]]\n[[impact]]\ntier = 1\n", Format::Toml);
    assert_eq!(two.len(), 2, "every case is named: {two:?}");
    let csv = unread("impact,technical,tier,impact\n,outage,1,I1\n,outage,1,I1,more\n,outage,1,\"I1\n", Format::Csv);
    assert_eq!(csv, ["line 4: a quotation mark is opened and never closed"]);
    let long = unread("impact,technical,tier,impact\n,outage,1,I1,more\n", Format::Csv);
    assert_eq!(long, ["line 2: the line has 5 cells, its header 4"]);
}

#[test]
fn a_run_is_told_in_aligned_rows_with_its_count() {
    let cases = rows(
        "[[impact]]\ntechnical = \"outage\"\ntier = 1\nimpact = \"I1\"\n[[impact]]\nname = \"the till\"\ntechnical = \"degraded\"\ntier = \
         4\nimpact = \"I3\"\n",
        Format::Toml,
    );
    let outcomes = asked(&Policy::sample(), &cases);
    assert_eq!(
        report(&outcomes).join("\n"),
        "         rule  table   case                      expected     actual
ok       4.1   impact  technical outage, tier 1  impact = I1  impact = I1
DIFFERS  4.1   impact  the till                  impact = I3  impact = I4
         line 5: With degraded service on a tier 4 service, the impact is I4.

1 of 2 cases differs."
    );
    assert_eq!(report(&outcomes[..1]).last().map(String::as_str), Some("The one case holds."));
    assert_eq!(report(&[]).last().map(String::as_str), Some("There is no case in this file."));
}

#[test]
fn the_sheet_names_every_table_and_column() {
    let sheet = sheet().join("\n");
    assert!(sheet.contains("[[throttle]]  rule 4.18: may a change start beside what runs already?"), "{sheet}");
    assert!(sheet.contains("  = outcome          open | passed | passed(early)"), "{sheet}");
}

#[test]
fn an_entry_of_the_catalogue_is_whole_or_refused_by_its_line() {
    let found = problems(&[
        ("version = 1\nowner = \"tom\"", "version = 0\nowner = \"tom\""),
        ("from = 7\nto = 90", "from = 90\nto = 7"),
        ("one_of = [\"lisbon\", \"porto\"]", "one_of = [\"lisbon\", \"LISBON\"]\nfrom = 1"),
        ("complexity = 2, rollback = 2 }", "complexity = 2, rollback = 5 }"),
        ("services = [\"payments\", \"checkout\"]", "services = []"),
        ("[catalogue.entries.failover.parameters.share]", "[catalogue.entries.failover.parameters.until]"),
    ]);
    let line = |text: &str| line_with(text);
    assert_eq!(
        found,
        [
            format!("line {}: catalogue.entries.log-rotation.version: it must be at least 1.", line("version = 1")),
            format!(
                "line {}: catalogue.entries.log-rotation.parameters.keep_days: it ends before it begins.",
                line("[catalogue.entries.log-rotation.parameters.keep_days]")
            ),
            format!(
                "line {}: catalogue.entries.failover.services: it names no service.",
                line("services = [\"payments\", \"checkout\"]")
            ),
            format!(
                "line {}: catalogue.entries.failover.risk.rollback: what cannot be taken back is no standard change.",
                line("complexity = 2, rollback = 2 }")
            ),
            format!(
                "line {}: catalogue.entries.failover.parameters.to: there is a gap: give from and to, or one_of, and \
                 not both.",
                line("[catalogue.entries.failover.parameters.to]")
            ),
            format!(
                "line {}: catalogue.entries.failover.parameters.to.one_of: it has at most 25 different words without \
                 spaces or commas.",
                line("one_of = [\"lisbon\"")
            ),
            format!(
                "line {}: catalogue.entries.failover.parameters.until: the command reads that word as something else.",
                line("[catalogue.entries.failover.parameters.share]") + 1
            ),
        ]
    );
    let misspelt = problems(&[("freeze_safe = true", "freeze_save = true")]);
    assert_eq!(misspelt.len(), 1, "{misspelt:?}");
    assert!(misspelt[0].starts_with(&format!("line {}: ", line("freeze_safe = true"))), "{misspelt:?}");
}
