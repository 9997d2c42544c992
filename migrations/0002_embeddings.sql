-- Embedding spaces, what is embedded in them, and the jobs that see to it.

create table api_catalog.embedding_spaces (
  id integer generated always as identity primary key,
  provider text not null,
  model text not null,
  dimensions integer not null,
  weights text not null,
  recipe text not null,
  is_active boolean not null default false,
  created_at timestamptz not null default now(),
  -- When a process that can embed in it was last alive.
  last_seen_at timestamptz not null default now(),
  unique (provider, model, dimensions, weights, recipe)
);
create unique index one_active_space on api_catalog.embedding_spaces (is_active) where is_active;

-- A text is settled in a space when it has a row here, with a vector or without.
create table api_catalog.embeddings (
  space_id integer not null references api_catalog.embedding_spaces on delete cascade,
  text_hash text not null,
  state text not null check (state in ('embedded', 'refused', 'unembeddable')),
  error text,
  tries integer not null default 1,
  embedded_at timestamptz not null default now(),
  primary key (space_id, text_hash)
);

-- "This spec's operations are settled in this space." States and what moves a job between them:
-- src/queue/jobs.ts.
create table api_catalog.embedding_jobs (
  id bigint generated always as identity primary key,
  spec_id integer not null references api_catalog.specs on delete cascade,
  -- Null until a space is active: the first one to be takes the job.
  space_id integer references api_catalog.embedding_spaces on delete cascade,
  kind text not null check (kind in ('spec_write', 'reconciler', 'manual_retry')),
  status text not null default 'pending'
    check (status in ('pending', 'running', 'succeeded', 'failed')),
  -- Failures of the work itself.
  attempts integer not null default 0,
  -- Every claim since the job last reported anything.
  claims integer not null default 0,
  last_error text,
  next_run_at timestamptz not null default now(),
  worker_id text,
  lease_token uuid,
  lease_expires_at timestamptz,
  -- Operations with a vector: at its start, and now. Their difference is this run's work.
  reused_count integer not null default 0,
  embedded_so_far integer not null default 0,
  -- Something was asked for while it ran: run again when it ends.
  rerun boolean not null default false,
  traceparent text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  completed_at timestamptz,
  updated_at timestamptz not null default now()
) with (fillfactor = 80);
create unique index one_open_job on api_catalog.embedding_jobs (spec_id, coalesce(space_id, 0))
  where status in ('pending', 'running');
create index jobs_to_claim on api_catalog.embedding_jobs (next_run_at, id) where status = 'pending';
create index jobs_running on api_catalog.embedding_jobs (lease_expires_at) where status = 'running';
create index jobs_of_spec on api_catalog.embedding_jobs (spec_id, id desc);
create index jobs_completed on api_catalog.embedding_jobs (completed_at)
  where status in ('succeeded', 'failed');
