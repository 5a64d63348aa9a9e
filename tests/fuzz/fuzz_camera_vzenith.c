/* libFuzzer: messages of Vzenith's family, HTTP and MQTT. See camera_target.h; run by make fuzz. */
#include "tests/fuzz/camera_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_camera("vzenith", bytes, size);
    return 0;
}
