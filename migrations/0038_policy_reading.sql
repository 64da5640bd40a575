-- Who has read a policy that came into force: one row for each person and policy.
set role wardroom_owner;

create table policy_reading (
  tenant_id bigint not null references tenant,
  subject   text not null generated always as ('POLICY') stored,
  version   integer not null,        -- the entry that says so
  policy    integer not null,        -- version of the policy
  person    text not null,
  read_at   timestamptz not null,
  primary key (tenant_id, policy, person)
);

call dlog.guard('policy_reading');
grant select, insert on policy_reading to wardroom_app;

reset role;
