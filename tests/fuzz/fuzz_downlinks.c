/* libFuzzer: frames that a configuration gives, and all that can be sent to sensors. See
 * wire_targets.h; run by make fuzz. */
#include "tests/fuzz/wire_targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_downlinks(bytes, size);
    return 0;
}
