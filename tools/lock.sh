#!/usr/bin/env bash
# Pins pyproject.toml's dependencies, for every supported Python and platform, with the hashes that the package index
# publishes: requirements.txt (to run), requirements-dev.txt (to develop), requirements-build.txt (to build Spyne and
# this package), requirements-dist.txt (to package it), requirements-browser.txt (for tests in a browser),
# requirements-mutants.txt (for mutation testing), requirements-docs.txt (to build the site of the documentation),
# requirements-notebook.txt (to run, and to open the notebook of examples/).
# Versions already pinned stay, unless UPGRADE=1. No address of an index gets into the files.
set -euo pipefail

cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python=$(tools/pythons.sh | head -n 1 | cut -d ' ' -f 2)
"$python" -m venv "$scratch"
"$scratch/bin/python" -m pip --disable-pip-version-check -qq install uv

lock() {
  local file=$1
  shift
  "$scratch/bin/uv" pip compile --quiet --universal --python "$python" --generate-hashes --no-header --no-annotate \
    --no-emit-index-url --no-emit-find-links ${UPGRADE:+--upgrade} "$@" --output-file "$file"
  if grep -nE '://|file:|^--|(^| )@ ' "$file"; then
    echo "$file names an address or carries an option" >&2
    exit 1
  fi
}
lock requirements.txt pyproject.toml
lock requirements-dev.txt pyproject.toml --extra dev --constraints requirements.txt
lock requirements-build.txt --group build --constraints requirements-dev.txt
lock requirements-dist.txt --group dist --constraints requirements-dev.txt
lock requirements-browser.txt --group browser --constraints requirements-dev.txt
lock requirements-mutants.txt --group mutants --constraints requirements-dev.txt
lock requirements-docs.txt --group docs --constraints requirements-dev.txt
lock requirements-notebook.txt pyproject.toml --group notebook --constraints requirements-dev.txt
