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
# A signal that a test provokes kills, as it does without a sanitizer.
signals=handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigill=0:handle_sigfpe=0
export TSAN_OPTIONS="log_path=$reports/thread:$signals"
# What Swift's runtime keeps for the life of a process is no leak; what is freed is kept for a little while only,
# for the sake of tests that look at the memory.
export ASAN_OPTIONS="log_path=$reports/address:$signals:detect_leaks=0:quarantine_size_mb=1"
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
