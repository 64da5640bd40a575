//! The organisation's rows, read as one snapshot.

use std::collections::{BTreeMap, HashMap};

use sqlx::types::Json;

use super::error::Doing;
use super::{StoreError, Tx};
use crate::domain::rules::{AudienceKind, Priority, Role, Tier, Touch};
use crate::domain::{
    Account, Audience, Identity, LinkSource, Organisation, Person, PersonId, Place, Platform, Roster, Rota, Service,
    Team, Workspace,
};
use crate::ledger::LogName;

/// What tells a cached copy from the truth, and names the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRow {
    pub key: String,
    pub organisation: i32,
    pub policy: i32,
    /// Whether anybody has opened the app's home.
    pub homes: bool,
    /// How often the log has begun anew, from 1.
    pub epoch: i32,
}

impl TenantRow {
    /// Names deployment, tenant and epoch in each log entry, so that none can be replayed into another log.
    pub fn log(&self) -> String {
        self.log_name().to_string()
    }

    pub fn log_name(&self) -> LogName {
        LogName { base: format!("wardroom/{}", self.key), epoch: self.epoch }
    }
}

impl Tx {
    /// The tenant's newest versions: one small read that keeps cached copies honest.
    pub async fn tenant_row(&mut self) -> Result<TenantRow, StoreError> {
        let tenant = self.tenant;
        sqlx::query_as!(TenantRow, "select key, organisation, policy, homes, epoch from tenant where id = $1", tenant)
            .fetch_optional(self.conn())
            .await
            .doing("reading the tenant")?
            .ok_or_else(|| StoreError::impossible(format!("tenant {tenant} is not there")))
    }

    /// Reads the whole organisation.
    pub async fn organisation(&mut self) -> Result<Organisation, StoreError> {
        let id = self.tenant;
        let tenant = sqlx::query!("select name, time_zone, organisation from tenant where id = $1", id)
            .fetch_one(self.conn())
            .await
            .doing("reading the tenant")?;
        let (people, accounts) = self.people().await?;
        Ok(Organisation {
            tenant: id,
            name: tenant.name,
            time_zone: tenant.time_zone.parse().map_err(|_| StoreError::impossible("a tenant's time zone"))?,
            version: tenant.organisation,
            workspaces: self.workspaces().await?,
            people,
            accounts,
            teams: self.teams().await?,
            services: self.services().await?,
            rosters: self.rosters().await?,
            audiences: self.audiences().await?,
            delegations: self.delegations().await?,
            absences: self.absences().await?,
            responsibilities: self.responsibilities().await?,
            charters: self.charters().await?,
        })
    }

    async fn workspaces(&mut self) -> Result<Vec<Workspace>, StoreError> {
        let tenant = self.tenant;
        let rows = sqlx::query!(
            r#"select platform as "platform!", workspace as "workspace!", incidents_channel, changes_channel, log_channel,
                      lost_at, lost_why, array[]::text[] as "channels!" from workspace where tenant_id = $1
               union all
               select s.platform, s.workspace, s.incidents_channel, s.changes_channel, s.log_channel, s.lost_at, s.lost_why,
                      array(select channel from workspace_channel c
                            where c.tenant_id = s.tenant_id and c.platform = s.platform and c.workspace = s.workspace
                            order by channel)
               from workspace_share s where s.tenant_id = $1
               order by 1 desc, 2"#,
            tenant
        )
        .fetch_all(self.conn())
        .await
        .doing("reading workspaces")?;
        rows.into_iter()
            .map(|mut row| {
                row.channels.sort();
                Ok(Workspace {
                    platform: platform(&row.platform)?,
                    id: row.workspace,
                    incidents_channel: row.incidents_channel,
                    changes_channel: row.changes_channel,
                    log_channel: row.log_channel,
                    channels: row.channels,
                    lost: row.lost_at.map(|at| (at, row.lost_why.unwrap_or_default())),
                })
            })
            .collect()
    }

