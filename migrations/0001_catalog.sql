-- Catalogs, specs, their revisions and operations, and the words by which operations are found.
-- Ids are integers: the catalog is counted in tens of thousands, and the terms table in millions.

create table api_catalog.catalogs (
  id integer generated always as identity primary key,
  tenant text not null default 'default',
  name text not null,
  -- Number of operations in the catalog: the N of a word's inverse document frequency.
  operation_count integer not null default 0,
  created_at timestamptz not null default now(),
  unique (tenant, name)
);

create table api_catalog.specs (
  id integer generated always as identity primary key,
  catalog_id integer not null references api_catalog.catalogs on delete cascade,
  name text not null,
  -- Path or URL it came from; null for inline content.
  source text,
  title text,
  version text,
  description text,
  revision integer not null,
  operation_count integer not null,
  -- Embeddings older than this count as missing.
  reembed_requested_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (catalog_id, name)
);

create table api_catalog.revisions (
  spec_id integer not null references api_catalog.specs on delete cascade,
  revision integer not null,
  -- SHA-256 (hex) of the document as it came.
  content_hash text not null,
  -- The document as it came, gzipped.
  content bytea not null,
  title text,
  version text,
  dialect text not null,
  operation_count integer not null,
  warnings jsonb not null,
  warning_count integer not null,
  created_at timestamptz not null default now(),
  primary key (spec_id, revision)
);
-- Already compressed.
alter table api_catalog.revisions alter column content set storage external;

-- The operations of each spec's current revision.
create table api_catalog.operations (
  id integer generated always as identity primary key,
  spec_id integer not null references api_catalog.specs on delete cascade,
  method text not null,
  path text not null,
  -- Lower-case path with every {name} written {}: how identifiers are looked up.
  path_shape text not null,
  operation_id text,
  summary text,
  description text,
  tags text[] not null,
  parameters text[] not null,
  body_properties text[] not null,
  effect text not null check (effect in ('read', 'write', 'destructive')),
  is_deprecated boolean not null,
  signature text not null,
  definition text not null,
  -- SHA-256 (hex) of definition and search text: has the operation changed?
  definition_hash text not null,
  -- SHA-256 (hex) of the search text: must it be embedded again?
  text_hash text not null
);
create index operations_of_spec on api_catalog.operations (spec_id, text_hash);
create index operations_by_text on api_catalog.operations (text_hash);
-- Hash indexes take identifiers of any length.
create index operations_by_operation_id on api_catalog.operations using hash (lower(operation_id));
create index operations_by_path on api_catalog.operations using hash (path_shape);

-- What the `$ref`s of a spec's current revision reach.
create table api_catalog.components (
  spec_id integer not null references api_catalog.specs on delete cascade,
  pointer text not null,
  definition text not null
);
create index components_of_spec on api_catalog.components (spec_id, md5(pointer));

-- One row per word of an operation. No foreign key: checking millions of rows costs more than the
-- two statements that remove them with their operations.
create table api_catalog.terms (
  term text not null,
  catalog_id integer not null,
  spec_id integer not null,
  op integer not null,
  -- Saturated, field-weighted term frequency (src/catalog/words).
  impact real not null
);
create index terms_by_term on api_catalog.terms (term, catalog_id, spec_id) include (op, impact);
create index terms_of_operation on api_catalog.terms (op, term) include (impact);

-- In how many operations of a catalog a word occurs.
create table api_catalog.catalog_terms (
  catalog_id integer not null references api_catalog.catalogs on delete cascade,
  term text not null,
  df integer not null,
  primary key (catalog_id, term)
);

-- What agents call an operation: <spec>:<operationId> where that is unique within the spec, else
-- <spec>:<METHOD> <path>, after <catalog>/ unless that is the default one.
create view api_catalog.operation_refs as
select o.id as op, o.spec_id, s.catalog_id, c.tenant, c.name as catalog, s.name as spec,
  o.method, o.path, o.path_shape, o.operation_id,
  case when c.name = 'default' then '' else c.name || '/' end || s.name || ':' ||
  case
    when o.operation_id is not null and not exists (
      select from api_catalog.operations twin
      where lower(twin.operation_id) = lower(o.operation_id)
        and twin.operation_id = o.operation_id and twin.spec_id = o.spec_id and twin.id <> o.id)
    then o.operation_id
    else o.method || ' ' || o.path
  end as id
from api_catalog.operations o
join api_catalog.specs s on s.id = o.spec_id
join api_catalog.catalogs c on c.id = s.catalog_id;
