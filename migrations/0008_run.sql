-- Running a job: claim, report, and the five endings. Every write names the attempt it was claimed under;
-- after a cancel, an ending or another claim that attempt is not the row's any more and the write changes nothing.
set local lock_timeout = '5s';

create function darkroom.merge_calls(p_log jsonb, p_calls jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select coalesce(jsonb_agg(entry order by (entry ->> 'call')::integer), '[]'::jsonb)
  from (
    select distinct on (entry ->> 'call') entry
    from (
      select entry, 1 as rank from jsonb_array_elements(coalesce(p_calls, '[]')) entry
      union all
      select entry, 2 from jsonb_array_elements(p_log) entry
    ) both_logs
    order by entry ->> 'call', rank
  ) latest;
$$;
comment on function darkroom.merge_calls(jsonb, jsonb) is 'The log of calls with what has become known of some of them, by call number.';

create function darkroom.end_job(
  p_job public.image_generation_jobs, p_status text, p_code text, p_message text, p_cause text, p_calls jsonb
) returns public.image_generation_jobs
language plpgsql set search_path = '' as $$
declare
  v_job public.image_generation_jobs;
  v_price integer;
begin
  update public.job_runs
    set active = false, worker_id = null, delivered_at = null, cause = left(p_cause, 2000),
        attempts_log = darkroom.merge_calls(attempts_log, p_calls)
    where job_id = p_job.id returning price into v_price;
  update public.image_generation_jobs
    set status = p_status, stage = 'done', error_code = p_code, error_message = p_message,
        receipt = jsonb_build_object('charged', v_price, 'refunded', v_price, 'net', 0),
        completed_at = darkroom.now()
    where id = p_job.id returning * into v_job;
  if v_price > 0 then
    insert into public.credit_ledger (user_id, job_id, kind, amount, balance_after, reference, reason)
      values (p_job.user_id, p_job.id, 'job_refund', v_price, 0, 'job:' || p_job.id || ':refund', p_code);
  end if;
  return v_job;
end
$$;
comment on function darkroom.end_job(public.image_generation_jobs, text, text, text, text, jsonb) is
  'Ends a locked, unfinished job as failed or canceled and refunds it. Status and refund commit together.';

create function darkroom.is_claimed(p_job public.image_generation_jobs, p_attempt integer) returns boolean
language sql immutable set search_path = '' as $$
  select p_job.id is not null and p_job.managed and p_job.status = 'processing' and p_job.attempt = p_attempt;
$$;

create function public.heartbeat(p_worker_id uuid, p_jobs jsonb default '[]') returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := darkroom.now();
  v_lease interval := interval '30 seconds';
  v_since timestamptz;
begin
  insert into public.workers as w (id, started_at, lease_expires_at, unbroken_since)
    values (p_worker_id, v_now, v_now + v_lease, v_now)
    on conflict (id) do update
      set unbroken_since = case when w.lease_expires_at < v_now then v_now else w.unbroken_since end,
          lease_expires_at = v_now + v_lease, ended_at = null
    returning unbroken_since into v_since;

  -- What this worker holds without knowing: it gave up when its lease was over, or the answer to its claim was lost.
  with forgotten as (
    select r.job_id from public.job_runs r
    where r.active and r.worker_id = p_worker_id
      and (r.claimed_at < v_since or r.claimed_at < v_now - interval '10 seconds')
      and not exists (
        select from jsonb_to_recordset(p_jobs) as mine (job_id uuid, attempt integer)
        where mine.job_id = r.job_id and mine.attempt = r.attempt)
    order by r.job_id for no key update of r
  )
  update public.job_runs r
    set worker_id = null, delivered_at = null, offered_at = null, run_at = least(run_at, v_now)
    from forgotten where r.job_id = forgotten.job_id;

  return jsonb_build_object(
    'lease_ms', extract(epoch from v_lease) * 1000,
    'lost', coalesce((
      select jsonb_agg(jsonb_build_object('job_id', mine.job_id, 'attempt', mine.attempt))
      from jsonb_to_recordset(p_jobs) as mine (job_id uuid, attempt integer)
      where not exists (
        select from public.job_runs r
        where r.job_id = mine.job_id and r.active and r.worker_id = p_worker_id and r.attempt = mine.attempt)
    ), '[]'));
end
$$;
comment on function public.heartbeat(uuid, jsonb) is
  'Renews the worker''s lease for 30 s by the database''s clock, and with it that of all its jobs, by one row. p_jobs is [{job_id, attempt}], all that it runs: returns {lease_ms, lost: those that are no longer its own}, and takes back what it holds and does not name. Touches no published row.';

create function public.end_worker(p_worker_id uuid) returns void
language sql security definer set search_path = '' as $$
  update public.workers set lease_expires_at = darkroom.now(), ended_at = darkroom.now() where id = p_worker_id;
$$;
comment on function public.end_worker(uuid) is 'Gives the lease up at once. What was still claimed under it is delivered anew and counts as no loss.';

create function darkroom.lose_worker(p_run public.job_runs) returns integer
language plpgsql set search_path = '' as $$
declare
  v_lost public.workers;
  v_losses integer;
begin
  select * into v_lost from public.workers where id = p_run.worker_id;
  update public.job_runs
    set worker_id = null, delivered_at = null, offered_at = null, run_at = least(run_at, darkroom.now()),
        losses = losses + case when v_lost.ended_at is null and exists (
          select from public.workers other
          where other.id <> v_lost.id and other.lease_expires_at > darkroom.now()
            and other.unbroken_since < v_lost.lease_expires_at
        ) then 1 else 0 end
    where job_id = p_run.job_id returning losses into v_losses;
  return v_losses;
end
$$;
comment on function darkroom.lose_worker(public.job_runs) is
  'Takes a locked run from a worker whose lease is over and returns how often the job has lost its worker. Counted only if another worker renewed its lease all the while: an outage of database or queue takes every lease and counts against no job.';

create function public.claim_job(p_job_id uuid, p_worker_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := darkroom.now();
  v_job public.image_generation_jobs;
  v_run public.job_runs;
  v_lease timestamptz;
begin
  if not exists (select from public.workers where id = p_worker_id and lease_expires_at > v_now) then
    raise exception 'this worker holds no lease: heartbeat first' using errcode = 'DR403';
  end if;
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if not found or not v_job.managed or v_job.status not in ('pending', 'processing') then
    return jsonb_build_object('kind', 'drop');
  end if;
  if v_job.deadline_at <= v_now then
    perform darkroom.end_job(v_job, 'failed', 'deadline_exceeded', 'The image was not ready in time.', 'claimed after the deadline', null);
    return jsonb_build_object('kind', 'drop');
  end if;
  select * into v_run from public.job_runs where job_id = p_job_id;

  if v_run.worker_id = p_worker_id then
    return jsonb_build_object('kind', 'drop');
  end if;
  if v_run.worker_id is not null then
    -- A heartbeat of the holder comes wholly before or wholly after: what it kept is not taken, what it freed is read anew.
    select lease_expires_at into v_lease from public.workers where id = v_run.worker_id for share;
    select * into v_run from public.job_runs where job_id = p_job_id;
  end if;
  if v_run.worker_id is not null then
    if v_lease > v_now then
      return jsonb_build_object('kind', 'drop');
    end if;
    if darkroom.lose_worker(v_run) >= 3 then
      perform darkroom.end_job(v_job, 'failed', 'worker_crashed', 'The image could not be made.', 'lost its worker 3 times', null);
      return jsonb_build_object('kind', 'drop');
    end if;
    select * into v_run from public.job_runs where job_id = p_job_id;
  end if;
  if v_run.run_at > v_now then
    return jsonb_build_object('kind', 'later', 'delay_ms', ceil(extract(epoch from v_run.run_at - v_now) * 1000));
  end if;
  -- Jobs that have lost two workers run one at a time in a process, so that the one to blame is found and no other.
  if v_run.losses > 1 then
    -- Two claims of one worker do not overlook each other.
    perform from public.workers where id = p_worker_id for no key update;
  end if;
  if v_run.losses > 1 and exists (
    select from public.job_runs where worker_id = p_worker_id and active and losses > 1
  ) then
    return jsonb_build_object('kind', 'later', 'delay_ms', 2000);
  end if;

  update public.job_runs
    set attempt = v_job.attempt + 1, worker_id = p_worker_id, claimed_at = v_now, delivered_at = null, offered_at = null
    where job_id = p_job_id returning * into v_run;
  update public.image_generation_jobs
    set status = 'processing', stage = 'starting', attempt = v_run.attempt,
        progress = greatest(progress, 1), started_at = coalesce(started_at, v_now)
    where id = p_job_id returning * into v_job;
  return jsonb_build_object('kind', 'claimed', 'job', darkroom.job_object(v_job), 'attempt', v_run.attempt,
    'fallback', v_run.fallback, 'price', v_run.price, 'counted_retries', v_run.counted_retries,
    'past_failures', to_jsonb(v_run.past_failures), 'model_calls', v_run.model_calls,
    'deadline_in_ms', floor(extract(epoch from v_job.deadline_at - v_now) * 1000));
end
$$;
comment on function public.claim_job(uuid, uuid) is
  'Gives the job to this worker under a new attempt, if it is due and nobody with a live lease has it: {kind: claimed, job, attempt, …}. Else {kind: later, delay_ms} when it is not due yet, {kind: drop} when there is nothing to do. Ends a job past its deadline, or one that lost its worker 3 times, with its refund. Raises DR403 when the worker''s own lease is over. At most one worker holds a job at any time.';

create function public.report_progress(p_job_id uuid, p_attempt integer, p_stage text, p_progress integer) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_job public.image_generation_jobs;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if not darkroom.is_claimed(v_job, p_attempt) then
    return false;
  end if;
  update public.image_generation_jobs
    set stage = p_stage, progress = greatest(progress, least(p_progress, 99))
    where id = p_job_id and (stage is distinct from p_stage or progress < least(p_progress, 99));
  return true;
end
$$;
comment on function public.report_progress(uuid, integer, text, integer) is
  'Shows a stage and a progress of 0 to 99, which never falls. False when the claim was lost: nothing was written. Repeats change nothing.';

create function public.begin_model_call(p_job_id uuid, p_attempt integer, p_model text, p_max_calls integer) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  v_job public.image_generation_jobs;
  v_call integer;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if not darkroom.is_claimed(v_job, p_attempt) then
    return null;
  end if;
  update public.job_runs
    set model_calls = model_calls + 1,
        attempts_log = attempts_log || jsonb_build_object('call', jsonb_array_length(attempts_log) + 1,
          'attempt', p_attempt, 'model', p_model, 'code', null, 'ms', null)
    where job_id = p_job_id and model_calls < p_max_calls
    returning jsonb_array_length(attempts_log) into v_call;
  return coalesce(v_call, 0);
end
$$;
comment on function public.begin_model_call(uuid, integer, text, integer) is
  'Counts a call before it is sent, as if it were paid for, and returns its number; 0 when the job has had p_max_calls, null when the claim was lost. A repeat after a lost answer counts twice, never too little.';

create function public.complete_job(p_job_id uuid, p_attempt integer, p_picture jsonb, p_served_price integer, p_calls jsonb default null)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_job public.image_generation_jobs;
  v_price integer;
  v_refund integer;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if v_job.managed and v_job.status = 'completed' and v_job.attempt = p_attempt then
    return true;
  end if;
  if not darkroom.is_claimed(v_job, p_attempt) then
    return false;
  end if;
  update public.job_runs
    set active = false, worker_id = null, delivered_at = null, attempts_log = darkroom.merge_calls(attempts_log, p_calls)
    where job_id = p_job_id returning price into v_price;
  v_refund := greatest(v_price - greatest(p_served_price, 0), 0);
  update public.image_generation_jobs
    set status = 'completed', stage = 'done', progress = 100,
        output_image_url = p_picture ->> 'image_url', thumbnail_url = p_picture ->> 'thumbnail_url',
        width = (p_picture ->> 'width')::integer, height = (p_picture ->> 'height')::integer,
        mime_type = p_picture ->> 'mime_type', model = p_picture ->> 'model',
        error_code = null, error_message = null, completed_at = darkroom.now(),
        receipt = jsonb_build_object('charged', v_price, 'refunded', v_refund, 'net', v_price - v_refund)
    where id = p_job_id;
  insert into public.generated_images (user_id, image_url, prompt, job_id, object_key, thumbnail_key, thumbnail_url,
      sha256, width, height, model, created_at)
    values (v_job.user_id, p_picture ->> 'image_url', v_job.prompt, p_job_id, p_picture ->> 'object_key',
      p_picture ->> 'thumbnail_key', p_picture ->> 'thumbnail_url', p_picture ->> 'sha256',
      (p_picture ->> 'width')::integer, (p_picture ->> 'height')::integer, p_picture ->> 'model', darkroom.now());
  if v_refund > 0 then
    insert into public.credit_ledger (user_id, job_id, kind, amount, balance_after, reference, reason)
      values (v_job.user_id, p_job_id, 'price_difference', v_refund, 0, 'job:' || p_job_id || ':difference',
        'Served by ' || coalesce(p_picture ->> 'model', 'another model'));
  end if;
  return true;
end
$$;
comment on function public.complete_job(uuid, integer, jsonb, integer, jsonb) is
  'Image, status, receipt and the refund of a price difference in one transaction; never charges above the quote. False when the claim was lost: nothing was written, the caller deletes its objects. Safe to repeat.';

create function public.fail_job(p_job_id uuid, p_attempt integer, p_code text, p_message text, p_cause text default null, p_calls jsonb default null)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_job public.image_generation_jobs;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if v_job.managed and v_job.status = 'failed' and v_job.attempt = p_attempt then
    return true;
  end if;
  if not darkroom.is_claimed(v_job, p_attempt) then
    return false;
  end if;
  perform darkroom.end_job(v_job, 'failed', p_code, p_message, p_cause, p_calls);
  return true;
end
$$;
comment on function public.fail_job(uuid, integer, text, text, text, jsonb) is
  'Fails and refunds in one transaction, once. False when the claim was lost: nothing was written. Safe to repeat.';

create function darkroom.unpaid_calls(p_calls jsonb) returns integer
language sql immutable set search_path = '' as $$
  select count(*)::integer from jsonb_array_elements(coalesce(p_calls, '[]')) entry
  where entry ->> 'code' in ('rate_limited', 'model_unavailable', 'provider_misconfigured');
$$;
comment on function darkroom.unpaid_calls(jsonb) is
  'Calls that the service turned away at the door: nobody pays for them, so a job that waits for its turn does not spend its budget.';

create function darkroom.put_back(p_job public.image_generation_jobs, p_delay interval, p_calls jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_run public.job_runs;
begin
  update public.job_runs
    set worker_id = null, run_at = darkroom.now() + p_delay,
        model_calls = greatest(0, model_calls - darkroom.unpaid_calls(p_calls)), delivery = delivery + 1, delivered_at = null,
        offered_at = null, attempts_log = darkroom.merge_calls(attempts_log, p_calls),
        priority = greatest(1, priority - (extract(epoch from darkroom.now() - p_job.created_at) / 6)::integer)
    where job_id = p_job.id returning * into v_run;
  update public.image_generation_jobs set status = 'pending', stage = 'queued' where id = p_job.id;
  return jsonb_build_object('kind', 'retried', 'delivery', v_run.delivery, 'priority', v_run.priority,
    'delay_ms', (extract(epoch from p_delay) * 1000)::integer);
end
$$;

create function public.retry_job(
  p_job_id uuid, p_attempt integer, p_code text, p_message text, p_cause text, p_delay_ms integer, p_counts boolean,
  p_calls jsonb default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_job public.image_generation_jobs;
  v_run public.job_runs;
  v_delay interval := greatest(p_delay_ms, 0) * interval '1 millisecond';
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  -- A repeat after a lost answer: this attempt has been put back already and nobody has claimed it since.
  if v_job.managed and v_job.status = 'pending' and v_job.attempt = p_attempt then
    select * into v_run from public.job_runs where job_id = p_job_id;
    return jsonb_build_object('kind', 'retried', 'delivery', v_run.delivery, 'priority', v_run.priority,
      'delay_ms', greatest(0, ceil(extract(epoch from v_run.run_at - darkroom.now()) * 1000)));
  end if;
  if v_job.managed and v_job.status = 'failed' and v_job.attempt = p_attempt then
    return jsonb_build_object('kind', 'failed');
  end if;
  if not darkroom.is_claimed(v_job, p_attempt) then
    return jsonb_build_object('kind', 'lost');
  end if;
  if darkroom.now() + v_delay >= v_job.deadline_at then
    perform darkroom.end_job(v_job, 'failed', p_code, p_message, p_cause || '; the next try would be after the deadline', p_calls);
    return jsonb_build_object('kind', 'failed');
  end if;
  update public.job_runs
    set counted_retries = counted_retries + case when p_counts then 1 else 0 end,
        past_failures = past_failures || p_code, cause = left(p_cause, 2000)
    where job_id = p_job_id;
  return darkroom.put_back(v_job, v_delay, p_calls);
end
$$;
comment on function public.retry_job(uuid, integer, text, text, text, integer, boolean, jsonb) is
  'Puts the job back, due in p_delay_ms: {kind: retried, delivery, priority, delay_ms}. Fails and refunds it at once when that is not before its deadline: {kind: failed}. {kind: lost} when the claim was lost: nothing was written. Safe to repeat.';

create function public.release_job(p_job_id uuid, p_attempt integer, p_calls jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_job public.image_generation_jobs;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if not darkroom.is_claimed(v_job, p_attempt) then
    return null;
  end if;
  return darkroom.put_back(v_job, interval '0', p_calls);
end
$$;
comment on function public.release_job(uuid, integer, jsonb) is
  'Hands an unfinished job back, due at once: {kind: retried, delivery, priority, delay_ms}; no retry is counted. Null when the claim was lost, or on a repeat: nothing was written.';

create function public.cancel_job(p_job_id uuid, p_user_id text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_job public.image_generation_jobs;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if not found or not v_job.managed or v_job.user_id <> coalesce(p_user_id, v_job.user_id) then
    raise exception 'no such job' using errcode = 'DR404';
  end if;
  if v_job.status not in ('pending', 'processing') then
    raise exception 'the job has already ended: %', v_job.status using errcode = 'DR409',
      detail = jsonb_build_object('status', v_job.status, 'job', darkroom.job_object(v_job))::text;
  end if;
  v_job := darkroom.end_job(v_job, 'canceled', 'canceled', 'Canceled.', 'canceled by ' || coalesce(p_user_id, 'operator'), null);
  return darkroom.job_object(v_job);
end
$$;
comment on function public.cancel_job(uuid, text) is
  'Cancels and refunds at any stage in one transaction and returns the job; whoever works on it can write nothing more. p_user_id null is the operator. Raises DR404 for another''s, DR409 for an ended job.';
