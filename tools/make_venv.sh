#!/usr/bin/env bash
# Usage: make_venv.sh PYTHON DIR
# Makes or refreshes the virtual environment DIR: every package pinned and checked against its hash, then this package
# in place. Spyne is a source release; it is built with the pinned build tools, not with whatever is newest today.
set -euo pipefail

python=$1
venv=$2
cd "$(dirname "$0")/.."
"$python" -m venv "$venv"
# Errors only: a user's own pip configuration may name places that do not exist here.
pip=("$venv/bin/python" -m pip --disable-pip-version-check -qq install)
"${pip[@]}" --require-hashes -r requirements-build.txt
"${pip[@]}" --require-hashes --no-build-isolation -r requirements-dev.txt
"${pip[@]}" --no-build-isolation --no-deps --editable .
