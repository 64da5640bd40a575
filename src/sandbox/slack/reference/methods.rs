//! The methods' arguments: `methods.toml`, and whether a call keeps to it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

static METHODS: LazyLock<BTreeMap<String, Method>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("methods.toml")).expect("the reference can be read");
    file.methods
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    methods: BTreeMap<String, Method>,
}

/// What is documented of one method.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// The page that says so.
    source: String,
    /// Whose token the method takes.
    #[serde(default)]
    pub token: Owner,
    /// Whether a body of JSON is read; where not, Slack does not look into it.
    #[serde(default)]
    pub json: bool,
    #[serde(default)]
    required: BTreeMap<String, Argument>,
    #[serde(default)]
    optional: BTreeMap<String, Argument>,
    any: Option<Any>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    #[default]
    Bot,
    App,
    None,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Argument {
    Plain(Shape),
    Limited {
        #[serde(rename = "type")]
        shape: Shape,
        /// Characters of a text, or the greatest number.
        max: u64,
        /// Slack's word for more.
        over: String,
    },
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shape {
    String,
    Boolean,
    Integer,
    Array,
    Object,
}

#[derive(Debug, Deserialize)]
struct Any {
    of: Vec<String>,
    code: String,
}

/// One thing that is wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Slack's word for it. `None` where Slack says nothing and takes the call all the same: an argument that the
    /// documentation does not have.
    pub code: Option<String>,
    pub message: String,
}

/// The documentation of a method, where it has any here.
pub fn method(name: &str) -> Option<&'static Method> {
    METHODS.get(name)
}

/// Where a method is documented, as far as this reference knows it.
pub fn documents(name: &str) -> Option<&'static str> {
    METHODS.get(name).map(|method| method.source.as_str())
}

/// Holds the arguments of a call against the documentation. `typed` says that they came as JSON; elsewhere every value
/// is text, and structures are JSON inside it.
pub fn check_call(name: &str, arguments: &Map<String, Value>, typed: bool) -> Vec<Fault> {
    let Some(method) = METHODS.get(name) else {
        return vec![fault("unknown_method", format!("{name} is not a method that the reference knows"))];
    };
    let mut faults = Vec::new();
    let is_given = |name: &String| arguments.get(name).is_some_and(|value| !value.is_null());
    for missing in method.required.keys().filter(|name| !is_given(name)) {
        faults.push(fault("invalid_arguments", format!("missing required field: {missing}")));
    }
    for (name, value) in arguments.iter().filter(|(name, value)| *name != "token" && !value.is_null()) {
        match method.required.get(name).or_else(|| method.optional.get(name)) {
            Some(argument) => faults.extend(argument.check(name, value, typed)),
            None => faults.push(Fault { code: None, message: format!("{name} is not an argument of this method") }),
        }
    }
    if let Some(any) = method.any.as_ref().filter(|any| !any.of.iter().any(is_given)) {
        faults.push(fault(&any.code, format!("one of these is needed: {}", any.of.join(", "))));
    }
    faults
}

fn fault(code: &str, message: String) -> Fault {
    Fault { code: Some(code.to_owned()), message }
}

impl Argument {
    fn check(&self, name: &str, value: &Value, typed: bool) -> Option<Fault> {
        let shape = match self {
            Argument::Plain(shape) | Argument::Limited { shape, .. } => *shape,
        };
        if !shape.is_of(value, typed) {
            let what = shape.in_words();
            return Some(fault("invalid_arguments", format!("must provide {what} [json-pointer:/{name}]")));
        }
        match self {
            Argument::Limited { max, over, .. } if size(value, shape) > *max => {
                Some(fault(over, format!("must be at most {max} [json-pointer:/{name}]")))
            }
            Argument::Limited { .. } | Argument::Plain(_) => None,
        }
    }
}

fn size(value: &Value, shape: Shape) -> u64 {
    match (value, shape) {
        (Value::String(text), Shape::Integer) => text.parse().unwrap_or(0),
        (Value::String(text), _) => u64::try_from(text.chars().count()).unwrap_or(u64::MAX),
        (other, _) => other.as_u64().unwrap_or(0),
    }
}

