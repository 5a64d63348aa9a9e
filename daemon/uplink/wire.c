/* Pieces that adapters share. See wire.h. */
#include "daemon/uplink/wire.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

bool wire_record(struct text *out, const struct store_row *row, struct err *err)
{
    if (row->body_size < 3 || row->body[0] != '{')
        return err_set(err, "record %" PRIu64 " is no JSON object", row->seq);
    text_add(out, "{\"seq\":%" PRIu64 ",\"id\":\"%s\",", row->seq, row->id);
    text_append(out, row->body + 1, row->body_size - 1);
    return true;
}

void wire_segment(struct text *out, const char *id)
{
    for (const unsigned char *c = (const unsigned char *)id; *c; c++) {
        if (isalnum(*c) || strchr("-._~", *c))
            text_append(out, (const char *)c, 1);
        else
            text_add(out, "%%%02X", *c);
    }
}

bool wire_level(struct text *out, const char *id, struct err *err)
{
    for (const unsigned char *c = (const unsigned char *)id; *c; c++) {
        if (*c < 0x20 || *c == 0x7f || strchr("+#/", *c))
            return err_set(err, "id \"%s\" cannot be part of an MQTT topic", id);
    }
    text_add(out, "%s", id);
    return true;
}
