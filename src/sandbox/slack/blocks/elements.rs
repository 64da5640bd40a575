//! Buttons, menus and fields.

use serde_json::Value;

use super::check::{Checker, ID_MAX};

impl Checker {
    /// Checks an interactive element or an image.
    pub fn element(&mut self, element: &Value, at: &str) {
        let kind = element["type"].as_str().unwrap_or_default();
        self.optional_string(element, at, "action_id", ID_MAX);
        self.optional_text(element, at, "placeholder", 150, true);
        if let Some(confirm) = element.get("confirm") {
            self.confirm(confirm, &format!("{at}/confirm"));
        }
        match kind {
            "button" => self.button(element, at),
            "plain_text_input" => self.plain_text_input(element, at),
            "static_select" | "multi_static_select" => self.static_select(element, at),
            "overflow" => self.options(element, at, "options", 5, true),
            "radio_buttons" | "checkboxes" => self.options(element, at, "options", 10, false),
            "image" => self.required_string(element, at, "alt_text", 2_000),
            "number_input" if !element["is_decimal_allowed"].is_boolean() => self.missing(at, "is_decimal_allowed"),
            "number_input"
            | "email_text_input"
            | "url_text_input"
            | "rich_text_input"
            | "file_input"
            | "datepicker"
            | "timepicker"
            | "datetimepicker"
            | "users_select"
            | "multi_users_select"
            | "channels_select"
            | "multi_channels_select"
            | "conversations_select"
            | "multi_conversations_select"
            | "external_select"
            | "multi_external_select"
            | "workflow_button" => {}
            "" => self.missing(at, "type"),
            other => self.problem(&format!("{at}/type"), &format!("unsupported type: {other}")),
        }
    }

    fn button(&mut self, button: &Value, at: &str) {
        let known = ["type", "text", "action_id", "url", "value", "style", "confirm", "accessibility_label"];
        self.known_fields(button, at, &known);
        self.required_text(button, at, "text", 75, true);
        self.optional_string(button, at, "value", 2_000);
        self.optional_string(button, at, "url", 3_000);
        self.optional_string(button, at, "accessibility_label", 75);
        self.style(button, at);
    }

    fn style(&mut self, owner: &Value, at: &str) {
        if owner.get("style").is_some_and(|style| style != "primary" && style != "danger") {
            self.problem(&format!("{at}/style"), "must be a valid enum value");
        }
    }

    fn plain_text_input(&mut self, input: &Value, at: &str) {
        let known = [
            "type",
            "action_id",
            "initial_value",
            "multiline",
            "min_length",
            "max_length",
            "dispatch_action_config",
            "focus_on_load",
            "placeholder",
        ];
        self.known_fields(input, at, &known);
        self.optional_string(input, at, "initial_value", 3_000);
        for (name, least) in [("min_length", 0), ("max_length", 1)] {
            let Some(given) = input.get(name) else { continue };
            if given.as_u64().is_none_or(|length| length < least || length > 3_000) {
                self.problem(&format!("{at}/{name}"), &format!("must be between {least} and 3000"));
            }
        }
    }

    fn static_select(&mut self, select: &Value, at: &str) {
        let known = [
            "type",
            "action_id",
            "options",
            "option_groups",
            "initial_option",
            "initial_options",
            "confirm",
            "max_selected_items",
            "focus_on_load",
            "placeholder",
        ];
        self.known_fields(select, at, &known);
        if select.get("option_groups").is_some() {
            for (index, group) in self.list(select, at, "option_groups", 100).iter().enumerate() {
                let at = format!("{at}/option_groups/{index}");
                self.required_text(group, &at, "label", 75, true);
                self.options(group, &at, "options", 100, true);
            }
        } else {
            self.options(select, at, "options", 100, true);
        }
        self.initial_option(select, at);
    }

    fn initial_option(&mut self, select: &Value, at: &str) {
        let Some(initial) = select.get("initial_option") else {
            return;
        };
        let grouped =
            select["option_groups"].as_array().into_iter().flatten().filter_map(|group| group["options"].as_array());
        let mut all = select["options"].as_array().into_iter().chain(grouped).flatten();
        // Slack compares the whole option, not only its value.
        if !all.any(|option| option == initial) {
            self.problem(&format!("{at}/initial_option"), "must be one of the provided options");
        }
    }

    fn options(&mut self, owner: &Value, at: &str, name: &str, max: usize, plain_only: bool) {
        let mut values: Vec<&Value> = Vec::new();
        for (index, option) in self.list(owner, at, name, max).iter().enumerate() {
            let at = format!("{at}/{name}/{index}");
            self.known_fields(option, &at, &["text", "value", "description", "url"]);
            // Only radio buttons and checkboxes may be formatted.
            self.required_text(option, &at, "text", 75, plain_only);
            self.required_string(option, &at, "value", 150);
            self.optional_text(option, &at, "description", 75, plain_only);
            if values.contains(&&option["value"]) {
                self.problem(&format!("{at}/value"), "must be unique");
            }
            values.push(&option["value"]);
        }
    }

    fn confirm(&mut self, confirm: &Value, at: &str) {
        self.known_fields(confirm, at, &["title", "text", "confirm", "deny", "style"]);
        self.required_text(confirm, at, "title", 100, true);
        self.required_text(confirm, at, "text", 300, false);
        self.required_text(confirm, at, "confirm", 30, true);
        self.required_text(confirm, at, "deny", 30, true);
        self.style(confirm, at);
    }
}
