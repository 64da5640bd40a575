-- Meetings of the change advisory board.
--
--   regular: announced -> open -> closed ; announced -> missed when the next one is announced
--   called:  open -> closed
set role wardroom_owner;

alter table tenant add column next_meeting bigint not null default 1;

create table cab_meeting (
  tenant_id    bigint not null references tenant,
  number       bigint not null,
  subject      text not null generated always as ('CAB-' || number) stored,
  version      integer not null,
  status       text not null check (status in ('announced', 'open', 'closed', 'missed')),
  starts_at    timestamptz,               -- of a regular one
  called       boolean not null,
  places       jsonb not null,            -- first where it is held
  roster       text[] not null,
  chair        text,
  agenda       jsonb not null,            -- in order; each change with its time, and why it was deferred
  patterns     jsonb not null,
  attendance   jsonb not null,
  current      bigint,                    -- the change under discussion
  opened_at    timestamptz,
  opened_by    text,
  ended_at     timestamptz,
  ended_by     text,
  minutes_hash text,                      -- sha256; the text is beside the log entry alone
  primary key (tenant_id, number),
  unique (tenant_id, subject),
  unique (tenant_id, starts_at)           -- a regular one is announced once
);
create index cab_meeting_standing on cab_meeting (tenant_id, number) where ended_at is null;

call dlog.guard('cab_meeting');
grant select, insert on cab_meeting to wardroom_app;
grant update (version, status, called, places, roster, chair, agenda, patterns, attendance, current, opened_at, opened_by,
              ended_at, ended_by, minutes_hash) on cab_meeting to wardroom_app;

reset role;
