/* The table of adapters. */
#include <string.h>

#include "daemon/uplink/adapter.h"

extern const struct adapter adapter_json, adapter_mqtt, adapter_ngsi_v2, adapter_ngsi_ld,
    adapter_datex, adapter_hefei, adapter_hangzhou, adapter_qingdao, adapter_xuzhou;

static const struct adapter *const adapters[] = {
    &adapter_json,  &adapter_mqtt,     &adapter_ngsi_v2, &adapter_ngsi_ld, &adapter_datex,
    &adapter_hefei, &adapter_hangzhou, &adapter_qingdao, &adapter_xuzhou};

enum { ADAPTERS = sizeof adapters / sizeof *adapters };

const struct adapter *adapter_by_name(const char *name)
{
    for (size_t i = 0; i < ADAPTERS; i++) {
        if (strcmp(adapters[i]->name, name) == 0)
            return adapters[i];
    }
    return NULL;
}

void adapter_names(struct text *out)
{
    for (size_t i = 0; i < ADAPTERS; i++)
        text_add(out, "%s%s", i ? ", " : "", adapters[i]->name);
}
