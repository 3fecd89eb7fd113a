#!/usr/bin/env bash
# What an administrator expects of the service, checked inside of a booted machine. Each function below is a
# check, and the sentence over it what is printed. ONLY=name,name runs some of them alone.
set -uo pipefail

effects=/var/lib/jobqueued/effects
failed=0
export DEBIAN_FRONTEND=noninteractive

# Waits for a command to succeed, for at most 30 seconds.
await() {
    for _ in $(seq 300); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    echo "gave up waiting for: $*"
    return 1
}
# The same with a limit in seconds.
await_for() {
    local limit=$1
    shift
    timeout "$limit" bash -c 'until "$@" >/dev/null 2>&1; do sleep 0.05; done' bash "$@" && return
    echo "not within $limit s: $*"
    return 1
}
export -f await await_for

says() { grep -qF -- "$2" <<<"$1" || { echo "\"$2\" is not in:"; echo "$1"; return 1; }; }
is() { [[ $1 == "$2" ]] || { echo "$1 instead of $2"; return 1; }; }
fails() { ! "$@" || { echo "succeeded, and should not: $*"; return 1; }; }
journal() { journalctl --quiet --no-pager --output=cat --unit=jobqueued "$@"; }
journal_says() { journalctl --sync; says "$(journal --since="$since")" "$1"; }
property() { systemctl show --value --property="$1" "${2:-jobqueued}"; }
active() { [[ $(property ActiveState "${1:-jobqueued}") == active ]]; }
status_says() { property StatusText "${2:-jobqueued}" | grep -qF -- "$1"; }
started() { [[ $(grep -c "^S $1 " "$effects") -ge ${2:-1} ]]; }
ended() { grep -q "^X $1\$" "$effects"; }
running() { started "$1" && ! ended "$1"; }
export -f says property active status_says started ended running
export effects
enqueue() { jobqueuectl enqueue --type test:work "$@" >/dev/null; }
as() { local user=$1; shift; runuser -u "$user" -- "$@"; }
files() {
    find / -xdev \( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /var/tmp -o -path /var/log \
        -o -path /var/lib/dpkg -o -path /var/cache -o -path /root -o -path /opt \) -prune -o -print | sort
}
drop_in() { # NAME, lines on standard input
    mkdir -p "/etc/systemd/system/jobqueued.service.d"
    cat >"/etc/systemd/system/jobqueued.service.d/$1.conf"
    systemctl daemon-reload
}
without_drop_ins() {
    rm -rf /etc/systemd/system/jobqueued.service.d
    systemctl daemon-reload
    systemctl reset-failed jobqueued 2>/dev/null
    systemctl restart jobqueued
}

# After a check that failed half-way: the ones after it are to tell of themselves alone.
as_before() {
    rm -f "${effects%/*}/go"
    systemctl stop jobqueued.socket jobqueued-metrics.socket jobqueued
    # Its password, too, is gone with it.
    systemctl restart redis-server
    redis-cli FLUSHALL
    without_drop_ins
}

# Runs the function of this name, and says how it went.
check() {
    local sentence=$1 name=$2 output begin=$SECONDS
    [[ -z ${ONLY:-} || ,install,$ONLY,purge, == *",$name,"* ]] || return 0
    # For journal_says: nothing that came before counts.
    since=$(date '+%Y-%m-%d %H:%M:%S.%6N')
    # Not as a condition: there a failure within the function would be passed over.
    output=$(set -e; "$name" 2>&1)
    if (($? == 0)); then
        printf 'ok      %s (%d s)\n' "$sentence" $((SECONDS - begin))
    else
        printf 'FAILED  %s (%d s)\n' "$sentence" $((SECONDS - begin))
        sed 's/^/        /' <<<"$output"
        journal --since="$since" | tail -n 15 | sed 's/^/        | /'
        failed=$((failed + 1))
        as_before >/dev/null 2>&1
    fi
}

