#include "CAllocator.h"

#include <jemalloc/jemalloc.h>

/// Few arenas, because what one thread allocates another frees, and a thread of its own that gives memory
/// back after a peak, when no other allocates any more.
const char *malloc_conf = "narenas:4,background_thread:true,max_background_threads:1";

/// A linker that drops what nothing refers to keeps the library for this.
__attribute__((used)) static int (*const keeps)(const char *, void *, size_t *, void *, size_t) = mallctl;
