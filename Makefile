# Everything that these targets set up is in .venv/ (and .venv-VERSION/ for test-matrix, .venv-notebook/ for the notebook).
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

BIN := .venv/bin
PYTHON = $(shell tools/pythons.sh | head -n 1 | cut -d ' ' -f 2)
# What both levels of .venv/ are made from: .venv/.serve has what `serve` needs, .venv/.stamp what tests need as well.
VENV_INPUTS := requirements-build.txt pyproject.toml tools/make_venv.sh
# Options for pytest: make test PYTEST_ARGS='-k proration -x'. Processes that run the tests: WORKERS=0 runs them in pytest itself.
PYTEST_ARGS ?=
WORKERS ?= auto
PYTEST = -m pytest --numprocesses=$(WORKERS) --dist=worksteal
# Options for the builder of the image: make image IMAGE_OPTIONS='--secret id=pip.conf,src=/etc/pip.conf'
IMAGE_OPTIONS ?=
# Debian suites for test-fresh, each with the CPython to install if it is not the suite's own; options for tools/fresh.py
SUITES ?= bookworm trixie sid:3.14 sid:3.15
FRESH_ARGS ?=
# Options for JupyterLab
NOTEBOOK_ARGS ?=
# Modules of the engine for mutants
MODULES ?=

.PHONY: help
help:  ## Say what each target does
	@grep -hE '^[a-z.-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-13s %s\n", $$1, $$2 }'

.PHONY: serve
serve: .venv/.serve  ## Serve the demo tenant; PORT=8081 moves it
	@exec $(BIN)/soapsvc serve --demo $(if $(PORT),--port $(PORT))

.PHONY: test
test: .venv/.stamp  ## Run the tests
	$(BIN)/python $(PYTEST) $(PYTEST_ARGS)

.PHONY: test-matrix
test-matrix: .venv/.stamp  ## Run the tests under every other supported CPython of this machine; VERSIONS='3.13' narrows it
	@own=$$($(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])'); failed=; \
	for version in $(or $(VERSIONS),$$(tools/pythons.sh | cut -d ' ' -f 1)); do \
	  [ "$$version" != "$$own" ] || continue; \
	  $(MAKE) --no-print-directory ".venv-$$version/.stamp"; \
	  ".venv-$$version/bin/python" $(PYTEST) -p no:cacheprovider $(PYTEST_ARGS) || failed+=" $$version"; \
	done; \
	[ -z "$$failed" ] || { echo "the tests fail under CPython$$failed" >&2; exit 1; }

.PHONY: test-fresh
test-fresh:  ## Run make serve and make test in new Debian roots; SUITES='trixie sid:3.15' FRESH_ARGS='--only serve' narrow it
	python3 tools/fresh.py $(FRESH_ARGS) $(SUITES)

# What reads JSON and nothing else is as it is on any database.
KEPT = $(addprefix tests/tenant/,database importing store tables)
REPLAYS = tests/rest/replays/test_idempotency_under_fire.py tests/rest/replays/test_kept_answers.py tests/rest/replays/test_memory_of_answers.py
.PHONY: test-postgres
test-postgres: .venv/.stamp  ## Run the tests of store, runs, queries and replays on a PostgreSQL server that lives as long as they do
	$(BIN)/python tools/with_postgresql.py $(BIN)/python $(PYTEST) $(KEPT) tests/runs tests/zoql tests/cli/test_backup.py $(REPLAYS) $(PYTEST_ARGS)

.PHONY: test-browser
test-browser: .venv/.browser  ## Drive a real Chromium through the console; SCREENSHOTS=1 renews docs/images
	tools/browser.sh
	SOAPSVC_TEST_BROWSER=1 $(BIN)/python -m pytest --numprocesses=0 tests/browser $(PYTEST_ARGS)

.PHONY: notebook
notebook: .venv-notebook/.stamp  ## Open the notebook that previews a tenant; NOTEBOOK_ARGS='--allow-root --no-browser' go to JupyterLab
	PATH="$$PWD/.venv-notebook/bin:$$PATH" .venv-notebook/bin/jupyter lab $(NOTEBOOK_ARGS) examples/notebook/preview.ipynb

