#!/usr/bin/env bash
# Adds the built server to Claude Code, the way the README says, over stdio and over HTTP with a key,
# and checks that it connects: `bash scripts/check-claude-code.sh`. Installs Claude Code from npm into a temporary folder and
# needs no login: `claude mcp list` asks each server itself.
set -euo pipefail
server=$(cd "$(dirname "$0")/.." && pwd)/dist/main.js
scratch=$(mktemp -d)
port=39312
key=a-key-of-this-check
trap '[ -z "${serving:-}" ] || kill "$serving"; rm -rf "$scratch"' EXIT

npm install --prefix "$scratch" --no-save --silent @anthropic-ai/claude-code
export HOME=$scratch/home API_CATALOG_DATA_DIR=$scratch/data
export DISABLE_AUTOUPDATER=1 CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1
unset DATABASE_URL OLLAMA_HOST API_CATALOG_EMBEDDER
mkdir -p "$HOME"
cd "$HOME"
claude=$scratch/node_modules/.bin/claude

API_CATALOG_KEYS=$key node "$server" serve --http "$port" 2>/dev/null &
serving=$!

"$claude" --version
"$claude" mcp add --scope user api-catalog -- node "$server"
"$claude" mcp add --scope user --transport http api-catalog-http "http://127.0.0.1:$port/mcp" \
  --header "Authorization: Bearer $key"
listed=$(timeout 60 "$claude" mcp list)
echo "$listed"
grep -qE '^api-catalog: .*(✓|✔) Connected' <<< "$listed"
grep -qE '^api-catalog-http: .*(✓|✔) Connected' <<< "$listed"
