#!/usr/bin/env bash
# Installs the package in a Debian of its own, boots that with a real systemd, and looks from inside at what an
# administrator expects of the service: a line for each check. Everything is ended and removed at the end.
#
# Usage: run.sh PACKAGE.deb DIRECTORY-OF-THE-DEBUG-PROGRAMS
set -euo pipefail

package=$(realpath "$1")
debug_programs=$(realpath "$2")
here=$(realpath "$(dirname "$0")")

if ((EUID != 0)); then
    echo '*** The system test was SKIPPED: only root can boot a machine by systemd-nspawn. ***' >&2
    # What decides about a change must not take that for a success.
    [[ -n ${CI:-} ]] && exit 1
    exit 0
fi

scratch=$(mktemp -d "${TMPDIR:-/var/tmp}/jobqueued-system.XXXXXX")
root=$scratch/root
nspawn='' init='' checks=''

finish() {
    local status=$?
    trap '' INT TERM
    [[ -z $checks ]] || kill "$checks" 2>/dev/null || true
    if [[ -n $nspawn ]] && kill -0 "$nspawn" 2>/dev/null; then
        # Asks the machine to power off; what does not within a while is cut off.
        kill -TERM "$nspawn" 2>/dev/null || true
        for _ in $(seq 300); do kill -0 "$nspawn" 2>/dev/null || break; sleep 0.1; done
        [[ -z $init ]] || kill -KILL "$init" 2>/dev/null || true
        kill -KILL "$nspawn" 2>/dev/null || true
        wait "$nspawn" 2>/dev/null || true
    fi
    ((status == 0)) || { echo '--- the last lines of the console:'; tail -n 20 "$scratch/console"; } >&2 || true
    rm -rf --one-file-system "$scratch"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

base=$("$here/root.sh")
cp -a --reflink=auto "$base" "$root"
tools=$root/opt/system-test
mkdir -p "$tools/debug"
cp "$here/checks.sh" "$here/work" "$tools/"
cp "$package" "$tools/jobqueued.deb"
# The debug build has fail points, and Swift's runtime beside it.
cp "$debug_programs/jobqueued" "$tools/debug/"
ldd "$debug_programs/jobqueued" | awk '$3 ~ /\/swift\// { print $3 }' | xargs cp -t "$tools/debug/"
echo system-test >"$root/etc/hostname"
printf "%s\n" "127.0.0.1 localhost system-test" "::1 localhost" >"$root/etc/hosts"
# In a session of its own: what ends the test from the terminal is dealt with above.
setsid setpriv --pdeathsig TERM systemd-nspawn --quiet --directory="$root" --boot --register=no --keep-unit --private-network \
    --console=pipe --link-journal=no </dev/null >"$scratch/console" 2>&1 &
nspawn=$!

# Whether the machine's init is there, and what its state is.
state() {
    init=$(pgrep -P "$nspawn" | head -n 1)
    [[ -n $init ]] && nsenter -t "$init" -a systemctl is-system-running 2>/dev/null
}
for _ in $(seq 600); do
    kill -0 "$nspawn" 2>/dev/null || { echo 'the machine did not start' >&2; exit 1; }
    case $(state) in
        running | degraded) booted=yes && break ;;
    esac
    sleep 0.1
done
[[ -n ${booted:-} ]] || { echo 'the machine did not come up within a minute' >&2; exit 1; }
init=$(pgrep -P "$nspawn" | head -n 1)

# In the background, so that a signal is heard at once.
timeout 900 nsenter -t "$init" -a /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root \
    ${ONLY:+ONLY="$ONLY"} bash /opt/system-test/checks.sh </dev/null &
checks=$!
wait "$checks"
