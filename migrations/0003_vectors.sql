-- requires: vector
-- The vectors themselves. The column has no fixed length: each space has its own.
alter table api_catalog.embeddings add column vector vector;
