-- A policy file that waits for the signatures of those who have to sign it. The newest is the one that waits, if it is open.
--
--   open --the last signs--> effective | open --one objects--> rejected | open --a newer file--> (stays, signed no more)
set role wardroom_owner;

create table policy_proposal (
  tenant_id   bigint not null references tenant,
  subject     text not null generated always as ('POLICY') stored,
  proposed    integer not null,            -- seq of the entry that proposes it
  version     integer not null,
  hash        text not null,               -- sha256 of the file, hex
  source      text not null,
  signatories jsonb not null,              -- who has to sign: ids of people, as the organisation said then
  signed      jsonb not null default '[]', -- who has
  state       text not null check (state in ('open', 'effective', 'rejected')),
  proposed_at timestamptz not null,
  primary key (tenant_id, proposed)
);

call dlog.guard('policy_proposal');
grant select, insert on policy_proposal to wardroom_app;
grant update (version, signed, state) on policy_proposal to wardroom_app;

reset role;
