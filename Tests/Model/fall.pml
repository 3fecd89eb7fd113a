/* Redis loses its latest writes: it was killed and its file lags by a second, or a replica that lags
 * takes its place. It goes on from a copy that was made before; whatever was on its way is gone. */

bit  copyIsMade;
bit  copyOfPending[JOBS], copyOfScheduled[JOBS];
byte copyOfHolder[JOBS], copyOfToken[JOBS], copyOfEnds[JOBS];
byte copyOfEpoch[WORKERS];
bit  copyOfInWorkers[WORKERS], copyOfHasFailed;

inline makeCopy() {
    copyIsMade = 1; copyOfHasFailed = hasFailed;
    for (job : 0 .. JOBS - 1) {
        copyOfPending[job] = pending[job]; copyOfScheduled[job] = scheduled[job];
        copyOfHolder[job] = holder[job]; copyOfToken[job] = token[job]; copyOfEnds[job] = ends[job]
    }
    for (worker : 1 .. WORKERS - 1) {
        copyOfEpoch[worker] = epoch[worker]; copyOfInWorkers[worker] = inWorkers[worker]
    }
}

inline fallBack() {
    hasFallen = 1; copyIsMade = 0; hasFailed = copyOfHasFailed; copyOfHasFailed = 0;
    for (job : 0 .. JOBS - 1) {
        pending[job] = copyOfPending[job]; scheduled[job] = copyOfScheduled[job];
        holder[job] = copyOfHolder[job]; token[job] = copyOfToken[job]; ends[job] = copyOfEnds[job];
        copyOfPending[job] = 0; copyOfScheduled[job] = 0;
        copyOfHolder[job] = 0; copyOfToken[job] = 0; copyOfEnds[job] = 0
    }
    for (worker : 1 .. WORKERS - 1) {
        epoch[worker] = copyOfEpoch[worker]; inWorkers[worker] = copyOfInWorkers[worker];
        copyOfEpoch[worker] = 0; copyOfInWorkers[worker] = 0
    }
    for (worker : 0 .. DAEMONS - 1) {
        if
        :: phase[worker] == REGISTERING || phase[worker] == ONLINE ->
            hangUp(worker); phase[worker] = OFFLINE
        :: else
        fi
    }
    for (worker : 0 .. LINES - 1) { lose(worker) }
    keepPlaces()
}
