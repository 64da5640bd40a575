//! Who answers for what: as the organisation file says it, and its rows.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use super::error::Doing;
use super::organisation_file::OrganisationFile;
use super::{StoreError, Tx};
use crate::domain::rules::Activity;
use crate::domain::{Organisation, PersonId, Responsibility};

/// People whom one entry names as the same letter: each may be told of every step.
const PEOPLE_MAX: usize = 20;

/// An entry as people write it: `accountable = "tom"`, and lists of the others.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RaciEntry {
    pub activity: Spanned<String>,
    /// Without it, of the unit.
    pub service: Option<String>,
    pub accountable: Option<Spanned<Names>>,
    #[serde(default)]
    pub responsible: Names,
    #[serde(default)]
    pub consulted: Names,
    #[serde(default)]
    pub informed: Names,
}

/// One person, or several. Several Accountable can be read, so that they are refused in words.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Names {
    One(String),
    Several(Vec<String>),
}

impl Default for Names {
    fn default() -> Names {
        Names::Several(Vec::new())
    }
}

impl Names {
    fn all(&self) -> &[String] {
        match self {
            Names::One(name) => std::slice::from_ref(name),
            Names::Several(names) => names,
        }
    }
}

impl RaciEntry {
    /// `command`, or `command of payments`
    fn about(&self) -> String {
        let activity = self.activity.get_ref();
        self.service.as_ref().map_or_else(|| activity.clone(), |service| format!("{activity} of {service}"))
    }

    fn accountable(&self) -> &[String] {
        self.accountable.as_ref().map_or(&[], |names| names.get_ref().all())
    }

    fn described(&self) -> String {
        described(self.accountable(), self.responsible.all(), self.consulted.all(), self.informed.all())
    }
}

impl OrganisationFile {
    /// What is wrong with who answers for what, with the line of the file.
    pub(super) fn raci_problems(&self, source: &str, problems: &mut Vec<String>) {
        let mut known: BTreeMap<(&str, Option<&str>), usize> = BTreeMap::new();
        for entry in &self.raci {
            let about = entry.about();
            let line = line_of(source, entry.activity.span().start);
            let activity = entry.activity.get_ref().as_str();
            if Activity::parse(activity).is_none() {
                let words = Activity::ALL.map(Activity::as_str).join(", ");
                problems.push(format!("line {line}: “{activity}” is no activity: {words}."));
            }
            if let Some(first) = known.insert((activity, entry.service.as_deref()), line) {
                problems.push(format!(
                    "line {line}: a second entry for {about}, which line {first} has already; exactly one person is \
                     Accountable."
                ));
            }
            self.people_problems(source, entry, line, problems);
        }
    }

    fn people_problems(&self, source: &str, entry: &RaciEntry, line: usize, problems: &mut Vec<String>) {
        let about = entry.about();
        let at = entry.accountable.as_ref().map_or(line, |names| line_of(source, names.span().start));
        match entry.accountable() {
            [] => problems.push(format!("line {at}: {about} has nobody Accountable; exactly one person is.")),
            [_] => {}
            several => problems.push(format!(
                "line {at}: {about} has {} Accountable ({}); exactly one person is.",
                several.len(),
                several.join(", ")
            )),
        }
        if entry.responsible.all().is_empty() {
            problems.push(format!("line {line}: {about} has nobody Responsible; at least one person is."));
        }
        let people: BTreeSet<&str> = self.person.iter().map(|person| person.key.as_str()).collect();
        let lists = [entry.accountable(), entry.responsible.all(), entry.consulted.all(), entry.informed.all()];
        for person in lists.iter().copied().flatten().filter(|person| !people.contains(person.as_str())) {
            problems.push(format!(
                "line {line}: {about} names the person “{person}”, who is not in the file: whoever left answers for \
                 nothing."
            ));
        }
        if lists.iter().any(|list| list.len() > PEOPLE_MAX) {
            problems.push(format!("line {line}: {about} names more than {PEOPLE_MAX} people as one letter."));
        }
        let unknown = entry.service.as_ref().filter(|key| !self.service.iter().any(|service| &service.key == *key));
        if let Some(service) = unknown {
            problems.push(format!("line {line}: {about} names the service “{service}”, which is not in the file."));
        }
    }

    /// For what the file changes: each entry, and what it says.
    pub(super) fn described_responsibilities(&self) -> BTreeMap<String, String> {
        self.raci.iter().map(|entry| (entry.about(), entry.described())).collect()
    }
}

/// The same of what is loaded. `key_of`: the short name of a person.
pub(super) fn described_now(
    organisation: &Organisation,
    keys_of: impl Fn(&[PersonId]) -> Vec<String>,
) -> BTreeMap<String, String> {
    let describe = |one: &Responsibility| {
        let activity = one.activity.as_str();
        let about =
            one.service.as_ref().map_or_else(|| activity.to_owned(), |service| format!("{activity} of {service}"));
        let accountable = keys_of(std::slice::from_ref(&one.accountable));
        let others = [&one.responsible, &one.consulted, &one.informed].map(|people| keys_of(people));
        (about, described(&accountable, &others[0], &others[1], &others[2]))
    };
    organisation.responsibilities.iter().map(describe).collect()
}

