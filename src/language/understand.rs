//! A call to what is asked for: words to types, once, at the edge.

mod bulk;
mod calendar;
mod change;
mod charter;
mod checklist;
mod custom_field;
mod delegation;
mod draft;
mod exception;
mod exposure;
mod freeze;
mod line;
mod link;
mod meeting;
mod person;
mod pir;
mod policy;
mod privacy;
mod rehearsal;
mod report;
mod responsibility;
mod retro;
mod ruling;
mod standard;
mod standby;
mod validation;

use super::call::Call;
use super::catalogue::{Arg, ArgKind, Need, Verb, VerbId};
use super::nearest::nearest;
use crate::domain::command::{Declare, ReviewVerdict};
use crate::domain::incident::IncidentStatus;
use crate::domain::policy::Policy;
use crate::domain::rules::{Priority, TechnicalImpact, Urgency};
use crate::domain::{
    Ask, BallotChoice, ChecklistOf, Command, ConcernCommand, KIND_WORDS, KindWord, LogQuery, MajorCommand,
    Organisation, PersonId, Place, Platform, Question, ReviewAnswers, Subject, Utterance, When,
};

/// So much of a word that nobody knows is kept, in characters.
const UNMAPPED_CHARS_MAX: usize = 40;

/// Who is listening where: what "me" and a bare name mean.
#[derive(Debug, Clone, Copy)]
pub struct Listener<'a> {
    pub organisation: &'a Organisation,
    pub policy: &'a Policy,
    pub me: Option<&'a PersonId>,
    pub place: &'a Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Understanding {
    Clear(Utterance),
    /// Something is missing: a form asks for it.
    Missing,
    /// Something was given that cannot be: (argument, sentence) each.
    Wrong(Vec<(&'static str, String)>),
}

/// Reads a call. Values that cannot be are named all at once, not one by one.
pub fn understand(call: &Call, listener: &Listener<'_>) -> Understanding {
    let Some(verb) = call.verb() else {
        return Understanding::Wrong(vec![("verb", format!("/{} has no “{}” any more.", call.command, call.verb))]);
    };
    let mut reader = Reader { call, verb, listener, wrong: Vec::new() };
    let subject = reader.subject();
    let ask = reader.ask();
    if !reader.wrong.is_empty() {
        return Understanding::Wrong(reader.wrong);
    }
    let missing = verb.args.iter().any(|arg| arg.need == Need::Asked && call.get(arg.name).is_none());
    match ask {
        Some(ask) if !missing => Understanding::Clear(Utterance { subject, ask }),
        _ => Understanding::Missing,
    }
}

struct Reader<'a> {
    call: &'a Call,
    verb: &'static Verb,
    listener: &'a Listener<'a>,
    wrong: Vec<(&'static str, String)>,
}

impl Reader<'_> {
    /// `None` only where something is missing or wrong.
    fn ask(&mut self) -> Option<Ask> {
        let command = match self.verb.id {
            VerbId::ChangeNew | VerbId::ChangeEmergency | VerbId::ChangeEdit | VerbId::ChangeSched => self.change(),
            VerbId::ChangeReview => self.review(),
            VerbId::ChangeApprove | VerbId::ChangeReject | VerbId::ChangeAbstain | VerbId::CabRecuse => {
                Some(self.ballot())
            }
            VerbId::ChangeYield | VerbId::ChangeCoexist => self.settling().map(Command::Conflict),
            VerbId::ChangeAck | VerbId::ChangeObject | VerbId::ChangeUnobject => self.answering().map(Command::Notice),
            VerbId::IncNotice => self.sending().map(Command::Notice),
            VerbId::ChangeAcceptRisk => self.acceptance(),
            VerbId::ChangeStart | VerbId::ChangeHalt => self.running(),
            VerbId::ChangeDone => Some(Command::Done { summary: self.text("summary") }),
            VerbId::ChangeRollback | VerbId::ChangeExtend | VerbId::ChangeWithdraw => self.with_reason(),
            VerbId::ChangePir => self.pir(),
            VerbId::ChangeValidate => self.validation().map(Command::Validation),
            VerbId::ChangeStep => self.step().map(Command::Rollback),
            VerbId::ChangeRetro => self.retro(),
            VerbId::ReportFound => self.found(),
            VerbId::ReportClaim => self.claimed(),
            VerbId::ChangeQueue
            | VerbId::ChangeCal
            | VerbId::ChangeStd
            | VerbId::ChangeChecklist
            | VerbId::ChangeStandby
            | VerbId::ChangeRehearse
            | VerbId::AdminCharter
            | VerbId::CabDelegate
            | VerbId::AdminPolicy => return self.question_or_command(),
            VerbId::ChangeBulk => self.bulk().map(Command::Batch),
            VerbId::ChangeBatch => return self.batch(),
            VerbId::ChangeFill => self.fill().map(Command::Fill),
            VerbId::ChangeTick | VerbId::ChangeUntick | VerbId::ChangeWaive => self.item(ChecklistOf::Change),
            VerbId::FreezeOn
            | VerbId::FreezeOff
            | VerbId::FreezeExtend
            | VerbId::FreezeAgree
            | VerbId::FreezeObject
            | VerbId::FreezeExcept
            | VerbId::FreezeAllow
            | VerbId::FreezeDeny => self.freeze().map(Command::Freeze),
            VerbId::LogExport => Some(Command::ExportLog),
            VerbId::AdminPropose => self.amendment(),
            VerbId::AdminUnlink => return self.unlink(),
            VerbId::LogErase
            | VerbId::LogApprove
            | VerbId::LogDecline
            | VerbId::LogHold
            | VerbId::LogRelease
            | VerbId::LogRedact => self.privacy().map(Command::Privacy),
            VerbId::LogArchive | VerbId::AdminRetention | VerbId::AdminTenant | VerbId::AdminLink => {
                return Some(self.admin());
            }
            _ if self.verb.command == "inc" => return self.about_incident(),
            _ if self.verb.command == "cab" => return self.board(),
            _ => return self.question().map(Ask::Question),
        };
        command.map(Ask::Command)
    }

    /// What is said of an incident or asked of it.
    fn about_incident(&mut self) -> Option<Ask> {
        let command = match self.verb.id {
            VerbId::IncDeclare
            | VerbId::IncSev
            | VerbId::IncExposure
            | VerbId::IncStatus
            | VerbId::IncLead
            | VerbId::IncNote
            | VerbId::IncDecide
            | VerbId::IncUpdate
            | VerbId::IncResolve
            | VerbId::IncCancel
            | VerbId::IncReopen
            | VerbId::IncMajor
            | VerbId::IncStandDown
            | VerbId::IncLink
            | VerbId::IncDraft
            | VerbId::IncConfirm
            | VerbId::IncDecline => self.incident(),
            VerbId::IncFill => self.fill().map(Command::Fill),
            VerbId::IncTick | VerbId::IncUntick | VerbId::IncWaive => self.item(ChecklistOf::Incident),
            VerbId::IncChecklist => return self.checklist(ChecklistOf::Incident),
            _ => return self.question().map(Ask::Question),
        };
        command.map(Ask::Command)
    }

    /// What is said to the board or asked of it. A ballot is read where its change is.
    fn board(&mut self) -> Option<Ask> {
        let command = match self.verb.id {
            VerbId::CabConcern | VerbId::CabResolved => self.concern().map(Command::Concern),
            VerbId::CabRisk => self.adjustment(),
            VerbId::CabEscalate | VerbId::CabRule => self.ruling().map(Command::Ruling),
            VerbId::CabExploit | VerbId::CabClear => self.claim().map(Command::Claim),
            VerbId::CabRate => self.rating().map(Command::Rate),
            VerbId::CabSuspend | VerbId::CabResume | VerbId::CabSubmit => self.of_entry().map(Command::Catalogue),
            VerbId::CabOpen
            | VerbId::CabPresent
            | VerbId::CabNext
            | VerbId::CabDefer
            | VerbId::CabDecide
            | VerbId::CabClose => self.meeting(),
            VerbId::ExceptionAsk
            | VerbId::ExceptionApprove
            | VerbId::ExceptionDeny
            | VerbId::ExceptionRevoke
            | VerbId::ExceptionReview => self.exception().map(Command::Exception),
            _ => return self.question().map(Ask::Question),
        };
        command.map(Ask::Command)
    }

    fn admin(&mut self) -> Ask {
        match self.verb.id {
            VerbId::LogArchive => self.archive(),
            VerbId::AdminRetention => self.retention(),
            VerbId::AdminTenant => self.assessment(),
            _ => self.link(),
        }
    }

    /// A verb of an incident that takes nothing but a reason.
    fn incident_with_reason(&self) -> Option<Command> {
        let why = self.text("why")?;
        match self.verb.id {
            VerbId::IncMajor => Some(Command::Major(MajorCommand::Declare { why })),
            VerbId::IncStandDown => Some(Command::Major(MajorCommand::StandDown { why })),
            VerbId::IncReopen => Some(Command::Reopen { why }),
            _ => Some(Command::CancelIncident { why }),
        }
    }

    fn decision(&mut self) -> Option<Command> {
        let question = self.text("question")?;
        Some(Command::Decide { question, chose: self.text("chose"), why: self.text("why") })
    }

    /// What a verb asks that only reads; `None` for one that is no question.
    fn question(&mut self) -> Option<Question> {
        Some(match self.verb.id {
            // The panel is what a bare command opens.
            VerbId::IncPanel => Question::Panel,
            VerbId::IncTimeline => Question::Timeline,
            VerbId::IncChanges => Question::IncidentChanges,
            VerbId::IncSum => Question::Summary,
            VerbId::IncList => Question::IncidentList { page: self.page() },
            VerbId::ChangeShow => Question::ChangeShow,
            VerbId::ChangeRisk => Question::Risk,
            VerbId::ChangeList => Question::ChangeList { page: self.page() },
            VerbId::ChangeConflicts => Question::ChangeConflicts,
            VerbId::ChangeNotices => Question::ChangeNotices,
            VerbId::CabStatus => Question::VoteStatus,
            VerbId::CabMembers => Question::VoteMembers,
            VerbId::CabQuorum => Question::VoteQuorum,
            VerbId::CabDraft => self.entry_draft()?,
            VerbId::CabAgenda => Question::CabAgenda,
            VerbId::CabMinutes => Question::CabMinutes,
            VerbId::ExceptionList => Question::ExceptionList { page: self.page() },
            VerbId::FreezeList => Question::FreezeList { page: self.page() },
            VerbId::FreezeCheck => self.freeze_check(),
            VerbId::ReportBypass => self.bypasses(),
            VerbId::ReportFields => self.empty_fields(),
            VerbId::LogShow => Question::LogShow(self.log_query()),
            VerbId::LogVerify => Question::LogVerify,
            VerbId::AdminCheck => Question::Check,
            VerbId::AdminRaci => self.responsibilities(),
            VerbId::AdminWhoami => Question::Whoami,
            VerbId::Help => Question::Help { command: self.verb.command },
            _ => return None,
        })
    }

    fn declare(&mut self) -> Option<Declare> {
        let (priority, unmapped) = self.declared_severity();
        let services = self.services();
        let impact = self.choice("impact").and_then(|word| TechnicalImpact::parse(&word));
        let urgency = self.choice("urgency").and_then(|word| Urgency::parse(&word));
        let title = self.text("title")?;
        Some(Declare { title, priority: priority?, services: services?, impact, urgency, after: None, unmapped })
    }

    fn set_priority(&mut self) -> Option<Command> {
        let to = self.severity("sev")?;
        Some(Command::SetPriority { to, why: self.text("why") })
    }

    fn set_status(&mut self) -> Option<Command> {
        let to = IncidentStatus::parse(&self.choice("to")?)?;
        Some(Command::SetStatus { to, why: self.text("why") })
    }

    fn lead(&mut self) -> Option<Command> {
        let person = match self.call.get("person") {
            None => None,
            Some(word) if word.eq_ignore_ascii_case("me") => None,
            Some(word) => Some(self.person("person", word)?),
        };
        Some(Command::Lead { person, why: self.text("why") })
    }

    /// Without a code it says how to get one.
    fn link(&self) -> Ask {
        let code = self.text("code").map(|code| Ask::Command(Command::LinkByCode { code }));
        code.unwrap_or(Ask::Question(Question::LinkCode))
    }

    /// "No" to "Unlink it?" is an answer too: what is linked is shown instead.
    fn unlink(&mut self) -> Option<Ask> {
        let on = self.choice("on").and_then(|word| Platform::parse(&word));
        match self.choice("confirm")?.as_str() {
            "yes" => Some(Ask::Command(Command::Unlink { on })),
            _ => Some(Ask::Question(Question::Whoami)),
        }
    }

    /// A command about an incident.
    fn incident(&mut self) -> Option<Command> {
        match self.verb.id {
            VerbId::IncDeclare => self.declare().map(Command::Declare),
            VerbId::IncSev => self.set_priority(),
            VerbId::IncExposure => self.exposure().map(Command::MarkExposure),
            VerbId::IncStatus => self.set_status(),
            VerbId::IncLead => self.lead(),
            VerbId::IncNote => self.text("text").map(|text| Command::Note { text }),
            VerbId::IncDecide => self.decision(),
            VerbId::IncUpdate => self.text("text").map(|text| Command::SendUpdate { text }),
            VerbId::IncResolve => self.text("summary").map(|summary| Command::Resolve { summary }),
            VerbId::IncLink => self.link_change().map(Command::Link),
            VerbId::IncDraft => self.draft().map(Command::Draft),
            VerbId::IncConfirm => Some(Command::Confirm),
            VerbId::IncDecline => Some(Command::Decline),
            _ => self.incident_with_reason(),
        }
    }

    fn review(&mut self) -> Option<Command> {
        let [target, rollback, effects] =
            ["target", "rollback", "effects"].map(|name| self.choice(name).map(|word| word == "yes"));
        let verdict = match self.choice("verdict")?.as_str() {
            "ok" => ReviewVerdict::Ok,
            // "Reason where it hurts": without one there is nothing to act on.
            _ => ReviewVerdict::ChangesWanted {
                why: self.text("why").or_else(|| self.wanting("why", "Say what must change first."))?,
            },
        };
        let answers = ReviewAnswers { target: target?, rollback: rollback?, effects: effects? };
        Some(Command::Review { verdict, answers })
    }

    fn ballot(&self) -> Command {
        let choice = match self.verb.id {
            VerbId::ChangeApprove => BallotChoice::Approve,
            VerbId::ChangeReject => BallotChoice::Reject,
            VerbId::ChangeAbstain => BallotChoice::Abstain,
            _ => BallotChoice::Recuse,
        };
        Command::Vote { choice, why: self.text("why") }
    }

    /// Without what the command takes, these verbs say what there is.
    fn question_or_command(&mut self) -> Option<Ask> {
        match self.verb.id {
            VerbId::ChangeQueue => self.line(),
            VerbId::ChangeCal => self.calendar(),
            VerbId::ChangeStd => self.standard(),
            VerbId::ChangeStandby => self.standby(),
            VerbId::ChangeRehearse => self.rehearsal(),
            VerbId::AdminPolicy => self.policy(),
            VerbId::AdminCharter => self.charter(),
            VerbId::CabDelegate => self.delegate(),
            _ => self.checklist(ChecklistOf::Change),
        }
    }

    fn concern(&self) -> Option<ConcernCommand> {
        let why = self.text("why");
        match self.verb.id {
            VerbId::CabConcern => why.map(|why| ConcernCommand::Raise { why }),
            _ => Some(ConcernCommand::Resolve { why }),
        }
    }

    fn subject(&mut self) -> Option<Subject> {
        let is_named = |arg: &&Arg| matches!(arg.kind, ArgKind::Subject | ArgKind::Entry);
        let arg = self.verb.args.iter().find(is_named)?;
        let word = self.call.get(arg.name)?;
        if arg.kind == ArgKind::Entry {
            return match Subject::parse_entry(word) {
                Some((subject, _)) => Some(subject),
                None => self.wanting(arg.name, &format!("“{word}” is no entry like INC-7#3.")),
            };
        }
        match Subject::parse(word) {
            Some(subject) => Some(subject),
            None => self
                .wanting(arg.name, &format!("“{word}” is no number like INC-7, CHG-88, FRZ-9, CAB-3, EXC-3 or BAT-2.")),
        }
    }

    fn text(&self, name: &str) -> Option<String> {
        self.call.get(name).map(str::to_owned)
    }

    fn severity(&mut self, name: &'static str) -> Option<Priority> {
        let word = self.call.get(name)?;
        match Priority::parse(word) {
            Some(priority) => Some(priority),
            None => self.wanting(name, &format!("“{word}” is no severity: sev1, sev2, sev3 or sev4.")),
        }
    }

    /// Nobody who declares is held up by a word: one that nobody knows counts as the policy says, and is marked.
    fn declared_severity(&self) -> (Option<Priority>, Option<String>) {
        let Some(word) = self.call.get("sev") else { return (None, None) };
        if let Some(priority) = Priority::parse(word) {
            return (Some(priority), None);
        }
        let typed = word.chars().take(UNMAPPED_CHARS_MAX).collect();
        (Some(self.listener.policy.words.unknown_severity), Some(typed))
    }

    fn services(&mut self) -> Option<Vec<String>> {
        let words = self.call.get("svc")?.to_owned();
        let known = &self.listener.organisation.services;
        let mut services = Vec::new();
        for word in words.split([',', ' ']).filter(|word| !word.is_empty()) {
            let found = known.values().find(|s| s.key.eq_ignore_ascii_case(word) || s.name.eq_ignore_ascii_case(word));
            if let Some(service) = found {
                services.push(service.key.clone());
            } else {
                let near = nearest(word, known.keys().map(String::as_str), 5);
                let offer = if near.is_empty() { known.keys().map(String::as_str).take(5).collect() } else { near };
                self.wrong.push(("svc", format!("There is no service “{word}”. Nearest: {}.", offer.join(", "))));
            }
        }
        services.dedup();
        (!services.is_empty()).then_some(services)
    }

    /// One of the argument's words, in its own spelling.
    fn choice(&mut self, name: &'static str) -> Option<String> {
        let word = self.call.get(name)?;
        let choices = self.arg(name).choices().unwrap_or_default();
        if let Some((found, _)) = choices.iter().find(|(choice, _)| choice.eq_ignore_ascii_case(word)) {
            return Some(found.clone());
        }
        let words: Vec<&str> = choices.iter().map(|(choice, _)| choice.as_str()).collect();
        self.wanting(name, &format!("“{word}” is none of: {}.", words.join(", ")))
    }

    fn scale(&mut self, name: &'static str) -> Option<u8> {
        self.choice(name).and_then(|word| word.parse().ok())
    }

    fn page(&mut self) -> u32 {
        match self.call.get("page") {
            None => 0,
            Some(word) => match word.parse::<u32>() {
                Ok(page) if page >= 1 => page,
                _ => self.wanting("page", &format!("“{word}” is no page: 1, 2, 3 …")).unwrap_or(1),
            },
        }
    }

    fn log_query(&mut self) -> LogQuery {
        let by = match self.call.get("by") {
            Some(word) if word.eq_ignore_ascii_case("me") => self.listener.me.cloned(),
            // Timers: what nobody asked for just then.
            Some(word) if word.eq_ignore_ascii_case("wardroom") => Some(PersonId("wardroom".to_owned())),
            Some(word) => self.anybody("by", word),
            None => None,
        };
        LogQuery { by, kind: self.kind(), since: self.when("since"), until: self.when("until"), page: self.page() }
    }

    fn kind(&mut self) -> Option<&'static KindWord> {
        let word = self.call.get("kind")?;
        if let Some(kind) = KindWord::parse(word) {
            return Some(kind);
        }
        let words: Vec<&str> = KIND_WORDS.iter().map(|kind| kind.word).collect();
        self.wanting("kind", &format!("“{word}” is no kind of entry: {}.", words.join(", ")))
    }

    fn when(&mut self, name: &'static str) -> Option<When> {
        let word = self.call.get(name)?;
        match When::parse(word) {
            Some(when) => Some(when),
            None => self.wanting(
                name,
                &format!("“{word}” is no moment like -2h, +2h, 14:30, 2030-01-07 or 2030-01-07T14:30Z."),
            ),
        }
    }

    fn arg(&self, name: &str) -> &'static Arg {
        self.verb.arg(name).expect("read only what the catalogue lists: held by a test")
    }

    fn wanting<T>(&mut self, name: &'static str, sentence: &str) -> Option<T> {
        self.wrong.push((name, sentence.to_owned()));
        None
    }
}
