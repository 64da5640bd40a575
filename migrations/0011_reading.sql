-- Reading the log by person, kind and time, and streaming it out.
--
-- Who did it and when stand in the body, which alone is signed. They are drawn out of it by Postgres itself, so that they
-- can be indexed and can never say something else. A body's keys are sorted: `actor`, `agg` and `at` always come first,
-- and nothing that a person wrote comes before them.
set role wardroom_owner;

create function dlog.opening(body bytea, key text, place integer) returns text language sql immutable parallel safe
  as $$ select case split_part(encode(substring(body from 1 for 250), 'escape'), '"', place)
               when key then split_part(encode(substring(body from 1 for 250), 'escape'), '"', place + 2) end $$;

alter table dlog.entry
  add column actor text generated always as (dlog.opening(body, 'actor', 2)) stored,
  -- With six digits and in UTC, moments sort as words do.
  add column at text collate "C" generated always as (dlog.opening(body, 'at', 10)) stored;

create index entry_at on dlog.entry (tenant_id, at, id);
create index entry_by on dlog.entry (tenant_id, actor, at, id);
create index entry_of_kind on dlog.entry (tenant_id, kind, at, id);

-- Whether a subject is an incident, or a change for one: what responders read.
create function dlog.of_incident(of_tenant bigint, of_subject text) returns boolean language sql stable parallel safe
  as $$ select of_subject like 'INC-%' or (of_subject like 'CHG-%' and exists (
          select from public.change c
          where c.tenant_id = of_tenant and c.subject = of_subject and c.incident is not null)) $$;

-- How far each sink outside (a SIEM) has got in each log.
--
--   position: (nothing) --begun--> leased by one bot --batch taken--> further on --lease over--> free
create table sink (
  tenant_id bigint not null references tenant,
  name      text not null,
  next      bigint not null check (next >= 0),  -- the first leaf that was not taken yet
  taken_at  timestamptz not null,
  lease     uuid,                               -- who sends now, so that two bots do not send the same
  leased_until timestamptz not null,
  primary key (tenant_id, name)
);
call dlog.isolate('sink');
grant select, insert, update on sink to wardroom_app;

reset role;
