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

-- How often the embeddings of a spec's operations were changed in a space. With the spec's revision
-- it tells whether a count of them still holds. No reference to the spec: writing vectors would wait
-- for a spec that is being deleted, and that for the job that writes them.
create table api_catalog.embedding_changes (
  space_id integer not null references api_catalog.embedding_spaces on delete cascade,
  spec_id integer not null,
  changes bigint not null,
  primary key (space_id, spec_id)
) with (fillfactor = 50);

-- Texts that no operation has any more, and since when this is known.
create table api_catalog.orphaned_texts (
  text_hash text primary key,
  since timestamptz not null default now()
);
