# Two commands are enough: `make run` and `make test`. Each works alone on a fresh machine with Python 3.11 or newer.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A city is nine processes and the tests start a hundred: each would compile the program anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup web run test check sweep faults servers pictures openapi clean

setup: $(VENV)/.done

$(VENV)/.done: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Anbu needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@echo "Compiling the engine's loops, once."
	$(BIN)/python -c 'from anomaly.engine import Engine; Engine([]).ready()'
	touch $@

# The console. Without Node the city runs all the same, and its page says what is missing.
NODE_SAYS := node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null
WEB_FILES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' -not -name schema.d.ts)

web: web/dist/.done

web/dist/.done: $(WEB_FILES) docs/openapi.json
	@if $(NODE_SAYS); then \
	  echo "Building the console." && cd web && npm ci --silent && npm run --silent build && touch dist/.done; \
	else \
	  echo "The console needs Node.js 20.19 or newer with npm (Debian: apt-get install nodejs npm). Going on without it."; \
	fi

run: setup web
	$(BIN)/anbu demo

# What the tests need beside Python: installed where we may, else the tests that need it say that they are skipped.
servers:
	@bash tests/install-servers.sh

# Most tests wait for real programs: four processes keep two cores busy.
test: setup servers web
	$(BIN)/pytest -m "not long" -n 4 --dist worksteal --ignore tests/house_rules

sweep: setup servers
	$(BIN)/pytest -m long
	$(BIN)/pytest -m "not long" --hypothesis-profile sweep tests/laws

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
	@if $(NODE_SAYS); then cd web && npm ci --silent && npm run --silent check; \
	else echo "Not checked, for want of Node.js 20.19: the console in web/."; fi

# The pictures of the README, from a running city.
pictures: setup servers web
	ANBU_PICTURES=docs/console $(BIN)/pytest tests/browser/test_pictures.py

openapi: setup
	$(BIN)/python -m api.app > docs/openapi.json

clean:
	rm -rf $(VENV) .data build *.egg-info web/dist web/node_modules
