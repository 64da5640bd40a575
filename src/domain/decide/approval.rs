//! Yes and no to a change: seats, ballots, accepted risk; and what they add up to.

use super::asking::counted;
use super::ballot;
use super::barrier;
use super::delegation::authority;
use super::exempt;
use super::extension;
use super::standing::{on_change, person, roles};
use super::{appointment, catalogue, change_decision, change_of, conflict, escalation, missed, retro, review, stands};
use crate::domain::change::Approval;
use crate::domain::peer_review::{ReviewAnswers, ReviewWord};
use crate::domain::policy::Policy;
use crate::domain::rules::{
    Action, ChangeKind, ClaimTie, Denial, Duty, EmergencyCase, Relation, Seat, SeatClaim, TIMER_EARLY, duties_ok,
    eligible, listed, window_length,
};
use crate::domain::{
    Answer, Asked, BallotChoice, Change, ChangeEvent, ChangeStatus, Decision, Event, Incident, Organisation, PersonId,
    Refusal, Role, Target, VoteResult, Window, World,
};

/// One verb for everybody who says yes or no: a member votes, a seat's holder fills the seat.
pub(super) fn vote(
    world: &World<'_>,
    asked: Asked<'_>,
    choice: BallotChoice,
    why: Option<String>,
) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let me = person(asked, Action::RunChange)?;
    check_undecided(world, asked, change)?;
    retro::check_may_attest(change, me)?;
    // The requester and the implementer stay out, whatever they hold; so does the commander of its incident.
    duties_ok(Duty::ApproveSeat, &relations(change, me))?;
    check_not_commander(world, me)?;
    if choice == BallotChoice::Approve {
        barrier::check_risky(world, asked, change)?;
    }
    let open = change.vote.as_ref().filter(|vote| vote.outcome.is_none());
    if let Some(voice) = open.and_then(|vote| ballot::voice(world, asked, vote, me)) {
        return ballot::cast(world, asked, change, (me, voice), choice, why);
    }
    match choice {
        BallotChoice::Approve => match open_seat(world, asked, change, me) {
            Ok(seat) => Ok(grant(world, asked, change, me, seat, (why, None))),
            Err(refusal) => Err(refusal),
        },
        BallotChoice::Reject => {
            let declines_risk =
                change.needs_acceptance() && may_fill(world, asked, change, me, Seat::Executive).is_ok();
            if !declines_risk {
                open_seat(world, asked, change, me)?;
            }
            let why = why.unwrap_or_default();
            let mut next = change.clone();
            end(&mut next, asked, ChangeStatus::Rejected, why.clone());
            let event = Event::Change(ChangeEvent::Rejected { why });
            Ok(change_decision(world, asked, next, vec![event], Answer::default()))
        }
        BallotChoice::Abstain | BallotChoice::Recuse => Err(Refusal::by_rule(
            "4.13",
            format!("You have no ballot on {}.", change.subject()),
            members_phrase(world, change),
        )),
    }
}

/// The end of the vote, or of the time to decide, has come.
pub(super) fn vote_ends(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let change = change_of(world)?;
    let due = change.is_undecided() && change.decide_by.is_some_and(|by| by <= asked.at + TIMER_EARLY);
    if !due {
        return Ok(stands(asked, change.subject(), "It was decided in the meantime."));
    }
    let mut events = Vec::new();
    let mut next = settle(world, asked, change.clone(), &mut events, true);
    if next.status == ChangeStatus::AwaitingApproval && next.kind != ChangeKind::Retroactive {
        missed::decision(world, asked, &mut next, &mut events);
    }
    Ok(change_decision(world, asked, next, events, Answer::default()))
}

