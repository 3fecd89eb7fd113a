/* A daemon's side, as it is in Sources/RedisBroker and Sources/JobQueue/Pool.
 *
 * An answer arrives as its script is carried out; one that is lost on the way is a cut before that. What
 * would change nothing is not sent: a heartbeat while all is well, a claim from an empty queue.
 */

inline forget(i, j) {
    does[AT(i, j)] = NOTHING; knows[AT(i, j)] = 0; isFresh[AT(i, j)] = 0; result[AT(i, j)] = 0
}

inline forgetAll(i) {
    for (job : 0 .. JOBS - 1) { forget(i, job) }
}

inline wake(i) {
    printf("daemon %d: is worker %d from now on\n", i, ids + 1);
    ids++; assert(ids < WORKERS);
    id[i] = ids; ownEpoch[i] = 0; isKnown[i] = 0; phase[i] = OFFLINE
}

/* Finds a connection for what was sent on one that is cut. */
inline findPlace() {
    place = DAEMONS;
    do
    :: place < LINES && len(line[place]) > 0 -> place++
    :: else -> break
    od;
    assert(place < LINES)               /* else there are too few of them */
}

/* What was sent on the connection is carried out later, by a Redis that nobody hears, or never. */
inline hangUp(i) {
    if
    :: len(line[i]) > 0 ->
        findPlace();
        do
        :: len(line[i]) > 0 ->
            line[i] ? kind, who, at, which, under, more;
            line[place] ! kind, who, at, which, under, more
        :: else -> break
        od
    :: else
    fi;
    claimIsOpen[i] = 0; beatIsOpen[i] = 0; lost[i] = 0; moveIsOpen[i] = 0;
    for (job : 0 .. JOBS - 1) {
        isFresh[AT(i, job)] = 0;
        if
#ifdef FORGOTTEN_WHEN_SENT
        :: does[AT(i, job)] == SENT -> forget(i, job)
#else
        :: does[AT(i, job)] == SENT -> does[AT(i, job)] = UNWRITTEN
#endif
        :: else
        fi
    }
}

/* A new identity on a new connection. What ran is cancelled. What was to be written under the old one is
 * not sent any more: that it comes late is what the old connection is for. */
inline beginAnew(i) {
    hangUp(i); forgetAll(i); wake(i)
}

inline leave(i) {
    hangUp(i); forgetAll(i);
#if WAITS
    hangUpWait(i); unanswered[i] = 0;
#endif
    drains[i] = 0; signsOff[i] = 0; id[i] = 0; ownEpoch[i] = 0; isKnown[i] = 0
}

inline register(i) {
    ownEpoch[i]++; phase[i] = REGISTERING;
#if WAITS
    unanswered[i] = 0;
#endif
    line[i] ! REGISTER, id[i], ownEpoch[i], 0, 0, !isKnown[i]
}

/* Job j is daemon i's: claimed, or adopted. */
inline take(i, j) {
    knows[AT(i, j)] = token[j];
    if
    :: drains[i] -> does[AT(i, j)] = HELD
    :: else -> begin(i, j)
    fi
}

/* ---- The answer to the request at hand ---- */
#if REFUSALS
/* Redis refused the script, maybe after a write. A claim may have brought something: that is read from the
 * hash under the claim's tokens. Nothing of a finish is removed, so it is sent again. */
inline hearRefusal(i) {
    if
    :: kind == REGISTER -> hangUp(i); phase[i] = OFFLINE
    :: kind == CLAIM ->
        claimIsOpen[i] = 0;
#ifndef REFUSED_CLAIM_IGNORED
        for (job : 0 .. JOBS - 1) {
            if
            :: claimed[job] -> take(i, job); isFresh[AT(i, job)] = 1
            :: else
            fi
        }
#endif
    :: kind == FINISH && knows[AT(i, which)] == under ->
#ifdef REFUSED_FINISH_FORGOTTEN
        forget(i, which)
#else
        does[AT(i, which)] = UNWRITTEN
#endif
    :: kind == FINISH && knows[AT(i, which)] != under
    :: kind == HEARTBEAT -> beatIsOpen[i] = 0
    :: kind == DECLARE || kind == RECOVER || (kind == RETIRE && who != id[i]) ->
        moveIsOpen[i] = 0; lost[i] = 0
    :: kind == RETIRE && who == id[i] -> leave(i); phase[i] = OVER
    fi
}
#endif

inline hear(i) {
    if
#if REFUSALS
    :: answer == REFUSED -> hearRefusal(i)
#endif
    :: answer == LEASELOST && !signsOff[i] -> beginAnew(i)
    :: answer == LEASELOST && signsOff[i] -> beatIsOpen[i] = 0
    :: else ->
        if
        :: kind == REGISTER ->
            phase[i] = ONLINE; isKnown[i] = 1; halted[who] = 0;
#ifndef NO_ADOPTION
            for (job : 0 .. JOBS - 1) {
                if
                :: holder[job] == who &&
                    (does[AT(i, job)] == NOTHING || knows[AT(i, job)] != token[job]) ->
                    take(i, job)
                :: else
                fi
            }
#endif
        :: kind == CLAIM ->
            claimIsOpen[i] = 0;
            for (job : 0 .. JOBS - 1) {
                if
                :: claimed[job] -> take(i, job); isFresh[AT(i, job)] = 1
                :: else
                fi
            }
        :: kind == FINISH ->
            if
            :: knows[AT(i, which)] == under -> forget(i, which)
            :: else
            fi
        :: kind == HEARTBEAT -> beatIsOpen[i] = 0; halted[who] = 0
        :: kind == DECLARE || kind == RECOVER ->
            moveIsOpen[i] = 0;
            if
            :: answer == NO -> lost[i] = 0
            :: else
            fi
        :: kind == RETIRE && who == id[i] -> leave(i); phase[i] = OVER
        :: kind == RETIRE && who != id[i] -> moveIsOpen[i] = 0; lost[i] = 0
        fi
    fi
}

