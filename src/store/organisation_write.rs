//! Writing what an organisation file changes.

use std::collections::BTreeMap;

use sqlx::types::Json;

use super::error::Doing;
use super::organisation_file::{AudienceEntry, OrganisationFile, RosterEntry, ServiceEntry, TeamEntry, TenantEntry};
use super::{StoreError, Tx};
use crate::domain::rules::Priority;
use crate::domain::{Organisation, Person, Platform};

/// Who speaks for a service, by id.
struct Voices {
    owner: String,
    business_owner: Option<String>,
    sponsor: Option<String>,
}

impl Tx {
    /// Makes the tenant's row where it is missing.
    pub async fn ensure_tenant(&mut self, entry: &TenantEntry) -> Result<(), StoreError> {
        let tenant = self.tenant;
        sqlx::query!(
            "insert into tenant (id, key, name, time_zone) values ($1, $2, $3, $4)
             on conflict (id) do update set name = excluded.name, time_zone = excluded.time_zone",
            tenant,
            entry.key,
            entry.name,
            entry.time_zone
        )
        .execute(self.conn())
        .await
        .doing("making the tenant")?;
        Ok(())
    }

    /// Writes what the file changes, under one entry on ORG whose `seq` is `version`. Says what changed.
    pub(super) async fn write_organisation(
        &mut self,
        file: &OrganisationFile,
        current: &Organisation,
        version: i32,
    ) -> Result<(), StoreError> {
        let ids = self.write_people(file, current, version).await?;
        let id = |key: &String| ids.get(key).cloned().unwrap_or_default();
        self.write_shares(file, version).await?;
        self.write_workspaces(file, version).await?;
        for team in &file.team {
            let approvers: Vec<String> = team.approvers.iter().map(id).collect();
            let on_call: Vec<String> = team.on_call.iter().map(id).collect();
            self.write_team(team, team.lead.as_ref().map(id), &approvers, &on_call, version).await?;
        }
        for service in &file.service {
            let voices = Voices {
                owner: id(&service.owner),
                business_owner: service.business_owner.as_ref().map(id),
                sponsor: service.sponsor.as_ref().map(id),
            };
            self.write_service(service, voices, version).await?;
        }
        for roster in &file.roster {
            let members: Vec<String> = roster.members.iter().map(id).collect();
            self.write_roster(roster, &id(&roster.chair), &members, version).await?;
        }
        for audience in &file.audience {
            self.write_audience(file, audience, version).await?;
        }
        self.write_responsibilities(file, id, version).await?;
        self.drop_missing(file).await?;
        self.mark_organisation(version).await
    }

    /// People keep their pseudonym for ever; who is not in the file any more becomes inactive.
    async fn write_people(
        &mut self,
        file: &OrganisationFile,
        current: &Organisation,
        version: i32,
    ) -> Result<BTreeMap<String, String>, StoreError> {
        let tenant = self.tenant;
        let known: BTreeMap<&str, &Person> = current.people.values().map(|p| (p.key.as_str(), p)).collect();
        let mut ids = BTreeMap::new();
        for person in &file.person {
            let id = known.get(person.key.as_str()).map_or_else(new_pseudonym, |person| person.id.0.clone());
            sqlx::query!(
                "insert into person (tenant_id, id, key, name, email, team, roles, active, version, certified)
                 values ($1, $2, $3, $4, $5, $6, $7, true, $8, $9)
                 on conflict (tenant_id, id) do update set name = excluded.name, email = excluded.email,
                    team = excluded.team, roles = excluded.roles, active = true, version = excluded.version,
                    certified = excluded.certified",
                tenant,
                id,
                person.key,
                person.name,
                person.email,
                person.team,
                &person.roles,
                version,
                &person.certified
            )
            .execute(self.conn())
            .await
            .doing("writing a person")?;
            ids.insert(person.key.clone(), id);
        }
        let active: Vec<String> = ids.values().cloned().collect();
        sqlx::query!(
            "update person set active = false, version = $2 where active and not (id = any ($1))",
            &active,
            version
        )
        .execute(self.conn())
        .await
        .doing("marking people who left")?;
        self.write_identities(file, &ids, version).await?;
        Ok(ids)
    }

    /// What the file names is linked by the file; links that people made stay as they are.
    async fn write_identities(
        &mut self,
        file: &OrganisationFile,
        ids: &BTreeMap<String, String>,
        version: i32,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let named: Vec<String> = file.person.iter().flat_map(|p| p.slack.iter().chain(&p.discord)).cloned().collect();
        sqlx::query!("delete from identity where source = 'file' and not (account = any ($1))", &named)
            .execute(self.conn())
            .await
            .doing("clearing identities")?;
        for person in &file.person {
            let accounts = [(Platform::Slack, &person.slack), (Platform::Discord, &person.discord)];
            for (platform, account) in accounts.into_iter().filter_map(|(p, account)| Some((p, account.as_ref()?))) {
                sqlx::query!(
                    "insert into identity (tenant_id, platform, workspace, account, person, source, version)
                     values ($1, $2, $3, $4, $5, 'file', $6)
                     on conflict (tenant_id, platform, workspace, account) do update set person = excluded.person,
                        version = excluded.version where identity.source = 'file'",
                    tenant,
                    platform.as_str(),
                    file.workspace_of(platform),
                    account,
                    ids[&person.key],
                    version
                )
                .execute(self.conn())
                .await
                .doing("linking an account")?;
            }
        }
        Ok(())
    }

