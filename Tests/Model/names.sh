#!/usr/bin/env bash
# Looks whether the scripts and the model name each other: each script that writes is a transition of the
# model, each transition is a script, and each rule that can be left out of one is left out in cases.txt.
set -euo pipefail
cd "$(dirname "$0")"
status=0

complain() {
    echo "$*" >&2
    status=1
}

# What a script that is no transition may ask of Redis.
reads=' EXISTS GET HEXISTS HGET HLEN HSCAN HMGET LINDEX LLEN LRANGE SSCAN TIME TYPE ZCARD ZRANGE ZRANGEBYSCORE'
reads+=' ZREVRANGE ZSCORE '
named=' '

for script in ../../Sources/RedisBroker/Scripts/*.lua; do
    name=${script##*/}
    model=$(sed -n 's/^-- Model: //p' "$script")
    case $model in
        'transition '*' in '*)
            transition=$(cut -d ' ' -f 2 <<<"$model")
            for file in $(grep -oE 'Tests/Model/[a-z]+\.pml' <<<"$model"); do
                file=${file##*/}
                grep -qE "^inline $transition\(" "$file" && grep -qE "> .*\b$transition\(" ./*.pml ||
                    complain "$name: $file has no transition $transition, or does not take it"
                grep -qE "^breaks +${file%.pml} .*\b$transition\b" cases.txt ||
                    complain "$name: no rule of $transition in $file is left out in cases.txt"
                named+="$file:$transition "
            done
            ;;
        'none, it only reads')
            for command in $(grep -oE "redis\.p?call\('\w+" "$script" | cut -d "'" -f 2); do
                [[ $reads == *" $command "* ]] || complain "$name: $command does not only read"
            done
            ;;
        'none, it leaves nothing behind') ;;
        'none, it only drops dead letters')
            for command in $(grep -oE "redis\.p?call\('\w+" "$script" | cut -d "'" -f 2); do
                [[ "$reads ZREM " == *" $command "* ]] ||
                    complain "$name: $command does more than to drop dead letters"
            done
            ;;
        *) complain "$name: its header does not say '-- Model: transition NAME in FILE'" ;;
    esac
done

while IFS=: read -r file transition; do
    [[ $named == *" $file:$transition "* ]] || complain "$file: no script names $transition"
done < <(grep -oE '^inline [A-Z]\w*' ./*.pml | sed 's|^\./||; s/:inline /:/')

# A word that a model asks for and no file defines is a rule.
for rule in $(grep -ohE '(#ifn?def |defined\()\w+' ./*.pml | grep -oE '\w+$' | sort -u); do
    grep -qE "^#define $rule\b" ./*.pml || [[ $rule == SHORTEST ]] || grep -qE "\b$rule\b" cases.txt ||
        complain "$rule is not left out in cases.txt"
done
exit $status
