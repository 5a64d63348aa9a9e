/* libFuzzer: what the platform of Hangzhou calls with. See call_target.h; run by make fuzz. */
#include "tests/fuzz/call_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_call(&adapter_hangzhou, bytes, size);
    return 0;
}
