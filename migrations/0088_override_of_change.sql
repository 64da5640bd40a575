-- What a freeze let through is found by its change: its end brings a review and a validation.
set role wardroom_owner;

create index freeze_override_of on freeze_override (tenant_id, change);

reset role;
