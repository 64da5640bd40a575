//! What the client asks the bot for while an option is being typed.

use std::collections::BTreeMap;

use serde_json::Value;

use super::DiscordServer;
use super::error::{ApiError, FormErrors};
use super::interactions::{AUTOCOMPLETE, Pending, Start};
use super::options::At;
use super::world::World;

/// Entries that a bot may offer.
const CHOICES_MOST: usize = 25;

impl DiscordServer {
    /// Types into the option `focused` of a command and returns what the bot offers, each with `name` and `value`.
    pub async fn autocomplete(
        &self,
        user: &str,
        channel: &str,
        path: &[&str],
        options: BTreeMap<String, String>,
        focused: &str,
    ) -> Result<Vec<Value>, String> {
        let pending = self.world().complete(user, channel, path, &options, focused)?;
        let token = pending.token.clone();
        if !self.settle(Some(pending)).await {
            return Err("Loading options failed".to_owned());
        }
        Ok(self.world().offered(&token))
    }
}

impl World {
    fn complete(
        &mut self,
        user: &str,
        channel: &str,
        path: &[&str],
        options: &BTreeMap<String, String>,
        focused: &str,
    ) -> Result<Pending, String> {
        let (user, channel) = self.somewhere(user, channel)?;
        let data = self.partial_command_data(At { user: &user, channel: &channel }, path, options, focused)?;
        let (name, source) = (path.join(" "), None);
        Ok(self.start(Start { kind: AUTOCOMPLETE, user: &user, channel: &channel, source, name, data }))
    }
}

/// Checks the data of a callback of type 8 and returns its choices.
pub(super) fn choices(data: &Value) -> Result<Vec<Value>, ApiError> {
    let mut errors = FormErrors::default();
    if data.get("choices").is_none_or(Value::is_null) {
        errors.required("data.choices");
    }
    let listed = errors.list(data, "data", "choices", CHOICES_MOST).to_vec();
    for (index, choice) in listed.iter().enumerate() {
        let at = format!("data.choices.{index}");
        errors.required_text(choice, &at, "name", 1, 100);
        match choice.get("value") {
            Some(Value::String(value)) => errors.length(&format!("{at}.value"), value, 1, 100),
            Some(Value::Number(_)) => {}
            Some(_) => errors.wrong_type(&format!("{at}.value"), "the option"),
            None => errors.required(&format!("{at}.value")),
        }
    }
    errors.finish()?;
    Ok(listed)
}
