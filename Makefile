# The commands of the project. `make check` is what must pass before a commit.

SHELL := /bin/bash

# The tests use a Python client of the control socket; see packaging/setup.sh.
export PATH := $(CURDIR)/.build/python/bin:$(PATH)
# How many tests run at a time; without it all do, each with its servers and daemons, and starve each other.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH := 8

swift-files := Package.swift Sources Tests Benchmarks

# As packages have the programs: what is measured is what is used.
as-packaged := swift build -c release --static-swift-stdlib --scratch-path .build/package
packaged := .build/package/release

.PHONY: build check check-sanitize check-model fuzz torture soak format format-check test
.PHONY: demo demo-redis demo-programs bench bench-check bench-programs deb rpm test-system setup clean

build: setup
	swift build

## Installs what is missing (Debian): the C libraries, Redis, and what the tests use.
setup:
	@packaging/setup.sh

## Format, lint, build, all tests. Those of the brokers keep the processors busy, which others that wait for
## a process would feel; those that start processes by the thousand, or count what is left of them, run one
## after the other.
check: setup format-check
	swift build --build-tests
	swift test --skip-build --skip '^BrokerTests\.|FaultTests|BenchmarkTests|LeaksTests'
	swift test --skip-build --filter '^BrokerTests\.'
	swift test --skip-build --filter 'FaultTests|BenchmarkTests' --skip 'FaultTests\.H[0-9]'
	swift test --skip-build --filter 'FaultTests\.H[0-9]|LeaksTests' --no-parallel

## The tests in builds that watch for data races and for wrong uses of memory.
check-sanitize: setup
	packaging/sanitize.sh thread address

## Inputs that libFuzzer makes for whatever reads foreign bytes; SECONDS for each of them, and SEED.
SECONDS_OF_FUZZING := $(if $(filter command line environment,$(origin SECONDS)),$(SECONDS),60)
fuzz: setup
	packaging/fuzz.sh $(SECONDS_OF_FUZZING) $(or $(SEED),0)

## Daemons, the broker (BROKER=redis or sqlite) and the network fail as SEED says, for SECONDS; nothing
## may be lost.
SECONDS_OF_TORTURE := $(if $(filter command line environment,$(origin SECONDS)),$(SECONDS),40)
torture: setup
	swift build --product jobqueued-testd
	swift build --product jobqueue-torture
	.build/debug/jobqueue-torture $(if $(SEED),--seed $(SEED)) --broker $(or $(BROKER),redis) --seconds $(SECONDS_OF_TORTURE)

## Whether a daemon's memory stays flat under load, for MINUTES.
soak: setup
	$(as-packaged) --product jobqueued
	packaging/soak.sh $(packaged) $(or $(MINUTES),10)

## Every state of the protocol's model, and every rule left out in turn; about a minute.
check-model: setup
	Tests/Model/check.sh

format:
	swift format --in-place --recursive --parallel $(swift-files)

format-check:
	swift format lint --strict --recursive --parallel $(swift-files)

test: setup
	swift test

## The daemon on a file of its own, and jobs that work, fail and die, as they come.
demo: demo-programs
	@packaging/demo.sh .build/debug sqlite

## The same on a private Redis.
demo-redis: demo-programs
	@packaging/demo.sh .build/debug redis

demo-programs: setup
	swift build --product jobqueued
	swift build --product jobqueuectl

## Rates, latencies and footprint, in release on a private Redis. ARGS="--only drain --json" and such;
## ARGS=--help tells them all.
bench: setup bench-programs
	$(packaged)/jobqueue-bench $(ARGS)

## Instructions per job against those in Benchmarks/instructions.txt; UPDATE=1 writes that file.
bench-check:
	@packaging/setup.sh valgrind
	@$(MAKE) --no-print-directory bench-programs
	@Benchmarks/check-instructions.sh $(packaged) $(if $(UPDATE),--update)

bench-programs:
	$(as-packaged) --product jobqueue-bench
	$(as-packaged) --product bench-limit
	$(as-packaged) --product bench-daemon
	$(as-packaged) --product jobqueued

## A package for Debian in .build/package, checked by lintian.
deb:
	@packaging/setup.sh dpkg-dev lintian patchelf
	@packaging/deb.sh

## The same for systems with rpm; to be built on one.
rpm:
	@packaging/setup.sh rpm patchelf
	@packaging/rpm.sh

## The package in a booted Debian with a real systemd; as root.
test-system:
	@packaging/setup.sh dpkg-dev lintian patchelf debootstrap systemd-container
	swift build --product jobqueued
	@packaging/deb.sh
	@Tests/System/run.sh .build/package/jobqueued_*.deb .build/debug

clean:
	swift package clean
