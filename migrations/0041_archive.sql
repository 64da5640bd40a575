-- What was sealed of a record into the folder outside the database: the newest bundle of each kind.
--
--   (nothing) --sealed--> kept --sealed anew--> kept, and an older one to remove --removed--> kept
set role wardroom_owner;

create table archive (
  tenant_id bigint not null references tenant,
  subject   text not null,
  kind      text not null,                -- 'sealed'
  version   integer not null,
  manifest  text not null,                -- sha256 of MANIFEST.sha256, hex; its beginning names the bundle's folder
  entries   integer not null,
  bytes     bigint not null,
  covers    bigint not null,              -- entries of the tree that were signed: what is younger is not in it
  sealed_at timestamptz not null,
  older     text[] not null default '{}', -- manifests of bundles that it replaces, and that are still in the folder
  primary key (tenant_id, subject, kind)
);

call dlog.guard('archive');
grant select, insert on archive to wardroom_app;
grant update (version, manifest, entries, bytes, covers, sealed_at, older) on archive to wardroom_app;

reset role;
