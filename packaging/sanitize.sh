#!/usr/bin/env bash
# Runs the tests in builds that watch for data races (thread) or for wrong uses of memory (address).
#
# Usage: sanitize.sh KIND…; in the environment TESTS is a pattern of the tests to run. Without it all are
# run but those that take minutes here and go no other way than others: they count many rounds, or time.
set -euo pipefail
cd "$(dirname "$0")/.."

slow='MutantTests|BenchmarkTests|LeaksTests|MovingTests|ModelTests|KillTests|F6Silent|F9CutLife|F12FullDisk'
slow+='|F19Bulk|I5ManyTypes|H3Output'
# Nor what looks at the allocator, whose place a sanitizer takes, or loads a library of ours, which is sanitized as
# well, into a Redis that is not.
slow+='|AllocatorTests|F17RedisDate'
# Nor what takes descriptors, threads and memory from a daemon: a sanitizer needs more of each.
slow+='|L1Descriptor|L2Process'
export SANITIZED=yes
if [[ -n ${TESTS:-} ]]; then chosen=(--filter "$TESTS"); else chosen=(--skip "$slow"); fi

# A signal that a test provokes kills, as it does without a sanitizer.
signals=handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigill=0:handle_sigfpe=0
export TSAN_OPTIONS="$signals"
# What Swift's runtime keeps for the life of a process is no leak; what is freed is kept for a little
# while only, for the sake of tests that look at the memory.
export ASAN_OPTIONS="$signals:detect_leaks=0:quarantine_size_mb=1"

build() {
    local directory=.build/$1
    rm -rf "$directory/reports"
    mkdir -p "$directory/reports"
    swift build --build-tests --sanitize="$1" --scratch-path "$directory" -Xswiftc -use-ld=lld
    if [[ $1 == thread ]]; then
        clang -shared -fPIC -O1 -Wall -Werror -o "$directory/mutex.so" Tests/Sanitizers/mutex.c
    fi
}

# One test at a time: each is several times slower than otherwise.
run() {
    local directory=$PWD/.build/$1 preload=''
    if [[ $1 == thread ]]; then preload=$directory/mutex.so; fi
    # What a sanitizer finds, also in the daemons that tests start, goes into files.
    TSAN_OPTIONS+=":log_path=$directory/reports/thread" \
        ASAN_OPTIONS+=":log_path=$directory/reports/address" LD_PRELOAD=$preload \
        "$directory/debug/jobqueuedPackageTests.xctest" --testing-library swift-testing \
        --no-parallel "${chosen[@]}" >"$directory/tests.log" 2>&1
}

# Says what came of a run.
tell() {
    local directory=.build/$1
    grep -E '✘|^↳' "$directory/tests.log" || true
    tail -n 1 "$directory/tests.log"
    if compgen -G "$directory/reports/*" >/dev/null; then
        grep -h SUMMARY "$directory"/reports/* | sort | uniq -c
        echo "$1 sanitizer: see $directory/reports"
        return 1
    fi
    ((${statuses[$1]} == 0)) || { echo "$1 sanitizer: tests failed, see $directory/tests.log"; return 1; }
    echo "$1 sanitizer: nothing found"
}

for kind in "$@"; do build "$kind"; done
declare -A processes statuses
for kind in "$@"; do
    run "$kind" &
    processes[$kind]=$!
done
for kind in "$@"; do
    statuses[$kind]=0
    wait "${processes[$kind]}" || statuses[$kind]=$?
done
status=0
for kind in "$@"; do tell "$kind" || status=1; done
exit "$status"
