/*
 * Parts of tariff and calendar files that several tables need: sets of classes and days, times,
 * dates. Each tells what is wrong where it stands and then gives the default.
 */
#ifndef CONFIG_TARIFF_FIELDS_H
#define CONFIG_TARIFF_FIELDS_H

#include "daemon/config/option.h"
#include "daemon/core/tariff_rules.h"

/* Lists of words; NULL (not written) gives `otherwise`. */
uint32_t tariff_fields_classes(const struct reader_node *list, uint32_t otherwise,
                               const struct option_context *context);
uint32_t tariff_fields_days(const struct reader_node *list, const struct option_context *context);

/* "hh:mm"; `at` is the group that it stands in. NULL gives `otherwise_s`. */
int32_t tariff_fields_time(const char *text, int32_t otherwise_s, const struct reader_node *at,
                           const struct option_context *context);

/* "2024-10-01"; NULL gives `otherwise`. */
int32_t tariff_fields_date(const char *text, int32_t otherwise, const struct reader_node *at,
                           const struct option_context *context);

/* All of `classes` that are not in `except`. */
uint32_t tariff_fields_classes_but(const struct reader_node *classes,
                                   const struct reader_node *except,
                                   const struct option_context *context);

/* One window. */
extern const struct option_table tariff_window_table;
void tariff_window_read(const struct reader_node *node, struct tariff_window *window,
                        const struct option_context *context);

/* The group "rules", of a tariff and of each of its alternatives, as the table reads it. */
struct tariff_part_draft {
    struct tariff_part part;
    const struct reader_node *windows, *caps;
    const char *reset;
    int32_t gap;
};

extern const struct option_table tariff_part_table;
void tariff_part_build(const struct tariff_part_draft *draft, const struct reader_node *group,
                       struct tariff_part *part, const struct option_context *context);

/* One alternative: the `index`-th, and its part. */
extern const struct option_table tariff_alternative_table;
void tariff_alternative_read(const struct reader_node *node, struct tariff *tariff, uint32_t index,
                             const struct option_context *context);

/* One free time, factor or relief. */
extern const struct option_table tariff_free_table, tariff_factor_table, tariff_relief_table;
void tariff_free_read(const struct reader_node *node, struct tariff_free *rule,
                      const struct option_context *context);
void tariff_factor_read(const struct reader_node *node, struct tariff_share *factor,
                        const struct option_context *context);
void tariff_relief_read(const struct reader_node *node, struct tariff_share *relief,
                        const struct option_context *context);

/* An array of `count` items for the items of a list; NULL for none. */
void *tariff_fields_array(const struct reader_node *list, size_t size, uint32_t *ret_count,
                          const struct option_context *context);

uint32_t tariff_fields_line(const struct reader_node *node);

#endif
