#!/usr/bin/env bash
# Tortures with the seeds of seeds.txt and a new one on Redis, and with the first and a new one on a file,
# two at a time. A new one that fails belongs into seeds.txt.
#
# Usage: run-seeds.sh [SECONDS] [BROKER/SEED…]
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-40}
shift || true
runs=("$@")
if ((${#runs[@]} == 0)); then
    mapfile -t runs < <(sed 's/#.*//' Tests/Torture/seeds.txt | grep -Eo '(redis|sqlite)/[0-9]+')
    new=$(date +%s)
    runs+=("redis/$new" "sqlite/$new")
fi

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
mkdir "$logs/redis" "$logs/sqlite"
printf '%s\n' "${runs[@]}" | xargs -P 2 -I{} sh -c "
    .build/debug/jobqueue-torture --broker \"\$(dirname {})\" --seed \"\$(basename {})\" \\
        --seconds $seconds >'$logs/{}' 2>&1 || touch '$logs/{}.red'"

status=0
for run in "${runs[@]}"; do
    # The plan stands first; it is of interest when something was broken.
    if [[ -e $logs/$run.red ]]; then
        status=1
        cat "$logs/$run"
    else
        sed -n '/ jobs ended, /p' "$logs/$run"
    fi
done
exit "$status"
