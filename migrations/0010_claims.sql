-- Claims of one space read its waiting jobs in their order, however many wait, and whatever the
-- planner knows of a table that is empty one minute and full the next. A lease that is renewed
-- changes no index.

drop index api_catalog.jobs_to_claim;
create index jobs_to_claim on api_catalog.embedding_jobs (coalesce(space_id, 0), turn_at, id)
  where status = 'pending';
drop index api_catalog.jobs_running;
create index jobs_running on api_catalog.embedding_jobs (turn_at) where status = 'running';
