-- Accounts: what Clerk reports of a user, and the end of an account with everything personal.
set local lock_timeout = '5s';

alter table darkroom.tombstones add column due_at timestamptz;
create index tombstones_due on darkroom.tombstones (due_at) where due_at is not null;
comment on column darkroom.tombstones.due_at is 'When the erasure goes on; null once nothing of the account is left.';

create table darkroom.identities (
  user_id text primary key,
  changed_at timestamptz not null
);
comment on table darkroom.identities is 'The latest state of each user that Clerk has reported, so that an older report changes nothing.';

create table public.webhook_events (
  source text not null check (source in ('clerk', 'stripe')),
  id text not null,
  type text not null,
  created_at timestamptz not null,
  received_at timestamptz not null,
  outcome text not null check (outcome in ('applied', 'ignored', 'stale', 'email_taken',
    'unknown_user', 'unknown_price', 'deleted_user')),
  user_id text,
  note text,
  detail jsonb,
  primary key (source, id)
);
create index webhook_events_waiting on public.webhook_events (received_at) where outcome = 'unknown_user';
comment on table public.webhook_events is
  'What was reported and what became of it. unknown_user, unknown_price and deleted_user want an operator: money came in and no credits went out.';
alter table public.webhook_events enable row level security;
revoke all on public.webhook_events from public, anon, authenticated;
revoke insert, update, delete, truncate on public.webhook_events from service_role;

create function darkroom.key_in(p_url text) returns text
language sql immutable parallel safe as $$
  select substring(p_url from '(users/[A-Za-z0-9_~-]+/(?:uploads|jobs)/[A-Za-z0-9_~./-]+)');
$$;
comment on function darkroom.key_in(text) is
  'The key of one of our objects in an address of it, whatever host the bucket is read at; null where there is none. Without a search_path of its own, so that the planner puts the expression in its place, which indexes hold.';

create function darkroom.guard_deleted() returns trigger
language plpgsql set search_path = '' as $$
begin
  if darkroom.is_deleted(new.user_id) then
    raise exception 'this account was deleted' using errcode = 'DR401';
  end if;
  return new;
end
$$;
comment on function darkroom.guard_deleted() is 'Nothing new for a deleted account, by any door, while its last token still lives.';
create trigger guard_deleted before insert on public.image_generation_jobs
  for each row execute function darkroom.guard_deleted();
-- Not the image of a job that is just being finished: it goes with the next step of the erasure.
create trigger guard_deleted before insert on public.generated_images
  for each row when (new.job_id is null) execute function darkroom.guard_deleted();
create trigger guard_deleted before insert on public.custom_prompts
  for each row execute function darkroom.guard_deleted();

create or replace function public.ensure_user(p_user_id text, p_email text default null, p_default_credits integer default 5)
returns public.users
language plpgsql security definer set search_path = '' as $$
declare
  v_user public.users;
  v_made boolean;
begin
  if coalesce(p_user_id, '') = '' then
    raise exception 'p_user_id is empty' using errcode = 'DR400';
  end if;
  loop
    if darkroom.is_deleted(p_user_id) then
      raise exception 'this account was deleted' using errcode = 'DR401';
    end if;
    select * into v_user from public.users where id = p_user_id;
    exit when found;
    -- Whoever else makes this user, or takes this address, at the same moment: the loop looks again.
    insert into public.users (id, email, credits, created_at, updated_at)
      values (p_user_id, darkroom.free_email(p_user_id, p_email), 0, darkroom.now(), darkroom.now())
      on conflict do nothing;
    v_made := found;
    if v_made and p_default_credits > 0 then
      insert into public.credit_ledger (user_id, kind, amount, balance_after, reference, reason)
        values (p_user_id, 'signup', p_default_credits, 0, 'signup:' || p_user_id, 'Welcome credits')
        on conflict (reference) do nothing;
    end if;
  end loop;
  if v_user.email = p_user_id || '@users.invalid' and darkroom.free_email(p_user_id, p_email) <> v_user.email then
    begin
      update public.users set email = p_email, updated_at = darkroom.now() where id = p_user_id returning * into v_user;
    exception when unique_violation then null;
    end;
  end if;
  return v_user;
end
$$;

create function public.is_user_deleted(p_user_id text) returns boolean
language sql stable security definer set search_path = '' as $$
  select darkroom.is_deleted(p_user_id);
$$;
comment on function public.is_user_deleted(text) is 'Whether this account was deleted; one look into one index.';

