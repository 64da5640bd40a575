//! Block Kit's parts: `block_kit.toml`, read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

static BLOCK_KIT: LazyLock<BlockKit> =
    LazyLock::new(|| toml::from_str(include_str!("block_kit.toml")).expect("the reference can be read"));

/// Block Kit as its documentation has it.
pub fn block_kit() -> &'static BlockKit {
    &BLOCK_KIT
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockKit {
    pub surface: Surface,
    pub view: BTreeMap<String, Kind>,
    pub block: BTreeMap<String, Kind>,
    pub element: BTreeMap<String, Kind>,
    pub object: BTreeMap<String, Kind>,
    pub known: Known,
}

/// Limits of a message or view as a whole.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surface {
    pub message_blocks: usize,
    pub view_blocks: usize,
    /// Characters of a `block_id` or `action_id`.
    pub id: usize,
    /// Characters of all texts of a message's blocks together.
    pub message_characters: usize,
    pub view_bytes: usize,
}

/// One kind of block, element, object or view.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the test that holds that every entry has one"))]
    source: String,
    #[serde(default)]
    pub fields: BTreeMap<String, Field>,
    /// At least one of these must be there.
    #[serde(default)]
    pub any: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct Field {
    #[serde(default)]
    pub required: bool,
    #[serde(flatten)]
    pub shape: Shape,
}

/// What a field holds. Lengths are in characters.
#[derive(Debug, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Shape {
    Plain {
        max: usize,
    },
    Text {
        max: usize,
    },
    String {
        #[serde(default = "one")]
        min: usize,
        max: usize,
    },
    Integer {
        min: u64,
        max: u64,
    },
    Boolean,
    Word {
        of: Vec<String>,
    },
    Object {
        of: String,
    },
    List {
        of: String,
        max: usize,
    },
    Element {
        of: BTreeSet<String>,
    },
    Elements {
        of: BTreeSet<String>,
        max: usize,
    },
    Texts {
        max: usize,
        each: usize,
    },
    Any,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    pub blocks: BTreeSet<String>,
    pub elements: BTreeSet<String>,
}

fn one() -> usize {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_has_a_page_and_names_what_there_is() {
        let kit = block_kit();
        for (name, kind) in kit.view.iter().chain(&kit.block).chain(&kit.element).chain(&kit.object) {
            assert!(kind.source.starts_with("https://docs.slack.dev/reference/"), "{name}: {}", kind.source);
            for field in &kind.any {
                assert!(kind.fields.contains_key(field), "{name} has no {field}");
            }
            for (field, about) in &kind.fields {
                match &about.shape {
                    Shape::Object { of } | Shape::List { of, .. } => {
                        assert!(kit.object.contains_key(of), "{name}.{field}: {of}");
                    }
                    Shape::Element { of } | Shape::Elements { of, .. } => {
                        let exists =
                            |kind: &String| kit.element.contains_key(kind) || kit.known.elements.contains(kind);
                        assert_eq!(of.iter().find(|kind| !exists(kind)), None, "{name}.{field}");
                    }
                    _ => {}
                }
            }
        }
    }
}
