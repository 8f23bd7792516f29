# Everything happens in .venv, made on first use from constraints.txt and constraints-dev.txt (versions and hashes).
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help demo test coverage lint type bench reliability accept docs container constraints clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

.venv/installed: pyproject.toml constraints.txt constraints-dev.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
	  -r constraints.txt -r constraints-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: .venv/installed  ## run everything against an invented newspaper; no network, no configuration
	$(BIN)/presswatch demo

test: .venv/installed  ## every test, on all cores
	$(BIN)/pytest -n auto --dist worksteal

coverage: .venv/installed  ## the same, and which lines and branches no test came by; takes half as long again
	$(BIN)/pytest -n auto --dist worksteal --cov --cov-report=term:skip-covered

lint: .venv/installed  ## style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

type: .venv/installed  ## types
	$(BIN)/mypy

bench: .venv/installed  ## quality and speed on real pages (benchmarks/replay.py says which)
	$(BIN)/python benchmarks/replay.py

reliability: .venv/installed  ## a simulated quarter, two hundred kills, a thousand hosts (docs/reliability.md)
	$(BIN)/python benchmarks/quarter.py --full
	$(BIN)/python benchmarks/kills.py
	$(BIN)/python benchmarks/hosts.py

accept: .venv/installed  ## rewrite the expected files of golden tests; read the diff
	PRESSWATCH_ACCEPT=1 $(BIN)/pytest -q

docs: .venv/installed  ## rewrite the generated parts of the documentation
	$(BIN)/python docs/generate.py

container:  ## build and run the image with buildah
	tests/container.sh

# What runs is pinned apart from what develops it: the image has no developer tools. Without --upgrade versions stay.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-emit-find-links --no-annotate --no-header
constraints:  ## pin the newest versions that fit (needs uv)
	$(COMPILE) --upgrade pyproject.toml --output-file constraints.txt
	$(COMPILE) --upgrade --group dev --constraint constraints.txt --output-file constraints-dev.txt

clean:
	rm -rf .venv build dist .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
