//! Interactions as Discord sends them, turned into [`Inbound`].
//!
//! The structs are our own and take what they can get: a field that is missing, null or of an unexpected shape is left
//! out, and only what can't be done without (an id, a token, a person) is asked for. serenity's model would refuse the
//! whole interaction for one missing field, and the person would wait for an answer that never comes.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::format::EPHEMERAL;
use super::forms::{CONTINUE, SELECT, SUBMIT};
use super::markdown::is_snowflake;
use crate::app::inbound::{Act, Inbound};
use crate::domain::{Account, Place, Platform, Standing};

/// What is needed to answer one interaction. The token is the right to answer in the bot's name.
#[derive(Debug, Clone)]
pub(super) struct Ticket {
    pub(super) interaction: u64,
    pub(super) application: u64,
    pub(super) token: SecretString,
}

/// What kind of answer an interaction may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Command,
    /// A button or a select.
    Component,
    Autocomplete,
    /// A modal that was sent. `from_message`: it was opened by a component of a message.
    Modal {
        from_message: bool,
    },
    /// A ping, or something newer than this program.
    Other,
}

/// One interaction.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) ticket: Ticket,
    pub(super) kind: Kind,
    /// It comes from an ephemeral message that shows a form: the answer takes that message's place.
    pub(super) in_form: bool,
    /// What the person did; `None` where this program knows no such thing.
    pub(super) inbound: Option<Inbound>,
}

/// Reads one interaction. `None` if it can't even be answered.
pub(super) fn read(raw: &Value) -> Option<Delivery> {
    let wire = Wire::deserialize(raw).ok()?;
    let ticket = Ticket {
        interaction: wire.id.number()?,
        application: wire.application_id.number()?,
        token: wire.token.clone().filter(|token| !token.is_empty())?.into(),
    };
    let kind = match wire.kind.unwrap_or_default() {
        2 => Kind::Command,
        3 => Kind::Component,
        4 => Kind::Autocomplete,
        5 => Kind::Modal { from_message: wire.message.is_some() },
        _ => Kind::Other,
    };
    let act = wire.act(kind);
    let in_form = match &act {
        // Only messages that show a form hold these.
        Some(Act::Selects { .. } | Act::Continues { .. }) => true,
        Some(Act::Submits { .. }) => wire.message.as_ref().is_some_and(MessageWire::shows_form),
        _ => false,
    };
    let inbound = act.and_then(|act| wire.inbound(act));
    Some(Delivery { ticket, kind, in_form, inbound })
}

/// An id, which Discord writes as a string, and some libraries as a number.
#[derive(Debug, Clone, Default)]
struct Id(String);

impl Id {
    fn number(&self) -> Option<u64> {
        self.0.parse().ok().filter(|number| *number > 0)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::String(text) if is_snowflake(&text) => Id(text),
            Value::Number(number) => Id(number.to_string()),
            _ => Id::default(),
        })
    }
}

/// Takes a value of an unexpected shape for a missing one.
fn lenient<'de, D: Deserializer<'de>, T: Default + DeserializeOwned>(deserializer: D) -> Result<T, D::Error> {
    Ok(T::deserialize(Value::deserialize(deserializer)?).unwrap_or_default())
}

/// Takes what it can of a list.
fn lenient_list<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let Value::Array(items) = Value::deserialize(deserializer)? else {
        return Ok(Vec::new());
    };
    Ok(items.into_iter().filter_map(|item| T::deserialize(item).ok()).collect())
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    id: Id,
    #[serde(default)]
    application_id: Id,
    #[serde(default, rename = "type", deserialize_with = "lenient")]
    kind: Option<u64>,
    #[serde(default, deserialize_with = "lenient")]
    token: Option<String>,
    #[serde(default)]
    guild_id: Id,
    #[serde(default)]
    channel_id: Id,
    #[serde(default, deserialize_with = "lenient")]
    channel: ChannelWire,
    #[serde(default, deserialize_with = "lenient")]
    member: MemberWire,
    #[serde(default, deserialize_with = "lenient")]
    user: Option<UserWire>,
    #[serde(default, deserialize_with = "lenient")]
    message: Option<MessageWire>,
    #[serde(default, deserialize_with = "lenient")]
    data: DataWire,
}

