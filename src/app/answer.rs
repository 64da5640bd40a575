//! What the caller is told: what happened, what else to know, how to take it back, and the receipt of the log.

use serde_json::{Map, Value, json};

use super::cards::{button, row};
use super::handle::HandleError;
use super::{App, Tenant};
use crate::domain::event::Draft;
use crate::domain::{Actor, Answer, CustomFieldEvent, Decision, Event, Place, Refusal, Subject, WayOut};
use crate::language::presses::{Press, PressAction};
use crate::ledger::entry::fact_value;
use crate::render::{Block, Button, ButtonStyle, Inline, Message, Text};
use crate::store::Receipt;

/// Tells one caller how it went.
pub(super) struct Teller<'a> {
    pub app: &'a App,
    pub tenant: &'a Tenant,
    pub actor: &'a Actor,
}

impl Teller<'_> {
    pub fn done(&self, decision: &Decision, receipts: &[Receipt]) -> Result<Message, HandleError> {
        let mut blocks = Vec::new();
        for decided in std::iter::once(decision).chain(&decision.with) {
            for event in decided.events.iter().filter(|event| !is_said_in_a_sentence(event)) {
                blocks.push(Block::Paragraph { text: self.line(decided.subject, event)? });
            }
        }
        blocks.extend(decision.answer.also.iter().map(|sentence| Block::Paragraph { text: plain(sentence) }));
        let mut small: Text = Vec::new();
        if let Some(undo) = &decision.answer.undo {
            small.extend(plain(undo));
            small.push(Inline::Plain { text: " · ".to_owned() });
        }
        if let Some(receipt) = receipts.last() {
            small.push(Inline::Code { text: receipt.text() });
        }
        blocks.push(Block::Context { text: small });
        Ok(Message { blocks, ..Message::default() })
    }

    /// Nothing happened, because it is so already, or because it is over: harmless, and said plainly.
    pub fn stands(answer: &Answer) -> Message {
        let mut blocks: Vec<Block> = Vec::new();
        for sentence in answer.stands.iter().chain(&answer.also) {
            blocks.push(Block::Paragraph { text: plain(sentence) });
        }
        Message { blocks, ..Message::default() }
    }

    pub fn refused(refusal: &Refusal, receipt: Option<&Receipt>) -> Message {
        let mut blocks = vec![Block::Paragraph { text: plain(&refusal.sentence) }];
        if !refusal.next.is_empty() {
            blocks.push(Block::Paragraph { text: plain(&refusal.next) });
        }
        if !refusal.ways.is_empty() {
            blocks.push(row(refusal.ways.iter().map(way_out).collect()));
        }
        let mut small = Vec::new();
        if !refusal.rule.is_empty() {
            small.push(Inline::Plain { text: format!("Rule {} · nothing was changed", refusal.rule) });
        }
        if let Some(receipt) = receipt {
            small.push(Inline::Plain { text: " · ".to_owned() });
            small.push(Inline::Code { text: receipt.text() });
        }
        if !small.is_empty() {
            blocks.push(Block::Context { text: small });
        }
        Message { blocks, ..Message::default() }
    }

    /// What happened, in one line: the same in the answer, in the room, in the timeline and in the log.
    pub fn line(&self, subject: Subject, event: &Event) -> Result<Text, HandleError> {
        let draft = event.draft();
        let mut data = line_data(&draft);
        data.insert("by".to_owned(), json!(by(self.actor)));
        data.insert("by_name".to_owned(), json!(self.actor.name()));
        self.app.line(self.tenant, draft.kind, &subject.to_string(), data)
    }
}

fn way_out(way: &WayOut) -> Button {
    let press = match *way {
        WayOut::Link { incident, change } => {
            Press::about(PressAction::LinkToIncident, Subject::Incident(incident), change)
        }
        WayOut::AskCommander { change, revision } => {
            Press::on(PressAction::AskCommander, Subject::Change(change), Some(revision))
        }
        WayOut::AskException { change, revision } => {
            Press::on(PressAction::AskException, Subject::Change(change), Some(revision))
        }
    };
    button(press, ButtonStyle::Plain)
}

impl App {
    /// Renders the line of an entry, fresh or read back from the log.
    pub(super) fn line(
        &self,
        tenant: &Tenant,
        kind: &str,
        subject: &str,
        mut data: Map<String, Value>,
    ) -> Result<Text, HandleError> {
        data.insert("subject".to_owned(), json!(subject));
        for name in OPTIONAL.iter().copied() {
            data.entry(name).or_insert(Value::Null);
        }
        Ok(self.renderer.line(&format!("line/{kind}"), &Value::Object(data), &tenant.organisation)?)
    }
}

