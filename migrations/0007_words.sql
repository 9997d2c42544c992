-- Which rules made a spec's words: specs of older rules are indexed again in the background
-- (src/catalog/reindex-words.ts). 1: the rules before this migration.
alter table api_catalog.specs add column words_version integer not null default 1;

-- Words of a spec's name and title: a question that names a spec means its operations.
alter table api_catalog.specs add column name_words text[]
  generated always as (
    regexp_split_to_array(lower(name || ' ' || coalesce(title, '')), '[^[:alnum:]]+')) stored;
