-- What came in, what goes out, and where it is shown. Views of the state, so the log does not speak of them.
--
--   delivery: (nothing) --answered--> kept 2 days          the same id again: the same answer
--   say:      stored --sent--> has a message               a fixed sentence, once
--   card:     wanted --posted--> has a message --edited--> ...   always the newest state
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
  attempts  integer not null default 0,
  message   text
);
create index say_waiting on say (tenant_id, platform, workspace, channel, id) where message is null;

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
  shown     bytea,              -- hash of what is shown: an edit that changes nothing is not sent
  unique (tenant_id, subject, kind, platform, workspace, channel)
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
call dlog.isolate('form');
grant select, insert on delivery to wardroom_app;
grant delete on delivery to wardroom_app;
grant select, insert, update, delete on say, card, form to wardroom_app;
grant usage on all sequences in schema public to wardroom_app;

reset role;
