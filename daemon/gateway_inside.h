/*
 * The gateway's own state, shared by its files only: gateway.c (build, data flow),
 * gateway_lanes.c (barriers, orders, stays), gateway_cameras.c (cameras and their answers),
 * gateway_restore.c (start from what is durable), gateway_commands.c (what people ask for),
 * gateway_platform.c (what platforms order), gateway_calls.c (those that call us),
 * gateway_unnamed.c (uplinks that were removed), gateway_health.c (watchdog, status). Everything
 * runs on the loop's thread.
 */
/* long: what the gateway's files share, on one page */
#ifndef GATEWAY_INSIDE_H
#define GATEWAY_INSIDE_H

#include "daemon/base/log.h"
#include "daemon/base/timekeeper.h"
#include "daemon/core/closing.h"
#include "daemon/core/differences.h"
#include "daemon/core/site.h"
#include "daemon/core/view.h"
#include "daemon/core/yard.h"
#include "daemon/gateway.h"
#include "daemon/network/network.h"
#include "daemon/store/store_worker.h"
#include "daemon/uplink/executor.h"

/* A person's command whose answer waits until its records are durable. At the bound the command is
 * refused with 503: an operator does not outrun the disk. */
enum { GATEWAY_REPLIES_MAX = 64 };

struct waiting_reply {
    struct serve_reply *reply;
    uint64_t after; /* answer when so many records are durable */
    char json[RECORD_PHRASE];
};

/* An uplink that the store knows and the configuration does not name (any more). */
struct unnamed_uplink {
    struct outbox_progress progress; /* its marks are ours */
    uint64_t undelivered;
    utc_ms from; /* of the oldest of them */
};

struct gateway {
    const struct config *config;
    struct loop *loop;
    struct site *site; /* ahead of the disk */
    struct view *view; /* what is durable, and so may be shown */
    struct yard *yard; /* lanes and stays; ahead of the disk, too */
    struct gateway_lanes *lanes;
    struct gateway_cameras *cameras;
    struct gateway_platform *platform;
    struct gateway_calls *calls;
    struct gateway_photos *photos;   /* NULL: pictures are not kept */
    struct closing closing;          /* of business days; ahead of the disk, too */
    struct differences *differences; /* with statements; ahead of the disk, too */
    struct store_worker *store;
    struct bus **buses;
    struct network **networks;
    struct gateway_counters *counters; /* of lanes that sensors count */
    struct bus_settings *shown;        /* buses and networks, as people see them */
    struct uplink **uplinks;
    uint32_t uplinks_count; /* of those that have started */
    struct serve *serve;
    struct timekeeper *timekeeper;
    bool time_uncertain;     /* as judged last */
    struct loop_timer *tick; /* each second: limits, clock, watchdog */
    struct loop_timer *soon; /* the core's next deadline when it is nearer */
    mono_ms soon_at;
    struct loop_turn *turn;
    struct now now; /* of this turn, once something asked for it */
    bool now_known;
    utc_ms started;
    uint64_t added, durable; /* records handed to the store, records committed, since the start */
    bool retell;             /* records were lost: tell the difference once the rest is durable */
    char store_trouble[RECORD_PHRASE];
    struct waiting_reply replies[GATEWAY_REPLIES_MAX]; /* oldest first */
    uint32_t replies_count;
    struct serve_reply *backup;
    struct unnamed_uplink *unnamed;
    uint32_t unnamed_count;
    struct log_limit watchdog_lines;
};

/* The moment of this turn of the loop: one for all that the core is told in it. */
struct now gateway_now(struct gateway *g);

/* gateway_city.c: what city platforms are told of a lot. */
struct city_counts;
void gateway_on_counts(void *arg, uint32_t lot, struct city_counts *ret);

/* The core's records go to the store through this. / The same for what site.h makes: the yard hears
 * of it, too. */
struct record_sink gateway_sink(struct gateway *g);

/* gateway_clock.c: before each turn's records; and a record of now that says how far its date can
 * be believed. */
void gateway_judge_clock(struct gateway *g);
struct record gateway_record(const struct gateway *g, enum record_kind kind);
struct record_sink gateway_site_sink(struct gateway *g);

/* Reads the projections into site and view, and each uplink's progress into `ret_progress[]` (marks
 * allocated by the store: free them). Before the store moves to its worker. */
bool gateway_restore(struct gateway *g, struct store *store, struct outbox_progress *ret_progress,
                     struct err *err);

