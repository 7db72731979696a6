# 巡查 Xuncha: `make run` starts it, `make test` tests it, `make check` is all that CI runs.
# The only needs are Python 3.11 (with venv) and make. Everything is set up inside this folder and XUNCHA_HOME.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
# One more than there are cores: tests that wait for a kill or a stroke leave theirs to others.
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -gt 3 ] && echo 4 || echo $$((n + 1)))
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input

.PHONY: run test check lint format contracts types schema bench torture mutants lock clean

run: $(VENV)/.run-ready  ## start PostgreSQL, the projector and the API, and say what to open
	@exec $(BIN)/xuncha run

test: $(VENV)/.test-ready  ## run the tests
	@# Databases made for one test need no disk: they stand in memory where there is room (8 GB), and go with the run.
	@in=$$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 8000000 { print "/dev/shm" }'); \
	root=$$(mktemp -d "$${in:-$${TMPDIR:-/tmp}}/xuncha-tests-XXXXXX"); trap 'rm -rf "$$root"' EXIT INT TERM; \
	PYTEST_DEBUG_TEMPROOT=$$root $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile $(PYTEST_ARGS)

check: $(VENV)/.test-ready lint types contracts schema test  ## all that CI runs

lint: $(VENV)/.test-ready
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(VENV)/.test-ready
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: $(VENV)/.test-ready
	@$(BIN)/mypy
	@MYPYPATH=src:bench $(BIN)/mypy bench/measure.py bench/generator.py bench/worker.py

contracts: $(VENV)/.test-ready
	@$(BIN)/lint-imports --no-cache

schema: $(VENV)/.test-ready  ## fail where the committed SDL differs from the code's
	@$(BIN)/xuncha schema --check schema

bench: $(VENV)/.run-ready  ## measure the ledger and the views against their peers, and a large round (docs/performance.md); up to 25 minutes
	@$(BIN)/python bench/measure.py $(BENCH_ARGS)
	@$(BIN)/python bench/large_round.py $(ROUND_ARGS)

torture: $(VENV)/.test-ready  ## kill everything a hundred times under load and look for losses (docs/promises.md); up to 20 minutes
	@PYTHONPATH=src $(BIN)/python -m torture $(TORTURE_ARGS)

mutants: $(VENV)/.test-ready  ## take each protection away in a copy and demand that its test turns red; about ten minutes
	@PYTHONPATH=src $(BIN)/python -m torture.mutants $(MUTANTS_ARGS)

$(VENV)/bin/python:
	@test -w . || { echo "此文件夹不可写：请换一处克隆，或者改权限 · this folder cannot be written to: clone elsewhere, or change its permissions: $(CURDIR)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 或更高版本 · Python 3.11 or later is needed (found: $(PYTHON))" >&2; exit 1; }
	@echo "建立 $(VENV) … · making $(VENV) …"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run-ready: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "安装依赖（按哈希锁定）… · installing dependencies (pinned by hash) …"
	@$(PIP) install --require-hashes --only-binary :all: -r requirements.lock
	@site=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'); echo "$(CURDIR)/src" > "$$site/xuncha.pth"
	@# A script of sh: Python's own path in the first line could have no space in it, nor be long.
	@printf '%s\n' '#!/bin/sh' 'exec "$$(dirname "$$0")/python" -P -m api "$$@"' > $(BIN)/xuncha
	@chmod 755 $(BIN)/xuncha
	@touch $@

$(VENV)/.test-ready: requirements-dev.lock $(VENV)/.run-ready
	@echo "安装测试工具 … · installing the test tools …"
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.lock
	@touch $@

lock:  ## renew both locks (needs uv); they hold hashes and no addresses
	uv pip compile --upgrade --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml -o requirements.lock
	uv pip compile --upgrade --universal --generate-hashes --no-emit-index-url --no-header --allow-unsafe --python-version 3.11 --extra dev pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
