//! REST: the commands that an application registers, for everywhere or for the guild.

use serde_json::{Value, json};

use super::error::{Answer, ApiError, Reply};
use super::validate_commands;
use super::world::World;

/// Where a command is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Global,
    Guild,
}

impl World {
    pub(super) fn commands(&self, scope: Scope) -> &Vec<Value> {
        match scope {
            Scope::Global => &self.durable.global_commands,
            Scope::Guild => &self.durable.guild_commands,
        }
    }

    fn commands_mut(&mut self, scope: Scope) -> &mut Vec<Value> {
        match scope {
            Scope::Global => &mut self.durable.global_commands,
            Scope::Guild => &mut self.durable.guild_commands,
        }
    }

    pub(super) fn require_application(&self, application: &str) -> Result<(), ApiError> {
        if application == self.cast.application_id {
            Ok(())
        } else {
            Err(ApiError::new(403, 20012, "You are not authorized to perform this action on this application"))
        }
    }

    /// Replaces all commands of a scope. A command that keeps its name keeps its id.
    pub(super) fn overwrite_commands(&mut self, scope: Scope, body: &Value) -> Reply {
        let Some(list) = body.as_array() else {
            return Err(ApiError::new(400, 50109, "The request body contains invalid JSON."));
        };
        validate_commands::bulk(list)?;
        let registered: Vec<Value> = list.iter().map(|command| self.registered(scope, command)).collect();
        self.commands_mut(scope).clone_from(&registered);
        self.changed();
        Ok(Answer::Json(json!(registered)))
    }

    /// Adds one command, or replaces the one of that name.
    pub(super) fn create_command(&mut self, scope: Scope, body: &Value) -> Reply {
        validate_commands::single(body)?;
        let command = self.registered(scope, body);
        let list = self.commands_mut(scope);
        let before = list.len();
        list.retain(|other| other["id"] != command["id"]);
        let is_new = list.len() == before;
        list.push(command.clone());
        self.changed();
        Ok(if is_new { Answer::Created(command) } else { Answer::Json(command) })
    }

    pub(super) fn get_command(&self, scope: Scope, id: &str) -> Reply {
        let found = self.commands(scope).iter().find(|command| command["id"] == id);
        found.map(|command| Answer::Json(command.clone())).ok_or_else(unknown_command)
    }

    pub(super) fn delete_command(&mut self, scope: Scope, id: &str) -> Reply {
        let list = self.commands_mut(scope);
        let index = list.iter().position(|command| command["id"] == id).ok_or_else(unknown_command)?;
        list.remove(index);
        self.changed();
        Ok(Answer::Empty)
    }

    /// A command as Discord keeps it: with its id, its version and every default written out.
    fn registered(&mut self, scope: Scope, command: &Value) -> Value {
        let kind = validate_commands::kind(command);
        let same = |other: &&Value| other["name"] == command["name"] && validate_commands::kind(other) == kind;
        let old = self.commands(scope).iter().find(same).map(|other| other["id"].clone());
        let version = self.next_id();
        let permissions = match &command["default_member_permissions"] {
            Value::Number(bits) => json!(bits.to_string()),
            bits => bits.clone(),
        };
        let mut kept = json!({
            "id": old.unwrap_or_else(|| json!(version)), "application_id": self.cast.application_id,
            "version": version, "default_member_permissions": permissions, "type": kind,
            "name": command["name"], "name_localizations": command["name_localizations"],
            "description": command["description"].as_str().unwrap_or_default(),
            "description_localizations": command["description_localizations"],
            "dm_permission": command["dm_permission"].as_bool().unwrap_or(true),
            "contexts": command["contexts"], "nsfw": command["nsfw"].as_bool().unwrap_or(false),
            "integration_types": command["integration_types"].as_array().cloned().unwrap_or_else(|| vec![json!(0)]),
        });
        if let Some(options) = command["options"].as_array().filter(|options| !options.is_empty()) {
            kept["options"] = json!(options);
        }
        if scope == Scope::Guild {
            kept["guild_id"] = json!(self.cast.guild_id);
        }
        kept
    }
}

fn unknown_command() -> ApiError {
    ApiError::new(404, 10063, "Unknown application command")
}
