//! Rows of the links between incidents and changes.

use super::error::{Doing, expect_rows};
use super::record::Recorded;
use super::{StoreError, Tx};
use crate::domain::event::LinkEvent;
use crate::domain::link::Link;
use crate::domain::rules::{LinkKind, LinkOrigin, LinkRelation, LinkState};
use crate::domain::{PersonId, Subject};

struct Row {
    incident: i64,
    change: i64,
    implementer: String,
    kind: String,
    origin: String,
    relation: Option<String>,
    confidence: Option<i16>,
    state: String,
    decided_by: Option<String>,
    decided_at: Option<chrono::DateTime<chrono::Utc>>,
}

impl Tx {
    /// What changes are to an incident, in the order of the changes.
    pub async fn links_of_incident(&mut self, incident: i64) -> Result<Vec<Link>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            r#"select link.incident as "incident!", link.change, change.implementer, link.kind, origin, relation, confidence,
                    state, decided_by, decided_at
             from incident_change_link link
             join change on change.tenant_id = link.tenant_id and change.number = link.change
             where link.incident = $1 order by link.change"#,
            incident
        )
        .fetch_all(self.conn())
        .await
        .doing("loading the links of an incident")?;
        rows.into_iter().map(Row::link).collect()
    }

    /// What a change is to incidents, the latest first.
    pub async fn links_of_change(&mut self, change: i64) -> Result<Vec<Link>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            r#"select link.incident as "incident!", link.change, change.implementer, link.kind, origin, relation, confidence,
                    state, decided_by, decided_at
             from incident_change_link link
             join change on change.tenant_id = link.tenant_id and change.number = link.change
             where link.change = $1 order by link.incident desc"#,
            change
        )
        .fetch_all(self.conn())
        .await
        .doing("loading the links of a change")?;
        rows.into_iter().map(Row::link).collect()
    }

    /// Writes the link as the entry `seq` says that it is from now on.
    pub(super) async fn write_link(
        &mut self,
        recorded: &Recorded<'_>,
        event: &LinkEvent,
        seq: i32,
    ) -> Result<(), StoreError> {
        let Subject::Incident(incident) = recorded.subject else {
            return Err(StoreError::impossible(format!("a link on the chain of {}", recorded.subject)));
        };
        let is_decided = event.state != LinkState::Proposed;
        let by = recorded.by.person().filter(|_| is_decided && !event.unanswered);
        let confidence = event.guess.as_ref().map(|guess| guess.confidence);
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into incident_change_link (tenant_id, incident, change, version, kind, origin, relation, confidence,
                                               state, decided_by, decided_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             on conflict (tenant_id, incident, change) do update set
                version = excluded.version, kind = excluded.kind, origin = excluded.origin,
                relation = excluded.relation, confidence = excluded.confidence, state = excluded.state,
                decided_by = excluded.decided_by, decided_at = excluded.decided_at",
            tenant,
            incident,
            event.change,
            seq,
            event.kind.as_str(),
            event.origin.as_str(),
            event.guess.as_ref().map(|guess| guess.relation.as_str()),
            confidence.and_then(|confidence| i16::try_from(confidence).ok()),
            event.state.as_str(),
            by.map(PersonId::as_str),
            is_decided.then_some(recorded.at),
        )
        .execute(self.conn())
        .await
        .doing("writing a link")?;
        expect_rows("writing a link", 1, &result)
    }
}

impl Row {
    fn link(self) -> Result<Link, StoreError> {
        let odd = |what: &str| {
            StoreError::impossible(format!(
                "a link of INC-{} and CHG-{} with an odd {what}",
                self.incident, self.change
            ))
        };
        let relation = self.relation.as_deref().map(|word| LinkRelation::parse(word).ok_or_else(|| odd("relation")));
        Ok(Link {
            incident: self.incident,
            change: self.change,
            implementer: PersonId(self.implementer),
            kind: LinkKind::parse(&self.kind).ok_or_else(|| odd("kind"))?,
            origin: LinkOrigin::parse(&self.origin).ok_or_else(|| odd("origin"))?,
            state: LinkState::parse(&self.state).ok_or_else(|| odd("state"))?,
            relation: relation.transpose()?,
            confidence: self.confidence.map(i32::from),
            decided_by: self.decided_by.map(PersonId),
            decided_at: self.decided_at,
        })
    }
}
