/* All that a state consists of: what Redis holds, what is on its way, what the daemons know. */

/* ---- The keys ---- */
bit  pending[JOBS];             /* without an order: any job may be at the head */
bit  scheduled[JOBS];           /* due at any moment */
byte holder[JOBS];              /* the worker in whose active hash the job lies; 0: in none */
byte token[JOBS];               /* under this token */
byte ends[JOBS];                /* how often it ended, done or dead */
byte epoch[WORKERS];            /* field `epoch` of a worker's active hash; 0: it is not there */
bit  inWorkers[WORKERS];        /* it is in `workers`; when its lease ends says LEASE_IS_OVER */
bit  paused;
#if REFUSALS
bit  isThere[JOBS];             /* all jobs are, and the spare one is when a script left a copy */
byte refusalsLeft = REFUSALS;
#endif

/* ---- The connections: what was sent and is not carried out yet ---- */
mtype = { REGISTER, CLAIM, FINISH, HEARTBEAT, DECLARE, RECOVER, RETIRE };
mtype = { DONE, RETRY, RELEASE };
/* kind, worker, epoch, job, token, and one more: of a registration whether it is the worker's first, of
 * a claim for how many jobs, of a finish the outcome. */
chan line[LINES + WAIT_LINES] = [IN_FLIGHT] of { mtype, byte, byte, byte, byte, byte };

/* ---- The request at hand. Nothing of it outlives the step, so it is no part of the state. ---- */
SCRATCH mtype kind;
SCRATCH byte who, at, which, under, more;
SCRATCH byte answer, count, found, job, place, worker;
SCRATCH byte claimed[JOBS];
#define NO 0
#define YES 1
#define LEASELOST 2
#define REFUSED 3

/* ---- The daemons ---- */
#define DOWN 0
#define OFFLINE 1               /* without a connection */
#define REGISTERING 2           /* the connection is there, for the registration alone */
#define ONLINE 3
#define OVER 4                  /* drained; it does not come back */
byte phase[DAEMONS];
byte id[DAEMONS];               /* the worker that it is; 0: none */
byte ids;                       /* how many were given out */
byte ownEpoch[DAEMONS];
bit  isKnown[DAEMONS];          /* a registration under this id was answered */
bit  drains[DAEMONS];
bit  signsOff[DAEMONS];         /* it holds nothing, and registers no more */
bit  claimIsOpen[DAEMONS], beatIsOpen[DAEMONS];
byte lost[DAEMONS];             /* the worker that it recovers; 0: none */
bit  moveIsOpen[DAEMONS];       /* … and a script of that is under way */

/* What it does about each job. */
#define AT(i, j) ((i) * JOBS + (j))
#define NOTHING 0
#define HELD 1                  /* adopted while it drains: to be released */
#define RUNNING 2
#define UNWRITTEN 3             /* sent, and the answer was lost */
#define SENT 4
byte does[DAEMONS * JOBS];
byte knows[DAEMONS * JOBS];     /* the job's token */
bit  isFresh[DAEMONS * JOBS];   /* it was claimed on this connection, under this epoch */
mtype result[DAEMONS * JOBS];   /* its outcome, when it was sent */

#define HAS_ROOM(i) (phase[i] == ONLINE && len(line[i]) < IN_FLIGHT)
#define IS_PRESENT(w) (id[0] == (w) || id[1] == (w))
#define LEASE_IS_OVER(w) (halted[w] || !IS_PRESENT(w))
#if JOBS == 1
#define BUSY(i) (does[AT(i, 0)] != 0)
#define ANY_PENDING pending[0]
#elif JOBS == 2
#define BUSY(i) ((does[AT(i, 0)] != 0) + (does[AT(i, 1)] != 0))
#define ANY_PENDING (pending[0] || pending[1])
#else
#define BUSY(i) ((does[AT(i, 0)] != 0) + (does[AT(i, 1)] != 0) + (does[AT(i, 2)] != 0))
#define ANY_PENDING (pending[0] || pending[1] || pending[2])
#endif
