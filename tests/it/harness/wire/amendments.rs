//! Where Discord's document is known to be wrong: its repository says that it may be, and to follow the documentation.

use serde_json::{Value, json};

/// Puts a schema in the place of another, and why.
pub struct Amendment {
    /// A schema of the document, and a property of it.
    pub at: (&'static str, &'static str),
    pub schema: fn() -> Value,
    pub why: &'static str,
}

pub const AMENDMENTS: &[Amendment] = &[
    Amendment {
        at: ("ApplicationCommandUpdateRequest", "default_member_permissions"),
        schema: permission_bits,
        why: "the documentation of application commands says: a string, the bits as a number",
    },
    Amendment {
        at: ("ApplicationCommandCreateRequest", "default_member_permissions"),
        schema: permission_bits,
        why: "the same",
    },
    Amendment {
        at: ("ApplicationCommandUpdateRequest", "nsfw"),
        schema: flag,
        why: "documented for commands that are made or changed, and absent here",
    },
    Amendment { at: ("ApplicationCommandCreateRequest", "nsfw"), schema: flag, why: "the same" },
];

fn permission_bits() -> Value {
    json!({"anyOf": [{"type": ["integer", "null"], "minimum": 0}, {"type": "string", "pattern": "^[0-9]+$"}]})
}

fn flag() -> Value {
    json!({"type": ["boolean", "null"]})
}

/// Puts every amendment in its place.
pub fn amend(document: &mut Value) {
    for Amendment { at: (name, property), schema, why } in AMENDMENTS {
        let properties = &mut document["components"]["schemas"][*name]["properties"];
        let properties = properties.as_object_mut().unwrap_or_else(|| panic!("there is no {name} to amend ({why})"));
        properties.insert((*property).to_owned(), schema());
    }
}
