#!/usr/bin/env bash
# Adds the built server to Claude Code, the way the README says, and checks that it connects:
# `bash scripts/check-claude-code.sh`. Installs Claude Code from npm into a temporary folder and
# needs no login: `claude mcp list` asks each server itself.
set -euo pipefail
server=$(cd "$(dirname "$0")/.." && pwd)/dist/main.js
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

npm install --prefix "$scratch" --no-save --silent @anthropic-ai/claude-code
export HOME=$scratch/home API_CATALOG_DATA_DIR=$scratch/data
export DISABLE_AUTOUPDATER=1 CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1
unset DATABASE_URL OLLAMA_HOST API_CATALOG_EMBEDDER
mkdir -p "$HOME"
cd "$HOME"
claude=$scratch/node_modules/.bin/claude

"$claude" --version
"$claude" mcp add --scope user api-catalog -- node "$server"
listed=$(timeout 60 "$claude" mcp list)
echo "$listed"
grep -qE '^api-catalog: .*(✓|✔) Connected' <<< "$listed"
