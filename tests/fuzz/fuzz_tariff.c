/* libFuzzer: tariff files, and the fees of what is believed. See file_targets.h; run by make fuzz.
 */
#include "tests/fuzz/file_targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_tariff(bytes, size);
    return 0;
}
