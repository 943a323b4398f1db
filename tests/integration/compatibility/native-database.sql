-- The database as the native app has it before Darkroom: the DDL that Prisma makes of its models, and rows such as
-- that app has written. The migrations must take it over without losing or changing one of its values.
create table "users" (
  "id" text not null,
  "email" text not null,
  "credits" integer not null default 3,
  "created_at" timestamptz(6) not null default current_timestamp,
  "updated_at" timestamptz(6) not null default current_timestamp,
  constraint "users_pkey" primary key ("id")
);
create table "generated_images" (
  "id" uuid not null default gen_random_uuid(),
  "user_id" text not null,
  "image_url" text not null,
  "created_at" timestamptz(6) not null default current_timestamp,
  constraint "generated_images_pkey" primary key ("id")
);
create table "custom_prompts" (
  "id" uuid not null default gen_random_uuid(),
  "user_id" text not null,
  "prompt_text" text not null,
  "title" text,
  "thumbnail_url" text,
  "secondary_image_url" text,
  "created_at" timestamptz(6) not null default current_timestamp,
  constraint "custom_prompts_pkey" primary key ("id")
);
create table "subscriptions" (
  "id" uuid not null default gen_random_uuid(),
  "user_id" text not null,
  "status" text not null default 'Free',
  "stripe_customer_id" text,
  "stripe_subscription_id" text,
  "price_id" text,
  "current_period_end" timestamptz(6),
  "created_at" timestamptz(6) default current_timestamp,
  "updated_at" timestamptz(6) default current_timestamp,
  constraint "subscriptions_pkey" primary key ("id")
);
create table "image_generation_jobs" (
  "id" uuid not null default gen_random_uuid(),
  "user_id" text not null,
  "status" text not null default 'pending',
  "progress" integer not null default 0,
  "input_image_key" text,
  "output_image_url" text,
  "error_message" text,
  "created_at" timestamptz(6) not null default current_timestamp,
  "updated_at" timestamptz(6) not null default current_timestamp,
  "completed_at" timestamptz(6),
  constraint "image_generation_jobs_pkey" primary key ("id")
);
create unique index "users_email_key" on "users"("email");
create index "idx_generated_images_user_id" on "generated_images"("user_id");
create index "custom_prompts_user_id_idx" on "custom_prompts"("user_id");
create unique index "subscriptions_user_id_key" on "subscriptions"("user_id");
create index "idx_subscriptions_user_id" on "subscriptions"("user_id");
create index "idx_image_jobs_created_at" on "image_generation_jobs"("created_at");
create index "idx_image_jobs_status" on "image_generation_jobs"("status");
create index "idx_image_jobs_user_id" on "image_generation_jobs"("user_id");
alter table "generated_images" add constraint "generated_images_user_id_fkey"
  foreign key ("user_id") references "users"("id") on delete restrict on update cascade;
alter table "subscriptions" add constraint "subscriptions_user_id_fkey"
  foreign key ("user_id") references "users"("id") on delete restrict on update cascade;
alter table "image_generation_jobs" add constraint "image_generation_jobs_user_id_fkey"
  foreign key ("user_id") references "users"("id") on delete restrict on update cascade;

insert into users (id, email, credits, created_at) values
  ('user_2aNativeAda',   'ada@example.com',    2, '2025-03-01T10:00:00Z'),
  ('user_2bNativeBoris', 'boris@example.com',  0, '2025-04-02T11:30:00Z'),
  ('user_2cNativeChen',  'chen@example.com', 180, '2025-05-03T12:45:00Z');
insert into subscriptions (user_id, status, stripe_customer_id, stripe_subscription_id, price_id, current_period_end) values
  ('user_2cNativeChen', 'Pro', 'cus_X1', 'sub_X1', 'price_pro', '2027-01-01T00:00:00Z');
insert into generated_images (user_id, image_url) values
  ('user_2aNativeAda', 'https://cdn.example.com/generated/1.png'),
  ('user_2cNativeChen', 'https://cdn.example.com/generated/2.png');
insert into custom_prompts (user_id, prompt_text, title) values
  ('user_2aNativeAda', 'a watercolour of {subject} at dawn', 'Dawn');
insert into image_generation_jobs (user_id, status, progress, output_image_url, completed_at) values
  ('user_2aNativeAda', 'completed', 100, 'https://cdn.example.com/generated/1.png', '2025-06-01T00:00:00Z'),
  ('user_2bNativeBoris', 'failed', 40, null, '2025-06-02T00:00:00Z');
-- one left behind by a client that went away in the middle, before any of our columns existed
insert into image_generation_jobs (user_id, status, progress, created_at, updated_at) values
  ('user_2bNativeBoris', 'processing', 40, '2025-06-03T00:00:00Z', '2025-06-03T00:00:05Z');
