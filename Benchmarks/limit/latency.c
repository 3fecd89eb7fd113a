#include "limit.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t second = 1000000000;

static void append_push(redisContext *redis, const char *list, struct envelope *record,
                        uint64_t number) {
    const char *words[] = {"RPUSH", list, record->bytes};
    const size_t sizes[] = {strlen("RPUSH"), strlen(list), record->size};
    stamp_envelope(record, number, nanoseconds());
    append(redis, 3, words, sizes);
}

void wake_up(redisContext *redis, const char *list, const char *taken, size_t samples) {
    for (size_t i = 0; i < samples; i++) {
        append_words(redis, "BLMOVE", list, taken, "LEFT", "RIGHT", "0", NULL);
        redisReply *job = next_reply(redis);
        printf("%llu\n", (unsigned long long)(nanoseconds() - stamped_time(job->str)));
        freeReplyObject(job);
    }
}

/* What one thread hands to the other: a job's time. */
struct hand {
    sem_t is_free, is_full;
    uint64_t time;
    size_t samples;
};

static void *take_over(void *context) {
    struct hand *hand = context;
    for (size_t i = 0; i < hand->samples; i++) {
        sem_wait(&hand->is_full);
        printf("%llu\n", (unsigned long long)(nanoseconds() - hand->time));
        sem_post(&hand->is_free);
    }
    return NULL;
}

void hand_over(redisContext *redis, const char *list, size_t samples) {
    struct hand hand = {.samples = samples};
    sem_init(&hand.is_free, 0, 1);
    sem_init(&hand.is_full, 0, 0);
    pthread_t other;
    if (pthread_create(&other, NULL, take_over, &hand) != 0) fail("pthread_create", list);
    for (size_t i = 0; i < samples; i++) {
        append_words(redis, "BLMOVE", list, list, "LEFT", "LEFT", "0", NULL);
        append_words(redis, "LPOP", list, NULL);
        skip_replies(redis, 1);
        redisReply *job = next_reply(redis);
        if (job->type != REDIS_REPLY_STRING) fail("LPOP", "somebody else has the job");
        sem_wait(&hand.is_free);
        hand.time = stamped_time(job->str);
        sem_post(&hand.is_full);
        freeReplyObject(job);
    }
    pthread_join(other, NULL);
}

void produce(redisContext *redis, const char *list, size_t jobs, size_t per_second) {
    /* Short enough to be one job's time of a busy queue, long enough to leave the machine to others. */
    const uint64_t shortest_pause = second / 5000;
    struct envelope record = make_envelope(0);
    uint64_t started = nanoseconds();
    for (size_t sent = 0; sent < jobs;) {
        uint64_t due = (nanoseconds() - started) * per_second / second + 1;
        size_t count = 0;
        for (; sent + count < due && sent + count < jobs; count++)
            append_push(redis, list, &record, sent + count);
        skip_replies(redis, count);
        sent += count;
        uint64_t next = started + sent * second / per_second, earliest = nanoseconds() + shortest_pause;
        sleep_until(next > earliest ? next : earliest);
    }
    printf("%.0f\n", (double)jobs * 1e9 / (double)(nanoseconds() - started));
    free(record.bytes);
}

void schedule(redisContext *redis, const char *set, size_t jobs, uint64_t delay, uint64_t spread) {
    struct envelope record = make_envelope(0);
    uint64_t date = unix_milliseconds(), time = nanoseconds();
    for (size_t i = 0; i < jobs; i++) {
        /* Whole milliseconds, as the scores are; the handler is told the same moment on its clock. */
        uint64_t wait = delay + spread * i / jobs;
        char score[24];
        snprintf(score, sizeof score, "%llu", (unsigned long long)(date + wait));
        stamp_envelope(&record, i, time + wait * 1000000);
        const char *words[] = {"ZADD", set, score, record.bytes};
        const size_t sizes[] = {strlen("ZADD"), strlen(set), strlen(score), record.size};
        append(redis, 4, words, sizes);
    }
    skip_replies(redis, jobs);
    free(record.bytes);
}
