//! Fields of an organisation's own, for people.

use serde_json::{Value, json};

use super::App;
use super::handle::HandleError;
use super::inbound::Inbound;
use super::target::subject_meant;
use crate::domain::rules::Gate;
use crate::domain::{CustomFields, FieldsOf, Subject};
use crate::language::{Call, VerbId, parameters};
use crate::store::Tx;

/// Which records a verb fills in.
pub(super) fn of_verb(call: &Call) -> Option<FieldsOf> {
    match call.verb()?.id {
        VerbId::ChangeFill => Some(FieldsOf::Change),
        VerbId::IncFill => Some(FieldsOf::Incident),
        _ => None,
    }
}

impl App {
    /// What the record that was named, or whose room this is, does not say yet; where it is not clear which one is meant,
    /// the form asks for values by name.
    pub(super) async fn asking_for_fields(
        &self,
        tx: &mut Tx,
        inbound: &Inbound,
        of: FieldsOf,
        call: Call,
    ) -> Result<Call, HandleError> {
        let named = subject_meant(tx, &call, &inbound.place).await?;
        let fields = match (of, named) {
            (FieldsOf::Incident, Some(Subject::Incident(number))) => {
                tx.incident(number).await?.map(|incident| incident.fields)
            }
            (FieldsOf::Change, Some(Subject::Change(number))) => tx.change(number).await?.map(|change| change.fields),
            _ => None,
        };
        let fields = fields.unwrap_or_default();
        let keys: Vec<&str> = fields.missing(Gate::Close).map(|field| field.key.as_str()).collect();
        Ok(parameters::asking_for(call, &keys))
    }
}

/// What the fields say, and which are empty; `null` where there are none.
pub(super) fn data(fields: &CustomFields) -> Value {
    if fields.is_empty() {
        return Value::Null;
    }
    let filled = fields.fields.iter().filter(|field| field.filled);
    let filled: Vec<Value> = filled.map(|field| json!({ "what": field.asked.what, "value": field.value })).collect();
    let empty: Vec<&str> = fields.missing(Gate::Close).map(|field| field.what.as_str()).collect();
    json!({ "filled": filled, "empty": empty })
}
