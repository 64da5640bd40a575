//! The minutes of a meeting: a text that is the same for the same facts, so that its hash proves it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::meeting::{Item, Meeting};
use super::rules::MeetingQuorum;
use super::{Change, ChangeStatus, Organisation, OwedPir, PersonId};

/// The minutes as they are posted and hashed: one fact a line, items of the agenda numbered.
pub fn minutes(
    meeting: &Meeting,
    changes: &[Change],
    owed: &[OwedPir],
    organisation: &Organisation,
    quorum: MeetingQuorum,
) -> String {
    let words = Words { organisation, zone: organisation.time_zone };
    let mut lines = vec![format!("Minutes of {}", meeting.subject())];
    let by = |person: &Option<PersonId>| person.as_ref().map_or_else(|| "Wardroom".to_owned(), |id| words.name(id));
    lines.extend(meeting.opened_at.map(|at| format!("Opened {} by {}.", words.day(at), by(&meeting.opened_by))));
    lines.extend(meeting.ended_at.map(|at| format!("Closed {} by {}.", words.day(at), by(&meeting.ended_by))));
    lines.extend(meeting.chair.as_ref().map(|chair| format!("Chair: {}.", words.name(chair))));
    lines.extend(attendance(meeting, &words));
    lines.push(quorum.sentence());
    for pattern in &meeting.patterns {
        let service = organisation.service_name(&pattern.service);
        lines.push(format!("Recurring: {} changes for incidents of {service}.", pattern.changes));
    }
    lines.extend(meeting.reviews.iter().map(|review| {
        let now = if review.is_owed(owed) { "still open" } else { "closed" };
        format!("Overdue review: {}, due {}, {now}.", review.subject(), words.day(review.due_at))
    }));
    if let Some(pack) = &meeting.pack {
        lines.push(format!("Data pack: {}, sha256 {}.", pack.month, pack.sha256));
    }
    if meeting.agenda.is_empty() {
        lines.push("Nothing was on the agenda.".to_owned());
    }
    for (number, item) in (1..).zip(&meeting.agenda) {
        let change = changes.iter().find(|change| change.number == item.change);
        let title = change.map(|change| one_line(&change.title)).unwrap_or_default();
        let begun = item.began_at.map(|at| format!(", from {}", words.clock(at))).unwrap_or_default();
        lines.push(format!("{number}. {} {title} · {} risk, {} min{begun}", item.subject(), item.band, item.minutes));
        lines.push(format!("- Result: {}", words.result(item, change)));
        lines.extend(change.into_iter().flat_map(|change| words.votes(change)));
    }
    lines.extend(decisions(meeting, &words));
    lines.join("\n")
}

/// What was decided besides the votes, each with what it goes by.
fn decisions(meeting: &Meeting, words: &Words<'_>) -> Vec<String> {
    if meeting.decisions.is_empty() {
        return Vec::new();
    }
    let pack = meeting.pack.as_ref();
    let decided = meeting.decisions.iter().map(|decision| {
        let item = decision.cites.as_deref().and_then(|key| pack?.item(key));
        let cites = item.map(|item| format!(" (goes by {}: {})", item.key, item.says)).unwrap_or_default();
        let (by, at) = (words.name(&decision.by), words.clock(decision.at));
        let verdict = decision.verdict.map(|verdict| format!("{}: ", verdict.as_str())).unwrap_or_default();
        format!("- {verdict}{}{cites}, by {by} at {at}", one_line(&decision.what))
    });
    std::iter::once("Decided:".to_owned()).chain(decided).collect()
}

/// What came of an item, for a card: "approved", "deferred", or nothing while it is open.
pub fn outcome(item: &Item, change: Option<&Change>) -> Option<String> {
    match change {
        Some(change) if change.status == ChangeStatus::AwaitingApproval => {
            item.deferred.as_ref().map(|_| "deferred".to_owned())
        }
        Some(change) => Some(decided(change)),
        None => Some("gone".to_owned()),
    }
}

/// Approved stays approved, whatever is done with it afterwards.
fn decided(change: &Change) -> String {
    match (change.approved_at, change.status) {
        (Some(_), _) => "approved".to_owned(),
        (None, ChangeStatus::Cancelled) => "withdrawn".to_owned(),
        (None, status) => status.phrase(),
    }
}

fn attendance(meeting: &Meeting, words: &Words<'_>) -> Vec<String> {
    let here = |member: bool| -> Vec<String> {
        let of = meeting.attendance.iter().filter(|one| meeting.roster.contains(&one.person) == member);
        of.map(|one| format!("{} ({}, {})", words.name(&one.person), one.platform.name(), words.clock(one.at)))
            .collect()
    };
    let absent: Vec<String> = meeting.absent().map(|person| words.name(person)).collect();
    [("Present", here(true)), ("Guests", here(false)), ("Absent", absent)]
        .into_iter()
        .filter(|(_, people)| !people.is_empty())
        .map(|(label, people)| format!("{label}: {}.", people.join(", ")))
        .collect()
}

struct Words<'a> {
    organisation: &'a Organisation,
    zone: Tz,
}

impl Words<'_> {
    fn name(&self, person: &PersonId) -> String {
        one_line(&self.organisation.name_of(person))
    }

    fn clock(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%H:%M").to_string()
    }

    fn day(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%-d %b %Y %H:%M %Z").to_string()
    }

    fn result(&self, item: &Item, change: Option<&Change>) -> String {
        let Some(change) = change else { return "the change is gone".to_owned() };
        if change.status != ChangeStatus::AwaitingApproval {
            let at = change.approved_at.or(change.ended_at);
            let when = at.map(|at| format!(" at {}", self.clock(at))).unwrap_or_default();
            return format!("{}{when}", decided(change));
        }
        if let Some(deferral) = &item.deferred {
            let (by, at) = (self.name(&deferral.by), self.clock(deferral.at));
            return format!("deferred by {by} at {at}: {}", one_line(&deferral.why));
        }
        let until = change.decide_by.map(|by| format!(" until {}", self.day(by))).unwrap_or_default();
        format!("not decided; it can be voted on{until}")
    }

    /// Who filled a seat and who voted how, with the reasons given.
    fn votes(&self, change: &Change) -> Vec<String> {
        let seats = change.approvals.iter().map(|approval| {
            let absent = approval.on_behalf.as_ref().map(|of| format!(" for {}", self.name(of))).unwrap_or_default();
            format!("- {}: yes as {}{absent}", self.name(&approval.person), approval.seat.phrase())
        });
        let roster = change.vote.iter().flat_map(|vote| &vote.roster);
        let ballots = roster.filter_map(|member| change.ballot_of(&member.person)).map(|ballot| {
            let why = ballot.why.as_ref().map(|why| format!(": {}", one_line(why))).unwrap_or_default();
            format!("- {}: {}{why}", self.name(&ballot.person), ballot.choice.as_str())
        });
        seats.chain(ballots).collect()
    }
}

/// What people wrote stays on its line: it cannot look like a line of the minutes.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
