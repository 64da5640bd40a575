//! The commands that Discord offers while people type, written from a neutral description and sent only when changed.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use serenity::http::{LightMethod, Route};
use serenity::model::id::{ApplicationId, GuildId};

use super::rest::{Call, Rest, bad_id, snowflake};
use crate::platform::SendError;

/// Discord's limit for subcommands, groups, options and choices of one level.
const LEVEL_MAX: usize = 25;
const NAME_MAX: usize = 32;
const DESCRIPTION_MAX: usize = 100;
const CHOICE_MAX: usize = 100;
/// Names, descriptions and values of one command together.
const COMMAND_CHARS_MAX: usize = 8000;

// Types of an option.
const SUBCOMMAND: u8 = 1;
const GROUP: u8 = 2;
const STRING: u8 = 3;
const USER: u8 = 6;
const CHANNEL: u8 = 7;

/// A command with its verbs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandSpec {
    /// Lower case, without a slash.
    pub name: String,
    /// At most 100 characters.
    pub description: String,
    pub verbs: Vec<VerbSpec>,
}

/// One verb: a subcommand, alone or in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerbSpec {
    pub group: Option<String>,
    pub name: String,
    pub description: String,
    pub options: Vec<OptionSpec>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionSpec {
    pub name: String,
    pub description: String,
    pub required: bool,
    pub kind: OptionKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptionKind {
    Text,
    /// Text, with offers while it is typed.
    Offered,
    Person,
    Channel,
    /// (value, label), at most 25.
    Choice(Vec<(String, String)>),
}

/// Where commands are offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// In every server of the bot.
    Everywhere,
    /// In one server, by its id: what tests and trials use.
    Guild(String),
}

/// Why commands were not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    #[error("Discord can't offer /{command}: {problem}")]
    Limit { command: String, problem: String },
    #[error("the commands could not be registered at Discord")]
    Send(#[from] SendError),
}

/// Registers the commands if Discord has others. Tells whether it had.
pub(super) async fn register(
    rest: &Rest,
    application: ApplicationId,
    scope: &Scope,
    specs: &[CommandSpec],
) -> Result<bool, RegistrationError> {
    // Discord allows 200 new commands a day, and a changed command is gone from people's menus for a moment.
    if is_registered(rest, application, scope, specs).await? {
        return Ok(false);
    }
    let (route, major) = route(application, scope)?;
    let call = Call::new("replace commands", LightMethod::Put, route, major);
    rest.send(call.body(commands(specs, scope)?.into())).await?;
    Ok(true)
}

/// Tells whether Discord has these commands and no others.
pub(super) async fn is_registered(
    rest: &Rest,
    application: ApplicationId,
    scope: &Scope,
    specs: &[CommandSpec],
) -> Result<bool, RegistrationError> {
    let wanted = commands(specs, scope)?;
    let (route, major) = route(application, scope)?;
    let registered = rest.send(Call::new("list commands", LightMethod::Get, route, major)).await?.body;
    Ok(same(&wanted, registered.as_array().map_or(&[], Vec::as_slice)))
}

fn route(application: ApplicationId, scope: &Scope) -> Result<(Route<'static>, u64), SendError> {
    let (route, major) = match scope {
        Scope::Everywhere => (Route::Commands { application_id: application }, 0),
        Scope::Guild(id) => {
            let guild_id = GuildId::from(snowflake(id).ok_or_else(|| bad_id("list commands"))?);
            (Route::GuildCommands { application_id: application, guild_id }, guild_id.get())
        }
    };
    Ok((route, major))
}

/// The commands as Discord takes them.
pub(super) fn commands(specs: &[CommandSpec], scope: &Scope) -> Result<Vec<Value>, RegistrationError> {
    specs
        .iter()
        .map(|spec| {
            let limit = |problem| RegistrationError::Limit { command: spec.name.clone(), problem };
            let mut command = command(spec).map_err(limit)?;
            match scope {
                // 0 is "in a server": a decision needs a place, so direct messages have no commands. A command of one
                // server is never offered elsewhere, and Discord keeps no contexts for it.
                Scope::Everywhere => command.insert("contexts".into(), json!([0])),
                Scope::Guild(_) => None,
            };
            let command = Value::from(command);
            let chars = weight(&command);
            if chars > COMMAND_CHARS_MAX {
                return Err(limit(format!(
                    "its texts have {chars} characters, at most {COMMAND_CHARS_MAX} are allowed"
                )));
            }
            Ok(command)
        })
        .collect()
}

