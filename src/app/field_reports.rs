//! `/report fields`: records whose fields are still empty, and how long forms and fields take to fill in (S1.M6.3, S2.M6.1).

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::handle::{Caller, HandleError};
use super::lists::listed;
use super::reports::{counted, names, short};
use super::{App, Tenant};
use crate::domain::Subject;
use crate::domain::custom_field::AskedField;
use crate::domain::rules::Gate;
use crate::render::Message;
use crate::store::{FIELD_RECORDS_MAX, FieldRecord, FormUse, Tx};

/// Fields that are told of, those that take longest.
const FILLS_MAX: usize = 10;

impl App {
    pub(super) async fn field_report(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        days: u32,
        page: u32,
    ) -> Result<Message, HandleError> {
        let services = match self.reported_on(tx, tenant, caller, "report fields").await? {
            Ok(services) => services,
            Err(refused) => return Ok(refused),
        };
        let since = self.clock.now() - TimeDelta::days(days.into());
        let mut records = tx.records_with_fields(since).await?;
        let changes = records.iter().filter(|record| matches!(record.subject, Subject::Change(_))).count();
        let is_cut = changes.max(records.len() - changes) >= usize::from(FIELD_RECORDS_MAX);
        records
            .retain(|record| services.as_ref().is_none_or(|seen| record.services.iter().any(|of| seen.contains(of))));
        let fills = fills(&records);
        let asked = records.len();
        records.retain(|record| missing(record).next().is_some());
        records.sort_by_key(|record| (!record.is_over, record.since));
        let (shown, left) = listed(&records, page, &format!("/report fields days:{days}"));
        let lines: Vec<Value> = shown.iter().map(|record| line(tenant, record)).collect();
        // Forms are nobody's service: whoever sees a part sees none of them.
        let forms = if services.is_none() { tx.form_uses(since).await? } else { Vec::new() };
        let data = json!({
            "records": lines, "left": left, "days": counted(days as usize, "day", "days"),
            "empty": counted(records.len(), "record", "records"), "asked": asked.to_string(),
            "filled": (asked > 0).then(|| counted(asked, "record", "records")),
            "fills": fills.iter().take(FILLS_MAX).map(Fill::told).collect::<Vec<_>>(),
            "forms": forms.iter().map(form_told).collect::<Vec<_>>(),
            "services": services.map(|services| names(tenant, &services)),
            "most": is_cut.then(|| FIELD_RECORDS_MAX.to_string()),
        });
        Ok(self.renderer.message("answer/fields", &data, &tenant.organisation)?)
    }
}

/// What is empty, whatever it would hold up.
fn missing(record: &FieldRecord) -> impl Iterator<Item = &AskedField> {
    record.fields.missing(Gate::Close)
}

fn line(tenant: &Tenant, record: &FieldRecord) -> Value {
    let keys: Vec<&str> = missing(record).map(|asked| asked.key.as_str()).collect();
    json!({
        "subject": record.subject, "title": short(&record.title), "service": names(tenant, &record.services),
        "since": record.since, "over": record.is_over, "keys": keys,
    })
}

/// How a field fared over many records.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fill {
    key: String,
    asked: usize,
    /// From the request or declaration to the filling, the shortest first.
    took: Vec<TimeDelta>,
}

impl Fill {
    fn median(&self) -> Option<TimeDelta> {
        self.took.get(self.took.len().saturating_sub(1) / 2).copied()
    }

    fn told(&self) -> Value {
        json!({
            "key": self.key, "filled": self.took.len().to_string(), "asked": self.asked.to_string(),
            "median": self.median().map(spoken),
        })
    }
}

/// What each field took, the slowest first; of those that nobody has filled in, nothing is known.
fn fills(records: &[FieldRecord]) -> Vec<Fill> {
    let mut fills: BTreeMap<&str, Fill> = BTreeMap::new();
    for (record, field) in
        records.iter().flat_map(|record| record.fields.fields.iter().map(move |field| (record, field)))
    {
        let key = field.asked.key.as_str();
        let fill = fills.entry(key).or_insert_with(|| Fill { key: key.to_owned(), asked: 0, took: Vec::new() });
        fill.asked += 1;
        fill.took.extend(field.at.filter(|_| field.filled).map(|at| at - record.since));
    }
    let mut fills: Vec<Fill> = fills.into_values().collect();
    for fill in &mut fills {
        fill.took.sort_unstable();
    }
    fills.sort_by_key(|fill| std::cmp::Reverse(fill.median()));
    fills
}

fn form_told(form: &FormUse) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a day")]
    let seconds = form.median_seconds.map(|seconds| seconds.round() as i64);
    json!({
        "verb": format!("/{}", form.verb), "opened": form.opened.to_string(),
        "unsent": (form.opened > form.sent).then(|| (form.opened - form.sent).to_string()),
        "median": seconds.map(|seconds| spoken(TimeDelta::seconds(seconds))),
    })
}

/// `40 s`, `12 min`, `3 h`, `2 days`
fn spoken(took: TimeDelta) -> String {
    match (took.num_seconds(), took.num_minutes(), took.num_hours(), took.num_days()) {
        (seconds, 0, ..) => format!("{} s", seconds.max(0)),
        (_, minutes, 0 | 1, _) => format!("{minutes} min"),
        (_, _, hours, 0 | 1) => format!("{hours} h"),
        (.., days) => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::CustomFields;
    use crate::domain::rules::ItemEvidence;

    fn record(filled: &[(&str, Option<i64>)]) -> FieldRecord {
        let asked = |key: &str| AskedField {
            key: key.to_owned(),
            before: Gate::Start,
            what: format!("the {key}"),
            kind: ItemEvidence::Text,
            one_of: Vec::new(),
            regime: None,
        };
        let mut fields = CustomFields::default();
        fields.ask(filled.iter().map(|(key, _)| asked(key)));
        for (key, minutes) in filled {
            if let Some(minutes) = minutes {
                fields.fill(key, "x", None, DateTime::UNIX_EPOCH + TimeDelta::minutes(*minutes));
            }
        }
        let (title, services) = ("a change".to_owned(), vec!["ledger".to_owned()]);
        FieldRecord { subject: Subject::Change(1), title, services, since: DateTime::UNIX_EPOCH, is_over: true, fields }
    }

    #[test]
    fn the_median_of_a_field_is_over_those_that_were_filled_in() {
        let records = [
            record(&[("ticket", Some(4)), ("cause", None)]),
            record(&[("ticket", Some(90)), ("cause", Some(300))]),
            record(&[("ticket", Some(6)), ("owner", None)]),
        ];
        let told: Vec<(String, usize, usize, Option<String>)> = fills(&records)
            .iter()
            .map(|fill| (fill.key.clone(), fill.took.len(), fill.asked, fill.median().map(spoken)))
            .collect();
        let expected = [("cause", 1, 2, Some("5 h")), ("ticket", 3, 3, Some("6 min")), ("owner", 0, 1, None)];
        assert_eq!(told, expected.map(|(key, took, asked, median)| (key.into(), took, asked, median.map(Into::into))));
    }

    #[test]
    fn a_time_is_told_in_one_unit() {
        let seconds = [0, 59, 60, 7_199, 7_200, 172_799, 172_800];
        let told = seconds.map(|seconds| spoken(TimeDelta::seconds(seconds)));
        assert_eq!(told, ["0 s", "59 s", "1 min", "119 min", "2 h", "47 h", "2 days"]);
    }
}