create function darkroom.erase_user(p_user_id text, p_limit integer default 2000) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_job public.image_generation_jobs;
  v_balance integer;
  v_canceled integer := 0;
begin
  -- The unfinished jobs by id, then the user. Rows that have ended are locked by nobody who wants a user.
  perform from public.image_generation_jobs
    where user_id = p_user_id and managed and status in ('pending', 'processing')
    order by id for no key update;
  for v_job in
    select * from public.image_generation_jobs
    where user_id = p_user_id and managed and status in ('pending', 'processing') order by id
  loop
    perform darkroom.end_job(v_job, 'canceled', 'canceled', 'Canceled.', 'the account was deleted', null);
    v_canceled := v_canceled + 1;
  end loop;

  select credits into v_balance from public.users where id = p_user_id for no key update;
  if v_balance <> 0 then
    insert into public.credit_ledger (user_id, kind, amount, balance_after, reference, reason)
      values (p_user_id, 'adjustment', -v_balance, 0, 'erased:' || p_user_id || ':' || gen_random_uuid(), 'Account deleted');
  end if;
  update public.users set email = p_user_id || '@users.invalid', updated_at = darkroom.now()
    where id = p_user_id and email <> p_user_id || '@users.invalid';

  delete from public.custom_prompts where id in (
    select id from public.custom_prompts where user_id = p_user_id limit p_limit);
  delete from public.generated_images where id in (
    select id from public.generated_images where user_id = p_user_id limit p_limit);
  delete from public.image_generation_jobs where id in (
    select id from public.image_generation_jobs where user_id = p_user_id and not managed limit p_limit);
  delete from public.subscriptions where user_id = p_user_id;
  delete from public.idempotency_keys where user_id = p_user_id;
  delete from darkroom.identities where user_id = p_user_id;
  with named as (
    select id from public.image_generation_jobs j
    where user_id = p_user_id and completed_at is not null and darkroom.is_personal(j) limit p_limit
  ), silenced as (
    update public.job_runs set cause = null where job_id in (select id from named)
  )
  update public.image_generation_jobs
    set prompt = null, custom_prompt_id = null, input_image_key = null, metadata = null, thumbnail_url = null,
        output_image_url = case when output_image_url is not null then 'urn:darkroom:erased' end
    where id in (select id from named);

  return jsonb_build_object('canceled', v_canceled, 'left',
    exists (select from public.custom_prompts where user_id = p_user_id)
    or exists (select from public.generated_images where user_id = p_user_id)
    or exists (select from public.image_generation_jobs j
      where user_id = p_user_id and (not managed or completed_at is null or darkroom.is_personal(j))));
end
$$;
comment on function darkroom.erase_user(text, integer) is
  'Removes what is personal, at most p_limit rows of a kind: cancels and refunds unfinished jobs, books the balance out, and leaves of the rest what money is accounted by. {canceled, left: whether there is more}. Safe to repeat.';

create function darkroom.is_personal(p_job public.image_generation_jobs) returns boolean
language sql immutable set search_path = '' as $$
  select p_job.prompt is not null or p_job.custom_prompt_id is not null or p_job.input_image_key is not null
    or p_job.metadata is not null or p_job.thumbnail_url is not null
    or coalesce(p_job.output_image_url, 'urn:darkroom:erased') <> 'urn:darkroom:erased';
$$;
comment on function darkroom.is_personal(public.image_generation_jobs) is 'Whether the job still says anything about a person.';

