/* The table of drivers and what they share. Pure; constant data. See drivers.h. */
#include "sensors/drivers.h"

#include <string.h>

#define SENSOR_DRIVER_ROW(name) &name##_driver,
static const struct sensor_driver *const drivers[] = {SENSOR_DRIVERS(SENSOR_DRIVER_ROW)};

size_t drivers_count(void)
{
    return sizeof drivers / sizeof drivers[0];
}

const struct sensor_driver *drivers_at(size_t index)
{
    return index < drivers_count() ? drivers[index] : NULL;
}

static bool find_revision(const struct sensor_driver *driver, const char *name, uint8_t *ret)
{
    for (uint8_t i = 0; i < SENSOR_REVISIONS && driver->revisions[i]; i++)
        if (!strcmp(driver->revisions[i], name)) {
            *ret = i;
            return true;
        }
    return false;
}

bool drivers_find(const char *name, const struct sensor_driver **ret, uint8_t *ret_revision)
{
    size_t length = strcspn(name, "@");
    uint8_t revision = 0;

    for (size_t i = 0; i < drivers_count(); i++) {
        if (strlen(drivers[i]->name) != length || strncmp(drivers[i]->name, name, length) != 0)
            continue;
        if (name[length] && !find_revision(drivers[i], name + length + 1, &revision))
            return false;
        *ret = drivers[i];
        *ret_revision = revision;
        return true;
    }
    return false;
}

enum refusal drivers_decode(const struct sensor_driver *driver, const struct sensor_frame *frame,
                            struct report *ret)
{
    struct report report = report_of(EVENT_MALFORMED);
    enum refusal refused = frame->size > REPORT_FRAME_MAX ? REFUSED_LENGTH : REFUSED_NOT;

    if (!refused)
        refused = driver->decode(frame, &report);
    if (!refused)
        *ret = report;
    else
        *ret = report_of(report.event <= EVENT_UNKNOWN_FRAME_TYPE ? report.event : EVENT_MALFORMED);
    return refused;
}
