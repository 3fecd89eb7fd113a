/* Enqueuing, the unique key, and what an operator does: over connections that are cut.
 *
 * Two producers each want one job, A and B, with the same unique key. A has an id of its producer's own,
 * so its enqueue is sent again when its outcome is unknown. A daemon runs what waits, and an operator
 * requeues and deletes what he sees. As in queue.pml, each `inline` with a capital is the script of that
 * name, and each `#if` on a word that is not defined here leaves a rule out.
 *
 * A script of a producer or an operator may be refused between two of its writes: those before stay, and it
 * ends with an error.
 */
#ifndef CUTS
#define CUTS 2                  /* connections that are cut */
#endif
#ifndef CHANGES
#define CHANGES 2               /* requests of the operator */
#endif
#ifndef CLAIMS
#define CLAIMS 3                /* of one job */
#endif
#ifndef STOPS
#define STOPS 0                 /* scripts that are refused between two writes */
#endif
#define SPARE 4                 /* claims of copies that a stop has left */
#ifdef SHORTEST
#define SCRATCH
#else
#define SCRATCH hidden
#endif

#define A 1
#define B 2
mtype = { ENQUEUE, FINISH, REQUEUE, DELETE };
mtype = { DONE, DEAD, RETRY };
mtype = { UNSENT, ASKED, UNKNOWN, ENQUEUED, REFUSED };

/* ---- Redis. The index is the job's id. ---- */
byte key;                       /* unique:<key>: who holds it; 0: nobody */
bit  remembered[3];             /* enqueued:<id> */
byte waiting[3];                /* copies in pending or scheduled */
byte running[3];
byte dead[3];
byte gone[3];                   /* done or deleted */
byte edition[3];                /* its claims: each changes its token and its record */

/* ---- What is on its way ---- */
#define OPERATOR 0
#define DAEMON 3                /* the producers' connections have the numbers of their jobs */
#define LINES 7                 /* from 4 on: those that were cut */
/* kind, job, edition as it was seen, and where it was seen, or its outcome */
chan line[LINES] = [1] of { mtype, byte, byte, mtype };

/* ---- What they know ---- */
mtype told[3];                  /* the producers */
byte holds[3];                  /* the daemon: the token; 0: not its own */
mtype outcome[3];               /* … and what it writes; 0: it runs */
byte cutsLeft = CUTS, changesLeft = CHANGES, stopsLeft = STOPS;

/* ---- The promises ---- */
byte puts[3];                   /* how often the job was put in */
byte forgotten[3];              /* how often its id was forgotten with it: it may come again */
byte stops[3];                  /* scripts that were stopped: each may leave it twice */
SCRATCH byte putOnce, inOnePlace, keyIsHeld, keyHasHolder, knownWasIn, enqueuedIsIn, refusedIsOut, allEnded;

inline keepPromises() {
    for (job : A .. B) {
        /* One call puts in one job, which is in one place until it is done or deleted. After a stop it may
           be twice, and is never nowhere. */
        putOnce = (puts[job] <= 1 + forgotten[job] + stops[job]); assert(putOnce);
        place = waiting[job] + running[job] + dead[job] + gone[job];
        inOnePlace = (place >= puts[job] && place <= puts[job] + stops[job]);
        assert(inOnePlace);
        /* A job holds its key for as long as it waits or runs, so no other is in beside it. */
        keyIsHeld = ((key == job) == (waiting[job] + running[job] > 0) || stopsLeft < STOPS);
        assert(keyIsHeld);
        /* And whatever is stopped: no key without a job, no id that is known without one. */
        keyHasHolder = (key != job || waiting[job] + running[job] > 0); assert(keyHasHolder);
        knownWasIn = (!remembered[job] || puts[job] > 0); assert(knownWasIn);
        enqueuedIsIn = (told[job] != ENQUEUED || puts[job] > 0); assert(enqueuedIsIn)
#ifdef REFUSED_FOR_GOOD
        ; refusedIsOut = (told[job] != REFUSED || puts[job] <= forgotten[job] + stops[job]); assert(refusedIsOut)
#endif
    }
}

/* ---- The request at hand ---- */
SCRATCH mtype kind, what;
SCRATCH byte which, seen, answer, found, job, place, budget;
#define NO 0
#define YES 1
#define ERROR 2
#define ALL 9

/* One write of a script, unless it is stopped before. */
#define WRITE(change) \
    if \
    :: budget > 0 -> budget--; change \
    :: else -> answer = ERROR \
    fi

/* ---- The scripts ---- */
inline Enqueue(id) {
    if
#ifdef ID_NOT_REMEMBERED
    :: key == id -> answer = YES
#else
    :: remembered[id] -> answer = YES
#endif
    :: else ->
        if
        :: key == id -> remembered[id] = (id == A); answer = YES
        :: key != 0 && key != id -> answer = NO
        :: else ->
            answer = YES;
#ifdef MARKED_BEFORE_ADDED
            WRITE(key = id);
            WRITE(remembered[id] = (id == A));
            WRITE(waiting[id]++; puts[id]++)
#else
            WRITE(waiting[id]++; puts[id]++);
            WRITE(key = id);
            WRITE(remembered[id] = (id == A))
#endif
        fi
    fi
}

