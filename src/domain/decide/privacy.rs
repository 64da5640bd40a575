//! Decisions about erasure, legal hold and retention. Two people erase what anybody asked for (rule 4.15); a hold stops
//! everybody (rule 4.34).

use super::archive;
use super::standing::{Record, permit, person};
use super::{logged, stands};
use crate::domain::event::{PayloadErased, PrivacyEvent};
use crate::domain::privacy::{
    Because, DIGESTS_MAX, EntryTexts, Erasure, ErasureOf, Hold, PrivacyCommand, PrivacyTarget,
};
use crate::domain::rules::{Action, Duty, Relation, duties_ok};
use crate::domain::{Answer, Asked, Decision, Event, PersonId, Refusal, Subject, Target, World};

const RULE: &str = "4.34";

pub(super) fn privacy(world: &World<'_>, asked: Asked<'_>, command: PrivacyCommand) -> Result<Decision, Refusal> {
    let Target::Privacy(target) = &world.target else {
        return Err(Refusal::slip("This is about a record.", "Name one, like INC-7."));
    };
    match command {
        PrivacyCommand::Erase { of, basis } => erase(world, asked, target, of, basis),
        PrivacyCommand::Approve { .. } => approve(world, asked, target),
        PrivacyCommand::Decline { .. } => decline(world, asked, target),
        PrivacyCommand::Hold { why } => hold(world, asked, target, why),
        PrivacyCommand::Release { why } => release(world, asked, target, why),
        PrivacyCommand::ConfirmRetention => confirm_retention(world, asked, target),
        PrivacyCommand::EraseDue { because, .. } => Ok(erase_due(asked, target, because)),
        PrivacyCommand::FinishPerson { .. } => Ok(finish_person(asked, target)),
        PrivacyCommand::PreviewRetention { records } => preview(asked, target, records),
        PrivacyCommand::Archive(command) => archive::decide(world, asked, target, command),
    }
}

fn erase(
    world: &World<'_>,
    asked: Asked<'_>,
    target: &PrivacyTarget,
    of: ErasureOf,
    basis: String,
) -> Result<Decision, Refusal> {
    person(asked, Action::EraseText)?;
    permit(world, asked, Action::EraseText, Record::default())?;
    if let Some(request) = &target.request {
        let sentence = format!("{} is asked for already and waits for a second person.", what(world, request));
        return Ok(stands(asked, target.subject, sentence));
    }
    match &of {
        ErasureOf::Entry(seq) => check_entry(target, *seq)?,
        ErasureOf::Person { person, .. } => check_person(world, target, person)?,
    }
    check_hold(world, target)?;
    let name = match &of {
        ErasureOf::Entry(seq) => format!("{}#{seq}", target.subject),
        ErasureOf::Person { person, .. } => format!("person:{}", key_of(world, person)),
    };
    let answer = Answer::undo(format!("`/log decline {name}` takes it back")).also(format!(
        "It waits for a second compliance or privacy officer, other than you and whoever wrote it: `/log approve {name}`."
    ));
    let event = PrivacyEvent::ErasureRequested { of, basis };
    Ok(logged(asked, target.subject, vec![Event::Privacy(event)], answer))
}

/// An entry that has texts, and is not itself the proof of an erasure.
fn check_entry(target: &PrivacyTarget, seq: i32) -> Result<(), Refusal> {
    let name = format!("{}#{seq}", target.subject);
    match &target.entry {
        None => Err(Refusal::slip(
            format!("There is no entry {name}."),
            format!("`/log show {}` shows those that there are.", target.subject),
        )),
        Some(EntryTexts { kind, .. }) if kind == "payload.erased" => Err(Refusal::by_rule(
            RULE,
            format!("{name} says why something was erased, so it stays."),
            "Nobody can erase it before the log itself is ten years old.",
        )),
        Some(entry) if entry.digests.is_empty() => {
            Err(Refusal::slip(format!("{name} holds no text that could be erased."), "Its facts stay in the log."))
        }
        Some(_) => Ok(()),
    }
}

/// Somebody who has left, and of whom there is something.
fn check_person(world: &World<'_>, target: &PrivacyTarget, person: &PersonId) -> Result<(), Refusal> {
    if person.is_account() {
        let nothing = || Refusal::slip(format!("Nothing of {} stands beside the log.", person.0), "");
        return if target.digests.is_empty() { Err(nothing()) } else { Ok(()) };
    }
    let Some(found) = world.organisation.person(person) else {
        return Err(Refusal::slip(
            "There is nobody like that here.",
            "Name them by the short name of the organisation file.",
        ));
    };
    if found.active {
        return Err(Refusal::slip(
            format!(
                "{} is in the organisation file, so the name would come back with the next `wardroom org apply`.",
                found.name
            ),
            "Take them out of the file and apply it, then ask again. A single text goes by `/log erase INC-7#3`.",
        ));
    }
    if target.digests.is_empty() {
        return Err(Refusal::slip(format!("Nothing of {} stands beside the log.", found.name), ""));
    }
    Ok(())
}