    async fn write_workspaces(&mut self, file: &OrganisationFile, version: i32) -> Result<(), StoreError> {
        let tenant = self.tenant;
        for workspace in file.workspace.iter().filter(|workspace| !workspace.is_shared()) {
            sqlx::query!(
                "insert into workspace (tenant_id, platform, workspace, incidents_channel, changes_channel, version,
                    log_channel)
                 values ($1, $2, $3, $4, $5, $6, $7)
                 on conflict (platform, workspace) do update set incidents_channel = excluded.incidents_channel,
                    changes_channel = excluded.changes_channel, log_channel = excluded.log_channel,
                    version = excluded.version",
                tenant,
                workspace.platform.as_str(),
                workspace.id,
                workspace.incidents_channel,
                workspace.changes_channel,
                version,
                workspace.log_channel
            )
            .execute(self.conn())
            .await
            .doing("writing a workspace")?;
        }
        Ok(())
    }

    async fn write_team(
        &mut self,
        team: &TeamEntry,
        lead: Option<String>,
        approvers: &[String],
        on_call: &[String],
        version: i32,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        sqlx::query!(
            "insert into team (tenant_id, key, name, lead, approvers, on_call, version, rota)
             values ($1, $2, $3, $4, $5, $6, $7, $9)
             on conflict (tenant_id, key) do update set name = excluded.name, lead = excluded.lead,
                approvers = excluded.approvers, on_call = excluded.on_call, version = excluded.version,
                rota = excluded.rota,
                charter = case when $8 then team.charter end",
            tenant,
            team.key,
            team.name,
            lead,
            approvers,
            on_call,
            version,
            team.charter.is_some(),
            team.rota().map(Json) as _
        )
        .execute(self.conn())
        .await
        .doing("writing a team")?;
        Ok(())
    }

    async fn write_service(&mut self, service: &ServiceEntry, voices: Voices, version: i32) -> Result<(), StoreError> {
        let tenant = self.tenant;
        sqlx::query!(
            "insert into service (tenant_id, key, name, tier, owner, team, depends_on, compliance, version, checks,
                                  business_owner, touches, sponsor)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
             on conflict (tenant_id, key) do update set name = excluded.name, tier = excluded.tier,
                owner = excluded.owner, team = excluded.team, depends_on = excluded.depends_on,
                compliance = excluded.compliance, version = excluded.version, checks = excluded.checks,
                business_owner = excluded.business_owner, touches = excluded.touches, sponsor = excluded.sponsor",
            tenant,
            service.key,
            service.name,
            i16::from(service.tier),
            voices.owner,
            service.team,
            &service.depends_on,
            &service.compliance,
            version,
            serde_json::to_value(service.checks()).expect("plain data"),
            voices.business_owner,
            &service.touches().words(),
            voices.sponsor
        )
        .execute(self.conn())
        .await
        .doing("writing a service")?;
        Ok(())
    }

    async fn write_roster(
        &mut self,
        roster: &RosterEntry,
        chair: &str,
        members: &[String],
        version: i32,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        sqlx::query!(
            "insert into roster (tenant_id, key, chair, members, version) values ($1, $2, $3, $4, $5)
             on conflict (tenant_id, key) do update set chair = excluded.chair, members = excluded.members,
                version = excluded.version",
            tenant,
            roster.key,
            chair,
            members,
            version
        )
        .execute(self.conn())
        .await
        .doing("writing a roster")?;
        Ok(())
    }

    async fn write_audience(
        &mut self,
        file: &OrganisationFile,
        audience: &AudienceEntry,
        version: i32,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let mut places = audience.places.clone();
        for place in places.iter_mut().filter(|place| place.workspace.is_empty()) {
            file.workspace_of(place.platform).clone_into(&mut place.workspace);
        }
        let priority = Priority::parse(&audience.min_priority).map_or(4, |priority| i16::from(priority.number()));
        sqlx::query!(
            "insert into audience (tenant_id, key, name, kind, min_priority, services, places, version, changes)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (tenant_id, key) do update set name = excluded.name, kind = excluded.kind,
                min_priority = excluded.min_priority, services = excluded.services, places = excluded.places,
                version = excluded.version, changes = excluded.changes",
            tenant,
            audience.key,
            audience.name,
            audience.kind,
            priority,
            &audience.services,
            serde_json::to_value(&places).expect("plain data"),
            version,
            audience.changes
        )
        .execute(self.conn())
        .await
        .doing("writing an audience")?;
        Ok(())
    }

    /// Teams, services, rosters and audiences that the file does not name any more. Old records keep their words.
    async fn drop_missing(&mut self, file: &OrganisationFile) -> Result<(), StoreError> {
        let teams: Vec<String> = file.team.iter().map(|team| team.key.clone()).collect();
        let services: Vec<String> = file.service.iter().map(|service| service.key.clone()).collect();
        let rosters: Vec<String> = file.roster.iter().map(|roster| roster.key.clone()).collect();
        let audiences: Vec<String> = file.audience.iter().map(|audience| audience.key.clone()).collect();
        let doing = "dropping what the file does not name any more";
        sqlx::query!("delete from team where not (key = any ($1))", &teams).execute(self.conn()).await.doing(doing)?;
        sqlx::query!("delete from service where not (key = any ($1))", &services)
            .execute(self.conn())
            .await
            .doing(doing)?;
        sqlx::query!("delete from roster where not (key = any ($1))", &rosters)
            .execute(self.conn())
            .await
            .doing(doing)?;
        sqlx::query!("delete from audience where not (key = any ($1))", &audiences)
            .execute(self.conn())
            .await
            .doing(doing)?;
        Ok(())
    }
}

/// A pseudonym: 80 random bits, told to nobody but the log.
fn new_pseudonym() -> String {
    let bits: [u8; 10] = rand::random();
    format!("p_{}", crate::ledger::hex(&bits))
}
