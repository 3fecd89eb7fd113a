#!/usr/bin/env bash
# Builds the programs as packages have them: in release, with Swift's runtime inside, stripped, and looking
# for libraries where the system has them and nowhere else.
#
# Usage: programs.sh DIRECTORY, into which they are put
set -euo pipefail
cd "$(dirname "$0")/.."

target=$1
for program in jobqueued jobqueuectl; do
    swift build -c release --static-swift-stdlib --scratch-path .build/package --product "$program"
done
mkdir -p "$target"
for program in jobqueued jobqueuectl; do
    strip --strip-unneeded --remove-section=.comment -o "$target/$program" ".build/package/release/$program"
    patchelf --remove-rpath "$target/$program"
done
