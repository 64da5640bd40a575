//! The rows of state in words, as the entries of their records are put into words.

use std::collections::BTreeMap;

use super::error::Doing;
use super::{StoreError, Tx};
use crate::ledger::reconcile::StateRow;
use crate::ledger::replay::{Part, Row};

/// Of each record.
type StateRows = BTreeMap<String, Vec<StateRow>>;

/// A row, as it is read.
struct InWords {
    subject: String,
    part: String,
    version: i32,
    words: String,
}

impl Tx {
    /// The rows of these records, in the words in which their entries are put too.
    pub(super) async fn state_rows(&mut self, subjects: &[String]) -> Result<StateRows, StoreError> {
        let mut rows = self.records_in_words(subjects).await?;
        rows.extend(self.parts_in_words(subjects).await?);
        by_record(rows)
    }

    /// The rows that there is one of.
    async fn records_in_words(&mut self, subjects: &[String]) -> Result<Vec<InWords>, StoreError> {
        sqlx::query_as!(
            InWords,
            r#"select subject as "subject!", part as "part!", version as "version!", words as "words!" from (
                 select tenant_id, subject, 'incident' as part, version,
                        concat(status, ', P', priority, ', led by ', coalesce(commander, 'nobody'), ', data exposure ' || nullif(exposure, 'none'), ', checklist ' || (select string_agg(concat_ws(' ', item #>> '{asked,key}', 'before', item #>> '{asked,before}', item ->> 'state', 'of ' || to_char((item ->> 'evidence_at')::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')), ' and ' order by place) from jsonb_array_elements(checklist) with ordinality as listed (item, place)),
                        ', fields ' || (select string_agg(concat_ws(' ', field #>> '{asked,key}', 'before',
                           field #>> '{asked,before}', case when (field ->> 'filled')::bool then 'filled' else 'empty' end),
                           ' and ' order by place)
                           from jsonb_array_elements(fields) with ordinality as listed (field, place)),
                        (select string_agg(concat(', draft ', draft ->> 'number', ' ' || (draft ->> 'service'), ' ',
                           draft ->> 'state', ' CHG-' || (draft ->> 'change'),
                           case when (draft ->> 'reminded')::boolean then ', reminded' end), '' order by place)
                         from jsonb_array_elements(drafts) with ordinality as listed (draft, place)))
                 from incident
                 union all
                 select tenant_id, subject, 'change', version, concat(status, ', revision ', revision,
                        coalesce(', from ' || to_char(opens_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                              || ' to ' || to_char(closes_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), ', no window'),
                        case when reapprovals > 0 then ', extended ' || reapprovals || ' times' end,
                        ', by ' || (standard ->> 'entry') || ' ' || (standard ->> 'version'),
                        ' rated ' || (standard #>> '{rating,helpful}'),
                        ', checklist ' || (select string_agg(concat_ws(' ', item #>> '{asked,key}', 'before',
                           item #>> '{asked,before}', item ->> 'state', 'of ' || to_char((item ->> 'evidence_at')::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')), ' and ' order by place)
                           from jsonb_array_elements(checklist) with ordinality as listed (item, place)),
                        ', fields ' || (select string_agg(concat_ws(' ', field #>> '{asked,key}', 'before',
                           field #>> '{asked,before}', case when (field ->> 'filled')::bool then 'filled' else 'empty' end),
                           ' and ' order by place)
                           from jsonb_array_elements(fields) with ordinality as listed (field, place)),
                        (select string_agg(concat(', asked ', ask ->> 'person', ' ', ask ->> 'seat', ' ', ask ->> 'because'), ''
                           order by place) from jsonb_array_elements(asks) with ordinality as asked (ask, place)),
                        ', touches ' || (select string_agg(touch, ' ' order by place)
                           from jsonb_array_elements_text(risk_input -> 'touches') with ordinality as touched (touch, place)),
                        ', risk accepted until ' || to_char((risk #>> '{accepted,until}')::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || case when (risk #>> '{accepted,expired}')::bool then ', which is over' else '' end)
                 from change
                 union all
                 select tenant_id, subject, 'change_freeze', version, concat(kind, ', ', status,
                        case when hard then ', hard' end, case when wide then ', wide' end, ', from ',
                        to_char(starts_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                        coalesce(' to ' || to_char(ends_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
                        ', every ' || every, ', only ' || nullif(array_to_string(blocks, ' '), '')) from change_freeze
                 union all
                 select tenant_id, subject, 'cab_meeting', version, concat(status, ', ', jsonb_array_length(attendance), ' present', ', pack ' || (pack ->> 'sha256'), ', ' || nullif(jsonb_array_length(decisions), 0) || ' decided', ', minutes ' || minutes_hash) from cab_meeting
                 union all
                 select tenant_id, subject, 'procedure_exception', version, concat(status, ', ', class, ' ', rule, ' for ',
                        scope, ', until ', to_char(ends_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                        (select string_agg(concat(', approved by ', person, ' as ', role), '' order by place)
                         from unnest(signed_by, signed_as) with ordinality as signed (person, role, place)),
                        ', to be reviewed by ' || to_char(review_due at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                        case when review_overdue then ', overdue' end,
                        case when control_kept then ', kept' else ', not kept' end || ', says ' || reviewed_by) from procedure_exception
                 union all
                 select tenant_id, subject, 'change_batch', version, concat(status, ', ', jsonb_array_length(items), ' items',
                        ', run by ' || runner,
                        (select string_agg(concat(', CHG-', item ->> 'change', case when item ->> 'state' = 'out' then ' out' end),
                                '' order by place)
                         from jsonb_array_elements(items) with ordinality as listed (item, place)
                         where item ->> 'change' is not null),
                        case when stop = 'group' then ', stops by group' end,
                        (select string_agg(format(', group %s stopped', number), '' order by number)
                         from unnest(stopped) as of (number)))
                 from change_batch
               ) state (tenant_id, subject, part, version, words) where tenant_id = $1 and subject = any ($2)"#,
            self.tenant,
            subjects
        )
        .fetch_all(self.conn())
        .await
        .doing("reading the records")
    }

    /// The rows that a record has many of, or none.
    async fn parts_in_words(&mut self, subjects: &[String]) -> Result<Vec<InWords>, StoreError> {
        sqlx::query_file_as!(InWords, "src/store/parts_in_words.sql", self.tenant, subjects)
            .fetch_all(self.conn())
            .await
            .doing("reading the parts of records")
    }
}

fn by_record(rows: Vec<InWords>) -> Result<StateRows, StoreError> {
    let mut state = StateRows::new();
    for row in rows {
        let part = Part::parse(&row.part).ok_or_else(|| StoreError::impossible("a row of no table"))?;
        let row_of = StateRow { part, row: Row { version: row.version, words: row.words } };
        state.entry(row.subject).or_default().push(row_of);
    }
    Ok(state)
}
