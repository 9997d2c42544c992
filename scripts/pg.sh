#!/bin/bash
# A throw-away Postgres 15 with pgvector 0.8.0, and PgBouncer, for the tests, on Debian 12 as root:
#   npm run pg            installs what is missing, starts a server, writes its URL to .pg/url
#   npm run pg -- stop    stops that server and removes its data
#   npm run pg -- build   only installs
# Nothing but the system's own package source is used. pgvector is not packaged for Debian 12, so it
# is built from the next release's source package, through a source list of our own.
# The data lies outside the project, where the user `postgres` can reach it. It is not synced to disk.
set -euo pipefail
cd "$(dirname "$0")/.."

version=15
bin=/usr/lib/postgresql/$version/bin
prefix=${PREFIX:-$PWD/.pg}
data=/var/tmp/api-catalog-mcp-pg-$(printf %s "$prefix" | cksum | cut -d' ' -f1)
export DEBIAN_FRONTEND=noninteractive

say() { echo "pg: $*" >&2; }

refuse_elsewhere() {
  if [ "$(id -u)" != 0 ] || ! grep -qs '^VERSION_CODENAME=bookworm$' /etc/os-release; then
    say "this script needs Debian 12 and root; elsewhere set TEST_DATABASE_URL to a Postgres >= 15 with pgvector and the right to create databases."
    exit 1
  fi
}

as_postgres() { (cd / && runuser -u postgres -- "$@"); }

# Installs the packages named, refreshing the package lists only when one of them is missing.
install_packages() {
  dpkg -s "$@" >/dev/null 2>&1 && return
  say "installing $*"
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

install_server() {
  if [ ! -x "$bin/postgres" ]; then
    mkdir -p /etc/postgresql-common
    # Debian would create and start a cluster of its own.
    [ -e /etc/postgresql-common/createcluster.conf ] ||
      echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
    install_packages "postgresql-$version"
  fi
}

install_pgvector() {
  [ -f "/usr/lib/postgresql/$version/lib/vector.so" ] && return
  install_packages "postgresql-server-dev-$version" build-essential dpkg-dev
  local apt=$prefix/apt source=$prefix/src mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/$')
  rm -rf "$apt" "$source"
  mkdir -p "$apt/lists/partial" "$source"
  cat >"$apt/trixie.sources" <<SOURCES
Types: deb-src
URIs: $mirror
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
  local options=(
    -o "Dir::Etc::sourcelist=$apt/trixie.sources" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::Lists=$apt/lists" -o Dir::Cache::srcpkgcache= -o Dir::Cache::pkgcache=
    -o APT::Sandbox::User=root
  )
  say "building pgvector"
  apt-get "${options[@]}" update -qq
  (cd "$source" && apt-get "${options[@]}" source -qq pgvector >/dev/null)
  # OPTFLAGS is -march=native otherwise: Debian builds portable code too.
  local make=(make -s -C "$source"/pgvector-*/ "PG_CONFIG=$bin/pg_config" OPTFLAGS= with_llvm=no)
  "${make[@]}" -j"$(nproc)" >/dev/null
  "${make[@]}" install >/dev/null
}

# The tests that need it start it, and say so where it is missing.
install_pooler() {
  [ -x /usr/sbin/pgbouncer ] || install_packages pgbouncer
}

is_running() { as_postgres "$bin/pg_ctl" -D "$data" status >/dev/null 2>&1; }

free_port() {
  local port=55432
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  echo "$port"
}

start_server() {
  mkdir -p "$prefix"
  install -d -o postgres -g postgres -m 700 "$data"
  if [ ! -f "$data/PG_VERSION" ]; then
    as_postgres "$bin/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >/dev/null
  fi
  if ! is_running || [ ! -f "$prefix/url" ]; then
    is_running && as_postgres "$bin/pg_ctl" -D "$data" -m fast stop >/dev/null
    local port
    port=$(free_port)
    as_postgres "$bin/pg_ctl" -D "$data" -w -l "$data/server.log" -o "-p $port \
      -c listen_addresses=127.0.0.1 -c unix_socket_directories=$data -c max_connections=200 \
      -c fsync=off -c full_page_writes=off -c synchronous_commit=off" start >/dev/null
    echo "postgres://postgres@127.0.0.1:$port/postgres" >"$prefix/url"
  fi
  "$bin/psql" "$(cat "$prefix/url")" -qAtc 'set client_min_messages = error' \
    -c 'create extension if not exists vector' \
    -c "select 'Postgres ' || current_setting('server_version') || ', pgvector ' || extversion
        from pg_extension where extname = 'vector'" >&2
  say "ready: $(cat "$prefix/url")"
}

stop_server() {
  if is_running; then as_postgres "$bin/pg_ctl" -D "$data" -m fast stop >/dev/null; fi
  rm -rf "$data" "$prefix/url"
}

refuse_elsewhere
case "${1:-start}" in
  start) install_server && install_pgvector && install_pooler && start_server ;;
  stop) stop_server ;;
  build) install_server && install_pgvector && install_pooler ;;
  *)
    say "usage: npm run pg -- [start|stop|build]"
    exit 2
    ;;
esac
