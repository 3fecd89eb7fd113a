/// Programs that link this have jemalloc for their memory, in place of the C library's own.
#ifndef C_ALLOCATOR_H
#define C_ALLOCATOR_H

/// Its options, which it looks up by this name; see jemalloc(3).
extern const char *malloc_conf;

#endif