install() {
    files >/root/files-before
    apt-get install --yes /opt/system-test/jobqueued.deb
    active
    is "$(systemctl is-enabled jobqueued)" enabled
    getent passwd jobqueued
    # Nobody is asked to trust a system where everything is left as it was.
    command install -D -m 755 /opt/system-test/work /usr/local/lib/jobs/work
    printf '%s\n' '[Handler]' 'Type=test:*' 'Exec=/usr/local/lib/jobs/work' 'RetryBase=200ms' \
        >/etc/jobqueued/handlers.d/work.conf
    su -s /bin/sh -c 'jobqueued --check' jobqueued
    touch "$effects"
    chown jobqueued: "$effects"
    useradd --create-home --groups jobqueued alice
    useradd --create-home bob
    systemctl restart jobqueued
    active
}

ready() {
    systemctl stop jobqueued redis-server
    systemctl start --no-block jobqueued
    await status_says 'waiting for Redis at localhost:6379'
    is "$(property ActiveState)" activating
    systemctl start redis-server
    await_for 5 active
    await status_says 'running 0/10, pending 0, redis '
}

steer() {
    local user
    for user in root alice; do
        as "$user" jobqueuectl stats
        as "$user" jobqueuectl pause default
        as "$user" jobqueuectl enqueue --type test:work --payload '"die"' --id "steer-$user"
        says "$(as "$user" jobqueuectl stats)" paused
        as "$user" jobqueuectl resume default
        await as "$user" jobqueuectl dead show "steer-$user"
        as "$user" jobqueuectl requeue "steer-$user"
        await started "steer-$user" 2
        await as "$user" jobqueuectl dead show "steer-$user"
    done
    fails as bob jobqueuectl stats
    fails as bob jobqueuectl pause
    fails says "$(jobqueuectl stats)" paused
}

journal_life() {
    enqueue --id life-1 --payload '"fail-once"'
    await ended life-1
    enqueue --id life-2 --payload '"die"'
    await jobqueuectl dead show life-2
    journalctl --sync
    local life
    life=$(journal JOB_ID=life-1)
    says "$life" 'the handler works on life-1'
    says "$life" 'attempt 1 of 25 failed'
    fails says "$life" life-2
    says "$(journal --priority=err JOB_ID=life-2)" 'this can never work'
    says "$(journal JOB_ID=life-2)" 'job is dead after attempt 1'
}

explain() {
    enqueue --id explain-1 --payload '"die"'
    await jobqueuectl dead show explain-1
    journalctl --sync
    local text
    text=$(journalctl --no-pager --catalog --unit=jobqueued JOB_ID=explain-1)
    says "$text" 'Subject: Job explain-1 is dead'
    says "$text" 'jobqueuectl requeue explain-1'
}

pages() {
    local page
    page=$(curl --silent --fail localhost:2112/metrics)
    says "$page" 'jobqueue_broker_up 1'
    says "$page" 'jobqueue_slots 10'
    is "$(curl --silent --fail --output /dev/null --write-out '%{http_code}' localhost:2112/healthz)" 200
}

drain() {
    enqueue --id drain-1 --payload '"wait"'
    await running drain-1
    systemctl stop --no-block jobqueued
    await status_says 'draining'
    is "$(property ActiveState)" deactivating
    touch "${effects%/*}/go"
    await ended drain-1
    await_for 5 bash -c '[[ $(property ActiveState) == inactive ]]'
    is "$(property Result)" success
    journal_says 'draining (SIGTERM)'
    rm "${effects%/*}/go"
    systemctl start jobqueued
}

status_says_no_errors() { ! status_says 'has errors'; }
export -f status_says_no_errors