#[derive(Deserialize, Default)]
struct ChannelWire {
    #[serde(default)]
    id: Id,
}

#[derive(Deserialize, Default)]
struct MemberWire {
    #[serde(default, deserialize_with = "lenient")]
    nick: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    user: Option<UserWire>,
}

#[derive(Deserialize)]
struct UserWire {
    #[serde(default)]
    id: Id,
    #[serde(default, deserialize_with = "lenient")]
    username: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    global_name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    bot: bool,
    /// Discord's own account, which speaks in Discord's name.
    #[serde(default, deserialize_with = "lenient")]
    system: bool,
}

#[derive(Deserialize)]
struct MessageWire {
    #[serde(default)]
    id: Id,
    #[serde(default, deserialize_with = "lenient")]
    flags: u64,
    #[serde(default, deserialize_with = "lenient_list")]
    components: Vec<ComponentWire>,
}

impl MessageWire {
    fn shows_form(&self) -> bool {
        let mut ids = BTreeMap::new();
        self.components.iter().for_each(|component| component.collect(&mut ids));
        self.flags & EPHEMERAL != 0 && ids.keys().any(|id| id.starts_with(CONTINUE))
    }
}

#[derive(Deserialize, Default)]
struct DataWire {
    #[serde(default, rename = "type", deserialize_with = "lenient")]
    command_kind: Option<u64>,
    #[serde(default, deserialize_with = "lenient")]
    name: String,
    #[serde(default, deserialize_with = "lenient_list")]
    options: Vec<OptionWire>,
    #[serde(default, deserialize_with = "lenient")]
    resolved: ResolvedWire,
    #[serde(default, deserialize_with = "lenient")]
    custom_id: String,
    #[serde(default, deserialize_with = "lenient_list")]
    values: Vec<Value>,
    #[serde(default, deserialize_with = "lenient_list")]
    components: Vec<ComponentWire>,
}

#[derive(Deserialize, Default)]
struct ResolvedWire {
    #[serde(default, deserialize_with = "lenient")]
    users: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct OptionWire {
    name: String,
    #[serde(default, rename = "type", deserialize_with = "lenient")]
    kind: u64,
    #[serde(default)]
    value: Value,
    /// The option that is being typed.
    #[serde(default, deserialize_with = "lenient")]
    focused: bool,
    #[serde(default, deserialize_with = "lenient_list")]
    options: Vec<OptionWire>,
}

/// A component of a modal or message: rows hold `components`, the newer labels hold one `component`.
#[derive(Deserialize)]
struct ComponentWire {
    #[serde(default, deserialize_with = "lenient")]
    custom_id: Option<String>,
    #[serde(default)]
    value: Value,
    #[serde(default, deserialize_with = "lenient_list")]
    values: Vec<Value>,
    #[serde(default, deserialize_with = "lenient_list")]
    components: Vec<ComponentWire>,
    #[serde(default, deserialize_with = "lenient")]
    component: Option<Box<ComponentWire>>,
}

impl ComponentWire {
    fn collect(&self, fields: &mut BTreeMap<String, String>) {
        if let Some(id) = &self.custom_id {
            let value = scalar(&self.value).or_else(|| self.values.first().and_then(scalar)).unwrap_or_default();
            fields.insert(id.clone(), with_neutral_mentions(&value));
        }
        self.components.iter().chain(self.component.as_deref()).for_each(|inner| inner.collect(fields));
    }
}

impl Wire {
    fn act(&self, kind: Kind) -> Option<Act> {
        let data = &self.data;
        match kind {
            // Commands of a user's or a message's menu are another type; none is registered.
            Kind::Command if data.command_kind.is_none_or(|kind| kind == 1) && !data.name.is_empty() => {
                Some(self.chosen())
            }
            Kind::Component => pressed(&data.custom_id, &data.values),
            Kind::Modal { .. } => {
                let form = data.custom_id.strip_prefix(SUBMIT)?.to_owned();
                let mut fields = BTreeMap::new();
                data.components.iter().for_each(|component| component.collect(&mut fields));
                Some(Act::Submits { form, fields })
            }
            Kind::Autocomplete => self.typed(),
            Kind::Command | Kind::Other => None,
        }
    }

