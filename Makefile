# The set-up of a checkout: one virtual environment in .venv, filled from the locks of requirements/.
# Plain make, sh and Python do; uv is used for speed where it is on the PATH.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test lint lock clean

VENV := .venv
PY := $(VENV)/bin/python
PYTHONS := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

# A uv that fails (it reads other settings than pip, a mirror's for example) leaves it to pip.
install = { command -v uv >/dev/null && uv pip install --quiet --python $(PY) $(1); } \
	|| $(PY) -m pip install --quiet --disable-pip-version-check $(1)

help:
	@echo 'make demo   set up and serve two tenants, with a page for each (ARGS="--port 9000")'
	@echo 'make test   everything CI runs: lint, types, import contracts, tests (ARGS="-k cors")'
	@echo 'make lint   the same without the tests'
	@echo 'make lock   renew the locks in requirements/, with uv (ARGS=--upgrade)'
	@echo 'make clean  remove the environment, the demo and everything built'

demo: $(VENV)/.runtime $(VENV)/.project
	@$(PY) manage.py demo $(ARGS)

lint: $(VENV)/.test $(VENV)/.project
	@echo '== ruff check: mistakes and style'
	@$(PY) -m ruff check .
	@echo '== ruff format: layout'
	@$(PY) -m ruff format --check .
	@echo '== mypy: types'
	@$(PY) -m mypy
	@echo '== lint-imports: who may import whom'
	@$(PY) $(VENV)/bin/lint-imports --no-cache --no-logo

# Where a test needs a browser or a server that is not there, the variable makes it fail: it would
# otherwise be skipped.
test: export TEST_REQUIRE_SERVERS := 1
# As tests/conftest.py says; here it is for the tests themselves. They run in a process for each of
# up to four processors, which has a PostgreSQL of its own; ARGS="-n 0" is one, for a debugger.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(VENV)/.test $(VENV)/.project
	@$(PY) -m tests.setup_browser
	@$(MAKE) --no-print-directory lint
	@echo '== pytest: behaviour'
	@$(PY) -m pytest -n auto --maxprocesses 4 --dist worksteal $(ARGS)

lock:
	@command -v uv >/dev/null || { echo 'error: make lock needs uv on the PATH' >&2; exit 1; }
	@$(LOCK) $(ARGS) requirements/runtime.in --output-file requirements/runtime.txt
	@$(LOCK) $(ARGS) requirements/test.in --output-file requirements/test.txt

clean:
	@rm -rf $(VENV) .demo build dist htmlcov .coverage .hypothesis .import_linter_cache .mypy_cache \
		.pytest_cache .ruff_cache *.egg-info
	@find alembic tenantauth tenants tests examples benchmarks -name __pycache__ \
		-exec rm -rf {} + 2>/dev/null || true

# Each stamp says what the environment holds. A lock that is newer than its stamp is installed anew.
$(VENV)/.made:
	@found=; for python in $(PYTHONS); do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		found=$${found:-$$python}; \
		$$python -c 'import ensurepip, venv' 2>/dev/null || continue; \
		echo "Making $(VENV) with $$python ..."; \
		$$python -m venv --clear $(VENV) && touch $@; exit; \
	done; \
	if [ "$$found" ]; then \
		echo "error: $$found has no venv module (Debian, Ubuntu: apt install python3-venv)" >&2; \
	else \
		echo 'error: no Python 3.11 or newer was found; PYTHON=/path/to/python3 names one' >&2; \
	fi; exit 1

$(VENV)/.runtime: requirements/runtime.txt | $(VENV)/.made
	@echo 'Installing what the project runs on ...'
	@$(call install,--require-hashes -r requirements/runtime.txt)
	@touch $@

$(VENV)/.test: requirements/test.txt | $(VENV)/.made
	@echo 'Installing what the tests run on ...'
	@$(call install,--require-hashes -r requirements/test.txt)
	@touch $@ $(VENV)/.runtime

$(VENV)/.project: pyproject.toml | $(VENV)/.runtime
	@$(call install,--no-build-isolation --no-deps -e .)
	@touch $@