reload() {
    local pid file=/etc/jobqueued/handlers.d/greeting.conf
    pid=$(property MainPID)
    printf '[Handler]\nType=greeting:hello\nExec=/bin/echo hello\n' >"$file"
    systemctl reload jobqueued
    await journal_says "was read anew (jobqueuectl, pid "
    is "$(jobqueuectl enqueue --type greeting:hello --wait)" '"hello\n"'
    echo 'Timeout=soon' >>"$file"
    fails systemctl reload jobqueued
    active
    await status_says 'the configuration has errors'
    # Still, when the status line has gone on.
    await status_says ' ms; the configuration has errors'
    says "$(curl --silent localhost:2112/metrics)" 'jobqueue_config_last_reload_successful 0'
    journal_says "$file:4: "
    says "$(jobqueuectl reload 2>&1)" "$file:4: "
    fails jobqueuectl reload 2>/dev/null
    is "$(jobqueuectl enqueue --type greeting:hello --wait)" '"hello\n"'
    rm "$file"
    kill -HUP "$(property MainPID)"
    await status_says_no_errors
    # It was there within the last hour, so more attempts would be made.
    fails jobqueuectl enqueue --type greeting:hello --max-attempts 1 --wait 2>/dev/null
    is "$(property MainPID)" "$pid"
    active
}

killed() {
    enqueue --id killed-1 --payload '"wait"'
    await running killed-1
    local pid
    pid=$(property MainPID)
    kill -KILL "$pid"
    # A lease is 15 s: only the instance that knows its former self is so fast.
    await_for 5 started killed-1 2
    is "$(property NRestarts)" 1
    touch "${effects%/*}/go"
    await ended killed-1
    rm "${effects%/*}/go"
    journal_says 'took back 1 jobs'
}

watchdog() {
    drop_in debug <<'END'
[Service]
ExecStart=
ExecStart=/opt/system-test/debug/jobqueued
Environment=LD_LIBRARY_PATH=/opt/system-test/debug
WatchdogSec=3
END
    systemctl restart jobqueued
    local pid
    pid=$(property MainPID)
    # Not through the daemon: it may be stuck before it has answered.
    redis-cli RPUSH 'jq:{default}:pending' '{"type":"failpoint:stick-loop"}'
    await bash -c "[[ \$(property MainPID) != $pid && \$(property ActiveState) == active ]]"
    journal_says 'Watchdog timeout (limit 3s)!'
    journal_says 'the event loop is stuck: the watchdog is not fed any more'
    journal_says 'took back 1 jobs'
    # It is stuck again by now: the job is lost with the daemon twice before it is run in a process of its own.
    redis-cli FLUSHALL
    kill -KILL "$(property MainPID)"
    without_drop_ins
    enqueue --id stuck-2
    await ended stuck-2
}

broker_away() {
    local pid
    pid=$(property MainPID)
    systemctl stop redis-server
    await status_says 'Connection refused'
    says "$(systemctl status --no-pager jobqueued)" 'waiting for Redis at localhost:6379: '
    is "$(curl --silent --output /dev/null --write-out '%{http_code}' localhost:2112/healthz)" 503
    active
    systemctl start redis-server
    await enqueue --id away-1
    await_for 5 ended away-1
    await status_says 'running 0/10'
    is "$(property MainPID)" "$pid"
}

activation() {
    systemctl stop jobqueued
    systemctl start jobqueued.socket jobqueued-metrics.socket
    is "$(property ActiveState)" inactive
    as alice jobqueuectl stats
    await active
    curl --silent --fail --output /dev/null localhost:2112/healthz
    fails as bob jobqueuectl stats
    systemctl stop jobqueued
    as alice jobqueuectl stats
    systemctl stop jobqueued.socket jobqueued-metrics.socket jobqueued
    systemctl start jobqueued
    jobqueuectl stats
}

