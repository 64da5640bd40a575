//! Holds blocks, elements and texts against the reference of Block Kit.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::reference::{BlockKit, Kind, Shape, block_kit};

/// Collects what is wrong.
#[derive(Debug)]
pub struct Checker {
    pub problems: Vec<String>,
    /// What comes before every pointer.
    pub prefix: String,
    kit: &'static BlockKit,
}

impl Checker {
    pub fn new(prefix: &str) -> Checker {
        Checker { problems: Vec::new(), prefix: prefix.to_owned(), kit: block_kit() }
    }

    pub fn problem(&mut self, at: &str, what: &str) {
        self.problems.push(format!("{what} [json-pointer:{}{at}]", self.prefix));
    }

    /// Checks a view's own fields; its blocks are a list like a message's.
    pub fn view(&mut self, view: &Value, kind: &str) {
        if view["type"] != kind {
            self.problem("/type", &format!("must be \"{kind}\""));
        }
        self.fields(view, "", &self.kit.view[kind], &["type"]);
        if view.to_string().len() > self.kit.surface.view_bytes {
            self.problem("", "view is too large");
        }
    }

    /// Checks the blocks of a message or view, and that no two share their id.
    pub fn blocks(&mut self, blocks: &Value, max: usize) {
        let Some(list) = blocks.as_array() else {
            return self.problem("/blocks", "must provide an array");
        };
        if list.len() > max {
            self.problem("/blocks", &format!("no more than {max} items allowed"));
        }
        let mut names = BTreeSet::new();
        for (index, block) in list.iter().enumerate() {
            let at = format!("/blocks/{index}");
            self.block(block, &at);
            self.unique(block, &at, "block_id", &mut names);
        }
    }

    fn block(&mut self, block: &Value, at: &str) {
        let kind = block["type"].as_str().unwrap_or_default();
        self.string(block.get("block_id"), &format!("{at}/block_id"), 1, self.kit.surface.id);
        match self.kit.block.get(kind) {
            Some(about) => self.fields(block, at, about, &["type", "block_id"]),
            None if self.kit.known.blocks.contains(kind) => {}
            None => self.unknown(kind, at),
        }
    }

    fn element(&mut self, element: &Value, at: &str, allowed: &BTreeSet<String>) {
        let kind = element["type"].as_str().unwrap_or_default();
        if !kind.is_empty() && !allowed.contains(kind) {
            return self.problem(&format!("{at}/type"), &format!("unsupported type: {kind}"));
        }
        self.string(element.get("action_id"), &format!("{at}/action_id"), 1, self.kit.surface.id);
        match self.kit.element.get(kind) {
            Some(about) => self.fields(element, at, about, &["type", "action_id"]),
            None if self.kit.known.elements.contains(kind) => {}
            None => self.unknown(kind, at),
        }
        self.lengths_in_order(element, at);
        self.initial_is_offered(element, at);
    }

    fn unknown(&mut self, kind: &str, at: &str) {
        if kind.is_empty() {
            self.problem(at, "missing required field: type");
        } else {
            self.problem(&format!("{at}/type"), &format!("unsupported type: {kind}"));
        }
    }

    /// Checks every field of an object, and that it has no others than those and `besides`.
    fn fields(&mut self, owner: &Value, at: &str, about: &Kind, besides: &[&str]) {
        let Some(given) = owner.as_object() else {
            return self.problem(at, "must provide an object");
        };
        let known = |name: &str| about.fields.contains_key(name) || besides.contains(&name);
        for name in given.keys().filter(|name| !known(name)) {
            self.problem(at, &format!("invalid additional property: {name}"));
        }
        for (name, field) in &about.fields {
            match given.get(name) {
                Some(value) => self.value(value, &format!("{at}/{name}"), &field.shape),
                None if field.required => self.problem(at, &format!("missing required field: {name}")),
                None => {}
            }
        }
        if !about.any.is_empty() && !about.any.iter().any(|name| given.contains_key(name)) {
            self.problem(at, &format!("missing required field: {}", about.any[0]));
        }
    }

