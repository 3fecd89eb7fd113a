#include "limit.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* A page of SQLite's log. */
enum { write_size = 4096 };

void sync_writes(const char *path, size_t writes) {
    static const char page[write_size];
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) fail("open", path);
    uint64_t started = nanoseconds();
    for (size_t i = 0; i < writes; i++) {
        if (write(file, page, write_size) != write_size) fail("write", path);
        if (fdatasync(file) != 0) fail("fdatasync", path);
    }
    printf("%.0f\n", (double)writes * 1e9 / (double)(nanoseconds() - started));
    close(file);
}
