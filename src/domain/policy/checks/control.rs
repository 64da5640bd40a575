//! The checks of change control beside risk, approvals and votes.

use std::collections::BTreeSet;

use super::{Found, sensible};
use crate::domain::policy::{
    CataloguePolicy, Checklists, ExceptionPolicy, LinkPolicy, Policy, ThrottlePolicy, ValidationPolicy,
};
use crate::domain::rules::{Band, ContingencyItem, ExceptionSubject, LinkRelation, ReviewClock, Span};

/// A year: what may be older than that need not be young.
const EVIDENCE_HOURS_MAX: u32 = 366 * 24;

pub(super) fn check(policy: &Policy, found: &mut Found) {
    contingency(policy, found);
    rehearsals(policy, found);
    links(&policy.links, found);
    throttle(&policy.throttle, found);
    validation(&policy.validation, found);
    exceptions(&policy.exceptions, found);
    checklists(&policy.checklists, found);
    catalogue(&policy.catalogue, found);
    standby(policy, found);
    reviews(policy, found);
}

fn rehearsals(policy: &Policy, found: &mut Found) {
    let numbers = &policy.rehearsals;
    let is_sensible = (1..=365).contains(&numbers.due_days);
    found.needs(is_sensible, "rehearsals.due_days", "a rehearsal is due after 1 to 365 days.");
    found.needs(
        numbers.remind_days < numbers.due_days.max(1),
        "rehearsals.remind_days",
        "whoever rehearses is reminded before it is planned.",
    );
}

/// A higher band never asks for less.
fn contingency(policy: &Policy, found: &mut Found) {
    use ContingencyItem::{AbortCriteria, Standby, StepMinutes, StepOwners};
    for band in Band::ALL {
        let least = policy.contingency.of(band);
        let at = |field: &str| format!("contingency.{}.{field}", band.as_str());
        for item in &least.asks {
            let askable = [StepOwners, StepMinutes, AbortCriteria, Standby].contains(item);
            found.unless(askable, at("asks"), || {
                let word = item.as_str();
                format!("{word} cannot be asked for here; step_owners, step_minutes, abort_criteria, standby can.")
            });
        }
        let higher = policy.contingency.of(band.raised());
        let above = format!("contingency.{}", band.raised().as_str());
        found.needs(
            higher.rollback_steps >= least.rollback_steps && higher.failure_modes >= least.failure_modes,
            above.as_str(),
            "it asks for fewer steps or failure modes than the band below.",
        );
        found.needs(
            higher.verification >= least.verification && higher.rehearsal >= least.rehearsal,
            above.as_str(),
            "it asks for a weaker check or rehearsal than the band below.",
        );
        let keeps = least.asks.iter().all(|item| higher.asks.contains(item));
        found.needs(keeps, format!("{above}.asks"), "the band below asks for something that this one does not.");
    }
}

fn links(links: &LinkPolicy, found: &mut Found) {
    found.needs(links.suggest_from < links.auto_from, "links.suggest_from", "it is not below auto_from.");
    found.needs(links.suggest_from > 0, "links.suggest_from", "everything would be suggested.");
    found.needs((1..=100).contains(&links.confidence_max), "links.confidence_max", "it is not between 1 and 100.");
    found.needs(
        links.auto_from <= links.confidence_max,
        "links.auto_from",
        "it can never be reached: it is above confidence_max.",
    );
    let close = [LinkRelation::SameCi, LinkRelation::SameService, LinkRelation::Up1, LinkRelation::Up2];
    for relation in close {
        let (steps, place) = (links.of(relation), format!("links.{}", relation.as_str()));
        let in_order = steps.is_sorted_by(|(hours, sure), (later, less)| hours < later && sure >= less);
        found.needs(in_order, place.as_str(), "the hours do not rise from step to step, or the confidence does.");
        let inside = steps.iter().all(|(_, sure)| (0..=links.confidence_max).contains(sure));
        found.needs(inside, place, "a confidence is not between 0 and confidence_max.");
    }
    for (category, words) in &links.symptoms {
        let is_one = |word: &String| {
            !word.is_empty() && word.chars().all(|letter| letter.is_alphanumeric() && !letter.is_uppercase())
        };
        let place = format!("links.symptoms.{category}");
        found.needs(words.iter().all(is_one), place, "a symptom is one word in small letters.");
    }
}

