//! Who answers for what: shown with what is missing, and told of the steps on which they are to be consulted or informed.

use serde_json::{Value, json};

use super::answer::{Teller, plain};
use super::cards::{headline, others};
use super::handle::HandleError;
use super::{App, Tenant};
use crate::domain::responsibility::{Concern, Holders, Origin, ResponsibilityGap};
use crate::domain::rules::Activity;
use crate::domain::service_function::alone_in_several;
use crate::domain::{
    Change, ChangeEvent, Decision, Event, Incident, IncidentEvent, Organisation, PersonId, PirEvent, Role, State,
};
use crate::render::{Block, Message};
use crate::store::{Job, Later, Tx};

/// People whom a summary names for a function.
const PEOPLE_SHOWN: usize = 3;

impl App {
    /// What holds on a service; without one what is written for the unit, and which services say something of their own.
    pub(super) fn responsibilities(&self, tenant: &Tenant, service: Option<&str>) -> Result<Message, HandleError> {
        let organisation = &tenant.organisation;
        let row = |activity: Activity, holders: &Holders| {
            json!({
                "what": activity.phrase(), "word": activity.as_str(), "function": activity.function().phrase(),
                "accountable": holders.accountable, "responsible": holders.responsible,
                "consulted": holders.consulted, "informed": holders.informed,
                "origin": service.and(origin(holders.origin)), "missing": holders.origin == Origin::Missing,
            })
        };
        let rows: Vec<Value> = if let Some(service) = service {
            Activity::ALL.map(|one| row(one, &organisation.holders(one, service))).to_vec()
        } else {
            let of_unit = |activity| {
                let mut written = organisation.responsibilities.iter();
                let entry = written.find(|one| one.activity == activity && one.service.is_none())?;
                Some(row(activity, &Holders::of(entry)))
            };
            Activity::ALL.into_iter().filter_map(of_unit).collect()
        };
        let own = organisation.responsibilities.iter().filter(|_| service.is_none());
        let own: Vec<String> = own
            .filter_map(|one| {
                let service = organisation.service_name(one.service.as_ref()?);
                Some(format!("{service}: {}", one.activity.as_str()))
            })
            .collect();
        let name = service.map(|key| organisation.service_name(key));
        let data = json!({
            "service": name, "rows": rows, "own": own, "written": !organisation.responsibilities.is_empty(),
            "gaps": responsibility_gaps(organisation),
        });
        Ok(self.renderer.message("answer/raci", &data, organisation)?)
    }

    /// Tells whoever is to be consulted on a step, or informed of it. Nobody is told of what they do themselves.
    pub(super) fn follow_responsibilities(
        tx: &Tx,
        teller: &Teller<'_>,
        decision: &Decision,
        jobs: &mut Vec<Later>,
    ) -> Result<(), HandleError> {
        let organisation = &teller.tenant.organisation;
        if organisation.responsibilities.is_empty() {
            return Ok(());
        }
        let (services, title, version) = match &decision.state {
            State::Incident(incident) => (incident.services.clone(), &incident.title, incident.version),
            State::Change(change) => (change.services(), &change.title, change.version),
            _ => return Ok(()),
        };
        for (place, event) in decision.events.iter().enumerate() {
            let Some((activity, is_settled)) = step_of(event) else { continue };
            let line = teller.line(decision.subject, event)?;
            for (person, concern) in organisation.concerned(activity, &services) {
                let is_told = is_settled || concern == Concern::Consulted;
                if !is_told || teller.actor.person() == Some(&person) {
                    continue;
                }
                let small = format!("{} · {} · {}", decision.subject, headline(title), told_why(concern, activity));
                let blocks = vec![Block::Paragraph { text: line.clone() }, Block::Context { text: plain(&small) }];
                let message = Message { blocks, ..Message::default() };
                let key = format!("raci-{}-{version}-{place}", decision.subject);
                jobs.extend(Job::direct_each(tx.tenant(), [person], &key, &message));
            }
        }
        Ok(())
    }
}

