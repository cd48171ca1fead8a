# Two commands matter: `make demo` and `make test`. Each sets up what it needs.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ONCE   ?=
SECONDS ?= 28800
SPREAD := -n auto --dist worksteal

.PHONY: demo test fuzz fuzz-parsers kills check bench bench-check bench-console bench-nodes bench-poison footprint soak soak-long pictures format wheel deb deb-check container-check bundle windows-zip windows-check clean intake

# Only the runtime: no test tools, no browser.
$(VENV)/runtime: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

$(VENV)/dev: $(VENV)/runtime requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

demo: $(VENV)/runtime
	$(BIN)/python -m deploy.demo $(if $(ONCE),--once)

test: $(VENV)/dev
	$(BIN)/pytest $(SPREAD) -rfEs --cov --cov-report=
	@echo "coverage with branches: $$($(BIN)/coverage report --format=total) %; line by line: $(BIN)/coverage report"

# The laws alone, each with many more examples, drawn anew every time.
fuzz: $(VENV)/dev
	$(BIN)/pytest $(SPREAD) -m hypothesis --hypothesis-profile=fuzz

# What sees the branches of an input is not there for every machine: without it, mutate blindly.
$(VENV)/fuzz: $(VENV)/dev requirements-fuzz.lock
	-$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-fuzz.lock
	touch $@

# Every parser of strangers' bytes, a million inputs each or EACH seconds of the processor: 15 minutes
# on two cores. EACH=4000 is enough for a million with all of them, and takes hours.
fuzz-parsers: $(VENV)/fuzz
	$(BIN)/python -m tests.fuzz --seconds $(or $(EACH),20) $(if $(WRITE),--write)

# A node and a hub killed before every write, twenty times over, a gateway at every instant; and the
# power cut after every write of a node, a gateway, a hub that erases, and of what is restored:
# thousands of kills, told at the end.
kills: $(VENV)/dev
	$(BIN)/pytest $(SPREAD) -rP -m hypothesis --hypothesis-profile=fuzz \
	  tests/faults/test_killed_at_every_write.py tests/hub/test_gateway_killed.py \
	  tests/hub/test_gateway_cut.py tests/hub/test_erase_cut.py \
	  tests/hub/test_restore_cut.py tests/node/test_node_cut.py \
	  tests/node/test_rotation_cut.py tests/federation/test_node_restore_cut.py

check: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q -p no:randomly tests/test_docs.py

bench: $(VENV)/dev
	$(BIN)/python -m tests.bench

# What a node costs its hub, among 100 and among 10,000: a quarter of an hour.
bench-nodes: $(VENV)/dev
	$(BIN)/python -m tests.bench.nodes

# What a unit's node needs: memory, processor, disk. Half an hour.
footprint: $(VENV)/dev
	$(BIN)/python -m tests.bench.footprint $(FOOTPRINT)

# A check of 300 units with 60,000 instruments and two million services: five minutes.
bench-check: $(VENV)/dev
	$(BIN)/python -m tests.bench.check $(if $(WRITE),--write)

# Every page of the hub's console at 300 units and 200,000 findings: a minute.
bench-console: $(VENV)/dev
	$(BIN)/python -m tests.bench.hub_console $(if $(WRITE),--write)

# A thousand healthy nodes beside each class of poison: ten minutes.
bench-poison: $(VENV)/dev
	$(BIN)/python -m tests.bench.poison

# A thousand records of each type by zeep and by PHP to a node that serves: two minutes.
intake: $(VENV)/dev
	$(BIN)/python -m tests.bench.soap_intake

# A thousand units for months of story, and thousands of kills: half an hour, or as long as asked.
soak: $(VENV)/dev
	$(BIN)/python -m tests.soak --seconds 1440 $(if $(SEED),--seed $(SEED)) $(if $(WRITE),--write)

soak-long: $(VENV)/dev
	$(BIN)/python -m tests.soak --seconds $(SECONDS) $(if $(SEED),--seed $(SEED)) $(if $(WRITE),--write)

# The pictures of the manuals, drawn from the pages that the tests open.
pictures: $(VENV)/dev
	FENHE_PICTURES=1 $(BIN)/pytest -q -n 0 tests/browser/test_setup_pages.py tests/browser/test_office_story.py tests/browser/test_manual_pictures.py

format: $(VENV)/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

wheel: $(VENV)/dev
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .

# Debian packages of node and hub, the same bytes for the same commit; then a whole life of one in a
# chroot (root, debootstrap, Debian's mirror): three minutes each.
deb: $(VENV)/runtime
	$(BIN)/python -m deploy.packaging.deb

deb-check: deb
	$(BIN)/python -m deploy.packaging.deb_check

# The steps of the Containerfile in a chroot, for there may be no engine: three minutes.
container-check: $(VENV)/dev
	$(BIN)/python -m deploy.packaging.container_check

# One file for servers without internet: wheels for several versions of Python, hashes, a script.
bundle: $(VENV)/runtime
	$(BIN)/python -m deploy.packaging.bundle

# Wheels for 64-bit Windows with a launcher. Nobody has run it there: the check runs the launcher's
# code here, where what Windows lacks was taken away.
windows-zip: $(VENV)/runtime
	$(BIN)/python -m deploy.packaging.windows

windows-check: $(VENV)/runtime
	$(BIN)/python -m deploy.packaging.windows_check

clean:
	rm -rf $(VENV) dist demo-data bench-data