fn validation(validation: &ValidationPolicy, found: &mut Found) {
    sensible(Span::Minutes(validation.remind_minutes), "validation.remind_minutes", found);
    found.needs(validation.runs > 0, "validation.runs", "no check could ever pass.");
    sensible(Span::Minutes(validation.pipeline_minutes), "validation.pipeline_minutes", found);
    let seconds = validation.answer_within_seconds;
    found.needs((1..=60).contains(&seconds), "validation.answer_within_seconds", "give a check 1 to 60 seconds.");
    found.needs(
        validation.incident_up_to_tier <= 4,
        "validation.incident_up_to_tier",
        "tiers go from 1 to 4; 0 is none.",
    );
    found.needs(validation.retry_seconds > 0, "validation.retry_seconds", "runs in a row need a pause.");
}

fn throttle(throttle: &ThrottlePolicy, found: &mut Found) {
    let numbers = [
        ("running_per_incident_max", throttle.running_per_incident_max),
        ("running_per_service_max", throttle.running_per_service_max),
        ("running_in_surge_max", throttle.running_in_surge_max),
        ("surge.from_p1", throttle.surge.from_p1),
        ("surge.from_p1_and_p2", throttle.surge.from_p1_and_p2),
    ];
    for (name, number) in numbers {
        let why =
            if name.starts_with("surge") { "there would always be a surge." } else { "nothing could ever start." };
        found.needs(number > 0, format!("throttle.{name}"), why);
    }
    sensible(Span::Minutes(throttle.lease_minutes), "throttle.lease_minutes", found);
    let longest = 24 * 60;
    found.needs(
        throttle.surge.ends_after_minutes <= longest,
        "throttle.surge.ends_after_minutes",
        "a surge that is over does not last on for more than a day.",
    );
}

/// Every rule that can be set aside stands in one list, and no other does.
fn exceptions(exceptions: &ExceptionPolicy, found: &mut Found) {
    let lists = [("high", &exceptions.high), ("medium", &exceptions.medium), ("low", &exceptions.low)];
    for subject in ExceptionSubject::ALL {
        let word = subject.as_str();
        let mut places = Vec::new();
        for (name, list) in lists {
            places.extend(list.iter().filter(|listed| **listed == subject).map(|_| format!("exceptions.{name}")));
        }
        if subject.is_absolute() {
            let place = places.first().cloned().unwrap_or_default();
            found.unless(places.is_empty(), place, || format!("{word} cannot be set aside by anybody."));
        } else {
            found.unless(!places.is_empty(), "exceptions", || format!("there is a gap: {word} is in no list."));
            let place = places.last().cloned().unwrap_or_default();
            found.unless(places.len() <= 1, place, || format!("{word} stands in more than one list, or twice."));
        }
    }
}

fn checklists(checklists: &Checklists, found: &mut Found) {
    let is_word =
        |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    for (category, items) in checklists {
        let place = format!("checklists.{category}");
        found.needs(is_word(category), place.as_str(), "a category is one word of a-z, 0-9 and _.");
        let mut keys = BTreeSet::new();
        for item in items {
            let key = &item.key;
            found.unless(is_word(key), place.as_str(), || format!("{key:?} is no key: one word of a-z, 0-9 and _."));
            found.unless(keys.insert(key), place.as_str(), || format!("the key {key} stands twice."));
            found.unless(!item.what.trim().is_empty(), place.as_str(), || format!("{key} does not say what it is."));
            let counts = item.max_age_hours.is_none_or(|hours| (1..=EVIDENCE_HOURS_MAX).contains(&hours));
            found.unless(counts, place.as_str(), || {
                format!("max_age_hours of {key}: evidence counts for 1 to {EVIDENCE_HOURS_MAX} hours, a year.")
            });
        }
    }
}

