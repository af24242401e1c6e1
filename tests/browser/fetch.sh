#!/bin/sh
# Bring what the browser tests need: the packages of package.json to this folder, and Debian's Chromium where there is none.
set -eu
cd "$(dirname "$0")"
command -v chromium >/dev/null || { apt-get update -q && apt-get install -y --no-install-recommends chromium fonts-noto-core; }
[ -d node_modules/playwright-core ] || npm install --no-save --no-package-lock --no-audit --no-fund --ignore-scripts
