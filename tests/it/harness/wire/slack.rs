//! What is wrong with a call to Slack: by the documentation's arguments, or because the workspace refused what was sent.

use serde_json::Map;
use wardroom::sandbox::Exchange;
use wardroom::sandbox::slack::reference;

/// Refusals that no state of a workspace brings about, only a call that should not have been sent like this.
const AT_FAULT: [&str; 24] = [
    "invalid_arguments",
    "invalid_array_arg",
    "invalid_arg_name",
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_form_data",
    "invalid_json",
    "invalid_limit",
    "invalid_metadata_format",
    "invalid_name_maxlength",
    "invalid_name_punctuation",
    "invalid_name_required",
    "invalid_name_specials",
    "invalid_payload",
    "invalid_post_type",
    "json_not_object",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_item_specified",
    "no_text",
    "not_allowed_token_type",
    "too_long",
    "too_many_users",
    "unknown_method",
];

pub fn check(exchange: &Exchange) -> Vec<String> {
    let mut found = Vec::new();
    let is_json = exchange.content_type.starts_with("application/json");
    let none = Map::new();
    let arguments = exchange.body.as_object().unwrap_or(&none);
    for fault in reference::check_call(&exchange.route, arguments, is_json) {
        found.push(match fault.code {
            Some(code) => format!("{code}: {}", fault.message),
            None => format!("not documented: {}", fault.message),
        });
    }
    let error = exchange.answer["error"].as_str().unwrap_or_default();
    if !exchange.staged && AT_FAULT.contains(&error) {
        found.push(format!("refused with {}", exchange.answer));
    }
    found
}
