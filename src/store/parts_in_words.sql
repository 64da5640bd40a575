-- Rows that a record has many of, or none, each in the words that the replay of the log puts it into.
select subject as "subject!", part as "part!", version as "version!", words as "words!" from (

  select tenant_id, subject, 'ballot' as part, version,
         concat(person, ' ', choice, ' for ' || on_behalf, ' on revision ', revision,
                case when round > 0 then ', round ' || round end,
                ', owning ' || nullif(array_to_string(owns, ', '), ''))
  from ballot

  union all
  select tenant_id, subject, 'approval', version,
         concat(person, ' as ', seat, ' for ' || on_behalf, ' on revision ', revision,
                ', owning ' || nullif(array_to_string(owns, ', '), ''))
  from approval

  union all
  select tenant_id, subject, 'emergency_review', version,
         concat(reason, ': ',
                case when verdict is null then 'due' else 'closed, ' || verdict || ', by ' || reviewer end,
                case when overdue then ', overdue' end, ', by ',
                to_char(due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
  from emergency_review

  union all
  select tenant_id, subject, 'concern', version,
         concat(person, coalesce(' resolves ' || settles, ' raises'), ' on revision ', revision)
  from concern

  union all
  select tenant_id, subject, 'peer_review', version,
         concat(person, ' ', verdict,
                case when not target then ', not target' end,
                case when not rollback then ', not rollback' end,
                case when not effects then ', not effects' end, ' on revision ', revision)
  from peer_review

  union all
  select tenant_id, subject, 'freeze_override', version,
         concat('CHG-', change, ' revision ', revision, ' asked by ', asked_by, ', ', state,
                coalesce(', until ' || to_char(valid_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))
  from freeze_override

  union all
  select tenant_id, subject, 'delegation', version,
         concat(from_person, ' to ', to_person,
                ' from ', to_char(starts_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                ' to ', to_char(ends_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                case when ended_at is not null then ', over' end)
  from delegation

  union all
  select tenant_id, subject, 'absence', version,
         concat(person, ' from ', to_char(starts_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                ' to ', to_char(ends_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                case when ended_at is not null then ', over' end)
  from absence

  union all
  select tenant_id, subject, 'policy_proposal', version,
         concat(state, ' ', hash,
                ', from ' || to_char(effective_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                (select string_agg(', signed by ' || person, '' order by place)
                 from jsonb_array_elements_text(signed) with ordinality as by (person, place)))
  from policy_proposal

  union all
  select tenant_id, subject, 'policy_amendment', version,
         concat('AMD-', number, ' for ', origin,
                ', due ', to_char(due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), ', ', state,
                ', answered by ' || answered_by, case when reminded then ', reminded' end,
                case when overdue then ', overdue' end)
  from policy_amendment

  union all
  select tenant_id, subject, 'policy_reading', version, concat(person, ' read ', policy)
  from policy_reading

  union all
  select tenant_id, subject, 'decision_escalation', version,
         concat(dispute, ' on revision ', revision, ' by ', raised_by, ', ',
                (select string_agg(person, ' then ' order by place)
                 from jsonb_array_elements_text(chain) with ordinality as asked (person, place)),
                ', ', state, ' by ' || ruled_by)
  from decision_escalation

  union all
  select tenant_id, subject, 'charter', version,
         concat(team, ' edition ', edition, ', sha256 ', hash, ', ', availability_minutes, ' minutes',
                (select string_agg(', then ' || person, '' order by place)
                 from unnest(succession) with ordinality as following (person, place)))
  from charter

  union all
  select tenant_id, subject, 'charter_acknowledgement', version, concat(person, ' acknowledges ', charter)
  from charter_acknowledgement

  union all
  select tenant_id, subject, 'charter_review', version, concat(said, ' ', charter, ' by ' || person)
  from charter_review

  union all
  select tenant_id, subject, 'change_conflict', version,
         concat('CHG-', other, ', ', state, ', ', level, case when not blocks then ', holds nothing up' end,
                ', CHG-' || asked_side || ' asks to coexist')
  from change_conflict

  union all
  select tenant_id, subject, 'catalogue_mark', version,
         concat(entry, ' ', entry_version, ' ', state, case when by_failures then ' by failures' end, ' ' || sha256)
  from catalogue_mark

  union all
  select tenant_id, subject, 'notice_answer', version, concat(person, ' ', said, ' on revision ', revision)
  from notice_answer

  union all
  select tenant_id, subject, 'change_claim', version,
         concat(kind, ' of INC-' || incident, ' on revision ', revision, ', asked by ', claimed_by,
                ', ' || nullif(state, 'open') || ' by ' || decided_by)
  from change_claim

  union all
  select tenant_id, subject, 'standby_booking', version, concat(role, ' ', person, ', ', state)
  from standby_booking

  union all
  select tenant_id, subject, 'rehearsal', version,
         concat(state, ' in ' || environment, ', watched by ' || observer, ', took ' || took, ', of ' || plan)
  from rehearsal

  union all
  select tenant_id, subject, 'calendar_feed', version, concat(person, ', sha256 ', encode(hash, 'hex'))
  from calendar_feed

  union all
  select tenant_id, subject, 'incident_change_link', version,
         concat('CHG-', change, ' ', kind, ', ', origin, ', ' || relation || ' ' || confidence, ', ', state,
                case when decided_at is not null then ' by ' end,
                case when decided_at is not null then coalesce(decided_by, 'nobody') end)
  from incident_change_link

  union all
  select tenant_id, subject, 'change_slot', version,
         concat(state, case when ahead then ', first' end, case when beside then ', beside another' end)
  from change_slot where state <> 'free'

  union all
  select tenant_id, subject, 'archive', version,
         concat(kind, ' ', manifest, ', ', entries, ' entries, ', bytes, ' bytes, up to ', covers,
                (select string_agg(', older ' || hash, '' order by place)
                 from unnest(older) with ordinality as replaced (hash, place)))
  from archive

  union all
  select tenant_id, subject, 'redaction', version,
         concat(state, ' ', sha256, ', asked by ', asked_by, ', approved by ' || approved_by)
  from redaction

  union all
  select tenant_id, subject, 'exception_use', version, concat('CHG-', change, ' revision ', revision)
  from exception_use

) state (tenant_id, subject, part, version, words)
where tenant_id = $1 and subject = any ($2)
