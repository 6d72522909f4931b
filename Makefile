# Two commands on a fresh machine (Python 3.11+, pip, make): `make brief` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     ?= uv
export SERAI_HOME ?= $(CURDIR)/.serai

.PHONY: brief test check lock pack clean help

help:            ## this list
	@grep -hE '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/'

$(VENV)/.runtime: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --disable-pip-version-check -q --require-hashes -r requirements.lock
	$(BIN)/pip install --disable-pip-version-check -q --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(BIN)/pip install --disable-pip-version-check -q --require-hashes -r requirements-dev.lock
	touch $@

brief: $(VENV)/.runtime      ## the main job: out/index.html, out/brief.pdf, out/data/
	$(BIN)/serai brief --out out

test: $(VENV)/.dev           ## the tests (browser tests where Chromium is found)
	$(BIN)/pytest -n 2 -q

check: $(VENV)/.dev          ## lint, types, direction of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock:            ## compile the pinned requirements (needs uv)
	$(UV) pip compile --universal --no-header --generate-hashes --python-version 3.11 pyproject.toml scripts/build-requirements.in -o requirements.lock
	$(UV) pip compile --universal --no-header --generate-hashes --python-version 3.11 --extra dev pyproject.toml scripts/build-requirements.in -o requirements-dev.lock

clean:           ## remove the virtual environment, the lake and the output
	rm -rf $(VENV) .serai out
