/* libFuzzer: parkd.conf, whole. See file_targets.h; run by make fuzz. */
#include "tests/fuzz/file_targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_config(bytes, size);
    return 0;
}
