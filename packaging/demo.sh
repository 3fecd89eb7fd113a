#!/usr/bin/env bash
# Shows the whole of jobqueued in half a minute: the daemon on a file of its own or on a private Redis, and
# jobs that work, fail, are retried and die. Everything is started here, in a scratch folder, and ended here.
#
# Usage: demo.sh DIRECTORY-OF-THE-PROGRAMS [sqlite|redis]
set -euo pipefail

programs=$(realpath "$1")
broker=${2:-sqlite}
scratch=$(mktemp -d)
socket=$scratch/control.sock
redis_socket=$scratch/redis.sock
file=$scratch/jobs.db
redis_pid='' daemon_pid=''

finish() {
    local status=$?
    for pid in $daemon_pid $redis_pid; do
        kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true
    done
    ((status == 0)) || { echo "the demo failed; the daemon's log:"; cat "$scratch/daemon.log"; } >&2
    rm -rf "$scratch"
}
trap finish EXIT

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
ctl() { "$programs/jobqueuectl" --socket "$socket" "$@"; }
redis() { redis-cli -s "$redis_socket" "$@"; }

# Waits for a condition, at most 20 seconds.
await() {
    for _ in $(seq 200); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    echo "gave up waiting for: $*" >&2
    return 1
}

if [[ $broker == redis ]]; then
    say "A private Redis with its append-only file on, and the daemon with the demo's handlers"
    redis-server --port 0 --unixsocket "$redis_socket" --dir "$scratch" --save '' --appendonly yes \
        >"$scratch/redis.log" 2>&1 &
    redis_pid=$!
    await redis ping
    address=unix:$redis_socket
else
    say "The daemon with the demo's handlers, and a file for its jobs; nothing else"
    address=sqlite:$file
fi
"$programs/jobqueued" --addr "$address" --demo --control "$socket" \
    --metrics-addr 127.0.0.1:0 >"$scratch/daemon.log" 2>&1 &
daemon_pid=$!
await grep -q 'ready:' "$scratch/daemon.log"
port=$(sed -n 's/.*http:\/\/127\.0\.0\.1:\([0-9]*\).*/\1/p' "$scratch/daemon.log" | head -n 1)
cat "$scratch/daemon.log"

say "5 email:welcome and 20 demo:flaky, which fails 6 times in 10 and has 4 attempts"
ctl enqueue --type email:welcome --payload '{"user_id":42}' --count 5
ctl enqueue --type demo:flaky --count 20 >/dev/null
if [[ $broker == redis ]]; then
    say "Any Redis client is a producer, too"
    redis RPUSH 'jq:{default}:pending' '{"type":"email:welcome","payload":{"user_id":43}}'
else
    say "Any SQLite client is a producer, too"
    python3 -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])' "$file" \
        "INSERT INTO enqueue(envelope) VALUES ('{\"type\":\"email:welcome\",\"payload\":{\"user_id\":43}}')"
fi

say "jobqueuectl stats, until all is done or dead"
all_ended() {
    curl -sf "http://127.0.0.1:$port/stats" \
        | grep -q '^{"pending":0,"scheduled":0,"active":0,'
}
for _ in $(seq 12); do
    ctl stats
    all_ended && break
    sleep 1
done
await all_ended

say "The dead letters"
ctl dead

say "Some of the metrics (http://127.0.0.1:$port/metrics)"
curl -sf "http://127.0.0.1:$port/metrics" \
    | grep -E '^jobqueue_(jobs|oldest|slots)' | grep -v ' 0$'

say "What the daemon's log says of one job (journalctl JOB_ID=… in a service)"
id=$(sed -n 's/^WARNING .* job=\([^ ]*\) .*attempt=3$/\1/p' "$scratch/daemon.log" | head -n 1)
grep "job=${id:-none}" "$scratch/daemon.log" || echo "(no job failed three times, this time)"

say "SIGTERM: a drain"
kill "$daemon_pid"
wait "$daemon_pid"
daemon_pid=''
tail -n 2 "$scratch/daemon.log"
say "That was it."
