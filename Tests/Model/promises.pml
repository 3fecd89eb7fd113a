/* What is promised of one queue, and what only the promises need to know. */

byte claims[JOBS];              /* how often it was claimed: makes its tokens unique */
bit  hasFailed;                 /* of the flaky job, in its envelope: it has failed once */
byte lastRun[JOBS];             /* whose run of it was the last; 0: it ended, or a fault excuses the next */
bit  halted[WORKERS];           /* killed, or stopped for longer than its lease and not heard since */
bit  hasFallen;                 /* Redis has lost its latest writes */

/* Each has a name, which check.sh looks for where a rule is left out. */
SCRATCH byte inOnePlace, notStranded, runIsExcused, firstFindsAll, pausedIsPaused, allEnded, nothingLeft;

/* A job is pending, scheduled, active or ended: in exactly one of them, and once. So none vanishes,
 * none is doubled, none ends twice. And what is active can be recovered: its worker is in `workers`. */
inline keepPlaces() {
    for (place : 0 .. JOBS - 1) {
#if REFUSALS
        inOnePlace = (pending[place] + scheduled[place] + (holder[place] != 0) + ends[place] == isThere[place]);
#else
        inOnePlace = (pending[place] + scheduled[place] + (holder[place] != 0) + ends[place] == 1);
#endif
        assert(inOnePlace);
        notStranded = (holder[place] == 0 || inWorkers[holder[place]]);
        assert(notStranded)
    }
}

/* A run begins when it is the first, or when the one before was retried, released, or cut off by a kill
 * or a stop. A cut connection is no excuse. What a stopped worker still begins, before it hears that
 * its lease is gone, does not count. */
inline begin(i, j) {
    printf("daemon %d: worker %d runs job %d\n", i, id[i], j);
    if
    :: halted[id[i]]
    :: else ->
        runIsExcused = (lastRun[j] == 0 || halted[lastRun[j]] || hasFallen);
        assert(runIsExcused);
        lastRun[j] = id[i]
    fi;
    does[AT(i, j)] = RUNNING
}

/* Worker `who` was declared lost after a fault of its own: others may run what it ran. */
inline excuseRuns() {
    for (job : 0 .. JOBS - 1) {
        if
        :: halted[who] && lastRun[job] == who -> lastRun[job] = 0
        :: else
        fi
    }
}

/* Acks that are sent for the first time under the epoch of their claim, while it stands, are all there. */
inline keepFirstFinish() {
    firstFindsAll = (found || hasFallen);
    assert(firstFindsAll)
}

/* While a queue is paused nothing is claimed from it. */
inline keepPause() {
    pausedIsPaused = !paused;
    assert(pausedIsPaused)
}

/* When nothing more can happen, all jobs have ended, and nothing is left of a worker that is gone.
 * That it comes to this at all is what the search for cycles shows. */
proctype Standstill() {
    timeout ->
    d_step {
        for (job : 0 .. JOBS - 1) {
#if REFUSALS
            allEnded = (ends[job] == isThere[job]); assert(allEnded)
#else
            allEnded = (ends[job] == 1); assert(allEnded)
#endif
        }
        for (worker : 1 .. WORKERS - 1) {
            nothingLeft = (IS_PRESENT(worker) || (!inWorkers[worker] && epoch[worker] == 0));
            assert(nothingLeft)
        }
    }
}
