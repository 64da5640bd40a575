//! `/log show`: the decision log as people read it, as far as each may.

use std::collections::HashMap;
use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::answer::{plain, told};
use super::handle::{Caller, HandleError};
use super::questions::{heading, slip};
use super::target::no_such;
use super::{App, Tenant};
use crate::domain::rules::{Denial, LogReach, LogReading, log_reach, read_log};
use crate::domain::{Change, KindWord, LogQuery, PersonId, Refusal, Role, Subject};
use crate::render::{Block, Inline, Message, Text, TimeStyle, fit};
use crate::store::{LogEntry, LogPart, LogSearch, Tx};

/// Entries of the log a page: about what fits a message on either platform.
const LOG_PAGE: i64 = 20;
/// Pages that are turned back to; a moment reaches farther.
const PAGES_MAX: u32 = 500;

/// Who reads, as rule 4.23 sees them.
pub(super) struct Reader<'a> {
    pub person: &'a PersonId,
    pub roles: Vec<Role>,
    pub services: Vec<String>,
    pub on_board: bool,
}

/// What is looked through, and how much of it is shown.
enum Scope {
    /// One record, with the changes of an incident. Readings by subject.
    Record { subject: Subject, readings: HashMap<String, LogReading>, hidden: Vec<Subject> },
    /// All that the reader may see.
    Tenant { reach: LogReach, metadata: bool, own: Vec<String> },
}

impl<'a> Reader<'a> {
    pub fn of(tenant: &Tenant, person: &'a PersonId) -> Reader<'a> {
        let organisation = &tenant.organisation;
        let owned = organisation.services.values().filter(|service| &service.owner == person);
        let services: Vec<String> = owned.map(|service| service.key.clone()).collect();
        let on_board = organisation.is_on_board(person);
        let mut roles = organisation.person(person).map(|person| person.roles.clone()).unwrap_or_default();
        if !services.is_empty() {
            roles.push(Role::ServiceOwner);
        }
        if on_board {
            roles.push(Role::CabMember);
        }
        Reader { person, roles, services, on_board }
    }

    /// How much of each of these subjects' logs they may read.
    pub async fn readings(
        &self,
        tx: &mut Tx,
        subjects: &[Subject],
    ) -> Result<Vec<Result<LogReading, Denial>>, HandleError> {
        let ties = tx.log_ties(subjects, self.person, &self.services).await?;
        Ok(ties.into_iter().map(|ties| read_log(&self.roles, ties)).collect())
    }

    async fn tenant(&self, tx: &mut Tx) -> Result<Scope, HandleError> {
        let (reach, metadata) = log_reach(&self.roles);
        let own = match reach {
            LogReach::Everything => Vec::new(),
            LogReach::Incidents | LogReach::Ties => {
                tx.own_records(self.person, &self.services, self.on_board || self.roles.contains(&Role::CabMember))
                    .await?
            }
        };
        Ok(Scope::Tenant { reach, metadata, own })
    }

    async fn record(&self, tx: &mut Tx, subject: Subject) -> Result<Result<Scope, Denial>, HandleError> {
        let subjects = with_changes(tx, subject).await?;
        let mut readings = HashMap::new();
        let mut hidden = Vec::new();
        for (of, reading) in subjects.iter().zip(self.readings(tx, &subjects).await?) {
            match reading {
                Ok(reading) => drop(readings.insert(of.to_string(), reading)),
                Err(denial) if *of == subject => return Ok(Err(denial)),
                Err(_) => hidden.push(*of),
            }
        }
        Ok(Ok(Scope::Record { subject, readings, hidden }))
    }
}

/// A record's log, and for an incident those of its changes and freezes.
pub(super) async fn with_changes(tx: &mut Tx, subject: Subject) -> Result<Vec<Subject>, HandleError> {
    let mut subjects = vec![subject];
    if let Subject::Incident(number) = subject {
        subjects.extend(tx.changes_of_incident(number).await?.iter().map(Change::subject));
        subjects.extend(tx.freezes_of_incident(number).await?);
    }
    Ok(subjects)
}

impl App {
    pub(super) async fn log_show(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        caller: &Caller<'_>,
        named: Option<Subject>,
        query: LogQuery,
    ) -> Result<Message, HandleError> {
        let Some(person) = caller.actor.person() else {
            return Ok(slip(&Refusal::slip("Only a person can read the log.", "")));
        };
        let reader = Reader::of(tenant, person);
        let meant = match named {
            Some(subject) => Some(subject),
            None => self.incident_number(tx, caller, None).await?.map(Subject::Incident),
        };
        let scope = match meant {
            None => reader.tenant(tx).await?,
            Some(subject) => match reader.record(tx, subject).await? {
                Ok(scope) => scope,
                Err(_) if tx.log_page(&[subject], 0, 0).await?.total == 0 => return Ok(slip(&no_such(subject))),
                Err(denial) => return self.refuse(tx, tenant, caller, None, denial.into(), "log show").await,
            },
        };
        let listing = Listing::of(self, tx, tenant, &scope, query).await?;
        if listing.entries.is_empty() {
            return Ok(match meant {
                Some(subject) if listing.total == Some(0) => slip(&no_such(subject)),
                _ => told(&listing.nothing()),
            });
        }
        let lines = listing.entries.iter().map(|entry| match scope.reading(entry) {
            LogReading::Full => self.log_line(tenant, entry),
            LogReading::Metadata => metadata_line(tenant, entry),
        });
        let mut items = fit(lines.collect());
        for (text, entry) in items.iter_mut().zip(&listing.entries) {
            let receipt = crate::ledger::receipt(&entry.subject, entry.seq, &entry.leaf_hash);
            text.extend([Inline::Plain { text: " ".to_owned() }, Inline::Code { text: receipt }]);
        }
        let blocks =
            vec![heading(scope.title()), Block::List { items }, Block::Context { text: plain(&listing.small_print()) }];
        Ok(Message { blocks, ..Message::default() })
    }

