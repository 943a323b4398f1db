-- What the user reads of a job that ended with this code; null for an unknown code.

-- Written from packages/core/src/job/failure.ts by `npm run schema`.
create or replace function darkroom.failure_message(p_code text) returns text
language sql immutable set search_path = '' as $$
  select case p_code
    when 'model_unavailable' then 'No model that can make this image is available at the moment.'
    when 'rate_limited' then 'The models were too busy to make this image in time.'
    when 'provider_unavailable' then 'The image service could not be reached.'
    when 'no_image' then 'The models answered without an image. Another wording may help.'
    when 'content_blocked' then 'The request was refused by the content policy of the image service.'
    when 'invalid_request' then 'The image service does not accept this request.'
    when 'provider_misconfigured' then 'The image service could not be used. The operators have been told.'
    when 'bad_image' then 'The image that came back was damaged.'
    when 'invalid_input_image' then 'The input image is missing, too large, or not an image.'
    when 'storage_unavailable' then 'The image could not be stored.'
    when 'deadline_exceeded' then 'The image was not ready in time.'
    when 'worker_crashed' then 'The image could not be made.'
    when 'canceled' then 'Canceled.'
    when 'internal_error' then 'Something went wrong on our side.'
  end;
$$;

revoke all on function darkroom.failure_message from public, anon, authenticated;
