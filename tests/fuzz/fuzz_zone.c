/* libFuzzer: zone files, and the local times that come of what is believed. Run by make fuzz. */
#include "daemon/base/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct err err;
    struct zone *zone = zone_parse(bytes, size, &err);
    char text[CIVIL_TEXT];

    if (zone) {
        civil_text(zone_civil(zone), 1710324000, text);
        civil_utc_s(zone_civil(zone), 19782, 9000);
    }
    zone_close(zone);
    return 0;
}
