/* libFuzzer: paths and the objects that they lead into. See targets.h; run by make fuzz. */
#include "tests/fuzz/targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_json_path(bytes, size);
    return 0;
}
