# Two commands for users: `make report` and `make test`. The rest is for work on the project.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: report test lint types doctest hostile benchmark evidence example-runs readme clean

report: $(VENV)/installed
	@$(BIN)/eigenscale report --output report

test: $(VENV)/installed-test
	$(BIN)/python -m pytest -n 2

lint: $(VENV)/installed-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/python scripts/house_tree.py --check

types: $(VENV)/installed-lint
	$(BIN)/mypy

doctest: $(VENV)/installed-test
	$(BIN)/python -m pytest -n 2 --doctest-modules --doctest-glob='*.md' src README.md

hostile: $(VENV)/installed-test
	$(BIN)/python tests/hostile/campaign.py --calls $(or $(CALLS),1500)

benchmark: $(VENV)/installed-test
	$(PIP) --group benchmark
	$(BIN)/python -m pytest benchmarks

evidence: $(VENV)/installed-test
	$(PIP) --group benchmark
	$(BIN)/python benchmarks/peers.py
	$(BIN)/python benchmarks/approaches.py
	$(BIN)/python benchmarks/multipliers.py
	$(BIN)/python benchmarks/extrapolation.py --peers
	$(BIN)/python benchmarks/coverage.py
	$(BIN)/python benchmarks/coverage.py --narrow

example-runs: $(VENV)/installed
	$(BIN)/python scripts/example_runs.py

readme: $(VENV)/installed
	$(BIN)/eigenscale report --output report
	cp report/fitted-law.png report/approaches.png docs/images
	$(BIN)/python scripts/house_tree.py

clean:
	rm -rf $(VENV) report

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "error: Python %d.%d is too old; eigenscale needs 3.11 or newer: make PYTHON=python3.11" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade pip
	$(PIP) --editable .
	touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(PIP) --group test
	touch $@

$(VENV)/installed-lint: $(VENV)/installed-test
	$(PIP) --group lint
	touch $@
