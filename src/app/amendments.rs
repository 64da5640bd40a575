//! Amendments of the policy: listed and shown with what the file that answers them would change, and told to those who look
//! after policies and to whoever asked.

use serde_json::{Value, json};

use super::answer::Teller;
use super::cards::{button, others, row};
use super::handle::{Caller, HandleError};
use super::proposals::change_data;
use super::questions::slip;
use super::simulations::FEW;
use super::{App, Tenant};
use crate::domain::amendment::{Amendment, AmendmentState, name, number_of};
use crate::domain::decide::{policy_keepers, policy_promises};
use crate::domain::event::AmendmentEvent;
use crate::domain::policy::Policy;
use crate::domain::proposal::short;
use crate::domain::{Actor, Event, PersonId, Refusal, Role, State, Subject};
use crate::language::presses::{Press, PressAction};
use crate::render::cut::first_chars;
use crate::render::{Block, ButtonStyle, Message};
use crate::rulebook::differences;
use crate::store::{Job, Tx, Writes};

/// Amendments that `/admin policy` names: what is due first.
const LISTED: usize = 5;
/// Characters of what is asked for: in a list, and by itself, where it fits a field of Discord.
const LISTED_CHARS: usize = 120;
const SHOWN_CHARS: usize = 900;

/// What a policy file says that it answers, in one unit.
#[derive(Debug, Default)]
pub(super) struct Answered {
    /// Those that wait.
    pub waiting: Vec<Amendment>,
    /// Numbers that nobody has asked for here.
    pub unknown: Vec<String>,
}

pub(super) async fn answered_by(tx: &mut Tx, policy: &Policy) -> Result<Answered, HandleError> {
    let mut answered = Answered::default();
    if policy.answers.is_empty() {
        return Ok(answered);
    }
    let known = tx.amendments().await?;
    let next = tx.next_amendment_number().await?;
    for number in policy.answers.iter().filter_map(|word| number_of(word)) {
        // What is over stays so: an earlier policy that is loaded again answers nothing anew.
        answered.waiting.extend(known.iter().find(|one| one.number == number && one.is_waiting()).cloned());
        answered.unknown.extend((number >= next).then(|| name(number)));
    }
    Ok(answered)
}

impl App {
    /// Says in the log which amendments the policy answers that was just proposed, and which it leaves open that the one
    /// before it answered.
    pub(super) async fn answer_amendments(&self, tx: &mut Tx, answered: &[Amendment]) -> Result<(), HandleError> {
        let Some(policy) = tx.proposal().await? else { return Ok(()) };
        let waiting = tx.waiting_proposals().await?;
        let mut amendments = tx.amendments().await?;
        let mut events = Vec::new();
        for one in amendments.iter_mut().filter(|one| one.is_waiting()) {
            let (asked, number) = (one.entry, one.number);
            let still_waits = |entry: i32| waiting.iter().any(|policy| policy.entry == entry);
            if answered.iter().any(|answered| answered.number == number) {
                (one.state, one.answered_by) = (AmendmentState::Answered, Some(policy.entry));
                let (proposed, hash) = (policy.entry, policy.hash.clone());
                events.push(AmendmentEvent::Answered { asked, number, proposed, hash });
            } else if one.answered_by.is_some_and(|entry| !still_waits(entry)) {
                (one.state, one.answered_by) = (AmendmentState::Open, None);
                events.push(AmendmentEvent::Reopened { asked, number });
            }
        }
        self.record_amendments(tx, events, &amendments).await
    }

    /// Closes the amendments that a policy answers which nobody had to sign.
    pub(super) async fn adopt_amendments(
        &self,
        tx: &mut Tx,
        answered: &[Amendment],
        hash: &str,
    ) -> Result<(), HandleError> {
        let mut left = tx.amendments().await?;
        left.retain(|one| !answered.iter().any(|answered| answered.number == one.number));
        let adopted = answered.iter().map(|one| {
            let (asked, number) = (one.entry, one.number);
            AmendmentEvent::Adopted { asked, number, hash: hash.to_owned() }
        });
        self.record_amendments(tx, adopted.collect(), &left).await
    }

    async fn record_amendments(
        &self,
        tx: &mut Tx,
        events: Vec<AmendmentEvent>,
        amendments: &[Amendment],
    ) -> Result<(), HandleError> {
        if events.is_empty() {
            return Ok(());
        }
        let tenant = self.tenant(tx).await?;
        let waiting = tx.waiting_proposals().await?;
        let promises = policy_promises(waiting.iter(), None, amendments, &tenant.policy.registry);
        let writes = Writes::State { state: &State::ByEvents, promises: &promises };
        let setup = Caller { actor: &Actor::Wardroom, place: None, command: "setup" };
        let events: Vec<Event> = events.into_iter().map(Event::Amendment).collect();
        self.record(tx, &tenant.row.log(), &setup, Subject::Policy, &events, writes).await?;
        let teller = Teller { app: self, tenant: &tenant, actor: &Actor::Wardroom };
        self.follow_amendments(tx, &teller, &events).await
    }