fn check_hold(world: &World<'_>, target: &PrivacyTarget) -> Result<(), Refusal> {
    let Some(hold) = &target.hold else { return Ok(()) };
    Err(held(world, hold))
}

fn held(world: &World<'_>, hold: &Hold) -> Refusal {
    Refusal::by_rule(
        RULE,
        format!(
            "{} is on legal hold, placed by {} on {}: nothing of it is erased.",
            hold.subject,
            world.organisation.name_of(&hold.by),
            hold.at.format("%-d %B %Y"),
        ),
        format!("A compliance officer can lift it: `/log release {} why: …`", hold.subject),
    )
}

fn approve(world: &World<'_>, asked: Asked<'_>, target: &PrivacyTarget) -> Result<Decision, Refusal> {
    let me = person(asked, Action::EraseText)?;
    permit(world, asked, Action::EraseText, Record::default())?;
    let request = request_of(target)?;
    second_person(world, me, request, target.entry.as_ref())?;
    check_hold(world, target)?;
    let subject = target.subject;
    match &request.of {
        ErasureOf::Entry(seq) => {
            let digests = target.entry.as_ref().map(|entry| entry.digests.clone()).unwrap_or_default();
            if digests.is_empty() {
                return Err(Refusal::slip(format!("The texts of {subject}#{seq} are gone already."), ""));
            }
            let of = PayloadErased {
                digests: Vec::new(),
                entry: Some(*seq),
                asked: Some(request.asked),
                asked_by: Some(request.asked_by.clone()),
                approved_by: Some(me.clone()),
                class: None,
                basis: Some(request.basis.clone()),
            };
            let answer = Answer::default().also(
                "The log stays whole: the entry and its hash are as they were. What was said in Slack or Discord is \
                 deleted there, and backups keep it until they expire.",
            );
            Ok(logged(asked, subject, erased(&of, &digests), answer))
        }
        ErasureOf::Person { .. } => {
            let answer =
                Answer::default().also("Every record is seen to now; the last entry on ORG says when it is done.");
            let event = PrivacyEvent::ErasureApproved { asked: request.asked, asked_by: request.asked_by.clone() };
            Ok(logged(asked, subject, vec![Event::Privacy(event)], answer))
        }
    }
}

fn decline(world: &World<'_>, asked: Asked<'_>, target: &PrivacyTarget) -> Result<Decision, Refusal> {
    let me = person(asked, Action::EraseText)?;
    let request = request_of(target)?;
    if me != &request.asked_by {
        permit(world, asked, Action::EraseText, Record::default())?;
    }
    let event = PrivacyEvent::ErasureDeclined { asked: request.asked, asked_by: request.asked_by.clone() };
    Ok(logged(asked, target.subject, vec![Event::Privacy(event)], Answer::default().also("Everything stays as it is.")))
}

fn request_of(target: &PrivacyTarget) -> Result<&Erasure, Refusal> {
    target.request.as_ref().ok_or_else(|| {
        Refusal::slip("No such erasure waits for a second person.", "`/admin retention` shows those that do.")
    })
}

/// Rule 4.15: neither who asked nor who wrote it.
fn second_person(
    world: &World<'_>,
    me: &PersonId,
    request: &Erasure,
    entry: Option<&EntryTexts>,
) -> Result<(), Refusal> {
    let mut relations = Vec::new();
    if me == &request.asked_by {
        relations.push(Relation::OtherClearance);
    }
    if entry.is_some_and(|entry| entry.author == me.0) {
        relations.push(Relation::Author);
    }
    duties_ok(Duty::ClearText, &relations).map_err(|denial| {
        let sentence = if me == &request.asked_by {
            "You asked for this, so somebody else approves it."
        } else {
            "You wrote this, so somebody else approves that it goes."
        };
        let next = format!(
            "Another compliance or privacy officer can. `/log decline {}` takes it back.",
            call_of(world, request)
        );
        Refusal::by_rule(denial.rule, sentence, next)
    })
}

fn hold(world: &World<'_>, asked: Asked<'_>, target: &PrivacyTarget, why: String) -> Result<Decision, Refusal> {
    person(asked, Action::HoldRecord)?;
    permit(world, asked, Action::HoldRecord, Record::default())?;
    let subject = record_of(target)?;
    if let Some(hold) = &target.hold {
        let since = hold.at.format("%-d %B %Y");
        return Ok(stands(asked, subject, format!("{} is on legal hold since {since} already.", hold.subject)));
    }
    let answer = Answer::undo(format!("`/log release {subject} why: …` lifts it"))
        .also("Nothing of it is erased until then: not by age, and not for anybody who asks.");
    Ok(logged(asked, subject, vec![Event::Privacy(PrivacyEvent::HoldPlaced { why })], answer))
}

fn release(world: &World<'_>, asked: Asked<'_>, target: &PrivacyTarget, why: String) -> Result<Decision, Refusal> {
    person(asked, Action::HoldRecord)?;
    permit(world, asked, Action::HoldRecord, Record::default())?;
    let subject = record_of(target)?;
    match &target.hold {
        Some(hold) if hold.subject == subject => {
            let event = PrivacyEvent::HoldReleased { placed: hold.placed, why };
            Ok(logged(asked, subject, vec![Event::Privacy(event)], Answer::default()))
        }
        Some(hold) => Err(Refusal::slip(
            format!("{subject} is held with {}.", hold.subject),
            format!("`/log release {} why: …` lifts it for both.", hold.subject),
        )),
        None => Ok(stands(asked, subject, format!("{subject} is not on hold."))),
    }
}

