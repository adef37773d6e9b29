# The two commands that matter: make demo, make test.
# Everything works in .venv, which packaging/bootstrap.py makes and keeps current.

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(shell command -v $(name))))
BOOTSTRAP := $(PYTHON) packaging/bootstrap.py
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# Two workers: the suite is written for a machine with two cores. `make test WORKERS=0` runs it in one process.
WORKERS ?= 2
PARALLEL := -n $(WORKERS) --dist loadfile
# Extra options for demo and bench: make demo ARGS="--seed 7"
ARGS ?=
# Requests an operation: make fuzz EXAMPLES=500
EXAMPLES ?= 200
# kill -9: make prove-crash KILLS=20 SERVER_KILLS=5
KILLS ?= 200
SERVER_KILLS ?= 50
# Simulated schedules: make simulate SEEDS=2000 FROM=1 JOBS=2
SEEDS ?= 200
FROM ?= 1
JOBS ?= 2
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url

.DEFAULT_GOAL := help
.PHONY: help setup setup-test demo demo-stop demo-reset test check lint types imports unit database gui e2e \
	bench storm fuzz simulate simulate-mutants prove prove-rotation prove-refresh prove-audit prove-acts prove-rls \
	prove-plans prove-crash schema review survive threats rules features attack check-dependencies lock format clean

help: ## list the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## make or refresh the environment (.venv) and check the system libraries
	@$(BOOTSTRAP) --for setup

demo: ## a whole district on this machine: server, database, pupils and a workstation
	@$(BOOTSTRAP) --for demo
	@$(BIN)/wc-sync-server demo $(ARGS)

demo-stop: ## stop what the demo left running
	@$(BIN)/wc-sync-server demo --stop

demo-reset: ## stop the demo and delete its data
	@$(BIN)/wc-sync-server demo --reset

test: setup-test lint types imports ## everything: style, types, arrows, all tests, then the real programs on a screen
	@$(PYTEST) $(PARALLEL) -q -m "not e2e"
	@$(MAKE) --no-print-directory e2e

check: lint types imports unit ## what is quick: style, types, arrows and the tests without database, Qt and screen

lint: ## style of the code (ruff)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .

types: ## types (mypy --strict)
	@$(BIN)/mypy
	@MYPYPATH=packaging $(BIN)/mypy packaging/bootstrap.py packaging/setup_steps packaging/check_dependencies.py

imports: ## the arrows between the rooms (import-linter)
	@$(BIN)/lint-imports

unit: ## tests that need neither database nor Qt nor a screen
	@$(PYTEST) $(PARALLEL) -q -m "not postgres and not gui and not e2e"

database: ## tests against a real PostgreSQL
	@$(PYTEST) $(PARALLEL) -q -m "postgres and not e2e"

fuzz: setup-test ## every endpoint asked as its OpenAPI says and forbids, for long
	@WC_FUZZ_EXAMPLES=$(EXAMPLES) $(PYTEST) -q tests/sync_server/records/fuzzing

simulate: setup-test ## workstations and server in one process, on a virtual clock, with every fault by seed (SEEDS=2000)
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS) --from $(FROM) --jobs $(JOBS) $(ARGS)

simulate-mutants: setup-test ## bugs planted on purpose in a copy of the sources: the simulator must find each
	@$(BIN)/python -m tests.simulation.planted --jobs $(JOBS) $(ARGS)

gui: ## tests of the windows, offscreen
	@$(PYTEST) $(PARALLEL) -q -m "gui and not e2e"

e2e: ## the real programs under Xvfb, driven by keyboard
	@$(PYTEST) $(PARALLEL) -q -m e2e

bench: setup ## measure, beside floors taken in the same run
	@$(BIN)/python -m benchmarks $(ARGS)

# How hard: make storm DEVICES=100 ENTRIES=50 MINUTES=2
DEVICES ?= 500
ENTRIES ?= 200
MINUTES ?= 5