    fn value(&mut self, value: &Value, at: &str, shape: &Shape) {
        match shape {
            Shape::Plain { max } => self.text(value, at, *max, true),
            Shape::Text { max } => self.text(value, at, *max, false),
            Shape::String { min, max } => self.string(Some(value), at, *min, *max),
            Shape::Integer { min, max } => {
                if value.as_u64().is_none_or(|number| !(*min..=*max).contains(&number)) {
                    self.problem(at, &format!("must be between {min} and {max}"));
                }
            }
            Shape::Boolean if !value.is_boolean() => self.problem(at, "must provide a boolean"),
            Shape::Word { of } if !of.iter().any(|word| value == word) => {
                self.problem(at, "must be a valid enum value");
            }
            Shape::Boolean | Shape::Word { .. } | Shape::Any => {}
            Shape::Object { of } => self.fields(value, at, &self.kit.object[of], &[]),
            Shape::Element { of } => self.element(value, at, of),
            Shape::Elements { of, max } => {
                let mut names = BTreeSet::new();
                for (index, element) in self.list(value, at, *max).iter().enumerate() {
                    let at = format!("{at}/{index}");
                    self.element(element, &at, of);
                    self.unique(element, &at, "action_id", &mut names);
                }
            }
            Shape::Texts { max, each } => {
                let image = BTreeSet::from(["image".to_owned()]);
                for (index, text) in self.list(value, at, *max).iter().enumerate() {
                    let at = format!("{at}/{index}");
                    if text["type"] == "image" {
                        self.element(text, &at, &image);
                    } else {
                        self.text(text, &at, *each, false);
                    }
                }
            }
            Shape::List { of, max } => {
                let mut values = BTreeSet::new();
                for (index, item) in self.list(value, at, *max).iter().enumerate() {
                    let at = format!("{at}/{index}");
                    self.fields(item, &at, &self.kit.object[of], &[]);
                    self.unique(item, &at, "value", &mut values);
                }
            }
        }
    }

    fn text(&mut self, text: &Value, at: &str, max: usize, plain_only: bool) {
        if !text.is_object() {
            return self.problem(at, "must provide an object");
        }
        let marks = match text["type"].as_str() {
            Some("plain_text") => "emoji",
            Some("mrkdwn") if !plain_only => "verbatim",
            _ => {
                self.problem(&format!("{at}/type"), "must be a valid enum value");
                "verbatim"
            }
        };
        for (name, value) in text.as_object().into_iter().flatten() {
            match name.as_str() {
                "type" | "text" => {}
                name if name == marks && value.is_boolean() => {}
                name if name == marks => self.problem(&format!("{at}/{name}"), "must provide a boolean"),
                _ => self.problem(at, &format!("invalid additional property: {name}")),
            }
        }
        match text.get("text") {
            Some(words) => self.string(Some(words), &format!("{at}/text"), 1, max),
            None => self.problem(at, "missing required field: text"),
        }
    }

    fn string(&mut self, value: Option<&Value>, at: &str, min: usize, max: usize) {
        match value {
            Some(Value::String(text)) if text.chars().count() < min => {
                self.problem(at, &format!("must be more than {} characters", min - 1));
            }
            Some(Value::String(text)) if text.chars().count() > max => {
                self.problem(at, &format!("must be less than {} characters", max + 1));
            }
            None | Some(Value::String(_)) => {}
            Some(_) => self.problem(at, "must provide a string"),
        }
    }

    /// A list with at least one item, and at most so many.
    fn list<'a>(&mut self, value: &'a Value, at: &str, max: usize) -> &'a [Value] {
        let Some(items) = value.as_array() else {
            self.problem(at, "must provide an array");
            return &[];
        };
        if items.is_empty() {
            self.problem(at, "no fewer than 1 items required");
        }
        if items.len() > max {
            self.problem(at, &format!("no more than {max} items allowed"));
        }
        items
    }

    fn unique<'a>(&mut self, owner: &'a Value, at: &str, name: &str, seen: &mut BTreeSet<&'a str>) {
        if let Some(id) = owner[name].as_str()
            && !seen.insert(id)
        {
            self.problem(&format!("{at}/{name}"), &format!("`{name}` \"{id}\" already exists"));
        }
    }

    fn lengths_in_order(&mut self, element: &Value, at: &str) {
        if let (Some(min), Some(max)) = (element["min_length"].as_u64(), element["max_length"].as_u64())
            && min > max
        {
            self.problem(&format!("{at}/min_length"), "must be less than max_length");
        }
    }

    /// Slack compares the whole option, not only its value.
    fn initial_is_offered(&mut self, element: &Value, at: &str) {
        let groups = element["option_groups"].as_array().into_iter().flatten();
        let grouped = groups.filter_map(|group| group["options"].as_array());
        let offered: Vec<&Value> = element["options"].as_array().into_iter().chain(grouped).flatten().collect();
        let several = element["initial_options"].as_array().into_iter().flatten();
        for initial in element.get("initial_option").into_iter().chain(several) {
            if !offered.is_empty() && !offered.contains(&initial) {
                self.problem(&format!("{at}/initial_option"), "must be one of the provided options");
            }
        }
    }
}
