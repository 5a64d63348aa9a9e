/* libFuzzer: what people ask of lanes, stays and money. See wire_targets.h; run by make fuzz. */
#include "tests/fuzz/wire_targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_acts(bytes, size);
    return 0;
}
