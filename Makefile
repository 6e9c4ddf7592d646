# Every target sets up what it needs: a fresh machine has Python 3.11–3.13, make and git, nothing else.
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
RUFF_CACHE_DIR ?= .ruff_cache
export UV_PYTHON_DOWNLOADS := never
# The interpreter that makes the virtual environment: the newest supported one found.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && command -v $$p && break; done)

.PHONY: help demo demo-real test test-all dev list lint fmt types check bench bench-ml bench-identity bench-ingestion \
	bench-intraday bench-consent \
	docs golden clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# uv installs from the lock with its hashes; a machine without uv gets it inside the environment.
# Bytecode is compiled here because a run writes nothing outside HABITUE_HOME.
$(READY): uv.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Habitué needs Python 3.11, 3.12 or 3.13 on the PATH; none was found."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@if command -v uv >/dev/null 2>&1; then UV=uv; else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1' && UV=$(BIN)/uv; fi; \
		echo "Installing the locked packages into $(VENV) (once, a minute or two) ..."; \
		$$UV sync --quiet --frozen --inexact --compile-bytecode --python $(BIN)/python
	@touch $(READY)

demo: $(READY) ## Run the make-believe company through every system and say where to look
	@$(BIN)/habitue demo
	@$(BIN)/habitue demo story

demo-real: $(READY) ## The same pipeline on a real retailer, in var/real
	@HABITUE_HOME=var/real $(BIN)/habitue demo real

test: $(READY) ## Run the tests (about twenty minutes)
	PYTHONDONTWRITEBYTECODE=1 $(BIN)/python -m pytest -m "not slow" -n 2 --dist loadgroup

test-all: $(READY) ## Run the tests and the slow suites (kills of the full demo)
	PYTHONDONTWRITEBYTECODE=1 $(BIN)/python -m pytest

dev: $(READY) ## Open the same graph in the Dagster UI on http://127.0.0.1:3000
	@$(BIN)/habitue dev

list: $(READY) ## Print the sources, models, segments, campaigns, destinations, suites and pages found
	@$(BIN)/habitue list

lint: $(READY) ## Check the style of Python and SQL
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint --disable-progress-bar -p 2 dbt_project/models dbt_project/tests

fmt: $(READY) ## Format Python
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .

types: $(READY) ## Check the types (mypy --strict)
	$(BIN)/mypy

check: lint types ## Everything that is checked without running the product
	$(BIN)/python -m orchestration.generate --check

bench: $(READY) ## Measure wall, CPU, rows/s and memory per stage: first run, nothing new, one more day
	@$(BIN)/python -m orchestration.bench

bench-identity: $(READY) ## Measure who is one person: the company's truth, FEBRL (ARGS="--data DIR"), beside Splink
	@$(BIN)/python -m demo.bench.identity $(ARGS)

bench-ingestion: $(READY) ## Measure loading from PostgreSQL and files beside the machine's limits and peers
	@$(BIN)/python -m demo.bench.ingestion

bench-intraday: $(READY) ## Measure from a cart left to a row ready to send
	@$(BIN)/habitue demo intraday

bench-consent: $(READY) ## Measure the consent ledger's appends, verification and intake, the gate, and 100,000 random steps
	@$(BIN)/python -m demo.bench.consent

bench-ml: $(READY) ## Back-test the scores beside their baselines and goals
	@$(BIN)/habitue bench-ml

docs: $(READY) ## Write the generated pages (dbt sources, data dictionary, settings)
	$(BIN)/python -m orchestration.generate

golden: $(READY) ## Rewrite the golden files; read the change in review
	$(BIN)/python -m pytest -q tests/project/test_golden_graph.py --golden

clean: ## Remove the environment, caches and everything a run made (var/)
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis
