/* libFuzzer: every decoder of a sensor's frame. See targets.h; run by make fuzz. */
#include "tests/fuzz/targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_frames(bytes, size);
    return 0;
}
