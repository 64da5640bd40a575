//! A dispute is put to the decision authority, and passed on while nobody rules.

use chrono::{DateTime, Utc};

use super::barrier::met_by;
use super::standing::{on_change, permit, person};
use super::update::calendar;
use super::{Met, approval, change_decision, change_of, exempt, missed, standby, stands};
use crate::domain::rules::{
    Action, Band, ChangeKind, Dispute, EscalationState, ExceptionSubject, Seat, exception_allowed, next_authority,
};
use crate::domain::{
    Answer, Asked, BallotChoice, Change, ChangeStatus, Decision, Escalation, Event, Freeze, FreezeOverride,
    OverrideState, PersonId, Refusal, RulingEvent, World,
};

pub(super) const RULE: &str = "decision-authority";

pub(super) fn ask(world: &World<'_>, asked: Asked<'_>, why: String) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::RunChange)?;
    if let Some(open) = change.open_escalation() {
        return Ok(stands(asked, change.subject(), waits(world, change, open)));
    }
    let dispute = dispute(world, asked, change)?;
    let opposed = opposed(world, asked, change, dispute);
    check_party(world, change, me, &opposed)?;
    if let Some(ruled) = change.put_before(dispute) {
        let next = "A ruling binds; another revision of the change may be put to the authority again.";
        return Err(Refusal::by_rule(RULE, decided(world, change, ruled), next));
    }
    let mut next = change.clone();
    let event = put(world, asked, &mut next, (dispute, me.clone(), opposed), why);
    let event = event.ok_or_else(|| nobody_rules(world, change))?;
    let answer = Answer::default().also("Until then it stays as it is; silence to the end of the chain is a no.");
    Ok(change_decision(world, asked, next, vec![event], answer))
}

/// A conflict that nobody settled in time, in the name of whoever asked for the change that came later.
pub(super) fn of_conflict(world: &World<'_>, asked: Asked<'_>, change: &mut Change) -> Option<Event> {
    if change.open_escalation().is_some() || change.put_before(Dispute::Conflict).is_some() {
        return None;
    }
    let (by, opposed) = (change.requester.clone(), opposed(world, asked, change, Dispute::Conflict));
    put(world, asked, change, (Dispute::Conflict, by, opposed), "Nobody settled it in time.".to_owned())
}

/// An objection that nobody settled in time, in the name of whoever asked for the change.
pub(super) fn of_objection(world: &World<'_>, asked: Asked<'_>, change: &mut Change) -> Option<Event> {
    if change.open_escalation().is_some() || change.put_before(Dispute::Objection).is_some() {
        return None;
    }
    let (by, opposed) = (change.requester.clone(), opposed(world, asked, change, Dispute::Objection));
    put(world, asked, change, (Dispute::Objection, by, opposed), "Nobody settled it in time.".to_owned())
}

/// A decision that nobody made in time, or that nobody can make, in the name of whoever asked for the change. One question at
/// a time is put to the authority: what else it is asked of this change waits until it has decided, and can be put to it
/// again.
pub(super) fn of_decision(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &mut Change,
    dispute: Dispute,
    why: String,
) -> Option<Vec<Event>> {
    let mut next = change.clone();
    let lapsed = lapse(asked, &mut next);
    let by = change.requester.clone();
    let put = put(world, asked, &mut next, (dispute, by, Vec::new()), why)?;
    *change = next;
    Some(lapsed.into_iter().chain([put]).collect())
}

/// Those who were asked first have decided while the authority was asked to.
pub(super) fn decided_without(asked: Asked<'_>, change: &mut Change) -> Option<Event> {
    change.open_escalation().filter(|open| open.dispute.decides())?;
    lapse(asked, change)
}

/// There is nothing left to rule on.
fn lapse(asked: Asked<'_>, change: &mut Change) -> Option<Event> {
    let open = change.escalations.iter_mut().find(|one| one.is_open())?;
    open.state = EscalationState::Lapsed;
    open.ruled_at = Some(asked.at);
    Some(Event::Ruling(RulingEvent::Lapsed { asked: open.asked, dispute: open.dispute }))
}

