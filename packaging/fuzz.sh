#!/usr/bin/env bash
# Tries inputs that libFuzzer makes on whatever reads foreign bytes, under AddressSanitizer. What breaks a
# promise is left in Tests/Fuzz/Crashes; see the README there.
#
# Usage: fuzz.sh SECONDS SEED [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=$1
seed=$2
shift 2
build=.build/fuzz
swift build --product jobqueue-fuzz --sanitize address --scratch-path "$build" \
    -Xswiftc -sanitize=fuzzer,address -Xswiftc -use-ld=lld
program=$build/debug/jobqueue-fuzz
((seed)) || seed=$((RANDOM + 1))

# A list that is announced as endless is refused by the allocator, not reported. What Swift's runtime
# keeps for the life of a process is no leak.
export ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=0
# libFuzzer reports a trap; Swift's reporter would wait for a process that is gone.
export SWIFT_BACKTRACE=enable=no

try() {
    local log=$build/$1.log
    if "$program" "$1" --seconds "$seconds" --seed "$seed" >"$log" 2>&1; then
        echo "$1, seed $seed: $(grep '^Done' "$log")"
    else
        echo "$1, seed $seed: something was found, see $log"
        grep -E 'promise|runtime failure|ERROR|Test unit' "$log"
        return 1
    fi
}
export -f try
export program build seconds seed
(($#)) && targets=("$@") || mapfile -t targets < <("$program")
printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I TARGET bash -c 'try TARGET'
