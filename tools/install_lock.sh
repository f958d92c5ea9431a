#!/usr/bin/env bash
# Usage: install_lock.sh PYTHON LOCK
# Installs the packages of LOCK, and nothing else, into PYTHON's environment.
#
# The lock is complete, so pip resolves nothing (--no-deps): a release that comes out tomorrow cannot change what is
# installed, nor stop it. Every package is checked against its hash. Source releases are built with the tools that are
# installed already, not with whatever is newest today.
set -euo pipefail

# Errors only: a user's own pip configuration may name places that do not exist here.
"$1" -m pip --disable-pip-version-check -qq install --no-deps --no-build-isolation --use-pep517 --require-hashes -r "$2"
