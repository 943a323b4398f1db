-- Accounts: pictures and people that go, with their objects; what Clerk and Stripe report; objects that no row names.
set local lock_timeout = '5s';

create table darkroom.object_removals (
  key text primary key,
  due_at timestamptz not null,
  tries integer not null default 0
);
create index object_removals_due on darkroom.object_removals (due_at);
comment on table darkroom.object_removals is 'Objects whose row is gone and that are still to be removed from the store.';

alter table darkroom.tombstones add column due_at timestamptz;
create index tombstones_due on darkroom.tombstones (due_at) where due_at is not null;
comment on column darkroom.tombstones.due_at is 'When the erasure goes on; null once nothing of the account is left.';

create table darkroom.orphan_round (
  singleton boolean primary key default true check (singleton),
  after_key text,
  due_at timestamptz not null
);
comment on table darkroom.orphan_round is 'Where the search for objects that no row names goes on, and when. A turn is a lease: due_at lies ahead of it.';
insert into darkroom.orphan_round (due_at) values (darkroom.now());

create table darkroom.identities (
  user_id text primary key,
  changed_at timestamptz not null
);
comment on table darkroom.identities is 'The latest state of each user that Clerk has reported, so that an older report changes nothing.';

create table darkroom.stripe_customers (
  customer_id text primary key,
  user_id text not null
);
comment on table darkroom.stripe_customers is 'Whose customer it is. The first link stays; it outlives the account, so that a later payment is still told apart.';

create table darkroom.stripe_subscriptions (
  id text primary key,
  user_id text not null,
  customer_id text,
  status text not null,
  price_id text,
  current_period_end timestamptz,
  event_at timestamptz not null,
  event_rank integer not null
);
create index stripe_subscriptions_of_user on darkroom.stripe_subscriptions (user_id);
comment on table darkroom.stripe_subscriptions is 'The latest state of each subscription that Stripe has reported. public.subscriptions shows the best one of each user.';

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

-- A deleted account stays deleted ---------------------------------------------------------------

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
-- Not the picture of a job that is just being finished: it goes with the next step of the erasure.
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
  'Deletes an account for good: {canceled, left, live_subscription}. The id, the ledger and what jobs cost stay; e-mail, prompts, pictures and their addresses go, unfinished jobs are canceled and refunded, the balance is booked out. Its objects, and what was too much for one call, follow through take_cleaning. Safe to repeat, and before the user was ever seen.';

-- Pictures and objects --------------------------------------------------------------------------

create function darkroom.key_in(p_url text) returns text
language sql immutable parallel safe set search_path = '' as $$
  select substring(p_url from '(users/[A-Za-z0-9_~-]+/(?:uploads|jobs)/[A-Za-z0-9_~./-]+)');
$$;
comment on function darkroom.key_in(text) is
  'The key of one of our objects in an address of it, whatever host the bucket is read at; null where there is none.';

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
  'Removes a picture of this user and returns the keys of its objects, to be removed from the store now and confirmed with confirm_removed; what is not is left to take_cleaning. Prompts that show it show nothing; the job that made it stays. Null when the user has no such picture.';

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
  'What is to be removed from the store, each given to one caller at a time and again later unless it is confirmed: {keys: of pictures whose row is gone (confirm_removed), user_ids: of deleted accounts (continue_erasure), orphans: {after} when the search goes on there (end_orphan_turn), else null}. A key that an unfinished job starts from waits. Also lets payments through whose user has become known.';

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

-- Clerk -----------------------------------------------------------------------------------------

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

-- Stripe ----------------------------------------------------------------------------------------

create function darkroom.is_live(p_status text) returns boolean
language sql immutable set search_path = '' as $$
  select lower(p_status) in ('active', 'trialing', 'past_due');
$$;
comment on function darkroom.is_live(text) is 'Whether a subscription of this status runs.';

create function darkroom.payer(p_user_id text, p_customer text) returns text
language sql stable set search_path = '' as $$
  select coalesce(
    (select id from public.users where id = p_user_id),
    (select user_id from darkroom.tombstones where user_id = p_user_id),
    (select user_id from darkroom.stripe_customers where customer_id = p_customer),
    (select user_id from public.subscriptions where stripe_customer_id = p_customer order by updated_at desc nulls last limit 1));
$$;
comment on function darkroom.payer(text, text) is 'Who paid: the user that the event names, else the one whose customer it is; null when neither is known.';