    /// `14:02 Ana Ruiz declared …`; an entry that can't be told any more says so, and hides no other.
    pub(super) fn entry_line(&self, tenant: &Tenant, entry: &LogEntry, style: TimeStyle) -> Text {
        let line = entry.at.zip(self.line(tenant, &entry.kind, &entry.subject, entry.data.clone()).ok());
        let Some((at, line)) = line else {
            let sentence = format!("{}#{} cannot be read: it was changed. ", entry.subject, entry.seq);
            let verify = format!("/log verify {}", entry.subject);
            return vec![Inline::Plain { text: sentence }, Inline::Code { text: verify }];
        };
        let mut text = vec![Inline::Time { at, style }, Inline::Plain { text: " ".to_owned() }];
        text.extend(line);
        text.extend(entry.erased.iter().flat_map(|note| super::privacy::erased_note(&tenant.organisation, note)));
        text
    }

    /// The same with where it was said, and by which rule it was so decided.
    fn log_line(&self, tenant: &Tenant, entry: &LogEntry) -> Text {
        let mut line = self.entry_line(tenant, entry, TimeStyle::Date);
        let mut more = String::new();
        // A refusal's own line names its rule.
        if let Some(rule) = entry.data.get("rule").and_then(Value::as_str).filter(|_| entry.kind != "refused") {
            let _ = write!(more, " · rule {rule}");
        }
        if let Some(platform) = entry.platform {
            let _ = write!(more, " · on {}", platform.name());
        }
        line.push(Inline::Plain { text: more });
        line
    }
}

/// Who, when, what kind, of which record: all that there is for whoever sees metadata only.
fn metadata_line(tenant: &Tenant, entry: &LogEntry) -> Text {
    let by = entry.data.get("by").and_then(Value::as_str).unwrap_or_default();
    let who = match tenant.organisation.person(&PersonId(by.to_owned())) {
        Some(person) => Inline::Mention { accounts: person.accounts().cloned().collect(), name: person.name.clone() },
        None if by == "wardroom" => Inline::Plain { text: "Wardroom".to_owned() },
        None => Inline::Plain { text: by.to_owned() },
    };
    let phrase = KindWord::of(&entry.kind).map_or(entry.kind.as_str(), |kind| kind.phrase);
    let mut text: Text = Vec::new();
    if let Some(at) = entry.at {
        text.extend([Inline::Time { at, style: TimeStyle::Date }, Inline::Plain { text: " ".to_owned() }]);
    }
    text.extend([who, Inline::Plain { text: format!(" · {phrase} · {}", entry.subject) }]);
    text
}

impl Scope {
    fn title(&self) -> String {
        match self {
            Scope::Record { subject, .. } => format!("{subject} · decision log"),
            Scope::Tenant { .. } => "Decision log".to_owned(),
        }
    }

