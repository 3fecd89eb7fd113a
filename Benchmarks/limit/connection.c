#include "limit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fail(const char *what, const char *reason) {
    fprintf(stderr, "bench-limit: %s: %s\n", what, reason);
    exit(1);
}

redisContext *open_redis(const char *socket) {
    redisContext *redis = redisConnectUnix(socket);
    if (!redis) fail(socket, "out of memory");
    if (redis->err) fail(socket, redis->errstr);
    return redis;
}

void append(redisContext *redis, int count, const char **words, const size_t *sizes) {
    if (redisAppendCommandArgv(redis, count, words, sizes) != REDIS_OK)
        fail("cannot make a command", redis->errstr);
}

void append_words(redisContext *redis, ...) {
    enum { most = 8 };
    const char *words[most];
    size_t sizes[most];
    int count = 0;
    va_list arguments;
    va_start(arguments, redis);
    for (const char *word; count < most && (word = va_arg(arguments, const char *)); count++) {
        words[count] = word;
        sizes[count] = strlen(word);
    }
    va_end(arguments);
    append(redis, count, words, sizes);
}

redisReply *next_reply(redisContext *redis) {
    void *reply = NULL;
    if (redisGetReply(redis, &reply) != REDIS_OK) fail("no answer", redis->errstr);
    redisReply *answer = reply;
    if (answer->type == REDIS_REPLY_ERROR) fail("Redis refused", answer->str);
    return answer;
}

void skip_replies(redisContext *redis, size_t count) {
    while (count--) freeReplyObject(next_reply(redis));
}