/// Asks the first of the chain; `None` where nobody may rule.
fn put(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &mut Change,
    (dispute, me, opposed): (Dispute, PersonId, Vec<PersonId>),
    why: String,
) -> Option<Event> {
    let mut escalation = Escalation {
        asked: 0,
        revision: change.revision,
        dispute,
        raised_by: me.clone(),
        why: Some(why.clone()),
        opposed,
        chain: Vec::new(),
        due_at: due(world, asked),
        state: EscalationState::Open,
        ruled_by: None,
        ruled_at: None,
        ruling: None,
        conditions: None,
    };
    let of = next_in_chain(world, change, &escalation)?;
    escalation.chain.push(of.clone());
    let until = escalation.due_at;
    change.escalations.push(escalation);
    let (revision, raised_by) = (change.revision, me);
    Some(Event::Ruling(RulingEvent::Asked { dispute, revision, raised_by, of, until, why }))
}

/// Whoever was asked last has not ruled.
pub(super) fn pass_on(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let is_due = |one: &&Escalation| one.due_at <= asked.at;
    let Some(open) = change.open_escalation().filter(is_due).filter(|_| change.awaits_ruling()) else {
        return Ok(stands(asked, change.subject(), "It was ruled on in the meantime."));
    };
    let mut next = change.clone();
    let to = next_in_chain(world, change, open);
    let until = due(world, asked);
    let event = match &to {
        Some(to) => RulingEvent::PassedOn { asked: open.asked, to: to.clone(), until },
        None => RulingEvent::Unanswered { asked: open.asked, dispute: open.dispute },
    };
    if let Some(one) = next.escalations.iter_mut().find(|one| one.asked == open.asked) {
        if let Some(to) = to {
            one.chain.push(to);
            one.due_at = until;
        } else {
            one.state = EscalationState::Unanswered;
            one.ruled_at = Some(asked.at);
        }
    }
    let mut events = vec![Event::Ruling(event)];
    if next.open_escalation().is_none() && open.dispute.decides() {
        missed::unruled(world, asked, &mut next, &mut events);
    }
    Ok(change_decision(world, asked, next, events, Answer::default()))
}

impl Change {
    /// Whether an escalation still has something to be ruled on: of what is over, only a veto and a review.
    pub fn awaits_ruling(&self) -> bool {
        self.open_escalation().is_some_and(|open| match open.dispute {
            Dispute::Veto => self.status == ChangeStatus::Rejected,
            Dispute::Review => self.due_pir().is_some(),
            Dispute::Decision | Dispute::Roster | Dispute::Seat => self.status == ChangeStatus::AwaitingApproval,
            Dispute::Freeze
            | Dispute::Turn
            | Dispute::Window
            | Dispute::Concern
            | Dispute::Conflict
            | Dispute::Standby => self.is_open(),
            Dispute::Objection => self.is_held_by_objection(),
        })
    }

    /// What was put to the authority, on this revision, and was not overtaken by what others decided.
    pub(super) fn put_before(&self, dispute: Dispute) -> Option<&Escalation> {
        let counts = |one: &&Escalation| one.dispute == dispute && one.state != EscalationState::Lapsed;
        self.escalations.iter().find(counts)
    }

    /// The members for security who rejected it, where that ended the vote.
    pub fn vetoes(&self) -> Vec<&PersonId> {
        let ended = self.vote.as_ref().and_then(|vote| vote.outcome.as_ref());
        let Some(vote) = self.vote.as_ref().filter(|_| ended.is_some_and(|result| result.outcome == "failed(veto)"))
        else {
            return Vec::new();
        };
        let rejects = |person: &PersonId| self.ballot_of(person).is_some_and(|b| b.choice == BallotChoice::Reject);
        let for_security = vote.roster.iter().filter(|member| member.seats.contains(&Seat::Security));
        for_security.map(|member| &member.person).filter(|person| rejects(person)).collect()
    }
}

