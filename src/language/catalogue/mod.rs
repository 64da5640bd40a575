//! The catalogue of verbs: the one source for parser, help, Discord's registration, Slack's manifest and the README's
//! table. A verb that does not work is not listed.

mod after;
mod bulk;
mod cab;
mod change;
mod conflict;
mod exception;
mod freeze;
mod incident;
mod notice;
mod others;
mod privacy;
mod rehearsal;
mod report;
mod standby;

use crate::domain::Subject;
use crate::domain::rules::Touches;

/// A verb: what a person types after the command.
#[derive(Debug)]
pub struct Verb {
    pub id: VerbId,
    /// `inc`, without the slash.
    pub command: &'static str,
    /// What is typed after the command: one word, or the word of its group and its own (`plan risk`).
    pub name: &'static str,
    /// One line, at most 100 characters (Discord's limit).
    pub summary: &'static str,
    pub example: &'static str,
    pub args: &'static [Arg],
}

/// Something that a verb takes.
#[derive(Debug)]
pub struct Arg {
    /// The key that names it (`why:`), and Discord's option: lower case.
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    pub kind: ArgKind,
    pub need: Need,
    /// In a form, at most 45 characters.
    pub label: &'static str,
    /// One sentence of help, at most 100 characters.
    pub hint: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// May be left out.
    Optional,
    /// May be left out; the form, if one opens, offers it.
    Offered,
    /// Opens a form where it is missing.
    Asked,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgKind {
    /// Takes the words that no key claims; one per verb.
    Text,
    /// Takes words up to the next key.
    Words,
    /// Words too, in which `fails:` and its like begin a part.
    Plan,
    /// `sev1 s1 p1 P1 1`
    Severity,
    /// Keys of services, separated by commas.
    Services,
    /// A mention, a short name, or `me`.
    Person,
    /// `INC-7`, `CHG-88`
    Subject,
    /// `CHG-88`, beside the record that the verb is about
    Change,
    /// `INC-7#3`
    Entry,
    YesNo,
    /// 1 to 5, each with its meaning.
    Scale(&'static [&'static str; 5]),
    /// What a change touches: words, separated by commas.
    Touches,
    /// One of (word, meaning).
    Choice(&'static [(&'static str, &'static str)]),
    /// A whole number from 1.
    Number,
    /// A kind of entry of the log, in people's words.
    Kind,
    /// One word by which the policy knows something.
    Key(KeyOf),
    /// A moment that has been or is to come: `-2h`, `+2h`, `14:30`, `2030-01-07`, ISO 8601.
    When,
}

/// What a key is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOf {
    /// A standard change of the catalogue.
    Entry,
    /// A list of the policy of what has to be shown, by its category.
    Category,
    /// An item of a checklist.
    Item,
    /// A policy that waits for signatures.
    Policy,
    /// A team.
    Team,
}

