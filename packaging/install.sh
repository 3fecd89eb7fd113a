#!/usr/bin/env bash
# Puts the programs, units, manual pages and all else into a tree, as packages have them.
#
# Usage: install.sh DIRECTORY-OF-THE-PROGRAMS DESTINATION
set -euo pipefail
programs=$(realpath "$1")
mkdir -p "$2"
destination=$(realpath "$2")
cd "$(dirname "$0")/.."

# MODE FILE PATH-IN-THE-TREE
put() { install -D -p -m "$1" "$2" "$destination/$3"; }

for program in jobqueued jobqueuectl; do
    put 755 "$programs/$program" "usr/bin/$program"
    put 644 "packaging/bash-completion/$program" "usr/share/bash-completion/completions/$program"
done

for unit in systemd/*.service systemd/*.socket; do
    put 644 "$unit" "usr/lib/systemd/system/${unit##*/}"
done
put 755 systemd/enqueue-slot usr/lib/jobqueued/enqueue-slot
put 644 systemd/jobqueued.sysusers usr/lib/sysusers.d/jobqueued.conf
put 644 systemd/jobqueued.tmpfiles usr/lib/tmpfiles.d/jobqueued.conf
put 644 systemd/jobqueued.catalog usr/lib/systemd/catalog/jobqueued.catalog

put 644 packaging/jobqueued.conf etc/jobqueued/jobqueued.conf
put 644 packaging/default etc/default/jobqueued
mkdir -p "$destination"/etc/jobqueued/{jobqueued.conf.d,handlers.d,enqueue.d}

for page in packaging/man/*; do
    put 644 "$page" "usr/share/man/man${page##*.}/${page##*/}"
done
gzip -9n "$destination"/usr/share/man/man?/*

documents=usr/share/doc/jobqueued
for example in systemd/examples/* packaging/{prometheus,grafana,container}/* packaging/jobqueued.conf \
    Sources/RedisBroker/Scripts/enqueue.lua Sources/JobControl/io.jobqueue.Control.varlink; do
    [[ ! -f $example ]] || put 644 "$example" "$documents/examples/${example##*/}"
done
for example in systemd/examples/drop-ins/*; do
    put 644 "$example" "$documents/examples/drop-ins/${example##*/}"
done
# Links lead to what is installed; what is in the sources alone is named and not linked.
for file in README.md docs/*.md docs/decisions/*.md; do
    put 644 "$file" "$documents/${file#docs/}"
    sed -E -i -e 's#\[([^]]+)\]\(docs/\)#\1#g' -e 's#\]\(docs/#](#g' \
        -e 's#\]\(\.\./(packaging/([a-z]+/)?|systemd/examples/)#](examples/#g' \
        -e 's#\[([^]]+)\]\((\.\./)*(Tests|Sources|CONTRIBUTING)[^)]*\)#\1#g' "$destination/$documents/${file#docs/}"
done
