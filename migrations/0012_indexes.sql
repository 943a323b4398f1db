-- no-transaction: built while the native app goes on writing. Each is dropped first: one that was cut off is left invalid.
set lock_timeout = '5s';

drop index concurrently if exists public.generated_images_of_user;
create index concurrently generated_images_of_user on public.generated_images (user_id, created_at desc, id desc);

drop index concurrently if exists public.generated_images_object_key;
create index concurrently generated_images_object_key on public.generated_images (object_key) where object_key is not null;

drop index concurrently if exists public.generated_images_thumbnail_key;
create index concurrently generated_images_thumbnail_key on public.generated_images (thumbnail_key) where thumbnail_key is not null;

-- Hashed: what a user may have written there can be longer than an index row. The expression is that of darkroom.key_in,
-- written out: an expression of an index runs in the name of whoever writes the row.
drop index concurrently if exists public.generated_images_url;
create index concurrently generated_images_url on public.generated_images using hash ((substring(image_url from '(users/[A-Za-z0-9_~-]+/(?:uploads|jobs)/[A-Za-z0-9_~./-]+)')));

drop index concurrently if exists public.jobs_input;
create index concurrently jobs_input on public.image_generation_jobs using hash (input_image_key);

drop index concurrently if exists public.jobs_unmanaged_output;
create index concurrently jobs_unmanaged_output on public.image_generation_jobs using hash ((substring(output_image_url from '(users/[A-Za-z0-9_~-]+/(?:uploads|jobs)/[A-Za-z0-9_~./-]+)')))
  where not managed;

drop index concurrently if exists public.custom_prompts_thumbnail;
create index concurrently custom_prompts_thumbnail on public.custom_prompts using hash ((substring(thumbnail_url from '(users/[A-Za-z0-9_~-]+/(?:uploads|jobs)/[A-Za-z0-9_~./-]+)')));

drop index concurrently if exists public.custom_prompts_secondary;
create index concurrently custom_prompts_secondary on public.custom_prompts using hash ((substring(secondary_image_url from '(users/[A-Za-z0-9_~-]+/(?:uploads|jobs)/[A-Za-z0-9_~./-]+)')));

drop index concurrently if exists public.custom_prompts_of_user;
create index concurrently custom_prompts_of_user on public.custom_prompts (user_id, created_at desc, id desc);
