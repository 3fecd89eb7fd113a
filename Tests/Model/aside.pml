/* Jobs of one type that wait aside, because their handler runs one at a time in each of two daemons.
 *
 * Here a daemon is always connected; what cuts do is looked at in queue.pml. A daemon may be killed while what
 * it has sent is on its way, and Redis may refuse a script between two of its writes (`stop`: before the second or
 * before the third; 0: it refuses none). `inline`s with a capital are scripts, as in queue.pml.
 */
#define JOBS 3
#define DAEMONS 2
#define NONE 99
#ifndef KILLS
#define KILLS 1
#endif
#ifndef REFUSALS
#define REFUSALS 1
#endif

/* ---- Redis ---- */
bit  pending[JOBS], aside[JOBS], ended[JOBS];
byte holder[JOBS];              /* 1 or 2: the daemon in whose hash it is; 0: in none */
bit  inSet;                     /* the type is in the set of those that may have a list */
byte refusalsLeft = REFUSALS, killsLeft = KILLS;

/* ---- The daemons ---- */
mtype = { CLAIM, CLAIM_ASIDE, FINISH, ASIDE };
chan line[DAEMONS] = [1] of { mtype, byte };
bit  lives[DAEMONS];
byte runs[DAEMONS] = NONE;      /* one place */
byte over[DAEMONS] = NONE;      /* claimed, and there is no place */
bit  knows[DAEMONS];            /* that some may wait aside */
hidden byte job, count, place;
hidden byte inOnePlace, isFound, allEnded;
#define IS_ASIDE (aside[0] || aside[1] || aside[2])
#define IS_PENDING (pending[0] || pending[1] || pending[2])

/* Each job is in one place; what a refusal leaves twice is not counted here, but never none. What waits aside
 * is found by who looks into the set. */
inline keepPlaces() {
    for (place : 0 .. JOBS - 1) {
        count = pending[place] + aside[place] + (holder[place] != 0) + ended[place];
        inOnePlace = (count == 1);
        assert(inOnePlace)
    }
    isFound = (!IS_ASIDE || inSet);
    assert(isFound)
}

/* The first of a line; JOBS: there is none. */
inline first(fromAside) {
    job = 0;
    do
    :: job < JOBS && !(fromAside -> aside[job] : pending[job]) -> job++
    :: else -> break
    od
}

/* From pending, or from those that wait aside. */
inline Claim(i, fromAside, stop) {
    first(fromAside);
    if
    :: job < JOBS ->
        holder[job] = i + 1; pending[job] = 0; aside[job] = 0;
        if
        :: fromAside || runs[i] != NONE || knows[i] ->
            if
            :: fromAside && runs[i] == NONE -> runs[i] = job
            :: else -> over[i] = job
            fi
        :: else -> runs[i] = job
        fi;
#ifdef SET_REMOVED_TOO_EARLY
        inSet = (fromAside -> 0 : inSet)
#endif
    :: else ->
        if
        :: fromAside && stop == 0 -> inSet = 0; knows[i] = 0
        :: fromAside && stop != 0 -> refusalsLeft--; knows[i] = 0
        :: else
        fi
    fi
}

/* Of job j: it ends, or goes aside. */
inline Finish(i, j, goesAside, stop) {
    if
#ifdef ASIDE_WITHOUT_FENCE
    :: holder[j] == i + 1 || goesAside ->
#else
    :: holder[j] == i + 1 ->
#endif
        if
        :: stop != 0 && goesAside ->
            /* The copy, when there is one, stands beside the entry: that is not looked at here. */
            refusalsLeft--;
#ifdef SET_AFTER_LIST
            aside[j] = 1; holder[j] = 0
#else
            inSet = 1
#endif
        :: else ->
            if
            :: goesAside -> inSet = 1; aside[j] = 1; over[i] = NONE; knows[i] = lives[i]
            :: else -> ended[j] = 1; runs[i] = NONE
            fi;
            if
            :: holder[j] == i + 1 -> holder[j] = 0
            :: else
            fi
        fi
    :: else
    fi
}

active proctype Redis() {
    byte i, j, stop;
    d_step { for (job : 0 .. JOBS - 1) { pending[job] = 1 } lives[0] = 1; lives[1] = 1 }
end:
    do
    :: atomic {
        if
        :: len(line[0]) > 0 -> i = 0
        :: len(line[1]) > 0 -> i = 1
        fi;
        if
        :: stop = 0
        :: refusalsLeft > 0 && !line[i] ? [CLAIM, _] && !line[i] ? [FINISH, _] -> stop = 1
        fi;
        if
        :: line[i] ? CLAIM, j -> d_step { Claim(i, 0, 0) }
        :: line[i] ? CLAIM_ASIDE, j -> d_step { Claim(i, 1, stop) }
        :: line[i] ? FINISH, j -> d_step { Finish(i, j, 0, 0) }
        :: line[i] ? ASIDE, j -> d_step { Finish(i, j, 1, stop) }
        fi;
        d_step { keepPlaces(); i = 0; j = 0; stop = 0 } }
    /* What a killed daemon held goes back; what it had sent may still come. */
    :: d_step { !lives[0] && (holder[0] == 1 || holder[1] == 1 || holder[2] == 1) ->
        for (job : 0 .. JOBS - 1) {
            if
            :: holder[job] == 1 -> holder[job] = 0; pending[job] = 1
            :: else
            fi
        };
        skip }
    od
}

#define IS_FREE(i) (lives[i] && len(line[i]) == 0)

proctype Daemon(byte i) {
end:
    do
    :: d_step { IS_FREE(i) && over[i] != NONE -> line[i] ! ASIDE, over[i] }
    :: d_step { IS_FREE(i) && over[i] == NONE && runs[i] != NONE -> line[i] ! FINISH, runs[i] }
    /* Other types may be at the head: it claims from pending with or without a place. */
    :: d_step { IS_FREE(i) && over[i] == NONE && IS_PENDING -> line[i] ! CLAIM, 0 }
#ifdef PLACE_NOT_ASKED
    :: d_step { IS_FREE(i) && over[i] == NONE && knows[i] && IS_ASIDE -> line[i] ! CLAIM_ASIDE, 0 }
#endif
    :: d_step { IS_FREE(i) && over[i] == NONE && runs[i] == NONE && knows[i] ->
        line[i] ! CLAIM_ASIDE, 0 }
#ifndef SET_NOT_LOOKED_AT
    :: d_step { IS_FREE(i) && inSet && !knows[i] -> knows[i] = 1 }
#endif
    od
}

proctype Kill() {
end:
    do
    :: d_step { killsLeft > 0 && lives[0] -> killsLeft--; lives[0] = 0; runs[0] = NONE; over[0] = NONE }
    od
}

proctype Standstill() {
    timeout ->
    d_step {
        for (job : 0 .. JOBS - 1) {
            allEnded = ended[job];
            assert(allEnded)
        };
        skip
    }
}

init { atomic { run Daemon(0); run Daemon(1); run Kill(); run Standstill() } }
