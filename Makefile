MVN ?= ./mvnw -B -ntp
SOURCES := $(shell find common/src/main jobs/src/main -type f) pom.xml common/pom.xml jobs/pom.xml
BUILT := jobs/target/.built

UV := .venv/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command 'make lock'

LOCKED := $(basename $(wildcard tests-python/*.in airflow-dags/*.in notebooks/*.in))

.PHONY: build demo test test-lake test-dags test-nights test-airflow bench docs lock format clean

# Compiles and packages; nothing to do while no source has changed.
build: $(BUILT)

$(BUILT): $(SOURCES)
	$(MVN) -q -DskipTests package
	@touch $@

# Two weeks of made-up logs through the nightly run; ends with the path of the report.
demo: build
	bin/flywheel demo

# Every test. Fetches Chromium (Debian's package) and Python environments (by hash) where missing.
test:
	.ci/chromium
	$(MVN) verify
	tests-python/lint
	$(MAKE) --jobs=3 test-lake test-dags test-nights

# Parts of it for which one processor is enough, at the same time.
test-lake:
	tests-python/run
	notebooks/run

test-dags:
	airflow-dags/run dags

test-nights:
	airflow-dags/run nights

# Two days through a real Airflow scheduler; too slow for every push.
test-airflow: build
	airflow-dags/run scheduler

# Writes the parts of README.md and docs/ that repeat the contracts of tables and raw events.
docs:
	$(MVN) -q -pl common test -Dtest=TableDocsTest -Dflywheel.docs.write=true

# Benchmarks against peers, each in one run (ingest and its formats, edit
# distance, label model, label); one of them with BENCH=bench.KernelBench ARGS=3.
BENCH ?= bench.IngestBench bench.KernelBench label.LabelModelBench label.LabelBench
bench:
	python="$$(tests-python/env tests-python/bench)" && for name in $(BENCH); do \
	  FLYWHEEL_BENCH_PYTHON="$$python" bench/run dev.flywheel.$$name $(ARGS) || exit; done

# Pins the Python environments anew.
lock:
	for file in $(LOCKED); do (cd $$(dirname $$file) && ../$(UV) --upgrade $$(basename $$file).in -o $$(basename $$file).txt); done

format:
	$(MVN) spotless:apply
	tests-python/lint --fix

clean:
	$(MVN) -q clean
