/* Items are cut out one by one; a range is expanded into a buffer of one name. */
#include "daemon/config/bay_list.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config/value.h"

enum { NAME_SIZE = 32, ITEM_SIZE = 80, DIGITS_MAX = 9 };

/* Length of what stands before the digits at the end. */
static size_t stem_length(const char *name)
{
    size_t length = strlen(name);

    while (length > 0 && isdigit((unsigned char)name[length - 1]))
        length--;
    return length;
}

static bool expand(const char *first, const char *last, bay_list_fn *fn, void *arg, struct err *err)
{
    size_t stem = stem_length(first), width = strlen(first) - stem;
    size_t last_width = strlen(last) - stem_length(last);
    char name[ITEM_SIZE];

    if (width == 0 || stem_length(last) != stem || strncmp(first, last, stem) != 0)
        return err_set(err, "\"%s..%s\": both ends need the same beginning and a number at the end",
                       first, last);
    if (width > DIGITS_MAX || last_width > DIGITS_MAX)
        return err_set(err, "\"%s..%s\": the number has more than %d digits", first, last,
                       DIGITS_MAX);
    bool padded = (first[stem] == '0' && width > 1) || (last[stem] == '0' && last_width > 1);
    if (padded && width != last_width)
        return err_set(err, "\"%s..%s\": both numbers need as many digits", first, last);
    long from = strtol(first + stem, NULL, 10), to = strtol(last + stem, NULL, 10);
    if (from > to)
        return err_set(err, "\"%s..%s\" runs backwards", first, last);
    if (to - from >= BAY_LIST_RANGE_MAX)
        return err_set(err, "\"%s..%s\" has more than %d bays", first, last, BAY_LIST_RANGE_MAX);
    for (long n = from; n <= to; n++) {
        snprintf(name, sizeof name, "%.*s%0*ld", (int)stem, first, (int)width, n);
        fn(arg, name);
    }
    return true;
}

static bool take_item(char *item, bay_list_fn *fn, void *arg, struct err *err)
{
    char *range = strstr(item, "..");

    if (strcmp(item, "-") == 0) {
        fn(arg, NULL);
        return true;
    }
    if (range) {
        *range = '\0';
        range += 2;
    }
    if (!value_is_id(item) || (range && !value_is_id(range)))
        return err_set(err, "\"%s\" is no bay id", range && value_is_id(item) ? range : item);
    if (range)
        return expand(item, range, fn, arg, err);
    fn(arg, item);
    return true;
}

bool bay_list_each(const char *list, bay_list_fn *fn, void *arg, struct err *err)
{
    for (;;) {
        char item[ITEM_SIZE];
        list += strspn(list, " \t\r\n");
        size_t whole = strcspn(list, ","), size = whole;
        while (size > 0 && isspace((unsigned char)list[size - 1]))
            size--;
        if (size == 0)
            return err_set(err, "has an empty place in the list");
        snprintf(item, sizeof item, "%.*s", (int)size, list);
        if (size >= sizeof item)
            return err_set(err, "\"%s…\" is no bay id", item);
        if (!take_item(item, fn, arg, err))
            return false;
        if (!list[whole])
            return true;
        list += whole + 1;
    }
}