fn catalogue(catalogue: &CataloguePolicy, found: &mut Found) {
    let at = |field: &str| format!("catalogue.{field}");
    let failures = catalogue.suspend_from_failures;
    found.needs(failures > 0, at("suspend_from_failures"), "every entry would be suspended.");
    found.needs(
        failures <= catalogue.failures_among_last_uses,
        at("suspend_from_failures"),
        "it can never be reached: it is above failures_among_last_uses.",
    );
    let rating = catalogue.revise_below_rating;
    found.needs(
        rating.parts > rating.of && rating.parts <= rating.of.saturating_mul(5),
        at("revise_below_rating"),
        "it can never be reached: ratings go from 1 to 5.",
    );
    found.needs(
        (1..5).contains(&catalogue.low_rating_max),
        at("low_rating_max"),
        "it must be from 1 to 4: with 5, praise would count as low.",
    );
    let counts = [
        ("revise_from_ratings", catalogue.revise_from_ratings),
        ("revise_from_low_ratings", catalogue.revise_from_low_ratings),
        ("promote_from_uses", catalogue.promote_from_uses),
    ];
    for (name, count) in counts {
        found.needs(count > 0, at(name), "it must be at least 1.");
    }
}

fn standby(policy: &Policy, found: &mut Found) {
    let standby = &policy.standby;
    sensible(Span::Minutes(standby.first_confirmation_minutes), "standby.first_confirmation_minutes", found);
    sensible(Span::Minutes(standby.last_confirmation_minutes), "standby.last_confirmation_minutes", found);
    sensible(Span::Minutes(standby.emergency_silence_minutes), "standby.emergency_silence_minutes", found);
    found.needs(
        standby.last_confirmation_minutes < standby.first_confirmation_minutes,
        "standby.last_confirmation_minutes",
        "the last confirmation is due before the first.",
    );
    let answers = [
        ("first", standby.first_answer_minutes, standby.first_confirmation_minutes),
        ("last", standby.last_answer_minutes, standby.last_confirmation_minutes),
    ];
    for (which, answer, asked) in answers {
        let place = format!("standby.{which}_answer_minutes");
        found.needs(
            (1..=asked).contains(&answer),
            place.as_str(),
            "it is from 1 up to how long before the start they are asked.",
        );
    }
    for (role, duty) in &standby.roles {
        let place = format!("standby.roles.{}", role.as_str());
        let is_other = *role != crate::domain::rules::StandbyRole::RollbackOwner;
        found.needs(is_other, place.as_str(), "every change has one already, from the team that keeps its service.");
        let is_named = !duty.services.is_empty() && !duty.team.is_empty();
        found.needs(is_named, place.as_str(), "it names services, and the team whose people on call fill it.");
    }
}

fn reviews(policy: &Policy, found: &mut Found) {
    let reviews = &policy.reviews;
    let all = [
        ("major", reviews.major),
        ("change_related", reviews.change_related),
        ("emergency_change", reviews.emergency_change),
        ("failed_change", reviews.failed_change),
        ("breach", reviews.breach),
        ("recurrence", reviews.recurrence),
        ("drill", reviews.drill),
        ("exception", reviews.exception),
    ];
    for (name, ReviewClock { hold, publish }) in all {
        let place = format!("reviews.{name}");
        found.needs(hold.is_some() || publish.is_some(), place.as_str(), "it has no date: give hold, publish or both.");
        for span in [hold, publish].into_iter().flatten() {
            sensible(span, &place, found);
        }
    }
}
