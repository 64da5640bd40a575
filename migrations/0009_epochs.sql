-- Epochs of a log, and where chat keeps its checkpoints.
--
--   epoch: n --log.recovered, with a signed statement of what was lost--> n+1
--   recovery: (nothing) --declared--> kept for ever
--   checkpoint_post: (nothing) --posted--> newer --posted--> newer
set role wardroom_owner;

-- Part of the log's name from the second on: what is signed in one epoch can't be taken for another's.
alter table tenant add column epoch integer not null default 1 check (epoch > 0);

-- A log goes on under a new name only together with its entry and the statement that the entry speaks of.
create function dlog.must_recover() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  if new.epoch > old.epoch
     and exists (select from dlog.recovery r where r.tenant_id = new.id and r.epoch = new.epoch)
     and exists (select from dlog.entry e where e.tenant_id = new.id and e.kind = 'log.recovered'
                   and e.xid = pg_current_xact_id())
  then return new; end if;
  raise exception 'a log begins a new epoch only with its statement and its entry in the same transaction'
    using errcode = '55000';
end $$;
create trigger must_recover before update of epoch on tenant for each row execute function dlog.must_recover();
alter table tenant enable always trigger must_recover;

alter table dlog.checkpoint add column epoch integer not null default 1;
alter table dlog.checkpoint drop constraint checkpoint_pkey, add primary key (tenant_id, epoch, size);

create table dlog.recovery (
  tenant_id   bigint not null,
  epoch       integer not null check (epoch > 1),  -- the one that it begins
  statement   text not null,                       -- a signed note: what was signed, what was there, who says why
  created_at  timestamptz not null default clock_timestamp(),
  primary key (tenant_id, epoch)
);
create trigger no_change before update or delete on dlog.recovery for each row execute function dlog.deny();
create trigger no_truncate before truncate on dlog.recovery for each statement execute function dlog.deny();
alter table dlog.recovery enable always trigger no_change;
alter table dlog.recovery enable always trigger no_truncate;
call dlog.isolate('dlog.recovery');
grant select, insert (tenant_id, epoch, statement) on dlog.recovery to wardroom_app;

-- The newest checkpoint that each place was given, so that each is posted once and not too often. About delivery: what
-- was signed stands above.
create table dlog.checkpoint_post (
  tenant_id bigint not null,
  platform  text not null,
  workspace text not null,
  channel   text not null,
  epoch     integer not null,
  size      bigint not null,
  posted_at timestamptz not null,
  primary key (tenant_id, platform, workspace, channel)
);
call dlog.isolate('dlog.checkpoint_post');
grant select, insert, update on dlog.checkpoint_post to wardroom_app;

-- Where a workspace keeps the checkpoints of the log.
alter table workspace add column log_channel text;

reset role;
