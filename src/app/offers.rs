//! What is offered while somebody types an option: from memory, or from one bounded read. It only helps to type; what is
//! sent is understood and checked as ever.

use super::handle::HandleError;
use super::inbound::{Inbound, Reply};
use super::{App, Tenant};
use crate::domain::proposal::Proposal;
use crate::domain::rules::ChecklistItem;
use crate::domain::{Change, Freeze, Incident, KIND_WORDS, PersonId, Standing};
use crate::language::{Arg, ArgKind, KeyOf, catalogue};
use crate::store::Tx;

/// Discord's limit for offers, and for the letters of each (developers/interactions/receiving-and-responding).
const OFFERS_MAX: usize = 25;
const OFFER_CHARS_MAX: usize = 100;
/// Records that are looked through, open ones first.
const READ_MAX: i64 = 100;

/// Something to offer: what it stands for, and what is shown.
struct Offer {
    value: String,
    shown: String,
}

impl App {
    pub(super) async fn offer(
        &self,
        tenant: i64,
        inbound: &Inbound,
        command: &str,
        verb: &str,
        option: &str,
        text: &str,
    ) -> Result<Reply, HandleError> {
        let arg = catalogue::find(command, verb).and_then(|verb| verb.arg(option));
        let mut tx = self.store.begin(tenant).await?;
        let tenant = self.tenant(&mut tx).await?;
        let me = tenant.organisation.person_of(&inbound.account).map(|person| person.id.clone());
        let is_member = inbound.standing == Standing::Member;
        let Some(arg) = arg.filter(|_| is_member) else { return Ok(Reply::Offer { choices: Vec::new() }) };
        let (before, typed) = last_of(arg, text);
        let all = self.offers_of(&mut tx, &tenant, arg, me.as_ref()).await?;
        let choices = fitting(all, typed).into_iter().map(|offer| {
            let value = format!("{before}{}", offer.value);
            (shortened(&format!("{before}{}", offer.shown)), value)
        });
        Ok(Reply::Offer { choices: choices.filter(|(_, value)| value.len() <= OFFER_CHARS_MAX).collect() })
    }

    async fn offers_of(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        arg: &Arg,
        me: Option<&PersonId>,
    ) -> Result<Vec<Offer>, HandleError> {
        Ok(match arg.kind {
            ArgKind::Services => {
                let services = tenant.organisation.services.values();
                services.map(|s| Offer { value: s.key.clone(), shown: format!("{} · {}", s.key, s.name) }).collect()
            }
            ArgKind::Key(KeyOf::Category) => {
                let categories = tenant.policy.checklists.keys();
                categories.map(|key| Offer { value: key.clone(), shown: key.clone() }).collect()
            }
            ArgKind::Key(KeyOf::Item) => {
                let items = tenant.policy.checklists.values().flatten();
                let offer = |item: &ChecklistItem| Offer {
                    value: item.key.clone(),
                    shown: format!("{} · {}", item.key, item.what),
                };
                items.map(offer).collect()
            }
            ArgKind::Key(KeyOf::Policy) => {
                let offer = |proposal: Proposal| Offer {
                    value: proposal.short().to_owned(),
                    shown: proposal.short().to_owned(),
                };
                tx.waiting_proposals().await?.into_iter().map(offer).collect()
            }
            ArgKind::Key(KeyOf::Entry) => {
                let entries = tenant.policy.catalogue.entries.iter();
                entries.map(|(key, e)| Offer { value: key.clone(), shown: format!("{key} · {}", e.title) }).collect()
            }
            ArgKind::Key(KeyOf::Team) => {
                let teams = tenant.organisation.teams.values();
                teams.map(|t| Offer { value: t.key.clone(), shown: format!("{} · {}", t.key, t.name) }).collect()
            }
            ArgKind::Kind => {
                let kinds = KIND_WORDS.iter();
                kinds.map(|k| Offer { value: k.word.to_owned(), shown: format!("{} · {}", k.word, k.phrase) }).collect()
            }
            ArgKind::Scale(_) | ArgKind::Touches | ArgKind::Choice(_) => {
                let choices = arg.choices().unwrap_or_default().into_iter();
                choices.map(|(value, meaning)| Offer { value, shown: meaning }).collect()
            }
            // Records are for people of the house, as everywhere.
            ArgKind::Subject | ArgKind::Change => match me {
                Some(me) => records(tx, arg.name, me).await?,
                None => Vec::new(),
            },
            ArgKind::Text
            | ArgKind::Words
            | ArgKind::Plan
            | ArgKind::Severity
            | ArgKind::Person
            | ArgKind::YesNo
            | ArgKind::Entry
            | ArgKind::Number
            | ArgKind::When => Vec::new(),
        })
    }
}

