//! Decisions about the board's meeting: opened, attended, led from item to item, closed with its minutes.

use chrono::{DateTime, Utc};

use super::board::{check_findings, decide_on};
use super::freeze::{LATE_AFTER, moment};
use super::standing::{Record, permit, person};
use super::stands;
use crate::domain::meeting::{
    Attendance, Deferral, Item, Meeting, MeetingCommand, MeetingStatus, MeetingTarget, OverdueReview, is_undecided,
};
use crate::domain::minutes::minutes;
use crate::domain::pack::Pack;
use crate::domain::rules::{Action, Pending, Tie, agenda};
use crate::domain::trend::Rise;
use crate::domain::{
    Answer, Asked, Change, ChangeStatus, DeadlineKind, Decision, Event, MeetingEvent, PersonId, Place, Platform,
    Refusal, State, Target, World,
};

/// What refuses here is the way in which the board meets, not a table of rules.
pub(super) const RULE: &str = "cab-meeting";
/// Reviews on one agenda: more than a meeting has time for, the oldest first.
const REVIEWS_MAX: usize = 20;

pub(super) fn decide(world: &World<'_>, asked: Asked<'_>, command: MeetingCommand) -> Result<Decision, Refusal> {
    match command {
        MeetingCommand::Open => open(world, asked),
        MeetingCommand::Present => present(world, asked),
        MeetingCommand::Next => next(world, asked),
        MeetingCommand::Defer { why } => defer(world, asked, why),
        MeetingCommand::Decide { what, cites, verdict } => decide_on(world, asked, what, (cites.as_deref(), verdict)),
        MeetingCommand::Close => close(world, asked),
        MeetingCommand::Announce { starts_at } => announce(world, asked, starts_at),
    }
}

fn open(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let target = target_of(world)?;
    let me = leads(world, asked)?;
    if let Some(open) = target.standing.iter().find(|meeting| meeting.is_open()) {
        let since = open.opened_at.map(|at| format!(" since {}", moment(at))).unwrap_or_default();
        let sentence = format!("{} is open already{since}. `/cab present` says that you are there.", open.subject());
        return Ok(stands(asked, open.subject(), sentence));
    }
    let Some(place) = target.place.clone() else {
        return Err(Refusal::slip("A meeting is opened in a channel.", "Say `/cab open` where the board meets."));
    };
    let announced = target.standing.iter().find(|meeting| meeting.status == MeetingStatus::Announced);
    let mut meeting = announced.cloned().unwrap_or_else(|| new_meeting(world, target, None));
    meeting.status = MeetingStatus::Open;
    meeting.places = places(world, Some(place));
    meeting.agenda = items(world, &target.changes);
    meeting.patterns.clone_from(&target.patterns);
    meeting.reviews = overdue(target, asked.at);
    meeting.opened_at = Some(asked.at);
    meeting.opened_by = Some(me.clone());
    seat_board(world, &mut meeting);
    let total = meeting.agenda.iter().map(|item| item.minutes).sum();
    let mut events = vec![MeetingEvent::Opened { agenda: names(&meeting.agenda), minutes: number(total) }];
    events.extend(reviews_listed(&meeting));
    // Whoever opens it is there.
    events.extend(asked.by.account().map(|account| attend(world, asked, &mut meeting, me, account.platform)));
    let answer = Answer::default().also(stand(world, &meeting));
    Ok(meeting_decision(asked, meeting, events, answer))
}

