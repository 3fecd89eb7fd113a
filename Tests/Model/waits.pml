/* A claim that goes behind a wait for work, on a connection of its own. Redis carries it out at any moment:
 * that a job came first makes no difference here. Its answer is on its way for a while, because it is read
 * from another connection than all others are: the daemon may hear of other things first.
 */

byte waitsLeft = WAITS;
byte waitWho[DAEMONS], waitEpoch[DAEMONS];      /* under whom it was sent; 0: there is none */
bit  waitIsAnswered[DAEMONS];                   /* … and the answer is on its way */
byte brought[DAEMONS * JOBS];                   /* with this token of each job; 0: without the job */
bit  unanswered[DAEMONS];                       /* the answer to one of this epoch was lost */

#define WAIT_LINE(i) (LINES + (i))
#define IS_OF_NOW(i) (waitWho[i] == id[i] && waitEpoch[i] == ownEpoch[i])

inline forgetWait(i) {
    waitWho[i] = 0; waitEpoch[i] = 0; waitIsAnswered[i] = 0;
    for (job : 0 .. JOBS - 1) { brought[AT(i, job)] = 0 }
}

/* Its connection is gone: it may still be carried out, and its answer is lost. */
inline hangUpWait(i) {
    if
    :: len(line[WAIT_LINE(i)]) > 0 ->
        findPlace();
        line[WAIT_LINE(i)] ? kind, who, at, which, under, more;
        line[place] ! kind, who, at, which, under, more
    :: else
    fi;
    forgetWait(i)
}

/* It was carried out. */
inline answerWait(i) {
    if
    :: answer == LEASELOST -> forgetWait(i)     /* the connection for commands tells, if it is so */
    :: else ->
        waitIsAnswered[i] = 1;
        for (job : 0 .. JOBS - 1) {
            if
            :: claimed[job] -> brought[AT(i, job)] = token[job]
            :: else
            fi
        }
    fi
}

/* Its answer is read. One from before a registration is dropped: what it tells was found then. */
inline hearWait(i) {
    for (job : 0 .. JOBS - 1) {
        if
#ifdef LATE_ANSWER_TAKEN
        :: brought[AT(i, job)] != 0 && waitWho[i] == id[i] ->
#else
        :: brought[AT(i, job)] != 0 && IS_OF_NOW(i) ->
#endif
            take(i, job); knows[AT(i, job)] = brought[AT(i, job)]; isFresh[AT(i, job)] = 1
        :: else
        fi
    }
    forgetWait(i)
}

#define WAIT(i) \
    :: d_step { waitsLeft > 0 && isKnown[i] && phase[i] >= OFFLINE && phase[i] <= ONLINE && \
        !drains[i] && waitWho[i] == 0 && BUSY(i) < SLOTS -> \
        waitsLeft--; waitWho[i] = id[i]; waitEpoch[i] = ownEpoch[i]; \
        line[WAIT_LINE(i)] ! CLAIM, id[i], ownEpoch[i], 0, 0, SLOTS - BUSY(i) } \
    :: d_step { waitIsAnswered[i] -> hearWait(i); skip } \
    :: d_step { drains[i] && waitWho[i] != 0 -> \
        unanswered[i] = unanswered[i] || IS_OF_NOW(i); hangUpWait(i); skip } \
    :: d_step { HAS_ROOM(i) && drains[i] && unanswered[i] && !signsOff[i] && !claimIsOpen[i] -> \
        register(i) }

/* What the end of a wait's connection calls for. */
inline loseWait(i) {
    if
#ifndef LOST_ANSWER_IGNORED
    :: IS_OF_NOW(i) && phase[i] > OFFLINE -> hangUp(i); phase[i] = OFFLINE
#endif
    :: else
    fi;
    hangUpWait(i)
}

#define WAIT_TROUBLE(i) \
    :: d_step { CUT && MAY_FAIL(i) && waitWho[i] != 0 && !drains[i] -> \
        printf("* daemon %d: a wait's connection cut\n", i); \
        faults++; loseWait(i); skip }
