/* Small texts that live and die together: copied once, given back as a whole. One thread. */
#ifndef RECONCILE_TEXTS_H
#define RECONCILE_TEXTS_H

struct texts;

struct texts *texts_create(void);
void texts_destroy(struct texts *texts); /* takes NULL */

const char *texts_keep(struct texts *texts, const char *text); /* a copy; NULL becomes "" */

#endif
