/*
 * Why something failed, in words for a person. Filled by the function that found out; a caller may
 * prefix where; exactly one place prints it. On the caller's stack; nothing to free.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

enum { ERR_TEXT_SIZE = 512 };

struct err {
    char text[ERR_TEXT_SIZE];
};

/* Says what is wrong and what to do next. Always returns false, so that a function can
 * `return err_set(err, …)`. `err` may be NULL. */
bool err_set(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same with ": " and the text of errno as it was on entry. */
bool err_errno(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "where: " in front of what stands there. Always returns false. */
bool err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
