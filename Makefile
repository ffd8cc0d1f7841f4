# Novo: `make run` sells a Bible on this machine; `make test` proves that it does.
UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
RUN := $(UV) run --no-sync
# A worker a core, and each file on one of them. One file alone is quicker without: `pytest FILE`.
WHOLE_SUITE := pytest --numprocesses logical --maxprocesses 4 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help run test check format bench evals docs install install-dev

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: install ## Install what is missing, start everything, print one address
	@$(RUN) novo serve

test: install-dev ## The whole suite, with real parts and no network
	@$(RUN) $(WHOLE_SUITE)

check: install-dev ## Format, lint, types, import contracts and tests
	@$(RUN) ruff format --check .
	@$(RUN) ruff check .
	@$(RUN) basedpyright
	@$(RUN) lint-imports
	@$(RUN) $(WHOLE_SUITE)

format: install-dev ## Put the code into its one format and mend what can be mended
	@$(RUN) ruff format .
	@$(RUN) ruff check --fix .

evals: install-dev ## The seller's scripted conversations, scored
	@$(RUN) novo evals

bench: install-dev ## Speed, as ratios measured side by side
	@$(RUN) python -m bench

docs: install-dev ## Write the generated parts of the documentation anew
	@$(RUN) python -m docs.generate

# Compiled at once: a later start takes half the time, also where nothing may be written beside the sources.
install: .venv/.run
install-dev: .venv/.dev

.venv/.run: pyproject.toml uv.lock | $(UV)
	@$(UV) sync --quiet --frozen --compile-bytecode --no-dev --inexact
	@$(RUN) novo understand train
	@touch $@

.venv/.dev: pyproject.toml uv.lock | $(UV)
	@$(UV) sync --quiet --frozen --compile-bytecode --extra evals
	@$(RUN) novo understand train
	@touch $@ .venv/.run

.uv/bin/uv:
	@python3 -m venv .uv
	@.uv/bin/pip install --quiet uv
