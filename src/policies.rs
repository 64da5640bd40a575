//! `wardroom policy`: the rules and their numbers, checked and tried before anybody has to live by them.

use std::path::PathBuf;

use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use secrecy::SecretString;

use crate::app::{PolicyLoad, SIMULATED_DAYS, SIMULATED_DAYS_MAX};
use crate::cli::{connect, connect_to_write, out, read};
use crate::config::{DatabaseSettings, LedgerSettings};
use crate::domain::When;
use crate::domain::cases::{CaseProblem, Outcome, Row, ask};
use crate::domain::policy::{DEFAULT_TOML, Policy};
use crate::domain::proposal::{Origin, Terms};
use crate::domain::simulation::Simulation;
use crate::rulebook::{Format, read_cases, read_policy, report, sheet};

/// A case that cannot be read, as opposed to one that does not hold.
const UNREADABLE: i32 = 2;

#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Load a policy file; a bad one is refused, and the one before stays in force
    Load {
        file: PathBuf,
        /// When it comes into force, for example `2026-12-01T09:00Z`; otherwise at once, or when it is signed
        #[arg(long, value_name = "WHEN", value_parser = moment)]
        effective: Option<DateTime<Utc>>,
        /// What it is written for: finding, audit, regulation or quarter, and the number: `audit finding 12`
        #[arg(long, value_name = "ORIGIN", value_parser = origin)]
        source: Option<Origin>,
        #[command(flatten)]
        ledger: LedgerSettings,
        #[command(flatten)]
        database: DatabaseSettings,
    },
    /// Say everything that is wrong with a policy file, line by line; exit status 1 where anything is
    Check { file: PathBuf },
    /// Decide the changes and incidents of the last months again under a policy, and print what comes out otherwise
    Simulate {
        file: PathBuf,
        /// How far to go back
        #[arg(long, value_name = "DAYS", default_value_t = SIMULATED_DAYS,
              value_parser = clap::value_parser!(u32).range(1..=i64::from(SIMULATED_DAYS_MAX)))]
        days: u32,
        #[command(flatten)]
        database: DatabaseSettings,
    },
    /// Ask a policy about cases of your own; exit status 1 where an answer differs, 2 where a case cannot be read
    Test(TestSettings),
    /// Print the tables of cases: their columns, and what may stand in them
    Columns,
}

#[derive(Debug, Args)]
pub struct TestSettings {
    /// Cases as TOML, or as CSV where the name ends so
    cases: PathBuf,
    /// The policy to ask; otherwise the one in force in the database, or without a database the built-in one
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Postgres, for example `postgres://wardroom_app@db.example/wardroom`
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<SecretString>,
}

pub(crate) async fn run(command: PolicyCommand) -> anyhow::Result<()> {
    match command {
        PolicyCommand::Load { file, effective, source, ledger, database } => {
            let terms = Terms { effective_at: effective, origin: source };
            let load = connect_to_write(&database, &ledger).await?.load_policy_under(&read(&file)?, &terms).await?;
            out(&outcome(&load))
        }
        PolicyCommand::Check { file } => check(&file),
        PolicyCommand::Simulate { file, days, database } => simulate(&read(&file)?, days, &database).await,
        PolicyCommand::Test(settings) => test(settings).await,
        PolicyCommand::Columns => sheet().iter().try_for_each(|line| out(line)),
    }
}

/// What became of a policy, for whoever loaded it.
pub(crate) fn outcome(load: &PolicyLoad) -> String {
    let answers =
        if load.answers.is_empty() { String::new() } else { format!(" It answers {}.", load.answers.join(", ")) };
    let unknown = if load.unknown.is_empty() {
        String::new()
    } else {
        format!(" Nobody here has asked for {}: `/admin policy` in chat lists what waits.", load.unknown.join(", "))
    };
    format!("{}{answers}{unknown}", became(load))
}

fn became(load: &PolicyLoad) -> String {
    let day = load.effective_at.map(|at| at.format("%-d %b %Y %H:%M UTC").to_string());
    if load.rejected {
        "This policy was objected to, and is not proposed again; the one before stays in force.".to_owned()
    } else if !load.waits_for.is_empty() {
        let from = day.map(|day| format!(", from {day} on")).unwrap_or_default();
        format!(
            "The policy is proposed{from}, and the one before stays in force until it is signed by {}: `/admin policy` in chat.",
            load.waits_for.join(", ")
        )
    } else if let Some(day) = day {
        format!("The policy comes into force on {day}; until then the one before stays.")
    } else if load.in_force {
        "The policy is in force.".to_owned()
    } else {
        "This policy is in force already.".to_owned()
    }
}

/// A moment with its zone; without one UTC is not guessed.
fn moment(word: &str) -> Result<DateTime<Utc>, String> {
    match When::parse(word) {
        Some(When::At(at)) => Ok(at),
        _ => Err("say it with its zone, like 2026-12-01T09:00Z or 2026-12-01T09:00:00+01:00".to_owned()),
    }
}

