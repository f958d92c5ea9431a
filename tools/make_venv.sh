#!/usr/bin/env bash
# Usage: make_venv.sh PYTHON DIR LOCK
# Makes the virtual environment DIR, or brings it to the packages of LOCK, and installs this package in place.
#
# The lock is complete, so pip resolves nothing (--no-deps): a release that comes out tomorrow cannot change what is
# installed, nor stop it. Every package is checked against its hash, and `pip check` says whether the lock was complete.
# Spyne is a source release; it is built with the pinned build tools, not with whatever is newest today.
set -euo pipefail

python=$1
venv=$2
lock=$3
cd "$(dirname "$0")/.."
"$venv/bin/python" -c 'import pip' 2>/dev/null || "$python" -m venv --clear "$venv"
# Errors only: a user's own pip configuration may name places that do not exist here.
pip=("$venv/bin/python" -m pip --disable-pip-version-check -qq)
install=("${pip[@]}" install --no-deps --no-build-isolation --use-pep517)
"${install[@]}" --require-hashes -r requirements-build.txt
"${install[@]}" --require-hashes -r "$lock"
"${install[@]}" --editable .
"${pip[@]}" check
