.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

PYTHON ?= python3.11
VENV   ?= .venv
TOPIC  ?= reading

BIN  := $(VENV)/bin
SAY  := printf '  %s\n'
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-emit-find-links --no-header --no-annotate

.PHONY: help run test check lint format types imports snapshots snapshots-fresh bench lock clean

help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.runtime ## Start PostgreSQL, worker and API with the demo organisation
	@exec $(BIN)/palier serve --demo --worker

test: $(VENV)/.dev ## Run the tests
	@$(BIN)/python -m pytest -n 3 -q

check: lint types imports snapshots-fresh test ## Everything CI checks: lint, format, types, import rules, snapshots, tests

lint: $(VENV)/.dev ## Check style and formatting
	@$(SAY) "ruff"
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet

format: $(VENV)/.dev ## Mend style and formatting where that is safe
	@$(BIN)/ruff check --fix --quiet || true
	@$(BIN)/ruff format

types: $(VENV)/.dev ## Check types
	@$(SAY) "mypy"
	@$(BIN)/mypy

imports: $(VENV)/.dev ## Check who imports whom
	@$(SAY) "import rules"
	@$(BIN)/lint-imports

snapshots: $(VENV)/.dev ## Write the generated documents: OpenAPI, GraphQL schema, generated pages
	@$(BIN)/python -m scripts.snapshots

snapshots-fresh: $(VENV)/.dev
	@$(SAY) "snapshots"
	@$(BIN)/python -m scripts.snapshots --check

bench: $(VENV)/.dev $(patsubst requirements/bench-%.txt,$(VENV)/.bench-%,$(wildcard requirements/bench-$(TOPIC).txt)) ## Measure a topic side by side with its peers, for example TOPIC=reading
	@$(BIN)/python -m benchmarks $(TOPIC)

lock: $(VENV)/.dev ## Pin the newest versions pyproject.toml allows, with hashes
	@$(LOCK) --upgrade --extra build --extra embedded --extra worker --output-file requirements/runtime.txt pyproject.toml
	@$(LOCK) --extra bench --extra build --extra dev --extra embedded --extra worker \
	  --constraint requirements/runtime.txt --output-file requirements/dev.txt pyproject.toml
	@$(LOCK) --extra bench-territories --constraint requirements/dev.txt \
	  --output-file requirements/bench-territories.txt pyproject.toml
	@$(LOCK) --extra spark --extra worker --constraint requirements/dev.txt \
	  --output-file requirements/spark.txt pyproject.toml

clean: ## Remove what was built; data in .palier stays
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment is made on demand and made anew when the pins change. `run` needs less of it than `test`.

$(VENV)/.python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: apt install python3.11, or set PYTHON"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "$(PYTHON) is older than 3.11: apt install python3.11, or set PYTHON"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "venv is missing: apt install python3-venv"; exit 1; }
	@$(SAY) "creating the Python environment in $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(VENV)/.python
	@$(SAY) "installing Palier, a minute or two the first time"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@$(SAY) "installing the development tools"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.bench-%: requirements/bench-%.txt $(VENV)/.dev
	@$(SAY) "installing what the topic $* compares with"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@
