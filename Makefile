MVN ?= ./mvnw -B -ntp

.PHONY: test format

test:
	$(MVN) verify

format:
	$(MVN) spotless:apply
