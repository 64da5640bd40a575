//! What the board decides besides its votes: in a monthly meeting by a figure of its data pack, and of each finding what
//! becomes of it.

use super::freeze::moment;
use super::meeting::{RULE, count, leads, meeting_decision, running, target_of};
use super::{amendment, stands};
use crate::domain::meeting::{BoardDecision, FindingVerdict, Meeting};
use crate::domain::pack::PackItem;
use crate::domain::{Answer, Asked, Decision, MeetingEvent, Refusal, Subject, World};

/// Decisions of one meeting: more than an hour holds, and fewer than a message cannot show.
const DECISIONS_MAX: usize = 20;

/// What the monthly meeting decides goes by a figure of its pack; and nothing is decided in the board's name without a
/// quorum.
pub(super) fn decide_on(
    world: &World<'_>,
    asked: Asked<'_>,
    what: String,
    (cites, verdict): (Option<&str>, Option<FindingVerdict>),
) -> Result<Decision, Refusal> {
    let meeting = running(world)?;
    let me = leads(world, asked)?;
    let quorum = meeting.quorum(world.organisation, world.policy);
    if !quorum.is_met() {
        return Err(Refusal::by_rule(
            RULE,
            format!("{} Nothing is decided in its name before.", quorum.sentence()),
            "`/cab present` counts members in; a change can be voted on without a meeting.",
        ));
    }
    check_room(meeting.subject(), &meeting.decisions, verdict)?;
    let cites = cited(meeting, cites)?;
    let finding = finding(meeting, cites.as_deref(), verdict)?;
    let is_same = |decision: &&BoardDecision| {
        decision.cites == cites && (decision.what == what || (finding.is_some() && decision.verdict.is_some()))
    };
    if let Some(same) = meeting.decisions.iter().find(is_same) {
        return Ok(stands(asked, meeting.subject(), format!("It was decided at {}.", moment(same.at))));
    }
    let mut next = meeting.clone();
    let decided = BoardDecision { what: what.clone(), cites: cites.clone(), verdict, by: me.clone(), at: asked.at };
    next.decisions.push(decided);
    let with = match (&target_of(world)?.registry, finding, verdict) {
        (Some((waiting, known)), Some((change, says)), Some(FindingVerdict::Adopt)) => {
            amendment::adopted(world, asked, (waiting, known), (me, change), (&what, says))?
        }
        _ => None,
    };
    let pack = meeting.pack.as_ref().filter(|_| cites.is_some()).map(|pack| pack.sha256.clone());
    let number = count(next.decisions.len());
    let event = MeetingEvent::Decided { number, cites, pack, verdict, text: what };
    let answer = Answer::default().also("It stands in the minutes, which `/cab close` writes.");
    let decision = meeting_decision(asked, next, vec![event], answer);
    Ok(Decision { with: with.into_iter().collect(), ..decision })
}

/// What becomes of a finding always has room: the pack bounds how many there are, and each has to be decided.
fn check_room(meeting: Subject, decisions: &[BoardDecision], verdict: Option<FindingVerdict>) -> Result<(), Refusal> {
    let others = decisions.iter().filter(|decision| decision.verdict.is_none()).count();
    if verdict.is_some() || others < DECISIONS_MAX {
        return Ok(());
    }
    Err(Refusal::slip(
        format!("{meeting} has made {DECISIONS_MAX} decisions, which is all that its minutes hold."),
        "`/cab close` closes it; the next meeting decides more.",
    ))
}

/// The change whose review found what is cited, and what the pack says of it. A finding is adopted, rejected or deferred,
/// a figure is not.
fn finding<'a>(
    meeting: &'a Meeting,
    cites: Option<&str>,
    verdict: Option<FindingVerdict>,
) -> Result<Option<(i64, &'a str)>, Refusal> {
    let item = cites.and_then(|key| meeting.pack.as_ref()?.item(key));
    let found = item.and_then(|item| Some((item.finding?, item.says.as_str())));
    let key = cites.unwrap_or_default();
    match (found, verdict) {
        (Some(_), None) => Err(Refusal::by_rule(
            RULE,
            format!("{key} is a finding: the board adopts, rejects or defers it."),
            format!("Say which: `/cab decide … cites:{key} verdict:adopt`; adopted, it is asked of the policy."),
        )
        .in_field("verdict")),
        (None, Some(_)) => {
            let sentence = "Only a finding of the data pack is adopted, rejected or deferred.";
            Err(Refusal::slip(sentence, "Say it without `verdict`, or name the finding.").in_field("verdict"))
        }
        (found, _) => Ok(found),
    }
}

