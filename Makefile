# Every target installs what it needs by itself (Debian and Ubuntu, with Swift 6 on PATH) and says what is missing
# where it cannot.

SWIFT ?= swift
SWIFT_FLAGS ?=
TEST_ARGS ?=
MUTANTS ?=
BENCH_ARGS ?=
PREFIX ?= /usr/local

TOOLS := Tests/Tools
BINARY := .build/release/minsky
SHARE = $(DESTDIR)$(PREFIX)/share
SWIFT_SOURCES := Sources Tests Package.swift
# An import of a target that Package.swift does not name as a dependency is an error.
CHECK_IMPORTS := --explicit-target-dependency-import-check error

TEST := $(SWIFT) test --skip-build --skip LocalModelTests $(SWIFT_FLAGS)
# What measures time limits runs by itself: beside tests that wait for processes it would wait for them, too.
TIMED := MinskyAITests|MinskyHTTPTests
TEST_COMMAND := $(if $(TEST_ARGS),$(TEST) $(TEST_ARGS),$(TEST) --filter "$(TIMED)" && $(TEST) --skip "$(TIMED)")

.DEFAULT_GOAL := help
.PHONY: help build install demo test test-build test-pg18 test-model model-check lint format docs-check bench bench-cli bench-upgrade \
	bench-backends bench-live bench-sync simulate simulate-mutants prove clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build .build/release/minsky
	$(TOOLS)/install-packages build
	$(SWIFT) build -c release --static-swift-stdlib --product minsky $(CHECK_IMPORTS) $(SWIFT_FLAGS)

install: build ## build, and install minsky, its manual page and completions below $(DESTDIR)$(PREFIX)
	install -D -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/minsky
	install -d $(addprefix $(SHARE)/,man/man1 bash-completion/completions zsh/site-functions fish/vendor_completions.d)
	$(BINARY) manual > $(SHARE)/man/man1/minsky.1
	$(BINARY) completion bash > $(SHARE)/bash-completion/completions/minsky
	$(BINARY) completion zsh > $(SHARE)/zsh/site-functions/_minsky
	$(BINARY) completion fish > $(SHARE)/fish/vendor_completions.d/minsky.fish

demo: build ## a first session in a scratch folder, without network
	$(TOOLS)/demo $(BINARY)

test: test-build ## all tests, against SQLite and PostgreSQL, then lint and docs-check (TEST_ARGS="--filter Name")
	$(TOOLS)/run-tests .build/test.log $(TOOLS)/with-postgres sh -c '$(TEST_COMMAND)'
	$(MAKE) --no-print-directory lint docs-check

test-build:
	@rm -f .build/test.log
	$(TOOLS)/install-packages test
	$(SWIFT) build --build-tests $(CHECK_IMPORTS) $(SWIFT_FLAGS)

test-pg18: test-build ## the tests of the store and the app against PostgreSQL 18 (downloads about 30 MB once where there is none)
	$(TOOLS)/install-packages model
	@bin=$$($(TOOLS)/postgres-18 .build/postgres-18) && $(TOOLS)/run-tests .build/test-pg18.log \
		env MINSKY_POSTGRES_BIN="$$bin" $(TOOLS)/with-postgres $(SWIFT) test --skip-build \
		$(SWIFT_FLAGS) --filter 'MinskyStoreTests|MinskyAppTests' --skip LocalModelTests

test-model: test-build ## the tests that talk to a real model, on this machine (downloads about 220 MB once)
	$(TOOLS)/install-packages model
	$(TOOLS)/run-tests .build/test-model.log $(TOOLS)/local-model/start .build/local-model env MINSKY_REQUIRE_MODEL=1 \
		$(SWIFT) test --skip-build $(SWIFT_FLAGS) --filter LocalModelTests

model-check: ## check the model of the sync protocol with spin, and that its mutants are caught
	$(TOOLS)/install-packages protocol
	docs/protocol/check

lint: ## check the format of the sources and the rules in Tests/Tools/lint-sources
	$(SWIFT) format lint --strict --parallel --recursive $(SWIFT_SOURCES)
	$(TOOLS)/lint-sources

format: ## format the sources in place
	$(SWIFT) format --in-place --parallel --recursive $(SWIFT_SOURCES)

docs-check: ## check links, paths and decision numbers in the documentation
	$(TOOLS)/check-docs

bench-upgrade: build ## upgrade to PostgreSQL beside pgloader and COPY, 500,000 tasks (BENCH_ARGS=--tasks N)
	$(TOOLS)/install-packages bench
	$(TOOLS)/with-postgres Benchmarks/upgrade $(BENCH_ARGS)

bench-live: build ## the fence of a live migration of 100,000 tasks under 4 writers (BENCH_ARGS=--tasks N)
	$(TOOLS)/install-packages bench
	$(TOOLS)/with-postgres Benchmarks/live $(BENCH_ARGS)

bench-sync: build ## push, pull, a sync that brings nothing, and a far upstream (BENCH_ARGS=--tasks N)
	$(TOOLS)/install-packages bench
	$(TOOLS)/with-postgres Benchmarks/sync $(BENCH_ARGS)

N ?= 1000
simulate: ## replicas under N random schedules of edits, syncs and faults, optimised (N=100000)
	$(TOOLS)/install-packages test
	$(TOOLS)/simulation build
	MINSKY_SIMULATION_SCHEDULES=$(N) $(TOOLS)/run-tests .build/simulate.log $(TOOLS)/with-postgres $(TOOLS)/simulation run

simulate-mutants: ## mistakes in sync that the simulation has to find (MUTANTS="base-ignored …")
	$(TOOLS)/install-packages test
	$(TOOLS)/simulation mutants $(MUTANTS)

prove: test-build ## everything that takes long: 200 kills of moves, 200 rounds of syncs, 100,000 schedules, mutants, models
	MINSKY_KILLS=200 $(TOOLS)/run-tests .build/prove.log $(TOOLS)/with-postgres $(SWIFT) test --skip-build \
		--filter 'killedAtRandomMoments|killedWhileBothWrite' $(SWIFT_FLAGS)
	$(MAKE) --no-print-directory simulate N=100000
	$(MAKE) --no-print-directory simulate-mutants model-check

bench: build ## run the benchmarks (BENCH_ARGS=...)
	$(TOOLS)/install-packages test
	Benchmarks/cli --count 1000,10000 $(BENCH_ARGS)
	$(TOOLS)/with-postgres Benchmarks/capture

bench-cli: build ## commands beside Taskwarrior and the sqlite3 shell, 1,000 to 100,000 tasks (BENCH_ARGS=--count N,N)
	$(TOOLS)/install-packages bench
	Benchmarks/cli $(BENCH_ARGS)

bench-backends: build ## SQLite and PostgreSQL side by side: writers, reports, words (BENCH_ARGS=...)
	$(TOOLS)/install-packages test
	$(TOOLS)/with-postgres Benchmarks/backends $(BENCH_ARGS)

clean: ## remove everything that was built or downloaded
	rm -rf .build
