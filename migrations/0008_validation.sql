-- When a revision was checked against its version's schema, which happens after it is searchable;
-- null: not yet. What was found is among its warnings.
alter table api_catalog.revisions add column validated_at timestamptz;