impl Shape {
    fn is_of(self, value: &Value, typed: bool) -> bool {
        match (self, value) {
            (Shape::String, Value::String(_))
            | (Shape::Boolean, Value::Bool(_))
            | (Shape::Array, Value::Array(_))
            | (Shape::Object, Value::Object(_)) => true,
            (Shape::Integer, Value::Number(number)) => number.is_u64(),
            (_, Value::String(text)) if !typed => self.is_written_as(text),
            // The documentation of many methods calls a structure "a JSON-based array, presented as a URL-encoded
            // string", and Slack reads such a text in a body of JSON too.
            (Shape::Array | Shape::Object, Value::String(text)) => self.is_written_as(text),
            _ => false,
        }
    }

    fn is_written_as(self, text: &str) -> bool {
        let json = || serde_json::from_str::<Value>(text).unwrap_or_default();
        match self {
            Shape::String => true,
            Shape::Boolean => matches!(text, "true" | "false" | "1" | "0"),
            Shape::Integer => text.parse::<u64>().is_ok(),
            Shape::Array => json().is_array(),
            Shape::Object => json().is_object(),
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Shape::String => "a string",
            Shape::Boolean => "a boolean",
            Shape::Integer => "an integer",
            Shape::Array => "an array",
            Shape::Object => "an object",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn codes(name: &str, arguments: &Value, typed: bool) -> Vec<String> {
        let faults = check_call(name, arguments.as_object().expect("an object"), typed);
        faults.into_iter().map(|fault| fault.code.unwrap_or_else(|| format!("({})", fault.message))).collect()
    }

    #[test]
    fn every_entry_has_a_page_of_slacks_documentation() {
        for (name, method) in METHODS.iter() {
            assert!(method.source.starts_with("https://docs.slack.dev/"), "{name}: {}", method.source);
            let twice = method.required.keys().find(|argument| method.optional.contains_key(*argument));
            assert_eq!(twice, None, "{name}");
            for any in method.any.iter().flat_map(|any| &any.of) {
                assert!(method.required.contains_key(any) || method.optional.contains_key(any), "{name}: {any}");
            }
        }
    }

    #[test]
    fn what_is_missing_of_another_type_or_too_much_has_slacks_word() {
        let post = "chat.postMessage";
        assert_eq!(codes(post, &json!({"channel": "C1", "text": "hello", "link_names": false}), true), [""; 0]);
        assert_eq!(codes(post, &json!({"text": "hello"}), true), ["invalid_arguments"]);
        assert_eq!(codes(post, &json!({"channel": "C1"}), true), ["no_text"]);
        assert_eq!(codes(post, &json!({"channel": 5, "text": "hello"}), true), ["invalid_arguments"]);
        assert_eq!(codes(post, &json!({"channel": "C1", "text": "x".repeat(40_001)}), true), ["msg_too_long"]);
        assert_eq!(
            codes(post, &json!({"channel": "C1", "text": "x", "unfurl_links": "false"}), true),
            ["invalid_arguments"]
        );
        assert_eq!(codes(post, &json!({"channel": "C1", "text": "x", "unfurl_links": "false"}), false), [""; 0]);
        assert_eq!(codes(post, &json!({"channel": "C1", "blocks": "[]"}), false), [""; 0]);
        assert_eq!(codes(post, &json!({"channel": "C1", "blocks": "{}"}), false), ["invalid_arguments"]);
        assert_eq!(codes("conversations.list", &json!({"limit": "1000"}), false), ["invalid_limit"]);
        assert_eq!(codes("no.such", &json!({}), true), ["unknown_method"]);
    }

    #[test]
    fn an_argument_that_is_not_documented_is_a_fault_without_a_word() {
        let call = json!({"channel": "C1", "timestamp": "1.2", "ts": "1.2"});
        assert_eq!(codes("pins.add", &call, true), ["(ts is not an argument of this method)"]);
    }
}
