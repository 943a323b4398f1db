-- Whether an unfinished job starts from this object.
create or replace function darkroom.is_input(p_key text) returns boolean
language sql stable set search_path = '' as $$
  select exists (select from public.image_generation_jobs
    where input_image_key = p_key and managed and status in ('pending', 'processing'));
$$;

revoke all on function darkroom.is_input from public, anon, authenticated;
