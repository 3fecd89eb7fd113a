#include "limit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_batch = 500, token_size = 24 };

/* The words of one HSET and one HDEL: the records that were popped, each under a number of its own. */
static struct {
    char tokens[most_batch][token_size];
    const char *set[2 + 2 * most_batch], *delete[2 + most_batch];
    size_t set_sizes[2 + 2 * most_batch], delete_sizes[2 + most_batch];
} moves;

static size_t append_moves(redisContext *redis, const char *active, const redisReply *popped,
                           uint64_t first_token) {
    moves.set[0] = "HSET", moves.set_sizes[0] = strlen("HSET");
    moves.delete[0] = "HDEL", moves.delete_sizes[0] = strlen("HDEL");
    moves.set[1] = moves.delete[1] = active;
    moves.set_sizes[1] = moves.delete_sizes[1] = strlen(active);
    for (size_t i = 0; i < popped->elements; i++) {
        size_t size = (size_t)snprintf(moves.tokens[i], token_size, "%llu",
                                       (unsigned long long)(first_token + i));
        moves.set[2 + 2 * i] = moves.delete[2 + i] = moves.tokens[i];
        moves.set_sizes[2 + 2 * i] = moves.delete_sizes[2 + i] = size;
        moves.set[3 + 2 * i] = popped->element[i]->str;
        moves.set_sizes[3 + 2 * i] = popped->element[i]->len;
    }
    append(redis, (int)(2 + 2 * popped->elements), moves.set, moves.set_sizes);
    append(redis, (int)(2 + popped->elements), moves.delete, moves.delete_sizes);
    return 2;
}

/* The same with a command for each of them.
   Returns how many commands these were. */
static size_t append_single_moves(redisContext *redis, const char *active, const redisReply *popped,
                                  uint64_t first_token) {
    char token[token_size];
    for (size_t i = 0; i < popped->elements; i++) {
        size_t size = (size_t)snprintf(token, token_size, "%llu", (unsigned long long)(first_token + i));
        const char *set[] = {"HSET", active, token, popped->element[i]->str};
        const size_t set_sizes[] = {strlen("HSET"), strlen(active), size, popped->element[i]->len};
        append(redis, 4, set, set_sizes);
    }
    for (size_t i = 0; i < popped->elements; i++) {
        size_t size = (size_t)snprintf(token, token_size, "%llu", (unsigned long long)(first_token + i));
        const char *delete[] = {"HDEL", active, token};
        const size_t delete_sizes[] = {strlen("HDEL"), strlen(active), size};
        append(redis, 3, delete, delete_sizes);
    }
    return 2 * popped->elements;
}

static void append_pop(redisContext *redis, const char *list, size_t batch) {
    char count[token_size];
    snprintf(count, sizeof count, "%zu", batch);
    append_words(redis, "LPOP", list, count, NULL);
}

/* One round trip for each batch: the records that were popped last are set and deleted, a batch of new
   ones is pushed as long as `fed` lasts, and the next are popped. */
void drain(redisContext *redis, const char *list, const char *active, size_t jobs, size_t batch,
           size_t fed, int singly) {
    if (batch > most_batch) fail("drain", "a batch has at most 500 jobs");
    struct envelope record = make_envelope(0);
    const char *push[] = {"RPUSH", list, record.bytes};
    const size_t push_sizes[] = {strlen("RPUSH"), strlen(list), record.size};
    redisReply *popped = NULL;
    uint64_t token = 1, started = nanoseconds();
    size_t done = 0;
    while (done < jobs) {
        size_t pushed = 0, commands = 0, moved = popped ? popped->elements : 0;
        for (; pushed < batch && fed > 0; pushed++, fed--) {
            stamp_envelope(&record, token + pushed, 0);
            append(redis, 3, push, push_sizes);
        }
        if (moved)
            commands = singly ? append_single_moves(redis, active, popped, token)
                              : append_moves(redis, active, popped, token);
        append_pop(redis, list, batch);
        skip_replies(redis, pushed + commands);
        if (popped) freeReplyObject(popped);
        popped = next_reply(redis);
        if (popped->elements == 0 && done + moved < jobs) fail("drain", "the list has run empty");
        token += moved;
        done += moved;
    }
    if (popped) freeReplyObject(popped);
    printf("%.0f\n", (double)jobs * 1e9 / (double)(nanoseconds() - started));
    free(record.bytes);
}
