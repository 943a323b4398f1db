-- The ledger is append-only: no row is changed or removed.
create or replace function darkroom.refuse_ledger_change() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise exception 'credit_ledger is append-only: book a new movement instead of changing one'
    using errcode = '42501';
end
$$;

revoke all on function darkroom.refuse_ledger_change from public, anon, authenticated;
