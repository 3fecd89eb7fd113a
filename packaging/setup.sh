#!/usr/bin/env bash
# Installs what building, testing and the demo need and this machine has not, and the packages that are
# named besides. Debian 12 or later.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
    libhiredis-dev libsystemd-dev libmicrohttpd-dev # the libraries that are linked,
    libsqlite3-dev                                  # this one for the embedded broker
    libjemalloc-dev                                 # and the daemon's allocator
    redis-server                                    # the tests and the demo start their own
    prometheus                                      # promtool checks the metrics
    mandoc systemd                                  # check the manual pages and the units
    curl
    python3 python3-venv                            # for the independent varlink client
    spin gcc libc6-dev                              # the model of the protocol
    "$@"
)

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [[ $status == installed ]] || missing+=("$package")
done

if ((${#missing[@]})); then
    echo "installing ${missing[*]}"
    as_root=()
    ((EUID == 0)) || as_root=(sudo)
    # Services of these packages are not wanted: everything is started by whoever uses it.
    export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if ! command -v swift >/dev/null; then
    echo "swift is missing: install Swift 6.2 or later (see swift.org) and put it on the PATH" >&2
    exit 1
fi

# A client of the control socket that nobody here wrote, in an environment of its own: the Makefile
# puts it on the PATH of the tests.
python=.build/python
if ! "$python/bin/python3" -c 'import varlink' 2>/dev/null; then
    python3 -m venv "$python"
    "$python/bin/pip" install --quiet --disable-pip-version-check varlink
fi
