# make help lists the commands. Each sets itself up: a venv in .venv with the versions of constraints.txt.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
ORACLE := .venv-pr-agent/.installed
export OMP_NUM_THREADS ?= 1
export TOKENIZERS_PARALLELISM = false
export HF_HUB_OFFLINE = 1

.PHONY: help setup check fix test test-slow demo readme bench curate-pictures clean
help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## make .venv and install pullsmith with all its extras and what the tests need
$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[train,serve,curate,anthropic,github,discover,languages,tokens,slurm,dev]'
	@touch $(STAMP)

check: $(STAMP) ## lint, formatting, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fix: $(STAMP) ## what lint and formatting can mend by themselves
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(ORACLE): tests/oracle/requirements.txt
	test -x .venv-pr-agent/bin/python || $(PYTHON) -m venv .venv-pr-agent
	.venv-pr-agent/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r $<
	@touch $(ORACLE)

test: $(STAMP) $(ORACLE) ## the tests, with coverage; under ten minutes on two cores
	$(BIN)/python -m pytest -n 4 -m "not slow" --cov --cov-report=term:skip-covered --cov-fail-under=80

test-slow: $(STAMP) $(ORACLE) ## the tests that take minutes: kill -9, the wheel in a bare environment, PR-Agent on a served student
	$(BIN)/python -m pytest -m slow -n 2

demo: $(STAMP) ## the embedded study: no key, no download, three to six minutes on two cores
	$(BIN)/pullsmith demo

STUDY ?= pullsmith-demo/demo.toml
readme: $(STAMP) ## README's picture and board from a run that is done: make readme STUDY=pullsmith-demo/demo.toml
	$(BIN)/pullsmith report $(STUDY) --picture docs/board.svg
	$(BIN)/python bench/readme.py $(STUDY) --picture docs/board.svg

bench: $(STAMP) $(ORACLE) ## every benchmark, against its peer and its floor; rewrites docs/benchmarks.md
	$(BIN)/python bench/all.py

curate-pictures: $(STAMP) ## the pictures of docs/curate.md, made anew in Debian's chromium
	$(BIN)/python -m tests.curate.pictures docs/pictures

clean: ## remove what the commands above made
	rm -rf .venv .venv-pr-agent .mypy_cache .ruff_cache .pytest_cache .coverage .coverage.* dist pullsmith-demo
