#pragma once

#include <stddef.h>

#include <sqlite3.h>

/* SQLITE_TRANSIENT is a number cast to a function's address, which Swift does not import. */
static inline int csqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, size_t count)
{
    /* No text has no address, and SQLite takes that for NULL. */
    return sqlite3_bind_text64(statement, index, count ? text : "", count, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* The same with no bytes. */
static inline int csqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, size_t count)
{
    if (count == 0) return sqlite3_bind_zeroblob(statement, index, 0);
    return sqlite3_bind_blob64(statement, index, bytes, count, SQLITE_TRANSIENT);
}

/* memmem(3) is hidden behind _GNU_SOURCE, which this module cannot define for the headers before it. */
extern void *memmem(const void *whole, size_t whole_count, const void *part, size_t part_count);
