/* One queue: Redis, two daemons, and what may go wrong between them.
 *
 * Each `inline` with a capital is the script of that name in Sources/RedisBroker/Scripts, whose header
 * says so. It changes the keys for worker `who`, and sets `answer`, which daemon.pml hears. Each `#if` on
 * a word that no file here defines leaves a rule out; check.sh shows that every one is missed.
 */
#include "bounds.pml"
#include "state.pml"
#include "promises.pml"

/* ---- The scripts ---- */
inline Register(newEpoch, isFirst) {
    if
#if defined(PLAIN_REGISTER)
    :: true ->
#elif defined(LOST_MAY_RETURN)
    :: newEpoch > epoch[who] ->
#else
    :: newEpoch > epoch[who] && (epoch[who] != 0 || isFirst) ->
#endif
        epoch[who] = newEpoch; inWorkers[who] = 1; answer = YES
    :: else -> answer = LEASELOST
    fi
}

/* Job `from` is at the head. */
inline Claim(ofEpoch, wanted, from) {
    if
#ifndef CLAIM_WITHOUT_EPOCH
    :: epoch[who] != ofEpoch -> answer = LEASELOST
#endif
    :: else ->
        answer = YES; count = 0;
        for (place : 0 .. JOBS - 1) {
            job = (from + place) % JOBS;
            if
#ifdef CLAIM_WHILE_PAUSED
            :: pending[job] && count < wanted ->
#else
            :: pending[job] && count < wanted && !paused ->
#endif
                keepPause();
                claims[job]++; count++;
                pending[job] = 0; holder[job] = who; token[job] = claims[job];
                claimed[job] = 1
            :: else
            fi
        }
    fi
}

/* One outcome: the script treats each by itself, but for plain acks that come with `firstAt`, the epoch
 * under which they were claimed. Those it removes all at once, because they must all be there. */
inline Finish(firstAt, ofJob, ofToken, outcome) {
    found = (holder[ofJob] == who && token[ofJob] == ofToken);
    if
    :: outcome == DONE && firstAt != 0 && firstAt == epoch[who] -> keepFirstFinish()
    :: else
    fi;
    if
    :: found -> holder[ofJob] = 0; token[ofJob] = 0
    :: else
    fi;
    if
#ifdef FINISH_WITHOUT_FENCE
    :: true ->
#else
    :: found ->
#endif
        lastRun[ofJob] = 0;
        if
        :: outcome == DONE -> ends[ofJob]++
        :: outcome == RETRY -> scheduled[ofJob] = 1; hasFailed = 1
        :: outcome == RELEASE -> pending[ofJob] = 1
        fi
    :: else
    fi;
    answer = YES
}

inline Heartbeat(ofEpoch) {
    if
#ifndef HEARTBEAT_WITHOUT_EPOCH
    :: epoch[who] != ofEpoch -> answer = LEASELOST
#endif
    :: else -> inWorkers[who] = 1; answer = YES
    fi
}

inline Declare() {
    if
#ifdef DECLARE_WITHOUT_LOOKING
    :: inWorkers[who] ->
#else
    :: inWorkers[who] && LEASE_IS_OVER(who) ->
#endif
#ifndef MOVED_BEFORE_EPOCH
        epoch[who] = 0;
#endif
#ifdef REMOVED_FIRST
        inWorkers[who] = 0;
#endif
        excuseRuns(); answer = YES
    :: else -> answer = NO
    fi
}

/* One entry: the script treats each by itself. */
inline Recover(ofJob, ofToken) {
    if
#if !defined(RECOVER_IGNORES_EPOCH) && !defined(MOVED_BEFORE_EPOCH)
    :: epoch[who] != 0 -> answer = NO
#endif
    :: else ->
        found = (holder[ofJob] == who && token[ofJob] == ofToken);
        if
        :: found -> holder[ofJob] = 0; token[ofJob] = 0
        :: else
        fi;
        if
#ifdef RECOVER_WITHOUT_FENCE
        :: true -> pending[ofJob] = 1
#else
        :: found -> pending[ofJob] = 1
#endif
        :: else
        fi;
        answer = YES
    fi
}

/* `itsEpoch`: of a worker that signs off itself; 0 for a lost one. */
inline Retire(itsEpoch) {
    found = 0;
    for (job : 0 .. JOBS - 1) {
        found = found || holder[job] == who
    }
    if
#if defined(RETIRE_KEEPS_EPOCH) || defined(MOVED_BEFORE_EPOCH)
    :: !found -> inWorkers[who] = 0; answer = YES
#else
    :: !found && (epoch[who] == 0 || epoch[who] == itsEpoch) ->
        epoch[who] = 0; inWorkers[who] = 0; answer = YES
#endif
    :: else -> answer = NO
    fi
}

inline Promote(ofJob) {
#ifndef PROMOTE_COPIES
    scheduled[ofJob] = 0;
#endif
    pending[ofJob] = 1
}

inline Pause(flag) { paused = flag }

inline carryOut() {
    if
    :: kind == REGISTER -> Register(at, more)
    :: kind == CLAIM -> Claim(at, more, head)
    :: kind == FINISH -> Finish(at, which, under, more)
    :: kind == HEARTBEAT -> Heartbeat(at)
    :: kind == DECLARE -> Declare()
    :: kind == RECOVER -> Recover(which, under)
    :: kind == RETIRE -> Retire(at)
    fi;
    keepPlaces()
}

#include "daemon.pml"
#include "faults.pml"

/* ---- Redis carries out what it was sent, one connection after the other as it likes ---- */
byte chosen, head;

proctype Redis() {
end:
    do
    :: atomic {
        if
        :: len(line[0]) > 0 -> chosen = 0
        :: len(line[1]) > 0 -> chosen = 1
        :: len(line[2]) > 0 -> chosen = 2
        :: len(line[3]) > 0 -> chosen = 3
        :: len(line[4]) > 0 -> chosen = 4
#if WAITS
        :: len(line[5]) > 0 -> chosen = 5
        :: len(line[6]) > 0 -> chosen = 6
        :: len(line[7]) > 0 -> chosen = 7
#endif
        fi;
        if
        :: head = 0
#if JOBS > 1
        :: pending[1] && line[chosen] ? [CLAIM, _, _, _, _, _] -> head = 1
#endif
#if JOBS > 2
        :: pending[2] && line[chosen] ? [CLAIM, _, _, _, _, _] -> head = 2
#endif
        fi;
        d_step {
            line[chosen] ? kind, who, at, which, under, more;
            printf("Redis: %e worker=%d epoch=%d job=%d token=%d, %d, by connection %d\n",
                kind, who, at, which, under, more, chosen);
            carryOut();
            if
            :: chosen < DAEMONS -> hear(chosen)
#if WAITS
            :: chosen >= LINES -> answerWait(chosen - LINES)
#endif
            :: else                 /* nobody listens any more */
            fi;
            for (job : 0 .. JOBS - 1) { claimed[job] = 0 }
            chosen = 0; head = 0
        } }
#if FLAKY < JOBS
    :: d_step { scheduled[FLAKY] -> printf("Redis: promote\n"); Promote(FLAKY); keepPlaces(); skip }
#endif
    od
}

init {
    atomic {
        d_step {
            for (job : 0 .. JOBS - 1) { pending[job] = 1 }
            wake(0); wake(1)
        }
        run Redis(); run Daemon(0); run Daemon(1); run Faults(); run Operator(); run Standstill()
    }
}
