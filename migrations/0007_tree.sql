-- The tree over the log: a Merkle tree (RFC 6962) per tenant, and what was signed of it.
--
--   entry: committed --(same transaction)--> pending --sequenced, in batches--> a leaf of the tree, for ever
--   tree: empty --grows only-->        checkpoint: (nothing) --signed--> kept for ever
--
-- Commands never wait for each other here: the order of the leaves is made after the commit, by one at a time.
set role wardroom_owner;

-- Committed, not in the tree yet. Filled by a trigger, so that no entry can be forgotten.
create table dlog.pending (
  entry_id  bigint primary key,
  tenant_id bigint not null
);
create index pending_of on dlog.pending (tenant_id, entry_id);

create table dlog.leaf (
  tenant_id bigint not null,
  idx       bigint not null check (idx >= 0),  -- gapless from 0
  entry_id  bigint not null unique references dlog.entry (id) on delete restrict,
  leaf_hash bytea not null,
  primary key (tenant_id, idx)
);

-- The hash of every perfect subtree of 256, 65,536, … leaves: proofs need a few hundred hashes, however large the tree.
create table dlog.tile (
  tenant_id bigint not null,
  level     smallint not null check (level > 0 and level % 8 = 0),
  idx       bigint not null check (idx >= 0),
  hash      bytea not null,
  primary key (tenant_id, level, idx)
);

create table dlog.tree (
  tenant_id bigint primary key,
  size      bigint not null,
  root      bytea not null,
  frontier  bytea not null  -- one hash per perfect subtree at the right edge
);

create table dlog.checkpoint (
  tenant_id  bigint not null,
  size       bigint not null,
  note       text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, size)
);

create function dlog.enqueue() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into dlog.pending (entry_id, tenant_id) select id, tenant_id from written;
  return null;
end $$;
create trigger enqueue after insert on dlog.entry referencing new table as written
  for each statement execute function dlog.enqueue();
alter table dlog.entry enable always trigger enqueue;

create function dlog.only_grow() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.tenant_id = old.tenant_id and new.size > old.size then return new; end if;
  raise exception 'the tree of the decision log only grows: % is refused', tg_op using errcode = '55000';
end $$;
create trigger only_grow before update or delete on dlog.tree for each row execute function dlog.only_grow();
alter table dlog.tree enable always trigger only_grow;

do $$
declare kept text;
begin
  foreach kept in array array['leaf', 'tile', 'checkpoint'] loop
    execute format('create trigger no_change before update or delete on dlog.%I for each row execute function dlog.deny()', kept);
    execute format('alter table dlog.%I enable always trigger no_change', kept);
  end loop;
  foreach kept in array array['leaf', 'tile', 'checkpoint', 'tree'] loop
    execute format('create trigger no_truncate before truncate on dlog.%I for each statement execute function dlog.deny()', kept);
    execute format('alter table dlog.%I enable always trigger no_truncate', kept);
  end loop;
  foreach kept in array array['pending', 'leaf', 'tile', 'checkpoint', 'tree'] loop
    execute format('call dlog.isolate(%L)', 'dlog.' || kept);
    execute format('grant select on dlog.%I to wardroom_app, wardroom_sequencer', kept);
  end loop;
end $$;
grant delete on dlog.pending to wardroom_sequencer;
grant insert on dlog.leaf, dlog.tile, dlog.checkpoint to wardroom_sequencer;
grant insert, update on dlog.tree to wardroom_sequencer;

reset role;
