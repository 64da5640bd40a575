-- An exception that was in force is looked back on after its end: whether what was to be done instead was done. Those that
-- ended before this are not asked about.
--
--   exception: expired, revoked --somebody who may approve it looks back--> reviewed, which is a mark on the end that it had
set role wardroom_owner;

alter table procedure_exception
  add column review_due     timestamptz,                    -- null: not over yet, or never in force
  add column review_overdue boolean not null default false,
  add column reviewed_by    text,
  add column reviewed_at    timestamptz,
  add column control_kept   boolean,                        -- what was promised instead was done
  add constraint procedure_exception_reviewed check (
    (reviewed_at is null) = (reviewed_by is null) and (reviewed_at is null) = (control_kept is null)
    and (reviewed_at is null or review_due is not null));
create index procedure_exception_to_review on procedure_exception (tenant_id, review_due)
  where review_due is not null and reviewed_at is null;

grant update (review_due, review_overdue, reviewed_by, reviewed_at, control_kept) on procedure_exception to wardroom_app;

reset role;