/// Incidents, changes and freezes are held; what concerns no record has its own ten years.
fn record_of(target: &PrivacyTarget) -> Result<Subject, Refusal> {
    match target.subject {
        Subject::Incident(_) | Subject::Change(_) | Subject::Freeze(_) => Ok(target.subject),
        Subject::Meeting(_)
        | Subject::Exception(_)
        | Subject::Batch(_)
        | Subject::Organisation
        | Subject::Policy
        | Subject::Deployment => {
            Err(Refusal::slip("Only incidents, changes and freezes are put on hold.", "Name one, like INC-7."))
        }
    }
}

fn confirm_retention(world: &World<'_>, asked: Asked<'_>, target: &PrivacyTarget) -> Result<Decision, Refusal> {
    person(asked, Action::SettleRetention)?;
    permit(world, asked, Action::SettleRetention, Record::default())?;
    match &target.profile {
        None => Err(Refusal::slip(
            "This policy has no [retention] section, so nothing is erased by age.",
            "Add one to the policy file and load it.",
        )),
        Some((_, true)) => Ok(stands(asked, target.subject, "These rules are confirmed already.")),
        Some((profile, false)) => {
            let event = PrivacyEvent::RetentionConfirmed { profile: profile.clone() };
            let answer = Answer::default().also(
                "From the next night on, what is due is erased. A changed [retention] section has to be confirmed anew.",
            );
            Ok(logged(asked, target.subject, vec![Event::Privacy(event)], answer))
        }
    }
}

fn preview(asked: Asked<'_>, target: &PrivacyTarget, records: i32) -> Result<Decision, Refusal> {
    match &target.profile {
        Some((profile, _)) => {
            let event = PrivacyEvent::RetentionPreviewed { profile: profile.clone(), records };
            Ok(logged(asked, target.subject, vec![Event::Privacy(event)], Answer::default()))
        }
        None => Err(Refusal::slip("There is no profile of retention.", "")),
    }
}

/// What is due of one record. A hold that was placed in the meantime stops it.
fn erase_due(asked: Asked<'_>, target: &PrivacyTarget, because: Because) -> Decision {
    if target.hold.is_some() || target.digests.is_empty() {
        return stands(asked, target.subject, "Nothing of it is to be erased now.");
    }
    let (class, asked_by, approved_by, basis) = match because {
        Because::Age { class } => (Some(class), None, None, None),
        Because::Request { asked_by, approved_by, basis } => (None, Some(asked_by), Some(approved_by), Some(basis)),
        Because::Again { before } => (None, None, None, Some(before)),
    };
    let of = PayloadErased { digests: Vec::new(), entry: None, asked: None, asked_by, approved_by, class, basis };
    logged(asked, target.subject, erased(&of, &target.digests), Answer::default())
}

/// The end of a person's request: not before nothing of them is left, so a hold delays it.
fn finish_person(asked: Asked<'_>, target: &PrivacyTarget) -> Decision {
    let Some(Erasure {
        of: ErasureOf::Person { person, .. }, asked: of, asked_by, approved_by: Some(approved_by), ..
    }) = &target.request
    else {
        return stands(asked, target.subject, "That was done already.");
    };
    if !target.digests.is_empty() {
        return stands(asked, target.subject, "Something of them is on hold still.");
    }
    let event = PrivacyEvent::PersonErased {
        person: person.clone(),
        asked: *of,
        asked_by: asked_by.clone(),
        approved_by: approved_by.clone(),
    };
    logged(asked, target.subject, vec![Event::Privacy(event)], Answer::default())
}

/// As many entries as it takes to name every digest.
fn erased(of: &PayloadErased, digests: &[String]) -> Vec<Event> {
    let part = |digests: &[String]| PayloadErased { digests: digests.to_vec(), ..of.clone() };
    let parts = digests.chunks(DIGESTS_MAX).map(part);
    parts.map(|part| Event::Privacy(PrivacyEvent::PayloadErased(Box::new(part)))).collect()
}

fn key_of(world: &World<'_>, person: &PersonId) -> String {
    world.organisation.person(person).map_or_else(|| person.0.clone(), |person| person.key.clone())
}

/// How a request is named in a command.
fn call_of(world: &World<'_>, request: &Erasure) -> String {
    match &request.of {
        ErasureOf::Entry(seq) => format!("{}#{seq}", request.subject),
        ErasureOf::Person { person, .. } => format!("person:{}", key_of(world, person)),
    }
}

fn what(world: &World<'_>, request: &Erasure) -> String {
    match &request.of {
        ErasureOf::Entry(seq) => format!("Erasing the texts of {}#{seq}", request.subject),
        ErasureOf::Person { person, .. } => format!("Erasing {}", world.organisation.name_of(person)),
    }
}