/// What stands in its way that the authority may rule on; a refusal where nothing does, or where nobody may.
fn dispute(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<Dispute, Refusal> {
    let id = change.subject();
    match change.status {
        ChangeStatus::AwaitingApproval if change.open_concerns().next().is_some() => Ok(Dispute::Concern),
        ChangeStatus::AwaitingApproval if change.is_in_conflict() => Ok(Dispute::Conflict),
        ChangeStatus::AwaitingApproval if change.is_held_by_objection() => Ok(Dispute::Objection),
        ChangeStatus::AwaitingApproval => Err(not_waivable(world, change)),
        ChangeStatus::Rejected if !change.vetoes().is_empty() => Ok(Dispute::Veto),
        ChangeStatus::Approved | ChangeStatus::Queued | ChangeStatus::OnHold => {
            match check_frozen(world, asked, change)? {
                true => Ok(Dispute::Freeze),
                false if change.is_in_conflict() => Ok(Dispute::Conflict),
                false if change.is_held_by_objection() => Ok(Dispute::Objection),
                false if standby::holds(world, asked, change) => Ok(Dispute::Standby),
                false if change.status == ChangeStatus::Queued => Ok(Dispute::Turn),
                false => Err(nothing(change, &format!("`/change start {id}` says what does."))),
            }
        }
        ChangeStatus::Implementing | ChangeStatus::WindowExpired if change.may_be_extended(world.policy) => {
            Err(nothing(change, &format!("`/change extend {id}` and why asks for more time.")))
        }
        ChangeStatus::Implementing | ChangeStatus::WindowExpired
            if !change.is_extending() && !change.is_to_go_back() =>
        {
            Ok(Dispute::Window)
        }
        ChangeStatus::Completed | ChangeStatus::RolledBack | ChangeStatus::Validating | ChangeStatus::Failed
            if change.due_pir().is_some_and(|pir| pir.overdue && pir.reason.holds_up_emergencies()) =>
        {
            Ok(Dispute::Review)
        }
        _ => Err(nothing(change, &format!("`/change show {id}` says what comes next."))),
    }
}

/// Whether a freeze holds it up that made no exception. One that was not asked for an exception is asked first.
fn check_frozen(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<bool, Refusal> {
    let until = change.window.map_or(asked.at, |window| window.closes.max(asked.at));
    let mut is_frozen = false;
    for met in met_by(world, change, (asked.at, until)).iter().filter(|met| met.stops(change, asked.at)) {
        let freeze = &met.frozen.freeze;
        if exempt::from_freeze(world, freeze, change, asked.at).is_some() {
            continue;
        }
        if denied(freeze, change).is_none() {
            return Err(nothing(
                change,
                &format!(
                    "{} holds it up: `/freeze except {} why: …` asks for an exception first, and only a no to that goes to \
                     the decision authority.",
                    freeze.subject(),
                    change.subject()
                ),
            ));
        }
        // That takes a compliance officer too (rule 4.35).
        if freeze.hard {
            let ruling = exception_allowed(world.policy, ExceptionSubject::HardFreeze);
            let sentence =
                format!("{} is a hard freeze, and its no is the last word. {}", freeze.subject(), ruling.sentence);
            let id = change.subject();
            let next = format!(
                "`/cab exception ask {id} rule:hard_freeze` asks both; `/change plan conflicts {id}` shows the next windows in \
                 which nothing is in the way."
            );
            return Err(Refusal::by_rule(ruling.rule, sentence, next));
        }
        is_frozen = true;
    }
    Ok(is_frozen)
}

/// The exception that this revision was denied, if that was the last word.
fn denied<'a>(freeze: &'a Freeze, change: &Change) -> Option<&'a FreezeOverride> {
    let of_this = |of: &&FreezeOverride| of.change == change.number && of.revision == change.revision;
    freeze.overrides.iter().rev().find(of_this).filter(|of| of.state == OverrideState::Denied)
}

