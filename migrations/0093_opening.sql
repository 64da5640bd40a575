-- Who did it and when are drawn out of an entry's body as before, at less cost: a function in SQL is parsed and planned
-- anew by each statement that writes an entry, one in PL/pgSQL once per session.
set role wardroom_owner;

create or replace function dlog.opening(body bytea, key text, place integer) returns text
  language plpgsql immutable parallel safe as $$
declare words text[] := string_to_array(encode(substring(body from 1 for 250), 'escape'), '"');
begin
  return case words[place] when key then words[place + 2] end;
end $$;

reset role;
