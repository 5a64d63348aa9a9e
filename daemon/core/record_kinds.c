/*
 * The table of record kinds: a name and the fields in the order of their keys. See record_fields.h
 * for what each form writes; the keys never change.
 */
#include "daemon/core/record_fields.h"

#include <assert.h>
#include <stddef.h>

#define AT(member) \
    (uint16_t) offsetof(struct record, member), (uint16_t)sizeof((struct record *)0)->member
#define F(key, form, member)        \
    {                               \
        key, form, AT(member), NULL \
    }
#define W(key, member, words)                 \
    {                                         \
        key, FIELD_WORD, AT(member), &(words) \
    }
#define PLACE(form, member)          \
    {                                \
        NULL, form, AT(member), NULL \
    }

static const struct record_field gateway[] = {
    F("event", FIELD_TEXT, gateway.event),
    F("version", FIELD_TEXT, gateway.version),
};
static const struct record_field bay_changed[] = {
    PLACE(FIELD_BAY, bay_changed.bay),
    F("from", FIELD_BAY_STATE, bay_changed.from),
    F("to", FIELD_BAY_STATE, bay_changed.to),
    F("reason", FIELD_BAY_REASON, bay_changed.reason),
    F("inferred", FIELD_FLAG, bay_changed.inferred),
};
static const struct record_field bay_health[] = {
    PLACE(FIELD_BAY, bay_health.bay),
    F("condition", FIELD_BAY_CONDITION, bay_health.condition),
    F("on", FIELD_BOOL, bay_health.on),
};
static const struct record_field device_health[] = {
    PLACE(FIELD_DEVICE, device_health.device),
    F("state", FIELD_DEVICE_STATE, device_health.state),
    F("reason", FIELD_TEXT, device_health.reason),
};
static const struct record_field clock_step[] = {F("delta_ms", FIELD_INT, clock_step.delta_ms)};
static const struct record_field operator_act[] = {
    F("act", FIELD_TEXT, operator_act.act),
    F("subject", FIELD_TEXT, operator_act.subject),
    F("actor", FIELD_TEXT, operator_act.actor),
    F("reason", FIELD_TEXT, operator_act.reason),
};
static const struct record_field loss[] = {
    F("what", FIELD_TEXT, loss.what),  F("reason", FIELD_TEXT, loss.reason),
    F("count", FIELD_INT, loss.count), F("from", FIELD_TIME, loss.from),
    F("to", FIELD_TIME, loss.to),
};
static const struct record_field retention[] = {
    F("through_seq", FIELD_INT, retention.through_seq),
    F("count", FIELD_INT, retention.count),
    F("hash", FIELD_TEXT, retention.hash),
    F("newest", FIELD_MOMENT, retention.newest),
};
static const struct record_field seal[] = {
    F("epoch", FIELD_INT, seal.epoch),    F("through_seq", FIELD_INT, seal.through_seq),
    F("seal", FIELD_TEXT, seal.seal),     F("next", FIELD_TEXT, seal.next),
    F("erased", FIELD_SOME, seal.erased),
};
static const struct record_field bay_amended[] = {
    PLACE(FIELD_BAY, bay_amended.bay),
    F("state", FIELD_BAY_STATE, bay_amended.state),
    F("until", FIELD_TIME, bay_amended.until),
};
static const struct record_field plate_read[] = {
    PLACE(FIELD_LANE, plate_read.lane),
    F("device", FIELD_TEXT, plate_read.device),
    F("event", FIELD_TEXT, plate_read.event),
    F("plate", FIELD_TEXT, plate_read.plate),
    F("colour", FIELD_COLOUR, plate_read.colour),
    F("class", FIELD_CLASS, plate_read.class),
    F("confidence", FIELD_INT32, plate_read.confidence),
    F("offline", FIELD_FLAG, plate_read.offline),
    F("opened_by", FIELD_OPENER, plate_read.opened_by),
    F("images", FIELD_SOME, plate_read.images),
};
static const struct record_field decision[] = {
    PLACE(FIELD_LANE, decision.lane),
    F("vehicle", FIELD_TEXT, decision.vehicle),
    F("plate", FIELD_TEXT, decision.plate),
    W("verdict", decision.verdict, decision_verdict_words),
    W("reason", decision.reason, decision_reason_words),
    F("stay", FIELD_SOME, decision.stay),
    F("actor", FIELD_SOME, decision.actor),
    F("ticket", FIELD_SOME, decision.ticket),
};
static const struct record_field command[] = {
    PLACE(FIELD_LANE, command.lane),
    F("command", FIELD_TEXT, command.command),
    W("action", command.action, lane_action_words),
    W("cause", command.cause, lane_cause_words),
    F("stay", FIELD_SOME, command.stay),
    F("actor", FIELD_SOME, command.actor),
    F("reason", FIELD_SOME, command.reason),
    F("until", FIELD_MOMENT, command.until),
};
static const struct record_field outcome[] = {
    PLACE(FIELD_LANE, outcome.lane),
    F("command", FIELD_TEXT, outcome.command),
    W("result", outcome.result, command_result_words),
    F("sent", FIELD_STEP, outcome.sent),
    F("accepted", FIELD_STEP, outcome.accepted),
    F("moved", FIELD_STEP, outcome.moved),
    F("limit", FIELD_STEP, outcome.limit),
    F("passed", FIELD_STEP, outcome.passed),
    F("trouble", FIELD_SOME, outcome.trouble),
};
static const struct record_field passage[] = {
    PLACE(FIELD_LANE, passage.lane),
    F("passage", FIELD_TEXT, passage.passage),
    W("direction", passage.direction, lane_direction_words),
    W("kind", passage.kind, passage_kind_words),
    W("evidence", passage.evidence, passage_evidence_words),
    W("cause", passage.cause, lane_cause_words),
    F("plate", FIELD_TEXT, passage.plate),
    F("colour", FIELD_COLOUR, passage.colour),
    F("class", FIELD_CLASS, passage.class),
    F("stay", FIELD_SOME, passage.stay),
    F("command", FIELD_SOME, passage.command),
    F("vehicles", FIELD_INT32, passage.vehicles),
    F("quality", FIELD_SOME, passage.quality),
};
static const struct record_field lane[] = {
    PLACE(FIELD_LANE, lane.lane),         W("mode", lane.mode, lane_mode_words),
    F("reason", FIELD_TEXT, lane.reason), F("actor", FIELD_SOME, lane.actor),
    F("until", FIELD_MOMENT, lane.until),
};
static const struct record_field opening[] = {
    PLACE(FIELD_LANE, opening.lane),
    W("cause", opening.cause, lane_cause_words),
    F("openings", FIELD_INT32, opening.openings),
    F("counter", FIELD_INT, opening.counter),
};
static const struct record_field stay_opened[] = {
    PLACE(FIELD_LOT, stay_opened.lot),
    PLACE(FIELD_STALL, stay_opened.bay),
    PLACE(FIELD_WAY, stay_opened.lane),
    F("stay", FIELD_TEXT, stay_opened.stay),
    F("plate", FIELD_TEXT, stay_opened.plate),
    F("colour", FIELD_COLOUR, stay_opened.colour),
    F("class", FIELD_CLASS, stay_opened.class),
    W("kind", stay_opened.kind, stay_kind_words),
    F("passage", FIELD_SOME, stay_opened.passage),
    F("entry_missing", FIELD_FLAG, stay_opened.entry_missing),
    F("ticket", FIELD_SOME, stay_opened.ticket),
};
static const struct record_field stay_amended[] = {
    PLACE(FIELD_LOT, stay_amended.lot),
    F("stay", FIELD_TEXT, stay_amended.stay),
    W("change", stay_amended.change, stay_change_words),
    F("plate_was", FIELD_SOME, stay_amended.plate_was),
    F("plate", FIELD_TEXT, stay_amended.plate),
    F("class", FIELD_CLASS, stay_amended.class),
    W("kind", stay_amended.kind, stay_kind_words),
    F("entered", FIELD_TIME, stay_amended.entered),
    PLACE(FIELD_STALL, stay_amended.bay),
    F("other", FIELD_SOME, stay_amended.other),
    F("until", FIELD_MOMENT, stay_amended.until),
    F("actor", FIELD_SOME, stay_amended.actor),
    F("reason", FIELD_SOME, stay_amended.reason),
};

