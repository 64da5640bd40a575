//! The values that an entry of the catalogue asks for: typed as `keep_days:14`, or given in a form, a field for each.

use std::collections::BTreeMap;

use super::call::Call;
use super::catalogue::VerbId;
use crate::domain::policy::{CatalogueEntry, Parameter, Policy};
use crate::render::{Field, FieldKind};

/// What the name of a field in a form begins with.
const FIELD: &str = "with_";

/// What was given, by name; and the words that belong to no name.
pub(super) fn given(call: &Call) -> (BTreeMap<String, String>, Vec<String>) {
    let (mut values, mut loose) = (BTreeMap::new(), Vec::new());
    let mut open: Option<String> = None;
    for word in call.get("with").unwrap_or_default().split(|c: char| c.is_whitespace() || c == ',') {
        if word.is_empty() {
            continue;
        }
        if let Some(name) = open.take() {
            values.insert(name, word.to_owned());
        } else if let Some((name, value)) = word.split_once([':', '=']).filter(|(name, _)| !name.is_empty()) {
            let name = name.to_ascii_lowercase();
            // `keep_days: 14`, with the value after a space.
            if value.is_empty() { open = Some(name) } else { drop(values.insert(name, value.to_owned())) }
        } else {
            loose.push(word.to_owned());
        }
    }
    values.extend(in_form(call));
    (values, loose)
}

/// What was given in a form.
pub(super) fn in_form(call: &Call) -> impl Iterator<Item = (String, String)> {
    call.given.iter().filter_map(|(name, value)| Some((name.strip_prefix(FIELD)?.to_owned(), value.clone())))
}

/// Whether a form's field is one of these values.
pub(super) fn is_field(name: &str) -> bool {
    name.starts_with(FIELD)
}

/// The entry that a call names.
pub(super) fn entry<'a>(policy: &'a Policy, call: &Call) -> Option<(&'a String, &'a CatalogueEntry)> {
    let word = call.get("entry")?;
    policy.catalogue.entries.iter().find(|(key, _)| key.eq_ignore_ascii_case(word))
}

/// A field for each value, with what was already typed.
pub(super) fn fields(entry: &CatalogueEntry, call: &Call) -> Vec<Field> {
    let (values, _) = given(call);
    let field = |(name, parameter): (&String, &Parameter)| Field {
        name: format!("{FIELD}{name}"),
        label: name.clone(),
        hint: format!(
            "{}: {}",
            parameter.what,
            if parameter.one_of.is_empty() { parameter.range() } else { "one of these".to_owned() }
        ),
        kind: match parameter.one_of.as_slice() {
            [] => FieldKind::Line,
            words => FieldKind::Choice(words.iter().map(|word| (word.clone(), word.clone())).collect()),
        },
        required: true,
        value: values.get(name).cloned(),
        source: None,
    };
    entry.parameters.iter().map(field).collect()
}

/// Fields of a form for an organisation's own, as many as fit.
pub(super) fn custom_fields(call: &Call, verb: VerbId, policy: &Policy) -> Vec<Field> {
    let rules = match verb {
        VerbId::IncFill => &policy.custom_fields.incident,
        _ => &policy.custom_fields.change,
    };
    let field = |key: &str| {
        let asked = rules.get(key).map(|rule| rule.asked(key));
        let words = asked.as_ref().map(|asked| asked.one_of.clone()).unwrap_or_default();
        Field {
            name: format!("{FIELD}{key}"),
            label: key.to_owned(),
            hint: asked.map_or_else(String::new, |asked| format!("{}: {}", asked.what, asked.wants())),
            kind: match words.as_slice() {
                [] => FieldKind::Line,
                words => FieldKind::Choice(words.iter().map(|word| (word.clone(), word.clone())).collect()),
            },
            required: false,
            value: call.get(&format!("{FIELD}{key}")).map(str::to_owned),
            source: None,
        }
    };
    call.get(ASKED).unwrap_or_default().split(',').filter(|key| !key.is_empty()).map(field).collect()
}

/// The call that knows which fields its form asks for.
pub fn asking_for(call: Call, keys: &[&str]) -> Call {
    let fit: Vec<&str> = keys.iter().copied().take(FIELDS_MAX).collect();
    call.with(ASKED, &fit.join(","))
}

/// The name in a call of which fields its form asks for.
const ASKED: &str = "asked";
/// Texts of a modal of Discord.
const FIELDS_MAX: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::grammar::parse;

    #[test]
    fn values_are_typed_in_any_way_that_people_type_them() {
        let said = |text: &str| given(&parse("change", text).expect("a call"));
        let both = BTreeMap::from([("share".to_owned(), "50".to_owned()), ("to".to_owned(), "porto".to_owned())]);
        for text in
            ["std failover to:porto share:50", "std failover to=porto, share: 50", "std failover SHARE:50 to:porto"]
        {
            assert_eq!(said(text), (both.clone(), Vec::new()), "{text}");
        }
        let (values, loose) = said("std failover porto share:50 now");
        assert_eq!((values.len(), loose), (1, vec!["porto".to_owned(), "now".to_owned()]));
        let call = parse("change", "std failover to:porto").expect("a call").with("with_to", "lisbon");
        assert_eq!(given(&call).0["to"], "lisbon", "what the form says is the newest");
    }
}
