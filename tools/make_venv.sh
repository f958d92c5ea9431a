#!/usr/bin/env bash
# Usage: make_venv.sh PYTHON DIR LOCK
# Makes the virtual environment DIR, or brings it to the packages of LOCK, and installs this package in place. At the
# end `pip check` says whether the lock was complete, but for the one requirement that pyproject.toml overrides. Spyne is
# a source release; the pinned build tools build it.
set -euo pipefail

python=$1
venv=$2
lock=$3
cd "$(dirname "$0")/.."
"$venv/bin/python" -c 'import pip' 2>/dev/null || "$python" -m venv --clear "$venv"
tools/install_lock.sh "$venv/bin/python" requirements-build.txt
tools/install_lock.sh "$venv/bin/python" "$lock"
pip=("$venv/bin/python" -m pip --disable-pip-version-check -qq)
"${pip[@]}" install --no-deps --no-build-isolation --editable .
# Where all is well, pip says so in words.
told=$("$venv/bin/python" -m pip --disable-pip-version-check check || true)
amiss=$(grep -v -e '^zuora-sdk .* has requirement certifi' -e '^No broken requirements' <<<"${told:-pip check did not run}" || true)
[ -z "$amiss" ] || { echo "$amiss" >&2; exit 1; }
