# Needs Python 3.11 or newer and git. `make help` lists the targets.
# PYTHON=/path/to/python chooses the interpreter; VENV=dir the environment.

VENV ?= .venv
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
BASE := $(VENV)/.stamp-base
DEV := $(VENV)/.stamp-dev
BENCH := $(VENV)/.stamp-bench
PARSER := tests/asyncapi/node_modules/.stamp
ARGS ?=

# Tests run hundreds of commands; not each of them shall compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help venv system rehearse test lint types imports pytest guide interface explore findings pictures docs bench golden soak

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

$(VENV)/pyvenv.cfg:
	@test -n "$(PYTHON)" || { \
	  echo "cscsim needs Python 3.11 or newer; install it, or name one: make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is not Python 3.11 or newer; name another: make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments: its venv or ensurepip module is missing."; \
	  echo "Debian, Ubuntu:  sudo apt install python3-venv"; \
	  echo "elsewhere: install a full Python and name it: make PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(BASE): pyproject.toml | $(VENV)/pyvenv.cfg
	$(PIP) -e .
	@touch $@

$(DEV): pyproject.toml | $(VENV)/pyvenv.cfg
	$(PIP) -e '.[dev,docs]'
	@touch $@ $(BASE)

$(BENCH): pyproject.toml $(DEV)
	$(PIP) -e '.[bench]'
	@touch $@

venv: $(DEV) ## create the environment with all tools

$(PARSER): tests/asyncapi/package-lock.json
	@command -v npm >/dev/null || { \
	  command -v apt-get >/dev/null || { echo "install Node.js 18 or newer and npm, which run AsyncAPI's parser"; exit 1; }; \
	  sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	  $$sudo apt-get update -qq && $$sudo apt-get install -qq --yes --no-install-recommends nodejs npm; }
	@node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' || { \
	  echo "AsyncAPI's parser needs Node.js 18 or newer, not $$(node --version)"; exit 1; }
	cd $(<D) && npm ci --silent
	@touch $@

system: $(PARSER) ## install what tests use beside Python: Graphviz, mosquitto, Chromium (Debian), AsyncAPI's parser
	@PATH="$$PATH:/usr/sbin:/usr/local/sbin"; missing=; \
	command -v dot >/dev/null || missing="$$missing graphviz"; \
	command -v mosquitto >/dev/null || missing="$$missing mosquitto"; \
	command -v mosquitto_pub >/dev/null || missing="$$missing mosquitto-clients"; \
	{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null || missing="$$missing chromium"; \
	test -z "$$missing" || { \
	  command -v apt-get >/dev/null || { echo "install, so that their programs are on the PATH:$$missing"; exit 1; }; \
	  sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	  $$sudo apt-get update -qq && $$sudo apt-get install -qq --yes --no-install-recommends $$missing; }

rehearse: $(BASE) ## rehearse the weekly calibrations
	$(BIN)/cscsim rehearse weekly --seed 1 --yes $(ARGS)

test: $(DEV) ## everything a change must pass
	$(MAKE) --no-print-directory --jobs 2 lint types imports docs
	$(MAKE) --no-print-directory pytest

lint: $(DEV) ## check format and style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(DEV) ## check types
	$(BIN)/mypy

imports: $(DEV) ## check that imports point one way
	$(BIN)/lint-imports

pytest: $(DEV) ## run the tests; ARGS='-k dome' chooses
	$(BIN)/python -m pytest -m 'not benchmark' -n auto --dist worksteal --durations 40 --durations-min 5 $(ARGS)

guide: $(DEV) ## construct all calibrations at full size as the guide tells: half an hour, 20 GB; ARGS=--small
	$(BIN)/python -m tests.docs.guide $(ARGS)

interface: $(DEV) ## hold the data sheets against the observatory's interface, and count what is there
	CSCSIM_OBSERVATORY_DATA=required $(BIN)/python -m pytest -q tests/csc/interface $(ARGS)
	$(BIN)/python -m tests.csc.interface

explore: $(DEV) ## explore every component with its faults, and write what was found into the docs
	PYTHONPATH=docs/_ext $(BIN)/python -m explored_machines

findings: $(DEV) ## try every fault in the calibration procedures, and write which nobody notices into the docs
	PYTHONPATH=docs/_ext $(BIN)/python -m silent_faults

pictures: $(DEV) ## take the pictures of the console for the docs, in Chromium; look at them
	$(BIN)/python -m tests.browser.pictures

docs: $(DEV) ## build docs/_build/html, warnings are errors
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

bench: $(BENCH) ## measure, side by side with peers
	$(BIN)/python -m benchmarks $(ARGS)

soak: $(DEV) ## play 20 000 programmes on every component, hold 3000 checks against rehearsals, hurt the bus over MQTT; ARGS='--examples 2000 ATDome' chooses
	$(BIN)/python -m tests.soundness.soak $(ARGS)
	$(if $(ARGS),,$(BIN)/python -m tests.mqtt.soak)

golden: $(DEV) ## rewrite the golden files; review the diff
	$(BIN)/python -m pytest -q tests --rewrite-golden $(ARGS)