#define CHAIN(record)                                                      \
    F("receivable_fen", FIELD_INT, record.money.receivable_fen),           \
        F("relief_pass_fen", FIELD_INT, record.money.relief_pass_fen),     \
        F("relief_class_fen", FIELD_INT, record.money.relief_class_fen),   \
        F("relief_coupon_fen", FIELD_INT, record.money.relief_coupon_fen), \
        F("relief_other_fen", FIELD_INT, record.money.relief_other_fen),   \
        F("payable_fen", FIELD_INT, record.money.payable_fen)

static const struct record_field stay_closed[] = {
    PLACE(FIELD_LOT, stay_closed.lot),
    PLACE(FIELD_STALL, stay_closed.bay),
    PLACE(FIELD_WAY, stay_closed.lane),
    F("stay", FIELD_TEXT, stay_closed.stay),
    F("plate", FIELD_TEXT, stay_closed.plate),
    F("colour", FIELD_COLOUR, stay_closed.colour),
    F("class", FIELD_CLASS, stay_closed.class),
    W("kind", stay_closed.kind, stay_kind_words),
    F("entered", FIELD_TIME, stay_closed.entered),
    W("outcome", stay_closed.outcome, stay_outcome_words),
    CHAIN(stay_closed),
    F("received_fen", FIELD_INT, stay_closed.received_fen),
    F("tariff", FIELD_SOME, stay_closed.tariff),
    F("version", FIELD_SOME, stay_closed.version),
    F("passage", FIELD_SOME, stay_closed.passage),
    F("overstayed", FIELD_FLAG, stay_closed.overstayed),
    F("actor", FIELD_SOME, stay_closed.actor),
    F("reason", FIELD_SOME, stay_closed.reason),
    F("entry_lane", FIELD_SOME, stay_closed.entry_lane),
    F("channel", FIELD_SOME, stay_closed.channel),
};
static const struct record_field order[] = {
    PLACE(FIELD_LOT, order.lot),
    F("stay", FIELD_TEXT, order.stay),
    F("order", FIELD_TEXT, order.order),
    F("plate", FIELD_TEXT, order.plate),
    CHAIN(order),
    F("received_fen", FIELD_INT, order.received_fen),
    F("due_fen", FIELD_INT, order.due_fen),
    F("until", FIELD_MOMENT, order.until),
    F("final", FIELD_FLAG, order.final),
    F("entered", FIELD_MOMENT, order.entered),
};
static const struct record_field payment[] = {
    PLACE(FIELD_LOT, payment.lot),
    F("stay", FIELD_TEXT, payment.stay),
    F("order", FIELD_TEXT, payment.order),
    F("payment", FIELD_TEXT, payment.payment),
    F("plate", FIELD_TEXT, payment.plate),
    F("amount_fen", FIELD_INT, payment.amount_fen),
    W("channel", payment.channel, pay_channel_words),
    W("when", payment.when, pay_when_words),
    F("transaction", FIELD_SOME, payment.transaction),
    F("leave_by", FIELD_MOMENT, payment.leave_by),
    F("shift", FIELD_SOME, payment.shift),
    F("actor", FIELD_SOME, payment.actor),
    F("entered", FIELD_MOMENT, payment.entered),
    F("billed", FIELD_MOMENT, payment.billed),
    F("receivable_fen", FIELD_AMOUNT, payment.receivable_fen),
    F("payable_fen", FIELD_AMOUNT, payment.payable_fen),
};
static const struct record_field refund[] = {
    PLACE(FIELD_LOT, refund.lot),
    F("stay", FIELD_TEXT, refund.stay),
    F("order", FIELD_TEXT, refund.order),
    F("payment", FIELD_TEXT, refund.payment),
    F("refund", FIELD_TEXT, refund.refund),
    F("amount_fen", FIELD_INT, refund.amount_fen),
    W("channel", refund.channel, pay_channel_words),
    F("transaction", FIELD_SOME, refund.transaction),
    F("shift", FIELD_SOME, refund.shift),
    F("actor", FIELD_SOME, refund.actor),
    F("reason", FIELD_SOME, refund.reason),
};
static const struct record_field coupon[] = {
    PLACE(FIELD_LOT, coupon.lot),           F("stay", FIELD_TEXT, coupon.stay),
    F("coupon", FIELD_TEXT, coupon.coupon), W("kind", coupon.kind, coupon_kind_words),
    F("value", FIELD_INT, coupon.value),    F("issuer", FIELD_SOME, coupon.issuer),
    F("actor", FIELD_SOME, coupon.actor),
};
static const struct record_field list[] = {
    W("list", list.list, list_kind_words),
    F("on", FIELD_BOOL, list.on),
    PLACE(FIELD_LOT, list.lot),
    F("plate", FIELD_TEXT, list.plate),
    F("group", FIELD_SOME, list.group),
    F("bays", FIELD_INT32, list.bays),
    F("from", FIELD_MOMENT, list.from),
    F("until", FIELD_MOMENT, list.until),
    F("actor", FIELD_SOME, list.actor),
    F("reason", FIELD_SOME, list.reason),
};
static const struct record_field shift[] = {
    W("event", shift.event, shift_event_words),
    PLACE(FIELD_LOT, shift.lot),
    F("shift", FIELD_TEXT, shift.shift),
    F("cashier", FIELD_TEXT, shift.cashier),
    F("witness", FIELD_SOME, shift.witness),
    F("float_fen", FIELD_INT, shift.float_fen),
    F("expected_fen", FIELD_INT, shift.expected_fen),
    F("counted_fen", FIELD_INT, shift.counted_fen),
    F("denominations", FIELD_SOME, shift.denominations),
    F("reason", FIELD_SOME, shift.reason),
};
static const struct record_field occupancy[] = {
    PLACE(FIELD_LOT, occupancy.lot),          W("event", occupancy.event, occupancy_event_words),
    PLACE(FIELD_WAY, occupancy.lane),         F("delta", FIELD_INT, occupancy.delta),
    F("inside", FIELD_INT, occupancy.inside), F("low", FIELD_INT, occupancy.low),
    F("high", FIELD_INT, occupancy.high),     F("evidence", FIELD_SOME, occupancy.evidence),
    F("actor", FIELD_SOME, occupancy.actor),
};
static const struct record_field sharing[] = {
    PLACE(FIELD_LOT, sharing.lot),
    PLACE(FIELD_ZONE, sharing.zone),
    W("event", sharing.event, sharing_event_words),
    F("promised", FIELD_INT32, sharing.promised),
    F("open", FIELD_INT32, sharing.open),
    F("until", FIELD_MOMENT, sharing.until),
    F("stay", FIELD_SOME, sharing.stay),
};

