# Every target makes .venv and installs what it needs there; when that is done already, it costs nothing.
PYTHON ?= python3
python := .venv/bin/python
# What only checks the explorer's page: without npm, that is left out.
npm := $(shell command -v npm)

.NOTPARALLEL:
.PHONY: help demo test test-all lint bench notebook course clean

help:
	@echo 'make demo      train a small net on two moons; pictures and model in out/moons/'
	@echo 'make test      run the tests, doctests and notebooks, without those that only try more of the same'
	@echo 'make test-all  run every one'
	@echo 'make lint      check style, types, and that notebooks are stored without output'
	@echo 'make bench     race against peers; tables in benchmarks/results/ (a quarter of an hour; ARGS=--quick: five minutes)'
	@echo 'make notebook  open the notebooks in JupyterLab'
	@echo 'make course    the tools for teachers: ARGS="check STUDENT.ipynb", ARGS=handout, ARGS="pictures 01"'
	@echo 'make clean     remove .venv and whatever else was made here'
	@echo
	@echo 'PYTHON=...     the Python to use (3.11 or newer); ARGS=... is passed on to demo, test, bench, notebook, course'

demo: ARGS ?= moons
demo: .venv/.has-runtime
	$(python) -m demos $(ARGS)

# Most of what is compiled runs for a moment: so it is compiled soon, and test-all as well as users have it.
test: ARGS ?= -m 'not thorough'
test: export NUMBA_OPT ?= 0
test: export XLA_FLAGS ?= --xla_backend_optimization_level=0
test test-all: .venv/.has-test $(if $(npm),node_modules/.has)
	$(python) -m pytest $(ARGS)

lint: .venv/.has-lint $(if $(npm),node_modules/.has)
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy
	$(python) -m nbstripout --verify --extra-keys metadata.language_info.version notebooks/*.ipynb
	$(if $(npm),npx eslint .,@echo 'The modules of the explorer are not checked: that needs node and npm, 18 or newer.')

bench: .venv/.has-bench
	$(python) -m benchmarks $(ARGS)

notebook: .venv/.has-notebook
	$(python) -m jupyterlab $(ARGS) notebooks

course: ARGS ?= --help
course: .venv/.has-notebook
	$(python) -m course $(ARGS)

clean:
	rm -rf .venv node_modules out build dist .pytest_cache .hypothesis .mypy_cache .ruff_cache
	find . -name .git -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +

# A stamp is written last, so an installation that was cut short counts as none.
.venv/.has-%: pyproject.toml .venv/.made
	@echo 'Installing into .venv what this needs (once; a minute or so) ...'
	@$(python) -m pip install --quiet --disable-pip-version-check --editable '.$(if $(filter-out runtime,$*),[$*])'
	@touch $@

node_modules/.has: package-lock.json
	@npm ci --silent --no-audit --no-fund
	@touch $@

# An environment with a working pip is kept; anything else by that name (half made, its Python gone) is made anew.
ifeq ($(wildcard $(python)),)
.PHONY: .venv/.made
endif
.venv/.made:
	@$(python) -m pip --version >/dev/null 2>&1 || { \
	    $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	        echo 'chalkgrad needs Python 3.11 or newer, and "$(PYTHON)" is not; name one: make PYTHON=python3.12' >&2; exit 1; }; \
	    $(PYTHON) -m venv --clear .venv; }
	@touch $@
