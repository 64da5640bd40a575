//! What a change is to an incident: proposed by rule 4.14 or by hand, decided by the commander.

use super::freeze::moment;
use super::standing::{Record, permit, person};
use super::{incident_decision, incident_of, pir, stands};
use crate::domain::rules::{Action, LinkKind, LinkOrigin, LinkState, Priority};
use crate::domain::suspect::Suspect;
use crate::domain::{
    Answer, Asked, Change, Decision, Event, Incident, Link, LinkAnswer, LinkCommand, LinkEvent, LinkGuess, Refusal,
    Subject, World,
};

/// Links that one command of an incident proposes or settles; more changes than this are no lead.
const LINKS_MAX: usize = 10;

/// What is so likely to have caused a new incident that its commander has to say whether it did (rule 4.14): also the
/// change after which it is declared.
pub(super) fn proposed(world: &World<'_>, after: Option<i64>) -> impl Iterator<Item = Event> {
    let is_asked = move |suspect: &&Suspect| suspect.is_likely() || Some(suspect.change.number) == after;
    let likely = world.links.suspects.iter().filter(is_asked).take(LINKS_MAX);
    likely.map(|suspect| Event::Link(of_suspect(suspect, LinkState::Proposed, false)))
}

/// A great incident is not over before its commander has said what caused it.
pub(super) fn check_decided(world: &World<'_>, incident: &Incident) -> Result<(), Refusal> {
    if incident.priority > Priority::P2 && !incident.is_major() {
        return Ok(());
    }
    let Some(link) = world.links.undecided().next() else { return Ok(()) };
    let (change, subject) = (Subject::Change(link.change), incident.subject());
    Err(Refusal::by_rule(
        "4.14",
        format!("Whether {change} caused {subject} is not decided yet."),
        format!("`/inc link {change} caused {subject}` if it did, `/inc link {change} none why: … {subject}` if not."),
    ))
}

/// At the end of a lesser one what was likely counts as its cause, and what was only suggested does not.
pub(super) fn unanswered(world: &World<'_>) -> Vec<Event> {
    let proposed = world.links.undecided().map(|link| {
        let state = if link.origin == LinkOrigin::Auto { LinkState::Confirmed } else { LinkState::Rejected };
        nobody_said(link, state)
    });
    let suggested = world.links.suspects.iter().filter(|suspect| world.links.of(suspect.change.number).is_none());
    let suggested = suggested.take(LINKS_MAX).map(|suspect| of_suspect(suspect, LinkState::Rejected, true));
    proposed.chain(suggested).map(Event::Link).collect()
}

/// The reviews of those that count as its cause, as nobody said otherwise before its end.
pub(super) fn blamed(world: &World<'_>, asked: Asked<'_>, events: &[Event]) -> Vec<Decision> {
    let is_cause = |number: i64| {
        let is = |link: &LinkEvent| link.change == number && link.blames() && link.state == LinkState::Confirmed;
        events.iter().any(|event| matches!(event, Event::Link(link) if is(link)))
    };
    let changes = world.links.blamed.iter().filter(|change| is_cause(change.number));
    changes.filter_map(|change| pir::of_cause(world, asked, change)).collect()
}

/// What was declared by mistake was caused by nothing.
pub(super) fn dropped(world: &World<'_>) -> impl Iterator<Item = Event> {
    world.links.undecided().map(|link| Event::Link(nobody_said(link, LinkState::Rejected)))
}

fn of_suspect(suspect: &Suspect, state: LinkState, unanswered: bool) -> LinkEvent {
    LinkEvent {
        change: suspect.change.number,
        kind: LinkKind::Caused,
        origin: LinkOrigin::Auto,
        state,
        guess: Some(suspect.guess()),
        unanswered,
        implementer: suspect.change.implementer.clone(),
        why: None,
    }
}

fn nobody_said(link: &Link, state: LinkState) -> LinkEvent {
    LinkEvent {
        change: link.change,
        kind: link.kind,
        origin: link.origin,
        state,
        guess: guess_of(link),
        unanswered: true,
        implementer: link.implementer.clone(),
        why: None,
    }
}

