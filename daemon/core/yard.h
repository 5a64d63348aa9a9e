/*
 * Lanes and stays of the site together: the face that the gateway speaks to, beside site.h for the
 * bays. Readings of barriers, reads of cameras, payments and people's acts go in; records, orders
 * to barriers and answers to cameras come out. Pure. What it holds is ahead of the disk: orders and
 * answers leave when their records are durable (the gateway waits, not the yard).
 */
/* long: the contract of lanes and stays towards the gateway is read as one page */
#ifndef CORE_YARD_H
#define CORE_YARD_H

#include "daemon/core/decide.h"
#include "daemon/core/estimate.h"

struct yard_hooks {
    void *arg;
    struct record_sink records;
    void (*send)(void *arg, uint32_t lane, const struct lane_order *order);
    void (*trigger)(void *arg, uint32_t lane);
    /* What the sign at the lane should say; also the camera's answer. */
    void (*told)(void *arg, uint32_t lane, const struct record_decision *decision, int64_t due_fen);
};

struct yard;

/* Borrows plan and hooks. `tag`: random, ident.h. */
struct yard *yard_create(const struct site_plan *plan, const struct yard_hooks *hooks,
                         uint32_t tag);
void yard_destroy(struct yard *yard); /* takes NULL */

/* Start-up: each durable record that open stays, lists, lanes and the estimate stand on, in order;
 * then yard_started(). */
void yard_restore(struct yard *yard, const struct record *record);
void yard_started(struct yard *yard, struct now now);

void yard_sense(struct yard *yard, uint32_t lane, const struct boom *barrier, struct now now);
void yard_camera(struct yard *yard, uint32_t lane, bool online, struct now now);

/* One read by the lane's camera; `event` is the digest of its key. A repetition (known by event)
 * makes nothing; a late or offline one makes history. True when it may open: the answer to the
 * camera then waits for the decision. */
bool yard_read(struct yard *yard, uint32_t lane, const struct plate_read *read, const char *event,
               struct now now);

/* What the lane's camera saw its vehicle do. A doubled one does nothing (it makes no record of its
 * own; the passage does). */
enum yard_sight { SIGHT_PASSED, SIGHT_TURNED_BACK };
void yard_saw(struct yard *yard, uint32_t lane, enum yard_sight sight, const char *plate,
              struct now now);

void yard_told(struct yard *yard, uint32_t lane, const char *command, enum boom_progress progress,
               utc_ms at, struct now now);
bool yard_still_wants(const struct yard *yard, uint32_t lane, const struct lane_order *order,
                      struct now now);

/* A record that site.h makes, as it makes it: bays open and close stays in lots whose stays come
 * from bays, and are witnesses in the others; a clock step marks the open stays. */
void yard_witness(struct yard *yard, const struct record *record, struct now now);

/* People and platforms. */
bool yard_act(struct yard *yard, uint32_t lane, const struct lane_act *act, struct now now,
              const char **ret_why);
/* Whether the same at this moment would be done. */
bool yard_may(struct yard *yard, uint32_t lane, const struct lane_act *act, struct now now,
              const char **ret_why);
/* A person says who the vehicle at the lane is, and lets it pass, or not. */
bool yard_approve(struct yard *yard, uint32_t lane, const struct lane_decision *decision,
                  struct now now, const char **ret_why);
/* A vehicle without a plate is known by a ticket: at an entry it is given one, which its stay will
 * have; at an exit it shows it (or the stay's own id), and is decided on as that stay. / Whether
 * that would be done. */
bool yard_ticket(struct yard *yard, uint32_t lane, const char *ticket, struct now now,
                 const char **ret_why);
bool yard_may_ticket(const struct yard *yard, uint32_t lane, const char *ticket,
                     const char **ret_why);
bool yard_pay(struct yard *yard, const struct money_in *money, struct now now, bool *ret_again,
              const char **ret_why);

/* Whoever waits with this plate is decided on again: its owner may have unlocked it. */
bool yard_list(struct yard *yard, const struct record_list *change, struct now now,
               const char **ret_why);

void yard_tick(struct yard *yard, struct now now);
mono_ms yard_next(const struct yard *yard);

/* The clock is (not) known to be synchronised: stamps `time_uncertain` on what follows. */
void yard_time_quality(struct yard *yard, bool uncertain);

/* A person counted the vehicles of a lot. Far from what is believed it takes `sure`. */
bool yard_declare(struct yard *yard, uint32_t lot, int64_t inside, bool sure, const char *actor,
                  struct now now, const char **ret_why);

/* For acts on stays, lists and shifts, with the sink that their records go into. */
struct stays *yard_stays(struct yard *yard);
struct record_sink yard_sink(struct yard *yard);
const struct lane *yard_lane(const struct yard *yard, uint32_t lane);
void yard_estimate(const struct yard *yard, uint32_t lot, utc_ms at, struct estimate *ret);

#endif
