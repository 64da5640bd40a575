-- A page of a tenant's entries in the order of their records, or of the entries of one record, a column at a time; what
-- stands beside them, by their place. The last record is always said, so that the index finds both ends.
with page as materialized (
  select id, subject, seq, kind, recorded_at, body, leaf_hash, row_number() over () as place
  from (
    select * from dlog.entry
    where tenant_id = $1 and (subject, seq) > ($2, $3)
      and subject <= coalesce($5::text, (select max(subject) from dlog.entry where tenant_id = $1))
    order by subject, seq limit $4
  ) entry
),
beside as (
  select coalesce(array_agg(place), '{}') as places, coalesce(array_agg(disclosure), '{}') as disclosures
  from page join dlog.disclosure on entry_id = page.id
)
select coalesce(array_agg(subject), '{}') as "subjects!", coalesce(array_agg(seq), '{}') as "seqs!",
       coalesce(array_agg(kind), '{}') as "kinds!", coalesce(array_agg(recorded_at), '{}') as "recorded_at!",
       coalesce(array_agg(body), '{}') as "bodies!", coalesce(array_agg(leaf_hash), '{}') as "leaf_hashes!",
       (select places from beside) as "places!", (select disclosures from beside) as "disclosures!"
from page