    async fn people(&mut self) -> Result<(BTreeMap<PersonId, Person>, HashMap<Account, PersonId>), StoreError> {
        let rows = sqlx::query!("select id, key, name, email, team, roles, certified, active from person")
            .fetch_all(self.conn())
            .await
            .doing("reading people")?;
        let identities = sqlx::query!(
            "select platform, workspace, account, person, source, active from identity
             order by platform desc, account"
        )
        .fetch_all(self.conn())
        .await
        .doing("reading identities")?;
        let mut people: BTreeMap<PersonId, Person> = BTreeMap::new();
        for row in rows {
            let id = PersonId(row.id);
            let person = Person {
                id: id.clone(),
                key: row.key,
                name: row.name,
                email: row.email,
                team: row.team,
                roles: row.roles.iter().filter_map(|role| Role::parse(role)).collect(),
                certified: row.certified,
                identities: Vec::new(),
                active: row.active,
            };
            people.insert(id, person);
        }
        let mut accounts = HashMap::new();
        for row in identities {
            let account = Account { platform: platform(&row.platform)?, workspace: row.workspace, id: row.account };
            let id = PersonId(row.person);
            if let Some(person) = people.get_mut(&id) {
                let source = LinkSource::parse(&row.source).ok_or_else(|| StoreError::impossible(row.source))?;
                person.identities.push(Identity { account: account.clone(), source, active: row.active });
            }
            accounts.insert(account, id);
        }
        Ok((people, accounts))
    }

    async fn teams(&mut self) -> Result<BTreeMap<String, Team>, StoreError> {
        let rows = sqlx::query!(r#"select key, name, lead, approvers, on_call, rota as "rota: Json<Rota>" from team"#)
            .fetch_all(self.conn())
            .await
            .doing("reading teams")?;
        let teams = rows.into_iter().map(|row| Team {
            key: row.key,
            name: row.name,
            lead: row.lead.map(PersonId),
            approvers: ids(row.approvers),
            on_call: ids(row.on_call),
            rota: row.rota.map(|Json(rota)| rota),
        });
        Ok(teams.map(|team| (team.key.clone(), team)).collect())
    }

    async fn services(&mut self) -> Result<BTreeMap<String, Service>, StoreError> {
        let rows = sqlx::query!(
            "select key, name, tier, owner, business_owner, team, depends_on, compliance, checks, touches, sponsor
             from service"
        )
        .fetch_all(self.conn())
        .await
        .doing("reading services")?;
        rows.into_iter()
            .map(|row| {
                let checks = serde_json::from_value(row.checks)
                    .map_err(|_| StoreError::impossible(format!("service {} with odd checks", row.key)))?;
                let service = Service {
                    tier: u8::try_from(row.tier)
                        .ok()
                        .and_then(|tier| Tier::try_from(tier).ok())
                        .ok_or_else(|| StoreError::impossible(format!("service {} with tier {}", row.key, row.tier)))?,
                    key: row.key,
                    name: row.name,
                    owner: PersonId(row.owner),
                    business_owner: row.business_owner.map(PersonId),
                    team: row.team,
                    depends_on: row.depends_on,
                    compliance: row.compliance,
                    touches: row.touches.iter().filter_map(|word| Touch::parse(word)).collect::<Vec<Touch>>().into(),
                    sponsor: row.sponsor.map(PersonId),
                    checks,
                };
                Ok((service.key.clone(), service))
            })
            .collect()
    }

    async fn rosters(&mut self) -> Result<BTreeMap<String, Roster>, StoreError> {
        let rows = sqlx::query!("select key, chair, members from roster")
            .fetch_all(self.conn())
            .await
            .doing("reading rosters")?;
        Ok(rows
            .into_iter()
            .map(|r| (r.key.clone(), Roster { key: r.key, chair: PersonId(r.chair), members: ids(r.members) }))
            .collect())
    }

    async fn audiences(&mut self) -> Result<Vec<Audience>, StoreError> {
        let rows =
            sqlx::query!("select key, name, kind, min_priority, services, changes, places from audience order by key")
                .fetch_all(self.conn())
                .await
                .doing("reading audiences")?;
        rows.into_iter()
            .map(|row| {
                let odd = || StoreError::impossible(format!("audience {}", row.key));
                let places: Vec<super::organisation_file::PlaceEntry> =
                    serde_json::from_value(row.places).map_err(|_| odd())?;
                Ok(Audience {
                    min_priority: u8::try_from(row.min_priority).ok().and_then(Priority::of_number).ok_or_else(odd)?,
                    key: row.key.clone(),
                    name: row.name,
                    kind: AudienceKind::parse(&row.kind).ok_or_else(odd)?,
                    services: row.services,
                    changes: row.changes,
                    places: places
                        .into_iter()
                        .map(|p| {
                            let place = Place { platform: p.platform, workspace: p.workspace, channel: p.channel };
                            (place, p.name)
                        })
                        .collect(),
                })
            })
            .collect()
    }
}

fn platform(word: &str) -> Result<Platform, StoreError> {
    Platform::parse(word).ok_or_else(|| StoreError::impossible(format!("platform {word}")))
}

fn ids(words: Vec<String>) -> Vec<PersonId> {
    words.into_iter().map(PersonId).collect()
}
