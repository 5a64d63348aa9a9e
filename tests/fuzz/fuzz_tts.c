/* libFuzzer: messages of The Things Stack. See targets.h; run by make fuzz. */
#include "tests/fuzz/targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_envelope(&tts_format, bytes, size);
    return 0;
}