    fn chosen(&self) -> Act {
        let (verb, options) = self.verb();
        let named = |option: &OptionWire| Some((option.name.clone(), self.option(option)?));
        Act::Chooses { command: self.data.name.clone(), verb, options: options.iter().filter_map(named).collect() }
    }

    fn typed(&self) -> Option<Act> {
        let (verb, options) = self.verb();
        let option = options.iter().find(|option| option.focused)?;
        let text = scalar(&option.value).unwrap_or_default();
        Some(Act::Types { command: self.data.name.clone(), verb, option: option.name.clone(), text })
    }

    /// The verb, in words, and its options.
    fn verb(&self) -> (String, &[OptionWire]) {
        let mut words = Vec::new();
        let mut level = &self.data.options;
        // 1 is a subcommand, 2 a group of them: the only option of its level.
        while let Some(inner) = level.iter().find(|option| matches!(option.kind, 1 | 2)) {
            words.push(inner.name.as_str());
            level = &inner.options;
        }
        (words.join(" "), level)
    }

    fn option(&self, option: &OptionWire) -> Option<String> {
        let value = scalar(&option.value)?;
        Some(match option.kind {
            6 => format!("<@discord:{value}>"),
            7 => format!("<#discord:{value}>"),
            // "Mentionable" is a person or a role; Discord says which by what it resolved.
            9 if self.data.resolved.users.contains_key(&value) => format!("<@discord:{value}>"),
            3 => with_neutral_mentions(&value),
            _ => value,
        })
    }

    fn inbound(&self, act: Act) -> Option<Inbound> {
        let user = self.member.user.as_ref().or(self.user.as_ref()).filter(|user| user.id.number().is_some())?;
        let names = [&self.member.nick, &user.global_name, &user.username];
        let name = names.into_iter().flatten().find(|name| !name.trim().is_empty());
        let workspace = self.guild_id.0.clone();
        let channel = if self.channel_id.0.is_empty() { &self.channel.id } else { &self.channel_id };
        Some(Inbound {
            delivery: format!("discord:{}", self.id.0),
            place: Place { platform: Platform::Discord, workspace: workspace.clone(), channel: channel.0.clone() },
            account: Account { platform: Platform::Discord, workspace, id: user.id.0.clone() },
            account_name: name.unwrap_or(&user.id.0).clone(),
            standing: if user.bot || user.system { Standing::Bot } else { Standing::Member },
            message: self.message.as_ref().map(|message| message.id.0.clone()).filter(|id| !id.is_empty()),
            act,
        })
    }
}

fn pressed(custom_id: &str, values: &[Value]) -> Option<Act> {
    if let Some(form) = custom_id.strip_prefix(CONTINUE) {
        return Some(Act::Continues { form: form.to_owned() });
    }
    if let Some((form, field)) = custom_id.strip_prefix(SELECT).and_then(|rest| rest.split_once('|')) {
        // A select that was emptied again arrives without values.
        let value = values.first().and_then(scalar).unwrap_or_default();
        return Some(Act::Selects { form: form.to_owned(), field: field.to_owned(), value });
    }
    (!custom_id.is_empty()).then(|| Act::Presses { button: custom_id.to_owned() })
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Mentions typed into a text arrive as `<@1>`, `<@!1>` and `<#1>`: they get the spelling that both platforms share.
fn with_neutral_mentions(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let (before, mark) = rest.split_at(start);
        out.push_str(before);
        let spelt = ["<@!", "<@", "<#"].into_iter().find_map(|lead| {
            let (id, after) = mark.strip_prefix(lead)?.split_once('>')?;
            is_snowflake(id).then(|| (format!("{}discord:{id}>", &lead[..2]), after))
        });
        let (written, after) = spelt.unwrap_or_else(|| ("<".to_owned(), &mark[1..]));
        out.push_str(&written);
        rest = after;
    }
    out + rest
}

#[cfg(test)]
#[path = "inbound_tests.rs"]
mod tests;
