//! The guards that Postgres holds over the log and the state: what they are, against what the migrations made.
//!
//! `schema.facts` is what they should be, a line each, of a database that was migrated by this version. The test
//! `the_guards_are_what_the_migrations_make` keeps it so, and says how to write it anew when a migration changes them.

use std::collections::BTreeMap;

use super::error::Doing;
use super::{StoreError, Tx};

/// `trigger dlog.entry no_change: always, dlog.deny, type 27`
const EXPECTED: &str = include_str!("schema.facts");

/// Facts by what they are about.
pub type Facts = BTreeMap<String, String>;

/// The tables whose rows may only change with an entry of the log, as they should be.
pub(super) fn guarded() -> impl Iterator<Item = &'static str> {
    EXPECTED.lines().filter_map(|line| line.strip_prefix("trigger ")?.split_once(" must_log: ").map(|(table, _)| table))
}

/// What is not as it should be: about what, and a sentence.
pub(super) fn differences(facts: &Facts) -> Vec<(String, String)> {
    let expected: Facts = read(EXPECTED);
    let mut differences = Vec::new();
    for (about, fact) in &expected {
        match facts.get(about) {
            None => differences.push((about.clone(), format!("missing; it should be “{fact}”"))),
            Some(other) if other != fact => {
                differences.push((about.clone(), format!("“{other}”; it should be “{fact}”")));
            }
            Some(_) => {}
        }
    }
    for (about, fact) in facts.iter().filter(|(about, _)| !expected.contains_key(*about)) {
        differences.push((about.clone(), format!("“{fact}”; no migration made this")));
    }
    differences
}

/// Reads lines of `about: fact`.
fn read(text: &str) -> Facts {
    let pairs = text.lines().filter_map(|line| line.split_once(": "));
    pairs.map(|(about, fact)| (about.to_owned(), fact.to_owned())).collect()
}

/// As they stand in `schema.facts`.
pub fn to_text(facts: &Facts) -> String {
    let lines: Vec<String> = facts.iter().map(|(about, fact)| format!("{about}: {fact}")).collect();
    lines.join("\n") + "\n"
}

impl Tx {
    /// The facts of this database. Tables that others have put beside ours are left alone, and so is who may read.
    pub async fn schema_facts(&mut self) -> Result<Facts, StoreError> {
        let mut facts = self.table_facts().await?;
        facts.extend(self.other_facts().await?);
        Ok(facts)
    }

