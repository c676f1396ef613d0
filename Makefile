# Everything runs in .venv, which the first target that needs it makes from the pinned requirements.
# `make help` lists the targets; `make demo PYTHON=python3.12` chooses the interpreter.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
TESTS ?= tests
MINUTES ?= 30
# In a process of its own: it shares no environment and no thread with what other tests have loaded.
WINDOW_TESTS := tests/component/test_window.py
# Two processes, each with whole files: what a file sets up for all its tests is set up once.
SIDE_BY_SIDE := -n 2 --dist loadfile

# A stamp is named by what the requirements say: new content installs again, a new date does not.
sum = $(shell cat $(1) 2>/dev/null | cksum | cut -d ' ' -f 1)
RUN_FILES := requirements.txt requirements-cpu.txt constraints.txt
RUN_STAMP := $(VENV)/.run-$(call sum,$(RUN_FILES))
DEV_STAMP := $(VENV)/.dev-$(call sum,$(RUN_FILES) requirements-dev.txt)

.DEFAULT_GOAL := help
.PHONY: help demo test servers check lint types format docs bench bench-gpu soak serve clean
.NOTPARALLEL:
.DELETE_ON_ERROR:

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

demo: $(RUN_STAMP) ## Set up, track the built-in scene, say where the results are
	$(PY) main.py demo

test: $(DEV_STAMP) ## Set up and run the tests (TESTS=tests/unit for a part)
ifeq ($(TESTS),tests)
	$(PY) -m pytest -q $(WINDOW_TESTS)
	$(PY) -m pytest -q --durations=10 $(SIDE_BY_SIDE) -m 'not servers' --ignore=$(WINDOW_TESTS) $(TESTS)
else
	$(PY) -m pytest -q --durations=10 $(TESTS)
endif

check: lint types test servers ## What CI runs: lint, types, tests, tests with servers

servers: $(DEV_STAMP) ## Run the tests that need servers of other programs, as far as these are installed
	$(PY) -m pytest -q --durations=10 -m servers --ignore=tests/browser tests
	$(PY) -m pytest -q --durations=10 -m servers $(SIDE_BY_SIDE) tests/browser

lint: $(DEV_STAMP) ## Look for mistakes and untidy formatting
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: $(DEV_STAMP) ## Check the types
	$(PY) -m mypy .

format: $(DEV_STAMP) ## Tidy the formatting
	$(PY) -m ruff check --fix-only --quiet .
	$(PY) -m ruff format .

docs: $(RUN_STAMP) ## Write docs/configuration.md anew from config.py
	$(PY) docs/render_configuration.py > docs/configuration.md.new
	mv docs/configuration.md.new docs/configuration.md

bench: $(RUN_STAMP) ## Measure speed on this machine: a quarter of an hour, nothing else beside
	$(PY) -m benchmarks

bench-gpu: $(RUN_STAMP) ## The same on CUDA, once: under five minutes
	$(PY) -m benchmarks --runs 1 --device cuda --json build/bench-gpu.json

soak: $(DEV_STAMP) ## Run the service for half an hour and kill cameras and viewers (MINUTES=2 for less)
	$(PY) -m benchmarks.soak --minutes $(MINUTES)

serve: $(RUN_STAMP) ## Run the API on http://localhost:8000
	$(PY) app.py

clean: ## Remove .venv, caches and the demo's results; weights stay
	rm -rf $(VENV) build demo .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: '$(PYTHON)' is missing or older than Python 3.11; name another: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "make: '$(PYTHON)' cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): $(PY)
	@echo "Installing the requirements into $(VENV): once, some minutes, about 6 GB (most of it is CUDA for torch)."
	$(PIP) install --quiet -r requirements.txt
	@rm -f $(VENV)/.run-*
	@touch $@

$(DEV_STAMP): $(RUN_STAMP)
	$(PIP) install --quiet -r requirements-dev.txt
	@rm -f $(VENV)/.dev-*
	@touch $@
