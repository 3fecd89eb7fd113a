/* One queue: Redis, two daemons, and what may go wrong between them.
 *
 * Each `inline` with a capital is the script of that name in Sources/RedisBroker/Scripts, whose header
 * says so. It changes the keys for worker `who`, and sets `answer`, which daemon.pml hears. Redis may refuse
 * the write with the number `stop`, the first or the second; 0: it refuses none. Each `#if` on a word that no
 * file here defines leaves a rule out; check.sh shows that every one is missed.
 */
#include "bounds.pml"
#include "state.pml"
#include "promises.pml"

#if REFUSALS
byte stop;
#else
#define stop 0
#endif

/* A script that was refused at its second write has left this besides: `what` is one of the places. */
inline leaveCopy(what) {
#if REFUSALS
    isThere[SPARE] = 1; what = 1
#else
    skip
#endif
}

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
        answer = (stop != 0 -> REFUSED : YES);
        if
#ifdef EPOCH_BEFORE_WORKERS
        :: stop != 1 -> epoch[who] = newEpoch
#else
        :: stop != 1 -> inWorkers[who] = 1
#endif
        :: else
        fi;
        if
        :: stop == 0 -> epoch[who] = newEpoch; inWorkers[who] = 1
        :: else
        fi
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
        answer = YES; count = 0;                /* one that is refused is for one job here */
        for (place : 0 .. JOBS - 1) {
            job = (from + place) % JOBS;
            if
#ifdef CLAIM_WHILE_PAUSED
            :: pending[job] && count < (stop -> 1 : wanted) ->
#else
            :: pending[job] && count < (stop -> 1 : wanted) && !paused ->
#endif
                keepPause();
                count++;
                if
                :: stop == 0 ->
                    claims[job]++;
                    pending[job] = 0; holder[job] = who; token[job] = claims[job];
                    claimed[job] = 1
                :: stop == 1 -> answer = REFUSED
                :: else ->
                    answer = REFUSED;
#ifdef CLAIM_REMOVES_FIRST
                    pending[job] = 0
#else
                    claims[SPARE]++;
                    leaveCopy(claimed[SPARE]); holder[SPARE] = who; token[SPARE] = claims[SPARE]
#endif
                fi
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
    answer = YES;
    if
    :: found && (stop == 1 || (stop == 2 && outcome != DONE)) ->
        answer = REFUSED;
        if
        :: stop == 1
#ifdef FINISH_REMOVES_FIRST
        :: stop == 2 -> holder[ofJob] = 0; token[ofJob] = 0
#else
        :: stop == 2 && outcome == RETRY -> leaveCopy(scheduled[SPARE]); hasFailed = 1
        :: stop == 2 && outcome == RELEASE -> leaveCopy(pending[SPARE])
#endif
        fi
    :: found && !(stop == 1 || (stop == 2 && outcome != DONE)) -> holder[ofJob] = 0; token[ofJob] = 0
    :: else
    fi;
    if
#ifdef FINISH_WITHOUT_FENCE
    :: answer == YES ->
#else
    :: found && answer == YES ->
#endif
        lastRun[ofJob] = 0;
        if
        :: outcome == DONE -> ends[ofJob]++
        :: outcome == RETRY -> scheduled[ofJob] = 1; hasFailed = 1
        :: outcome == RELEASE -> pending[ofJob] = 1
        fi
    :: else
    fi
}

inline Heartbeat(ofEpoch) {
    if
#ifndef HEARTBEAT_WITHOUT_EPOCH
    :: epoch[who] != ofEpoch -> answer = LEASELOST
#endif
    :: else ->
        answer = (stop == 1 -> REFUSED : YES);
        inWorkers[who] = inWorkers[who] || stop != 1
    fi
}

inline Declare() {
    if
#ifdef DECLARE_WITHOUT_LOOKING
    :: inWorkers[who] ->
#else
    :: inWorkers[who] && LEASE_IS_OVER(who) && stop == 1 -> answer = REFUSED
    :: inWorkers[who] && LEASE_IS_OVER(who) && stop != 1 ->
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
        answer = (found && stop != 0 -> REFUSED : YES);
        if
        :: found && stop == 0 -> holder[ofJob] = 0; token[ofJob] = 0
#ifdef RECOVER_REMOVES_FIRST
        :: found && stop == 2 -> holder[ofJob] = 0; token[ofJob] = 0
#else
        :: found && stop == 2 -> leaveCopy(pending[SPARE])
#endif
        :: else
        fi;
        if
#ifdef RECOVER_WITHOUT_FENCE
        :: answer == YES -> pending[ofJob] = 1
#else
        :: found && answer == YES -> pending[ofJob] = 1
#endif
        :: else
        fi
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
        answer = (stop != 0 -> REFUSED : YES);
        if
        :: stop == 0 -> epoch[who] = 0; inWorkers[who] = 0
#ifdef WORKERS_BEFORE_EPOCH
        :: stop == 2 -> inWorkers[who] = 0
#else
        :: stop == 2 -> epoch[who] = 0
#endif
        :: else
        fi
#endif
    :: else -> answer = NO
    fi
}

inline Promote(ofJob) {
    if
    :: stop == 0 ->
#ifndef PROMOTE_COPIES
        scheduled[ofJob] = 0;
#endif
        pending[ofJob] = 1
#ifdef PROMOTE_REMOVES_FIRST
    :: stop == 2 -> scheduled[ofJob] = 0
#else
    :: stop == 2 -> leaveCopy(pending[SPARE])
#endif
    :: else
    fi
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
#if REFUSALS
    if
    :: answer == REFUSED -> refusalsLeft--; printf("Redis: refused at write %d\n", stop)
    :: else
    fi;
#endif
    keepPlaces()
}

#include "daemon.pml"
#include "faults.pml"

/* ---- Redis carries out what it was sent, one connection after the other as it likes ---- */
byte chosen, head;

#define PROMOTE(j) \
    :: d_step { scheduled[j] -> printf("Redis: promote\n"); Promote(j); keepPlaces(); skip }

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
#if REFUSALS
        if
        :: stop = 0
        :: refusalsLeft > 0 -> stop = 1
        :: refusalsLeft > 0 && !line[chosen] ? [HEARTBEAT, _, _, _, _, _] -> stop = 2
        fi;
#endif
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
#if REFUSALS
            stop = 0;
#endif
            chosen = 0; head = 0
        } }
#if FLAKY < JOBS
    PROMOTE(FLAKY)
#if REFUSALS
    PROMOTE(SPARE)
    :: d_step { scheduled[FLAKY] && refusalsLeft > 0 -> \
        printf("Redis: promote, refused at write 2\n"); \
        refusalsLeft--; stop = 2; Promote(FLAKY); stop = 0; keepPlaces(); skip }
#endif
#endif
    od
}

init {
    atomic {
        d_step {
#if REFUSALS
            for (job : 0 .. SPARE - 1) { pending[job] = 1; isThere[job] = 1 }
#else
            for (job : 0 .. JOBS - 1) { pending[job] = 1 }
#endif
            wake(0); wake(1)
        }
        run Redis(); run Daemon(0); run Daemon(1); run Faults(); run Operator(); run Standstill()
    }
}
