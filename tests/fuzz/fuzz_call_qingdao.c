/* libFuzzer: what the platform of Qingdao calls with. See call_target.h; run by make fuzz. */
#include "tests/fuzz/call_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_call(&adapter_qingdao, bytes, size);
    return 0;
}
