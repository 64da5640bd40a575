-- How forms fare: how long they took to fill in, and which nobody sent. A view of use; the log does not speak of it.
set role wardroom_owner;

create table form_use (
  tenant_id bigint not null references tenant,
  verb      text not null,       -- `change emergency`
  opened_at timestamptz not null,
  sent_at   timestamptz          -- nothing: nobody sent it within the days that a form is kept
);
create index form_use_opened on form_use (tenant_id, opened_at);
call dlog.isolate('form_use');
grant select, insert, delete on form_use to wardroom_app;

-- Records that were asked for fields of an organisation's own, among many that were not.
create index change_with_fields on change (tenant_id, requested_at) where fields <> '[]';
create index incident_with_fields on incident (tenant_id, declared_at) where fields <> '[]';

reset role;
