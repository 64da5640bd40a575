//! Values for the fields of an organisation's own.

use std::collections::BTreeMap;

use super::super::parameters;
use super::{Reader, VerbId};
use crate::domain::{FieldsOf, FillCommand};

impl Reader<'_> {
    /// Without values a form asks for them. Which fields there are is for the record to say.
    pub(super) fn fill(&mut self) -> Option<FillCommand> {
        let of = if self.verb.id == VerbId::IncFill { FieldsOf::Incident } else { FieldsOf::Change };
        let mut values = match typed(self.call.get("with").unwrap_or_default()) {
            Ok(values) => values,
            Err(odd) => {
                let sentence = format!("“{odd}” has no name before it, as in `{}`.", self.verb.example);
                return self.wanting("with", &sentence);
            }
        };
        values.extend(parameters::in_form(self.call));
        (!values.is_empty()).then_some(FillCommand { of, values })
    }
}

/// `ticket:OPS-7 cause: disk full`: a value goes on until the next name. `Err`: words before any name.
fn typed(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    let mut open: Option<String> = None;
    for word in text.split_whitespace() {
        let named = word.split_once(':').filter(|(name, rest)| is_name(name) && !rest.starts_with("//"));
        let (name, said) = match (named, &open) {
            (Some((name, said)), _) => (name.to_ascii_lowercase(), said),
            (None, Some(open)) => (open.clone(), word),
            (None, None) => return Err(word.to_owned()),
        };
        let value = values.entry(name.clone()).or_default();
        if !value.is_empty() && !said.is_empty() {
            value.push(' ');
        }
        value.push_str(said);
        open = Some(name);
    }
    values.retain(|_, value| !value.is_empty());
    Ok(values)
}

fn is_name(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_goes_on_until_the_next_name() {
        let values =
            typed("ticket:OPS-7 cause: disk full page:https://x.example/1 and https://x.example/2").expect("read");
        assert_eq!(values["ticket"], "OPS-7");
        assert_eq!(values["cause"], "disk full");
        assert_eq!(values["page"], "https://x.example/1 and https://x.example/2");
        assert_eq!(typed("OPS-7"), Err("OPS-7".to_owned()));
        assert_eq!(typed("ticket:").expect("read"), BTreeMap::new(), "nothing is no value");
    }
}
