//! War rooms: which channel belongs to which incident.

use super::error::{Doing, expect_rows};
use super::{StoreError, Tx};
use crate::domain::{Place, Platform, Subject};

impl Tx {
    /// What a channel is the room of.
    pub async fn subject_of(&mut self, place: &Place) -> Result<Option<Subject>, StoreError> {
        let subject = sqlx::query_scalar!(
            "select subject from room where platform = $1 and workspace = $2 and channel = $3",
            place.platform.as_str(),
            place.workspace,
            place.channel
        )
        .fetch_optional(self.conn())
        .await
        .doing("looking up a room")?;
        Ok(subject.as_deref().and_then(Subject::parse))
    }

    /// The rooms of an incident, Slack's first.
    pub async fn rooms(&mut self, incident: i64) -> Result<Vec<Place>, StoreError> {
        let rows = sqlx::query!(
            "select platform, workspace, channel from room where subject = $1 order by platform desc, workspace",
            Subject::Incident(incident).to_string()
        )
        .fetch_all(self.conn())
        .await
        .doing("loading rooms")?;
        rows.into_iter()
            .map(|row| {
                Ok(Place {
                    platform: Platform::parse(&row.platform)
                        .ok_or_else(|| StoreError::impossible("a room's platform"))?,
                    workspace: row.workspace,
                    channel: row.channel,
                })
            })
            .collect()
    }

    pub(super) async fn insert_room(
        &mut self,
        subject: Subject,
        version: i32,
        place: &Place,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let result = sqlx::query!(
            "insert into room (tenant_id, subject, version, platform, workspace, channel)
             values ($1, $2, $3, $4, $5, $6)",
            tenant,
            subject.to_string(),
            version,
            place.platform.as_str(),
            place.workspace,
            place.channel
        )
        .execute(self.conn())
        .await
        .doing("keeping a room")?;
        expect_rows("keeping a room", 1, &result)
    }
}
