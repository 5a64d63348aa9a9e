/* One value of a configuration file, checked against its row and put where the row says. */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include "daemon/base/err.h"
#include "daemon/config/option.h"

/* What a value of this type is in the file. */
enum reader_type value_reader_type(enum option_type type);

/* Puts `node` (of the right type, no group) into the row's member of `target`; false with err
 * ("is out of range") when it is not allowed. */
bool value_put(const struct option *option, const struct reader_node *node, void *target,
               const struct option_context *context, struct err *err);

/* The default. */
void value_put_otherwise(const struct option *option, void *target);

/* True for 1 to 31 of A-Z a-z 0-9 . _ - that begin with a letter or digit. */
bool value_is_id(const char *text);

#endif
