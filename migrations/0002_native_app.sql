-- The native app's tables. A live database has them already and keeps them as they are; an empty one gets them.

create table if not exists public.users (
  id text not null,
  email text not null,
  credits integer not null default 3,
  created_at timestamptz(6) not null default current_timestamp,
  updated_at timestamptz(6) not null default current_timestamp,
  constraint users_pkey primary key (id)
);

create table if not exists public.generated_images (
  id uuid not null default gen_random_uuid(),
  user_id text not null,
  image_url text not null,
  created_at timestamptz(6) not null default current_timestamp,
  constraint generated_images_pkey primary key (id),
  constraint generated_images_user_id_fkey foreign key (user_id)
    references public.users (id) on delete restrict on update cascade
);

create table if not exists public.custom_prompts (
  id uuid not null default gen_random_uuid(),
  user_id text not null,
  prompt_text text not null,
  title text,
  thumbnail_url text,
  secondary_image_url text,
  created_at timestamptz(6) not null default current_timestamp,
  constraint custom_prompts_pkey primary key (id)
);

create table if not exists public.subscriptions (
  id uuid not null default gen_random_uuid(),
  user_id text not null,
  status text not null default 'Free',
  stripe_customer_id text,
  stripe_subscription_id text,
  price_id text,
  current_period_end timestamptz(6),
  created_at timestamptz(6) default current_timestamp,
  updated_at timestamptz(6) default current_timestamp,
  constraint subscriptions_pkey primary key (id),
  constraint subscriptions_user_id_fkey foreign key (user_id)
    references public.users (id) on delete restrict on update cascade
);

create table if not exists public.image_generation_jobs (
  id uuid not null default gen_random_uuid(),
  user_id text not null,
  status text not null default 'pending',
  progress integer not null default 0,
  input_image_key text,
  output_image_url text,
  error_message text,
  created_at timestamptz(6) not null default current_timestamp,
  updated_at timestamptz(6) not null default current_timestamp,
  completed_at timestamptz(6),
  constraint image_generation_jobs_pkey primary key (id),
  constraint image_generation_jobs_user_id_fkey foreign key (user_id)
    references public.users (id) on delete restrict on update cascade
);

create unique index if not exists users_email_key on public.users (email);
create index if not exists idx_generated_images_user_id on public.generated_images (user_id);
create index if not exists custom_prompts_user_id_idx on public.custom_prompts (user_id);
create unique index if not exists subscriptions_user_id_key on public.subscriptions (user_id);
create index if not exists idx_subscriptions_user_id on public.subscriptions (user_id);
create index if not exists idx_image_jobs_created_at on public.image_generation_jobs (created_at);
create index if not exists idx_image_jobs_status on public.image_generation_jobs (status);
create index if not exists idx_image_jobs_user_id on public.image_generation_jobs (user_id);