fn command(spec: &CommandSpec) -> Result<Map<String, Value>, String> {
    // Groups stand where their first verb does, so that the order of the catalogue is the order of the menu.
    let mut level: Vec<Map<String, Value>> = Vec::new();
    for verb in &spec.verbs {
        let subcommand = subcommand(verb)?;
        let Some(group) = &verb.group else {
            level.push(subcommand);
            continue;
        };
        let is_group = |entry: &&mut Map<String, Value>| entry["name"] == group.as_str() && entry["type"] == GROUP;
        if let Some(Value::Array(members)) = level.iter_mut().find(is_group).and_then(|entry| entry.get_mut("options"))
        {
            members.push(subcommand.into());
            continue;
        }
        let mut entry = named(group, &format!("Commands about {group}"))?;
        entry.insert("type".into(), GROUP.into());
        entry.insert("options".into(), json!([subcommand]));
        level.push(entry);
    }
    let level: Vec<Value> = level.into_iter().map(Value::from).collect();
    check_level("the command", &level)?;
    let mut command = named(&spec.name, &spec.description)?;
    command.insert("type".into(), 1.into());
    command.insert("options".into(), level.into());
    Ok(command)
}

fn subcommand(verb: &VerbSpec) -> Result<Map<String, Value>, String> {
    // Discord refuses a required option behind an optional one.
    let required = verb.options.iter().filter(|option| option.required);
    let optional = verb.options.iter().filter(|option| !option.required);
    let options: Result<Vec<Value>, String> = required.chain(optional).map(option).collect();
    let mut subcommand = named(&verb.name, &verb.description)?;
    subcommand.insert("type".into(), SUBCOMMAND.into());
    subcommand.insert("options".into(), options?.into());
    Ok(subcommand)
}

fn option(spec: &OptionSpec) -> Result<Value, String> {
    let mut option = named(&spec.name, &spec.description)?;
    let kind = match &spec.kind {
        OptionKind::Text => STRING,
        OptionKind::Offered => {
            option.insert("autocomplete".into(), true.into());
            STRING
        }
        OptionKind::Person => USER,
        OptionKind::Channel => CHANNEL,
        OptionKind::Choice(choices) => {
            if choices.len() > LEVEL_MAX {
                return Err(format!("\"{}\" has {} choices, at most {LEVEL_MAX} fit", spec.name, choices.len()));
            }
            let long = |text: &str| text.is_empty() || text.chars().count() > CHOICE_MAX;
            if let Some((value, _)) = choices.iter().find(|(value, label)| long(value) || long(label)) {
                return Err(format!("the choice \"{value}\" is empty or longer than {CHOICE_MAX} characters"));
            }
            let choices = choices.iter().map(|(value, label)| json!({ "name": label, "value": value }));
            option.insert("choices".into(), choices.collect());
            STRING
        }
    };
    option.insert("type".into(), kind.into());
    option.insert("required".into(), spec.required.into());
    Ok(option.into())
}

fn named(name: &str, description: &str) -> Result<Map<String, Value>, String> {
    let fits = |c: char| c == '-' || c == '_' || (c.is_alphanumeric() && !c.is_uppercase());
    let chars = name.chars().count();
    if chars == 0 || chars > NAME_MAX || !name.chars().all(fits) {
        return Err(format!("\"{name}\" is no name of at most {NAME_MAX} lower case letters, digits and dashes"));
    }
    let chars = description.chars().count();
    if chars == 0 || chars > DESCRIPTION_MAX {
        return Err(format!(
            "the description of \"{name}\" has {chars} characters, 1 to {DESCRIPTION_MAX} are allowed"
        ));
    }
    Ok(Map::from_iter([("name".to_owned(), name.into()), ("description".to_owned(), description.into())]))
}

fn check_level(what: &str, entries: &[Value]) -> Result<(), String> {
    if entries.len() > LEVEL_MAX {
        return Err(format!("{what} has {} entries, at most {LEVEL_MAX} fit", entries.len()));
    }
    let mut seen = BTreeSet::new();
    for entry in entries {
        let name = entry["name"].as_str().unwrap_or_default();
        if !seen.insert(name) {
            return Err(format!("{what} has \"{name}\" twice"));
        }
        // As deep as Discord goes: a group, its verbs, their options.
        check_level(&format!("\"{name}\""), entry["options"].as_array().map_or(&[], Vec::as_slice))?;
    }
    Ok(())
}

