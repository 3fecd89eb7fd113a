#pragma once
#include <stddef.h>
#include <stdint.h>

/* Tries inputs with libFuzzer until its own flags in `argv` say that it is enough.
 *
 * Returns libFuzzer's exit status, or -1 where the program was built without it: see packaging/fuzz.sh. */
int libfuzzer_run(int argc, char **argv, int (*try_input)(const uint8_t *bytes, size_t count));
