-- Fields of an organisation's own, as the policy put them when they were asked for.
set role wardroom_owner;

-- [{asked: {key, before, what, kind, one_of, regime}, filled, value, by, at}]
alter table change add column fields jsonb not null default '[]';
alter table incident add column fields jsonb not null default '[]';

reset role;
