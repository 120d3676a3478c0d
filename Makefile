# Needs make and Python >= 3.11; everything else is installed into $(VENV).
#
#   make demo         install, build the pages, serve three demo arenas   (ARGS="--port 8001")
#   make check        the fast part of the tests, with linters and types
#   make test         everything but the slow simulations
#   make test-clients only those with programs of others against the gateway
#   make test-slow    those: long simulations, kill -9 under load
#   make bench        the performance runs of benchmarks/                 (BENCH="bench_startup")
#   make bench-ranking  ranking beside arena-rank, FastChat, evalica, choix (ARGS="--scale 0.1")
#   make bench-gateway  the gateway beside vllm-router, LiteLLM, FastChat  (ARGS="--rounds 5")
#   make docs         regenerate docs/api.md, commands.md and the README's tables, then run every code block
#   make front        build frontend/ into the package, if it changed
#   make dist         wheel and sdist in dist/
#   make lock         take the newest versions that pyproject.toml allows into constraints.txt
#   make clean        remove what was built; `make distclean` removes $(VENV) and node_modules too

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.14 python3.11 python; do \
	$$p -c '$(NEW_ENOUGH)' >/dev/null 2>&1 && { echo $$p; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=
BENCH ?=
PYTEST ?= $(BIN)/python -m pytest
# `make INSTALLER=pip` does without uv, which installs the same packages in a quarter of the time.
INSTALLER ?= uv
# `make CONSTRAINTS=` takes the newest versions that pyproject.toml allows instead of the tested ones.
CONSTRAINTS ?= -c constraints.txt

BENCH_VENV ?= .venv-bench
GATEWAY_VENV ?= .venv-bench-gateway
BENCH_PIP = $(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check
CLIENTS_VENV ?= .venv-clients
FASTCHAT := https://raw.githubusercontent.com/lm-sys/FastChat/2bdb2e0cf988821ecd40cdb6db40e5e01efe7c85/fastchat/serve/monitor/rating_systems.py

UV = $(BIN)/python -m uv pip install --quiet --compile-bytecode --python $(BIN)/python
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
install = @echo "installing $(2)" && \
	{ [ "$(INSTALLER)" = uv ] && $(BIN)/python -m uv --version >/dev/null 2>&1 && $(UV) $(1); } \
	|| $(PIP) $(1)

FAST := not slow and not browser and not engine and not postgres and not build and not clients
HEAVY := not slow and (browser or engine or postgres or build or clients)
# The fast tests mostly wait or use one core. Those in the browser mostly wait too, one by one, beside
# those that need a database, an engine or a build, one by one.
TWICE := -n 2 --dist loadfile
GROUPS := -n 2 --dist loadgroup

.PHONY: help demo check test test-clients test-slow bench bench-ranking bench-gateway docs front front-check lint dist lock clean distclean

help:
	@sed -n '/^#   make/s/^#   //p' Makefile

$(VENV)/.made:
	@[ -n "$(PYTHON)" ] || { echo "error: BlindArena needs Python >= 3.11 and none was found;" \
		"install one, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c '$(NEW_ENOUGH)' || { echo "error: BlindArena needs Python >= 3.11, but" \
		"$(PYTHON) is $$($(PYTHON) --version 2>&1); name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "error: $(PYTHON) has no venv module;" \
		"on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "creating $(VENV) with $$($(PYTHON) --version)"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	@$(PIP) --upgrade 'pip>=25.1'
	@[ "$(INSTALLER)" != uv ] || $(PIP) 'uv>=0.8' || echo "uv is not to be had here: using pip" >&2
	@touch $@

# The pages are built by `make front`, only when they changed, not by each install.
$(VENV)/.app: export BLINDARENA_SKIP_FRONTEND = 1
$(VENV)/.app: $(VENV)/.made pyproject.toml hatch_build.py constraints.txt
	$(call install,$(CONSTRAINTS) -e '.[local]',BlindArena)
	@touch $@

$(VENV)/.dev: $(VENV)/.app
	$(call install,$(CONSTRAINTS) --group dev,the tools for tests and checks)
	@touch $@

front: $(VENV)/.app
	@node="$$($(BIN)/python scripts/frontend.py --node)"; [ -z "$$node" ] || $(PIP) "$$node"
	@$(BIN)/python scripts/frontend.py

demo: front
	@$(BIN)/blindarena demo $(ARGS) || [ $$? = 130 ]  # Ctrl-C is how one stops it

lint: $(VENV)/.dev
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports

front-check: front
	@$(BIN)/python scripts/frontend.py --npm run --silent check
	@$(BIN)/python scripts/frontend.py --npm test --silent

check: lint
	@if [ -d frontend/node_modules ]; then $(MAKE) --no-print-directory front-check; fi
	$(PYTEST) -q $(TWICE) -m '$(FAST)' $(ARGS)

test: lint front-check $(CLIENTS_VENV)/.made
	$(PYTEST) -q $(TWICE) -m '$(FAST)' $(ARGS)
	$(PYTEST) -q $(GROUPS) -m '$(HEAVY)' $(ARGS)

# Programs of others need versions that ours cannot live with: inspect_ai and pandas 3, for one.
$(CLIENTS_VENV)/.made: $(VENV)/.made pyproject.toml
	@echo "installing programs that use the gateway"
	@$(CLIENTS_VENV)/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(CLIENTS_VENV)
	@{ [ "$(INSTALLER)" = uv ] && $(BIN)/python -m uv pip install --quiet --compile-bytecode \
		--python $(CLIENTS_VENV)/bin/python --group clients; } \
		|| { $(CLIENTS_VENV)/bin/python -m pip install --quiet --upgrade 'pip>=25.1' \
		&& $(CLIENTS_VENV)/bin/python -m pip install --quiet --group clients; } \
		|| { rm -rf $(CLIENTS_VENV); echo "they cannot be had here: their tests are skipped" >&2; exit 0; }; \
		[ ! -d $(CLIENTS_VENV) ] || touch $@

test-clients: $(VENV)/.dev front $(CLIENTS_VENV)/.made
	$(PYTEST) -q -m 'clients' $(ARGS)

test-slow: $(VENV)/.dev front $(CLIENTS_VENV)/.made
	$(PYTEST) -m slow $(ARGS)

bench: $(VENV)/.dev front
	@for script in benchmarks/$(or $(BENCH),bench_*).py; do \
		[ "$$script" != benchmarks/bench_ranking.py ] || continue; \
		[ "$$script" != benchmarks/bench_gateway.py ] || continue; \
		echo "== $$script" && $(BIN)/python "$$script" $(ARGS); done
	@$(BIN)/python benchmarks/performance_page.py
	@$(BIN)/python scripts/readme_tables.py

# The other libraries stay out of the tests' environment. FastChat's ratings are in no package.
$(BENCH_VENV)/.made: $(VENV)/.made pyproject.toml
	@$(BENCH_VENV)/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(BENCH_VENV)
	@echo "installing the libraries to compare with"
	@$(BENCH_PIP) --upgrade 'pip>=25.1'
	@BLINDARENA_SKIP_FRONTEND=1 $(BENCH_PIP) -e . --group bench
	@[ -f $(BENCH_VENV)/rating_systems.py ] || curl -fsSL --max-time 30 $(FASTCHAT) \
		-o $(BENCH_VENV)/rating_systems.py || echo "no FastChat: cannot get $(FASTCHAT)" >&2
	@touch $@

bench-ranking: $(BENCH_VENV)/.made
	@$(BENCH_VENV)/bin/python benchmarks/bench_ranking.py $(ARGS)
	@$(BENCH_VENV)/bin/python benchmarks/performance_page.py
	@$(BENCH_VENV)/bin/python scripts/readme_tables.py

# Ours runs from $(VENV). FastChat's streams need pydantic 1, so it stands apart from the others.
$(GATEWAY_VENV)/.made: $(VENV)/.app
	@$(GATEWAY_VENV)/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(GATEWAY_VENV)
	@$(GATEWAY_VENV)/fastchat/bin/python -m pip --version >/dev/null 2>&1 \
		|| $(PYTHON) -m venv $(GATEWAY_VENV)/fastchat
	@echo "installing the gateways to compare with"
	@$(GATEWAY_VENV)/bin/python -m pip install --quiet --disable-pip-version-check \
		'litellm[proxy]==1.106.0' vllm-router==0.1.17
	@$(GATEWAY_VENV)/fastchat/bin/python -m pip install --quiet --disable-pip-version-check \
		fschat==0.2.36 pydantic==1.10.26 fastapi==0.115.14
	@touch $@

bench-gateway: $(GATEWAY_VENV)/.made
	@$(BIN)/python benchmarks/bench_gateway.py $(ARGS)
	@$(BIN)/python benchmarks/performance_page.py
	@$(BIN)/python scripts/readme_tables.py

docs: $(VENV)/.dev
	$(BIN)/python scripts/gen_api_docs.py
	$(BIN)/python scripts/gen_cli_docs.py
	$(BIN)/python scripts/gen_pii_docs.py
	$(BIN)/python benchmarks/performance_page.py
	$(BIN)/python scripts/readme_tables.py
	$(PYTEST) -q tests/test_docs.py

dist: $(VENV)/.dev
	rm -rf dist
	$(BIN)/python -m build --outdir dist
	@ls -l dist

lock: $(VENV)/.made
	@echo '# The versions that the tests run with, for make and CI; written by `make lock`.' \
		> constraints.txt
	@$(BIN)/python -m uv pip compile --quiet --upgrade --universal --python-version 3.11 --all-extras \
		--group pyproject.toml:dev --no-annotate --no-header pyproject.toml >> constraints.txt

clean:
	rm -rf dist src/blindarena/web/static .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache
	find src tests benchmarks scripts -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV) $(BENCH_VENV) $(CLIENTS_VENV) frontend/node_modules
