#!/usr/bin/env bash
# Prints each supported CPython of this machine that really runs and can make a virtual environment, one
# `VERSION PATH` a line (`3.12 /usr/bin/python3.12`), oldest first, one per version. Looks on PATH and among pyenv's
# versions. A name on PATH proves nothing: pyenv's stand-ins are there for interpreters that are switched off.
set -euo pipefail

probe='
import sys, venv, ensurepip
if sys.implementation.name == "cpython" and (3, 11) <= sys.version_info[:2] <= (3, 15):
    print("%d.%d %s" % (*sys.version_info[:2], sys.executable))
'
for candidate in python3.1{1,2,3,4,5} python3 "${PYENV_ROOT:-${HOME:-}/.pyenv}"/versions/3.1[1-5].*/bin/python3; do
  "$candidate" -c "$probe" 2>/dev/null || continue
done | sort --version-sort --stable --key=1,1 --unique
