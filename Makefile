# make run    set up everything and start the demo on http://127.0.0.1:8000
# make test   set up everything and run the tests
.DEFAULT_GOAL := help
PYTHON ?= python3
PORT   ?= 8000
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: help run test check soak bench model evaluate format clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@ $(VENV)/.runtime

run: $(VENV)/.runtime  ## set up everything and start the demo (PORT=8000)
	$(BIN)/feedback demo --port $(PORT)

test: $(VENV)/.dev  ## set up everything and run the tests on SQLite and PostgreSQL
	$(BIN)/python -m pytest $(PYTEST)

check: $(VENV)/.dev  ## format, lint, types, and the tests that read the project itself
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/unit/project

soak: $(VENV)/.dev  ## the long proofs: kills, load for a minute, many rows
	$(BIN)/python -m pytest --timeout 3600 tests/soak

bench: $(VENV)/.dev  ## measure against the floor app and print a table of ratios
	$(BIN)/python -m benchmarks $(BENCH)

model: $(VENV)/.runtime  ## learn the default tagger's weights anew from training/data
	$(BIN)/python -m training.train

evaluate: $(VENV)/.dev  ## measure the tagger on the labelled comments in DATA=folder, for docs/reference/tagger.md
	$(BIN)/python -m training.evaluate $(DATA)
	$(BIN)/python -m training.evaluate_personal
	FEEDBACK_LABELLED_COMMENTS=$(DATA) $(BIN)/python -m pytest tests/measured

format: $(VENV)/.dev  ## put the code into its format
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

clean:  ## remove the environment and caches; the data in instance/ stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
