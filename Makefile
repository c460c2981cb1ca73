# The two commands of a newcomer are `make serve` and `make test`. Each makes its own virtual
# environment and installs pinned versions when they are not there yet.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
REPORTS ?= corpus
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: serve test check lint types layers lengths bench bench-reading bench-quality bench-search fuzz torture xss injection api-fuzz soak soak-short corpus clean
.DELETE_ON_ERROR:

serve: $(VENV)/.runtime
	$(BIN)/kb ingest $(REPORTS)
	$(BIN)/kb serve --host $(HOST) --port $(PORT)

# In so many processes at once; a file's tests stay in one, so that they share what they need.
test: $(VENV)/.dev
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile

# Exactly what continuous integration runs, in the order of how fast each fails.
check: lint layers lengths types

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

layers: $(VENV)/.dev
	$(BIN)/lint-imports

lengths:
	@long=$$(find kb training benchmarks docs tests -name '*.py' | xargs wc -l | awk '$$1 > 400 && $$2 != "total" {print $$2 ": " $$1 " lines"}'); \
	if [ -n "$$long" ]; then echo "over 400 lines, so with more than one job:"; echo "$$long"; exit 1; fi

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks.first_use $(BENCH)

# Needs documents with known text beside the repository (see docs/reading.md).
bench-reading: $(VENV)/.dev
	$(BIN)/python -m benchmarks.reading $(BENCH)

# Needs articles of law beside the repository (see docs/performance.md); peers where installed.
bench-search: $(VENV)/.dev
	$(BIN)/python -m benchmarks.growth build/growth --plot docs/growth.svg $(BENCH)

.PHONY: bench-ingest bench-ingest-change bench-cluster bench-ingest-cost
# Needs the same; an hour or more: BENCH="--articles 20000" for less, --peers for txtai and FTS5.
bench-ingest: $(VENV)/.dev
	$(BIN)/python -m benchmarks.ingest $(BENCH)

# What a run costs on an index that is there: BENCH="CORPUS INDEX --removed 10000".
bench-ingest-change: $(VENV)/.dev
	$(BIN)/python -m benchmarks.ingest_change $(BENCH)

# Needs the same: a scheduler and three workers of which one is killed half-way.
bench-cluster: $(VENV)/.dev
	$(BIN)/python -m benchmarks.cluster $(BENCH)

# The same step by step, in processor time, which other work on the machine disturbs less.
bench-ingest-cost: $(VENV)/.dev
	$(BIN)/python -m benchmarks.ingest_cost $(BENCH)

# Needs question sets beside the repository (see docs/quality.md).
bench-quality: $(VENV)/.dev
	$(BIN)/python -m benchmarks.quality $(BENCH)
	$(BIN)/python -m benchmarks.quality_kinds

# Damaged files, read in the sandbox (see docs/reliability.md): FUZZ="--pdf 5000 --html 4000".
fuzz: $(VENV)/.dev
	$(BIN)/python -m benchmarks.fuzz $(FUZZ)

# Scripts wherever words come from, in a real Chromium (see docs/security.md).
xss: $(VENV)/.dev
	$(BIN)/python -m benchmarks.xss $(XSS)

# Instructions in documents, and a model that obeys them (see docs/security.md).
injection: $(VENV)/.dev
	$(BIN)/python -m benchmarks.injection $(INJECTION)

# Requests made up from the description of the API (see docs/security.md): APIFUZZ="--examples 50".
api-fuzz: $(VENV)/.dev
	$(BIN)/python -m benchmarks.api_fuzz $(APIFUZZ)

# Kills, swaps, damage and full disks (see docs/reliability.md): TORTURE="kills --points 1000".
torture: $(VENV)/.dev
	$(BIN)/python -m benchmarks.torture $(TORTURE)

# Users for a long time while the collection changes (see docs/reliability.md).
soak: $(VENV)/.dev
	$(BIN)/python -m benchmarks.soak $(SOAK)

soak-short: $(VENV)/.dev
	$(BIN)/python -m benchmarks.soak --minutes 5 --users 16 --runs 5

# Renders the PDF and DOCX reports of corpus/ from docs/corpus/sources (see docs/corpus/README.md).
corpus: $(VENV)/.dev
	$(PIP) install typst
	$(BIN)/python docs/corpus/render.py

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) install --constraint constraints.txt --editable .
	$(BIN)/python -m compileall -q kb
	touch $@

$(VENV)/.dev: $(VENV)/.runtime
	$(PIP) install --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) index/generations index/CURRENT index/lock
