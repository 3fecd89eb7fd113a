# The commands of the project. `make check` is what must pass before a commit.

SHELL := /bin/bash

# The tests use a Python client of the control socket; see packaging/setup.sh.
export PATH := $(CURDIR)/.build/python/bin:$(PATH)

.PHONY: build check check-model format format-check test demo bench setup clean

build: setup
	swift build

## Installs what is missing (Debian): the C libraries, Redis, and what the tests use.
setup:
	@packaging/setup.sh

## Format, lint, build, all tests.
check: setup format-check
	swift build --build-tests
	swift test --skip-build

## Every state of the protocol's model, and every rule left out in turn; about a minute.
check-model: setup
	Tests/Model/check.sh

format:
	swift format --in-place --recursive --parallel Package.swift Sources Tests

format-check:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

test: setup
	swift test

## A private Redis, the daemon on it, and jobs that work, fail and die, as they come.
demo: setup
	swift build --product jobqueued
	swift build --product jobqueuectl
	@packaging/demo.sh .build/debug

## Rates and latencies, measured in release on a private Redis.
bench: setup
	swift build -c release --product jobqueue-bench
	.build/release/jobqueue-bench

clean:
	swift package clean
