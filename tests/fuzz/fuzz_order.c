/* libFuzzer: what a platform orders by the command topic. See wire_targets.h; run by make fuzz. */
#include "tests/fuzz/wire_targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_order(bytes, size);
    return 0;
}
