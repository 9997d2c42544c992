-- Specs that came from a URL: what its server said of the document, how it is asked again, and how
-- the last refresh went.
alter table api_catalog.specs
  add column etag text,
  add column last_modified text,
  -- [{name, value}], values naming environment variables (${TOKEN}), never a secret itself.
  add column request_headers jsonb not null default '[]',
  -- When the server last confirmed or gave the document, what it gave (SHA-256, hex), and the
  -- revision that this was: a later one was rolled back to or came another way.
  add column fetched_at timestamptz,
  add column fetched_hash text,
  add column fetched_revision integer,
  -- Why the last refresh failed; null when it did not.
  add column refresh_error text,
  add column refresh_failures integer not null default 0,
  -- Until then no process refreshes it by itself: it was claimed, or waits after a failure.
  add column next_refresh_at timestamptz;
