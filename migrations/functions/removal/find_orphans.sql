-- Of these objects ([{key, modified_at}]) the keys that may be removed: a day old, of the shape that only this
-- product writes, and named by no row, neither by key nor by URL, nor of a job that is still running. Any other
-- object in the bucket is left alone.
create or replace function public.find_orphans(p_objects jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(o.key order by o.key), '[]')
  from jsonb_to_recordset(p_objects) as o (key text, modified_at timestamptz)
  cross join lateral (
    select substring(o.key from '^users/[A-Za-z0-9_~-]+/jobs/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/[0-9]+-[A-Za-z0-9_-]+\.[a-z]+$')::uuid as job_id
  ) made
  where o.modified_at < darkroom.now() - interval '1 day'
    and (made.job_id is not null or o.key ~ '^users/[A-Za-z0-9_~-]+/uploads/[A-Za-z0-9_-]+\.[a-z]+$')
    and not exists (select from public.image_generation_jobs j
      where j.id = made.job_id and j.managed and j.status in ('pending', 'processing'))
    and not exists (select from public.generated_images i where i.object_key = o.key)
    and not exists (select from public.generated_images i where i.thumbnail_key = o.key)
    and not exists (select from public.generated_images i where darkroom.key_in(i.image_url) = o.key)
    and not exists (select from public.image_generation_jobs j where j.input_image_key = o.key)
    and not exists (select from public.image_generation_jobs j
      where not j.managed and darkroom.key_in(j.output_image_url) = o.key)
    and not exists (select from public.custom_prompts p where darkroom.key_in(p.thumbnail_url) = o.key)
    and not exists (select from public.custom_prompts p where darkroom.key_in(p.secondary_image_url) = o.key);
$$;

revoke all on function public.find_orphans from public, anon, authenticated;
grant execute on function public.find_orphans to service_role;