/* What it means for the key; the rest is in queue.pml. */
inline Finish(id, token, written) {
    found = (running[id] > 0 && edition[id] == token);
    if
    :: found ->
        running[id]--;
        if
        :: written == DONE -> gone[id]++
        :: written == DEAD -> dead[id]++
        :: written == RETRY -> waiting[id]++
        fi
    :: else
    fi;
    if
#if defined(REFUSED_FINISH_FREES_KEY)
    :: written != RETRY && key == id -> key = 0
#elif defined(RETRY_FREES_KEY)
    :: found && key == id -> key = 0
#else
    :: found && written != RETRY && key == id -> key = 0
#endif
    :: else
    fi
}

inline Requeue(id, itsEdition) {
    found = (dead[id] > 0 && edition[id] == itsEdition);
    if
#ifndef REQUEUE_WITHOUT_KEY
    :: key != 0 && key != id -> answer = NO
#endif
    :: else ->
        answer = YES;
        if
#ifdef REQUEUE_WITHOUT_FENCE
        :: true ->
#else
        :: found ->
#endif
#ifdef REMOVED_BEFORE_ADDED
            WRITE(dead[id] = dead[id] - found);
#endif
            WRITE(waiting[id]++);
#ifndef REQUEUE_WITHOUT_KEY
            WRITE(key = id);
#endif
#ifndef REMOVED_BEFORE_ADDED
            WRITE(dead[id] = dead[id] - found)
#endif
        :: else
        fi
    fi
}

inline remove(id, container) {
    if
    :: found && container == DEAD -> WRITE(dead[id]--; gone[id]++)
    :: found && container != DEAD -> WRITE(waiting[id]--; gone[id]++)
    :: else
    fi
}

inline Delete(id, itsEdition, container) {
    found = (edition[id] == itsEdition && (container == DEAD -> dead[id] : waiting[id]) > 0);
    answer = YES;
#ifdef KEY_FREED_AFTER_REMOVAL
    remove(id, container);
#endif
    if
#if defined(DELETE_FREES_OTHERS_KEY)
    :: found -> WRITE(key = 0)
#elif defined(DELETE_WITHOUT_FENCE)
    :: key == id -> WRITE(key = 0)
#else
    :: found && key == id -> WRITE(key = 0)
#endif
    :: else
    fi;
#ifndef KEY_FREED_AFTER_REMOVAL
    remove(id, container);
#endif
    if
    :: found && remembered[id] -> WRITE(remembered[id] = 0; forgotten[id]++)
    :: else
    fi
}

inline carryOut(c) {
    line[c] ? kind, which, seen, what;
    printf("Redis: %e job %d, edition %d, by connection %d, %d writes\n", kind, which, seen, c, budget);
    answer = YES;
    stops[which] = stops[which] + (budget < ALL);
    if
    :: kind == ENQUEUE -> Enqueue(which)
    :: kind == FINISH -> Finish(which, seen, what)
    :: kind == REQUEUE -> Requeue(which, seen)
    :: kind == DELETE -> Delete(which, seen, what)
    fi;
    if
    :: kind == ENQUEUE && c == which && answer == ERROR -> told[which] = UNKNOWN
    :: kind == ENQUEUE && c == which && answer != ERROR ->
        told[which] = (answer == YES -> ENQUEUED : REFUSED);
        refusedIsOut = (answer == YES || puts[which] <= forgotten[which] + stops[which]); assert(refusedIsOut)
    :: kind == FINISH && c == DAEMON -> holds[which] = 0; outcome[which] = 0
    :: else
    fi;
    keepPromises();
    skip
}

#include "clients.pml"

#define CARRY_OUT(c) :: d_step { len(line[c]) > 0 -> budget = ALL; carryOut(c) }
/* Of a producer or the operator; what a daemon writes is in queue.pml. */
#define STOP(c, writes) \
    :: d_step { len(line[c]) > 0 && stopsLeft > 0 -> \
        stopsLeft--; budget = writes; carryOut(c) }
#define CUT(c)       :: d_step { len(line[c]) > 0 && cutsLeft > 0 -> cut(c) }
#define LOSE(c)      :: d_step { len(line[c]) > 0 -> line[c] ? kind, which, seen, what }

proctype World() {
end:
    do
    CARRY_OUT(0)
    CARRY_OUT(1)
    CARRY_OUT(2)
    CARRY_OUT(3)
    CARRY_OUT(4)
    CARRY_OUT(5)
    CARRY_OUT(6)
    STOP(0, 1)
    STOP(0, 2)
    STOP(1, 1)
    STOP(1, 2)
    STOP(2, 1)
    STOP(2, 2)
    CUT(0)
    CUT(1)
    CUT(2)
    CUT(3)
    LOSE(4)
    LOSE(5)
    LOSE(6)
#ifdef KEY_WITH_LIFETIME
    :: d_step { key != 0 -> key = 0; keepPromises(); skip }
#endif
    od
}

init {
    atomic {
        told[A] = UNSENT; told[B] = UNSENT;
        run World(); run Producer(A); run Producer(B); run Daemon(); run Operator(); run Standstill()
    }
}
