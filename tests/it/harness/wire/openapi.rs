//! Discord's `OpenAPI` document, against which every REST exchange is held: path, query, body and answer.

use std::collections::HashMap;
use std::path::PathBuf;

use jsonschema::{Registry, Validator};
use serde_json::{Map, Value, json};
use wardroom::sandbox::Exchange;

use super::amendments::amend;
use super::tidy::tidy;

/// By which the document is referred to; nothing is fetched from there.
const BASE: &str = "https://discord.com/openapi";
const JSON: &str = "application/json";
/// A message of the validator may repeat the whole body.
const MESSAGE_CHARS_MAX: usize = 300;

/// The document, with the validators that were needed so far: to compile one takes longer than all checks with it.
pub struct Document {
    root: Value,
    registry: &'static Registry<'static>,
    validators: HashMap<String, Validator>,
}

/// A request's place in the document.
struct Operation {
    /// The path with its placeholders.
    path: String,
    /// What stands for each placeholder.
    given: Vec<(String, String)>,
    method: String,
}

impl Document {
    /// The document of the corpus that `WARDROOM_CORPUS` names, if there is one.
    pub fn of_corpus() -> Option<Document> {
        let corpus = std::env::var_os("WARDROOM_CORPUS")?;
        let file = PathBuf::from(corpus).join("discord-openapi/openapi.json");
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        Some(Document::new(serde_json::from_str(&text).expect("the document is JSON")))
    }

    pub fn new(mut document: Value) -> Document {
        amend(&mut document);
        tidy(&mut document);
        let registry = Registry::new().add(BASE, document.clone()).expect("the document can be taken");
        let registry = registry.prepare().expect("its references lead somewhere");
        // Once a process, for as long as it lives.
        Document { root: document, registry: Box::leak(Box::new(registry)), validators: HashMap::new() }
    }

    /// What is wrong with an exchange.
    pub fn check(&mut self, exchange: &Exchange) -> Vec<String> {
        let Some(operation) = self.find(&exchange.method.to_lowercase(), &exchange.path) else {
            return vec!["is not in Discord's document".to_owned()];
        };
        let mut found = self.check_parameters(&operation, exchange);
        found.extend(self.check_body(&operation, exchange));
        if !exchange.staged {
            found.extend(self.check_answer(&operation, exchange));
        }
        found
    }

    /// The operation of a path; where several fit, the one with the fewest placeholders: `@me` is a word, not an id.
    fn find(&self, method: &str, path: &str) -> Option<Operation> {
        let parts: Vec<&str> = path.split('/').collect();
        let paths = self.root["paths"].as_object()?;
        let fitting =
            paths.iter().filter(|(_, operations)| operations.get(method).is_some()).filter_map(|(path, _)| {
                let template: Vec<&str> = path.split('/').collect();
                let is_placeholder = |part: &&str| part.starts_with('{');
                let fits = template.len() == parts.len()
                    && template.iter().zip(&parts).all(|(wanted, part)| is_placeholder(wanted) || wanted == part);
                fits.then(|| {
                    let given = template.iter().zip(&parts).filter(|(wanted, _)| is_placeholder(wanted));
                    let given: Vec<(String, String)> = given
                        .map(|(name, part)| (name.trim_matches(['{', '}']).to_owned(), (*part).to_owned()))
                        .collect();
                    Operation { path: path.clone(), given, method: method.to_owned() }
                })
            });
        fitting.min_by_key(|operation| operation.given.len())
    }

    fn check_parameters(&mut self, operation: &Operation, exchange: &Exchange) -> Vec<String> {
        let mut found = Vec::new();
        let in_path = operation.given.iter().map(|(name, value)| ("path", name, value));
        let in_query = exchange.query.iter().map(|(name, value)| ("query", name, value));
        for (place, name, value) in in_path.chain(in_query) {
            let Some(schema) = self.parameter(operation, place, name) else {
                found.push(format!("has no {place} parameter {name}"));
                continue;
            };
            let read: Value = serde_json::from_str(value).unwrap_or(Value::Null);
            let faults = self.faults(&schema, &json!(value), "");
            if !faults.is_empty() && !self.faults(&schema, &read, "").is_empty() {
                found.push(format!("the {place} parameter {name} is “{value}”: {}", faults.join("; ")));
            }
        }
        found
    }

