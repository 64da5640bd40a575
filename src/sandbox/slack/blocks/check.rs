//! The blocks themselves, and the texts in them.

use serde_json::Value;

/// Longest `block_id`, `action_id`, and other names.
pub const ID_MAX: usize = 255;

/// Collects what is wrong.
#[derive(Debug, Default)]
pub struct Checker {
    pub problems: Vec<String>,
    /// What comes before every pointer.
    pub prefix: String,
}

impl Checker {
    pub fn problem(&mut self, at: &str, what: &str) {
        self.problems.push(format!("{what} [json-pointer:{}{at}]", self.prefix));
    }

    pub fn missing(&mut self, at: &str, name: &str) {
        self.problem(at, &format!("missing required field: {name}"));
    }

    /// Checks one block of a message or view.
    pub fn block(&mut self, block: &Value, at: &str) {
        let kind = block["type"].as_str().unwrap_or_default();
        self.optional_string(block, at, "block_id", ID_MAX);
        match kind {
            "section" => self.section(block, at),
            "header" => {
                self.only(block, at, &["text"]);
                self.required_text(block, at, "text", 150, true);
            }
            "divider" => self.only(block, at, &[]),
            "image" => self.image_block(block, at),
            "actions" => self.actions(block, at),
            "context" => self.context(block, at),
            "input" => self.input(block, at),
            "markdown" => {
                self.only(block, at, &["text"]);
                self.required_string(block, at, "text", 12_000);
            }
            // Slack knows these too; their insides are not checked here.
            "rich_text" | "video" | "file" | "table" | "call" | "context_actions" | "task_card" | "plan" | "alert"
            | "card" | "carousel" | "container" | "data_table" | "data_visualization" => {}
            "" => self.missing(at, "type"),
            other => self.problem(&format!("{at}/type"), &format!("unsupported type: {other}")),
        }
    }

    /// Checks a text object.
    pub fn text(&mut self, text: &Value, at: &str, max: usize, plain_only: bool) {
        let kind = text["type"].as_str().unwrap_or_default();
        if !text.is_object() {
            self.problem(at, "must be a text object");
            return;
        }
        match kind {
            "plain_text" => self.known_fields(text, at, &["type", "text", "emoji"]),
            "mrkdwn" if !plain_only => self.known_fields(text, at, &["type", "text", "verbatim"]),
            _ => self.problem(&format!("{at}/type"), "must be a valid enum value"),
        }
        self.required_string(text, at, "text", max);
    }

    pub fn required_text(&mut self, owner: &Value, at: &str, name: &str, max: usize, plain_only: bool) {
        match owner.get(name) {
            Some(text) => self.text(text, &format!("{at}/{name}"), max, plain_only),
            None => self.missing(at, name),
        }
    }

    pub fn optional_text(&mut self, owner: &Value, at: &str, name: &str, max: usize, plain_only: bool) {
        if owner.get(name).is_some() {
            self.required_text(owner, at, name, max, plain_only);
        }
    }

    pub fn required_string(&mut self, owner: &Value, at: &str, name: &str, max: usize) {
        match owner.get(name).map(Value::as_str) {
            Some(Some("")) => self.problem(&format!("{at}/{name}"), "must be more than 0 characters"),
            Some(Some(text)) => self.length(text, &format!("{at}/{name}"), max),
            Some(None) => self.problem(&format!("{at}/{name}"), "must be a string"),
            None => self.missing(at, name),
        }
    }

    pub fn optional_string(&mut self, owner: &Value, at: &str, name: &str, max: usize) {
        match owner.get(name) {
            Some(Value::String(text)) => self.length(text, &format!("{at}/{name}"), max),
            Some(Value::Null) | None => {}
            Some(_) => self.problem(&format!("{at}/{name}"), "must be a string"),
        }
    }

    /// A list with at least one item, and at most so many.
    pub fn list<'a>(&mut self, owner: &'a Value, at: &str, name: &str, max: usize) -> &'a [Value] {
        let at_list = format!("{at}/{name}");
        match owner.get(name).map(Value::as_array) {
            None => self.missing(at, name),
            Some(None) => self.problem(&at_list, "must be an array"),
            Some(Some(items)) => {
                if items.is_empty() {
                    self.problem(&at_list, "no fewer than 1 items required");
                }
                if items.len() > max {
                    self.problem(&at_list, &format!("no more than {max} items allowed"));
                }
                return items;
            }
        }
        &[]
    }

    /// Refuses fields that Slack does not know; every object of blocks has a `type`, a block also a `block_id`.
    pub fn known_fields(&mut self, owner: &Value, at: &str, known: &[&str]) {
        let unknown = owner.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        for name in unknown.filter(|name| !known.contains(name)) {
            self.problem(at, &format!("invalid additional property: {name}"));
        }
    }

    fn only(&mut self, block: &Value, at: &str, known: &[&str]) {
        self.known_fields(block, at, &[known, &["type", "block_id"]].concat());
    }

    fn length(&mut self, text: &str, at: &str, max: usize) {
        if text.chars().count() > max {
            self.problem(at, &format!("must be less than {} characters", max + 1));
        }
    }

    fn section(&mut self, block: &Value, at: &str) {
        self.only(block, at, &["text", "fields", "accessory", "expand"]);
        if block.get("text").is_none() && block.get("fields").is_none() {
            self.missing(at, "text");
        }
        self.optional_text(block, at, "text", 3_000, false);
        if block.get("fields").is_some() {
            for (index, field) in self.list(block, at, "fields", 10).iter().enumerate() {
                self.text(field, &format!("{at}/fields/{index}"), 2_000, false);
            }
        }
        if let Some(accessory) = block.get("accessory") {
            self.element(accessory, &format!("{at}/accessory"));
        }
    }

    fn image_block(&mut self, block: &Value, at: &str) {
        self.only(block, at, &["image_url", "slack_file", "alt_text", "title"]);
        self.required_string(block, at, "alt_text", 2_000);
        self.optional_text(block, at, "title", 2_000, true);
        if block.get("image_url").is_none() && block.get("slack_file").is_none() {
            self.missing(at, "image_url");
        }
    }

    fn actions(&mut self, block: &Value, at: &str) {
        self.only(block, at, &["elements"]);
        let elements = self.list(block, at, "elements", 25);
        let mut names: Vec<&str> = Vec::new();
        for (index, element) in elements.iter().enumerate() {
            let at = format!("{at}/elements/{index}");
            self.element(element, &at);
            if let Some(name) = element["action_id"].as_str() {
                if names.contains(&name) {
                    self.problem(&format!("{at}/action_id"), &format!("`action_id` \"{name}\" already exists"));
                }
                names.push(name);
            }
        }
    }

    fn context(&mut self, block: &Value, at: &str) {
        self.only(block, at, &["elements"]);
        for (index, element) in self.list(block, at, "elements", 10).iter().enumerate() {
            let at = format!("{at}/elements/{index}");
            if element["type"] == "image" {
                self.element(element, &at);
            } else {
                self.text(element, &at, 2_000, false);
            }
        }
    }

    fn input(&mut self, block: &Value, at: &str) {
        self.only(block, at, &["label", "element", "dispatch_action", "hint", "optional"]);
        self.required_text(block, at, "label", 2_000, true);
        self.optional_text(block, at, "hint", 2_000, true);
        match block.get("element") {
            Some(element) if element["type"] == "button" => {
                self.problem(&format!("{at}/element/type"), "unsupported type: button");
            }
            Some(element) => self.element(element, &format!("{at}/element")),
            None => self.missing(at, "element"),
        }
    }
}
