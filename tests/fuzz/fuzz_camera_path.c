/* libFuzzer: the paths and addresses of requests at the cameras' listener. Run by make fuzz. */
#include <string.h>

#include "daemon/serve/camera_listener.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const from[] = {"192.168.1.64"};
    static const struct camera_door doors[] = {
        {.id = "in", .secret = "word"},
        {.id = "out", .from = from, .from_count = 1, .any_path = true},
    };
    static const struct camera_listener_settings settings = {.doors = doors, .doors_count = 2};
    char path[512];

    if (size >= sizeof path)
        return 0;
    memcpy(path, bytes, size);
    path[size] = '\0';
    camera_listener_find(&settings, path, "192.168.1.64");
    camera_listener_find(&settings, path, "10.0.0.1");
    return 0;
}