static const struct record_field platform[] = {
    F("uplink", FIELD_TEXT, platform.uplink),
    F("request", FIELD_TEXT, platform.id),
    W("act", platform.act, platform_act_words),
    F("subject", FIELD_SOME, platform.subject),
    F("plate", FIELD_SOME, platform.plate),
    W("verdict", platform.verdict, platform_verdict_words),
    F("reason", FIELD_SOME, platform.reason),
    F("actor", FIELD_SOME, platform.actor),
    F("note", FIELD_SOME, platform.note),
    F("not_after", FIELD_MOMENT, platform.not_after),
};
static const struct record_field day_check[] = {
    PLACE(FIELD_LOT, day_check.lot),
    F("uplink", FIELD_TEXT, day_check.uplink),
    F("day", FIELD_TEXT, day_check.day),
    W("verdict", day_check.verdict, day_verdict_words),
    F("entries", FIELD_INT, day_check.entries),
    F("exits", FIELD_INT, day_check.exits),
    F("entries_missing", FIELD_INT, day_check.entries_missing),
    F("exits_missing", FIELD_INT, day_check.exits_missing),
    F("entries_strange", FIELD_INT, day_check.entries_strange),
    F("exits_strange", FIELD_INT, day_check.exits_strange),
    F("examples", FIELD_SOME, day_check.examples),
};
static const struct record_field report[] = {
    W("event", report.event, closing_event_words),
    F("number", FIELD_INT, report.number),
    F("day", FIELD_TEXT, report.day),
    F("from", FIELD_TIME, report.from),
    F("to", FIELD_TIME, report.to),
    F("zone", FIELD_TEXT, report.zone),
    F("fees", FIELD_SOME, report.fees),
    F("through", FIELD_INT, report.through),
    F("sums", FIELD_SOME, report.sums),
    F("digest", FIELD_TEXT, report.digest),
    F("previous", FIELD_SOME, report.previous),
    F("actor", FIELD_SOME, report.actor),
    F("uploads", FIELD_SOME, report.uploads),
};

