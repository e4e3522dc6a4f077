# Two commands do everything on a fresh machine with python3 and venv:
#   make nightly   environment, sample data, the nightly job, where the report is
#   make test      environment, style, types, tests
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
AS_OF ?= 2026-10-31
SOURCE ?= data/sample
OUT ?= out
# Of the tests: make test COV="--cov=sorg_risk --cov-branch --cov-report=term:skip-covered"
COV ?=

# What test-fast leaves out: whole nights, servers, notebooks, and whatever starts other processes.
SLOW := tests/nightly tests/cli tests/contract tests/upgrade tests/test_readme.py tests/records/test_databases.py

.PHONY: help nightly test test-fast lint fix types tests model sample docs lock clean

help:  ## What there is to make
	@grep -hE '^[a-z-]+:.*  ## ' $(MAKEFILE_LIST) | sort | sed -E 's/:.*  ## /|/' | while IFS='|' read -r name text; do printf '%-10s %s\n' "$$name" "$$text"; done

nightly: $(VENV)/.lock  ## The nightly job over SOURCE as of AS_OF into OUT; prints where the report is
	$(PY) -m sorg_risk nightly $(SOURCE) --as-of $(AS_OF) --out $(OUT)
	@echo "report: $(OUT)/$$(cat $(OUT)/CURRENT)/report.html"

test: lint types tests  ## Style, types, all tests, notebooks

lint: $(VENV)/.lock  ## Style
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

fix: $(VENV)/.lock  ## Style, mended where it can be
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

types: $(VENV)/.lock  ## Types
	$(VENV)/bin/mypy

tests: $(VENV)/.lock  ## All tests and the notebooks
	$(PY) -m pytest -n 2 --dist loadfile -q $(COV)
	$(PY) -m pytest --nbmake --nbmake-timeout=600 -q notebooks/*.ipynb $(if $(SORG_RISK_DATA),notebooks/us_nonprofits/*.ipynb)

test-fast: $(VENV)/.lock  ## Units and properties only: no servers, no whole nights, no notebooks
	$(PY) -m pytest -n 2 --dist loadfile -q $(addprefix --ignore=,$(SLOW)) tests

sample: $(VENV)/.lock  ## The simulated registry in data/sample anew
	$(PY) -m sorg_risk simulate --orgs 300 --seed 7 --out data/sample

model: $(VENV)/.lock  ## The shipped model anew, from a simulated registry
	$(PY) -m sorg_risk simulate --orgs 3000 --seed 11 --out build/registry
	$(PY) -m sorg_risk train build/registry --from 2018-10-31 --to 2024-10-31 --out sorg_risk/models/default

docs: $(VENV)/.lock  ## Generated pages: rulebook, catalogue of features
	$(PY) -m sorg_risk.law.page
	$(PY) -m sorg_risk.features.page > docs/catalogue.md

# The stamp holds the lock's digest: the environment is made again when the lock changes, and only then.
$(VENV)/.lock: requirements.lock
	@if [ "$$(cat $(VENV)/.lock 2>/dev/null)" != "$$(cksum < requirements.lock)" ]; then \
	  $(PYTHON) -m venv $(VENV) && \
	  $(PY) -m pip install --quiet --disable-pip-version-check --only-binary :all: --no-deps --require-hashes -r requirements.lock && \
	  $(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . && \
	  cksum < requirements.lock > $(VENV)/.lock; \
	else touch $(VENV)/.lock; fi

lock: $(VENV)/.lock  ## requirements.lock anew from setup.cfg, with hashes and without addresses (needs uv)
	printf 'setuptools>=77\nwheel\n' | uv pip compile setup.cfg - --extra test --extra notebook --extra postgres --extra sign --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --output-file requirements.lock

clean:  ## Remove the environment and whatever was built
	rm -rf $(VENV) $(OUT) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
