-- The addresses under which people's calendar programs fetch the change calendar: one a person, as long as they want it.
--
--   (nothing) --feed:new--> answered --feed:new--> answered under another address --feed:off--> (nothing)
set role wardroom_owner;

create table calendar_feed (
  tenant_id bigint not null references tenant,
  person    text not null,
  hash      bytea not null,          -- sha256 of the address's secret: whoever reads it here cannot use it
  subject   text not null generated always as ('ORG') stored,
  version   integer not null,
  primary key (tenant_id, person),
  unique (hash)
);

call dlog.guard('calendar_feed');
grant select, insert, delete on calendar_feed to wardroom_app;
grant update (hash, version) on calendar_feed to wardroom_app;

-- Whose an address is, asked before a tenant is set.
create function feed_of(of_hash bytea) returns table (tenant_id bigint, person text)
  language sql stable security definer set search_path = public
  as $$ select f.tenant_id, f.person from calendar_feed f where f.hash = of_hash $$;

-- What is on the calendar, also of what is over. Not `coalesce`, which Postgres does not take for leakproof: behind
-- row-level security no index would be searched by it.
create index change_calendar on change
  (tenant_id, (case when closes_at is null then planned_until else closes_at end));

reset role;
