#!/usr/bin/env bash
# Runs the tests in a build that watches for data races (thread) or for wrong uses of memory (address).
#
# Usage: sanitize.sh thread|address [FLAGS OF THE TEST RUNNER]
set -euo pipefail
cd "$(dirname "$0")/.."

kind=$1
shift
build=.build/$kind
reports=$PWD/$build/reports
rm -rf "$reports"
mkdir -p "$reports"

swift build --build-tests --sanitize="$kind" --scratch-path "$build" -Xswiftc -use-ld=lld

# What a sanitizer finds, also in the daemons that tests start, goes into files: one is a failure.
export TSAN_OPTIONS="log_path=$reports/thread" ASAN_OPTIONS="log_path=$reports/address"
# What Swift's runtime keeps for the life of a process is no leak.
ASAN_OPTIONS+=":detect_leaks=0"
preload=''
if [[ $kind == thread ]]; then
    preload=$PWD/$build/mutex.so
    clang -shared -fPIC -O1 -Wall -Werror -o "$preload" Tests/Sanitizers/mutex.c
fi

# One test at a time: each is several times slower than otherwise. Those of the torture would only say
# that it is slow.
status=0
LD_PRELOAD=$preload "$build/debug/jobqueuedPackageTests.xctest" --testing-library swift-testing \
    --no-parallel --skip MutantTests "$@" || status=$?

if compgen -G "$reports/*" >/dev/null; then
    grep -h SUMMARY "$reports"/* | sort | uniq -c
    echo "see $reports"
    exit 1
fi
((status == 0)) && echo "$kind sanitizer: nothing found"
exit "$status"
