# From a clean checkout to a running city with python3 >= 3.11 and make alone. `make help` lists what there is.
# Everything is made once: .venv by uv from the lock file, the interface by node from the machine or from a wheel.

.NOTPARALLEL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help up test check bench clean environment interface
MAKEFLAGS += --no-print-directory

CITY ?= cities/ingolstadt
PORT ?=
ARGS ?=

VENV := .venv
RUN := $(VENV)/.synced-run
DEV := $(VENV)/.synced-dev
DIST := src/madang/web/dist/.vite/manifest.json
MODULES := frontend/node_modules/.package-lock.json
SOURCES := $(shell find frontend -type f -not -path 'frontend/node_modules/*' 2>/dev/null)
BIN := PATH="$(CURDIR)/$(VENV)/bin:$$PATH"
SYNC := UV_PROJECT_ENVIRONMENT=$(VENV) UV_PYTHON_DOWNLOADS=never $(VENV)/bin/uv sync --frozen --inexact --compile-bytecode --quiet --extra streets
COMPILE := printf '\033[2m· %s\033[0m\n' "the controller, compiled (half a minute, once)"; $(VENV)/bin/python -m compileall -q src/madang; \
  $(VENV)/bin/python -c "from madang.services.signals.plan import prepare; prepare()"
SAY := @printf '\033[2m· %s\033[0m\n'

help:            ## list what can be made
	@sed -n 's/^\([a-z]*\): .*## \(.*\)/make \1|\2/p; s/^\([a-z]*\): *## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  %-12s %s\n", $$1, $$2}'
	@echo "  variables    CITY=$(CITY)  PORT=…  ARGS=… (more options of 'madang up', or of pytest)"

up: $(RUN) $(DIST)   ## run a city and print its address (Ctrl-C ends it)
	@exec $(VENV)/bin/madang up $(CITY) $(if $(PORT),--port $(PORT)) $(ARGS)

test: $(DEV) $(DIST)   ## run every test that this machine can run
	@$(VENV)/bin/pytest -n 3 --dist loadgroup $(ARGS)

check: $(DEV) $(MODULES)   ## format, lint, types, import contracts
	$(SAY) "format and lint (ruff)"
	@$(VENV)/bin/ruff format --check --quiet . || { echo "run: .venv/bin/ruff format ."; exit 1; }
	@$(VENV)/bin/ruff check --quiet .
	$(SAY) "types (pyright, tsc)"
	@$(BIN) pyright --warnings
	@cd frontend && $(BIN) npm run --silent check
	$(SAY) "import contracts (import-linter)"
	@$(VENV)/bin/lint-imports --no-logo

# Those that need no argument and some minutes; the others (million, signals, anchor, airing, anonymising, page) by name: make bench BENCHES=million
BENCHES := serving identity reading notifying hub matching governing ledger deciding appraising

bench: $(DEV)   ## the benchmarks, beside a baseline of the same run
	@failed=0; for bench in $(BENCHES); do printf '\n== %s\n' "$$bench"; $(VENV)/bin/python tests/bench/$$bench.py || failed=1; done; exit $$failed

clean:           ## remove what was made; a city's data stays
	rm -rf $(VENV) frontend/node_modules src/madang/web/dist .build .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

environment: $(DEV)
interface: $(DIST)

$(VENV)/bin/uv:
	@python=; \
	for name in $${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do \
	  if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Madang needs Python 3.11 or newer; found: $$($${PYTHON:-python3} --version 2>&1 || true)"; \
	  echo "Install a newer one and run make again, or name it: PYTHON=/path/to/python3.12 make up"; exit 1; \
	fi; \
	printf '\033[2m· %s\033[0m\n' "environment: $(VENV), made by $$($$python --version)"; \
	$(VENV)/bin/python -m pip --version >/dev/null 2>&1 || $$python -m venv --clear $(VENV) || { rm -rf $(VENV); \
	  echo "$$python cannot make a virtual environment: install its venv part (Debian, Ubuntu: apt-get install python3-venv)"; exit 1; }; \
	$(VENV)/bin/python -m pip install --quiet --quiet --disable-pip-version-check "uv>=0.9" || { rm -rf $(VENV); \
	  echo "uv could not be installed: is a Python package index reachable from here?"; exit 1; }

# --compile-bytecode: the first start need not compile what it loads; COMPILE does the same for what is ours. --inexact: `make up` after `make test` takes nothing away, and uv stays where it is.
$(RUN): pyproject.toml uv.lock | $(VENV)/bin/uv
	$(SAY) "packages to run (about 300 MB the first time)"
	@$(SYNC) --no-dev
	@$(COMPILE)
	@touch $@

$(DEV): pyproject.toml uv.lock | $(VENV)/bin/uv
	$(SAY) "packages to run and to test"
	@$(SYNC)
	@$(COMPILE)
	@touch $@ $(RUN)

# Node 20.19 or newer from the machine, else from a wheel (then it stands in .venv/bin).
export NODE_OK := node -e "const [a, b] = process.versions.node.split('.').map(Number); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)"
$(MODULES): frontend/package.json frontend/package-lock.json | $(RUN)
	@$(BIN) sh -c "$$NODE_OK && npm --version >/dev/null" 2>/dev/null || { printf '\033[2m· %s\033[0m\n' "node, from a wheel: none here is new enough"; \
	  $(SYNC) --no-dev --group interface; }
	$(SAY) "the interface's packages"
	@cd frontend && $(BIN) npm ci --silent --no-audit --no-fund || { echo "the interface's packages could not be installed: is an npm registry reachable from here?"; exit 1; }

$(DIST): $(MODULES) $(SOURCES)
	$(SAY) "the interface"
	@cd frontend && $(BIN) npm run --silent build -- --logLevel warn