    /// Owners, row-level security, policies, triggers, rules and rights of each table.
    async fn table_facts(&mut self) -> Result<Facts, StoreError> {
        let rows = sqlx::query!(
            r#"with relation as (
                 select c.oid, c.relowner, c.relacl, c.relrowsecurity, n.nspname || '.' || c.relname as name
                 from pg_class c join pg_namespace n on n.oid = c.relnamespace
                 where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relname <> '_sqlx_migrations'
                   and (n.nspname = 'dlog' or n.nspname = 'public' and pg_get_userbyid(c.relowner) = 'wardroom_owner')
               ), allowed as (
                 select oid, name, relowner, (aclexplode(relacl)).*, '' as column from relation
                 union all
                 select r.oid, r.name, r.relowner, (aclexplode(a.attacl)).*, a.attname from relation r
                 join pg_attribute a on a.attrelid = r.oid and a.attacl is not null
               ), allowance as (
                 select name, grantee, lower(privilege_type) || case when count(nullif("column", '')) > 0
                        then ' (' || string_agg("column"::text, ' ' order by "column"::text collate "C") || ')' else '' end
                        || case when bool_or(is_grantable) then ' and may grant it' else '' end as privilege
                 from allowed
                 where grantee <> relowner and (privilege_type <> 'SELECT' or pg_get_userbyid(grantee) like 'wardroom\_%')
                 group by name, grantee, privilege_type
               )
               select 'table ' || name as "about!", concat('owned by ', pg_get_userbyid(relowner),
                      case when relrowsecurity then ', row security' else ', no row security' end,
                      case when exists (select from pg_trigger where tgrelid = relation.oid and tgisinternal and tgenabled = 'D')
                        then ', keys not enforced' else '' end) as "fact!"
               from relation
               union all
               select 'policies ' || name, string_agg(concat(polname, ' for ', polcmd, case when polpermissive then '' else ' restrictive' end,
                      ' to ', (select string_agg(case when role = 0 then 'public' else pg_get_userbyid(role)::text end, ' '
                               order by pg_get_userbyid(role)::text collate "C") from unnest(polroles) as role),
                      ' using ', pg_get_expr(polqual, polrelid), ' check ' || pg_get_expr(polwithcheck, polrelid)), ', '
                      order by polname::text collate "C")
               from relation join pg_policy on polrelid = relation.oid group by name
               union all
               select concat('trigger ', name, ' ', tgname), concat(case tgenabled when 'A' then 'always' when 'D' then 'off'
                      when 'R' then 'for replicas only' else 'not always' end, ', ', tgfoid::regproc, ', type ', tgtype,
                      case when tgqual is null then '' else ', conditional' end,
                      case when tgdeferrable and tginitdeferred then ', at commit' else '' end)
               from relation join pg_trigger on tgrelid = relation.oid and not tgisinternal
               union all
               select concat('rule ', name, ' ', rulename), pg_get_ruledef(pg_rewrite.oid)
               from relation join pg_rewrite on ev_class = relation.oid and rulename <> '_RETURN'
               union all
               select 'rights ' || name, string_agg(concat(grantee, ': ', privileges), '; ' order by grantee collate "C")
               from (select name, case when grantee = 0 then 'everybody' else pg_get_userbyid(grantee)::text end as grantee,
                            string_agg(privilege, ', ' order by privilege collate "C") as privileges
                     from allowance group by name, allowance.grantee) rights group by name"#
        )
        .fetch_all(self.conn())
        .await
        .doing("reading the guards of tables")?;
        Ok(rows.into_iter().map(|row| (row.about, row.fact)).collect())
    }

    /// Functions, columns and constraints that the guards rest on, and what our roles may do beyond tables.
    async fn other_facts(&mut self) -> Result<Facts, StoreError> {
        let rows = sqlx::query!(
            r#"select concat('function ', n.nspname, '.', p.proname, '(', pg_get_function_identity_arguments(p.oid), ')') as "about!",
                      concat('owned by ', pg_get_userbyid(p.proowner), case when p.prosecdef then ', as its owner' else '' end,
                      ', ' || array_to_string(p.proconfig, ' '), ', sha256 ',
                      left(encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex'), 16)) as "fact!"
               from pg_proc p join pg_namespace n on n.oid = p.pronamespace
               where n.nspname = 'dlog' or n.nspname = 'public' and pg_get_userbyid(p.proowner) = 'wardroom_owner'
               union all
               select 'columns dlog.' || c.relname, string_agg(concat(a.attname, ' ', format_type(a.atttypid, a.atttypmod),
                      case when a.attnotnull then ' not null' else '' end, case a.attidentity when '' then '' else ' identity' end,
                      case a.attgenerated when '' then ' default ' else ' generated ' end || pg_get_expr(d.adbin, d.adrelid)),
                      ', ' order by a.attnum)
               from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
               left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
               where c.relnamespace = 'dlog'::regnamespace and c.relkind in ('r', 'p') group by c.relname
               union all
               select concat('constraint ', conrelid::regclass, ' ', conname), pg_get_constraintdef(oid)
               from pg_constraint where connamespace = 'dlog'::regnamespace and contype in ('c', 'p', 'u', 'f')
               union all
               select 'schema ' || nspname, concat('made in by ', string_agg(distinct case when grantee = 0 then 'everybody'
                      else pg_get_userbyid(grantee)::text end, ' '))
               from pg_namespace, aclexplode(nspacl)
               where nspname in ('dlog', 'public') and privilege_type = 'CREATE'
                 and (grantee = 0 or pg_get_userbyid(grantee) like 'wardroom\_%') group by nspname
               union all
               select 'role ' || rolname, concat(case when rolsuper then 'superuser, ' else '' end,
                      case when rolbypassrls then 'past row security, ' else '' end, case when rolcreaterole then 'makes roles, ' else '' end,
                      case when rolreplication then 'replicates, ' else '' end, 'member of ', coalesce((
                        select string_agg(pg_get_userbyid(roleid)::text, ' ' order by pg_get_userbyid(roleid)::text collate "C")
                        from pg_auth_members where member = pg_roles.oid), 'none'))
               from pg_roles where rolname in ('wardroom_owner', 'wardroom_app', 'wardroom_sequencer', 'wardroom_auditor')"#
        )
        .fetch_all(self.conn())
        .await
        .doing("reading what the guards rest on")?;
        Ok(rows.into_iter().map(|row| (row.about, row.fact)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_off_is_named_and_what_is_as_it_should_be_is_not() {
        let mut facts = read(EXPECTED);
        assert_eq!(differences(&facts), Vec::new());
        let about = "trigger dlog.entry no_change".to_owned();
        let fact = facts.remove(&about).expect("it is expected");
        assert_eq!(differences(&facts), [(about.clone(), format!("missing; it should be “{fact}”"))]);
        facts.insert(about.clone(), "off".to_owned());
        facts.insert("rule public.incident x".to_owned(), "instead nothing".to_owned());
        let found = differences(&facts);
        assert_eq!(found[0], (about, format!("“off”; it should be “{fact}”")));
        assert_eq!(found[1].1, "“instead nothing”; no migration made this");
    }

    #[test]
    fn every_table_of_state_is_among_the_guarded() {
        let tables: Vec<&str> = guarded().collect();
        for table in ["public.incident", "public.change", "public.ballot", "public.approval"] {
            assert!(tables.contains(&table), "{tables:?}");
        }
        assert_eq!(to_text(&read(EXPECTED)), EXPECTED, "sorted, a line each");
    }
}