.PHONY: test-notebook
test-notebook: .venv/.stamp .venv-notebook/.stamp  ## Execute that notebook over several tenants
	SOAPSVC_TEST_NOTEBOOK=1 $(BIN)/python -m pytest --numprocesses=0 tests/samples/test_notebook.py $(PYTEST_ARGS)

.PHONY: interop
interop: .venv/.stamp  ## Install real SOAP clients (Debian and npm packages), drive them, and print a table
	tests/interop/setup.sh
	$(BIN)/python -m tests.interop.run --all
	$(BIN)/python -m tests.interop.run --all --day

.PHONY: coverage
coverage: .venv/.stamp  ## Say which lines and branches of the engine no test reaches
	$(BIN)/python $(PYTEST) --quiet --cov --cov-report=term $(wildcard tests/engine tests/golden tests/properties) $(PYTEST_ARGS)

.PHONY: mutants
mutants: .venv/.mutants  ## Say which small changes of the engine no test notices; MODULES='schedule/calendar pricing/models/tiers' narrows it
	$(BIN)/python tools/mutants.py $(MODULES)

.PHONY: bench
bench: .venv/.stamp  ## Measure the service against stock Spyne, and against the peers that are built; BENCH_ARGS=--quick takes a minute
	$(BIN)/python -m bench.run $(BENCH_ARGS)

.PHONY: bench-peers
bench-peers:  ## Build the peers: needs Debian's gsoap and libgsoap-dev, and npm
	@$(MAKE) --no-print-directory -C bench/peers

