#pragma once

#include <stddef.h>
#include <stdint.h>
/* timeval is used by hiredis.h, which leaves its definition to the includer. */
#include <sys/time.h>

#include <hiredis/hiredis.h>

/* connection.c: one blocking connection on a Unix socket. Every failure ends the program. */

redisContext *open_redis(const char *socket);
/* Puts one command into the connection's buffer. */
void append(redisContext *redis, int count, const char **words, const size_t *sizes);
/* The same for words without NUL; the last argument is NULL. */
void append_words(redisContext *redis, ...);
/* Sends what is in the buffer, and reads the next answer; an error of Redis ends the program. */
redisReply *next_reply(redisContext *redis);
/* Reads `count` answers and forgets them. */
void skip_replies(redisContext *redis, size_t count);
_Noreturn void fail(const char *what, const char *reason);

/* clock.c */

/* CLOCK_BOOTTIME, which the daemon's clock is, too. */
uint64_t nanoseconds(void);
uint64_t unix_milliseconds(void);
void sleep_until(uint64_t nanoseconds);

/* envelope.c: job records of the shape and size that the library writes. */

struct envelope {
    char *bytes;
    size_t size;
};

struct envelope make_envelope(size_t payload_size);
/* Gives the record the id of job `number`, and a time that its handler can compare with its own. */
void stamp_envelope(struct envelope *envelope, uint64_t number, uint64_t time);
/* The time in a record. */
uint64_t stamped_time(const char *record);

/* The commands, as main.c tells their use. Each prints its figures on lines of their own. */

/* enqueue.c */
void fill(redisContext *redis, const char *list, size_t jobs, size_t payload_size);
void enqueue(redisContext *redis, const char *list, size_t jobs, size_t depth, size_t payload_size);

/* drain.c; `fed`: how many of the jobs it pushes itself, a batch in each round trip; `singly`: with an HSET
   and an HDEL for each job instead of each batch. */
void drain(redisContext *redis, const char *list, const char *active, size_t jobs, size_t batch,
           size_t fed, int singly);

/* latency.c */
void wake_up(redisContext *redis, const char *list, const char *taken, size_t samples);
/* BLMOVE and LPOP in one round trip; the job is handed to a second thread. */
void hand_over(redisContext *redis, const char *list, size_t samples);
void produce(redisContext *redis, const char *list, size_t jobs, size_t per_second);
void schedule(redisContext *redis, const char *set, size_t jobs, uint64_t delay, uint64_t spread);

/* disk.c: what a disk allows to whoever wants each write on it before the next. */
void sync_writes(const char *path, size_t writes);

/* spawn.c: programs started and waited for, one after the other. */
void spawn_programs(const char *path, size_t runs);
