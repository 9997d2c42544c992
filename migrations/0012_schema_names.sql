-- A schema's name in a question finds the operations that are made of it.
create index components_by_name on api_catalog.components
  using hash (substring(pointer from '[^/]*$'));