instance() {
    printf '%s\n' '[Daemon]' 'Queues=reports' 'Concurrency=3' 'MetricsAddr=:2113' >/etc/jobqueued/reports.conf
    # An instance may write to its own directory alone.
    printf '%s\n' '[Handler]' 'Type=reports:work' 'Exec=/usr/local/lib/jobs/work' \
        'Environment=EFFECTS=/var/lib/jobqueued/reports/effects' >/etc/jobqueued/handlers.d/reports.conf
    systemctl enable --now jobqueued@reports
    active jobqueued@reports
    jobqueuectl --instance reports enqueue --type reports:work --queue reports --id instance-1
    await grep '^X instance-1$' /var/lib/jobqueued/reports/effects
    says "$(curl --silent localhost:2113/metrics)" 'jobqueue_slots 3'
    says "$(curl --silent localhost:2112/metrics)" 'jobqueue_slots 10'
    says "$(journalctl --no-pager --output=cat --unit=jobqueued@reports JOB_ID=instance-1)" \
        'the handler works on instance-1'
    systemctl reload jobqueued@reports
    echo 'Queues=' >>/etc/jobqueued/reports.conf
    fails systemctl reload jobqueued@reports
    # With a group of its own: its members steer it, and others are told which one to join.
    sed -i '$d' /etc/jobqueued/reports.conf
    mkdir -p /etc/systemd/system/jobqueued@reports.service.d
    printf '%s\n' '[Service]' 'Group=daemon' >/etc/systemd/system/jobqueued@reports.service.d/group.conf
    usermod -a -G daemon bob
    systemctl daemon-reload
    systemctl restart jobqueued@reports
    as bob jobqueuectl --instance reports stats
    says "$(as alice jobqueuectl --instance reports stats 2>&1)" 'join the group daemon'
    rm -r /etc/systemd/system/jobqueued@reports.service.d
    gpasswd --delete bob daemon
    systemctl daemon-reload
    systemctl stop jobqueued@reports
    active
}

foreign_directory() {
    # As a web application is a service of its own, with a directory of its own.
    systemd-run --quiet --wait --pipe -p User=alice -p RuntimeDirectory=shop \
        jobqueuectl enqueue --type test:work --id foreign-1
    await ended foreign-1
    says "$(systemd-run --quiet --wait --pipe -p User=bob -p RuntimeDirectory=shop jobqueuectl stats 2>&1)" \
        'join the group jobqueued'
}

late_broker() {
    drop_in wait <<'END'
[Service]
ExecStart=
ExecStart=/usr/bin/jobqueued --broker-wait 1s
END
    systemctl stop jobqueued redis-server
    systemctl reset-failed jobqueued
    systemctl start --no-block jobqueued
    # Ten starts within a minute would be the end of it: three take longer than 20 s.
    await_for 40 bash -c '[[ $(property NRestarts) -ge 3 ]]'
    fails is "$(property ActiveState)" failed
    systemctl start redis-server
    await_for 15 active
    without_drop_ins
}

leaving() {
    cat >/usr/local/lib/jobs/slow-leave <<'END'
#!/usr/bin/python3
import signal, sys, time
def leave(*_):
    time.sleep(9)
    open("/var/lib/jobqueued/left", "w").close()
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
for line in sys.stdin:
    print('{"ok": true}', flush=True)
while True:
    time.sleep(1)
END
    chmod 755 /usr/local/lib/jobs/slow-leave
    printf '%s\n' '[Handler]' 'Type=slow:*' 'Mode=persistent' 'Exec=/usr/local/lib/jobs/slow-leave' \
        >/etc/jobqueued/handlers.d/slow.conf
    drop_in leave <<'END'
[Service]
ExecStart=
ExecStart=/usr/bin/jobqueued --kill-grace 30s --drain-timeout 1s
TimeoutStopSec=4
END
    systemctl restart jobqueued
    jobqueuectl enqueue --type slow:1 --wait
    systemctl stop jobqueued
    is "$(property Result)" success
    [[ -e /var/lib/jobqueued/left ]]
    rm /etc/jobqueued/handlers.d/slow.conf /var/lib/jobqueued/left
    without_drop_ins
}