fn origin(words: &str) -> Result<Origin, String> {
    Origin::parse(words).ok_or_else(|| {
        format!("say {} first, and its number: `audit finding 12`, `quarter 2026-Q4`", Origin::KINDS.join(", "))
    })
}

async fn simulate(source: &str, days: u32, database: &DatabaseSettings) -> anyhow::Result<()> {
    let simulated = connect(database).await?.simulate_policy(source, days).await?;
    if simulated.is_empty() {
        return Err(anyhow::anyhow!("this policy is for no unit of this database"));
    }
    for (unit, simulation) in &simulated {
        out(&simulation_lines(unit, simulation).join("\n"))?;
    }
    Ok(())
}

/// Counts first, then the newest records that differ.
fn simulation_lines(unit: &str, simulation: &Simulation) -> Vec<String> {
    let by_facet = simulation.by_facet();
    let by_facet = if by_facet.is_empty() { by_facet } else { format!(": {by_facet}") };
    let days = simulation.days;
    let counted = simulation.counted();
    let mut lines = vec![format!("{unit}: of the last {days} days {counted} would have come out otherwise{by_facet}.")];
    for row in &simulation.rows {
        for (facet, before, after) in &row.facets {
            lines.push(format!("  {:<9} {:<10} {before} -> {after}", row.subject.to_string(), facet.phrase()));
        }
    }
    let named = u32::try_from(simulation.rows.len()).unwrap_or(u32::MAX);
    let more = simulation.differ().saturating_sub(named);
    if more > 0 {
        lines.push(format!("  and {more} more"));
    }
    lines
}

fn check(file: &std::path::Path) -> anyhow::Result<()> {
    match read_policy(&read(file)?) {
        Ok(_) => out(&format!("{}: nothing is wrong with this policy.", file.display())),
        Err(problems) => {
            for problem in &problems {
                out(&format!("{}: {problem}", file.display()))?;
            }
            out(match problems.len() {
                1 => "1 problem. This policy would be refused.".to_owned(),
                count => format!("{count} problems. This policy would be refused."),
            }
            .as_str())?;
            std::process::exit(1);
        }
    }
}

async fn test(settings: TestSettings) -> anyhow::Result<()> {
    let source = match read(&settings.cases) {
        Ok(source) => source,
        Err(error) => {
            out(&format!("{error:#}"))?;
            std::process::exit(UNREADABLE);
        }
    };
    let rows = match read_cases(&source, Format::of(&settings.cases)) {
        Ok(rows) => rows,
        Err(problems) => refuse(&settings.cases, &problems)?,
    };
    let mut holds = true;
    for (title, source) in sources(&settings).await? {
        let policy = match read_policy(&source) {
            Ok(policy) => policy,
            Err(problems) => {
                out(&format!("{title} cannot be asked:"))?;
                problems.iter().try_for_each(|problem| out(&format!("  {problem}")))?;
                std::process::exit(UNREADABLE);
            }
        };
        let outcomes = match answers(&policy, &rows) {
            Ok(outcomes) => outcomes,
            Err(problems) => refuse(&settings.cases, &problems)?,
        };
        out(&format!("{title}\n"))?;
        report(&outcomes).iter().try_for_each(|line| out(line))?;
        holds &= outcomes.iter().all(Outcome::holds);
    }
    if !holds {
        std::process::exit(1);
    }
    Ok(())
}

fn answers(policy: &Policy, rows: &[Row]) -> Result<Vec<Outcome>, Vec<CaseProblem>> {
    let (mut outcomes, mut problems) = (Vec::new(), Vec::new());
    for row in rows {
        match ask(policy, row) {
            Ok(outcome) => outcomes.push(outcome),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(outcomes) } else { Err(problems) }
}

fn refuse<T>(file: &std::path::Path, problems: &[CaseProblem]) -> anyhow::Result<T> {
    for problem in problems {
        out(&format!("{}: {problem}", file.display()))?;
    }
    std::process::exit(UNREADABLE);
}

/// The policies to ask, each with what to call it.
async fn sources(settings: &TestSettings) -> anyhow::Result<Vec<(String, String)>> {
    if let Some(file) = &settings.policy {
        return Ok(vec![(format!("The policy of {}", file.display()), read(file)?)]);
    }
    let Some(database_url) = settings.database_url.clone() else {
        return Ok(vec![("The built-in policy".to_owned(), DEFAULT_TOML.to_owned())]);
    };
    let app = connect(&DatabaseSettings { database_url }).await?;
    let policies = app.policies_in_force().await?;
    let titled = policies.into_iter().map(|loaded| {
        let hash: String = loaded.hash.chars().take(12).collect();
        (format!("The policy in force, version {}, sha256 {hash}…", loaded.version), loaded.source)
    });
    let titled: Vec<(String, String)> = titled.collect();
    if titled.is_empty() {
        Err(anyhow::anyhow!("no policy is loaded")).context("nothing can be asked")
    } else {
        Ok(titled)
    }
}