fn announce(world: &World<'_>, asked: Asked<'_>, starts_at: DateTime<Utc>) -> Result<Decision, Refusal> {
    let target = target_of(world)?;
    if let Some(meeting) = target.standing.iter().find(|meeting| meeting.starts_at == Some(starts_at)) {
        return Ok(stands(asked, meeting.subject(), format!("{} is announced already.", meeting.subject())));
    }
    let mut meeting = new_meeting(world, target, Some(starts_at));
    meeting.places = places(world, None);
    meeting.agenda = items(world, &target.changes);
    meeting.patterns.clone_from(&target.patterns);
    meeting.reviews = overdue(target, asked.at);
    let mut events = vec![MeetingEvent::Announced { starts_at, agenda: names(&meeting.agenda) }];
    events.extend(reviews_listed(&meeting));
    if let Some((period, figures)) = &target.counted {
        let subject = meeting.subject();
        let pack = Pack::new(subject, period, figures, &meeting.patterns, world.organisation, target.digest);
        let (items, sha256) = (count(pack.items.len()), pack.sha256.clone());
        events.push(MeetingEvent::PackPosted { items, sha256, pack: pack.text(subject) });
        meeting.pack = Some(pack);
        events.extend(figures.trend.rises().into_iter().map(rising));
    }
    let mut decision = meeting_decision(asked, meeting, events, Answer::default());
    for old in target.standing.iter().filter(|meeting| meeting.status == MeetingStatus::Announced) {
        let mut missed = old.clone();
        missed.status = MeetingStatus::Missed;
        missed.ended_at = Some(asked.at);
        decision.with.push(meeting_decision(asked, missed, vec![MeetingEvent::Missed], Answer::default()));
    }
    Ok(decision)
}

fn rising(rise: Rise) -> MeetingEvent {
    let number = |changes: i64| i32::try_from(changes).unwrap_or(i32::MAX);
    let (changes, before) = (number(rise.changes), number(rise.before));
    MeetingEvent::TrendRising { changes, before, cause: rise.cause, service: rise.service }
}

fn present(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let meeting = running(world)?;
    let me = person(asked, Action::SeeRecord)?;
    permit(world, asked, Action::SeeRecord, Record::default())?;
    if let Some(here) = meeting.attended(me) {
        let sentence =
            format!("You are at {} since {}, from {}.", meeting.subject(), moment(here.at), here.platform.name());
        return Ok(stands(asked, meeting.subject(), sentence));
    }
    let Some(account) = asked.by.account() else { return Err(Refusal::slip("Only a person can be there.", "")) };
    let mut next = meeting.clone();
    let event = attend(world, asked, &mut next, me, account.platform);
    let answer = Answer::default().also(stand(world, &next));
    Ok(meeting_decision(asked, next, vec![event], answer))
}

fn attend(
    world: &World<'_>,
    asked: Asked<'_>,
    meeting: &mut Meeting,
    me: &PersonId,
    platform: Platform,
) -> MeetingEvent {
    meeting.attendance.push(Attendance { person: me.clone(), platform, at: asked.at });
    MeetingEvent::Attended {
        platform,
        member: meeting.roster.contains(me),
        quorate: meeting.quorum(world.organisation, world.policy).is_met(),
    }
}

/// The next item that waits for the board and was not talked about yet.
fn next(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let meeting = running(world)?;
    leads(world, asked)?;
    let changes = &target_of(world)?.changes;
    let waits = |item: &&Item| item.began_at.is_none() && item.deferred.is_none() && is_open_item(changes, item);
    let Some(change) = meeting.agenda.iter().find(waits).map(|item| item.change) else {
        let sentence = format!("Nothing else on the agenda of {} waits.", meeting.subject());
        let answer = Answer::stands(sentence).also("`/cab close` closes it and writes the minutes.");
        return Ok(Decision { answer, ..stands(asked, meeting.subject(), "") });
    };
    let mut next = meeting.clone();
    next.current = Some(change);
    let mut event = None;
    for item in next.agenda.iter_mut().filter(|item| item.change == change) {
        item.began_at = Some(asked.at);
        let until = item.ends_at().unwrap_or(asked.at);
        event = Some(MeetingEvent::ItemBegun { change, minutes: number(item.minutes), until });
    }
    Ok(meeting_decision(asked, next, event.into_iter().collect(), Answer::default()))
}

