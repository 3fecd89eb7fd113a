#!/usr/bin/env bash
# Builds jobqueued-VERSION.ARCHITECTURE.rpm of the tree as it is, in .build/package: on the system for which it is
# meant, since it asks for the libraries that it is linked with.
#
# Usage: rpm.sh
set -euo pipefail
cd "$(dirname "$0")/.."

output=$PWD/.build/package
work=$output/rpm
rm -rf "$work" "$output"/jobqueued-*.rpm
mkdir -p "$work"
# On Debian the packages of the build are not known to rpm.
options=()
[[ ! -e /etc/debian_version ]] || options+=(--nodeps)
rpmbuild -bb --build-in-place "${options[@]}" --define "_topdir $work" \
    --define "programs $output/programs" packaging/rpm/jobqueued.spec >"$work/log" 2>&1 \
    || { cat "$work/log"; exit 1; } >&2
mv "$work"/RPMS/*/jobqueued-*.rpm "$output/"
ls "$output"/jobqueued-*.rpm
