//! What the composer offers while an option is typed: asked of the bot (an interaction of type 4).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::DiscordServer;
use super::composer::{options, text};
use super::interactions::{AUTOCOMPLETE, Pending, Start};
use super::options::At;
use super::world::World;

impl DiscordServer {
    /// What the bot offers for an option of a command, as (shown, value); nothing where it does not answer in time.
    /// `given` are the other options as they stand.
    pub async fn suggest(
        &self,
        user: &str,
        channel: &str,
        path: &[&str],
        given: BTreeMap<String, String>,
        option: &str,
        typed: &str,
    ) -> Result<Vec<(String, String)>, String> {
        let pending = {
            let mut world = self.world();
            let (user, channel) = world.somewhere(user, channel)?;
            world.typing(At { user: &user, channel: &channel }, path, given, option, typed)?
        };
        let token = pending.token.clone();
        self.settle(Some(pending)).await;
        let world = self.world();
        Ok(world.interactions.get(&token).map(|interaction| interaction.offers.clone()).unwrap_or_default())
    }
}

impl World {
    fn typing(
        &mut self,
        at: At<'_>,
        path: &[&str],
        mut given: BTreeMap<String, String>,
        option: &str,
        typed: &str,
    ) -> Result<Pending, String> {
        given.remove(option);
        let mut data = self.command_data(at, path, &given)?;
        let level = self.leaf(at.channel, path)?;
        let known = options(level).iter().find(|known| text(known, "name") == option);
        let known = known.filter(|known| known["autocomplete"] == true);
        let kind = known.ok_or_else(|| format!("nothing is offered for {option}"))?["type"].clone();
        let mut inner = &mut data;
        for _ in 1..path.len() {
            inner = &mut inner["options"][0];
        }
        let focused = json!({ "name": option, "type": kind, "value": typed, "focused": true });
        match inner["options"].as_array_mut() {
            Some(options) => options.push(focused),
            None => inner["options"] = json!([focused]),
        }
        let name = path.join(" ");
        let start = Start { kind: AUTOCOMPLETE, user: at.user, channel: at.channel, source: None, name, data };
        Ok(self.start(start))
    }

    /// The command or subcommand that a path leads to.
    fn leaf(&self, channel: &str, path: &[&str]) -> Result<&Value, String> {
        let (name, rest) = path.split_first().ok_or("no command was named")?;
        let mut level = self.find_command(channel, name)?;
        for word in rest {
            let found = options(level).iter().find(|option| text(option, "name") == *word);
            level = found.ok_or_else(|| format!("there is no {word}"))?;
        }
        Ok(level)
    }
}
