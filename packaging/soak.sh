#!/usr/bin/env bash
# Whether a daemon's memory stays flat: a constant load for some minutes, its resident memory each second.
# Everything is started here, in a scratch folder, and ended here.
#
# Usage: soak.sh DIRECTORY-OF-THE-PROGRAMS [MINUTES]
set -euo pipefail

programs=$(realpath "$1")
minutes=${2:-10}
scratch=$(mktemp -d)
redis_pid='' daemon_pid=''

finish() {
    for pid in $daemon_pid $redis_pid; do
        kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true
    done
    rm -rf "$scratch"
}
trap finish EXIT

redis() { redis-cli -s "$scratch/redis.sock" "$@"; }
await() { for _ in $(seq 100); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done; return 1; }

redis-server --port 0 --unixsocket "$scratch/redis.sock" --dir "$scratch" --save '' >/dev/null &
redis_pid=$!
await redis ping
"$programs/jobqueued" --addr "unix:$scratch/redis.sock" --demo --control "$scratch/control.sock" \
    --metrics-addr 127.0.0.1:0 --concurrency 100 2>"$scratch/log" &
daemon_pid=$!
await grep -q ready: "$scratch/log"

# One second's work: mostly jobs that succeed, some that fail, and each minute's worth of odd ones.
for _ in $(seq 1000); do
    echo "RPUSH jq:{default}:pending '{\"type\":\"email:welcome\",\"payload\":{\"user_id\":42}}'"
done >"$scratch/load"
for number in $(seq 20); do
    echo "RPUSH jq:{default}:pending '{\"type\":\"demo:flaky\"}'"
    echo "RPUSH jq:{default}:pending '{\"type\":\"no:such-$number\"}'"
done >>"$scratch/load"

for _ in $(seq $((minutes * 60))); do
    redis <"$scratch/load" >/dev/null
    redis DEL 'jq:{default}:dead' >/dev/null
    awk '/^VmRSS/ { print $2 }' "/proc/$daemon_pid/status" >>"$scratch/rss"
    sleep 1
done

median() { sort -n | awk '{ values[NR] = $1 } END { print values[int((NR + 1) / 2)] }'; }
half=$((minutes * 30))
quarter=$((half / 2))
third=$(tail -n "$half" "$scratch/rss" | head -n "$quarter" | median)
fourth=$(tail -n "$quarter" "$scratch/rss" | median)
echo "first half $(head -n "$half" "$scratch/rss" | median) KiB, third quarter $third KiB, fourth $fourth KiB;" \
    "$(redis HGET 'jq:{default}:totals' done) jobs done"
awk -v a="$third" -v b="$fourth" 'BEGIN {
    growth = 100 * (b - a) / a
    printf "growth in the second half: %.1f %%\n", growth
    exit growth > 5
}'