.PHONY: dist
dist: .venv/.dist .venv/.stamp  ## Build the sdist, and out of it the pure wheel and the one with the compiled engine, into dist/, and check them
	@rm -rf dist
	@$(BIN)/python -m build --no-isolation --outdir dist .
	@HATCH_BUILD_HOOK_ENABLE_CUSTOM=true $(BIN)/python -m build --no-isolation --wheel --outdir dist .
	@$(BIN)/twine check --strict dist/*
	@$(BIN)/python tools/sbom.py dist/soapsvc.cdx.json > dist/LICENCES.txt

.PHONY: audit
audit: .venv/.dist  ## Ask the package index which of the pinned versions that run have known vulnerabilities
	$(BIN)/pip-audit --requirement requirements.txt --disable-pip --no-deps --strict

.PHONY: compiled
compiled: .venv/.stamp  ## Compile the engine beside its sources with mypyc; OPTIMIZATION=1 is quicker
	$(BIN)/python tools/compiled.py

.PHONY: pure
pure: .venv/.stamp  ## Remove what `make compiled` made
	$(BIN)/python tools/compiled.py --remove

COMPILED = build/compiled
.PHONY: test-compiled
test-compiled: dist  ## Run the tests of the engine on the compiled wheel, and compare its previews with those of the sources
	@rm -rf $(COMPILED)
	@$(BIN)/python -m pip --disable-pip-version-check -qq install --no-deps --target $(COMPILED) dist/soapsvc-*-linux_*.whl
	PYTHONPATH=$(COMPILED):. $(BIN)/python -P $(PYTEST) -p no:cacheprovider tests/compiled $(addprefix tests/,engine golden properties vectors) $(PYTEST_ARGS)
	$(BIN)/python -m tests.compiled.compare $(COMPILED)

.PHONY: image
image: dist  ## Build the container image soapsvc with buildah, podman or docker; IMAGE_OPTIONS go to it
	@tools/image.sh $(IMAGE_OPTIONS)

.PHONY: test-image
test-image: .venv/.stamp  ## Build the image over a Debian root of debootstrap, and run it: needs root, buildah, debootstrap
	SOAPSVC_TEST_IMAGE=1 $(BIN)/python -m pytest tests/image $(PYTEST_ARGS)

.PHONY: check
check: format-check lint types imports sizes-check wsdl-check rules-check objects-check reference-check prose-check  ## Check format, lint, types, import direction, sizes, the contracts' bytes, the generated pages, plain English

.PHONY: format-check
format-check: .venv/.stamp
	$(BIN)/ruff format --check .

.PHONY: lint
lint: .venv/.stamp
	$(BIN)/ruff check .

.PHONY: types
types: .venv/.stamp
	$(BIN)/mypy --strict soapsvc tools

.PHONY: imports
imports: .venv/.stamp
	$(BIN)/lint-imports --no-logo

.PHONY: sizes-check
sizes-check: .venv/.stamp
	$(BIN)/python -m pytest --quiet tests/test_project.py

.PHONY: wsdl-check
wsdl-check: .venv/.stamp
	$(BIN)/python tools/wsdl_checksums.py

.PHONY: rules-check
rules-check: .venv/.stamp
	$(BIN)/python tools/rule_coverage.py --check

.PHONY: rules
rules: .venv/.stamp  ## Write the table of billing rules in docs/dev/coverage.md from the tests
	$(BIN)/python tools/rule_coverage.py

.PHONY: objects-check
objects-check: .venv/.stamp
	$(BIN)/python tools/object_page.py --check

.PHONY: objects
objects: .venv/.stamp  ## Write the tables of docs/reference/objects.md from the catalogue of objects
	$(BIN)/python tools/object_page.py

.PHONY: reference-check
reference-check: .venv/.stamp
	$(BIN)/python tools/reference_pages.py --check

.PHONY: reference
reference: .venv/.stamp  ## Write the pages of options and of tenant.toml in docs/reference
	$(BIN)/python tools/reference_pages.py

.PHONY: prose-check
prose-check: .venv/.stamp
	$(BIN)/python tools/prose.py

.PHONY: docs
docs: .venv/.docs  ## Build the site of the documentation into build/site; any warning is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict
	@echo "open build/site/index.html"

.PHONY: new-store
new-store: .venv/.stamp  ## Write the tables of a new SQLite store from the migrations
	$(BIN)/python -m tests.support.new_store

.PHONY: fix
fix: .venv/.stamp  ## Format, and mend what the linter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: wsdl-update
wsdl-update: .venv/.stamp  ## Record the contracts' bytes after a change that is meant
	$(BIN)/python tools/wsdl_checksums.py --update

.PHONY: lock
lock:  ## Pin what pyproject.toml asks for; UPGRADE=1 moves every pin to the newest version
	tools/lock.sh

.PHONY: .venv
.venv: .venv/.stamp  ## Set up .venv/

.venv/.serve: $(VENV_INPUTS) requirements.txt
	@test -n "$(PYTHON)" || { echo "soapsvc needs CPython 3.11 to 3.15 with venv; none was found" >&2; exit 1; }
	@echo "setting up .venv with $(PYTHON)" >&2
	@tools/make_venv.sh "$(PYTHON)" .venv requirements.txt
	@touch $@

# Where PYTHONDONTWRITEBYTECODE is set, each of the many processes that tests start would compile the package again.
.venv/.stamp: .venv/.serve requirements-dev.txt
	@echo "adding to .venv what the tests need" >&2
	@tools/make_venv.sh "$(PYTHON)" .venv requirements-dev.txt
	@$(BIN)/python -m compileall -q soapsvc
	@touch $@

.venv/.dist: .venv/.serve requirements-dist.txt
	@tools/make_venv.sh "$(PYTHON)" .venv requirements-dist.txt
	@touch $@

.venv/.browser: .venv/.stamp requirements-browser.txt
	@tools/make_venv.sh "$(PYTHON)" .venv requirements-browser.txt
	@touch $@

.venv/.docs: .venv/.stamp requirements-docs.txt
	@tools/make_venv.sh "$(PYTHON)" .venv requirements-docs.txt
	@touch $@

.venv/.mutants: .venv/.stamp requirements-mutants.txt
	@tools/make_venv.sh "$(PYTHON)" .venv requirements-mutants.txt
	@touch $@

# An environment of its own: where pandas is installed, pyarrow and Dask import it, and the tests would measure that.
.venv-notebook/.stamp: $(VENV_INPUTS) requirements-notebook.txt
	@echo "setting up .venv-notebook with $(PYTHON)" >&2
	@tools/make_venv.sh "$(PYTHON)" .venv-notebook requirements-notebook.txt
	@touch $@

.venv-%/.stamp: $(VENV_INPUTS) requirements-dev.txt
	@echo "setting up .venv-$*" >&2
	@tools/make_venv.sh "$$(tools/pythons.sh | sed -n 's/^$* //p')" ".venv-$*" requirements-dev.txt
	@touch $@
