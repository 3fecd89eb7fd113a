/* What goes wrong, and what people do. */

byte faults;
byte drainsLeft = DRAINS, pausesLeft = PAUSES;

#define IS_ALIVE(i) (phase[i] >= OFFLINE && phase[i] <= ONLINE)
/* The daemons are alike: what happens first happens to the first. */
#define MAY_HIT(i) (i == 0 || faults > 0 || drainsLeft < DRAINS)

inline lose(c) {
    do
    :: len(line[c]) > 0 -> line[c] ? kind, who, at, which, under, more
    :: else -> break
    od
}

#if FALL
#include "fall.pml"
#endif

#define MAY_FAIL(i) (faults < FAULTS && MAY_HIT(i) && IS_ALIVE(i))

#define TROUBLE(i) \
    :: d_step { CUT && MAY_FAIL(i) && phase[i] != OFFLINE -> \
        printf("* daemon %d: connection cut\n", i); \
        faults++; hangUp(i); phase[i] = OFFLINE } \
    :: d_step { KILL && MAY_FAIL(i) -> \
        printf("* daemon %d: killed\n", i); \
        faults++; halted[id[i]] = 1; leave(i); phase[i] = DOWN } \
    :: d_step { STOP && MAY_FAIL(i) && inWorkers[id[i]] && epoch[id[i]] != 0 && !halted[id[i]] -> \
        printf("* daemon %d: stopped for longer than its lease\n", i); \
        faults++; halted[id[i]] = 1 } \
    :: d_step { drainsLeft > 0 && MAY_HIT(i) && IS_ALIVE(i) && !drains[i] && IS_ALIVE(1 - i) -> \
        printf("* daemon %d: drains\n", i); \
        drainsLeft--; drains[i] = 1 }

proctype Faults() {
end:
    do
    TROUBLE(0)
    TROUBLE(1)
#if WAITS
    WAIT_TROUBLE(0)
    WAIT_TROUBLE(1)
    :: d_step { len(line[5]) > 0 -> lose(5); skip }
#endif
#if FALL
    :: d_step { !hasFallen && !copyIsMade -> makeCopy(); skip }
    :: d_step { copyIsMade && faults < FAULTS ->
        printf("* Redis goes on from its copy\n");
        faults++; fallBack(); skip }
#endif
    :: d_step { len(line[2]) > 0 -> lose(2); skip }
    :: d_step { len(line[3]) > 0 -> lose(3); skip }
    :: d_step { len(line[4]) > 0 -> lose(4); skip }
    od
}

proctype Operator() {
end:
    do
    :: d_step { pausesLeft > 0 && !paused -> printf("* paused\n"); pausesLeft--; Pause(1) }
    :: d_step { paused -> printf("* resumed\n"); Pause(0) }
    od
}
