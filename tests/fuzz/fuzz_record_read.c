/* libFuzzer: records out of the database. See wire_targets.h; run by make fuzz. */
#include "tests/fuzz/wire_targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_record_read(bytes, size);
    return 0;
}