    /// Where the schema of a parameter stands.
    fn parameter(&self, operation: &Operation, place: &str, name: &str) -> Option<String> {
        let path = pointer(&["paths", &operation.path]);
        for owner in [format!("{path}/{}", operation.method), path] {
            let parameters = self.root.pointer(&format!("{owner}/parameters")).and_then(Value::as_array);
            let here = |parameter: &Value| parameter["in"] == place && parameter["name"] == name;
            if let Some(index) = parameters.and_then(|parameters| parameters.iter().position(here)) {
                return Some(format!("{owner}/parameters/{index}/schema"));
            }
        }
        None
    }

    fn check_body(&mut self, operation: &Operation, exchange: &Exchange) -> Vec<String> {
        let at = format!("{}/requestBody", pointer(&["paths", &operation.path, &operation.method]));
        let request = self.root.pointer(&at);
        let content = request.and_then(|request| request["content"].as_object()).cloned().unwrap_or_default();
        let required = request.is_some_and(|request| request["required"] == true);
        let kind = exchange.content_type.split(';').next().unwrap_or_default().trim();
        match (&exchange.body, content.is_empty()) {
            (Value::Null, _) if required => vec!["needs a body".to_owned()],
            (Value::Null, _) => Vec::new(),
            (_, true) => vec!["takes no body".to_owned()],
            (_, false) if !content.contains_key(kind) => vec![format!("does not take {kind}")],
            (body, false) => self.faults(&format!("{at}/content/{}/schema", escape(kind)), body, "body"),
        }
    }

    fn check_answer(&mut self, operation: &Operation, exchange: &Exchange) -> Vec<String> {
        let responses = pointer(&["paths", &operation.path, &operation.method, "responses"]);
        let known = self.root.pointer(&responses).and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
        let status = exchange.status.to_string();
        let class = format!("{}XX", exchange.status / 100);
        let Some(key) = [status, class].into_iter().find(|key| known.contains_key(key)) else {
            return vec![format!("is never answered with {}", exchange.status)];
        };
        let at = match known[&key]["$ref"].as_str() {
            Some(elsewhere) => elsewhere.trim_start_matches('#').to_owned(),
            None => format!("{responses}/{key}"),
        };
        let at = format!("{at}/content/{}/schema", escape(JSON));
        if self.root.pointer(&at).is_some() {
            self.faults(&at, &exchange.answer, "answer")
        } else if exchange.answer.is_null() {
            Vec::new()
        } else {
            vec!["is answered without a body".to_owned()]
        }
    }

    /// Holds a value against the schema at a pointer.
    fn faults(&mut self, at: &str, value: &Value, what: &str) -> Vec<String> {
        if !self.validators.contains_key(at) {
            let schema = json!({"$ref": format!("{BASE}#{}", percent_encoded(at))});
            let options = jsonschema::options().with_registry(self.registry).should_validate_formats(true).offline();
            let validator = options.build(&schema).unwrap_or_else(|error| panic!("{at}: {error}"));
            self.validators.insert(at.to_owned(), validator);
        }
        let errors = self.validators[at].iter_errors(value);
        errors.map(|error| format!("{what}{}: {}", error.instance_path(), shortened(&error.to_string()))).collect()
    }
}

fn pointer(parts: &[&str]) -> String {
    parts.iter().fold(String::new(), |pointer, part| pointer + "/" + &escape(part))
}

fn escape(part: &str) -> String {
    part.replace('~', "~0").replace('/', "~1")
}

fn percent_encoded(pointer: &str) -> String {
    pointer.replace('%', "%25").replace('{', "%7B").replace('}', "%7D")
}

fn shortened(message: &str) -> String {
    message.chars().take(MESSAGE_CHARS_MAX).collect()
}
