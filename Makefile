# Two commands: `make app` runs the lab, `make test` passes every test.
# Each makes its own virtual environment and installs what it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
STUDENTS ?= 30
MINUTES ?= 60
SEED ?= 1

.PHONY: app test lint bench load rehearse soak pretrained messages clean

app: $(VENV)/installed
	$(BIN)/streamlit run app.py --server.port $(PORT)

# Two browsers on two processors may wait longer than a test's patience: what failed in company is
# reported, and has to pass alone.
test: lint shell
	$(BIN)/python -m pytest -n logical --dist loadfile \
	  || $(BIN)/python -m pytest --last-failed --last-failed-no-failures none

lint: $(VENV)/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: chromium
	$(BIN)/python -m tests.bench.live
	$(BIN)/python -m tests.bench.pages
	$(BIN)/python -m tests.bench.training
	$(BIN)/python -m tests.bench.strangers

load: chromium
	$(BIN)/python -m tests.bench.load_class --students $(STUDENTS)

# An hour of visitors and of everything that can go wrong; for short: make soak MINUTES=10
soak: chromium
	$(BIN)/python -m tests.bench.soak --minutes $(MINUTES) --seed $(SEED)

rehearse: chromium
	$(BIN)/python -m tests.bench.rehearse

pretrained: $(VENV)/installed
	$(BIN)/python -m aecore.worker.pretrain
	$(BIN)/python -m aecore.curves.measured_curves

# After changing a sentence: collect the strings, merge them into the Chinese catalogue, compile it.
messages: $(VENV)/installed-dev
	$(BIN)/python -m tests.messages

.PHONY: chromium shell
chromium: $(VENV)/installed-dev
	$(BIN)/python -m tests.chromium

shell: $(VENV)/installed-dev
	$(BIN)/python -m tests.chromium shell

$(VENV)/installed: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $@

$(VENV)/installed-dev: requirements-dev.txt requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	touch $@ $(VENV)/installed

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
