-- Disputes about a change that the decision authority is asked to rule on, one person of the chain after the other.
--
--   open -> allowed | denied | other        (whoever was asked rules)
--   open -> open                            (nobody ruled in time: the next in the chain is asked)
--   open -> unanswered                      (nobody is left, which is a no)
--
-- It is about one revision: one of an earlier revision stays open in the table, and waits for nobody.
set role wardroom_owner;

create table decision_escalation (
  tenant_id  bigint not null references tenant,
  subject    text not null,               -- the change
  asked      integer not null,            -- seq of the entry that asks
  version    integer not null,
  revision   integer not null,
  dispute    text not null,               -- what stands in the way
  raised_by  text not null,
  why        text,                        -- null: erased
  opposed    jsonb not null,              -- ids of those who hold the other position
  chain      jsonb not null,              -- ids of those who were asked, in order
  due_at     timestamptz not null,
  state      text not null check (state in ('open', 'allowed', 'denied', 'other', 'unanswered')),
  ruled_by   text,
  ruled_at   timestamptz,
  ruling     text,                        -- why; null: not ruled, or erased
  conditions text,
  primary key (tenant_id, subject, asked),
  check ((state = 'open') = (ruled_at is null)),
  check ((ruled_by is null) = (state in ('open', 'unanswered')))
);
-- One at a time of a revision.
create unique index decision_escalation_open on decision_escalation (tenant_id, subject, revision) where state = 'open';

call dlog.guard('decision_escalation');
grant select, insert on decision_escalation to wardroom_app;
grant update (version, why, chain, due_at, state, ruled_by, ruled_at, ruling, conditions) on decision_escalation
  to wardroom_app;

-- As before, and: the texts of an escalation may go with their disclosures, and its row keeps its version too.
create or replace function dlog.must_log() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
declare
  texts constant text[] := '{why,ruling,conditions}';
begin
  if tg_op = 'DELETE' then
    if not exists (
      select from dlog.entry e
      where e.tenant_id = old.tenant_id and e.subject = old.subject and e.seq > old.version
        and e.xid = pg_current_xact_id()
    ) then
      raise exception '% of % was deleted without a log entry in the same transaction', tg_table_name, old.subject
        using errcode = '55000';
    end if;
    return null;
  end if;
  if tg_op = 'UPDATE' and new.version <= old.version then
    if tg_table_name in ('ballot', 'approval', 'freeze_override', 'concern', 'decision_escalation')
      and to_jsonb(new) - texts = to_jsonb(old) - texts
      and not exists (
        select from jsonb_each(to_jsonb(new)) text
        where text.key = any (texts) and text.value not in ('null', to_jsonb(old) -> text.key)
      )
      and exists (
        select from dlog.entry e
        where e.kind = 'payload.erased' and e.xid = pg_current_xact_id()
          and e.tenant_id = new.tenant_id and e.subject = new.subject
      )
    then
      return null;
    end if;
    raise exception '% %: version must grow', tg_table_name, new.subject using errcode = '55000';
  end if;
  if not exists (
    select from dlog.entry e
    where e.tenant_id = new.tenant_id and e.subject = new.subject and e.seq = new.version
      and e.xid = pg_current_xact_id()
  ) then
    raise exception '% of % changed to version % without a log entry in the same transaction',
      tg_table_name, new.subject, new.version using errcode = '55000';
  end if;
  return null;
end $$;

reset role;
