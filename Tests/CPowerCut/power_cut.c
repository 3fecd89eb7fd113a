#define _GNU_SOURCE
#include "power_cut.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A write, or with no bytes a truncation, that was not synced yet. */
struct change {
    struct change *next;
    sqlite3_int64 offset;
    int count; /* -1: the file ends at `offset` */
    char bytes[];
};

struct file {
    sqlite3_file base;
    int disk; /* what the disk holds; -1: not kept */
    struct change *first, *last;
    /* The real file follows. */
};

static sqlite3_vfs *system_vfs;
static sqlite3_vfs our_vfs;
static sqlite3_io_methods our_methods;
static unsigned random_state;

/* One writer at a time, the file's thread: no lock is needed. */
static unsigned random_below(unsigned limit)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % limit;
}

static sqlite3_file *real(sqlite3_file *file) { return (sqlite3_file *)((struct file *)file + 1); }

static void apply(int disk, const struct change *change, int count)
{
    if (change->count < 0) {
        if (ftruncate(disk, change->offset) != 0) abort();
    } else if (pwrite(disk, change->bytes, count, change->offset) != count) {
        abort();
    }
}

static int note(struct file *file, sqlite3_int64 offset, const void *bytes, int count)
{
    if (file->disk < 0) return SQLITE_OK;
    struct change *change = malloc(sizeof(struct change) + (count > 0 ? count : 0));
    if (!change) return SQLITE_NOMEM;
    change->next = NULL;
    change->offset = offset;
    change->count = count;
    if (count > 0) memcpy(change->bytes, bytes, count);
    if (file->last) file->last->next = change;
    else file->first = change;
    file->last = change;
    /* Some of it reaches the disk early, and some of that only in part. */
    if (count > 0 && random_below(4) == 0)
        apply(file->disk, change, random_below(3) == 0 ? (int)random_below(count) : count);
    return SQLITE_OK;
}

static void forget(struct file *file)
{
    while (file->first) {
        struct change *change = file->first;
        file->first = change->next;
        free(change);
    }
    file->last = NULL;
}

static int our_close(sqlite3_file *base)
{
    struct file *file = (struct file *)base;
    forget(file);
    if (file->disk >= 0) close(file->disk);
    return real(base)->pMethods->xClose(real(base));
}

static int our_read(sqlite3_file *base, void *bytes, int count, sqlite3_int64 offset)
{
    return real(base)->pMethods->xRead(real(base), bytes, count, offset);
}

static int our_write(sqlite3_file *base, const void *bytes, int count, sqlite3_int64 offset)
{
    int code = real(base)->pMethods->xWrite(real(base), bytes, count, offset);
    return code != SQLITE_OK ? code : note((struct file *)base, offset, bytes, count);
}

static int our_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    int code = real(base)->pMethods->xTruncate(real(base), size);
    return code != SQLITE_OK ? code : note((struct file *)base, size, NULL, -1);
}

/* The real disk is left alone: it is not what is tested, and it is slow. */
static int our_sync(sqlite3_file *base, int flags)
{
    struct file *file = (struct file *)base;
    (void)flags;
    for (struct change *change = file->first; change; change = change->next)
        apply(file->disk, change, change->count);
    forget(file);
    return SQLITE_OK;
}

static int our_size(sqlite3_file *base, sqlite3_int64 *size)
{
    return real(base)->pMethods->xFileSize(real(base), size);
}

static int our_lock(sqlite3_file *base, int level)
{
    return real(base)->pMethods->xLock(real(base), level);
}

static int our_unlock(sqlite3_file *base, int level)
{
    return real(base)->pMethods->xUnlock(real(base), level);
}

static int our_check_lock(sqlite3_file *base, int *result)
{
    return real(base)->pMethods->xCheckReservedLock(real(base), result);
}

static int our_control(sqlite3_file *base, int operation, void *argument)
{
    return real(base)->pMethods->xFileControl(real(base), operation, argument);
}

static int our_sector_size(sqlite3_file *base)
{
    return real(base)->pMethods->xSectorSize(real(base));
}

/* No promise of the real file system's: neither whole writes nor their order. */
static int our_characteristics(sqlite3_file *base)
{
    (void)base;
    return 0;
}

static int our_shm_map(sqlite3_file *base, int page, int size, int extend, void volatile **memory)
{
    return real(base)->pMethods->xShmMap(real(base), page, size, extend, memory);
}

static int our_shm_lock(sqlite3_file *base, int offset, int count, int flags)
{
    return real(base)->pMethods->xShmLock(real(base), offset, count, flags);
}

static void our_shm_barrier(sqlite3_file *base) { real(base)->pMethods->xShmBarrier(real(base)); }

static int our_shm_unmap(sqlite3_file *base, int remove)
{
    return real(base)->pMethods->xShmUnmap(real(base), remove);
}

static int our_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out_flags)
{
    struct file *file = (struct file *)base;
    (void)vfs;
    memset(file, 0, sizeof *file);
    file->disk = -1;
    int code = system_vfs->xOpen(system_vfs, name, real(base), flags, out_flags);
    if (code != SQLITE_OK) return code;
    file->base.pMethods = &our_methods;
    if (name && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL))) {
        char path[4096];
        snprintf(path, sizeof path, "%s.disk", name);
        file->disk = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (file->disk < 0) abort();
    }
    return SQLITE_OK;
}

int power_cut_register(unsigned seed)
{
    random_state = seed;
    system_vfs = sqlite3_vfs_find(NULL);
    our_vfs = *system_vfs;
    our_vfs.zName = "power-cut";
    our_vfs.szOsFile = (int)sizeof(struct file) + system_vfs->szOsFile;
    our_vfs.xOpen = our_open;
    our_vfs.pNext = NULL;
    our_methods = (sqlite3_io_methods){
        .iVersion = 2,
        .xClose = our_close,
        .xRead = our_read,
        .xWrite = our_write,
        .xTruncate = our_truncate,
        .xSync = our_sync,
        .xFileSize = our_size,
        .xLock = our_lock,
        .xUnlock = our_unlock,
        .xCheckReservedLock = our_check_lock,
        .xFileControl = our_control,
        .xSectorSize = our_sector_size,
        .xDeviceCharacteristics = our_characteristics,
        .xShmMap = our_shm_map,
        .xShmLock = our_shm_lock,
        .xShmBarrier = our_shm_barrier,
        .xShmUnmap = our_shm_unmap,
    };
    return sqlite3_vfs_register(&our_vfs, 1);
}
