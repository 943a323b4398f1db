-- Every version of a managed job is one message {job} to its user.
create or replace function darkroom.broadcast_job() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform darkroom.broadcast(new.user_id, 'job', jsonb_build_object('job', darkroom.job_object(new)));
  return null;
end
$$;

revoke all on function darkroom.broadcast_job from public, anon, authenticated;