/// Every verb, for exhaustive matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerbId {
    IncDeclare,
    IncPanel,
    IncSev,
    IncExposure,
    IncStatus,
    IncLead,
    IncNote,
    IncDecide,
    IncUpdate,
    IncNotice,
    IncTimeline,
    IncChanges,
    IncLink,
    IncFill,
    IncChecklist,
    IncTick,
    IncUntick,
    IncWaive,
    IncSum,
    IncList,
    IncResolve,
    IncCancel,
    IncReopen,
    IncMajor,
    IncStandDown,
    IncConfirm,
    IncDecline,
    IncDraft,
    ChangeNew,
    ChangeBulk,
    ChangeBatch,
    ChangeEmergency,
    ChangeStd,
    ChangeRetro,
    ChangeEdit,
    ChangeSched,
    ChangeReview,
    ChangeApprove,
    ChangeReject,
    ChangeAbstain,
    ChangeAcceptRisk,
    ChangeStart,
    ChangeDone,
    ChangeRollback,
    ChangeHalt,
    ChangeExtend,
    ChangeWithdraw,
    ChangePir,
    ChangeValidate,
    ChangeStep,
    ChangeShow,
    ChangeRisk,
    ChangeList,
    ChangeQueue,
    ChangeCal,
    ChangeConflicts,
    ChangeStandby,
    ChangeRehearse,
    ChangeFill,
    ChangeChecklist,
    ChangeTick,
    ChangeUntick,
    ChangeWaive,
    ChangeYield,
    ChangeCoexist,
    ChangeNotices,
    ChangeAck,
    ChangeObject,
    ChangeUnobject,
    CabStatus,
    CabDelegate,
    CabMembers,
    CabQuorum,
    CabRecuse,
    CabConcern,
    CabResolved,
    CabOpen,
    CabPresent,
    CabAgenda,
    CabNext,
    CabDefer,
    CabDecide,
    CabClose,
    CabMinutes,
    CabRisk,
    CabEscalate,
    CabRate,
    CabSuspend,
    CabResume,
    CabDraft,
    CabSubmit,
    CabRule,
    CabExploit,
    CabClear,
    ExceptionAsk,
    ExceptionApprove,
    ExceptionDeny,
    ExceptionRevoke,
    ExceptionReview,
    ExceptionList,
    FreezeOn,
    FreezeOff,
    FreezeExtend,
    FreezeAgree,
    FreezeObject,
    FreezeExcept,
    FreezeAllow,
    FreezeDeny,
    FreezeList,
    FreezeCheck,
    ReportBypass,
    ReportFields,
    ReportFound,
    ReportClaim,
    LogShow,
    LogVerify,
    LogExport,
    LogArchive,
    LogRedact,
    LogErase,
    LogApprove,
    LogDecline,
    LogHold,
    LogRelease,
    AdminRetention,
    AdminTenant,
    AdminCheck,
    AdminRaci,
    AdminCharter,
    AdminPolicy,
    AdminPropose,
    AdminWhoami,
    AdminLink,
    AdminUnlink,
    Help,
}

/// The commands, in the order in which help shows them, with what each is for.
pub const COMMANDS: [(&str, &str); 7] = [
    ("inc", "Incidents: declare, lead, note, decide, update, resolve"),
    ("change", "Changes: request, review, approve, start, finish"),
    ("cab", "The change advisory board: votes, meetings, rulings, exceptions, and who stands in for whom"),
    ("freeze", "Change freezes: begin, lift, let a change through"),
    ("report", "For managers and auditors: what went past the regular way, and what is still missing"),
    ("log", "The decision log: read, verify, take out or hold it, have a text erased"),
    ("admin", "Who Wardroom takes you for, which accounts are yours, how long texts are kept"),
];

/// Every verb, in the order in which help shows them.
pub fn verbs() -> impl Iterator<Item = &'static Verb> {
    let changes = change::VERBS.iter().chain(bulk::VERBS).chain(conflict::VERBS);
    let changes = changes.chain(notice::VERBS).chain(standby::VERBS).chain(rehearsal::VERBS);
    let changes = changes.chain(after::VERBS).chain(freeze::VERBS);
    let changes = changes.chain(cab::VERBS).chain(exception::VERBS);
    incident::VERBS.iter().chain(changes).chain(report::VERBS).chain(others::VERBS).chain(privacy::VERBS)
}

pub fn verbs_of(command: &str) -> impl Iterator<Item = &'static Verb> {
    verbs().filter(move |verb| verb.command == command)
}

/// The verb with this name; the word of its group may be left out, since no two verbs of a command share their own.
pub fn find(command: &str, name: &str) -> Option<&'static Verb> {
    verbs_of(command).find(|verb| [verb.name, verb.word()].iter().any(|known| known.eq_ignore_ascii_case(name)))
}

/// The verbs of a group; none where the word is no group of the command.
pub fn group_of(command: &str, group: &str) -> impl Iterator<Item = &'static Verb> {
    verbs_of(command).filter(move |verb| verb.group().is_some_and(|known| known.eq_ignore_ascii_case(group)))
}