storm: setup ## the morning after an outage: 500 workstations with 200 entries each come back at once
	@$(BIN)/python -m benchmarks.storm --devices $(DEVICES) --entries $(ENTRIES) --minutes $(MINUTES) $(ARGS)

prove: setup ## twelve writers at a daily maximum, a shelf, a budget; deadlocks: a thousand rounds each
	@$(BIN)/python -m benchmarks.proofs $(ARGS)

prove-rotation: setup ## rotate a key under 100,000 notes, killed in the middle, while a workstation polls
	@$(BIN)/python -m tests.proofs.rotation $(ARGS)

prove-refresh: setup ## 1,000 workstations refresh 40 times while 3 % of all answers are lost, with thieves among them
	@$(BIN)/python -m tests.proofs.refresh $(ARGS)

prove-acts: setup ## let somebody do 10,000 things at a workstation that is killed, and look for each in the audit
	@$(BIN)/python -m tests.proofs.acts $(ARGS)

prove-audit: setup ## seal and verify 100,000 lines of audit, and find every kind of tampering among them
	@$(BIN)/python -m tests.proofs.audit $(ARGS)

prove-rls: setup ## everybody tries everything on every table; every policy broken in every way is noticed
	@$(BIN)/python -m tests.proofs.rls $(ARGS)
	@WC_INTERLEAVED_REQUESTS=1000 $(PYTEST) -q tests/sync_server/db/test_interleaved_requests.py

survive: setup-test ## the tests of what must be survived, line by line
	@$(BIN)/python -m tests.promises survival $(ARGS)

threats: setup-test ## the attacks on what is protected, threat by threat
	@$(BIN)/python -m tests.promises threats $(ARGS)

rules: setup-test ## the tests of every rule of medication and incidents, rule by rule
	@$(BIN)/python -m tests.promises rules $(ARGS)

features: setup-test ## the tests of what a nurse and an operator find, point by point
	@$(BIN)/python -m tests.promises features $(ARGS)

attack: setup-test ## damage every file of a workstation in every place, and open it (ARGS="--file journal.db")
	@$(BIN)/python -m tests.desktop.attacks $(ARGS)

review: setup-test ## the findings of the old schema's review, each with the tests that prove its answer
	@$(BIN)/python -m tests.review

prove-plans: setup ## ask the named queries of 100,000 seeded children, and look which index each uses
	@$(BIN)/python -m benchmarks.plans $(ARGS)

prove-crash: setup ## kill workstations and server at work, fail every call of a save once: nothing lost, doubled, torn
	@$(BIN)/python -m tests.proofs.faults
	@WC_INSTANTS=48 $(PYTEST) -q tests/desktop/removing
	@$(BIN)/python -m tests.proofs.crash --kills $(KILLS) --server-kills $(SERVER_KILLS) $(ARGS)

schema: ## draw docs/schema anew from the tables
	@$(BIN)/wc-sync-server db pictures docs/schema

check-dependencies: setup ## known vulnerabilities of every pinned release (pip-audit; asks a service on the network)
	@$(BIN)/python packaging/check_dependencies.py $(ARGS)

lock: ## write packaging/locks anew from pyproject.toml (UPGRADE=--upgrade for newer releases)
	@$(COMPILE) $(UPGRADE) --all-extras --group dev --output-file packaging/locks/all.txt
	@$(COMPILE) $(UPGRADE) --extra desktop --constraint packaging/locks/all.txt --output-file packaging/locks/desktop.txt
	@$(COMPILE) $(UPGRADE) --extra server --constraint packaging/locks/all.txt --output-file packaging/locks/server.txt

format: ## let ruff format and fix
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix .

clean: ## delete what make made: demo data, environment, caches
	@if [ -x $(BIN)/wc-sync-server ]; then $(BIN)/wc-sync-server demo --reset; fi
	@rm -rf .venv .demo .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage* dist build
	@find src tests packaging benchmarks migrations -name __pycache__ -type d -prune -exec rm -rf {} +

setup-test:
	@$(BOOTSTRAP) --for test