/* ---- What it sends ---- */
/* The epoch that a finish is sent with; 0: nothing is certain, each outcome for itself. */
#if defined(REPLAYED_AT_ONCE)
#define AS_FIRST(i, j) ownEpoch[i]
#elif defined(AT_ONCE_AFTER_CUT)
#define AS_FIRST(i, j) (does[AT(i, j)] == UNWRITTEN -> 0 : ownEpoch[i])
#else
#define AS_FIRST(i, j) (isFresh[AT(i, j)] -> ownEpoch[i] : 0)
#endif

inline finish(i, j, outcome) {
    printf("daemon %d: job %d, %e\n", i, j, outcome);
    line[i] ! FINISH, id[i], AS_FIRST(i, j), j, knows[AT(i, j)], outcome;
    does[AT(i, j)] = SENT; result[AT(i, j)] = outcome
}

#define JOB(j) \
    :: d_step { HAS_ROOM(i) && does[AT(i, j)] == RUNNING && (j != FLAKY || hasFailed) -> \
        finish(i, j, DONE) } \
    :: d_step { HAS_ROOM(i) && does[AT(i, j)] == RUNNING && j == FLAKY && !hasFailed -> \
        finish(i, j, RETRY) } \
    :: d_step { HAS_ROOM(i) && drains[i] && (does[AT(i, j)] == RUNNING || does[AT(i, j)] == HELD) -> \
        finish(i, j, RELEASE) } \
    :: d_step { HAS_ROOM(i) && does[AT(i, j)] == UNWRITTEN -> finish(i, j, result[AT(i, j)]) }

/* Begins to recover worker w, whose lease has ended. */
#define LOOK(w) \
    :: d_step { HAS_ROOM(i) && !signsOff[i] && lost[i] == 0 && \
        inWorkers[w] && LEASE_IS_OVER(w) && w != id[i] -> \
        lost[i] = w; moveIsOpen[i] = 1; \
        line[i] ! DECLARE, w, 0, 0, 0, 0 }

/* One step of a recovery: reads what the lost worker holds, and sends what that calls for. */
inline recoverOn(i) {
    moveIsOpen[i] = 1;
    job = 0;
    do
    :: job < JOBS && holder[job] != lost[i] -> job++
    :: else -> break
    od;
    if
    :: job < JOBS -> line[i] ! RECOVER, lost[i], 0, job, token[job], 0
    :: else -> line[i] ! RETIRE, lost[i], 0, 0, 0, 0
    fi
}

#if WAITS
#include "waits.pml"
#define MAY_SIGN_OFF(i) (waitWho[i] == 0 && !unanswered[i])
#else
#define MAY_SIGN_OFF(i) true
#endif

proctype Daemon(byte i) {
end:
    do
    :: d_step { phase[i] == DOWN -> wake(i) }
    :: d_step { phase[i] == OFFLINE && !signsOff[i] -> register(i) }
    :: d_step { phase[i] == OFFLINE && signsOff[i] -> phase[i] = ONLINE }
    :: d_step { HAS_ROOM(i) && !drains[i] && !claimIsOpen[i] && ANY_PENDING && !paused &&
        BUSY(i) < SLOTS ->
        claimIsOpen[i] = 1;
        line[i] ! CLAIM, id[i], ownEpoch[i], 0, 0, SLOTS - BUSY(i) }
    :: d_step { HAS_ROOM(i) && !signsOff[i] && !beatIsOpen[i] &&
        (epoch[id[i]] != ownEpoch[i] || halted[id[i]] || !inWorkers[id[i]]) ->
        beatIsOpen[i] = 1;
        line[i] ! HEARTBEAT, id[i], ownEpoch[i], 0, 0, 0 }
    JOB(0)
#if JOBS > 1
    JOB(1)
#endif
#if JOBS > 2
    JOB(2)
#endif
    LOOK(1)
    LOOK(2)
#if WORKERS > 3
    LOOK(3)
#endif
#if WORKERS > 4
    LOOK(4)
#endif
#if WORKERS > 5
    LOOK(5)
#endif
    :: d_step { HAS_ROOM(i) && lost[i] != 0 && !moveIsOpen[i] -> recoverOn(i) }
#if WAITS
    WAIT(i)
#endif
    :: d_step { HAS_ROOM(i) && drains[i] && BUSY(i) == 0 && !claimIsOpen[i] && MAY_SIGN_OFF(i) ->
        signsOff[i] = 1;
        line[i] ! RETIRE, id[i], ownEpoch[i], 0, 0, 0 }
    od
}