/// The verb behind an id that exists for one command only.
pub fn verb(id: VerbId) -> &'static Verb {
    verbs().find(|verb| verb.id == id).expect("every id has a verb: held by a test")
}

/// What a bare command does.
pub fn bare(command: &str) -> Option<&'static Verb> {
    let name = match command {
        "inc" => "panel",
        "cab" => "status",
        "freeze" => "list",
        "report" => "bypass",
        "log" => "show",
        "admin" => "whoami",
        _ => "help",
    };
    find(command, name)
}

/// What Slack shows while a command is typed: the first verbs.
pub fn usage_hint(command: &str) -> String {
    let mut names: Vec<&str> = verbs_of(command).map(|verb| verb.name).collect();
    if names.len() > HINTED_MAX {
        names.truncate(HINTED_MAX);
        names.push("…");
    }
    names.join(" | ")
}

/// Verbs of a command up to which help shows an example of each.
const HELP_EXAMPLES_MAX: usize = 30;
/// Verbs that a hint names.
const HINTED_MAX: usize = 6;

impl Verb {
    /// The group that it belongs to: Discord takes 25 verbs and groups a command.
    pub fn group(&self) -> Option<&'static str> {
        self.name.split_once(' ').map(|(group, _)| group)
    }

    /// Its own word, without that of its group.
    pub fn word(&self) -> &'static str {
        self.name.split_once(' ').map_or(self.name, |(_, word)| word)
    }

    /// The example that help shows: one that says more than the verb's name and a number, and none in a group of a command
    /// with many verbs, so that all fit one message of Discord.
    pub fn help_example(&self) -> Option<&'static str> {
        let rest = self.example.strip_prefix(&format!("/{} {}", self.command, self.name));
        let is_bare = rest.is_some_and(|rest| rest.is_empty() || Subject::parse(rest.trim()).is_some());
        let is_long = verbs_of(self.command).count() > HELP_EXAMPLES_MAX;
        (!is_bare && (!is_long || self.group().is_none())).then_some(self.example)
    }

    pub fn arg(&self, name: &str) -> Option<&'static Arg> {
        self.args.iter().find(|arg| arg.name == name || arg.aliases.contains(&name))
    }

    /// The argument that names the record.
    pub fn about(&self) -> Option<&'static Arg> {
        self.args.iter().find(|arg| arg.kind == ArgKind::Subject)
    }

    /// Whether it takes values by names that only the policy knows.
    pub fn takes_values(&self) -> bool {
        matches!(self.id, VerbId::ChangeStd | VerbId::ChangeFill | VerbId::IncFill)
    }

    /// Whether a form of it may have this field.
    pub fn takes(&self, field: &str) -> bool {
        self.arg(field).is_some() || (self.takes_values() && super::parameters::is_field(field))
    }

    /// `/inc sev <sev> why:`, the line that help and the README show.
    pub fn usage(&self) -> String {
        let mut usage = format!("/{} {}", self.command, self.name);
        for arg in self.args {
            let word = match arg.kind {
                ArgKind::Text => format!("<{}>", arg.label.to_lowercase()),
                ArgKind::Severity if arg.need == Need::Asked => "sev1..sev4".to_owned(),
                ArgKind::Subject => continue,
                _ => format!("{}:", arg.name),
            };
            usage.push(' ');
            let word = if arg.need == Need::Asked { word } else { format!("[{word}]") };
            usage.push_str(&word);
        }
        usage
    }
}

