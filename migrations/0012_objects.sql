-- Objects in the store: those of removed images and deleted accounts, and those that no row names.
set local lock_timeout = '5s';

create table darkroom.object_removals (
  key text primary key,
  due_at timestamptz not null,
  tries integer not null default 0
);
create index object_removals_due on darkroom.object_removals (due_at);
comment on table darkroom.object_removals is 'Objects whose row is gone and that are still to be removed from the store.';

create table darkroom.orphan_round (
  singleton boolean primary key default true check (singleton),
  after_key text,
  due_at timestamptz not null
);
comment on table darkroom.orphan_round is 'Where the search for objects that no row names goes on, and when. A turn is a lease: due_at lies ahead of it.';
insert into darkroom.orphan_round (due_at) values (darkroom.now());

create function public.delete_image(p_user_id text, p_image_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_image public.generated_images;
  v_keys text[];
begin
  delete from public.generated_images where id = p_image_id and user_id = p_user_id returning * into v_image;
  if not found then
    return null;
  end if;
  v_keys := array_remove(array[v_image.object_key, v_image.thumbnail_key], null);
  update public.custom_prompts
    set thumbnail_url = case when darkroom.key_in(thumbnail_url) = any (v_keys) then null else thumbnail_url end,
        secondary_image_url = case when darkroom.key_in(secondary_image_url) = any (v_keys) then null else secondary_image_url end
    where user_id = p_user_id
      and (darkroom.key_in(thumbnail_url) = any (v_keys) or darkroom.key_in(secondary_image_url) = any (v_keys));
  insert into darkroom.object_removals (key, due_at)
    select key, darkroom.now() + interval '30 seconds' from unnest(v_keys) key
    on conflict do nothing;
  return coalesce((select jsonb_agg(key) from unnest(v_keys) key where not darkroom.is_input(key)), '[]');
end
$$;
comment on function public.delete_image(text, uuid) is
  'Removes an image of this user and returns the keys of its objects, to be removed from the store now and confirmed with confirm_removed; what is not is left to take_cleaning. Prompts that show it show nothing; the job that made it stays. Null when the user has no such image.';

create function darkroom.is_input(p_key text) returns boolean
language sql stable set search_path = '' as $$
  select exists (select from public.image_generation_jobs
    where input_image_key = p_key and managed and status in ('pending', 'processing'));
$$;
comment on function darkroom.is_input(text) is 'Whether an unfinished job starts from this object.';

create function public.confirm_removed(p_keys text[]) returns void
language sql security definer set search_path = '' as $$
  delete from darkroom.object_removals where key = any (p_keys);
$$;
comment on function public.confirm_removed(text[]) is 'Notes that these objects are gone from the store. Safe to repeat.';

create function public.take_cleaning(p_limit integer default 100) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := darkroom.now();
  v_keys jsonb;
  v_users jsonb;
  v_turn darkroom.orphan_round;
  v_has_turn boolean;
begin
  with due as (
    select key from darkroom.object_removals r where due_at <= v_now and not darkroom.is_input(r.key)
    order by due_at limit p_limit for update skip locked
  ), taken as (
    update darkroom.object_removals r
      set tries = tries + 1, due_at = v_now + least(interval '1 hour', interval '30 seconds' * (2 ^ least(tries, 10)))
      from due where r.key = due.key returning r.key
  )
  select coalesce(jsonb_agg(key), '[]') into v_keys from taken;

  with due as (
    select user_id from darkroom.tombstones where due_at <= v_now
    order by due_at limit least(p_limit, 10) for update skip locked
  ), taken as (
    update darkroom.tombstones t set due_at = v_now + interval '1 minute' from due where t.user_id = due.user_id
    returning t.user_id
  )
  select coalesce(jsonb_agg(user_id), '[]') into v_users from taken;

  update darkroom.orphan_round set due_at = v_now + interval '10 minutes'
    where due_at <= v_now returning * into v_turn;
  v_has_turn := found;
  if v_has_turn then
    delete from public.webhook_events
      where received_at < v_now - interval '90 days' and outcome not in ('unknown_user', 'unknown_price', 'deleted_user');
  end if;
  perform darkroom.retry_waiting(20);

  return jsonb_build_object('keys', v_keys, 'user_ids', v_users,
    'orphans', case when v_has_turn then jsonb_build_object('after', v_turn.after_key) end);
end
$$;
comment on function public.take_cleaning(integer) is
  'What is to be removed from the store, each given to one caller at a time and again later unless it is confirmed: {keys: of images whose row is gone (confirm_removed), user_ids: of deleted accounts (continue_erasure), orphans: {after} when the search goes on there (end_orphan_turn), else null}. A key that an unfinished job starts from waits. Also lets payments through whose user has become known.';

create function public.find_orphans(p_objects jsonb) returns jsonb
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
comment on function public.find_orphans(jsonb) is
  'Of these objects ([{key, modified_at}]) the keys that may be removed: a day old, of the shape that only this product writes, and named by no row, neither by key nor by address, nor of a job that is still running. Any other object in the bucket is left alone.';

create function public.end_orphan_turn(p_after text) returns void
language sql security definer set search_path = '' as $$
  update darkroom.orphan_round
    set after_key = p_after,
        due_at = darkroom.now() + case when p_after is null then interval '1 hour' else interval '1 minute' end;
$$;
comment on function public.end_orphan_turn(text) is
  'Ends a turn of the search for orphans: the next goes on after this key in a minute, or begins anew in an hour when p_after is null.';

-- Closed by name, because default privileges open every new function.
do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where p.pronamespace = 'darkroom'::regnamespace
      or (p.pronamespace = 'public'::regnamespace and p.proname in ('delete_image', 'confirm_removed', 'take_cleaning', 'find_orphans', 'end_orphan_turn'))
  loop
    execute format('revoke all on function %s from public, anon, authenticated', v_function);
    execute format('grant execute on function %s to service_role', v_function);
  end loop;
end
$$;
-- What a user's own statements run through.
grant execute on function darkroom.now(), darkroom.free_email(text, text), darkroom.is_deleted(text)
  to anon, authenticated;
