/* libFuzzer: answers and calls of cities' platforms. See city_target.h; run by make fuzz. */
#include "tests/fuzz/city_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_city(bytes, size);
    return 0;
}
