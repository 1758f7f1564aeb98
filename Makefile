# `make lab` opens the course, `make test` passes every test; both make the environment first, in .venv.
SHELL = /bin/sh
VENV = .venv
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$python && break; \
	done)

# `make test PYTHON=python3.13` means that Python: an environment in $(VENV) that another one made is made anew.
ifneq ($(origin PYTHON),file)
ifneq ($(shell $(VENV)/bin/python -V 2>/dev/null),$(shell $(PYTHON) -V 2>/dev/null))
$(VENV)/ready: made-by-another
.PHONY: made-by-another
endif
endif

.PHONY: lab test check portable site editor lock bench bench-chapters

lab: $(VENV)/ready
	$(VENV)/bin/course lab

# A file's tests share what they set up, and a notebook's cells a kernel: each file stays with one process. The tests are in
# the order of tests/conftest.py, the longest files first.
PARALLEL = --numprocesses auto --dist loadfile
test: $(VENV)/dev
	$(VENV)/bin/python -m pytest $(PARALLEL) --no-loadscope-reorder
	$(VENV)/bin/python -m pytest $(PARALLEL) --nbval notebooks solutions

# What CI looks at besides the tests: style, and that every made file agrees with its source.
check: $(VENV)/dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/course build --check

# What is verified, on other processors as far as one can imitate them: make portable VARIANTS="noise-1 onednn-off".
# NOTEBOOKS and TESTS choose files, for a first look. All of it runs every notebook and every test of numbers once for each variant; CONTRIBUTING.md says what it prints.
VARIANTS =
NOTEBOOKS =
TESTS =
portable: $(VENV)/dev
	$(VENV)/bin/python -m portability $(VARIANTS) $(if $(NOTEBOOKS),--notebooks $(NOTEBOOKS)) $(if $(TESTS),--tests $(TESTS))

# What grading costs, beside nbgrader and a fresh kernel for each submission.
bench: $(VENV)/dev
	$(VENV)/bin/python benchmarks/grading.py

# What each chapter costs: seconds, CPU seconds, peak memory, slowest cell. Under 60 s and 2 GB on two quiet cores.
bench-chapters: $(VENV)/dev
	$(VENV)/bin/python benchmarks/chapters.py

# The static site, in the folder site. Python for its exercise pages comes out of the folder COURSE_PYODIDE, or is downloaded once;
# reading the site needs no network.
site: $(VENV)/dev
	$(VENV)/bin/python -m course_utils.building.site.make_site

# The editor of the exercise pages and the index of the search page, docs/static/codemirror.js and minisearch.js, from the packages that docs/editor/package-lock.json pins.
editor:
	cd docs/editor && npm ci --ignore-scripts --no-audit --no-fund && npm run build

# Move the locks on to the newest versions; `make lock UPGRADE=` only adds what pyproject.toml asks for anew.
UPGRADE = --upgrade
COMPILE = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
	--no-emit-package course-utils pyproject.toml
lock: $(VENV)/dev
	$(COMPILE) $(UPGRADE) --all-extras -o requirements-dev.lock
	$(COMPILE) --extra lab --extra tensorflow --constraints requirements-dev.lock -o requirements.lock

# The locked versions, bytecode compiled at once: every kernel then starts about three times cheaper. uv does it in a
# third of pip's time; where it can't be had, pip does the same.
define install
	if [ -x $(VENV)/bin/uv ]; then \
		UV_COMPILE_BYTECODE=1 VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv pip install --quiet -r $(1) && \
		VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv pip install --quiet --no-deps -e .; \
	else \
		$(VENV)/bin/python -m pip install --compile -r $(1) && \
		$(VENV)/bin/python -m pip install --no-deps -e .; \
	fi
endef

# What a learner or a teacher needs.
$(VENV)/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || { \
		echo "The course needs Python 3.11, 3.12 or 3.13, but found $$($(or $(PYTHON),python3) --version 2>/dev/null || echo no such Python). Install one from https://www.python.org/downloads/ and run make again." >&2; \
		exit 1; }
	@echo "Making the course's environment in $(VENV): about 2 GB, most of it downloaded..."
	@$(PYTHON) -m venv --clear $(VENV) || { \
		echo "Python can't make environments here: install its venv module (on Debian and Ubuntu: sudo apt install python3-venv) and run make again." >&2; \
		exit 1; }
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check uv || echo "uv can't be had here: pip takes its place."
	@$(call install,requirements.lock)
	@touch $@

# What the tests, the builds and the site need besides.
$(VENV)/dev: $(VENV)/ready requirements-dev.lock
	@echo "Adding what the tests need to $(VENV)..."
	@$(call install,requirements-dev.lock)
	@touch $@
