# `make test` is what people run: set up, lint, types, tests; `make test-all` runs the rest too, as `.ci/run` does.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Without what only tests need.
RUNS := $(VENV)/.installed-to-run
# Two processes, for two cores; for example `make test PYTEST_ARGS="-x tests/engine"`.
PYTEST_ARGS ?= -n 2 --dist worksteal

# The suite starts hundreds of processes: what it compiled is kept, whatever the machine says.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup lint test test-all audit faults bench demo clean requirements

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*##  *\(.*\)/\1\t\2/p' Makefile | expand -t 16

setup: $(STAMP)  ## make .venv with everything pinned (again only when the pins change)

# pip refuses --require-hashes and -e in one call, so it takes two; hatchling and editables come from the first.
define install
	@rm -f $@
	@echo "Setting up $(VENV); the first time takes some minutes."
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes --requirement $<
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
endef

$(STAMP): requirements.txt pyproject.toml
	$(install)
	@touch $(RUNS) $@

$(RUNS): requirements-run.txt pyproject.toml
	$(install)
	@touch $@

lint: $(STAMP)  ## ruff, types, layers, security rules, and every shipped journey
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml journeys service
	$(BIN)/journeys lint

test: setup lint  ## what must hold before a commit, in less than four minutes
	$(BIN)/python -m pytest -m "not long and not faults" $(PYTEST_ARGS)

audit: $(STAMP)  ## known advisories of the pinned packages
	$(BIN)/python -m tests.audit

test-all: test  ## `make test`, then the rest: servers, browsers, every order, every fault; under 20 minutes
	$(BIN)/python -m pytest -m "long or faults" $(PYTEST_ARGS)

# Long and bounded: under an hour on two cores that do nothing else. For a part of it: `make faults FAULTS=5` (percent).
FAULTS ?= full
FAULT_TESTS ?= tests/faults tests/service/http/test_fuzzing.py tests/engine/test_against_reference.py \
	tests/interop/fhir/test_partitions.py tests/service/outreach/test_audit.py
FAULT_RESULTS ?= build/faults
FAULT_SEEDS = $(if $(filter full,$(FAULTS)),10000,$(FAULTS)00)
faults: $(STAMP)  ## the long runs: kills, faults, races, random journeys; a table of what was lost or doubled
	rm -rf $(FAULT_RESULTS)
	JOURNEYS_TEST_FAULTS=$(FAULTS) JOURNEYS_TEST_RESULTS=$(FAULT_RESULTS) JOURNEYS_SEEDS=$(FAULT_SEEDS) \
		JOURNEYS_ORDERS=24 JOURNEYS_TEST_AUDITS=200 $(BIN)/python -m pytest -n 2 --dist worksteal $(FAULT_TESTS); \
	status=$$?; $(BIN)/python -m tests.faults.report $(FAULT_RESULTS) && exit $$status

# About half an hour or more on two cores that do nothing else; for example `make bench BENCH="a d"`.
BENCH ?=
bench: $(STAMP)  ## measure against the limits of the same run; BENCH="a d" for some rows
	$(BIN)/python -m benchmarks $(BENCH)

PORT ?= 8000
demo: $(RUNS)  ## show a journey on this machine; PORT=8400 for another port
	$(BIN)/journeys demo --port $(PORT)

# No address may get into the files, hence neither the header nor the index.
PIN = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header
requirements: $(STAMP)  ## pin anew what pyproject.toml asks for
	$(PIN) --all-extras --output-file requirements.txt pyproject.toml
	$(PIN) --extra build --extra mail --constraint requirements.txt --output-file requirements-run.txt pyproject.toml

clean:  ## remove .venv and all caches
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