/// A step on a link: what was there, and what is asked.
struct Step<'a> {
    world: &'a World<'a>,
    asked: Asked<'a>,
    incident: &'a Incident,
    change: &'a Change,
    now: Option<&'a Link>,
    /// Asked once more, against what was decided or what the times say.
    confirmed: bool,
}

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: LinkCommand) -> Result<Decision, Refusal> {
    let incident = incident_of(world)?;
    person(asked, Action::LinkChange)?;
    permit(world, asked, Action::LinkChange, Record::of(incident))?;
    let Some(change) = &world.links.named else {
        let change = Subject::Change(command.change);
        return Err(Refusal::slip(format!("There is no {change} here."), "`/change list` shows them."));
    };
    let now = world.links.of(change.number);
    let step = Step { world, asked, incident, change, now, confirmed: command.confirmed };
    match command.answer {
        LinkAnswer::Is { kind, why } => step.is(kind, why),
        LinkAnswer::IsNot { why } => step.is_not(why),
    }
}

impl Step<'_> {
    fn is(&self, kind: LinkKind, why: Option<String>) -> Result<Decision, Refusal> {
        let is_so = |link: &&Link| link.kind == kind && link.state == LinkState::Confirmed && !self.seconds(link);
        if let Some(link) = self.now.filter(is_so) {
            return Ok(stands(self.asked, self.incident.subject(), self.decided(link)));
        }
        let state = match self.permit_cause() {
            Err(_) if self.is_new_lead(kind) => LinkState::Proposed,
            Err(refusal) if self.concerns_cause(kind) => return Err(refusal),
            Ok(()) | Err(_) => LinkState::Confirmed,
        };
        self.check_undecided(kind.as_str())?;
        match kind {
            LinkKind::Caused => self.check_times()?,
            LinkKind::Resolves => self.check_not_approved()?,
            LinkKind::Related => {}
        }
        let answer = match (kind, state) {
            (LinkKind::Caused, LinkState::Proposed) => Answer::default(),
            (LinkKind::Caused, _) => {
                self.undo(" confirm:yes").also(format!("{} counts as failed from now on.", self.change.subject()))
            }
            _ => Answer { also: self.waits_for_another(), ..self.undo("") },
        };
        let mut decision = self.decision(kind, state, why, answer);
        if (kind, state) == (LinkKind::Caused, LinkState::Confirmed) {
            decision.with.extend(pir::of_cause(self.world, self.asked, self.change));
        }
        Ok(decision)
    }

    fn is_not(&self, why: String) -> Result<Decision, Refusal> {
        let (change, incident) = (self.change.subject(), self.incident.subject());
        if let Some(link) = self.now.filter(|link| link.state == LinkState::Rejected) {
            return Ok(stands(self.asked, incident, self.decided(link)));
        }
        let kind = self.now.map_or(LinkKind::Caused, |link| link.kind);
        if self.now.is_none() && self.world.links.suspect(self.change.number).is_none() {
            return Err(Refusal::slip(
                format!("{change} is not linked to {incident}."),
                format!("`/inc changes {incident}` shows what it may come from."),
            ));
        }
        let mut confirm = "";
        if kind == LinkKind::Caused {
            self.permit_cause()?;
            self.check_undecided("none why: …")?;
            confirm = " confirm:yes";
        }
        let answer = Answer::undo(format!("`/inc link {change} {}{confirm} {incident}` takes it back", kind.as_str()));
        Ok(self.decision(kind, LinkState::Rejected, Some(why), answer))
    }

    /// Whether somebody else says what only whoever carries the change out has said so far: that counts.
    fn seconds(&self, link: &Link) -> bool {
        let carries_out = &self.change.implementer;
        let by_them = link.decided_by.as_ref() == Some(carries_out);
        link.kind != LinkKind::Caused && by_them && self.asked.by.person() != Some(carries_out)
    }

    /// Whoever carries a change out does not let it past what protects the incident.
    fn waits_for_another(&self) -> Vec<String> {
        let by_them = self.asked.by.person() == Some(&self.change.implementer);
        let told = format!("It lets {} past a freeze once somebody else says the same.", self.change.subject());
        (by_them && self.change.is_open()).then_some(told).into_iter().collect()
    }

    /// Rule 4.15: what the commander said yes to does not become what resolves the incident that they command.
    fn check_not_approved(&self) -> Result<(), Refusal> {
        let Some(commander) = self.incident.commander.as_ref().filter(|_| self.change.is_open()) else { return Ok(()) };
        if !self.change.was_approved_by(commander) {
            return Ok(());
        }
        let (change, incident) = (self.change.subject(), self.incident.subject());
        let name = self.world.organisation.name_of(commander);
        Err(Refusal::by_rule(
            "4.15",
            format!("{name} commands {incident} and said yes to {change}, so it cannot count as what resolves it."),
            format!(
                "Somebody else takes the command with `/inc lead`, or `/freeze except {change} why: …` asks for an exception."
            ),
        ))
    }

    /// Whether it says something of a cause that is known already.
    fn concerns_cause(&self, kind: LinkKind) -> bool {
        kind == LinkKind::Caused || self.now.is_some_and(|link| link.kind == LinkKind::Caused)
    }

    /// What nobody has named yet may be proposed by anybody who helps.
    fn is_new_lead(&self, kind: LinkKind) -> bool {
        let is_listed = self.world.links.suspect(self.change.number).is_some();
        kind == LinkKind::Caused && self.now.is_none() && !is_listed
    }

    /// The commander decides what caused it; others are told who that is.
    fn permit_cause(&self) -> Result<(), Refusal> {
        permit(self.world, self.asked, Action::DecideCause, Record::of(self.incident)).map_err(|refusal| {
            match &self.incident.commander {
                Some(_) => Refusal { next: format!("{} can.", self.who_decides()), ..refusal },
                None => refusal,
            }
        })
    }

    fn who_decides(&self) -> String {
        match &self.incident.commander {
            Some(commander) => {
                format!("{}, who leads {},", self.world.organisation.name_of(commander), self.incident.subject())
            }
            None => "The commander".to_owned(),
        }
    }

    /// A late click, or another thought: it is told what was decided, and changes it only when it is said so.
    fn check_undecided(&self, to: &str) -> Result<(), Refusal> {
        let decided = self.now.filter(|link| link.kind == LinkKind::Caused && !link.is_undecided());
        let Some(link) = decided.filter(|_| !self.confirmed) else { return Ok(()) };
        let (change, incident) = (self.change.subject(), self.incident.subject());
        Err(Refusal::slip(
            self.decided(link),
            format!("Nothing was changed. To decide otherwise: `/inc link {change} {to} confirm:yes {incident}`."),
        ))
    }

    /// What began before the change is hardly its work, but a start may be recorded late.
    fn check_times(&self) -> Result<(), Refusal> {
        let (change, incident) = (self.change.subject(), self.incident.subject());
        let began = self.incident.declared_at;
        let later = match self.change.started_at {
            Some(started) if started <= began => return Ok(()),
            _ if self.confirmed => return Ok(()),
            Some(started) => {
                format!("{incident} was declared {}, before {change} started {}.", moment(began), moment(started))
            }
            None => format!("{change} has not started, so it is hardly what broke it."),
        };
        Err(Refusal::slip(
            later,
            format!("If it is the cause all the same: `/inc link {change} caused confirm:yes {incident}`."),
        ))
    }

    /// What was decided, when and by whom.
    fn decided(&self, link: &Link) -> String {
        let (change, incident) = (self.change.subject(), self.incident.subject());
        let what = match (link.state, link.kind) {
            (LinkState::Rejected, _) => format!("{change} has nothing to do with {incident}"),
            (_, LinkKind::Caused) => format!("{change} is the cause of {incident}"),
            (_, kind) => format!("{change} {kind} {incident}"),
        };
        let at = link.decided_at.map(moment).unwrap_or_default();
        match &link.decided_by {
            Some(by) => format!("{what}: {} decided so {at}.", self.world.organisation.name_of(by)),
            None => format!("{what}: nobody answered before {at}."),
        }
    }

    fn undo(&self, confirm: &str) -> Answer {
        let (change, incident) = (self.change.subject(), self.incident.subject());
        Answer::undo(format!("`/inc link {change} none why: …{confirm} {incident}` takes it back"))
    }

    fn decision(&self, kind: LinkKind, state: LinkState, why: Option<String>, answer: Answer) -> Decision {
        let suspect = self.world.links.suspect(self.change.number);
        let (origin, guess) = match (self.now, suspect) {
            (Some(link), _) => (link.origin, guess_of(link)),
            (None, Some(suspect)) if kind == LinkKind::Caused => (LinkOrigin::Auto, Some(suspect.guess())),
            (None, _) => (LinkOrigin::Manual, None),
        };
        let event = LinkEvent {
            change: self.change.number,
            kind,
            origin,
            state,
            guess,
            unanswered: false,
            implementer: self.change.implementer.clone(),
            why,
        };
        incident_decision(self.asked, self.incident.clone(), vec![Event::Link(event)], answer)
    }
}

/// What a link's row still knows of its guess; the facts that led to it are in the entry that proposed it.
fn guess_of(link: &Link) -> Option<LinkGuess> {
    let (relation, confidence) = link.relation.zip(link.confidence)?;
    Some(LinkGuess { relation, confidence, facts: Vec::new() })
}
