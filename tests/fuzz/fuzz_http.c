/* libFuzzer: requests to the real server. See http_target.h; run by make fuzz. */
#include "tests/fuzz/http_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_http(bytes, size);
    return 0;
}
