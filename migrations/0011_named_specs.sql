-- The specs that a question names are found without reading every spec.
create index specs_by_name_words on api_catalog.specs using gin (name_words);
