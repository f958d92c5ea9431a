#!/usr/bin/env bash
# What `make test-browser` needs and no requirements file has: Debian's Chromium, and axe-core from npm by its hash.
# Where a Chromium cannot be had it says so and succeeds: the tests are skipped then, with the same words.
set -euo pipefail

cd "$(dirname "$0")/.."
if ! command -v chromium >/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
  else
    echo "there is no Chromium, and only root on a Debian can install one: the tests in a browser are skipped" >&2
    exit 0
  fi
fi
target=.venv/browser
mkdir -p "$target"
if ! cmp -s tests/browser/package-lock.json "$target/package-lock.json" || [ ! -d "$target/node_modules" ]; then
  command -v npm >/dev/null || { echo "npm is not here: pages are not asked by axe" >&2; exit 0; }
  cp tests/browser/package.json tests/browser/package-lock.json "$target/"
  npm ci --prefix "$target" --ignore-scripts --no-audit --no-fund --silent
fi