pub(super) fn grant(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    me: &PersonId,
    seat: Seat,
    (why, answers): (Option<String>, Option<ReviewAnswers>),
) -> Decision {
    let mut next = match answers {
        Some(answers) => review::said(asked, change, me, ReviewWord::Ok, answers),
        None => change.clone(),
    };
    let platform = asked.by.account().map_or(crate::domain::Platform::Slack, |account| account.platform);
    let on_behalf = authority(world.organisation, change, incident_of(world), (me, seat), asked.at).ok().flatten();
    let absent = on_behalf.as_ref().map(|stands| stands.person.clone());
    let voice = absent.as_ref().unwrap_or(me);
    let owns = change.owns_for(world.organisation, seat, voice);
    let (person, at) = (me.clone(), asked.at);
    next.approvals.push(Approval { seat, person, on_behalf: absent, platform, at, owns: owns.clone() });
    let accepted = (seat == Seat::Executive).then(|| change.risk_in_full());
    let revision = change.revision;
    let granted = ChangeEvent::SeatGranted { seat, revision, on_behalf, accepted, answers, why, owns };
    let mut events = vec![Event::Change(granted)];
    let settled = settle(world, asked, next, &mut events, false);
    let answer = Answer { also: review::held_phrase(world, &settled).into_iter().collect(), ..Answer::default() };
    change_decision(world, asked, settled, events, answer)
}

/// What reviews, seats and ballots add up to: closes a vote that is decided, and approves once nothing is missing.
pub(super) fn settle(
    world: &World<'_>,
    asked: Asked<'_>,
    mut change: Change,
    events: &mut Vec<Event>,
    closed: bool,
) -> Change {
    if change.is_extending() {
        return extension::settle(world, asked, change, events, closed);
    }
    if change.kind == ChangeKind::Retroactive {
        return retro::settle(world, asked, change, events, closed);
    }
    if let Some(result) = vote_result(world.policy, asked, &change, closed) {
        let passed = result.passed;
        let sentence = result.sentence.clone();
        let expired = result.outcome.starts_with("expired");
        // Whoever has not voted has more time, once: what follows of that is decided where the time is.
        if expired && change.kind != ChangeKind::Emergency && !change.is_prolonged() {
            return change;
        }
        if result.outcome.starts_with("invalid") {
            appointment::too_few(world, asked, &mut change, events, result);
            return change;
        }
        events.push(Event::Change(ChangeEvent::VoteClosed { result: result.clone() }));
        if let Some(vote) = &mut change.vote {
            vote.outcome = Some(result);
        }
        // Silence is no answer yet: others are asked first.
        if expired {
            end_asks(&mut change, world.policy);
            return change;
        }
        if !passed {
            end(&mut change, asked, ChangeStatus::Rejected, sentence.clone());
            events.push(Event::Change(ChangeEvent::Rejected { why: sentence }));
            return change;
        }
    }
    let has_passed = change.vote.as_ref().is_none_or(|vote| vote.outcome.as_ref().is_some_and(|o| o.passed));
    let vote_passed = has_passed || change.is_ruled_away(Seat::CabMember);
    let waits = exempt::waits_to_be_complete(world, &change, asked.at) || change.is_held_by_review();
    if vote_passed && exempt::missing_seats(world, &change, asked.at).is_empty() && !waits {
        if change.submits.is_some() {
            return catalogue::approved(world, asked, change, events);
        }
        let mut window = window_of(world, asked, &change);
        let taken_by = window.and_then(|window| conflict::taken_by(world, asked, &change, window));
        // Two changes on one service never have the same window: whoever agreed first has it.
        window = window.filter(|_| taken_by.is_none());
        change.status = ChangeStatus::Approved;
        change.approved_at = Some(asked.at);
        change.window = window;
        let ahead = window.is_some_and(|window| window.opens > asked.at);
        events.push(Event::Change(ChangeEvent::Approved { window, ahead, taken_by }));
        events.extend(escalation::decided_without(asked, &mut change));
    }
    end_asks(&mut change, world.policy);
    change
}

/// Nobody is waited for who was asked for a seat that is filled, or that enough others look at.
pub(super) fn end_asks(change: &mut Change, policy: &Policy) {
    let mut waiting = counted(change.waiting_seats(policy));
    waiting.retain(|(seat, count)| change.looked_at(*seat) < *count);
    for ask in change.asks.iter_mut().filter(|ask| !waiting.iter().any(|(seat, _)| *seat == ask.seat)) {
        ask.until = None;
    }
}

