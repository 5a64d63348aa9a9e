/* The list of strangers. See strangers.h. */
#include "daemon/network/strangers.h"

#include <string.h>

#include "sensors/decoded.h"
#include "sensors/drivers.h"

bool strangers_note(struct network_stranger list[NETWORK_STRANGERS],
                    const struct envelope *envelope, const char *address, utc_ms now)
{
    uint32_t place = 0;

    while (place < NETWORK_STRANGERS - 1 && list[place].frames &&
           strcmp(list[place].address, address) != 0)
        place++;
    struct network_stranger stranger = list[place];
    bool is_new = !stranger.frames || strcmp(stranger.address, address) != 0;
    if (is_new)
        stranger = (struct network_stranger){.frames = 0};
    text_copy(stranger.address, sizeof stranger.address, address);
    text_copy(stranger.name, sizeof stranger.name, envelope->device_id);
    stranger.port = envelope->port;
    memcpy(stranger.frame, envelope->payload, envelope->payload_size);
    stranger.size = envelope->payload_size;
    stranger.heard = now;
    stranger.frames++;
    memmove(&list[1], &list[0], place * sizeof *list);
    list[0] = stranger;
    return is_new;
}

/* What one driver makes of the frame; nothing when it does not believe it. */
static void add_fit(const struct sensor_driver *driver, uint8_t revision,
                    const struct network_stranger *stranger, struct text *out)
{
    const struct sensor_frame frame = {.bytes = stranger->frame,
                                       .size = stranger->size,
                                       .port = stranger->port,
                                       .revision = revision};
    struct report report;

    if (drivers_decode(driver, &frame, &report))
        return;
    text_comma(out);
    text_add(out, "{\"driver\":\"%s%s%s\",\"report\":", driver->name, revision ? "@" : "",
             revision ? driver->revisions[revision] : "");
    decoded_report(&report, out);
    text_add(out, "}");
}

void strangers_json(const struct network_stranger *stranger, const char *network, struct text *out)
{
    char heard[UTC_TEXT_SIZE];

    text_add(out, "{");
    text_json_pair(out, "network", network);
    text_json_pair(out, "address", stranger->address);
    text_json_pair(out, "name", stranger->name);
    text_json_int(out, "frames", (int64_t)stranger->frames);
    text_json_pair(out, "heard", utc_text(stranger->heard, heard));
    text_json_int(out, "fport", stranger->port);
    text_add(out, ",\"hex\":\"");
    for (size_t i = 0; i < stranger->size; i++)
        text_add(out, "%02x", stranger->frame[i]);
    text_add(out, "\",\"fits\":[");
    for (size_t i = 0; i < drivers_count(); i++)
        for (uint8_t r = 0; r < SENSOR_REVISIONS && drivers_at(i)->revisions[r]; r++)
            add_fit(drivers_at(i), r, stranger, out);
    text_add(out, "]}");
}