languages() {
    cat >/usr/local/lib/jobs/node <<'END'
#!/usr/bin/node
let sum = 0;
for (let i = 0; i < 2e7; i++) sum += i % 7;
process.stdin.resume();
process.stdin.on("end", () => console.log(JSON.stringify({ sum, to: "node" })));
END
    cat >/usr/local/lib/jobs/php <<'END'
#!/usr/bin/php
<?php
$in = stream_get_contents(STDIN);
for ($i = 0, $n = 0; $i < 200000; $i++) $n += preg_match('/(a|b)+c\d/', "xxababc$i");
echo json_encode(["matches" => $n, "to" => "php"]);
END
    chmod 755 /usr/local/lib/jobs/node /usr/local/lib/jobs/php
    local name
    for name in node php; do
        printf '%s\n' '[Handler]' "Type=language:$name" "Exec=/usr/local/lib/jobs/$name" 'MaxAttempts=1' \
            >"/etc/jobqueued/handlers.d/$name.conf"
    done
    jobqueuectl reload
    for name in node php; do
        says "$(jobqueuectl enqueue --type "language:$name" --payload '{}' --wait | tr -d ' ')" "\"to\":\"$name\""
    done
    rm /etc/jobqueued/handlers.d/{node,php}.conf
    jobqueuectl reload
}

