# 青巡 Qingxun. `make run` and `make test` do everything from a clean clone; `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
FAKE_PORT ?= 8010

.PHONY: help run install test test-tz lint format types docs-check bench lock jobs clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: install  ## demonstration: database, fictional province, stand-in server for pushes, then serve
	@$(BIN)/python -m bot init
	@$(BIN)/python -m bot demo
	@$(BIN)/python -m tests.fake_wechat --port $(FAKE_PORT) --callback http://127.0.0.1:8000/wechat/demo \
	  >var/fake-wechat.log 2>&1 & fake=$$!; \
	  trap 'kill $$fake 2>/dev/null' EXIT INT TERM; \
	  echo "推送演示（模拟微信收件箱）: http://127.0.0.1:$(FAKE_PORT)/"; \
	  $(BIN)/python -m bot serve

install: .venv/installed web/static/vendor/installed  ## virtual environment, pinned dependencies, front-end bundle
	@# many containers forbid Python to keep what it compiled: then every start would compile it all again
	@$(BIN)/python -m compileall -q bot monitor scoring web reports

.venv/installed: requirements.txt
	@test -d .venv || $(PYTHON) -m venv .venv
	@$(BIN)/python -c 'import sys; sys.exit("Python 3.11 or later is needed" if sys.version_info < (3, 11) else 0)'
	@echo "installing pinned dependencies …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

web/static/vendor/installed: package.json package-lock.json $(wildcard web/static/src/*)
	@echo "building the front-end bundle …"
	@npm ci --silent --no-audit --no-fund && npm run --silent build
	@touch $@

test: install .venv/installed-dev  ## the whole suite; absent services are skipped with a counted reason
	@$(BIN)/python -m pytest -n 2 --dist worksteal -q

test-tz: install .venv/installed-dev  ## the quick tests again on a host that lives in another time zone
	@TZ=America/Chicago $(BIN)/python -m pytest -n 2 --dist worksteal -q -m "not slow and not browser"

lint: .venv/installed-dev  ## style
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

format: .venv/installed-dev  ## rewrite to the house style
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

types: .venv/installed-dev  ## mypy, strict
	@$(BIN)/mypy

docs-check: install .venv/installed-dev  ## documentation against code
	@$(BIN)/python -m pytest -q tests/test_docs.py tests/test_manual.py

bench: install  ## measure beside peers; prints tables
	@test -d var/bench-peers || $(BIN)/pip install --quiet --require-hashes --target var/bench-peers -r requirements-bench.txt
	@$(BIN)/python -m bench

jobs: install  ## scheduler and outbox worker alone
	@$(BIN)/python -m bot work

lock:  ## compile the hash-locked requirement files
	@$(PYTHON) -m venv .venv && $(BIN)/pip install --quiet uv
	@for set in requirements requirements-dev requirements-bench; do \
	  $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 $$set.in -o $$set.txt; done

clean:  ## remove what the other targets made, the demonstration's database included
	@rm -rf .venv node_modules web/static/vendor reports/fonts var
