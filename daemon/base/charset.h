/* Text of others in the encodings that Chinese makers use. */
#ifndef BASE_CHARSET_H
#define BASE_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the bytes are UTF-8 (RFC 3629: shortest forms, no surrogates). */
bool charset_is_utf8(const char *bytes, size_t size);

/* The bytes, read as GB 18030 (and so as GBK and GB 2312), in UTF-8 with a NUL; NULL when they are
 * not that. The caller frees. */
char *charset_from_gbk(const char *bytes, size_t size, size_t *ret_size);

/* UTF-8 into GBK; what GBK has not is written with other signs or as "?". NULL when it is not
 * UTF-8. The caller frees. */
char *charset_to_gbk(const char *bytes, size_t size, size_t *ret_size);

#endif