    fn reading(&self, entry: &LogEntry) -> LogReading {
        let is_full = match self {
            Scope::Record { readings, .. } => {
                return readings.get(&entry.subject).copied().unwrap_or(LogReading::Metadata);
            }
            Scope::Tenant { reach: LogReach::Everything, .. } => true,
            Scope::Tenant { reach: LogReach::Incidents, own, .. } => entry.of_incident || own.contains(&entry.subject),
            Scope::Tenant { reach: LogReach::Ties, own, .. } => own.contains(&entry.subject),
        };
        if is_full { LogReading::Full } else { LogReading::Metadata }
    }

    /// Where was looked, for the small print.
    fn place(&self) -> String {
        match self {
            Scope::Record { subject, hidden, .. } if hidden.is_empty() => format!("in the log of {subject}"),
            Scope::Record { subject, hidden, .. } => {
                let hidden: Vec<String> = hidden.iter().map(ToString::to_string).collect();
                format!("in the log of {subject}, without {}, which is not open to you", hidden.join(", "))
            }
            Scope::Tenant { reach: LogReach::Everything, .. } => "in the whole log".to_owned(),
            Scope::Tenant { metadata: true, .. } => {
                "in the whole log; of what is not yours to read you see who, when and what kind".to_owned()
            }
            Scope::Tenant { reach: LogReach::Incidents, .. } => {
                "in incidents, the changes for them and your own records".to_owned()
            }
            Scope::Tenant { reach: LogReach::Ties, own, .. } if own.is_empty() => {
                "in your own records, of which there are none".to_owned()
            }
            Scope::Tenant { reach: LogReach::Ties, .. } => "in your own records".to_owned(),
        }
    }
}

/// A page of entries, and what to say of it.
struct Listing {
    entries: Vec<LogEntry>,
    /// Known where nothing but a record was asked for.
    total: Option<i64>,
    page: u32,
    has_older: bool,
    searched: String,
    /// `/log show INC-7 kind:vote`, to which a page is added.
    command: String,
    verify: Option<Subject>,
}

impl Listing {
    async fn of(
        app: &App,
        tx: &mut Tx,
        tenant: &Tenant,
        scope: &Scope,
        query: LogQuery,
    ) -> Result<Listing, HandleError> {
        let zone = tenant.organisation.time_zone;
        let now = app.clock.now();
        let since = query.since.map(|when| when.since(now, zone));
        let until = query.until.map(|when| when.until(now, zone, since));
        let is_filtered = query.by.is_some() || query.kind.is_some() || since.is_some() || until.is_some();
        let mut page = query.page.clamp(1, PAGES_MAX);
        let (mut total, mut verify, mut subjects) = (None, None, Vec::new());
        if let Scope::Record { subject, readings, .. } = scope {
            verify = Some(*subject);
            subjects = readings.keys().cloned().collect();
            if !is_filtered {
                let named: Vec<Subject> = readings.keys().filter_map(|name| Subject::parse(name)).collect();
                let all = tx.log_page(&named, 0, 0).await?.total;
                total = Some(all);
                page = page.min(pages_of(all));
            }
        }
        let part = match scope {
            Scope::Record { .. } => LogPart::Subjects(&subjects),
            Scope::Tenant { reach: LogReach::Everything, .. } | Scope::Tenant { metadata: true, .. } => {
                LogPart::Everything
            }
            Scope::Tenant { reach: LogReach::Incidents, own, .. } => LogPart::Incidents(own),
            Scope::Tenant { reach: LogReach::Ties, own, .. } => LogPart::Subjects(own),
        };
        let search = LogSearch {
            by: query.by.clone(),
            kinds: query.kind.map(|kind| kind.kinds),
            since,
            until,
            offset: i64::from(page - 1) * LOG_PAGE,
            limit: LOG_PAGE + 1,
        };
        let mut entries = tx.search_log(part, &search).await?;
        let has_older = entries.len() > usize::try_from(LOG_PAGE).unwrap_or(usize::MAX);
        if has_older {
            entries.remove(0);
        }
        let searched = searched(tenant, scope, &query, (since, until));
        let command = command_of(tenant, verify, &query);
        Ok(Listing { entries, total, page, has_older, searched, command, verify })
    }