impl Met<'_> {
    /// Whether it holds this change up now, with no exception that lets it through.
    pub(super) fn stops(&self, change: &Change, now: DateTime<Utc>) -> bool {
        self.holds() && !self.frozen.freeze.lets_through(change, now)
    }
}

/// What is missing is the yes of others, which nobody can rule away (rule 4.35).
fn not_waivable(world: &World<'_>, change: &Change) -> Refusal {
    let is_risky = matches!(change.risk.band, Band::High | Band::Critical);
    let subject =
        if change.needs_review() && is_risky { ExceptionSubject::HighRiskPeerReview } else { ExceptionSubject::Duties };
    let ruling = exception_allowed(world.policy, subject);
    let mut missing: Vec<&str> = change.open_seats().iter().map(|seat| seat.phrase()).collect();
    missing.extend(change.vote.iter().filter(|vote| vote.outcome.is_none()).map(|_| "the vote"));
    let missing = if missing.is_empty() { "the checklist".to_owned() } else { missing.join(", ") };
    let sentence = format!("{} waits for the yes of others: {missing}. {}", change.subject(), ruling.sentence);
    let asked_then = change.decide_by.filter(|_| change.kind == ChangeKind::Emergency).map(|by| {
        format!(" If nobody has decided by {}, the decision authority is asked by itself.", super::freeze::moment(by))
    });
    let next = format!("`/change show {}` shows whose.{}", change.subject(), asked_then.unwrap_or_default());
    Refusal::by_rule(ruling.rule, sentence, next)
}

fn nothing(change: &Change, next: &str) -> Refusal {
    let sentence = format!("Nothing stands in the way of {} that the decision authority rules on.", change.subject());
    Refusal::slip(sentence, next)
}

/// Who holds the other position.
fn opposed(world: &World<'_>, asked: Asked<'_>, change: &Change, dispute: Dispute) -> Vec<PersonId> {
    let mut people: Vec<PersonId> = match dispute {
        Dispute::Freeze => {
            let denied = world.freezes.iter().filter_map(|frozen| denied(&frozen.freeze, change));
            denied.filter_map(|of| of.authority.clone()).collect()
        }
        Dispute::Turn => {
            let (_, taken) = super::slot::verdict_of(world, change, asked.at);
            taken.iter().flat_map(|one| [one.change.requester.clone(), one.change.implementer.clone()]).collect()
        }
        Dispute::Concern => change.open_concerns().map(|concern| concern.person.clone()).collect(),
        Dispute::Veto => change.vetoes().into_iter().cloned().collect(),
        Dispute::Conflict => {
            let rivals = change.rivals();
            let blocking = world.rivals.iter().filter(|rival| rivals.contains(&rival.subject()));
            blocking.flat_map(|rival| [rival.requester.clone(), rival.implementer.clone()]).collect()
        }
        Dispute::Objection => change.open_objections().map(|one| one.person.clone()).collect(),
        Dispute::Window | Dispute::Review | Dispute::Standby | Dispute::Decision | Dispute::Roster | Dispute::Seat => {
            Vec::new()
        }
    };
    people.sort();
    people.dedup();
    people
}

/// Whoever is blocked, or holds the other position; and the commander of its incident.
fn check_party(world: &World<'_>, change: &Change, me: &PersonId, opposed: &[PersonId]) -> Result<(), Refusal> {
    let commander = approval::incident_of(world).and_then(|incident| incident.commander.as_ref());
    if change.is_own(me) || opposed.contains(me) || commander == Some(me) {
        return Ok(());
    }
    let (requester, id) = (world.organisation.name_of(&change.requester), change.subject());
    Err(Refusal::by_rule(RULE, format!("This is not your dispute: {requester} asked for {id}."), {
        format!("{requester} can put it to the decision authority.")
    }))
}

