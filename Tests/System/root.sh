#!/usr/bin/env bash
# Makes a Debian 12 with Redis and what the package needs, once: it is kept between runs, outside of the
# checkout. Prints its path.
#
# Usage: root.sh
set -euo pipefail

cache=${JOBQUEUED_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/jobqueued}
release=bookworm
packages=(
    systemd systemd-sysv dbus redis-server curl # the machine, and what is looked at
    libhiredis0.14 libmicrohttpd12 libsqlite3-0 libjemalloc2 libsystemd0 libstdc++6 # the package's dependencies
    util-linux procps passwd man-db
    sqlite3 # a producer of the file
    python3-minimal nodejs php-cli # what handlers are written in
    polkitd libpam-systemd # lets handlers start units
)
# Another list makes another root.
name=$release-$(printf '%s\n' "${packages[@]}" | md5sum | cut -c 1-12)
root=$cache/$name

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [[ ! -e $root/.complete ]]; then
    # The mirror that this machine uses itself.
    mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' \
        | awk -v release="$release" '$2 == release && $3 == "main" { print $1; exit }')
    [[ -n $mirror ]] || { echo "no apt source of this machine has $release" >&2; exit 1; }
    echo "making a Debian $release in $root, from $mirror" >&2
    rm -rf "$root" "$root.new"
    list=$(IFS=,; echo "${packages[*]}")
    debootstrap --variant=minbase --include="$list" \
        "$release" "$root.new" "$mirror" >&2
    # No second copy of each package, and nothing that differs between machines.
    rm -rf "$root.new"/var/cache/apt/archives/*.deb "$root.new"/var/lib/apt/lists/*
    touch "$root.new/.complete"
    mv "$root.new" "$root"
fi
echo "$root"