    fn small_print(&self) -> String {
        let shown = self.entries.len();
        let which = match (self.total, self.page) {
            (Some(total), 1) => format!("The newest {shown} of {total} entries"),
            (Some(total), page) => format!("Page {page} of {}, {total} entries", pages_of(total)),
            (None, 1) if !self.has_older => {
                format!("{shown} {} {}", if shown == 1 { "entry" } else { "entries" }, self.searched)
            }
            (None, 1) => format!("The newest {shown} {}", self.searched),
            (None, page) => format!("Page {page} {}", self.searched),
        };
        let mut parts = vec![which];
        if self.has_older && self.page < PAGES_MAX {
            parts.push(format!("older: `{} page:{}`", self.command, self.page + 1));
        }
        if self.page > 1 {
            parts.push(format!("newer: `{} page:{}`", self.command, self.page - 1));
        }
        parts.extend(self.verify.map(|subject| format!("`/log verify {subject}`")));
        parts.join(" · ")
    }

    fn nothing(&self) -> String {
        if self.page > 1 {
            return format!("There is nothing older {}. The newest: `{}`", self.searched, self.command);
        }
        format!("Nothing was found {}.", self.searched)
    }
}

fn pages_of(total: i64) -> u32 {
    u32::try_from((total + LOG_PAGE - 1) / LOG_PAGE).unwrap_or(u32::MAX).max(1)
}

/// "in the whole log, by Mia Chen, kind vote, since 7 Jan 2030 12:00 Europe/Lisbon (12:00 UTC)"
fn searched(
    tenant: &Tenant,
    scope: &Scope,
    query: &LogQuery,
    (since, until): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
) -> String {
    let mut searched = scope.place();
    if let Some(by) = &query.by {
        let _ = write!(searched, ", by {}", tenant.organisation.name_of(by));
    }
    if let Some(kind) = query.kind {
        let _ = write!(searched, ", kind {}", kind.word);
    }
    for (word, at) in [("since", since), ("until", until)] {
        if let Some(at) = at {
            let zone = tenant.organisation.time_zone;
            let local = at.with_timezone(&zone).format("%-d %b %Y %H:%M");
            let _ = write!(searched, ", {word} {local} {zone} ({} UTC)", at.format("%-d %b %H:%M"));
        }
    }
    searched
}

fn command_of(tenant: &Tenant, subject: Option<Subject>, query: &LogQuery) -> String {
    let mut command = "/log show".to_owned();
    if let Some(subject) = subject {
        let _ = write!(command, " {subject}");
    }
    if let Some(by) = &query.by {
        let person = tenant.organisation.person(by);
        let _ = write!(command, " by:{}", person.map_or(by.as_str(), |person| person.key.as_str()));
    }
    if let Some(kind) = query.kind {
        let _ = write!(command, " kind:{}", kind.word);
    }
    for (word, when) in [("since", query.since), ("until", query.until)] {
        if let Some(when) = when {
            let _ = write!(command, " {word}:{when}");
        }
    }
    command
}
