/* What channels keep. See fees.h. */
#include "daemon/report/fees.h"

#include <string.h>

#include "daemon/core/decimal.h"

enum { FEE_PLACES = 4, FEE_MOST = 1000000, CHANNEL_SIZE = 16 };

bool fees_read(const char *list, int32_t ret_ppm[PAY_CHANNELS], struct err *err)
{
    for (int c = 0; c < PAY_CHANNELS; c++)
        ret_ppm[c] = c == CHANNEL_CASH ? 0 : -1;
    while (list && *list) {
        size_t size = strcspn(list, ","), name = strcspn(list, "=,");
        char channel[CHANNEL_SIZE] = "", percent[CHANNEL_SIZE] = "";
        int64_t value;
        int which;

        if (name < sizeof channel)
            memcpy(channel, list, name);
        if (size > name && size - name - 1 < sizeof percent)
            memcpy(percent, list + name + 1, size - name - 1);
        if (!words_parse(&pay_channel_words, channel, &which) ||
            !decimal_parse(percent, FEE_PLACES, &value) || value < 0 || value > FEE_MOST)
            return err_set(err, "fees \"%.*s\": they are such as wechat=0.6", (int)size, list);
        ret_ppm[which] = (int32_t)value;
        list += size + (list[size] == ',');
    }
    return true;
}
