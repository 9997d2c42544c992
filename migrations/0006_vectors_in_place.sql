-- requires: vector
-- Vectors stay in their rows up to a page: reading each from a table of its own made comparing them
-- take four times as long. They hardly compress. Rows written before stay as they are.
alter table api_catalog.embeddings alter column vector set storage main;
