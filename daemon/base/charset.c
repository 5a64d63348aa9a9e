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

/* `halves`: half bytes that one byte can become. */
struct conversion {
    const char *into, *out_of;
    size_t halves;
};

static char *convert(const struct conversion *way, const char *bytes, size_t size, size_t *ret_size)
{
    iconv_t converter = iconv_open(way->into, way->out_of);

    if (converter == (iconv_t)-1)
        return NULL;
    size_t room = size * way->halves / 2 + 1, left = room;
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

/* Two or four bytes become three. */
char *charset_from_gbk(const char *bytes, size_t size, size_t *ret_size)
{
    static const struct conversion way = {"UTF-8", "GB18030", 3};

    return convert(&way, bytes, size, ret_size);
}

/* A sign that only GB18030 has would be four bytes that no reader of GBK knows: it is written with
 * others, as the minus as a hyphen, or as "?"; the two bytes of a half become five, " 1/2 ". */
char *charset_to_gbk(const char *bytes, size_t size, size_t *ret_size)
{
    static const struct conversion way = {"GBK//TRANSLIT", "UTF-8", 5};

    return convert(&way, bytes, size, ret_size);
}