fn defer(world: &World<'_>, asked: Asked<'_>, why: String) -> Result<Decision, Refusal> {
    let meeting = running(world)?;
    leads(world, asked)?;
    let target = target_of(world)?;
    let Some(change) = target.item.or(meeting.current) else {
        return Err(Refusal::slip("Which change?", "Name it: `/cab defer CHG-88 why: …`; `/cab agenda` shows them."));
    };
    let Some(item) = meeting.item(change) else {
        return Err(Refusal::slip(
            format!("CHG-{change} is not on the agenda of {}.", meeting.subject()),
            "`/cab agenda` shows what is.",
        ));
    };
    if let Some(deferral) = &item.deferred {
        let by = world.organisation.name_of(&deferral.by);
        let sentence = format!("CHG-{change} was deferred by {by} at {}.", moment(deferral.at));
        return Ok(stands(asked, meeting.subject(), sentence));
    }
    if !is_open_item(&target.changes, item) {
        let status = target.changes.iter().find(|one| one.number == change).map(|one| one.status.phrase());
        return Err(Refusal::slip(
            format!("CHG-{change} is decided already: {}.", status.unwrap_or_else(|| "gone".to_owned())),
            "Nothing was changed. `/cab next` goes on.",
        ));
    }
    let me = person(asked, Action::RunMeeting)?;
    let mut next = meeting.clone();
    for item in next.agenda.iter_mut().filter(|item| item.change == change) {
        item.deferred = Some(Deferral { by: me.clone(), at: asked.at, why: why.clone() });
    }
    if next.current == Some(change) {
        next.current = None;
    }
    let event = MeetingEvent::ItemDeferred { change, why };
    let answer = Answer::default().also("Its vote and its deadline stay as they are.");
    Ok(meeting_decision(asked, next, vec![event], answer))
}

fn close(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let target = target_of(world)?;
    let meeting = meant(world)?;
    let me = leads(world, asked)?;
    if meeting.status == MeetingStatus::Closed {
        return Ok(stands(asked, meeting.subject(), over(world, meeting)));
    }
    let mut next = running(world)?.clone();
    next.status = MeetingStatus::Closed;
    next.current = None;
    next.ended_at = Some(asked.at);
    next.ended_by = Some(me.clone());
    let quorum = next.quorum(world.organisation, world.policy);
    check_findings(&next, quorum.is_met())?;
    let text = minutes(&next, &target.changes, &target.owed, world.organisation, quorum);
    let sha256 = (target.digest)(&text);
    next.minutes_hash = Some(sha256.clone());
    let (waiting, decided): (Vec<&Item>, Vec<&Item>) =
        next.agenda.iter().partition(|item| is_open_item(&target.changes, item));
    let (deferred, undecided): (Vec<&Item>, Vec<&Item>) = waiting.into_iter().partition(|item| item.deferred.is_some());
    let event = MeetingEvent::Closed {
        present: count(next.attendance.len()),
        quorate: quorum.is_met(),
        decided: count(decided.len()),
        deferred: count(deferred.len()),
        undecided: count(undecided.len()),
        sha256,
        minutes: text,
    };
    let answer = Answer::default().also(format!("`/cab minutes {}` shows the minutes.", next.subject()));
    Ok(meeting_decision(asked, next, vec![event], answer))
}

