# Everything that these targets set up is in .venv/ (and .venv-VERSION/ for test-matrix).
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= $(shell tools/pythons.sh | head -n 1 | cut -d ' ' -f 2)
BIN := .venv/bin
LOCKS := requirements-build.txt requirements-dev.txt
PYTEST_ARGS ?=

.PHONY: help
help:  ## Say what each target does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-12s %s\n", $$1, $$2 }'

.venv/.stamp: $(LOCKS) pyproject.toml tools/make_venv.sh
	@test -n "$(PYTHON)" || { echo "soapsvc needs CPython 3.11, 3.12 or 3.13 with venv; none was found" >&2; exit 1; }
	@echo "setting up .venv with $(PYTHON)"
	@tools/make_venv.sh "$(PYTHON)" .venv
	@touch $@

.PHONY: .venv
.venv: .venv/.stamp  ## Set up .venv/

.PHONY: serve
serve: .venv/.stamp  ## Serve the demo tenant
	$(BIN)/soapsvc serve --demo

.PHONY: test
test: .venv/.stamp  ## Run the tests
	$(BIN)/python -m pytest $(PYTEST_ARGS)

.PHONY: lock
lock:  ## Pin every dependency again, in the newest versions that pyproject.toml allows
	tools/lock.sh