impl Arg {
    /// The words that may be chosen, with what each means; `None` where anything may be said.
    pub fn choices(&self) -> Option<Vec<(String, String)>> {
        match self.kind {
            ArgKind::Severity => Some(
                ["critical: business stops", "high: many affected", "medium: some affected", "low: can be planned"]
                    .iter()
                    .enumerate()
                    .map(|(i, meaning)| (format!("sev{}", i + 1), format!("sev{} · {meaning}", i + 1)))
                    .collect(),
            ),
            ArgKind::YesNo => Some(vec![("yes".into(), "Yes".into()), ("no".into(), "No".into())]),
            ArgKind::Scale(meanings) => Some(
                meanings.iter().enumerate().map(|(i, m)| ((i + 1).to_string(), format!("{} · {m}", i + 1))).collect(),
            ),
            ArgKind::Touches => Some(Touches::choices()),
            ArgKind::Choice(choices) => {
                Some(choices.iter().map(|(word, meaning)| ((*word).to_owned(), (*meaning).to_owned())).collect())
            }
            ArgKind::Text
            | ArgKind::Words
            | ArgKind::Plan
            | ArgKind::Services
            | ArgKind::Person
            | ArgKind::Subject
            | ArgKind::Change
            | ArgKind::Entry
            | ArgKind::Number
            | ArgKind::Kind
            | ArgKind::Key(_)
            | ArgKind::When => None,
        }
    }
}

/// Short hands for the tables of verbs.
const fn arg(name: &'static str, kind: ArgKind, need: Need, label: &'static str, hint: &'static str) -> Arg {
    Arg { name, aliases: &[], kind, need, label, hint }
}

const fn incident_ref() -> Arg {
    arg("incident", ArgKind::Subject, Need::Optional, "Incident", "INC-7; else the room's own")
}

const fn change_ref() -> Arg {
    arg("change", ArgKind::Subject, Need::Optional, "Change", "CHG-88, or the room's")
}

/// Values by their names, as a policy has them.
const fn values(need: Need) -> Arg {
    arg("with", ArgKind::Text, need, "Values", "By name: keep_days:14")
}

const HELP_SUMMARY: &str = "What this command can do, with an example each";

const fn help(command: &'static str, example: &'static str) -> Verb {
    Verb { id: VerbId::Help, command, name: "help", summary: HELP_SUMMARY, example, args: &[] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_fits_the_platforms() {
        for verb in verbs() {
            assert!(verb.summary.len() <= 100, "{}", verb.name);
            assert!(verb.args.len() <= 25);
            assert!(verb.args.iter().filter(|arg| arg.kind == ArgKind::Text).count() <= 1, "{}", verb.name);
            for arg in verb.args {
                assert!(arg.label.len() <= 45 && arg.hint.len() <= 100 && arg.hint.len() > 2, "{}", arg.name);
                for (word, meaning) in arg.choices().unwrap_or_default() {
                    assert!(word.len() <= 75 && meaning.chars().count() <= 75, "{meaning}");
                }
            }
            let texts = verb.args.iter().filter(|a| a.need != Need::Optional && a.choices().is_none()).count();
            assert!(texts <= 5, "a modal of Discord has five texts at most: {}", verb.name);
        }
    }

    #[test]
    fn names_are_unique_and_every_command_has_help_and_a_bare_meaning() {
        for (command, summary) in COMMANDS {
            let mut names: Vec<&str> = verbs_of(command).map(Verb::word).collect();
            assert!(names.contains(&"help") && summary.len() <= 100);
            let group = |name: &&str| group_of(command, name).next().is_some();
            assert!(!names.iter().any(group), "a word of /{command} is a verb and a group");
            assert!(bare(command).is_some(), "{command}");
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), verbs_of(command).count());
        }
        assert!(verbs().all(|verb| COMMANDS.iter().any(|(command, _)| *command == verb.command)));
    }

    #[test]
    fn every_example_is_understood_as_its_own_verb() {
        for verb in verbs() {
            let text = verb.example.strip_prefix('/').expect("examples begin with a slash");
            let (command, rest) = text.split_once(' ').unwrap_or((text, ""));
            let call = crate::language::grammar::parse(command, rest).expect(verb.example);
            assert_eq!((call.command.as_str(), call.verb.as_str()), (verb.command, verb.name), "{}", verb.example);
        }
    }
}
