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

.PHONY: nightly test lint types tests model sample docs clean

nightly: $(VENV)/.lock
	$(PY) -m sorg_risk nightly $(SOURCE) --as-of $(AS_OF) --out $(OUT)
	@echo "report: $(OUT)/$$(cat $(OUT)/CURRENT)/report.html"

test: lint types tests

lint: $(VENV)/.lock
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(VENV)/.lock
	$(VENV)/bin/mypy

tests: $(VENV)/.lock
	$(PY) -m pytest -n 2 --dist loadfile -q $(COV)
	$(PY) -m pytest --nbmake --nbmake-timeout=600 -q notebooks/*.ipynb $(if $(SORG_RISK_DATA),notebooks/us_nonprofits/*.ipynb)

sample: $(VENV)/.lock
	$(PY) -m sorg_risk simulate --orgs 300 --seed 7 --out data/sample

model: $(VENV)/.lock
	$(PY) -m sorg_risk simulate --orgs 3000 --seed 11 --out build/registry
	$(PY) -m sorg_risk train build/registry --from 2018-10-31 --to 2024-10-31 --out sorg_risk/models/default

docs: $(VENV)/.lock
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

clean:
	rm -rf $(VENV) $(OUT) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
