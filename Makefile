# Two commands are enough: `make run` and `make test`. Each works alone on a fresh machine with Python 3.11 or newer.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup run test check sweep faults servers openapi clean

setup: $(VENV)/.done

$(VENV)/.done: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Anbu needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@echo "Compiling the engine's loops, once."
	$(BIN)/python -c 'from anomaly.engine import Engine; Engine([]).ready()'
	touch $@

run: setup
	$(BIN)/anbu demo

# What the tests need beside Python: installed where we may, else the tests that need it say that they are skipped.
servers:
	@bash tests/install-servers.sh

# Most tests wait for real programs: three processes keep two cores busy.
test: setup servers
	$(BIN)/pytest -m "not long" -n 3 --dist worksteal --ignore tests/house_rules

sweep: setup servers
	$(BIN)/pytest -m long

# Each fault as often as docs/faults.md says, which it writes anew: some hours. `make test` plays a sample of some rows.
faults: setup servers
	-$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev,faults]'
	$(BIN)/python -m tests.faults --write

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest tests/house_rules

openapi: setup
	$(BIN)/python -m api.app > docs/openapi.json

clean:
	rm -rf $(VENV) .data build *.egg-info