/// Nobody goes before each finding of the pack has its decision; without a quorum nothing can be decided.
pub(super) fn check_findings(meeting: &Meeting, is_quorate: bool) -> Result<(), Refusal> {
    let items = meeting.pack.iter().flat_map(|pack| &pack.items).filter(|item| item.finding.is_some());
    let is_open = |item: &&PackItem| {
        let is_of_it = |one: &BoardDecision| one.verdict.is_some() && one.cites.as_ref() == Some(&item.key);
        !meeting.decisions.iter().any(is_of_it)
    };
    let open: Vec<&str> = items.filter(is_open).map(|item| item.key.as_str()).collect();
    if open.is_empty() || !is_quorate {
        return Ok(());
    }
    Err(Refusal::by_rule(
        RULE,
        format!("Findings of the data pack wait for a decision: {}.", open.join(", ")),
        format!("`/cab decide … cites:{} verdict:adopt`, `reject` or `defer`.", open[0]),
    ))
}

/// The key of the item that is named, where the meeting has a pack.
fn cited(meeting: &Meeting, cites: Option<&str>) -> Result<Option<String>, Refusal> {
    let named = cites.filter(|named| !named.trim().is_empty());
    let Some(pack) = &meeting.pack else {
        return match named {
            None => Ok(None),
            Some(_) => Err(Refusal::slip(
                format!("{} has no data pack: only the first meeting of a month has one.", meeting.subject()),
                "Say it without `cites`.",
            )
            .in_field("cites")),
        };
    };
    let keys = || format!("P1 to P{}", pack.items.len());
    let show = format!("`/cab agenda {}` shows the pack.", meeting.subject());
    match named {
        None => Err(Refusal::by_rule(
            RULE,
            format!("What {} decides goes by a figure of its data pack, and this names none.", meeting.subject()),
            format!("Name it: `/cab decide … cites:P2`, {}. {show}", keys()),
        )
        .in_field("cites")),
        Some(named) => match pack.item(named) {
            Some(item) => Ok(Some(item.key.clone())),
            None => Err(Refusal::slip(
                format!("“{}” is no item of the data pack of {}.", named.trim(), meeting.subject()),
                format!("It has {}. {show}", keys()),
            )
            .in_field("cites")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PersonId;

    fn decided(verdict: Option<FindingVerdict>, number: usize) -> BoardDecision {
        let (what, by) = (format!("Decision {number}"), PersonId("p_zoe".to_owned()));
        let at = "2030-01-07T14:00:00Z".parse().expect("a moment");
        BoardDecision { what, cites: None, verdict, by, at }
    }

    #[test]
    fn the_minutes_have_room_for_twenty_decisions_and_whatever_becomes_of_the_findings() {
        let findings = (0..30).map(|number| decided(Some(FindingVerdict::Adopt), number));
        let others = (1..DECISIONS_MAX).map(|number| decided(None, number));
        let mut decisions: Vec<BoardDecision> = findings.chain(others).collect();
        let check = |decisions: &[BoardDecision], verdict| check_room(Subject::Meeting(1), decisions, verdict);
        assert!(check(&decisions, None).is_ok(), "findings take no room: one more is left");
        decisions.push(decided(None, DECISIONS_MAX));
        let refusal = check(&decisions, None).expect_err("it is full");
        assert!(refusal.sentence.contains("has made 20 decisions"), "{}", refusal.sentence);
        assert!(check(&decisions, Some(FindingVerdict::Reject)).is_ok(), "nobody goes before each is decided");
    }
}
