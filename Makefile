.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed

# Each of the many processes of a demo or a test would otherwise compile the sources anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test dev check soak lock install clean

help: ## Show the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

install: $(INSTALLED) ## Create .venv from the lock file

# pip checks every hash; --no-deps because the lock already is the whole resolution.
$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

demo: $(INSTALLED) ## Run the main job on two feeds and three stores, in a scratch folder
	$(BIN)/zyenta-ops demo

test: $(INSTALLED) ## Run the tests
	$(BIN)/pytest -n auto

dev: $(INSTALLED) ## Open the Dagster UI at localhost:3000 with schedules and sensors running
	$(BIN)/zyenta-ops dev

check: $(INSTALLED) ## Lint, types, architecture, definitions, migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config setup.cfg
	DAGSTER_DISABLE_TELEMETRY=1 $(BIN)/dagster definitions validate -w workspace.yaml
	$(BIN)/zyenta-ops migrate --check

soak: $(INSTALLED) ## Look for new examples of properties, and kill everything, for some minutes
	$(BIN)/pytest -n auto --hypothesis-profile explore --timeout 1800 zyenta_ops_tests/domain zyenta_ops_tests/persistence/test_catalog_model.py zyenta_ops_tests/adapters/suppliers/feed/test_damage.py
	$(BIN)/pytest -n auto -m soak zyenta_ops_tests/fulfillment
	$(BIN)/pytest -m soak zyenta_ops_tests/journeys zyenta_ops_tests/cli

lock: ## Resolve requirements.lock anew (needs uv)
	UV_CUSTOM_COMPILE_COMMAND="make lock" uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-annotate -o requirements.lock

clean: ## Remove the virtual environment and all caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
