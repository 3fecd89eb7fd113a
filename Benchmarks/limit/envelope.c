#include "limit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ids and times have a fixed width, so that a record is made once and only stamped afterwards. */
static const char head[] =
    "{\"type\":\"bench:noop\",\"id\":\"00000000-0000-7000-8000-000000000000\","
    "\"enqueued_at\":0000000000000,\"payload\":";
static const char payload_head[] = "{\"time\":\"00000000000000000000\",\"text\":\"";
static const char payload_tail[] = "\"}";

enum { id_width = 12, date_width = 13, time_width = 20 };

/* Where `mark` ends in the record. */
static char *after(const struct envelope *envelope, const char *mark) {
    return strstr(envelope->bytes, mark) + strlen(mark);
}

static const char time_mark[] = "\"time\":\"";

static void write_number(char *place, int width, uint64_t number) {
    while (width--) {
        place[width] = (char)('0' + number % 10);
        number /= 10;
    }
}

struct envelope make_envelope(size_t payload_size) {
    size_t least = sizeof payload_head - 1 + sizeof payload_tail - 1;
    size_t text = payload_size > least ? payload_size - least : 0;
    struct envelope envelope = {.size = sizeof head - 1 + least + text + 1};
    envelope.bytes = malloc(envelope.size + 1);
    if (!envelope.bytes) fail("cannot make a record", "out of memory");
    char *end = stpcpy(stpcpy(envelope.bytes, head), payload_head);
    memset(end, 'x', text);
    strcpy(stpcpy(end + text, payload_tail), "}");
    write_number(after(&envelope, "\"enqueued_at\":"), date_width, unix_milliseconds());
    return envelope;
}

void stamp_envelope(struct envelope *envelope, uint64_t number, uint64_t time) {
    write_number(after(envelope, "-8000-"), id_width, number);
    write_number(after(envelope, time_mark), time_width, time);
}

uint64_t stamped_time(const char *record) {
    const char *found = strstr(record, time_mark);
    if (!found) fail("no time in a record", record);
    return strtoull(found + strlen(time_mark), NULL, 10);
}
