//! People on their platforms.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::World;

/// A person of the sample organisation.
pub struct Person<'a> {
    world: &'a World,
    key: String,
}

/// A person on one platform, in one channel.
pub struct Here<'a> {
    world: &'a World,
    key: String,
    on_slack: bool,
    channel: String,
}

impl<'a> Person<'a> {
    pub(super) fn new(world: &'a World, key: &str) -> Person<'a> {
        Person { world, key: key.to_owned() }
    }

    pub fn slack(&self) -> Here<'a> {
        Here { world: self.world, key: self.key.clone(), on_slack: true, channel: "incidents".to_owned() }
    }

    pub fn discord(&self) -> Here<'a> {
        Here { world: self.world, key: self.key.clone(), on_slack: false, channel: "incidents".to_owned() }
    }
}

/// A select of Discord by its id, and whether something is chosen in it.
type Select = (String, bool);

impl Here<'_> {
    /// Goes to a channel.
    #[must_use]
    pub fn at(mut self, channel: &str) -> Self {
        channel.clone_into(&mut self.channel);
        self
    }

    /// Types something, and returns what only this person is told.
    pub async fn says(&self, text: &str) -> String {
        let before = self.private();
        let said = if self.on_slack {
            self.world.slack.say(&self.key, &self.channel, text).await
        } else {
            self.world.discord.say(&self.key, &self.channel, text).await
        };
        said.unwrap_or_else(|error| panic!("{} cannot say “{text}”: {error}", self.key));
        self.told_since(&before).await
    }

    /// Writes into the thread below the newest message that contains `about` (Slack), and returns what only this person
    /// is told.
    pub async fn replies(&self, about: &str, text: &str) -> String {
        let before = self.private();
        let thread = self.world.slack.find_message(&self.channel, about).expect("the message is there");
        self.world.slack.reply(&self.key, &self.channel, &thread, text).await.expect("it can be said");
        self.told_since(&before).await
    }

    /// Opens the app's home (Slack).
    pub async fn opens_home(&self) {
        self.world.slack.open_home(&self.key).await.expect("the home opens");
    }

    /// What the app's home shows, as text: each text and label on a line.
    pub fn home(&self) -> String {
        let home = self.world.slack.home(&self.key).unwrap_or_default();
        let mut lines = Vec::new();
        texts(&home["blocks"], &mut lines);
        lines.join("\n")
    }

    /// Presses a button of the app's home about `about`, and returns what the modal says that answers it.
    pub async fn presses_home(&self, label: &str, about: &str) -> String {
        let home = self.world.slack.home(&self.key).unwrap_or_default();
        let rows = home["blocks"].as_array().into_iter().flatten().map(|block| &block["elements"]);
        let mut buttons = rows.filter_map(Value::as_array).flatten().filter(|button| button["text"]["text"] == label);
        let of = |button: &&Value| button["action_id"].as_str().is_some_and(|id| id.contains(about));
        let action = buttons.find(of).and_then(|button| button["action_id"].as_str()).expect("the button is there");
        self.world.slack.press(&self.key, "home", "", action).await.expect("it can be pressed");
        for _ in 0..200 {
            if let Some(modal) = self.modal() {
                let mut lines = Vec::new();
                texts(&modal["blocks"], &mut lines);
                return lines.join("\n");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        String::new()
    }

    /// Presses a button of the newest message that contains `about`, and returns what only this person is told.
    pub async fn presses(&self, label: &str, about: &str) -> String {
        let before = self.private();
        let (message, action) = self.button(label, about);
        let here = self.here().and_then(|here| here["id"].as_str().map(str::to_owned)).unwrap_or_default();
        let pressed = if self.on_slack {
            self.world.slack.press(&self.key, &here, &message, &action).await
        } else {
            self.world.discord.press(&self.key, &here, &message, &action).await
        };
        pressed.unwrap_or_else(|error| panic!("{} cannot press {label}: {error}", self.key));
        self.told_since(&before).await
    }

    /// Fills in the open form and sends it. On Discord choices come first, in a message of selects.
    pub async fn fills(&self, answers: &[(&str, &str)]) -> String {
        let before = self.private();
        if !self.on_slack {
            self.chooses(answers).await;
        }
        let modal = self.modal().unwrap_or_else(|| panic!("{} has no form open", self.key));
        let id = modal["id"].as_str().unwrap_or_default().to_owned();
        let shown = modal.to_string();
        let values: BTreeMap<String, String> = answers
            .iter()
            .filter(|(name, _)| shown.contains(&format!("\"{name}\"")))
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let sent = if self.on_slack {
            self.world.slack.submit(&self.key, &id, values).await
        } else {
            self.world.discord.submit(&self.key, &id, values).await
        };
        sent.unwrap_or_else(|error| panic!("{} cannot send the form: {error}", self.key));
        self.told_since(&before).await
    }

    /// Presses the button of a peer review, and answers its three questions with yes.
    pub async fn reviews(&self, about: &str) -> String {
        let yes = [("target", "yes"), ("rollback", "yes"), ("effects", "yes")];
        self.presses("Peer review OK", about).await;
        if self.on_slack {
            return self.fills(&yes).await;
        }
        let first = self.chooses_only(&yes).await;
        // What was chosen shows before the answer takes its place.
        for _ in 0..300 {
            let newest = self.newest();
            if !newest.contains("[Send]") && !newest.contains("Side effects acceptable") {
                let newest = newest.replace(" (edited)", "");
                return newest.trim().strip_prefix("wardroom: ").unwrap_or(newest.trim()).to_owned();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        first
    }

    /// Makes the choices of a form that asks for nothing else.
    pub async fn chooses_only(&self, answers: &[(&str, &str)]) -> String {
        let before = self.private();
        self.chooses(answers).await;
        self.told_since(&before).await
    }

    /// The form that is open, if one is.
    pub fn modal(&self) -> Option<Value> {
        if self.on_slack { self.world.slack.modal(&self.key) } else { self.world.discord.modal(&self.key) }
    }

    /// Whether this person was brought into the channel.
    pub fn is_member(&self) -> bool {
        self.here().is_some_and(|channel| channel["member"] == true)
    }

    /// What the channel shows, as text.
    pub fn sees(&self) -> String {
        if self.on_slack {
            self.world.slack.transcript(&self.channel)
        } else {
            self.world.discord.transcript(&self.channel)
        }
    }

    /// Discord's selects, page by page, until a form opens.
    async fn chooses(&self, answers: &[(&str, &str)]) {
        for _ in 0..5 {
            if self.modal().is_some() {
                return;
            }
            let Some((message, selects, go_on)) = self.selects() else { return };
            for (custom_id, is_chosen) in selects {
                let field = custom_id.rsplit('|').next().unwrap_or_default();
                let Some((_, value)) = answers.iter().find(|(name, _)| *name == field) else {
                    assert!(is_chosen, "the form asks {} for {field}", self.key);
                    continue;
                };
                self.world
                    .discord
                    .select(&self.key, &self.channel, &message, &custom_id, value)
                    .await
                    .unwrap_or_else(|error| panic!("{} cannot choose {field}: {error}", self.key));
            }
            self.world
                .discord
                .press(&self.key, &self.channel, &message, &go_on)
                .await
                .expect("Continue can be pressed");
        }
    }

    /// The newest message of selects: its id, the selects with whether something is chosen, and the button that goes on.
    fn selects(&self) -> Option<(String, Vec<Select>, String)> {
        self.messages().into_iter().rev().find_map(|message| {
            let components = components(&message);
            let of = |kind: i64| components.iter().filter(move |component| component["type"] == kind);
            let id = |component: &Value| component["custom_id"].as_str().map(str::to_owned);
            // Or need not be.
            let is_chosen = |select: &Value| {
                let optional = select["placeholder"].as_str().is_some_and(|label| label.ends_with("(optional)"));
                optional || select["options"].as_array().into_iter().flatten().any(|option| option["default"] == true)
            };
            let selects: Vec<_> = of(3).filter_map(|select| Some((id(select)?, is_chosen(select)))).collect();
            let go_on = of(2).find_map(id)?;
            (!selects.is_empty()).then(|| (message["id"].as_str().unwrap_or_default().to_owned(), selects, go_on))
        })
    }

    fn button(&self, label: &str, about: &str) -> (String, String) {
        let found =
            self.messages().into_iter().rev().filter(|message| message["raw"].to_string().contains(about)).find_map(
                |message| {
                    let id = message["id"].as_str()?.to_owned();
                    let button = components(&message)
                        .into_iter()
                        .find(|component| component["label"] == label || component["text"]["text"] == label)?;
                    let action = button["custom_id"].as_str().or_else(|| button["action_id"].as_str())?.to_owned();
                    Some((id, action))
                },
            );
        found.unwrap_or_else(|| {
            panic!("{} sees no [{label}] about {about} in {}:\n{}", self.key, self.channel, self.sees())
        })
    }

    fn messages(&self) -> Vec<Value> {
        self.here().and_then(|channel| channel["messages"].as_array().cloned()).unwrap_or_default()
    }

    /// The channel where this person is; `@wardroom` is their conversation with the bot.
    fn here(&self) -> Option<Value> {
        let channels = self.view()["channels"].as_array().cloned().unwrap_or_default();
        channels.into_iter().find(|channel| match self.channel.as_str() {
            "@wardroom" => channel["kind"] == "direct",
            name => channel["name"] == name,
        })
    }

    fn view(&self) -> Value {
        let accounts = self.world.accounts(&self.key);
        if self.on_slack { self.world.slack.view(&accounts.0) } else { self.world.discord.view(&accounts.1) }
    }

    /// Everything that only this person was told.
    pub fn private(&self) -> String {
        if self.on_slack { self.world.slack.private(&self.key) } else { self.world.discord.private(&self.key) }
    }

    /// What came since: an answer that follows an acknowledgement needs a moment. An answer that takes the place of an
    /// earlier message (a form's, on Discord) is the newest one.
    async fn told_since(&self, before: &str) -> String {
        for _ in 0..100 {
            let now = self.private();
            if now != before {
                let new = now.strip_prefix(before).map_or_else(|| self.newest(), str::to_owned);
                return new.trim().strip_prefix("wardroom: ").unwrap_or(new.trim()).to_owned();
            }
            if self.modal().is_some() {
                return "(a form)".to_owned();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        String::new()
    }

    /// Waits until this person is told something with these words in it, and returns the newest that they were told.
    pub async fn will_be_told(&self, words: &str) -> String {
        for _ in 0..500 {
            if self.newest().contains(words) {
                return self.newest();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{} was not told “{words}”:\n{}", self.key, self.private());
    }

    fn newest(&self) -> String {
        let newest = if self.on_slack {
            self.world.slack.last_private(&self.key)
        } else {
            self.world.discord.last_private(&self.key)
        };
        newest.unwrap_or_default()
    }
}

/// Every text of blocks, in order.
fn texts(value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Object(fields) => match fields.get("text") {
            Some(Value::String(text)) => lines.push(text.clone()),
            _ => fields.values().for_each(|field| texts(field, lines)),
        },
        Value::Array(values) => values.iter().for_each(|value| texts(value, lines)),
        _ => {}
    }
}

/// Every button and select of a message, of either platform.
fn components(message: &Value) -> Vec<Value> {
    let raw = &message["raw"];
    let rows = raw["components"].as_array().into_iter().flatten().map(|row| &row["components"]);
    let blocks = raw["blocks"].as_array().into_iter().flatten().map(|block| &block["elements"]);
    rows.chain(blocks).filter_map(Value::as_array).flatten().cloned().collect()
}

impl World {
    /// Closes whatever form a person has open.
    pub fn dismiss(&self, key: &str) {
        let id = |modal: &Value| modal["id"].as_str().unwrap_or_default().to_owned();
        if let Some(modal) = self.slack.modal(key) {
            self.slack.dismiss(key, &id(&modal));
        }
        if let Some(modal) = self.discord.modal(key) {
            self.discord.dismiss(key, &id(&modal));
        }
    }
}