fn described(accountable: &[String], responsible: &[String], consulted: &[String], informed: &[String]) -> String {
    format!("{:?}", (accountable, responsible, consulted, informed))
}

/// The line that a byte of a text is on, from 1.
fn line_of(source: &str, byte: usize) -> usize {
    source.bytes().take(byte).filter(|byte| *byte == b'\n').count() + 1
}

impl Tx {
    /// What is written, in the order of the activities, the unit's entry first.
    pub(super) async fn responsibilities(&mut self) -> Result<Vec<Responsibility>, StoreError> {
        let rows = sqlx::query!(
            "select activity, service, accountable, responsible, consulted, informed from responsibility order by service"
        )
        .fetch_all(self.conn())
        .await
        .doing("reading who answers for what")?;
        let ids = |people: Vec<String>| people.into_iter().map(PersonId).collect();
        let mut found = Vec::new();
        for row in rows {
            let odd = || StoreError::impossible(format!("the activity {}", row.activity));
            found.push(Responsibility {
                activity: Activity::parse(&row.activity).ok_or_else(odd)?,
                service: Some(row.service).filter(|service| !service.is_empty()),
                accountable: PersonId(row.accountable),
                responsible: ids(row.responsible),
                consulted: ids(row.consulted),
                informed: ids(row.informed),
            });
        }
        found.sort_by_key(|one: &Responsibility| one.activity);
        Ok(found)
    }

    /// Writes what the file says, and drops what it does not say any more. `id_of`: the pseudonym of a short name.
    pub(super) async fn write_responsibilities(
        &mut self,
        file: &OrganisationFile,
        id_of: impl Fn(&String) -> String,
        version: i32,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let ids = |names: &Names| names.all().iter().map(&id_of).collect::<Vec<String>>();
        for entry in &file.raci {
            sqlx::query!(
                "insert into responsibility (tenant_id, activity, service, accountable, responsible, consulted, informed,
                    version)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)
                 on conflict (tenant_id, activity, service) do update set accountable = excluded.accountable,
                    responsible = excluded.responsible, consulted = excluded.consulted, informed = excluded.informed,
                    version = excluded.version",
                tenant,
                entry.activity.get_ref(),
                entry.service.as_deref().unwrap_or_default(),
                entry.accountable().first().map(&id_of).unwrap_or_default(),
                &ids(&entry.responsible),
                &ids(&entry.consulted),
                &ids(&entry.informed),
                version
            )
            .execute(self.conn())
            .await
            .doing("writing who answers for what")?;
        }
        let written: Vec<String> = file
            .raci
            .iter()
            .map(|entry| format!("{} {}", entry.activity.get_ref(), entry.service.as_deref().unwrap_or_default()))
            .collect();
        sqlx::query!("delete from responsibility where not (activity || ' ' || service = any ($1))", &written)
            .execute(self.conn())
            .await
            .doing("dropping who answers for nothing any more")?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORGANISATION: &str = include_str!("../../deploy/organisation.toml");

    fn problems(raci: &str) -> Vec<String> {
        let source = format!("{ORGANISATION}\n{raci}");
        let lines = ORGANISATION.lines().count();
        let file: OrganisationFile = toml::from_str(&source).expect("it can be read");
        let told = file.problems(&source);
        told.into_iter().map(|told| told.replace(&format!("line {}", lines + 5), "line +5")).collect()
    }

    #[test]
    fn an_entry_has_exactly_one_accountable_and_somebody_responsible_and_the_line_is_named() {
        let entry =
            |accountable: &str, rest: &str| format!("\n[[raci]]\nactivity = \"command\"\n{accountable}\n{rest}");
        let sound = entry("accountable = \"tom\"", "responsible = [\"ana\"]");
        assert!(problems(&sound).is_empty(), "{:?}", problems(&sound));
        for (raci, told) in [
            (entry("accountable = [\"tom\", \"mia\"]", "responsible = \"ana\""), "has 2 Accountable (tom, mia)"),
            (entry("accountable = []", "responsible = \"ana\""), "has nobody Accountable"),
            (entry("", "responsible = \"ana\""), "has nobody Accountable"),
            (entry("accountable = \"tom\"", ""), "has nobody Responsible"),
            (entry("accountable = \"tom\"", "responsible = \"gone\""), "“gone”, who is not in the file"),
            (entry("accountable = \"tom\"", "responsible = \"ana\"\nservice = \"nope\""), "the service “nope”"),
            (format!("{sound}\n{sound}"), "a second entry for command"),
            (sound.replace("command", "lunch"), "“lunch” is no activity: command, communicate"),
        ] {
            let found = problems(&raci);
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].contains(told) && found[0].starts_with("line "), "{found:?}");
        }
        let both = problems(&entry("accountable = [\"tom\", \"mia\"]", "responsible = \"ana\""));
        assert_eq!(both, ["line +5: command has 2 Accountable (tom, mia); exactly one person is."]);
    }
}
