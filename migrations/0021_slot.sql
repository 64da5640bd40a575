-- Which changes run at once, and which wait for their turn (rule 4.18).
--
--   slot: waiting -> offered -> leased -> soaking -> free
--         offered -> waiting            (not begun in time: the next is told)
--         leased -> free                (rolled back, released, or past its window)
--         waiting, offered -> free      (withdrawn, or its window closed)
--   change: approved -> queued -> implementing ; queued -> cancelled | approval_expired
set role wardroom_owner;

create table change_slot (
  tenant_id bigint not null references tenant,
  subject   text not null,
  version   integer not null,
  change    bigint not null,
  state     text not null check (state in ('waiting', 'offered', 'leased', 'soaking', 'free')),
  asked_at  timestamptz not null,
  until     timestamptz,              -- when it is asked for again, or over by itself
  ahead     boolean not null,         -- the commander wants it first
  beside    boolean not null,         -- the commander lets it run beside its neighbour
  primary key (tenant_id, subject)
);
create index change_slot_live on change_slot (tenant_id, change) where state <> 'free';

call dlog.guard('change_slot');
grant select, insert on change_slot to wardroom_app;
grant update (version, state, asked_at, until, ahead, beside) on change_slot to wardroom_app;

-- The windows that a planned change is held against.
create index change_booked on change (tenant_id, (coalesce(closes_at, planned_until))) where ended_at is null;

-- What an assessment asks of each service: what runs there, and how changes of a kind went there.
create index change_running on change (tenant_id, service) where status = 'implementing';
drop index change_history;
create index change_history on change (tenant_id, kind, service, ended_at) include (status) where ended_at is not null;

reset role;