/// Who fills which function of an incident, where a gap is, and who is alone in several; `null` once it is over.
pub(super) fn functions_data(tenant: &Tenant, incident: &Incident, changes: &[Change]) -> Value {
    if !incident.is_open() {
        return Value::Null;
    }
    let functions = tenant.organisation.functions_in(incident.commander.as_ref(), &incident.services, changes);
    let alone: Vec<Value> = alone_in_several(&functions)
        .into_iter()
        .map(|(person, functions)| {
            let functions: Vec<&str> = functions.iter().map(|function| function.phrase()).collect();
            json!({"person": person, "functions": functions.join(" and ")})
        })
        .collect();
    let held: Vec<Value> = functions
        .iter()
        .map(|held| {
            let shown: Vec<&PersonId> = held.people.iter().take(PEOPLE_SHOWN).collect();
            json!({"function": held.function.phrase(), "people": shown, "others": others(held.people.len(), PEOPLE_SHOWN)})
        })
        .collect();
    json!({"held": held, "alone": alone})
}

/// The activity that a step belongs to, and whether it is done: what is only asked for is for those who are consulted.
fn step_of(event: &Event) -> Option<(Activity, bool)> {
    Some(match event {
        Event::Incident(IncidentEvent::LeadSet { .. }) => (Activity::Command, true),
        // What goes out by the clock goes to the audiences.
        Event::Incident(IncidentEvent::UpdateSent { text: Some(_), .. }) => (Activity::Communicate, true),
        Event::Change(ChangeEvent::Requested(_)) => (Activity::Approve, false),
        Event::Change(ChangeEvent::Approved { .. } | ChangeEvent::Rejected { .. }) => (Activity::Approve, true),
        Event::Change(ChangeEvent::Started | ChangeEvent::Done { .. } | ChangeEvent::RolledBack { .. }) => {
            (Activity::Implement, true)
        }
        Event::Pir(PirEvent::Opened { .. } | PirEvent::Closed { .. }) => (Activity::Review, true),
        _ => return None,
    })
}

fn told_why(concern: Concern, activity: Activity) -> String {
    let word = activity.as_str();
    match concern {
        Concern::Consulted => {
            format!("You are to be consulted on `{word}` here: say in its room or thread what you see.")
        }
        Concern::Informed => format!("You are to be informed of `{word}` here."),
    }
}

fn origin(origin: Origin) -> Option<&'static str> {
    match origin {
        Origin::Service => Some("its own"),
        Origin::Unit => Some("of the unit"),
        Origin::BuiltIn => Some("built in"),
        Origin::Missing => None,
    }
}

/// Everything that is missing from who answers for what, a sentence each.
pub(super) fn responsibility_gaps(organisation: &Organisation) -> Vec<String> {
    let names = |keys: &[String]| {
        if keys.len() > 1 && keys.len() == organisation.services.len() {
            return "any service".to_owned();
        }
        keys.iter().map(|key| organisation.service_name(key)).collect::<Vec<_>>().join(", ")
    };
    let sentence = |gap: ResponsibilityGap| match gap {
        ResponsibilityGap::NoEntry { activity, services } => {
            let effect = if activity == Activity::Command {
                ": nobody can be given the lead there without a reason"
            } else {
                ""
            };
            format!("nobody is Accountable for “{}” on {}{effect}", activity.as_str(), names(&services))
        }
        ResponsibilityGap::Unreachable { activity, service, letter } => {
            let of = service.map(|key| format!(" on {}", organisation.service_name(&key))).unwrap_or_default();
            format!("nobody who is {letter} for “{}”{of} can be reached", activity.as_str())
        }
        ResponsibilityGap::Both { person, services } => format!(
            "{} is Accountable for “command” and for “approve” on {}: in one incident nobody may do both (rule 4.15)",
            organisation.name_of(&person),
            names(&services)
        ),
    };
    let is_silent =
        organisation.responsibilities.is_empty() && organisation.with_role(Role::CommunicationLead).is_empty();
    let silent =
        is_silent.then(|| "nobody speaks with the service desk: give somebody the role communication_lead".to_owned());
    organisation.responsibility_gaps().into_iter().map(sentence).chain(silent).collect()
}
