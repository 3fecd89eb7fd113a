/* Who asks in enqueue.pml: two producers, a daemon, an operator; and connections that are cut. */

/* The connection is cut; what was on it may be carried out later. */
inline cut(c) {
    printf("* connection %d is cut\n", c);
    cutsLeft--;
    place = DAEMON + 1;
    do
    :: place < LINES && len(line[place]) > 0 -> place++
    :: else -> break
    od;
    assert(place < LINES);
    line[c] ? kind, which, seen, what;
    line[place] ! kind, which, seen, what;
    if
    :: kind == ENQUEUE -> told[which] = UNKNOWN
    :: else
    fi
}

proctype Producer(byte id) {
end:
    do
    :: d_step { told[id] == UNSENT || (told[id] == UNKNOWN && id == A) ->
        told[id] = ASKED; line[id] ! ENQUEUE, id, 0, 0 }
    od
}

#define IS_FREE(c) (len(line[c]) == 0)
#define JOB(id) \
    :: d_step { waiting[id] > 0 && holds[id] == 0 && edition[id] < CLAIMS + SPARE -> \
        printf("daemon: runs job %d\n", id); \
        waiting[id]--; running[id]++; edition[id]++; holds[id] = edition[id] } \
    :: atomic { holds[id] != 0 && outcome[id] == 0 -> \
        if \
        :: outcome[id] = DONE \
        :: outcome[id] = DEAD \
        :: edition[id] < CLAIMS -> outcome[id] = RETRY \
        fi } \
    :: d_step { outcome[id] != 0 && IS_FREE(DAEMON) -> \
        line[DAEMON] ! FINISH, id, holds[id], outcome[id] }

proctype Daemon() {
end:
    do
    JOB(A)
    JOB(B)
    od
}

#define SEEN(id) \
    :: d_step { changesLeft > 0 && IS_FREE(OPERATOR) && dead[id] > 0 && edition[id] < CLAIMS -> \
        changesLeft--; line[OPERATOR] ! REQUEUE, id, edition[id], 0 } \
    :: d_step { changesLeft > 0 && IS_FREE(OPERATOR) && dead[id] > 0 -> \
        changesLeft--; line[OPERATOR] ! DELETE, id, edition[id], DEAD } \
    :: d_step { changesLeft > 0 && IS_FREE(OPERATOR) && waiting[id] > 0 -> \
        changesLeft--; line[OPERATOR] ! DELETE, id, edition[id], RETRY }

proctype Operator() {
end:
    do
    SEEN(A)
    SEEN(B)
    od
}

/* When nothing more can happen: nothing waits or runs, and nobody holds the key. */
proctype Standstill() {
    timeout ->
    allEnded = (waiting[A] + waiting[B] + running[A] + running[B] == 0 && key == 0);
    assert(allEnded)
}