drop_ins() {
    local examples=/usr/share/doc/jobqueued/examples/drop-ins
    # A set-group-id program stands for sendmail and the like.
    command install -m 2755 -g mail /usr/bin/id /usr/local/lib/jobs/id-of-mail
    printf '%s\n' '#!/bin/sh' 'exec 2>&1' '/usr/local/lib/jobs/id-of-mail -gn' \
        'mkdir -m 2770 /var/lib/jobqueued/set-gid && echo set-gid-bit && rmdir /var/lib/jobqueued/set-gid' \
        'python3 -c "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)" && echo netlink' \
        'systemctl start --no-block outlive.service && echo unit-started' 'exit 0' >/usr/local/lib/jobs/rules
    chmod 755 /usr/local/lib/jobs/rules
    printf '%s\n' '[Handler]' 'Type=rules' 'Exec=/usr/local/lib/jobs/rules' >/etc/jobqueued/handlers.d/rules.conf
    printf '%s\n' '[Service]' 'ExecStart=/bin/sleep 1' >/etc/systemd/system/outlive.service
    systemctl daemon-reload
    jobqueuectl reload
    local told word
    told=$(jobqueuectl enqueue --type rules --wait)
    for word in '"mail' set-gid-bit netlink unit-started; do fails says "$told" "$word" >/dev/null; done

    mkdir -p /etc/systemd/system/jobqueued.service.d
    cp "$examples"/{sendmail,own-groups,own-addresses}.conf /etc/systemd/system/jobqueued.service.d/
    sed 's/rebuild-index.service/outlive.service/' "$examples/../jobqueued-units.rules" \
        >/etc/polkit-1/rules.d/50-jobqueued.rules
    systemctl restart polkit
    systemctl daemon-reload
    systemctl restart jobqueued
    told=$(jobqueuectl enqueue --type rules --wait)
    for word in '"mail' set-gid-bit netlink unit-started; do says "$told" "$word"; done
    systemctl cat outlive.service >/dev/null

    rm /etc/systemd/system/jobqueued.service.d/*
    cp "$examples"/{own-addresses,compiled-handlers}.conf /etc/systemd/system/jobqueued.service.d/
    systemctl daemon-reload
    systemctl restart jobqueued
    says "$(jobqueuectl enqueue --type rules --wait)" netlink
    rm /etc/jobqueued/handlers.d/rules.conf /etc/systemd/system/outlive.service /etc/polkit-1/rules.d/50-jobqueued.rules
    without_drop_ins
}

file_producers() {
    drop_in file <<'END'
[Service]
ExecStart=
ExecStart=/usr/bin/jobqueued --addr sqlite:/var/lib/jobqueued/jobs.db
END
    systemctl restart jobqueued
    as alice sqlite3 /var/lib/jobqueued/jobs.db \
        "INSERT INTO enqueue(envelope) VALUES ('{\"type\":\"test:work\",\"id\":\"file-1\"}')"
    await ended file-1
    fails as bob sqlite3 /var/lib/jobqueued/jobs.db "INSERT INTO enqueue(envelope) VALUES ('{}')"
    systemctl stop jobqueued
    rm -f /var/lib/jobqueued/jobs.db*
    without_drop_ins
}

checks_as_service() {
    local file=/etc/jobqueued/handlers.d/mine.conf
    command install -m 700 /bin/true /usr/local/lib/jobs/mine
    printf '%s\n' '[Handler]' 'Type=mine' 'Exec=/usr/local/lib/jobs/mine' >"$file"
    fails jobqueued --check
    says "$(jobqueued --check 2>&1)" "$file:3: "
    fails jobqueuectl check
    says "$(jobqueuectl check 2>&1)" "$file:3: "
    chmod 755 /usr/local/lib/jobs/mine
    says "$(jobqueued --check)" 'the settings are good for the user jobqueued'
    jobqueuectl check
    # Below /home the service sees nothing, and a check from outside can only warn.
    command install -D -m 755 /bin/true /home/mine
    sed -i 's,^Exec=.*,Exec=/home/mine,' "$file"
    says "$(jobqueued --check 2>&1)" 'is below /home'
    fails jobqueuectl check
    says "$(jobqueuectl check 2>&1)" 'ProtectHome='
    rm "$file" /home/mine
    jobqueuectl check
}

credential() {
    redis-cli CONFIG SET requirepass 's3cr3t:x'
    redis-cli -a 's3cr3t:x' --no-auth-warning CLIENT KILL TYPE normal
    systemctl stop jobqueued
    fails systemctl start jobqueued
    is "$(property ExecMainStatus)" 77
    is "$(property ActiveState)" failed
    (umask 077 && echo 's3cr3t:x' >/etc/jobqueued/redis-password)
    drop_in password <<'END'
[Service]
LoadCredential=redis-password:/etc/jobqueued/redis-password
END
    systemctl reset-failed jobqueued
    systemctl start jobqueued
    enqueue --id credential-1
    await ended credential-1
    fails journal_says s3cr3t
    redis-cli -a 's3cr3t:x' --no-auth-warning CONFIG SET requirepass ''
    without_drop_ins
}

slot() {
    printf '%s\n' 'TYPE=test:work' 'SLOT=%Y' 'PAYLOAD={"kind":"full"}' >/etc/jobqueued/enqueue.d/yearly.conf
    systemctl start jobqueue-enqueue@yearly
    await ended "yearly-$(date --utc +%Y)"
    systemctl start jobqueue-enqueue@yearly
    enqueue --id slot-1
    await ended slot-1
    is "$(grep -c '^X yearly-' "$effects")" 1
    # Byte for byte, also from a file that root alone may read.
    (umask 077 && printf '%s\n' 'TYPE=test:work' 'SLOT=%Y' 'PAYLOAD={"re":"\\d+","say":"\"hi\""}' 'DELAY=1h' \
        >/etc/jobqueued/enqueue.d/db.backup.conf)
    systemctl start jobqueue-enqueue@db.backup
    jobqueuectl show "db-backup-$(date --utc +%Y)" | grep -F '{"re":"\\d+","say":"\"hi\""}'
    # The slot of the timer's last elapse, and a mistake that is not tried again.
    printf '%s\n' 'TYPE=test:work' 'SLOT=%Y-%m-%d' 'DELAY=1h' >/etc/jobqueued/enqueue.d/daily.conf
    printf '%s\n' '[Timer]' 'OnCalendar=*-*-* 23:59:59 UTC' >/etc/systemd/system/jobqueue-enqueue@daily.timer
    systemctl daemon-reload
    systemctl start jobqueue-enqueue@daily
    jobqueuectl show "daily-$(date --utc --date=yesterday +%Y-%m-%d)"
    printf '%s\n' 'TYPE=test:work' 'SLOT=%Y' 'PAYLOAD={bad' >/etc/jobqueued/enqueue.d/mistake.conf
    fails systemctl start jobqueue-enqueue@mistake
    is "$(systemctl show --property=ExecMainStatus --value jobqueue-enqueue@mistake)" 65
    is "$(systemctl show --property=ActiveState --value jobqueue-enqueue@mistake)" failed
    systemctl reset-failed jobqueue-enqueue@mistake
}

exposure() {
    local unit
    for unit in jobqueued jobqueued@reports; do
        systemd-analyze security --no-pager --offline=yes --threshold=20 "$unit.service" | tail -n 1
    done
}

upgrade() {
    local pid
    pid=$(property MainPID)
    echo '# changed' >>/etc/jobqueued/jobqueued.conf
    enqueue --id upgrade-1 --delay 1s
    apt-get install --yes --reinstall /opt/system-test/jobqueued.deb
    active
    fails is "$(property MainPID)" "$pid"
    says "$(tail -n 1 /etc/jobqueued/jobqueued.conf)" '# changed'
    await ended upgrade-1
}

purge() {
    # What the package has not made.
    rm -f /etc/systemd/system/jobqueue-enqueue@daily.timer
    rm -rf /etc/systemd/system/jobqueued.service.d /usr/local/lib/jobs
    userdel --remove alice
    userdel --remove bob
    apt-get purge --yes jobqueued
    systemctl daemon-reload
    fails systemctl cat jobqueued
    fails getent passwd jobqueued
    fails getent group jobqueued
    files >/root/files-after
    # Others' databases change as they like; the package's name is in none of what is left.
    local left
    left=$(comm -13 /root/files-before /root/files-after | grep -vE \
        '^/(var/lib/(redis|apt|systemd|private|man-db|logrotate)|etc/(passwd|group|shadow|gshadow|subuid|subgid)-?$)' || true)
    is "$left" ''
    is "$(find /var/lib /etc /run /usr -name '*jobqueue*' -o -name '*jobqueuectl*' | grep -v '^/usr/share/man-db')" ''
}

check 'the package is installed: the user is there, the service enabled and started' install
check 'systemctl start: active only after READY, and the status says what is awaited' ready
check 'stats, enqueue, pause, resume, requeue for root and the group jobqueued, refused for others' steer
check "journalctl JOB_ID= shows a job's life with its handler's standard error" journal_life
check 'journalctl -x explains what happened and what to do' explain
check 'curl localhost:2112/metrics and /healthz' pages
check 'systemctl stop drains a running job' drain
check 'systemctl reload takes a new handler; a bad file is named and changes nothing' reload
check 'kill -9: restarted, and its jobs run again at once' killed
check 'a stuck loop: named in the journal, killed by the watchdog, restarted' watchdog
check 'Redis stopped: the daemon stays up, systemctl status says why, and goes on when it is back' broker_away
check 'socket activation starts it at the first call of a member, and is kept over a stop' activation
check 'an instance jobqueued@reports with its own configuration' instance
check "a service with a runtime directory of its own reaches the daemon, a stranger's is told why not" foreign_directory
check 'a broker that comes late is reached, however short the wait is' late_broker
check 'a stop waits for commands that take their time, whatever TimeoutStopSec= says' leaving
check 'handlers in Node.js and PHP work under the unit' languages
check 'the examples of drop-ins and the polkit rule give what they promise' drop_ins
check 'members of the group enqueue into the SQLite file, others do not' file_producers
check 'jobqueued --check and jobqueuectl check see what the service sees' checks_as_service
check 'the password by LoadCredential; without it the broker refuses, exit 77' credential
check 'jobqueue-enqueue@ enqueues once per slot of time' slot
check 'systemd-analyze security: an exposure of 2.0 at most' exposure
check 'an upgrade restarts the daemon and keeps what was changed' upgrade
check 'a purge leaves nothing but logs' purge

echo
((failed == 0)) && echo 'all is as it should be' || echo "$failed checks failed"
exit $((failed > 0))