create function public.delete_user(p_user_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_subscription text := (select stripe_subscription_id from public.subscriptions
    where user_id = p_user_id and darkroom.is_live(status));
begin
  if coalesce(p_user_id, '') = '' then
    raise exception 'p_user_id is empty' using errcode = 'DR400';
  end if;
  insert into darkroom.tombstones (user_id, deleted_at, due_at) values (p_user_id, darkroom.now(), darkroom.now())
    on conflict do nothing;
  return darkroom.erase_user(p_user_id) || jsonb_build_object('live_subscription', v_subscription);
end
$$;
comment on function public.delete_user(text) is
  'Deletes an account for good: {canceled, left, live_subscription}. The id, the ledger and what jobs cost stay; e-mail, prompts, images and their addresses go, unfinished jobs are canceled and refunded, the balance is booked out. Its objects, and what was too much for one call, follow through take_cleaning. Safe to repeat, and before the user was ever seen.';

create function public.continue_erasure(p_user_id text, p_objects_left boolean) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := darkroom.now();
  v_last timestamptz;
  v_left boolean;
begin
  -- The last look is later than any run and any signed upload of the account can have lasted.
  select deleted_at + interval '20 minutes' into v_last from darkroom.tombstones where user_id = p_user_id;
  if not found then
    raise exception 'this account was not deleted: %', p_user_id using errcode = 'DR404';
  end if;
  v_left := (darkroom.erase_user(p_user_id) ->> 'left')::boolean or p_objects_left;
  update darkroom.tombstones
    set due_at = case when v_left then v_now when v_now < v_last then v_last end
    where user_id = p_user_id;
  return not v_left and v_now >= v_last;
end
$$;
comment on function public.continue_erasure(text, boolean) is
  'Another step of an account''s erasure, after its objects were removed as far as p_objects_left says. True when nothing can be left: the last look comes 20 minutes after the deletion. Safe to repeat. Raises DR404 for an account that was not deleted.';

create function public.take_clerk_event(p_event jsonb, p_default_credits integer default 5) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_user_id text := p_event ->> 'user_id';
  v_seen text;
  v_outcome text;
  v_note text;
  v_deleted jsonb;
begin
  perform pg_advisory_xact_lock(hashtextextended('clerk:' || v_user_id, 0));
  select outcome into v_seen from public.webhook_events where source = 'clerk' and id = p_event ->> 'id';
  if found then
    return jsonb_build_object('outcome', v_seen, 'repeated', true);
  end if;
  if p_event ->> 'type' = 'user.deleted' then
    v_deleted := public.delete_user(v_user_id);
    v_outcome := 'applied';
    v_note := case when v_deleted ->> 'live_subscription' is not null
      then 'its subscription still runs: cancel ' || (v_deleted ->> 'live_subscription') || ' at Stripe' end;
  elsif darkroom.is_deleted(v_user_id) then
    v_outcome := 'ignored';
    v_note := 'the account was deleted';
  else
    v_outcome := darkroom.set_email(v_user_id, p_event ->> 'email', (p_event ->> 'changed_at')::timestamptz, p_default_credits);
  end if;
  insert into public.webhook_events (source, id, type, created_at, received_at, outcome, user_id, note)
    values ('clerk', p_event ->> 'id', p_event ->> 'type', (p_event ->> 'created_at')::timestamptz, darkroom.now(),
      v_outcome, v_user_id, v_note);
  return jsonb_build_object('outcome', v_outcome, 'repeated', false, 'note', v_note);
end
$$;
comment on function public.take_clerk_event(jsonb, integer) is
  'Takes in {id, type: user.created | user.updated | user.deleted, created_at, user_id, email, changed_at} once per id: {outcome, repeated, note}. Makes the user at first sight, sets a verified address unless a later state of the user was reported before (stale) or another has it (email_taken), deletes the account. In any order, any number of times.';

create function darkroom.set_email(p_user_id text, p_email text, p_changed_at timestamptz, p_default_credits integer) returns text
language plpgsql set search_path = '' as $$
begin
  perform public.ensure_user(p_user_id, p_email, p_default_credits);
  insert into darkroom.identities as i (user_id, changed_at) values (p_user_id, p_changed_at)
    on conflict (user_id) do update set changed_at = excluded.changed_at where i.changed_at <= excluded.changed_at;
  if not found then
    return 'stale';
  end if;
  if coalesce(p_email, '') = '' then
    return 'applied';
  end if;
  if darkroom.free_email(p_user_id, p_email) <> p_email then
    return 'email_taken';
  end if;
  update public.users set email = p_email, updated_at = darkroom.now() where id = p_user_id and email <> p_email;
  return 'applied';
exception when unique_violation then
  return 'email_taken';
end
$$;
comment on function darkroom.set_email(text, text, timestamptz, integer) is
  'Gives the user this address: applied, stale when a later state is known, email_taken when another has it. No address leaves the one there is.';

-- Closed by name, because default privileges open every new function.
do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where p.pronamespace = 'darkroom'::regnamespace
      or (p.pronamespace = 'public'::regnamespace and p.proname in ('ensure_user', 'is_user_deleted', 'delete_user', 'continue_erasure', 'take_clerk_event'))
  loop
    execute format('revoke all on function %s from public, anon, authenticated', v_function);
    execute format('grant execute on function %s to service_role', v_function);
  end loop;
end
$$;
-- What a user's own statements run through.
grant execute on function darkroom.now(), darkroom.free_email(text, text), darkroom.is_deleted(text)
  to anon, authenticated;
