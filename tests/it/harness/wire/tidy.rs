//! Makes Discord's document strict and its messages readable, without changing what it allows.

use serde_json::{Map, Value, json};

/// It is extended by others, so what it does not name is not wrong.
const EXTENDED: &str = "Error";

/// Closes every object to fields that it does not name, and lets unions say which of their members was meant.
pub fn tidy(document: &mut Value) {
    let schemas = document["components"]["schemas"].as_object().cloned().unwrap_or_default();
    for part in ["components", "paths"] {
        visit(&mut document[part], &schemas, false);
    }
    if let Some(extended) = document["components"]["schemas"][EXTENDED].as_object_mut() {
        extended.remove("additionalProperties");
    }
}

/// `open`: the object is a part of another one, so its fields are not all there are.
fn visit(node: &mut Value, schemas: &Map<String, Value>, open: bool) {
    match node {
        Value::Array(items) => items.iter_mut().for_each(|item| visit(item, schemas, open)),
        Value::Object(fields) => {
            for (name, child) in &mut *fields {
                match (name.as_str(), child) {
                    // A property may be called like a keyword.
                    ("properties", Value::Object(properties)) => {
                        properties.values_mut().for_each(|property| visit(property, schemas, false));
                    }
                    (name, child) => visit(child, schemas, name == "allOf"),
                }
            }
            if fields.get("properties").is_some_and(Value::is_object) && !open {
                fields.entry("additionalProperties").or_insert(json!(false));
            }
            for union in ["oneOf", "anyOf"] {
                if let Some(told) = fields.get(union).and_then(|members| told_apart(members.as_array()?, schemas)) {
                    fields.remove(union);
                    fields.extend(told);
                }
            }
        }
        _ => {}
    }
}

/// A union as a chain of conditions, where one of `null` or of the members' `type` tells which is meant.
fn told_apart(members: &[Value], schemas: &Map<String, Value>) -> Option<Map<String, Value>> {
    let (nulls, others): (Vec<&Value>, Vec<&Value>) = members.iter().partition(|member| member["type"] == "null");
    let chosen = match others.as_slice() {
        [only] if !nulls.is_empty() => (*only).clone(),
        [_, _, ..] => by_type(&others, schemas)?,
        _ => return None,
    };
    let chain = if nulls.is_empty() { chosen } else { json!({"if": {"type": "null"}, "else": chosen}) };
    // Inside `allOf`, so that it can stand beside whatever else is said there.
    json!({"allOf": [chain]}).as_object().cloned()
}

fn by_type(members: &[&Value], schemas: &Map<String, Value>) -> Option<Value> {
    let mut all: Vec<Value> = Vec::new();
    let mut conditions = Vec::new();
    for member in members {
        let name = member["$ref"].as_str()?.rsplit('/').next()?;
        let types = schemas.get(name)?["properties"]["type"]["enum"].as_array()?;
        if types.iter().any(|one| all.contains(one)) {
            return None;
        }
        all.extend(types.iter().cloned());
        let is_it = json!({"required": ["type"], "properties": {"type": {"enum": types}}});
        conditions.push(json!({"if": is_it, "then": member}));
    }
    Some(json!({
        "type": "object", "required": ["type"], "properties": {"type": {"enum": all}}, "allOf": conditions,
    }))
}