/// A promised moment of a meeting has come.
pub(super) fn due(
    world: &World<'_>,
    asked: Asked<'_>,
    deadline: DeadlineKind,
    at: DateTime<Utc>,
) -> Result<Decision, Refusal> {
    let meeting = meant(world)?;
    let changes = &target_of(world)?.changes;
    let mut next = meeting.clone();
    let event = match deadline {
        DeadlineKind::MeetingStart if meeting.status == MeetingStatus::Announced && !meeting.called => {
            next.called = true;
            Some(MeetingEvent::Called { late: asked.at - at > LATE_AFTER })
        }
        DeadlineKind::MeetingItem if meeting.is_open() => {
            let over = |item: &&mut Item| {
                meeting.current == Some(item.change)
                    && !item.warned
                    && item.ends_at().is_some_and(|ends| ends <= asked.at)
            };
            next.agenda.iter_mut().find(over).map(|item| {
                item.warned = true;
                let decided = !is_open_item(changes, item);
                MeetingEvent::ItemTimeOver { change: item.change, minutes: number(item.minutes), decided }
            })
        }
        _ => None,
    };
    match event {
        Some(event) => Ok(meeting_decision(asked, next, vec![event], Answer::default())),
        None => Ok(stands(asked, meeting.subject(), "It went on in the meantime.")),
    }
}

pub(super) fn target_of<'a>(world: &'a World<'_>) -> Result<&'a MeetingTarget, Refusal> {
    match &world.target {
        Target::Meeting(target) => Ok(target),
        Target::New { .. }
        | Target::Incident(_)
        | Target::Change { .. }
        | Target::Freeze { .. }
        | Target::Exception(_)
        | Target::Batch(_)
        | Target::Organisation { .. }
        | Target::Proposal { .. }
        | Target::Feed(_)
        | Target::Privacy(_)
        | Target::Log(_) => Err(Refusal::slip("This is about a meeting.", "Name one, like CAB-3.")),
    }
}

fn meant<'a>(world: &'a World<'_>) -> Result<&'a Meeting, Refusal> {
    target_of(world)?
        .meeting
        .as_ref()
        .ok_or_else(|| Refusal::slip("No meeting is open.", "A change manager or the chair opens one: `/cab open`."))
}

/// The meeting that is meant, while it is held; a late click is told what became of it.
pub(super) fn running<'a>(world: &'a World<'_>) -> Result<&'a Meeting, Refusal> {
    let meeting = meant(world)?;
    match meeting.status {
        MeetingStatus::Open => Ok(meeting),
        MeetingStatus::Announced => Err(Refusal::slip(
            format!("{} is not open yet.", meeting.subject()),
            "A change manager or the chair opens it: `/cab open`.",
        )),
        MeetingStatus::Closed | MeetingStatus::Missed => {
            Err(Refusal::slip(over(world, meeting), "Nothing was changed. `/change list` shows what can be voted on."))
        }
    }
}

/// "CAB-3 was closed at 7 Jan 14:40 UTC by Inês Duarte."
fn over(world: &World<'_>, meeting: &Meeting) -> String {
    let at = meeting.ended_at.map(|at| format!(" at {}", moment(at))).unwrap_or_default();
    let by = meeting.ended_by.as_ref().map(|by| format!(" by {}", world.organisation.name_of(by))).unwrap_or_default();
    format!(
        "{} was {}{at}{by}. `/cab minutes {}` shows what came of it.",
        meeting.subject(),
        meeting.status.as_str(),
        meeting.subject()
    )
}

/// Rule 4.23: a change manager, or the chair.
pub(super) fn leads<'a>(world: &World<'_>, asked: Asked<'a>) -> Result<&'a PersonId, Refusal> {
    let me = person(asked, Action::RunMeeting)?;
    let chair = world.organisation.board().is_some_and(|board| &board.chair == me);
    let ties: &[Tie] = if chair { &[Tie::Chair] } else { &[] };
    permit(world, asked, Action::RunMeeting, Record { ties, ..Record::default() })?;
    Ok(me)
}

fn new_meeting(world: &World<'_>, target: &MeetingTarget, starts_at: Option<DateTime<Utc>>) -> Meeting {
    let mut meeting = Meeting {
        number: target.number,
        version: 0,
        status: MeetingStatus::Announced,
        starts_at,
        called: false,
        places: Vec::new(),
        roster: Vec::new(),
        chair: None,
        agenda: Vec::new(),
        patterns: Vec::new(),
        reviews: Vec::new(),
        pack: None,
        decisions: Vec::new(),
        attendance: Vec::new(),
        current: None,
        opened_at: None,
        opened_by: None,
        ended_at: None,
        ended_by: None,
        minutes_hash: None,
    };
    seat_board(world, &mut meeting);
    meeting
}

