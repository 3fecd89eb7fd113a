#!/usr/bin/env bash
# Tortures with the seeds of seeds.txt and a new one, two at a time. A new one that fails belongs into
# seeds.txt.
#
# Usage: run-seeds.sh [SECONDS] [SEED…]
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-40}
shift || true
seeds=("$@")
if ((${#seeds[@]} == 0)); then
    mapfile -t seeds < <(sed 's/#.*//' Tests/Torture/seeds.txt | grep -Eo '[0-9]+')
    seeds+=("$(date +%s)")
fi

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
printf '%s\n' "${seeds[@]}" | xargs -P 2 -I{} sh -c \
    ".build/debug/jobqueue-torture --seed {} --seconds $seconds >'$logs/{}' 2>&1 || touch '$logs/{}.red'"

status=0
for seed in "${seeds[@]}"; do
    # The plan stands first; it is of interest when something was broken.
    if [[ -e $logs/$seed.red ]]; then
        status=1
        cat "$logs/$seed"
    else
        sed -n '/ jobs ended, /p' "$logs/$seed"
    fi
done
exit "$status"
