-- What came in, what goes out, and where it is shown. Views of the state, so the log does not speak of them.
--
--   delivery: (nothing) --answered--> kept 2 days          the same id again: the same answer
--   say:      stored --sent--> has a message | --refused for a day--> given up    a fixed sentence, once
--   card:     wanted --posted--> has a message --edited--> ...   always the newest state
--   trouble:  met --> told to a person who can mend it     once for a cause, a place and a day
--   form:     open --sent, or a day passes--> gone
set role wardroom_owner;

create table delivery (
  tenant_id   bigint not null references tenant,
  id          text not null,
  reply       jsonb not null,
  answered_at timestamptz not null,
  primary key (tenant_id, id)
);
create index delivery_old on delivery (answered_at);

create table say (
  tenant_id bigint not null references tenant,
  id        bigint generated always as identity primary key,
  subject   text not null,
  platform  text not null check (platform in ('slack', 'discord')),
  workspace text not null,
  channel   text not null,
  body      jsonb not null,
  stored_at timestamptz not null,
  urgency   smallint not null,  -- 0 a page, 1 a decision, 2 an update, 3 a note
  attempts  integer not null default 0,
  held      text,               -- what it waits for: the platform asked to wait, does not answer, refuses
  message   text,
  given_up_at timestamptz
);
create index say_waiting on say (tenant_id, platform, workspace, channel, id) where message is null and given_up_at is null;

-- Of every tenant: how much there is still to be said.
create function says_waiting() returns bigint
  language sql stable security definer set search_path = public
  as $$ select count(*) from say where message is null and given_up_at is null $$;

create table card (
  tenant_id bigint not null references tenant,
  id        bigint generated always as identity primary key,
  subject   text not null,
  kind      text not null,
  platform  text not null check (platform in ('slack', 'discord')),
  workspace text not null,
  channel   text not null,
  attempts  integer not null default 0,
  message   text,
  pin       text not null default 'wanted' check (pin in ('wanted', 'done', 'refused')),
  refused_since timestamptz,    -- the platform has refused to show it since then
  shown     bytea,              -- hash of what is shown: an edit that changes nothing is not sent
  unique (tenant_id, subject, kind, platform, workspace, channel)
);

create table trouble (
  tenant_id bigint not null references tenant,
  id        bigint generated always as identity primary key,
  subject   text not null,
  platform  text not null check (platform in ('slack', 'discord')),
  workspace text not null,
  channel   text not null,      -- empty: the workspace as a whole
  cause     text not null,
  day       date not null,
  body      jsonb not null,     -- the sentence for whoever can mend it
  unique (tenant_id, platform, workspace, channel, cause, day)
);

create table form (
  tenant_id bigint not null references tenant,
  id        text primary key,
  account   jsonb not null,
  place     jsonb not null,
  call      jsonb not null,     -- the command and what was given so far
  opened_at timestamptz not null
);

call dlog.isolate('delivery');
call dlog.isolate('say');
call dlog.isolate('card');
call dlog.isolate('trouble');
call dlog.isolate('form');
grant select, insert on delivery to wardroom_app;
grant delete on delivery to wardroom_app;
grant select, insert, update, delete on say, card, trouble, form to wardroom_app;
grant usage on all sequences in schema public to wardroom_app;

reset role;