create function darkroom.apply_stripe(p_event jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_customer text := p_event ->> 'customer';
  v_purchase jsonb := nullif(p_event -> 'purchase', 'null');
  v_subscription jsonb := nullif(p_event -> 'subscription', 'null');
  v_credits integer := (v_purchase ->> 'credits')::integer;
  v_user_id text := darkroom.payer(p_event ->> 'user_id', v_customer);
  v_unknown text := (select string_agg(price, ', ') from jsonb_array_elements_text(v_purchase -> 'unknown_prices') price);
  v_outcome text := 'ignored';
begin
  if v_user_id is null then
    return jsonb_build_object('outcome',
      case when coalesce(v_credits, 0) > 0 or v_unknown is not null or v_subscription is not null
        then 'unknown_user' else 'ignored' end);
  end if;
  perform from public.users where id = v_user_id for no key update;
  if v_customer is not null then
    insert into darkroom.stripe_customers (customer_id, user_id) values (v_customer, v_user_id) on conflict do nothing;
  end if;
  if darkroom.is_deleted(v_user_id) then
    return jsonb_build_object('user_id', v_user_id, 'outcome',
      case when v_purchase is not null or darkroom.is_live(v_subscription ->> 'status') then 'deleted_user' else 'ignored' end);
  end if;

  if v_credits > 0 then
    insert into public.credit_ledger (user_id, kind, amount, balance_after, reference, reason)
      values (v_user_id, 'purchase', v_credits, 0, v_purchase ->> 'reference', v_purchase ->> 'reason')
      on conflict (reference) do nothing;
    v_outcome := 'applied';
  elsif v_unknown is not null then
    v_outcome := 'unknown_price';
  end if;
  if v_subscription is not null then
    v_outcome := darkroom.keep_subscription(v_user_id, v_customer, v_subscription, (p_event ->> 'created_at')::timestamptz);
  elsif v_purchase is null and v_customer is not null then
    v_outcome := 'applied';
  end if;
  return jsonb_build_object('outcome', v_outcome, 'user_id', v_user_id,
    'note', coalesce('not in STRIPE_PRICE_CREDITS: ' || v_unknown, v_purchase ->> 'note'));
end
$$;
comment on function darkroom.apply_stripe(jsonb) is
  'What an event does: links the customer, books the credits once per reference, keeps the subscription: {outcome, user_id, note}. Safe to repeat.';

create function darkroom.keep_subscription(p_user_id text, p_customer text, p_subscription jsonb, p_event_at timestamptz)
returns text
language plpgsql set search_path = '' as $$
declare
  v_best darkroom.stripe_subscriptions;
begin
  insert into darkroom.stripe_subscriptions as s
      (id, user_id, customer_id, status, price_id, current_period_end, event_at, event_rank)
    values (p_subscription ->> 'id', p_user_id, p_customer, p_subscription ->> 'status', p_subscription ->> 'price_id',
      (p_subscription ->> 'current_period_end')::timestamptz, p_event_at, (p_subscription ->> 'rank')::integer)
    on conflict (id) do update
      set user_id = excluded.user_id, customer_id = excluded.customer_id, status = excluded.status,
          price_id = excluded.price_id, current_period_end = excluded.current_period_end,
          event_at = excluded.event_at, event_rank = excluded.event_rank
      where (s.event_at, s.event_rank) <= (excluded.event_at, excluded.event_rank)
        -- A canceled subscription never comes back, whatever arrives later.
        and (s.status <> 'canceled' or excluded.status = 'canceled');
  if not found then
    return 'stale';
  end if;
  select * into v_best from darkroom.stripe_subscriptions where user_id = p_user_id
    order by darkroom.is_live(status) desc, event_at desc, event_rank desc, id limit 1;
  insert into public.subscriptions as s
      (user_id, status, stripe_customer_id, stripe_subscription_id, price_id, current_period_end, created_at, updated_at)
    values (p_user_id, v_best.status, v_best.customer_id, v_best.id, v_best.price_id, v_best.current_period_end,
      darkroom.now(), darkroom.now())
    on conflict (user_id) do update
      set status = excluded.status, stripe_customer_id = excluded.stripe_customer_id,
          stripe_subscription_id = excluded.stripe_subscription_id, price_id = excluded.price_id,
          current_period_end = excluded.current_period_end, updated_at = excluded.updated_at
      -- One that runs and that only the native app has written down is not replaced by the end of another.
      where darkroom.is_live(excluded.status) or not darkroom.is_live(s.status)
        or s.stripe_subscription_id is null
        or s.stripe_subscription_id in (select id from darkroom.stripe_subscriptions where user_id = p_user_id);
  return 'applied';
end
$$;
comment on function darkroom.keep_subscription(text, text, jsonb, timestamptz) is
  'Notes a subscription''s state unless a later one is known (stale), and shows the user''s best one in public.subscriptions: one that runs, else the latest.';

create function public.take_stripe_event(p_event jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_seen public.webhook_events;
  v_result jsonb;
begin
  -- One event of a customer at a time, so that none is looked at while the link to its user is being made.
  perform pg_advisory_xact_lock(hashtextextended('stripe:' || coalesce(p_event ->> 'customer', p_event ->> 'id'), 0));
  select * into v_seen from public.webhook_events where source = 'stripe' and id = p_event ->> 'id';
  if v_seen.outcome in ('applied', 'ignored', 'stale') then
    return jsonb_build_object('outcome', v_seen.outcome, 'repeated', true, 'user_id', v_seen.user_id);
  end if;
  v_result := darkroom.apply_stripe(p_event);
  insert into public.webhook_events as w (source, id, type, created_at, received_at, outcome, user_id, note, detail)
    values ('stripe', p_event ->> 'id', p_event ->> 'type', (p_event ->> 'created_at')::timestamptz, darkroom.now(),
      v_result ->> 'outcome', v_result ->> 'user_id', v_result ->> 'note', p_event)
    on conflict (source, id) do update
      set received_at = excluded.received_at, outcome = excluded.outcome, user_id = excluded.user_id,
          note = excluded.note, detail = excluded.detail;
  if p_event ->> 'customer' is not null and v_result ->> 'user_id' is not null then
    perform darkroom.settle_waiting(w.id, w.detail) from (
      select id, detail from public.webhook_events
      where source = 'stripe' and outcome = 'unknown_user' and detail ->> 'customer' = p_event ->> 'customer'
      order by created_at
    ) w;
  end if;
  return v_result || '{"repeated": false}';
end
$$;
comment on function public.take_stripe_event(jsonb) is
  'Takes in {id, type, created_at, customer, user_id, purchase: {reference, credits, reason, unknown_prices}, subscription: {id, status, price_id, current_period_end, rank}}: {outcome, repeated, user_id, note}. Credits are booked once per reference, a subscription keeps its latest state, in any order and any number of times. What could not be done yet (unknown_user, unknown_price, deleted_user) is written down, and done when the same event is sent again; what waited for its user, as soon as an event names the user.';

create function darkroom.settle_waiting(p_id text, p_event jsonb) returns void
language sql set search_path = '' as $$
  update public.webhook_events w
    set outcome = r.result ->> 'outcome', user_id = r.result ->> 'user_id', note = r.result ->> 'note'
    from (select darkroom.apply_stripe(p_event) as result) r
    where w.source = 'stripe' and w.id = p_id;
$$;
comment on function darkroom.settle_waiting(text, jsonb) is 'Does what an event that waited for its user was to do.';

create function darkroom.retry_waiting(p_limit integer) returns void
language plpgsql set search_path = '' as $$
declare
  v_event record;
begin
  -- By user, as everybody locks them.
  for v_event in
    select w.id, w.detail, darkroom.payer(w.detail ->> 'user_id', w.detail ->> 'customer') as user_id
    from public.webhook_events w
    where w.outcome = 'unknown_user' and w.received_at > darkroom.now() - interval '90 days'
      and darkroom.payer(w.detail ->> 'user_id', w.detail ->> 'customer') is not null
    order by user_id, w.created_at limit p_limit
  loop
    if pg_try_advisory_xact_lock(hashtextextended('stripe:' || coalesce(v_event.detail ->> 'customer', v_event.id), 0)) then
      perform darkroom.settle_waiting(v_event.id, v_event.detail);
    end if;
  end loop;
end
$$;
comment on function darkroom.retry_waiting(integer) is 'Lets events through whose user has become known. Whoever works on one is left alone.';

-- Closed by name, because default privileges open every new function.
do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where p.pronamespace = 'darkroom'::regnamespace
      or (p.pronamespace = 'public'::regnamespace and p.proname in ('ensure_user', 'is_user_deleted', 'delete_user',
        'delete_image', 'confirm_removed', 'take_cleaning', 'continue_erasure', 'find_orphans', 'end_orphan_turn',
        'take_clerk_event', 'take_stripe_event'))
  loop
    execute format('revoke all on function %s from public, anon, authenticated', v_function);
    execute format('grant execute on function %s to service_role', v_function);
  end loop;
end
$$;
-- What a user's own statements run through: triggers, and the expressions of indexes.
grant execute on function darkroom.now(), darkroom.free_email(text, text), darkroom.is_deleted(text), darkroom.key_in(text)
  to anon, authenticated;
