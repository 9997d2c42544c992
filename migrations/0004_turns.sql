-- How the jobs of many specs and catalogs share the workers (src/queue/turns.ts), and how long a
-- spec rests whose job failed for good (src/queue/finish.ts).
alter table api_catalog.embedding_jobs
  -- Waiting jobs are taken in this order. It says nothing of when: that is next_run_at.
  add column turn_at timestamptz not null default now(),
  -- It waits because it let others go first in the midst of its work.
  add column yielded boolean not null default false,
  -- Texts (their hashes) that failed since its last failure, left for the end of its work.
  add column left_out text[] not null default '{}',
  -- How often in a row the spec's jobs failed for good.
  add column failures_in_row integer not null default 0;

update api_catalog.embedding_jobs set turn_at = next_run_at where status = 'pending';
update api_catalog.embedding_jobs
set failures_in_row = 1, next_run_at = completed_at + interval '30 minutes'
where status = 'failed';

drop index api_catalog.jobs_to_claim;
create index jobs_to_claim on api_catalog.embedding_jobs (turn_at, id) where status = 'pending';
