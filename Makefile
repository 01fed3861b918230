MVN ?= ./mvnw -B -ntp
SOURCES := $(shell find common/src/main jobs/src/main -type f) pom.xml common/pom.xml jobs/pom.xml
BUILT := jobs/target/.built

.PHONY: build demo test format clean

# Compiles and packages; nothing to do while no source has changed.
build: $(BUILT)

$(BUILT): $(SOURCES)
	$(MVN) -q -DskipTests package
	@touch $@

# Two weeks of made-up logs through the nightly run; ends with the path of the report.
demo: build
	bin/flywheel demo

test:
	$(MVN) verify

format:
	$(MVN) spotless:apply

clean:
	$(MVN) -q clean
