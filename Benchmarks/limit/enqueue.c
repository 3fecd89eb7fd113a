#include "limit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No command holds more, apart from one that holds a single record. */
enum { most_values = 100, most_bytes = 4 << 20 };

static void print_rate(size_t jobs, uint64_t started) {
    printf("%.0f\n", (double)jobs * 1e9 / (double)(nanoseconds() - started));
}

static size_t smaller(size_t left, size_t right) { return left < right ? left : right; }

void fill(redisContext *redis, const char *list, size_t jobs, size_t payload_size) {
    size_t batch = smaller(most_values, most_bytes / (payload_size + 1) + 1);
    struct envelope records[most_values];
    const char *words[2 + most_values] = {"RPUSH", list};
    size_t sizes[2 + most_values] = {strlen("RPUSH"), strlen(list)};
    for (size_t i = 0; i < batch; i++) {
        records[i] = make_envelope(payload_size);
        words[2 + i] = records[i].bytes;
        sizes[2 + i] = records[i].size;
    }
    uint64_t started = nanoseconds();
    for (size_t done = 0; done < jobs;) {
        size_t count = smaller(batch, jobs - done);
        for (size_t i = 0; i < count; i++) stamp_envelope(&records[i], done + i, 0);
        append(redis, (int)(2 + count), words, sizes);
        skip_replies(redis, 1);
        done += count;
    }
    print_rate(jobs, started);
    for (size_t i = 0; i < batch; i++) free(records[i].bytes);
}

void enqueue(redisContext *redis, const char *list, size_t jobs, size_t depth, size_t payload_size) {
    struct envelope record = make_envelope(payload_size);
    const char *words[] = {"RPUSH", list, record.bytes};
    const size_t sizes[] = {strlen("RPUSH"), strlen(list), record.size};
    uint64_t started = nanoseconds();
    for (size_t done = 0; done < jobs; done += depth) {
        size_t count = smaller(depth, jobs - done);
        for (size_t i = 0; i < count; i++) {
            stamp_envelope(&record, done + i, 0);
            append(redis, 3, words, sizes);
        }
        skip_replies(redis, count);
    }
    print_rate(jobs, started);
    free(record.bytes);
}