/// The next of the chain who is no party.
fn next_in_chain(world: &World<'_>, change: &Change, escalation: &Escalation) -> Option<PersonId> {
    let chain = world.organisation.authorities_over(change);
    let mut barred = parties(change, escalation);
    if escalation.dispute.decides() {
        // Rule 4.15, and nobody decides on a change twice.
        let commander = approval::incident_of(world).and_then(|incident| incident.commander.clone());
        barred.extend(commander.into_iter().chain(chain.iter().filter(|one| change.has_part(one)).cloned()));
    }
    next_authority(&chain, &escalation.chain, &barred).cloned()
}

pub(super) fn parties(change: &Change, escalation: &Escalation) -> Vec<PersonId> {
    let own = [&change.requester, &change.implementer, &escalation.raised_by];
    own.into_iter().chain(&escalation.opposed).cloned().collect()
}

fn nobody_rules(world: &World<'_>, change: &Change) -> Refusal {
    let (services, many) = (world.organisation.services_of(change), !change.also.is_empty());
    let have = if many { "have" } else { "has" };
    Refusal::by_rule(
        RULE,
        format!("Nobody who is no party may rule on {}: {services} {have} no such authority.", change.subject()),
        "An administrator names who rules in the roster `authority` of the organisation file; `/admin check` shows where \
         one is missing.",
    )
}

/// By when whoever is asked now has to rule.
pub(super) fn due(world: &World<'_>, asked: Asked<'_>) -> DateTime<Utc> {
    let clock = world.policy.deadlines.ruling;
    let is_urgent = approval::incident_of(world).is_some_and(crate::domain::Incident::is_open);
    calendar(world).after(asked.at, if is_urgent { clock.incident } else { clock.otherwise }, 1)
}

fn waits(world: &World<'_>, change: &Change, open: &Escalation) -> String {
    let who = open.waits_for().map(|id| world.organisation.name_of(id)).unwrap_or_default();
    let until = super::freeze::moment(open.due_at);
    format!("{} waits for the ruling of {who} already, until {until}.", change.subject())
}

/// What was ruled, when and by whom.
pub(super) fn decided(world: &World<'_>, change: &Change, ruled: &Escalation) -> String {
    let at = ruled.ruled_at.map(super::freeze::moment).unwrap_or_default();
    let by = ruled.ruled_by.as_ref().map(|id| format!("by {} ", world.organisation.name_of(id))).unwrap_or_default();
    format!("{} ({}) was ruled on {by}{at}: {}.", change.subject(), ruled.dispute.phrase(), ruled.state.phrase())
}

/// Anybody but a party may read what stands against it; who may rule is asked here.
pub(super) fn check_may_rule(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    open: &Escalation,
) -> Result<(), Refusal> {
    let me = person(asked, Action::RunChange)?;
    let who = open.waits_for().map(|id| world.organisation.name_of(id)).unwrap_or_default();
    let next = format!("{who} is asked to rule on it.");
    if parties(change, open).contains(me) {
        let sentence =
            format!("You are a party of this dispute about {}, so the ruling is for others.", change.subject());
        return Err(Refusal::by_rule(RULE, sentence, next));
    }
    if open.dispute.decides() {
        approval::check_not_commander(world, me)?;
        if change.has_part(me) {
            let sentence = format!("Your word on {} counts already, so the ruling is for others.", change.subject());
            return Err(Refusal::by_rule(RULE, sentence, next));
        }
    }
    let stands_in = || world.organisation.delegators_of(me, asked.at).any(|of| open.chain.contains(&of.person));
    if open.chain.contains(me) || stands_in() {
        return permit(world, asked, Action::SeeRecord, on_change(change, None));
    }
    Err(Refusal::by_rule(RULE, format!("You are not asked to rule on {}.", change.subject()), next))
}
