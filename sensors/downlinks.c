/* The choice of a row and the checks that all encoders share. Pure. See downlinks.h. */
#include "sensors/downlinks.h"

#include <stdio.h>
#include <string.h>

#include "daemon/core/text.h"
#include "sensors/drivers.h"

enum { PORT_MAX = 223 /* LoRaWAN 1.0.4, 4.3.2: an application's */ };

const char DOWNLINK_RECALIBRATE[] = "recalibrate";

static const struct sensor_downlink *find(const struct sensor_driver *driver, const char *name)
{
    for (const struct sensor_downlink *row = driver->downlinks; row && row->name; row++)
        if (!strcmp(row->name, name))
            return row;
    return NULL;
}

/* What could be set instead. */
static bool refuse_name(const struct sensor_driver *driver, const char *name, struct err *err)
{
    char bytes[160];
    struct text names;

    text_init(&names, bytes, sizeof bytes);
    for (const struct sensor_downlink *row = driver->downlinks; row && row->name; row++)
        if (strcmp(row->name, DOWNLINK_RECALIBRATE) != 0)
            text_add(&names, "%s%s", names.used ? ", " : "", row->name);
    if (!names.used)
        return err_set(err, "nothing is published to set of a %s; use %s", driver->device,
                       driver->tool);
    return err_set(err, "a %s has no \"%s\"; it has %s", driver->device, name, bytes);
}

bool downlinks_encode(const struct sensor_driver *driver, const struct downlink_wish *wish,
                      struct downlink_frame *ret, enum report_event *ret_answer, bool *ret_must,
                      struct err *err)
{
    bool recalibrate = !strcmp(wish->name, DOWNLINK_RECALIBRATE);
    const struct sensor_downlink *row = find(driver, wish->name);

    *ret_must = recalibrate && driver->recalibrated;
    *ret_answer = recalibrate ? driver->recalibrated : row ? row->answer : EVENT_MALFORMED;
    if (recalibrate && wish->recalibrate) {
        *ret = *wish->recalibrate;
        return true;
    }
    if (recalibrate && !row)
        return err_set(err,
                       "what recalibrates a %s is not published; use %s, or put the bytes into "
                       "the sensor's recalibrate",
                       driver->device, driver->tool);
    if (!row)
        return refuse_name(driver, wish->name, err);
    if (!recalibrate && (!wish->valued || wish->value < row->least || wish->value > row->most))
        return err_set(err, "%s (%s) of a %s is %d to %d", row->name, row->meaning, driver->device,
                       row->least, row->most);
    ret->port = row->port;
    return row->encode(row, wish, ret, err);
}

static bool parse_hex(const char *hex, struct downlink_frame *ret)
{
    size_t length = strlen(hex);

    if (!length || length % 2 || length / 2 > DOWNLINK_MAX ||
        strspn(hex, "0123456789abcdefABCDEF") != length)
        return false;
    ret->size = (uint8_t)(length / 2);
    for (size_t i = 0; i < ret->size; i++) {
        unsigned byte = 0;
        sscanf(hex + 2 * i, "%2x", &byte);
        ret->bytes[i] = (uint8_t)byte;
    }
    return true;
}

bool downlinks_parse(const char *text, uint8_t port, struct downlink_frame *ret)
{
    const char *colon = strchr(text, ':');
    unsigned number = port;
    int used = 0;

    if ((colon != NULL) == (port != 0))
        return false;
    if (colon && (colon - text > 3 || strspn(text, "0123456789") != (size_t)(colon - text) ||
                  sscanf(text, "%u%n", &number, &used) != 1))
        return false;
    if (number < 1 || number > PORT_MAX)
        return false;
    ret->port = (uint8_t)number;
    return parse_hex(colon ? colon + 1 : text, ret);
}