/// Rule 4.17: an emergency's window opens at once, any other change's is the one that was planned. One that is over by
/// now has to be planned anew.
fn window_of(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Option<Window> {
    if change.kind == ChangeKind::Emergency {
        let case = EmergencyCase::of(incident_of(world).map(|incident| incident.priority));
        return Some(Window { opens: asked.at, closes: asked.at + window_length(world.policy, case) });
    }
    change.planned.filter(|planned| planned.closes > asked.at)
}

/// The result of an open vote, if it has one now.
pub(super) fn vote_result(policy: &Policy, asked: Asked<'_>, change: &Change, closed: bool) -> Option<VoteResult> {
    let vote = change.vote.as_ref().filter(|vote| vote.outcome.is_none())?;
    let ruling = change.count(policy, closed)?;
    (!ruling.verdict.is_open()).then(|| VoteResult {
        passed: ruling.verdict.passed(),
        outcome: ruling.verdict.name().to_owned(),
        sentence: ruling.sentence,
        at: asked.at,
        by: asked.by.person().filter(|me| vote.roster.iter().any(|m| &&m.person == me)).cloned(),
    })
}

pub(super) fn end(change: &mut Change, asked: Asked<'_>, status: ChangeStatus, outcome: String) {
    change.status = status;
    // What is recorded after the fact ended when it was made, as its record says.
    if change.kind == ChangeKind::Retroactive {
        return;
    }
    change.ended_at = Some(asked.at);
    change.hold = None;
    change.outcome = Some(outcome);
}

pub(super) fn incident_of<'a>(world: &'a World<'_>) -> Option<&'a Incident> {
    match &world.target {
        Target::Change { incident, .. } => incident.as_ref(),
        Target::New { near, .. } => near.as_ref(),
        Target::Incident(incident) => Some(incident),
        Target::Freeze { .. }
        | Target::Meeting(_)
        | Target::Exception(_)
        | Target::Batch(_)
        | Target::Organisation { .. }
        | Target::Proposal { .. }
        | Target::Feed(_)
        | Target::Privacy(_)
        | Target::Log(_) => None,
    }
}

/// A late click is told what was decided, when and by whom.
pub(super) fn check_undecided(world: &World<'_>, asked: Asked<'_>, change: &Change) -> Result<(), Refusal> {
    if change.is_undecided() {
        // A timer that is late, as after a time without a bot, prolongs nothing.
        return match change.decide_by.filter(|by| *by <= asked.at) {
            Some(by) => Err(Refusal::slip(
                format!("The time to decide on {} was over at {}.", change.subject(), by.format("%H:%M UTC")),
                "What was said until then counts; the card shows the outcome in a moment.",
            )),
            None => Ok(()),
        };
    }
    let result = change.vote.as_ref().and_then(|vote| vote.outcome.as_ref());
    if let Some(result) = result.filter(|_| change.round > 0) {
        return Err(extension::decided(change, result));
    }
    let by = result.and_then(|result| result.by.as_ref()).or_else(|| change.approvals.last().map(|last| &last.person));
    let attested = change.approvals.last().map(|last| last.at).filter(|_| change.kind == ChangeKind::Retroactive);
    let at = attested.or(change.approved_at).or(change.ended_at);
    let when = at.map(|at| format!(" at {}", at.format("%H:%M UTC"))).unwrap_or_default();
    let who = by.map(|by| format!(", with the voice of {}", world.organisation.name_of(by))).unwrap_or_default();
    let (decided, now) = match (change.approved_at, change.status) {
        (Some(_), ChangeStatus::Approved) => ("was approved", String::new()),
        (Some(_), status) => ("was approved", format!(" It is {} now.", status.phrase())),
        (
            None,
            ChangeStatus::Completed | ChangeStatus::RolledBack | ChangeStatus::Validating | ChangeStatus::Failed,
        ) => ("was attested", String::new()),
        (None, ChangeStatus::Rejected) => ("was rejected", String::new()),
        (None, ChangeStatus::Cancelled) => ("was withdrawn", String::new()),
        (None, _) => ("was not decided in time; that was", String::new()),
    };
    Err(Refusal::slip(format!("{} {decided}{when}{who}.{now}", change.subject()), "Nothing was changed."))
}

/// Rule 4.15: nobody approves a change that resolves the incident they command: asked for in its name, or linked so.
pub(super) fn check_not_commander(world: &World<'_>, me: &PersonId) -> Result<(), Refusal> {
    let mut resolved = incident_of(world).into_iter().chain(&world.resolves);
    match resolved.find(|incident| incident.commander.as_ref() == Some(me)) {
        Some(incident) => Err(Refusal::by_rule(
            "4.15",
            format!("You command {}, so the yes to a change that resolves it is for others.", incident.subject()),
            "Another member can, or hand the command over with `/inc lead`.",
        )),
        None => Ok(()),
    }
}

pub(super) fn relations(change: &Change, me: &PersonId) -> Vec<Relation> {
    let approved = change.approval_of(me);
    [
        (Relation::Requester, &change.requester == me),
        (Relation::Implementer, &change.implementer == me),
        (Relation::OtherPeerReviewer, approved.is_some_and(|approval| approval.seat == Seat::PeerReviewer)),
        (Relation::Approver, approved.is_some() || change.voted_yes(me)),
    ]
    .into_iter()
    .filter(|(_, applies)| *applies)
    .map(|(relation, _)| relation)
    .collect()
}

/// Rule 4.10: may this person fill this seat, as theirs or for somebody whom they stand in for?
pub(super) fn may_fill(
    world: &World<'_>,
    asked: Asked<'_>,
    change: &Change,
    me: &PersonId,
    seat: Seat,
) -> Result<(), Refusal> {
    authority(world.organisation, change, incident_of(world), (me, seat), asked.at)?;
    Ok(())
}

pub(super) fn fills(
    organisation: &Organisation,
    change: &Change,
    incident: Option<&Incident>,
    me: &PersonId,
    seat: Seat,
) -> Result<(), Denial> {
    let mut ties = Vec::new();
    if organisation.shares_discipline(me, change) {
        ties.push(ClaimTie::SameDiscipline);
    }
    if &change.requester == me {
        ties.push(ClaimTie::Requester);
    }
    if &change.implementer == me {
        ties.push(ClaimTie::Implementer);
    }
    if change.services().iter().any(|service| organisation.sponsor_of(service) == Some(me)) {
        ties.push(ClaimTie::NamedSponsor);
    }
    let voted = change.has_voted(me).then_some(Seat::CabMember);
    let other_seat = change.approval_of(me).or_else(|| change.approval_for(me)).map(|approval| approval.seat).or(voted);
    let mut held = roles(organisation, me, on_change(change, incident));
    if change.manages_owner(me) {
        held.push(Role::ServiceOwner);
    }
    eligible(seat, SeatClaim { roles: &held, ties: &ties, other_seat })?;
    let is_anothers = seat == Seat::ServiceOwner && !change.has_open_owner_seat(organisation, me);
    if is_anothers && !change.manages_owner(me) {
        return Err(of_another_owner(organisation, change, me));
    }
    Ok(())
}

/// A seat of an owner is for services, and those of this person have their yes.
fn of_another_owner(organisation: &Organisation, change: &Change, me: &PersonId) -> Denial {
    let missing: Vec<String> =
        change.owners_missing().unwrap_or_default().concat().into_iter().map(str::to_owned).collect();
    let owners: Vec<String> =
        organisation.owners_of(&missing).iter().map(|owner| organisation.name_of(owner)).collect();
    let own = organisation.named(&organisation.owned_by(me, change));
    let (sentence, next) = if missing.is_empty() {
        (format!("{} has the yes of all of its owners.", change.subject()), "Nothing is missing there.".to_owned())
    } else {
        let sentence =
            format!("{own} has an owner's yes already; what is missing is that for {}.", organisation.named(&missing));
        (sentence, format!("It is for {}.", listed(&owners, "and")))
    };
    Denial { rule: "4.10", sentence, who_can: next }
}

/// The first open seat that this person may fill by a plain yes; reviews and accepted risk have verbs of their own.
fn open_seat(world: &World<'_>, asked: Asked<'_>, change: &Change, me: &PersonId) -> Result<Seat, Refusal> {
    if let Some(approval) = change.approval_of(me) {
        return Err(Refusal::slip(
            format!(
                "You approved {} as {} already, at {}.",
                change.subject(),
                approval.seat,
                approval.at.format("%H:%M UTC")
            ),
            "It counts once, from whichever platform.",
        ));
    }
    let open = change.open_seats();
    let plain = || open.iter().filter(|seat| !matches!(seat, Seat::PeerReviewer | Seat::Executive));
    // An owner's seat is nobody else's: whoever could fill another one too leaves that to the others.
    if open.contains(&Seat::ServiceOwner) && may_fill(world, asked, change, me, Seat::ServiceOwner).is_ok() {
        return Ok(Seat::ServiceOwner);
    }
    if let Some(seat) = plain().find(|seat| may_fill(world, asked, change, me, **seat).is_ok()) {
        return Ok(*seat);
    }
    // Whoever owns what has its yes hears that, not whose vote it is.
    if open.contains(&Seat::ServiceOwner) && world.organisation.owns_any(me, &change.services()) {
        may_fill(world, asked, change, me, Seat::ServiceOwner)?;
    }
    if let Some(vote) = &change.vote {
        if vote.outcome.is_some() && vote.roster.iter().any(|member| &member.person == me) {
            return Err(no_open_vote(change));
        }
        return Err(Refusal::by_rule(
            "4.13",
            format!("You are not on the roster of this vote on {}.", change.subject()),
            members_phrase(world, change),
        ));
    }
    match plain().next() {
        Some(seat) => {
            Err(may_fill(world, asked, change, me, *seat).err().unwrap_or_else(|| Refusal::slip("Not open.", "")))
        }
        None => Err(Refusal::slip(
            format!("No seat of {} waits for a plain yes.", change.subject()),
            "`/change show` lists what is missing.",
        )),
    }
}

/// What a voter is told where no vote is open.
pub(super) fn no_open_vote(change: &Change) -> Refusal {
    match change.vote.as_ref().and_then(|vote| vote.outcome.as_ref()) {
        Some(result) => {
            let at = result.at.format("%H:%M UTC");
            let sentence = format!("The vote on {} ended at {at}. {}", change.subject(), result.sentence);
            let next = match change.open_escalation().filter(|open| open.dispute.decides()) {
                Some(_) => "Nothing was changed. The decision authority is asked to rule on it.",
                None => "Nothing was changed. `/change show` lists what is missing.",
            };
            Refusal::slip(sentence, next)
        }
        None => Refusal::slip(format!("{} needs no vote.", change.subject()), "`/change show` lists what it needs."),
    }
}

/// Voters that a sentence names.
const MEMBERS_NAMED: usize = 8;

pub(super) fn members_phrase(world: &World<'_>, change: &Change) -> String {
    let members = change.vote.iter().flat_map(|vote| &vote.roster).map(|m| world.organisation.name_of(&m.person));
    let members: Vec<String> = members.collect();
    match members.len() {
        0 => "`/change show` lists who can.".to_owned(),
        1..=MEMBERS_NAMED => format!("{} can.", members.join(", ")),
        all => {
            let (named, others) = (members[..MEMBERS_NAMED].join(", "), all - MEMBERS_NAMED);
            format!("{named} and {others} more can: `/cab status {}`.", change.subject())
        }
    }
}

impl Change {
    fn voted_yes(&self, person: &PersonId) -> bool {
        self.ballot_of(person).is_some_and(|ballot| ballot.choice == BallotChoice::Approve)
    }

    /// Whether this person's yes is part of what was decided.
    pub fn was_approved_by(&self, person: &PersonId) -> bool {
        let before = self.vote.iter().flat_map(|vote| &vote.approved_before).any(|other| other == person);
        self.approval_of(person).is_some() || self.voted_yes(person) || before
    }
}
