#!/usr/bin/env bash
# Counts the instructions that one job costs the library's process, and compares them with what they were:
# a slow-down that no clock of a busy machine would show. Redis and the kernel are not counted.
#
# Each workload runs under valgrind with two numbers of jobs; the difference is free of what starting
# costs. Counts move by less than 3 % from run to run, with twice as many busy neighbours as processors
# too. Fails when one is more than a tenth above that in instructions.txt.
#
# Usage: check-instructions.sh DIRECTORY-OF-THE-PROGRAMS [--update]
set -euo pipefail
# A count that failed must not pass for none.
shopt -s inherit_errexit

programs=$(realpath "$1")
update=${2:-}
counts=$(dirname "$(realpath "$0")")/instructions.txt
margin_percent=10
few=4000 many=12000

scratch=$(mktemp -d)
socket=$scratch/redis.sock
redis_pid=''
finish() {
    [[ -z $redis_pid ]] || { kill "$redis_pid" && wait "$redis_pid" || true; } 2>/dev/null
    rm -rf "$scratch"
}
trap finish EXIT

# valgrind cannot read all of the debugging information, and needs none of it.
strip --strip-debug -o "$scratch/jobqueue-bench" "$programs/jobqueue-bench"

redis-server --port 0 --unixsocket "$socket" --dir "$scratch" --save '' >"$scratch/redis.log" 2>&1 &
redis_pid=$!

# Instructions of a run with so many jobs. Where threads take turns fairly, counts repeat best.
count() {
    local workload=$1 jobs=$2
    if ! valgrind --tool=callgrind --callgrind-out-file="$scratch/profile" --fair-sched=try \
        "$scratch/jobqueue-bench" --work "$workload" "$jobs" "$socket" >"$scratch/log" 2>&1; then
        cat "$scratch/log" >&2
        return 1
    fi
    awk '/Collected :/ { print $4 }' "$scratch/log"
}

# Instructions per job.
measure() {
    local low high
    low=$(count "$1" "$few")
    high=$(count "$1" "$many")
    echo $(((high - low) / (many - few)))
}

before() { awk -v name="$1" '$1 == name { print $2 }' "$counts"; }

status=0
results=()
for workload in drain-10 drain-100 enqueue-1 enqueue-100 enqueue-batches; do
    now=$(measure "$workload")
    then=$(before "$workload")
    results+=("$(printf '%-16s %8d' "$workload" "$now")")
    if [[ -z $then ]]; then
        verdict='not known'
        status=1
    else
        verdict=$(awk -v a="$now" -v b="$then" 'BEGIN { printf "%+.1f %%", (a / b - 1) * 100 }')
        if ((now * 100 > then * (100 + margin_percent))); then
            verdict+=', TOO MANY'
            status=1
        elif ((now * 100 < then * (100 - margin_percent))); then
            verdict+=', better: keep it with make bench-check UPDATE=1'
        fi
    fi
    printf '%-16s %8d instructions per job (was %s: %s)\n' "$workload" "$now" "${then:--}" "$verdict"
done

if [[ $update == --update ]]; then
    { sed '/^[^#]/d' "$counts"; printf '%s\n' "${results[@]}"; } >"$scratch/new"
    cp "$scratch/new" "$counts"
    echo "written to $counts"
elif ((status)); then
    echo "a count is more than a tenth above what it was, or has nothing to be compared with. Where the" \
        "cost is worth what it buys, say so in the commit, with: make bench-check UPDATE=1" >&2
    exit 1
fi
