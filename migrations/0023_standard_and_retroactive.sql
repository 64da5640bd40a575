-- Standard changes, which the catalogue approves beforehand, and changes that are recorded after the fact.
--
--   change: approved -> ...                               (standard: it is approved by the entry that asks for it)
--           awaiting_approval -> completed | rejected     (retroactive: attested, or not; what was done is done)
set role wardroom_owner;

alter table change
  add column standard jsonb,              -- the entry of the catalogue, its version, the values, whether freezes let it pass
  add column retro    jsonb;              -- whether it works, who allowed it, whether the record came late
-- How the latest uses of an entry went.
create index change_by_entry on change (tenant_id, (standard ->> 'entry'), (standard ->> 'version'), ended_at)
  where standard is not null;

-- Since when a policy is in force: for so long its catalogue was looked at. Older ones count from this migration on, and
-- one that a bot of the version before loads meanwhile counts from then.
alter table policy add column loaded_at timestamptz not null default now();

reset role;
