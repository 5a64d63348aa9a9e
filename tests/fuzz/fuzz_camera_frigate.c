/* libFuzzer: messages of Frigate. See camera_target.h; run by make fuzz. */
#include "tests/fuzz/camera_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_camera("frigate", bytes, size);
    return 0;
}