    /// Whoever looks after policies is asked, whoever asked hears what became of it, and what is late is escalated.
    pub(super) async fn follow_amendments(
        &self,
        tx: &mut Tx,
        teller: &Teller<'_>,
        events: &[Event],
    ) -> Result<(), HandleError> {
        let organisation = &teller.tenant.organisation;
        for event in events {
            let Event::Amendment(of) = event else { continue };
            let known = tx.amendments().await?;
            let Some(amendment) = known.iter().find(|one| one.number == of.number()) else { continue };
            let officers = || organisation.holding(Role::Compliance);
            let (mut people, is_asked, what): (Vec<PersonId>, bool, &str) = match of {
                AmendmentEvent::Proposed { .. } => (policy_keepers(organisation), true, "asked"),
                AmendmentEvent::Reminded { .. } => (policy_keepers(organisation), true, "soon"),
                AmendmentEvent::Overdue { .. } => (officers(), true, "overdue"),
                AmendmentEvent::Answered { .. } => (vec![amendment.by.clone()], false, "answered"),
                AmendmentEvent::Adopted { .. } => (vec![amendment.by.clone()], false, "adopted"),
                AmendmentEvent::Reopened { .. } => (vec![amendment.by.clone()], false, "reopened"),
                AmendmentEvent::Declined { .. } => (vec![amendment.by.clone()], false, "declined"),
            };
            people.retain(|person| teller.actor.person() != Some(person));
            let line = Block::Paragraph { text: teller.line(Subject::Policy, event)? };
            let mut message = Message { blocks: vec![line], ..Message::default() };
            if is_asked {
                message.blocks.extend(self.amendment_message(tx, teller.tenant, amendment).await?.blocks);
            }
            let key = format!("amendment-{}-{what}-{}", amendment.number, self.clock.now().timestamp());
            tx.enqueue(Job::direct_each(tx.tenant(), people, &key, &message));
        }
        Ok(())
    }

    /// `/admin policy show AMD-3`
    pub(super) async fn amendment_answer(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        number: i32,
    ) -> Result<Message, HandleError> {
        let known = tx.amendments().await?;
        let Some(amendment) = known.iter().find(|one| one.number == number) else {
            let sentence = format!("There is no {}, or it was settled long ago.", name(number));
            let next = "`/admin policy` lists those that wait; `/log show POLICY kind:amendment` has all.";
            return Ok(slip(&Refusal::slip(sentence, next)));
        };
        self.amendment_message(tx, tenant, amendment).await
    }

    /// What is asked for and what became of it; of the file that answers it what it changes, and would have changed.
    async fn amendment_message(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        amendment: &Amendment,
    ) -> Result<Message, HandleError> {
        let waiting = tx.waiting_proposals().await?;
        let policy = waiting.iter().find(|policy| amendment.answered_by == Some(policy.entry));
        let before = tx.policy().await?.map(|policy| policy.source).unwrap_or_default();
        let changes = policy.map(|policy| differences(&before, &policy.source)).unwrap_or_default();
        let (what, why) = said(tx, amendment, SHOWN_CHARS).await?;
        let data = json!({
            "name": amendment.name(), "origin": amendment.origin.as_str(), "state": amendment.state.as_str(),
            "what": what, "why": why, "by": amendment.by, "at": amendment.proposed_at, "due": amendment.due_at,
            "overdue": amendment.overdue, "open": amendment.state == AmendmentState::Open,
            "settled_at": amendment.settled_at, "settled_by": amendment.settled_by,
            "hash": policy.map(|policy| policy.short().to_owned()),
            "changes": changes.iter().take(LISTED).map(change_data).collect::<Vec<_>>(),
            "more": others(changes.len(), LISTED),
        });
        let mut message = self.renderer.message("answer/amendment", &data, &tenant.organisation)?;
        if let Some(policy) = policy {
            let simulated = self.simulated(tx, tenant, &policy.source, FEW).await?;
            let data = json!({ "hash": policy.short(), "simulated": simulated });
            let simulation = self.renderer.message("answer/policy_simulation", &data, &tenant.organisation)?;
            message.blocks.extend(simulation.blocks);
        }
        if amendment.state == AmendmentState::Open {
            let decline = Press::on(PressAction::DeclineAmendment, Subject::Policy, Some(amendment.entry));
            message.blocks.push(row(vec![button(decline, ButtonStyle::Danger)]));
        }
        Ok(message)
    }

    /// Those that wait, for `/admin policy`: what is due first.
    pub(super) async fn amendments_listed(&self, tx: &mut Tx) -> Result<Value, HandleError> {
        let mut known = tx.amendments().await?;
        known.retain(Amendment::is_waiting);
        let waiting = tx.waiting_proposals().await?;
        let mut listed = Vec::new();
        for one in known.iter().take(LISTED) {
            let hash = waiting.iter().find(|policy| one.answered_by == Some(policy.entry));
            let (what, _) = said(tx, one, LISTED_CHARS).await?;
            listed.push(json!({
                "name": one.name(), "origin": one.origin.as_str(), "what": what, "due": one.due_at,
                "overdue": one.due_at <= self.clock.now(), "hash": hash.map(|policy| short(&policy.hash)),
            }));
        }
        Ok(json!({ "listed": listed, "more": others(known.len(), LISTED) }))
    }
}

/// What is asked for, and why: as its entry has them, unless they were erased.
async fn said(
    tx: &mut Tx,
    amendment: &Amendment,
    chars: usize,
) -> Result<(Option<String>, Option<String>), HandleError> {
    let page = tx.log_page(&[Subject::Policy], i64::from(amendment.entry) - 1, 1).await?;
    let entry = page.entries.first().filter(|entry| entry.seq == amendment.entry);
    let text = |name: &str| Some(first_chars(entry?.data.get(name)?.as_str()?, chars).replace('\n', " "));
    Ok((text("what"), text("why")))
}
