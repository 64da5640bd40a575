//! What a person did on a platform, and what they are answered: the boundary between adapters and rules.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{Account, Place, Standing};
use crate::language::message_text;
use crate::render::{Form, Message};

/// One delivery from a platform, already verified, not yet understood: what a person did, or what the platform tells of
/// an account or of the bot itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// Names this delivery at its platform (`slack:<trigger id>`, `discord:<interaction id>`): the same id is acted on
    /// once, whatever the platform repeats.
    pub delivery: String,
    pub place: Place,
    pub account: Account,
    /// As the platform shows it. Never trusted, only shown.
    pub account_name: String,
    pub standing: Standing,
    /// The platform's id of the message that was clicked, if one was.
    pub message: Option<String>,
    pub act: Act,
}

/// In place of a channel, where something was done in the app's home.
pub const HOME: &str = "home";

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// A command as text: `command` is "inc" (no slash), `text` is all that follows. Slack's slash commands.
    /// Mentions are already in the neutral spelling `<@slack:U123>`, channels `<#slack:C123>`.
    Says { command: String, text: String },
    /// A command as named options: Discord's application commands. Users are spelt `<@discord:123>`.
    Chooses { command: String, verb: String, options: BTreeMap<String, String> },
    /// A click on a [`crate::render::Button`].
    Presses { button: String },
    /// A choice of a form that was shown as an ephemeral message (Discord): kept until the form is sent.
    Selects { form: String, field: String, value: String },
    /// The wish to go on with a form that was shown as an ephemeral message (Discord).
    Continues { form: String },
    /// A form was sent. Holds the fields of the modal; earlier choices are with the stored form.
    Submits { form: String, fields: BTreeMap<String, String> },
    /// A message in a conversation: only a command's name after `!` is for Wardroom (Slack knows no slash commands in
    /// threads). Mentions are spelt as in [`Act::Says`].
    Writes { text: String },
    /// Opened the app's home (Slack).
    OpensHome,
    /// The platform deactivated the account.
    WasDeactivated,
    /// The account is active, as far as the platform tells; mostly it was all along.
    IsActive,
    /// The bot was removed from the workspace. `why` is the platform's word for it.
    BotWasRemoved { why: String },
    /// The bot is a member of the workspace; mostly it was all along.
    BotIsMember,
    /// Types into an option of a command, and is offered what fits (Discord).
    Types { command: String, verb: String, option: String, text: String },
}

/// The answer to one delivery. Stored with it: a repeated delivery gets the same answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub enum Reply {
    /// Shown to the caller only.
    Tell { message: Message },
    /// A form to fill in.
    Ask { form: Form },
    /// A form came back with faults: shown beside its fields where the platform can, otherwise as a message.
    Faults { form: Form, errors: Vec<FieldError> },
    /// What fits what was typed so far: (what is shown, what it stands for) each, at most 25.
    Offer { choices: Vec<(String, String)> },
    /// Nothing to say, for example a choice that was kept.
    Quiet,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    pub field: String,
    pub sentence: String,
}

/// What people say to each other is none of ours, and costs nothing.
pub(super) fn is_between_people(act: &Act) -> bool {
    matches!(act, Act::Writes { text } if message_text::command_in(text).is_none())
}

/// Whether somebody waits for an answer.
pub(super) fn is_a_persons(act: &Act) -> bool {
    match act {
        Act::Says { .. }
        | Act::Chooses { .. }
        | Act::Presses { .. }
        | Act::Selects { .. }
        | Act::Continues { .. }
        | Act::Submits { .. }
        | Act::Writes { .. } => true,
        Act::OpensHome
        | Act::WasDeactivated
        | Act::IsActive
        | Act::BotWasRemoved { .. }
        | Act::BotIsMember
        | Act::Types { .. } => false,
    }
}

pub(super) fn changes_something(act: &Act) -> bool {
    match act {
        Act::Says { .. }
        | Act::Chooses { .. }
        | Act::Presses { .. }
        | Act::Submits { .. }
        | Act::Continues { .. }
        | Act::Writes { .. } => true,
        Act::Selects { .. }
        | Act::OpensHome
        | Act::WasDeactivated
        | Act::IsActive
        | Act::BotWasRemoved { .. }
        | Act::BotIsMember
        | Act::Types { .. } => false,
    }
}
