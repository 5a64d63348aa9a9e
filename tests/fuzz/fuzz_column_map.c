/* libFuzzer: column maps, and statements read by them. See file_targets.h; run by make fuzz. */
#include "tests/fuzz/file_targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_column_map(bytes, size);
    return 0;
}
