#include "LibFuzzer.h"

/* Of the compiler's runtime, where the program is linked with it. */
__attribute__((weak)) int LLVMFuzzerRunDriver(
    int *argc, char ***argv, int (*try_input)(const uint8_t *bytes, size_t count));

int libfuzzer_run(int argc, char **argv, int (*try_input)(const uint8_t *bytes, size_t count)) {
    if (!LLVMFuzzerRunDriver) return -1;
    return LLVMFuzzerRunDriver(&argc, &argv, try_input);
}

/* What libFuzzer's own `main` would try; the program has a `main` of its own, which names the target. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    (void)bytes;
    (void)count;
    return -1;
}
