#!/usr/bin/env bash
# Searches the model of the protocol through and through: with all its rules it must keep every promise,
# and with any one left out it must break one, or else it would prove nothing. See README.md.
#
#     check.sh                        all of cases.txt, and names.sh
#     check.sh trail MODEL WORD...    the shortest way to what breaks with these rules and bounds, in words
set -euo pipefail
model_directory=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# make_search MODEL 'FLAGS' WORD...: leaves the search, a program, in this directory.
make_search() {
    local model=$1 flags=$2
    shift 2
    # shellcheck disable=SC2086 # the flags are words
    spin -a "${@/#/-D}" "$model_directory/$model.pml" &&
        gcc -w -DNOREDUCE -DVECTORSZ=512 -DMEMLIM=900 $flags -o pan pan.c
}

# search MODEL WHAT OPTIMISATION WORD...: what it says is in search.log.
search() {
    local model=$1 what=$2 optimisation=$3
    shift 3
    case $what in
        no-loop) make_search "$model" "$optimisation -DNP" "$@" && ./pan -l -w22 ;;
        *) make_search "$model" "$optimisation -DSAFETY" "$@" && ./pan -w22 ;;
    esac >search.log 2>&1
}

# in_words MODEL WORD...: the trail that a search has left.
in_words() {
    local model=$1
    shift
    spin -k "$model.pml.trail" -B "${@/#/-D}" "$model_directory/$model.pml" | grep -E '[^[:space:]]'
}

# hold MODEL WHAT WORD...: all states were seen, and none was bad.
hold() {
    search "$1" "$2" -O1 "${@:3}" && grep -q 'errors: 0$' search.log &&
        ! grep -qE 'not completed|too small|MEMLIM|out of memory' search.log
}

# break_down MODEL WHAT WORD...: what was to be found was found.
break_down() {
    local sign="assertion violated $2 "
    [[ $2 != no-loop ]] || sign='non-progress cycle '
    search "$1" "$2" -O0 "${@:3}" && grep -q "^pan:1: $sign" search.log
}

# look VERDICT MODEL WHAT [TRANSITIONS] WORD...: one row, one line; of what is not as it must be, all.
look() {
    local verdict=$1 model=$2 what=$3 started=$SECONDS
    shift 3
    case $verdict in
        holds) hold "$model" "$what" "$@" || verdict=FAILED ;;
        breaks) shift && break_down "$model" "$what" "$@" || verdict=FAILED ;;
        *) echo "cases.txt: what is '$verdict'?" && verdict=FAILED ;;
    esac
    printf '%-7s %-8s %-15s %-56s %8d states %3d s\n' "$verdict" "$model" "$what" "$*" \
        "$(awk '/ states, stored/ { print $1 }' search.log)" $((SECONDS - started))
    [[ $verdict != FAILED ]] || {
        cat search.log
        in_words "$model" "$@"
        return 1
    }
}

if [[ ${1:-} == trail ]]; then
    cd "$work"
    make_search "$2" '-O1 -DSAFETY -DBFS' SHORTEST "${@:3}"
    ./pan -w22 | grep -E '^pan:|errors:|states, stored'
    in_words "$2" SHORTEST "${@:3}"
    exit
fi

"$model_directory/names.sh"
grep -E '^[^#]' "$model_directory/cases.txt" >"$work/rows"
touch "$work/kept"

# Two at a time, each in a directory of its own.
while read -ra row; do
    while (($(jobs -rp | wc -l) >= 2)); do wait -n || true; done
    directory=$(mktemp -d -p "$work")
    (cd "$directory" && look "${row[@]}" && echo >>"$work/kept") &
done <"$work/rows"
wait

if [[ $(wc -l <"$work/kept") != $(wc -l <"$work/rows") ]]; then
    echo "FAILED: see above"
    exit 1
fi
echo "every promise holds, and every rule is needed"