/// Open records first, those of the person among them before the others; then the latest.
async fn records(tx: &mut Tx, option: &str, me: &PersonId) -> Result<Vec<Offer>, HandleError> {
    if option == "freeze" {
        return Ok(tx.freezes(READ_MAX).await?.iter().map(of_freeze).collect());
    }
    let mut offers: Vec<((bool, bool), Offer)> = Vec::new();
    if option != "change" {
        for incident in tx.incidents(READ_MAX).await? {
            let own = incident.commander.as_ref() == Some(me) || incident.declared_by.as_ref() == Some(me);
            offers.push(((!incident.is_open(), !own), of_incident(&incident)));
        }
    }
    if option != "incident" {
        for change in tx.changes(READ_MAX).await? {
            let own = &change.requester == me || &change.implementer == me;
            offers.push(((!change.is_open(), !own), of_change(&change)));
        }
    }
    offers.sort_by_key(|(order, _)| *order);
    Ok(offers.into_iter().map(|(_, offer)| offer).collect())
}

fn of_incident(incident: &Incident) -> Offer {
    let value = incident.subject().to_string();
    Offer { shown: format!("{value} · {} · {}", incident.priority, incident.title), value }
}

fn of_change(change: &Change) -> Offer {
    let value = change.subject().to_string();
    Offer { shown: format!("{value} · {} · {}", change.status.phrase(), change.title), value }
}

fn of_freeze(freeze: &Freeze) -> Offer {
    let value = freeze.subject().to_string();
    Offer { shown: format!("{value} · {} · {}", freeze.status.as_str(), freeze.why), value }
}

/// What begins with the words typed, then what holds them; all of it where nothing is typed yet.
fn fitting(all: Vec<Offer>, typed: &str) -> Vec<Offer> {
    let typed = typed.trim().to_lowercase();
    let (mut begins, mut holds) = (Vec::new(), Vec::new());
    for offer in all {
        let shown = offer.shown.to_lowercase();
        // The number alone is what people know: "7" is INC-7.
        let number = offer.value.rsplit('-').next().unwrap_or_default();
        if shown.starts_with(&typed) || number.starts_with(&typed) {
            begins.push(offer);
        } else if shown.contains(&typed) {
            holds.push(offer);
        }
    }
    begins.extend(holds);
    begins.truncate(OFFERS_MAX);
    begins
}

/// Of a list of services the last one is being typed.
fn last_of<'a>(arg: &Arg, text: &'a str) -> (&'a str, &'a str) {
    match (arg.kind, text.rfind(',')) {
        (ArgKind::Services, Some(comma)) => text.split_at(comma + 1),
        _ => ("", text),
    }
}

fn shortened(shown: &str) -> String {
    if shown.chars().count() <= OFFER_CHARS_MAX {
        return shown.to_owned();
    }
    shown.chars().take(OFFER_CHARS_MAX - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers(values: &[(&str, &str)]) -> Vec<Offer> {
        values.iter().map(|(value, shown)| Offer { value: (*value).into(), shown: (*shown).into() }).collect()
    }

    fn fits(all: &[(&str, &str)], typed: &str) -> Vec<String> {
        fitting(offers(all), typed).into_iter().map(|offer| offer.value).collect()
    }

    #[test]
    fn what_begins_with_the_words_comes_before_what_holds_them() {
        let all = [
            ("INC-1", "INC-1 · P2 · search slow"),
            ("INC-12", "INC-12 · P1 · cards fail"),
            ("INC-2", "INC-2 · P3 · ok"),
        ];
        assert_eq!(fits(&all, ""), ["INC-1", "INC-12", "INC-2"]);
        assert_eq!(fits(&all, "inc-1"), ["INC-1", "INC-12"]);
        assert_eq!(fits(&all, "2"), ["INC-2", "INC-1", "INC-12"], "the number before the priority");
        assert_eq!(fits(&all, "CARDS"), ["INC-12"]);
        assert!(fits(&all, "nothing").is_empty());
    }

    #[test]
    fn at_most_twenty_five_are_offered_each_within_a_hundred_characters() {
        let many: Vec<(String, String)> = (0..60).map(|n| (format!("INC-{n}"), "x".repeat(300))).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|(value, shown)| (value.as_str(), shown.as_str())).collect();
        assert_eq!(fits(&many, "").len(), OFFERS_MAX);
        assert_eq!(shortened(&"é".repeat(300)).chars().count(), OFFER_CHARS_MAX);
    }
}
