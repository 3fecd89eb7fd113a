/* What the machine allows: the bare commands that a job's way through Redis consists of, on hiredis and
   in C, with no job queue around them. Each command prints its figures on lines of their own. */
#include "limit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: bench-limit FILE sync WRITES           4 KiB appended, then fdatasync; writes per second\n"
    "       bench-limit PROGRAM spawn RUNS         posix_spawn, then waitpid; runs per second\n"
    "       bench-limit SOCKET COMMAND, with the Unix socket of a Redis and one of\n"
    "  fill LIST JOBS PAYLOAD-BYTES             RPUSH in commands of 100; jobs per second\n"
    "  enqueue LIST JOBS DEPTH PAYLOAD-BYTES    RPUSH one by one, DEPTH in a round trip; jobs per second\n"
    "  drain LIST ACTIVE JOBS BATCH             LPOP, HSET, HDEL of what is there; jobs per second\n"
    "  drain-singly LIST ACTIVE JOBS BATCH      the same with an HSET and an HDEL for each job\n"
    "  cycle LIST ACTIVE JOBS BATCH             LPOP, HSET, HDEL of what it pushes itself; jobs per second\n"
    "  wake-up LIST TAKEN SAMPLES               from what `produce` wrote to the end of a BLMOVE; nanoseconds\n"
    "  hand-over LIST SAMPLES                   the same to a second thread that has the job; nanoseconds\n"
    "  produce LIST JOBS PER-SECOND             RPUSH at a steady pace; the pace that was reached\n"
    "  schedule SET JOBS DELAY-MS SPREAD-MS     ZADD of jobs that are due one after the other\n";

int main(int count, char **arguments) {
    if (count < 3) {
        fputs(usage, stderr);
        return 64;
    }
    const char *place = arguments[1], *command = arguments[2];
    char **rest = arguments + 3;
    int given = count - 3;
    /* The numbers of a command stand behind its keys. */
    unsigned long long number[4] = {0};
    for (int i = 0; i < given && i < 4; i++) number[i] = strtoull(rest[i], NULL, 10);

    if (!strcmp(command, "sync") && given == 1) {
        sync_writes(place, number[0]);
        return 0;
    }
    if (!strcmp(command, "spawn") && given == 1) {
        spawn_programs(place, number[0]);
        return 0;
    }
    redisContext *redis = open_redis(place);
    if (!strcmp(command, "fill") && given == 3) {
        fill(redis, rest[0], number[1], number[2]);
    } else if (!strcmp(command, "enqueue") && given == 4) {
        enqueue(redis, rest[0], number[1], number[2], number[3]);
    } else if (!strcmp(command, "drain") && given == 4) {
        drain(redis, rest[0], rest[1], number[2], number[3], 0, 0);
    } else if (!strcmp(command, "drain-singly") && given == 4) {
        drain(redis, rest[0], rest[1], number[2], number[3], 0, 1);
    } else if (!strcmp(command, "cycle") && given == 4) {
        drain(redis, rest[0], rest[1], number[2], number[3], number[2], 0);
    } else if (!strcmp(command, "wake-up") && given == 3) {
        wake_up(redis, rest[0], rest[1], number[2]);
    } else if (!strcmp(command, "hand-over") && given == 2) {
        hand_over(redis, rest[0], number[1]);
    } else if (!strcmp(command, "produce") && given == 3) {
        produce(redis, rest[0], number[1], number[2]);
    } else if (!strcmp(command, "schedule") && given == 4) {
        schedule(redis, rest[0], number[1], number[2], number[3]);
    } else {
        fputs(usage, stderr);
        return 64;
    }
    redisFree(redis);
    return 0;
}
