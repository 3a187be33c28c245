# Workbee: make run serves a demo, make test runs every check and test. `make help` lists the rest.

PYTHON ?=
PORT ?=
HOST ?=
DATA ?=

VENV := .venv$(if $(PYTHON),-$(notdir $(PYTHON)))
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
# uv takes a quarter of pip's time; pip, which knows the machine's own settings, does it where uv cannot.
install = $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python $(1) 2> /dev/null || $(PIP) $(1)
# Where the system has npm, the front end is built with it; elsewhere npm comes as a Python package.
NODE := $(if $(shell command -v node && command -v npm),,node)
LOCKS := $(foreach name,run dev node,requirements/$(name).txt)
# The versions of requirements/, checked by their hashes, and Workbee itself from this folder.
install-locked = $(call install,--require-hashes $(foreach name,$(1) $(NODE),-r requirements/$(name).txt)) \
	&& $(call install,--no-deps --no-build-isolation --editable .)
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	--custom-compile-command 'make lock' $(UPGRADE)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help install install-dev assets tools browser run test test-slow coverage check fmt lock bench

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  PYTHON=python3.13 chooses a Python, PORT, HOST and DATA where and on which folder to run."

install: $(VENV)/.installed assets ## Make the virtual environment and install Workbee into it

install-dev: tools assets ## The same with the tools for checks and tests

run: install ## Serve a demo at http://localhost:5000; the data stays in ./var
	@exec $(BIN)/workbee up --demo --with-parent $(if $(PORT),--port $(PORT)) $(if $(HOST),--host $(HOST)) $(if $(DATA),--data $(DATA))

test: install-dev browser check ## Checks, unit tests of the scripts, tests on a real PostgreSQL and Redis, tests in a browser
	$(BIN)/python -m tests.support.scripts test
	$(BIN)/python -m pytest -n 2 tests --every-route
	$(BIN)/python -m pytest -n 2 playwright

test-slow: install-dev browser ## The long tests, and the cases of browser tests that `test` leaves out
	$(BIN)/python -m pytest -m slow -n 2 tests
	$(BIN)/python -m pytest -m slow -n 2 playwright

coverage: install-dev ## How much of the code, and of its branches, the tests run
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 2 tests
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

check: tools ## Format, lint and types of Python and scripts, import layers, packages, templates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry . --no-ansi
	$(BIN)/djlint --quiet --lint webapp/templates
	$(BIN)/python -m tests.support.scripts check

fmt: $(VENV)/.installed-dev ## Bring the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format --quiet .

lock: $(VENV)/.made ## Pin the packages that pyproject.toml asks for; UPGRADE=--upgrade takes their newest versions
	$(BIN)/$(LOCK) pyproject.toml --group build --group fonts --output-file requirements/run.txt
	$(BIN)/$(LOCK) pyproject.toml --group build --group fonts --extra dev --constraints requirements/run.txt --output-file requirements/dev.txt
	$(BIN)/$(LOCK) --group node --output-file requirements/node.txt

bench: install-dev ## Measure, as benchmarks/README.md describes
	$(BIN)/python -m benchmarks

assets: $(VENV)/.installed
	@$(BIN)/python -m webapp.runtime.assets

tools: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.support.scripts install

browser: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.support.browser

$(VENV)/.installed: pyproject.toml $(LOCKS) | $(VENV)/.made
	@echo 'Installing Workbee into $(VENV)'
	@$(call install-locked,run)
	@touch $@

$(VENV)/.installed-dev: pyproject.toml $(LOCKS) | $(VENV)/.made
	@echo 'Installing Workbee into $(VENV)'
	@$(call install-locked,dev)
	@touch $@ $(VENV)/.installed

# A Python by name, by what pyenv keeps under that name, or the newest that there is.
$(VENV)/.made:
	@wanted='$(PYTHON)'; \
	for python in $${wanted:-python3 python3.14 python3.13 python3.12 python3.11} \
	    "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/$${wanted#python}*/bin/python; do \
	  if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then found="$$python"; break; fi; \
	done; \
	[ -n "$$found" ] || { echo "Workbee needs Python 3.11 or newer with venv (Debian: python3-venv)." >&2; exit 1; }; \
	$(BIN)/python -m pip --version > /dev/null 2>&1 || "$$found" -m venv --clear $(VENV)
	@$(PIP) uv 2> /dev/null || true
	@touch $@

