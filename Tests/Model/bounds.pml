/* How much is looked at; cases.txt sets it for each case. */

#ifndef JOBS
#define JOBS 2                  /* 1, 2 or 3 */
#endif
#ifndef SLOTS
#define SLOTS 2                 /* jobs that one daemon runs at the same time */
#endif
#ifndef FLAKY
#define FLAKY 1                 /* the job that fails once and is retried; NONE: none does */
#endif
#ifndef IN_FLIGHT
#define IN_FLIGHT 1             /* requests of one connection that Redis has not carried out yet */
#endif

/* Faults, counted together: a cut connection, a kill -9, a stop for longer than the lease, and a fall
 * of Redis back to an older copy of itself. 0 leaves a kind out. */
#ifndef FAULTS
#define FAULTS 1
#endif
#ifndef CUT
#define CUT 1
#endif
#ifndef KILL
#define KILL 1
#endif
#ifndef STOP
#define STOP 1
#endif
#ifndef FALL
#define FALL 0
#endif

/* What people do: how often a daemon is drained, and the queue paused. */
#ifndef DRAINS
#define DRAINS 0
#endif
#ifndef PAUSES
#define PAUSES 0
#endif

/* How many claims go behind waits for work. */
#ifndef WAITS
#define WAITS 0
#endif

/* How often Redis refuses a script at one of its writes: what it wrote before stays. The last of the jobs is
 * no job then, but what such a script may leave besides: a second copy. */
#ifndef REFUSALS
#define REFUSALS 0              /* 1 or none */
#endif
#define SPARE (JOBS - 1)

#define NONE 99                 /* no job */

/* For the shortest trail, which a search with variables outside the state cannot find. */
#ifdef SHORTEST
#define SCRATCH
#else
#define SCRATCH hidden
#endif

#define DAEMONS 2
/* Connections: one of each daemon, then those that were cut; behind them those of waits. */
#if WAITS
#define LINES (DAEMONS + 4)
#define WAIT_LINES DAEMONS
#else
#define LINES (DAEMONS + 3)
#define WAIT_LINES 0
#endif
#define WORKERS (3 + FAULTS + FALL)     /* identities, from 1; none is used twice */
#if WORKERS > 6
#error daemon.pml looks at five workers only
#endif
