/* libFuzzer: messages of ChirpStack, both versions. See targets.h; run by make fuzz. */
#include "tests/fuzz/targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_envelope(&chirpstack_format, bytes, size);
    fuzz_envelope(&chirpstack_v3_format, bytes, size);
    return 0;
}
