#!/usr/bin/env bash
# Usage: make_venv.sh PYTHON DIR LOCK
# Makes the virtual environment DIR, or brings it to the packages of LOCK, and installs this package in place. At the
# end `pip check` says whether the lock was complete. Spyne is a source release; the pinned build tools build it.
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
"${pip[@]}" check
