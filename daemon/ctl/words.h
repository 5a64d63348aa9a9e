/* The words of tables in the operator's language. English is the key; constant data. */
#ifndef CTL_WORDS_H
#define CTL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum words_language { WORDS_ENGLISH, WORDS_CHINESE };

/* "en", "zh", also as locales name them ("zh_CN.UTF-8"). */
bool words_language(const char *name, enum words_language *ret);
enum words_language words_of_environment(void);

/* `english` itself when there is no other word for it. */
const char *words_in(enum words_language language, const char *english);

/* Columns that a terminal needs for the text: East Asian wide characters take two. */
size_t words_width(const char *text);

/* Shows control characters as "?", because a text may be what a device or a platform has said, and
 * terminals obey some. Changes and returns `text`. */
char *words_clean(char *text);

#endif