static const struct record_field difference[] = {
    F("difference", FIELD_TEXT, difference.difference),
    W("class", difference.class, difference_class_words),
    W("state", difference.state, difference_state_words),
    F("day", FIELD_TEXT, difference.day),
    F("channel", FIELD_TEXT, difference.channel),
    F("order", FIELD_SOME, difference.order),
    F("channel_order", FIELD_SOME, difference.channel_order),
    F("transaction", FIELD_SOME, difference.transaction),
    F("refund", FIELD_SOME, difference.refund),
    F("of_refund", FIELD_FLAG, difference.of_refund),
    F("gateway_fen", FIELD_SIDE, difference.gateway_fen),
    F("channel_fen", FIELD_SIDE, difference.channel_fen),
    F("at_risk_fen", FIELD_INT, difference.at_risk_fen),
    F("since", FIELD_TIME, difference.since),
    F("statement", FIELD_SOME, difference.statement),
    F("actor", FIELD_SOME, difference.actor),
    F("reason", FIELD_SOME, difference.reason),
};

#define KIND(name, fields)                                 \
    {                                                      \
        name, fields, sizeof(fields) / sizeof((fields)[0]) \
    }

static const struct record_fields kinds[RECORD_KINDS] = {
    [RECORD_GATEWAY] = KIND("gateway", gateway),
    [RECORD_BAY_CHANGED] = KIND("bay_changed", bay_changed),
    [RECORD_BAY_HEALTH] = KIND("bay_health", bay_health),
    [RECORD_DEVICE_HEALTH] = KIND("device_health", device_health),
    [RECORD_CLOCK_STEP] = KIND("clock_step", clock_step),
    [RECORD_OPERATOR] = KIND("operator", operator_act),
    [RECORD_LOSS] = KIND("loss", loss),
    [RECORD_RETENTION] = KIND("retention", retention),
    [RECORD_BAY_AMENDED] = KIND("bay_amended", bay_amended),
    [RECORD_PLATE_READ] = KIND("plate_read", plate_read),
    [RECORD_DECISION] = KIND("decision", decision),
    [RECORD_COMMAND] = KIND("command", command),
    [RECORD_OUTCOME] = KIND("outcome", outcome),
    [RECORD_PASSAGE] = KIND("passage", passage),
    [RECORD_LANE] = KIND("lane", lane),
    [RECORD_OPENING] = KIND("opening", opening),
    [RECORD_STAY_OPENED] = KIND("stay_opened", stay_opened),
    [RECORD_STAY_AMENDED] = KIND("stay_amended", stay_amended),
    [RECORD_STAY_CLOSED] = KIND("stay_closed", stay_closed),
    [RECORD_ORDER] = KIND("order", order),
    [RECORD_PAYMENT] = KIND("payment", payment),
    [RECORD_REFUND] = KIND("refund", refund),
    [RECORD_COUPON] = KIND("coupon", coupon),
    [RECORD_LIST] = KIND("list", list),
    [RECORD_SHIFT] = KIND("shift", shift),
    [RECORD_OCCUPANCY] = KIND("occupancy", occupancy),
    [RECORD_SHARING] = KIND("sharing", sharing),
    [RECORD_PLATFORM] = KIND("platform", platform),
    [RECORD_DAY_CHECK] = KIND("day_check", day_check),
    [RECORD_REPORT] = KIND("report", report),
    [RECORD_SEAL] = KIND("seal", seal),
    [RECORD_DIFFERENCE] = KIND("difference", difference),
};

static_assert(RECORD_KINDS <= 32, "an uplink's kinds are the bits of 32");

const struct record_fields *record_fields(enum record_kind kind)
{
    assert(kind < RECORD_KINDS);
    return &kinds[kind];
}
