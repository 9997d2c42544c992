-- A new embedding space is filled beside the active one, and the one before it is kept for a while.
-- States of a space and what moves it between them: src/embedding/spaces.ts.

alter table api_catalog.embedding_spaces
  add column is_next boolean not null default false,
  -- Since when it is neither active nor next; null while it is one of them.
  add column retired_at timestamptz default now();
update api_catalog.embedding_spaces set retired_at = null where is_active;
create unique index one_next_space on api_catalog.embedding_spaces (is_next) where is_next;

-- The space in which a spec is to be embedded again: a request says nothing about other models.
alter table api_catalog.specs add column reembed_space_id integer;
update api_catalog.specs
set reembed_space_id = (select id from api_catalog.embedding_spaces where is_active)
where reembed_requested_at is not null;
