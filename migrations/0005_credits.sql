-- Money. The ledger is append-only and the only path: inserting a movement moves the balance.
-- A client of the native app still writes users.credits itself; such a change is booked, and may only lower it.
set local lock_timeout = '5s';

create table public.credit_ledger (
  id bigint generated always as identity primary key,
  user_id text not null,
  job_id uuid,
  kind text not null check (kind in ('opening', 'signup', 'job_debit', 'job_refund', 'price_difference',
    'grant', 'purchase', 'adjustment', 'native_app')),
  amount integer not null check (amount <> 0),
  balance_after integer not null,
  reference text not null unique,
  reason text,
  created_at timestamptz not null default darkroom.now(),
  check ((kind in ('job_debit', 'job_refund', 'price_difference')) = (job_id is not null)),
  check (kind <> 'job_debit' or amount < 0),
  check (kind not in ('job_refund', 'price_difference', 'grant', 'purchase', 'signup') or amount > 0),
  unique (job_id, kind)
);
create index credit_ledger_of_user on public.credit_ledger (user_id, id desc);
comment on table public.credit_ledger is
  'Every movement of credits. For each user credits = sum(amount). A job has one debit and at most one refund.';
comment on column public.credit_ledger.reference is 'Names the cause uniquely: the same cause cannot be booked twice.';

create function darkroom.refuse_ledger_change() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise exception 'credit_ledger is append-only: book a new movement instead of changing one'
    using errcode = '42501';
end
$$;
create trigger append_only before update or delete on public.credit_ledger
  for each row execute function darkroom.refuse_ledger_change();
create trigger never_truncated before truncate on public.credit_ledger
  for each statement execute function darkroom.refuse_ledger_change();

-- From here to the triggers below nobody else writes a balance, so that none is lost between the two.
lock table public.users in share row exclusive mode;
insert into public.credit_ledger (user_id, kind, amount, balance_after, reference, reason)
  select id, 'opening', credits, credits, 'opening:' || id, 'Balance when the ledger began'
  from public.users where credits <> 0;

create function darkroom.take_balance() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- Within a trigger of users: the balance has moved already, the row only records it.
  if pg_trigger_depth() > 1 then
    return new;
  end if;
  select credits + new.amount into new.balance_after
    from public.users where id = new.user_id for no key update;
  if not found then
    raise exception 'there is no user %', new.user_id using errcode = 'DR404';
  end if;
  if new.amount < 0 and new.balance_after < 0 then
    raise exception 'not enough credits' using errcode = 'DR402',
      detail = jsonb_build_object('balance', new.balance_after - new.amount, 'price', -new.amount)::text;
  end if;
  return new;
end
$$;
comment on function darkroom.take_balance() is 'Locks the user and works out the balance; refuses what would lower it below 0.';

create function darkroom.move_balance() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if pg_trigger_depth() > 1 then
    return null;
  end if;
  perform set_config('darkroom.moving', new.user_id, true);
  update public.users set credits = new.balance_after, updated_at = darkroom.now() where id = new.user_id;
  perform set_config('darkroom.moving', '', true);
  return null;
end
$$;
comment on function darkroom.move_balance() is
  'Applies the movement. After the insert and not before, so that a reference booked already moves nothing.';

create trigger take_balance before insert on public.credit_ledger
  for each row execute function darkroom.take_balance();
create trigger move_balance after insert on public.credit_ledger
  for each row execute function darkroom.move_balance();

create function darkroom.free_email(p_user_id text, p_email text) returns text
language sql stable security definer set search_path = '' as $$
  select case
    when p_email is null or p_email = '' or exists (select from public.users where email = p_email and id <> p_user_id)
      then p_user_id || '@users.invalid'
    else p_email end;
$$;
comment on function darkroom.free_email(text, text) is
  'The address if nobody else has it, else the placeholder of this user: an address is never taken from another.';

create function darkroom.is_deleted(p_user_id text) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from darkroom.tombstones where user_id = p_user_id);
$$;

create function darkroom.guard_user() returns trigger
language plpgsql set search_path = '' as $$
begin
  if current_user not in ('anon', 'authenticated') then
    return new;
  end if;
  if tg_op = 'INSERT' then
    if darkroom.is_deleted(new.id) then
      raise exception 'this account was deleted' using errcode = '42501';
    end if;
    new.credits := least(greatest(new.credits, 0), 5);
    new.email := darkroom.free_email(new.id, auth.jwt() ->> 'email');
    return new;
  end if;
  if new.id <> old.id then
    raise exception 'a user''s id cannot be changed' using errcode = '42501';
  end if;
  if new.credits > old.credits then
    raise exception 'credits can be lowered by the app, never raised: % to %', old.credits, new.credits
      using errcode = '42501';
  end if;
  if new.credits < old.credits and new.credits < 0 then
    raise exception 'credits cannot fall below 0' using errcode = '42501';
  end if;
  new.email := old.email;
  return new;