fn seat_board(world: &World<'_>, meeting: &mut Meeting) {
    let board = world.organisation.board();
    meeting.roster = board.map(|board| board.members.clone()).unwrap_or_default();
    meeting.chair = board.map(|board| board.chair.clone());
}

/// Where it is held, and the changes' channel of every other workspace.
fn places(world: &World<'_>, held: Option<Place>) -> Vec<Place> {
    let mut places: Vec<Place> = held.into_iter().collect();
    for workspace in &world.organisation.workspaces {
        let is_there = |place: &Place| place.platform == workspace.platform && place.workspace == workspace.id;
        if let (Some(channel), false) = (&workspace.changes_channel, places.iter().any(is_there)) {
            let (platform, workspace) = (workspace.platform, workspace.id.clone());
            places.push(Place { platform, workspace, channel: channel.clone() });
        }
    }
    places
}

/// The reviews that should have been closed by now, the oldest first.
fn overdue(target: &MeetingTarget, now: DateTime<Utc>) -> Vec<OverdueReview> {
    let late = target.owed.iter().filter(|owed| owed.due_at <= now);
    late.take(REVIEWS_MAX).map(|owed| OverdueReview { change: owed.change, due_at: owed.due_at }).collect()
}

fn reviews_listed(meeting: &Meeting) -> Option<MeetingEvent> {
    let reviews: Vec<String> = meeting.reviews.iter().map(|review| review.subject().to_string()).collect();
    (!reviews.is_empty()).then_some(MeetingEvent::ReviewsListed { reviews })
}

/// What awaits approval, in order, each with its time.
fn items(world: &World<'_>, changes: &[Change]) -> Vec<Item> {
    let waiting = changes.iter().filter(|change| change.status == ChangeStatus::AwaitingApproval);
    let pending = waiting
        .map(|change| Pending { change: change.number, band: change.risk.band, decide_by: change.decide_by })
        .collect();
    let item = |pending: Pending| Item {
        change: pending.change,
        band: pending.band.as_str().to_owned(),
        minutes: *world.policy.meetings.minutes.of(pending.band),
        began_at: None,
        warned: false,
        deferred: None,
    };
    agenda(pending).into_iter().map(item).collect()
}

fn is_open_item(changes: &[Change], item: &Item) -> bool {
    is_undecided(changes.iter().find(|change| change.number == item.change))
}

fn names(agenda: &[Item]) -> Vec<String> {
    agenda.iter().map(|item| item.subject().to_string()).collect()
}

/// Whether enough people are there, and what that means.
pub fn quorum_sentence(world_quorum: crate::domain::rules::MeetingQuorum) -> String {
    let sentence = world_quorum.sentence();
    if world_quorum.is_met() {
        sentence
    } else {
        format!("{sentence} Votes go on without the meeting: members vote on the cards.")
    }
}

fn stand(world: &World<'_>, meeting: &Meeting) -> String {
    quorum_sentence(meeting.quorum(world.organisation, world.policy))
}

fn number(minutes: u32) -> i32 {
    i32::try_from(minutes).unwrap_or(i32::MAX)
}

pub(super) fn count(items: usize) -> i32 {
    i32::try_from(items).unwrap_or(i32::MAX)
}

pub(super) fn meeting_decision(
    asked: Asked<'_>,
    meeting: Meeting,
    events: Vec<MeetingEvent>,
    answer: Answer,
) -> Decision {
    Decision {
        subject: meeting.subject(),
        promises: meeting.promises(),
        events: events.into_iter().map(Event::Meeting).collect(),
        state: State::Meeting(Box::new(meeting)),
        answer,
        at: asked.at,
        with: Vec::new(),
    }
}