/* Answers with why not. / Answers when all records made so far are durable. */
enum { GATEWAY_CONFLICT = 409 };
void gateway_refuse(struct serve_reply *reply, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void gateway_answer_later(struct gateway *g, struct serve_reply *reply, const char *json);

/* gateway_acts.c: what people do to lanes, stays and money. */
void gateway_act(struct gateway *g, const struct serve_request *request, struct serve_reply *reply);

/*
 * gateway_platform.c: what a platform asks, its sender verified by its adapter (or by the broker's
 * account). `said` is called exactly once, on the loop's thread, perhaps before this returns: when
 * what was done or refused is durable (at once where an order of the same uplink and id was judged
 * before: again, with the first verdict, also after a restart); or with `later`, when nothing can
 * be judged now and the platform is to ask again with the same id.
 */
void gateway_platform(struct gateway *g, const char *uplink, const struct city_order *order,
                      platform_said_fn *said, void *arg);
void gateway_platform_create(struct gateway *g); /* after the yard */
void gateway_platform_destroy(struct gateway *g);
void gateway_platform_restore(struct gateway *g, const struct record *record, uint64_t seq);
void gateway_platform_kept(struct gateway *g, const struct record *record, uint64_t seq);
void gateway_platform_durable(struct gateway *g);                /* more records are */
void gateway_platform_later(struct gateway *g, const char *why); /* to all that wait */

/* gateway_calls.c: what cities' platforms ask over HTTP. After the uplinks; stopped when nothing
 * waits any more. */
bool gateway_calls_start(struct gateway *g, struct err *err);
void gateway_calls_stop(struct gateway *g);
void gateway_calls_tick(struct gateway *g, mono_ms now);

/* What serve refused, for the journal: bounded there (serve/refusals.h). */
void gateway_refused(void *arg, const struct serve_request *refused);

/* serve's request hook and the store's answers to it. */
void gateway_request(void *arg, const struct serve_request *request, struct serve_reply *reply);
void gateway_answer_durable(struct gateway *g);
void gateway_backup_done(struct gateway *g, const struct err *err);
/* Whoever still waits is told why nothing will come. */
void gateway_answer_all(struct gateway *g, const char *why);

/* gateway_network.c: network servers. Restores the order of their sensors' messages, too. */
bool gateway_start_networks(struct gateway *g, struct err *err);
void gateway_stop_networks(struct gateway *g);
/* Lets acknowledgements go when nothing waits for the disk any more. */
void gateway_release_networks(struct gateway *g);
void gateway_tick_networks(struct gateway *g, struct now now);
struct bus_settings *gateway_shown_buses(const struct config *config);
void gateway_free_shown(const struct config *config, struct bus_settings *shown);

/* gateway_counters.c: counting sensors. After the restore; before the networks. */
void gateway_counters_create(struct gateway *g);
void gateway_counters_destroy(struct gateway *g);
void gateway_counted(struct gateway *g, uint32_t device, const struct counter_report *report);
void gateway_counters_tick(struct gateway *g, mono_ms now);
/* Something else was recorded of the device: what it counted must stand there last. */
void gateway_counters_note(struct gateway *g, uint32_t device);
bool gateway_counters_show(const struct gateway *g, uint32_t lot, struct serve_counted *ret);

/* The uplinks that nobody names: looked for at the start, kept account of, forgotten by a person.
 */
bool gateway_find_unnamed(struct gateway *g, struct store *store, struct err *err);
void gateway_unnamed_due(struct gateway *g, const struct store_row *rows, size_t count);
/* False when it knows no such uplink; otherwise its records are made and the account is closed. */
bool gateway_forget(struct gateway *g, const struct serve_request *request, uint64_t *ret_records);
void gateway_unnamed_free(struct gateway *g);

/* gateway_signs.c: what has become durable is shown on the signs; each turn, and at the start. */
void gateway_show_signs(struct gateway *g);

/* Records what a person did, and what was given up for it. */
void gateway_note_act(struct gateway *g, const char *act, const struct serve_request *request);
void gateway_note_drop(struct gateway *g, const struct serve_request *request, uint64_t count,
                       utc_ms from);

/* gateway_tell.c: one durable record reaches the view, and those who follow what it changed. */
void gateway_tell(struct gateway *g, const struct record *record, uint64_t seq);

/* gateway_show_lanes.c: serve's hooks of lanes and stays; a lot's vacancy, with the estimate of
 * vehicles inside where stays come from lanes. */
void gateway_show_lane(void *arg, uint32_t lane, bool masked, struct text *out);
void gateway_show_stays(void *arg, bool masked, struct text *out);
bool gateway_show_quote(void *arg, const char *stay_or_plate, struct text *out);
void gateway_show_lists(void *arg, struct text *out);
void gateway_vacancy(void *arg, uint32_t lot, utc_ms as_of, struct text *out);

/* Starts serve with the hooks through which it looks at the live state. */
bool gateway_start_serve(struct gateway *g, struct err *err);

/* Pets the service manager's watchdog when every part makes progress; otherwise says which does
 * not. */
void gateway_watchdog(struct gateway *g, mono_ms now);

/* The store's hook: only a start that sets the file aside helps. */
void gateway_on_damaged(void *arg, const struct err *err);

#endif
