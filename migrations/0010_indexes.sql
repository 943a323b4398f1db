-- no-transaction: indexes on the native app's tables, built while it goes on writing. Each is dropped first: a build that
-- was interrupted leaves an invalid index.

drop index concurrently if exists public.jobs_overdue;
create index concurrently jobs_overdue on public.image_generation_jobs (deadline_at)
  where managed and status in ('pending', 'processing');

drop index concurrently if exists public.jobs_of_user;
create index concurrently jobs_of_user on public.image_generation_jobs (user_id, created_at desc, id desc);

drop index concurrently if exists public.jobs_unfinished;
create index concurrently jobs_unfinished on public.image_generation_jobs (status, created_at)
  where managed and status in ('pending', 'processing');

drop index concurrently if exists public.jobs_unfinished_of_user;
create index concurrently jobs_unfinished_of_user on public.image_generation_jobs (user_id, created_at)
  where managed and status in ('pending', 'processing');

drop index concurrently if exists public.jobs_ended;
create index concurrently jobs_ended on public.image_generation_jobs (completed_at desc)
  where managed and completed_at is not null;

drop index concurrently if exists public.jobs_ended_without_image;
create index concurrently jobs_ended_without_image on public.image_generation_jobs (completed_at)
  where managed and status in ('failed', 'canceled');

-- Hashed: a user may have written a text there that is longer than an index row. The expressions are that of
-- darkroom.key_in, written out: an expression of an index runs as the role that writes the row.
drop index concurrently if exists public.jobs_input;
create index concurrently jobs_input on public.image_generation_jobs using hash (input_image_key);

drop index concurrently if exists public.jobs_unmanaged_output;
create index concurrently jobs_unmanaged_output on public.image_generation_jobs using hash ((substring(output_image_url from '(users/[A-Za-z0-9_~-]+/(?:uploads|jobs)/[A-Za-z0-9_~./-]+)')))
  where not managed;

drop index concurrently if exists public.generated_images_job_id_key;
create unique index concurrently generated_images_job_id_key on public.generated_images (job_id);

drop index concurrently if exists public.generated_images_of_user;
create index concurrently generated_images_of_user on public.generated_images (user_id, created_at desc, id desc);

drop index concurrently if exists public.generated_images_object_key;
create index concurrently generated_images_object_key on public.generated_images (object_key) where object_key is not null;

drop index concurrently if exists public.generated_images_thumbnail_key;
create index concurrently generated_images_thumbnail_key on public.generated_images (thumbnail_key) where thumbnail_key is not null;

drop index concurrently if exists public.generated_images_url;
create index concurrently generated_images_url on public.generated_images using hash ((substring(image_url from '(users/[A-Za-z0-9_~-]+/(?:uploads|jobs)/[A-Za-z0-9_~./-]+)')));

drop index concurrently if exists public.custom_prompts_of_user;
create index concurrently custom_prompts_of_user on public.custom_prompts (user_id, created_at desc, id desc);

drop index concurrently if exists public.custom_prompts_thumbnail;
create index concurrently custom_prompts_thumbnail on public.custom_prompts using hash ((substring(thumbnail_url from '(users/[A-Za-z0-9_~-]+/(?:uploads|jobs)/[A-Za-z0-9_~./-]+)')));

drop index concurrently if exists public.custom_prompts_secondary;
create index concurrently custom_prompts_secondary on public.custom_prompts using hash ((substring(secondary_image_url from '(users/[A-Za-z0-9_~-]+/(?:uploads|jobs)/[A-Za-z0-9_~./-]+)')));

alter table public.image_generation_jobs validate constraint managed_status;
alter table public.image_generation_jobs validate constraint managed_stage;
alter table public.image_generation_jobs validate constraint managed_progress;
alter table public.image_generation_jobs validate constraint managed_times;
alter table public.image_generation_jobs validate constraint managed_receipt;
