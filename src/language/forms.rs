//! The form that asks for what a call still needs.

use super::call::Call;
use super::catalogue::{Arg, ArgKind, Need, Verb, VerbId};
use super::filled::Filled;
use super::parameters;
use super::presses::Press;
use crate::domain::Organisation;
use crate::domain::policy::Policy;
use crate::render::{Field, FieldKind, Form};

/// The form of a verb, with what was given already filled in. What a button says that opened it is not asked.
pub fn form(
    id: &str,
    call: &Call,
    button: Option<Press>,
    verb: &'static Verb,
    organisation: &Organisation,
    policy: &Policy,
) -> Form {
    let pressed = button.map(|button| button.call());
    let is_said = |arg: &Arg| pressed.as_ref().is_some_and(|pressed| pressed.get(arg.name).is_some());
    let is_ok = pressed.as_ref().is_some_and(|pressed| pressed.get("verdict") == Some("ok"));
    let wanted = |arg: &&Arg| match arg.need {
        _ if is_said(arg) => false,
        // A yes has nothing to change.
        _ if verb.id == VerbId::ChangeReview && arg.name == "why" && is_ok => false,
        Need::Asked | Need::Offered => true,
        // Given on the command line but wrong: the form is where it is mended.
        Need::Optional => {
            let is_kept = arg.kind == ArgKind::Subject || verb.id == VerbId::ChangeStd;
            call.get(arg.name).is_some() && !is_kept
        }
    };
    let entry = (verb.id == VerbId::ChangeStd).then(|| parameters::entry(policy, call)).flatten();
    let values = match (verb.id, entry) {
        (VerbId::IncFill | VerbId::ChangeFill, _) => parameters::custom_fields(call, verb.id, policy),
        (_, Some((_, entry))) => parameters::fields(entry, call),
        _ => Vec::new(),
    };
    // Each value has a field of its own.
    let each_has_its_own = verb.id != VerbId::ChangeStd && !values.is_empty();
    let asked = verb
        .args
        .iter()
        .filter(wanted)
        .filter(|arg| !(each_has_its_own && arg.name == "with"))
        .map(|arg| field(arg, call, organisation));
    Form {
        id: id.to_owned(),
        title: title(verb, button.filter(|_| verb.args.iter().any(|arg| arg.kind != ArgKind::Subject && is_said(arg)))),
        submit: "Send".to_owned(),
        notes: Vec::new(),
        fields: asked.chain(values).collect(),
    }
}

/// The command, or where a button says more than what it is about, the button.
fn title(verb: &Verb, button: Option<Press>) -> String {
    match button {
        Some(button) => match &button.entry {
            Some(entry) => format!("{} · {}", button.action.label(), entry.as_str()),
            None => format!("{} · {}", button.action.label(), button.subject),
        },
        None => format!("/{} {}", verb.command, verb.name),
    }
}

fn field(arg: &Arg, call: &Call, organisation: &Organisation) -> Field {
    let value = call.get(arg.name).map(str::to_owned);
    Field {
        name: arg.name.to_owned(),
        label: arg.label.to_owned(),
        hint: arg.hint.to_owned(),
        kind: kind(arg, value.as_deref(), organisation),
        required: arg.need == Need::Asked,
        value,
        source: None,
    }
}

/// Says of each field that was filled in where its value came from, and asks for what is needed of what it is about.
pub fn with_filled(form: Form, call: &Call, filled: &Filled, organisation: &Organisation) -> Form {
    let is_asked = |arg: &&Arg| form.fields.iter().any(|field| field.name == arg.name);
    let needed = |arg: &&Arg| filled.needs.iter().any(|name| name == arg.name) && !is_asked(arg);
    let args = call.verb().map(|verb| verb.args).unwrap_or_default();
    let needed = args.iter().filter(needed).map(|arg| Field { required: true, ..field(arg, call, organisation) });
    let needed: Vec<Field> = needed.collect();
    let sourced = |field: Field| {
        let source = filled.source_of(call, &field.name).map(str::to_owned);
        Field { source, ..field }
    };
    let fields = form.fields.into_iter().chain(needed).map(sourced).collect();
    Form { fields, notes: filled.notes.clone(), ..form }
}

fn kind(arg: &Arg, value: Option<&str>, organisation: &Organisation) -> FieldKind {
    match arg.kind {
        ArgKind::Severity | ArgKind::YesNo | ArgKind::Scale(_) | ArgKind::Touches | ArgKind::Choice(_) => {
            FieldKind::Choice(arg.choices().unwrap_or_default())
        }
        ArgKind::Services => services(value, organisation),
        ArgKind::Text | ArgKind::Words if arg.name == "title" || arg.name == "chose" => FieldKind::Line,
        ArgKind::Text | ArgKind::Words | ArgKind::Plan => FieldKind::Paragraph,
        ArgKind::Person
        | ArgKind::Subject
        | ArgKind::Change
        | ArgKind::Entry
        | ArgKind::Number
        | ArgKind::Kind
        | ArgKind::Key(_)
        | ArgKind::When => FieldKind::Line,
    }
}

/// A list to choose from while it fits a select of either platform (25), a line to type in otherwise.
fn services(value: Option<&str>, organisation: &Organisation) -> FieldKind {
    let listed = value.is_none_or(|value| organisation.services.contains_key(value));
    if organisation.services.len() <= 25 && listed {
        let choice =
            |service: &crate::domain::Service| (service.key.clone(), format!("{} · {}", service.key, service.name));
        FieldKind::Choice(organisation.services.values().map(choice).collect())
    } else {
        FieldKind::Line
    }
}
