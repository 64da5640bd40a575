//! `/log verify`: the same check as on the command line, as much of it as fits the time that chat allows.

use std::time::Duration;

use serde_json::json;

use super::answer::told;
use super::handle::HandleError;
use super::{App, Tenant};
use crate::domain::Subject;
use crate::ledger::outside::Outside;
use crate::ledger::{Layer, LogName, Report};
use crate::render::Message;
use crate::store::Against;

/// Entries that are read through in chat: a tenth of a second for each ten thousand.
const ENTRIES_MAX: i64 = 50_000;
/// The platforms give three seconds.
const PATIENCE: Duration = Duration::from_secs(2);
/// For the check that runs already.
const WAIT: Duration = Duration::from_millis(500);

/// What was asked for, and what there was time for.
enum Checked {
    Whole(Report),
    Subject(Subject, Report),
    /// Too long to be read through; what could be told at once.
    Glance(Report),
}

impl App {
    pub(super) async fn log_verify(&self, tenant: &Tenant, named: Option<Subject>) -> Result<Message, HandleError> {
        let id = tenant.organisation.tenant;
        let Ok(Ok(_one)) = tokio::time::timeout(WAIT, self.verifying.acquire()).await else {
            return Ok(told("Another check of the log is running. Ask again in a few seconds."));
        };
        let against = self.against(tenant.row.log_name()).await;
        let checked = match tokio::time::timeout(PATIENCE, self.check(id, named, against.clone())).await {
            Ok(checked) => checked?,
            Err(_) => Checked::Glance(self.store.glance(id, against).await?),
        };
        match &checked {
            Checked::Subject(subject, report) if report.entries == 0 && report.is_whole() => {
                Ok(told(&format!("The log has no entry of {subject}. `/log verify` alone checks all of it.")))
            }
            Checked::Subject(..) | Checked::Whole(_) | Checked::Glance(_) => self.tell_checked(tenant, &checked),
        }
    }

    async fn check(&self, tenant: i64, named: Option<Subject>, against: Against) -> Result<Checked, HandleError> {
        let entries = self.store.begin(tenant).await?.count_entries(named, ENTRIES_MAX + 1).await?;
        if i64::try_from(entries).is_ok_and(|entries| entries > ENTRIES_MAX) {
            return Ok(Checked::Glance(self.store.glance(tenant, against).await?));
        }
        Ok(match named {
            Some(subject) => Checked::Subject(subject, self.store.verify_subject(tenant, subject, against).await?),
            None => Checked::Whole(self.store.verify(tenant, against, |_| {}).await?),
        })
    }

    /// What is kept outside. Where that can't be read, the person hears that it was not compared.
    async fn against(&self, log: LogName) -> Against {
        let Outside { trust, holds, .. } = self.outside(log).await;
        let is_kept = !trust.keys.is_empty();
        Against { trust, outside: is_kept.then_some(holds) }
    }

    fn tell_checked(&self, tenant: &Tenant, checked: &Checked) -> Result<Message, HandleError> {
        let (report, subject) = match checked {
            Checked::Whole(report) | Checked::Glance(report) => (report, None),
            Checked::Subject(subject, report) => (report, Some(subject.to_string())),
        };
        let first = report.first();
        let data = json!({
            "whole": report.is_whole(),
            "glance": matches!(checked, Checked::Glance(_)),
            "subject": subject,
            "entries": count(report.entries, "entry", "entries"),
            "subjects": count(report.subjects, "record", "records"),
            "first": first.map(crate::ledger::Finding::place),
            "what": first.map(|finding| finding.what.clone()),
            "more": (report.findings.len() > 1).then(|| (report.findings.len() - 1).to_string()),
            "compared": sentence(&compared(report, subject.is_some())),
            "left_out": (!report.left_out.is_empty()).then(|| report.left_out.join("; ")),
        });
        Ok(self.renderer.message("answer/verify", &data, &tenant.organisation)?)
    }
}

/// What was compared, in the words of people.
fn compared(report: &Report, is_of_one_record: bool) -> Vec<String> {
    let mut compared = Vec::new();
    for layer in &report.compared {
        match layer {
            Layer::Chain => compared.push("each entry with the one after it".to_owned()),
            Layer::Disclosure => compared.push("with its names and texts".to_owned()),
            Layer::State => compared.push("the state with the log".to_owned()),
            Layer::Tree if is_of_one_record => compared.push("its newest entry with the tree".to_owned()),
            Layer::Tree => compared.push("the tree over all entries".to_owned()),
            Layer::Signature if report.stored > 0 => {
                compared.push(count(report.stored, "signature in the database", "signatures in the database"));
            }
            Layer::Outside if report.outside > 0 => {
                compared.push(count(report.outside, "signed checkpoint outside", "signed checkpoints outside"));
            }
            Layer::Time => compared.push("times".to_owned()),
            Layer::Schema => compared.push("Postgres' guards".to_owned()),
            Layer::Leaf | Layer::Row | Layer::Pending | Layer::Signature | Layer::Outside | Layer::Receipt => {}
        }
    }
    compared
}

/// `a, b and c`
fn sentence(parts: &[String]) -> String {
    match parts {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [start @ .., last] => format!("{} and {last}", start.join(", ")),
    }
}

fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