/// The characters that Discord counts: names, descriptions and values, at every depth.
fn weight(value: &Value) -> usize {
    match value {
        Value::Object(entries) => {
            let text = |key: &str| entries.get(key).and_then(Value::as_str).map_or(0, |text| text.chars().count());
            let deeper = ["options", "choices"].into_iter().filter_map(|key| entries.get(key)).map(weight);
            text("name") + text("description") + text("value") + deeper.sum::<usize>()
        }
        Value::Array(entries) => entries.iter().map(weight).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// Whether Discord has what is wanted. The order of the commands themselves means nothing, that of options does.
fn same(wanted: &[Value], registered: &[Value]) -> bool {
    let sorted = |commands: &[Value]| {
        let mut normal: Vec<Value> = commands.iter().map(normalised).collect();
        normal.sort_by_cached_key(|command| command["name"].to_string());
        normal
    };
    sorted(wanted) == sorted(registered)
}

/// Only what we set, with Discord's defaults written out: its own ids, versions and translations are left aside.
fn normalised(entry: &Value) -> Value {
    let list = |key: &str| -> Vec<Value> {
        entry[key].as_array().map_or_else(Vec::new, |entries| entries.iter().map(normalised).collect())
    };
    json!({
        "name": entry["name"],
        "description": entry["description"].as_str().unwrap_or_default(),
        "type": entry["type"].as_u64().unwrap_or(1),
        "value": entry["value"],
        "required": entry["required"].as_bool().unwrap_or(false),
        "autocomplete": entry["autocomplete"].as_bool().unwrap_or(false),
        "contexts": entry["contexts"],
        "options": list("options"),
        "choices": list("choices"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verb(group: Option<&str>, name: &str, options: Vec<OptionSpec>) -> VerbSpec {
        let group = group.map(str::to_owned);
        VerbSpec { group, name: name.into(), description: format!("Does {name}"), options }
    }

    fn spec(verbs: Vec<VerbSpec>) -> CommandSpec {
        CommandSpec { name: "change".into(), description: "Changes".into(), verbs }
    }

    fn text(name: &str, required: bool) -> OptionSpec {
        OptionSpec { name: name.into(), description: "Words".into(), required, kind: OptionKind::Text }
    }

    fn problem(spec: CommandSpec) -> String {
        commands(&[spec], &Scope::Everywhere).unwrap_err().to_string()
    }

    #[test]
    fn verbs_become_subcommands_and_groups() {
        let risk = OptionKind::Choice(vec![("low".into(), "Low".into())]);
        let risk = OptionSpec { name: "risk".into(), description: "How risky".into(), required: false, kind: risk };
        let spec = spec(vec![
            verb(Some("vote"), "approve", vec![risk, text("ref", true)]),
            verb(None, "list", vec![]),
            verb(Some("vote"), "reject", vec![]),
        ]);
        let built = commands(&[spec], &Scope::Everywhere).unwrap();
        let expected = json!([{
            "name": "change", "description": "Changes", "type": 1, "contexts": [0], "options": [
                { "name": "vote", "description": "Commands about vote", "type": 2, "options": [
                    { "name": "approve", "description": "Does approve", "type": 1, "options": [
                        { "name": "ref", "description": "Words", "type": 3, "required": true },
                        { "name": "risk", "description": "How risky", "type": 3, "required": false,
                          "choices": [{ "name": "Low", "value": "low" }] },
                    ] },
                    { "name": "reject", "description": "Does reject", "type": 1, "options": [] },
                ] },
                { "name": "list", "description": "Does list", "type": 1, "options": [] },
            ],
        }]);
        assert_eq!(Value::from(built), expected);
    }

    #[test]
    fn what_discord_would_refuse_is_named() {
        let many = (0..26).map(|n| verb(None, &format!("v{n}"), vec![])).collect();
        assert_eq!(problem(spec(many)), "Discord can't offer /change: the command has 26 entries, at most 25 fit");
        let twice = spec(vec![verb(None, "a", vec![]), verb(None, "a", vec![])]);
        assert!(problem(twice).ends_with("the command has \"a\" twice"));
        let options = (0..26).map(|n| text(&format!("o{n}"), false)).collect();
        assert!(problem(spec(vec![verb(None, "a", options)])).contains("\"a\" has 26 entries"));
        assert!(problem(spec(vec![verb(None, "Big Name", vec![])])).contains("\"Big Name\" is no name"));
        let long = VerbSpec { description: "x".repeat(101), ..verb(None, "a", vec![]) };
        assert!(problem(spec(vec![long])).contains("has 101 characters"));
        let wordy = |n| {
            let options = (0..25).map(|o| OptionSpec { description: "x".repeat(90), ..text(&format!("o{o}"), false) });
            verb(None, &format!("v{n}"), options.collect())
        };
        assert!(problem(spec((0..5).map(wordy).collect())).contains("at most 8000 are allowed"));
    }

    #[test]
    fn what_discord_adds_is_no_change() {
        let spec = spec(vec![verb(None, "list", vec![text("ref", false)])]);
        let wanted = commands(&[spec], &Scope::Everywhere).unwrap();
        let mut registered = wanted.clone();
        registered[0]["id"] = json!("1");
        registered[0]["version"] = json!("2");
        registered[0]["nsfw"] = json!(false);
        registered[0]["options"][0]["options"][0] = json!({ "name": "ref", "description": "Words", "type": 3 });
        assert!(same(&wanted, &registered));
        registered[0]["options"][0]["description"] = json!("Another");
        assert!(!same(&wanted, &registered));
        assert!(!same(&wanted, &[]));
    }
}
