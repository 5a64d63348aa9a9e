/* Encodings, by the C library's iconv. See charset.h. */
#include "daemon/base/charset.h"

#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>

#include "daemon/base/memory.h"

bool charset_is_utf8(const char *bytes, size_t size)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};

    for (size_t i = 0; i < size;) {
        unsigned char lead = (unsigned char)bytes[i++];
        unsigned more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
        uint32_t character = more ? lead & (0x3fu >> more) : lead;

        if (lead >= 0xf8 || (lead >= 0x80 && lead < 0xc0) || more > size - i)
            return false;
        for (unsigned n = 0; n < more; n++, i++) {
            if (((unsigned char)bytes[i] & 0xc0) != 0x80)
                return false;
            character = character << 6 | ((unsigned char)bytes[i] & 0x3f);
        }
        if (character < least[more] || character > 0x10ffff ||
            (character >= 0xd800 && character <= 0xdfff))
            return false;
    }
    return true;
}

static char *convert(const char *into, const char *out_of, const char *bytes, size_t size,
                     size_t *ret_size)
{
    iconv_t converter = iconv_open(into, out_of);

    if (converter == (iconv_t)-1)
        return NULL;
    /* Either way: one byte stays one, two become three, three become two or four. */
    size_t room = size + size / 2 + 1, left = room;
    char *text = memory_new(room + 1, 1), *to = text;
    char *from = (char *)bytes; /* iconv wants it so; nothing is changed */
    bool good = iconv(converter, &from, &size, &to, &left) != (size_t)-1 && size == 0;

    iconv_close(converter);
    if (!good) {
        free(text);
        return NULL;
    }
    *ret_size = room - left;
    text[*ret_size] = '\0';
    return text;
}

char *charset_from_gbk(const char *bytes, size_t size, size_t *ret_size)
{
    return convert("UTF-8", "GB18030", bytes, size, ret_size);
}

char *charset_to_gbk(const char *bytes, size_t size, size_t *ret_size)
{
    return convert("GB18030", "UTF-8", bytes, size, ret_size);
}