end
$$;
comment on function darkroom.guard_user() is
  'What a user''s own role may write of its row: lower credits to no less than 0; start with at most 5; no e-mail.';
create trigger guard_user before insert or update on public.users
  for each row execute function darkroom.guard_user();

create function darkroom.book_direct_change() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_user_id text := coalesce(new.id, old.id);
  v_amount integer := coalesce(new.credits, 0) - coalesce(old.credits, 0);
  v_by_user boolean := coalesce(current_setting('role', true), '') in ('anon', 'authenticated');
begin
  -- A movement of the ledger itself: told by the depth, which no client can forge; the setting only tells it
  -- from another trigger that writes credits.
  if pg_trigger_depth() > 1 and coalesce(current_setting('darkroom.moving', true), '') = v_user_id then
    return null;
  end if;
  if v_amount <> 0 then
    insert into public.credit_ledger (user_id, kind, amount, balance_after, reference, reason) values (
      v_user_id,
      case when v_by_user then 'native_app' else 'adjustment' end,
      v_amount,
      coalesce(new.credits, 0),
      'direct:' || gen_random_uuid(),
      case tg_op when 'INSERT' then 'Row made by ' when 'DELETE' then 'Row removed by ' else 'Balance set by ' end
        || case when v_by_user then 'the app' else session_user::text end);
  end if;
  return null;
end
$$;
comment on function darkroom.book_direct_change() is
  'Books a balance that was written into users directly, so that credits = sum(ledger) whoever writes.';
create trigger book_insert after insert on public.users
  for each row execute function darkroom.book_direct_change();
create trigger book_update after update on public.users
  for each row when (old.credits is distinct from new.credits) execute function darkroom.book_direct_change();
create trigger book_delete after delete on public.users
  for each row execute function darkroom.book_direct_change();

create function public.ensure_user(p_user_id text, p_email text default null, p_default_credits integer default 5)
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
    select * into v_user from public.users where id = p_user_id;
    exit when found;
    if darkroom.is_deleted(p_user_id) then
      raise exception 'this account was deleted' using errcode = 'DR401';
    end if;
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
comment on function public.ensure_user(text, text, integer) is
  'The user, made at first sight with p_default_credits. Fills in the e-mail while there is only the placeholder; an address that another user has is not taken. Raises DR401 for a deleted user. Safe to repeat.';

create function public.grant_credits(p_user_id text, p_amount integer, p_reference text, p_reason text)
returns integer
language plpgsql security definer set search_path = '' as $$
declare
  v_balance integer;
begin
  if p_amount is null or p_amount <= 0 then
    raise exception 'p_amount must be above 0, not %', p_amount using errcode = 'DR400';
  end if;
  if coalesce(p_reference, '') = '' then
    raise exception 'p_reference is empty: it keeps a grant from being booked twice' using errcode = 'DR400';
  end if;
  select credits into v_balance from public.users where id = p_user_id for no key update;
  if not found then
    raise exception 'there is no user %', p_user_id using errcode = 'DR404';
  end if;
  insert into public.credit_ledger (user_id, kind, amount, balance_after, reference, reason)
    values (p_user_id, 'grant', p_amount, 0, 'grant:' || p_reference, p_reason)
    on conflict (reference) do nothing;
  return (select credits from public.users where id = p_user_id);
end
$$;
comment on function public.grant_credits(text, integer, text, text) is
  'Adds credits once per reference and returns the balance. Repeating a reference changes nothing.';

create function public.spend_credits(p_amount integer, p_reference text) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  v_user_id text := auth.jwt() ->> 'sub';
  v_balance integer;
begin
  if coalesce(v_user_id, '') = '' then
    raise exception 'sign in first' using errcode = '42501';
  end if;
  if p_amount is null or p_amount <= 0 then
    raise exception 'p_amount must be above 0' using errcode = '22023';
  end if;
  if coalesce(p_reference, '') = '' or char_length(p_reference) > 255 then
    raise exception 'p_reference must have 1 to 255 characters' using errcode = '22023';
  end if;
  select credits into v_balance from public.users where id = v_user_id for no key update;
  if not found then
    raise exception 'there is no such user yet' using errcode = 'DR404';
  end if;
  if exists (select from public.credit_ledger where reference = 'spend:' || v_user_id || ':' || p_reference) then
    return v_balance;
  end if;
  insert into public.credit_ledger (user_id, kind, amount, balance_after, reference, reason)
    values (v_user_id, 'native_app', -p_amount, 0, 'spend:' || v_user_id || ':' || p_reference, 'Spent by the app');
  return v_balance - p_amount;
end
$$;
comment on function public.spend_credits(integer, text) is
  'For the app''s own role: takes credits of the caller in one step, once per reference, and returns the balance. Raises DR402 and takes nothing when they do not suffice. A repeated reference is answered before the balance is looked at.';