/// What an entry may leave out: templates are strict, so what is absent is said to be absent. An erased text is absent
/// too, and its line stays readable.
const OPTIONAL: &[&str] = &[
    "made_at",
    "target",
    "rollback",
    "effects",
    "revision",
    "nobody",
    "alternatives",
    "cites",
    "verdict",
    "cause",
    "pack_sha256",
    "by_name",
    "near",
    "blocks",
    "stopped",
    "typed",
    "computed",
    "to",
    "why",
    "from",
    "chose",
    "text",
    "summary",
    "question",
    "what",
    "title",
    "sentence",
    "missed",
    "late",
    "slot",
    "replaces",
    "raised",
    "declared_by",
    "backup",
    "basis",
    "entry",
    "person",
    "evidence",
    "evidence_at",
    "whole",
    "asked_by",
    "approved_by",
    "class",
    "incident",
    "until",
    "of",
    "on_behalf",
    "asks",
    "left",
    "ahead",
    "confidence",
    "conditions",
    "every",
    "follows",
    "asked",
    "effective_at",
    "origin",
    "marks",
    "value",
    "owes",
    "planned",
    "declares",
    "control",
    "service",
    "change",
    "proposed",
    "starts",
    "took",
    "note",
    "unaccountable",
    "also",
    "trigger",
    "reason",
    "found_at",
    "review",
];

/// What is asked for besides is said to whoever can fill it in, with the call that does so.
fn is_said_in_a_sentence(event: &Event) -> bool {
    matches!(event, Event::CustomField(CustomFieldEvent::Asked { .. }))
}

fn line_data(draft: &Draft) -> Map<String, Value> {
    let facts = draft.facts.iter().map(|(name, fact)| ((*name).to_owned(), fact_value(fact)));
    let texts = draft.texts.iter().map(|(name, text)| ((*name).to_owned(), json!(text)));
    facts.chain(texts).collect()
}

fn by(actor: &Actor) -> String {
    actor.pseudonym().unwrap_or_else(|| "wardroom".to_owned())
}

/// A sentence of ours, in which commands stand between backticks.
pub(super) fn plain(sentence: &str) -> Text {
    sentence
        .split('`')
        .enumerate()
        .filter(|(_, part)| !part.is_empty())
        .map(|(i, part)| match i % 2 {
            0 => Inline::Plain { text: part.to_owned() },
            _ => Inline::Code { text: part.to_owned() },
        })
        .collect()
}

pub(super) fn told(sentence: &str) -> Message {
    Message { blocks: vec![Block::Paragraph { text: plain(sentence) }], ..Message::default() }
}

pub(super) fn unknown_workspace(place: &Place) -> Message {
    let where_from = if place.workspace.is_empty() { "A direct message".to_owned() } else { place.workspace.clone() };
    told(&format!(
        "{where_from} is not a workspace that Wardroom knows on {}. An operator can add it to the organisation file and run `wardroom org apply`.",
        place.platform.name()
    ))
}

pub(super) fn which_unit(names: &[String]) -> Message {
    told(&format!(
        "You belong to {}, and this place to none of them. Say it in a channel of the one you mean. Nothing was changed.",
        names.join(" and to ")
    ))
}

pub(super) fn nobodys_channel() -> Message {
    told(
        "This channel belongs to no business unit, and you to none of those that share this workspace. Say it in a channel of the one you mean; its organisation file names them. Nothing was changed.",
    )
}

pub(super) fn unclear() -> Message {
    told(
        "Wardroom lost its database while it recorded this, and cannot tell whether it was done. `/log show` tells, once the database is back.",
    )
}

/// A result that hurts is signed outside the database before anybody hears of it; where it could not be, that is said.
pub(super) fn add_pending(message: &mut Message) {
    let sentence = "This is recorded. Its checkpoint outside the database is pending: it could not be signed in time, and \
                    is tried until it is.";
    message.blocks.push(Block::Context { text: plain(sentence) });
}

pub(super) fn only_members() -> Message {
    told("Wardroom answers members of this workspace only: guests, other bots and webhooks are refused. Rule 4.23.")
}

pub(super) fn deactivated() -> Message {
    told(
        "This account was deactivated, so nothing is done through it. An administrator of the workspace can bring it back. Rule 4.23.",
    )
}

pub(super) fn old_button() -> Message {
    told("This button is from an older version of Wardroom. `/inc panel` shows a fresh card.")
}

pub(super) fn old_form() -> Message {
    told("This form is not open any more. Nothing was changed; please type the command again.")
}
