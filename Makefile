# Two commands matter: `make demo` and `make test`. Both set everything up first.
# Needed beforehand: git, make, Python 3.11 with its venv module, and a package index that pip can reach.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell for p in python3.11 python3 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && echo "$$p" && break; done)
BIN := .venv/bin
READY := .venv/.ready
# One process a processor, each with whole files: what a file sets up is then set up once. In their own order the long
# files of `integration` come before the many short ones of `unit`, so that no process waits long for the last.
PYTEST := $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

# Nothing tells anyone that this runs, and nothing is made outside this folder.
export GX_ANALYTICS_ENABLED = false
export DO_NOT_TRACK = 1
export AIRFLOW__USAGE_DATA_COLLECTION__ENABLED = false
export AIRFLOW__CORE__LOAD_EXAMPLES = false
export AIRFLOW_HOME ?= $(CURDIR)/var/airflow
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: up down audit help setup demo test test-all test-ci test-stack lint format bench lock clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*## / - /'

setup: $(READY) ## make .venv from the lock file

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 found; install it or run: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "make: $(PYTHON) has no venv module (on Debian: apt-get install python3.11-venv)" >&2; exit 1; }
	"$(PYTHON)" -m venv .venv

# Installed again only when the lock file or the project's own metadata changes.
$(READY): requirements.lock pyproject.toml | .venv/bin/python
	@echo "Setting up .venv (a minute or two, once)"
	$(BIN)/python -m pip install -qq --require-hashes --only-binary :all: -r requirements.lock
	$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --no-index -e .
	@touch $(READY)

demo: $(READY) ## load a made-up landing zone through the DAG and show the answers
	@$(BIN)/safeguarding demo

up: $(READY) ## start scheduler, triggerer and API server on this machine
	@$(BIN)/safeguarding up

down: $(READY) ## stop them
	@$(BIN)/safeguarding down

test: $(READY) ## the tests, but for the thorough ones
	$(PYTEST) -m "not thorough and not stack"

test-all: lint ## lint, types and every test
	$(PYTEST)

test-ci: lint ## the same but for what runs whole stacks for minutes (test-stack)
	$(PYTEST) -m "not stack"

test-stack: $(READY) ## kill parts of the whole stack, container, services, ten years of backfill beside nightly loads
	$(BIN)/python -m pytest -m stack

lint: $(READY) ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY) ## lay out all code as `lint` wants it
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

audit: $(READY) ## look the locked versions up in the list of known vulnerabilities (asks the package index; see README)
	@$(BIN)/python -m bench.audit $(ARGS)

bench: $(READY) ## time the load against limits measured in the same run
	$(BIN)/python -m bench $(ARGS)

lock: ## fix the versions and hashes of everything anew
	@test -x var/lock/bin/uv || { "$(PYTHON)" -m venv var/lock && var/lock/bin/python -m pip install --quiet 'uv>=0.9'; }
	var/lock/bin/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock" --quiet --output-file requirements.lock

clean: ## remove everything that can be made again; landing zone and warehouse stay
	rm -rf .venv dist .pytest_cache .mypy_cache .ruff_cache .hypothesis var/lock var/demo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
