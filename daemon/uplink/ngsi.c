/*
 * Lots and bays as entities. Tables of attributes: each has a name of the data model, a kind, and
 * where its value comes from. Every attribute is sent each time, because an update leaves alone
 * what it does not name. Traps (tests use the same numbers):
 *
 *   1. Coordinates are [longitude, latitude].
 *   2. A bay that is out of service is "closed"; "out_of_service" is no word of the model.
 *   3. A car park's status is a list and never empty; a road section has none.
 *   4. The free count holds all classes; extraSpotNumber are those of it that not everyone may use.
 *   5. A text may not hold what the broker refuses; ids hold only what both protocols allow.
 *   6. The time of a bay's state is when it began, of a count when it was taken, both in UTC.
 *   7. Where vehicles are counted at the lanes, that count stands for the bays' (vacancy_read.h),
 *      and is said to be one ("balancing").
 */
#include "daemon/uplink/ngsi.h"

#include <string.h>

#include "daemon/base/json.h"
#include "daemon/uplink/vacancy_read.h"

enum { CLEAN_SIZE = 512 };

struct subject {
    const struct adapter_context *context;
    const struct ngsi_form *form;
    uint32_t lot, bay;            /* bay: PLAN_NONE for a lot */
    const struct json *state;     /* canonical, of the lot or bay */
    struct vacancy_counts counts; /* of a lot */
    const char *observed;         /* RFC 3339, or NULL */
};

typedef void value_fn(const struct subject *subject, const char *member, struct text *out);

struct attribute {
    const char *name;
    enum ngsi_kind kind;
    value_fn *value;
    const char *member;                             /* of the canonical JSON */
    bool (*applies)(const struct subject *subject); /* by the plan; NULL: always */
    bool observed;                                  /* carries its time */
};

static const struct lot_plan *lot_of(const struct subject *subject)
{
    return &subject->context->plan->lots[subject->lot];
}

/* ---- ids ---- */

static const char *lot_type(const struct site_plan *plan, uint32_t lot)
{
    return plan->lots[lot].on_street ? "OnStreetParking" : "OffStreetParking";
}

static void add_lot_id(const struct adapter_context *context, uint32_t lot, struct text *out)
{
    text_add(out, "urn:ngsi-ld:%s:%s%s", lot_type(context->plan, lot),
             context->settings->entity_prefix, context->plan->lots[lot].id);
}

static void add_bay_id(const struct adapter_context *context, uint32_t bay, struct text *out)
{
    const struct site_plan *plan = context->plan;

    text_add(out, "urn:ngsi-ld:ParkingSpot:%s%s:%s", context->settings->entity_prefix,
             plan->lots[plan_lot(plan, bay)].id, plan->bays[bay].id);
}

void ngsi_id(const struct adapter_context *context, const struct adapter_fact *fact,
             char ret[NGSI_ID_SIZE])
{
    struct text out;

    text_init(&out, ret, NGSI_ID_SIZE);
    if (fact->is_bay)
        add_bay_id(context, fact->index, &out);
    else
        add_lot_id(context, fact->index, &out);
}

/* ---- values ---- */

/* Trap 5. */
static void add_text(const struct subject *subject, const char *text, struct text *out)
{
    char clean[CLEAN_SIZE];

    text_copy(clean, sizeof clean, text);
    for (char *c = clean; *c; c++) {
        const char *bad = strchr(subject->form->forbidden, *c);
        if (bad)
            *c = subject->form->instead[bad - subject->form->forbidden];
    }
    text_json_string(out, clean);
}

static void lot_name(const struct subject *subject, const char *member, struct text *out)
{
    (void)member;
    add_text(subject, lot_of(subject)->name, out);
}

static void plain_text(const struct subject *subject, const char *member, struct text *out)
{
    add_text(subject, json_text(json_member(subject->state, member), ""), out);
}

static void total(const struct subject *subject, const char *member, struct text *out)
{
    (void)member;
    text_add(out, "%lld", (long long)subject->counts.capacity);
}

static void available(const struct subject *subject, const char *member, struct text *out)
{
    (void)member;
    text_add(out, "%lld", (long long)subject->counts.free);
}

static void occupied(const struct subject *subject, const char *member, struct text *out)
{
    (void)member;
    text_add(out, "%lld", (long long)subject->counts.occupied);
}

static void out_of_service(const struct subject *subject, const char *member, struct text *out)
{
    (void)member;
    text_add(out, "%lld", (long long)subject->counts.out_of_service);
}

/* Trap 4. */
static void extra(const struct subject *subject, const char *member, struct text *out)
{
    const struct json *classes = json_member(subject->state, "classes");
    int64_t sum = 0;

    for (size_t i = 0; i < json_size(classes); i++) {
        const struct json *class = json_item(classes, i);
        if (strcmp(json_text(json_member(class, "class"), ""), "ordinary") != 0)
            sum += json_int(json_member(class, member), 0);
    }
    text_add(out, "%lld", (long long)(sum < subject->counts.free ? sum : subject->counts.free));
}

static void share(const struct subject *subject, const char *member, struct text *out)
{
    const struct vacancy_counts *counts = &subject->counts;

    (void)member;
    text_add(out, "%.4f",
             counts->capacity ? (double)counts->occupied / (double)counts->capacity : 0);
}

/* Trap 3. */
static void lot_status(const struct subject *subject, const char *member, struct text *out)
{
    const struct vacancy_counts *counts = &subject->counts;

    (void)member;
    if (counts->out_of_service == counts->capacity)
        text_add(out, "[\"closed\"]");
    else if (counts->free > 0)
        text_add(out, "[\"open\",\"spacesAvailable\"]");
    else if (counts->unknown > 0)
        text_add(out, "[\"open\"]");
    else
        text_add(out, "[\"open\",\"full\"]");
}

/* Trap 2. */
static void bay_status(const struct subject *subject, const char *member, struct text *out)
{
    static const char *const words[BAY_STATES] = {[BAY_UNKNOWN] = "unknown",
                                                  [BAY_FREE] = "free",
                                                  [BAY_OCCUPIED] = "occupied",
                                                  [BAY_OUT_OF_SERVICE] = "closed"};
    enum bay_state state = BAY_UNKNOWN;

    bay_state_parse(json_text(json_member(subject->state, member), ""), &state);
    text_json_string(out, words[state]);
}

/* Trap 7. */
static void detection(const struct subject *subject, const char *member, struct text *out)
{
    bool at_lanes = subject->counts.at_lanes;

    (void)member;
    text_add(out, "[%s%s]", at_lanes ? "\"balancing\"" : "\"singleSpaceDetection\"",
             at_lanes && subject->counts.at_bays ? ",\"singleSpaceDetection\"" : "");
}

static void category(const struct subject *subject, const char *member, struct text *out)
{
    (void)member;
    text_add(out, "[\"%s\"]", lot_of(subject)->on_street ? "onStreet" : "offStreet");
}

/* Trap 1. */
static void point(const struct subject *subject, const char *member, struct text *out)
{
    (void)member;
    text_add(out, "{\"type\":\"Point\",\"coordinates\":[%.7f,%.7f]}", lot_of(subject)->longitude,
             lot_of(subject)->latitude);
}

static void parking_site(const struct subject *subject, const char *member, struct text *out)
{
    (void)member;
    text_add(out, "\"");
    add_lot_id(subject->context, subject->lot, out);
    text_add(out, "\"");
}

static void device(const struct subject *subject, const char *member, struct text *out)
{
    text_add(out, "[\"urn:ngsi-ld:Device:%s%s\"]", subject->context->settings->entity_prefix,
             json_text(json_member(subject->state, member), ""));
}

static bool is_car_park(const struct subject *subject)
{
    return !lot_of(subject)->on_street;
}

static bool is_sensed(const struct subject *subject)
{
    return subject->context->plan->bays[subject->bay].device != PLAN_NONE;
}

/* ---- entities ---- */

static const struct attribute lot_attributes[] = {
    {"name", NGSI_TEXT, lot_name, NULL, NULL, false},
    {"parkingSiteId", NGSI_TEXT, plain_text, "lot", NULL, false},
    {"location", NGSI_POINT, point, NULL, NULL, false},
    {"totalSpotNumber", NGSI_NUMBER, total, NULL, NULL, true},
    {"availableSpotNumber", NGSI_NUMBER, available, NULL, NULL, true},
    {"occupiedSpotNumber", NGSI_NUMBER, occupied, NULL, NULL, true},
    {"extraSpotNumber", NGSI_NUMBER, extra, "free", NULL, true},
    {"outOfServiceSlotNumber", NGSI_NUMBER, out_of_service, NULL, NULL, true},
    {"occupancy", NGSI_NUMBER, share, NULL, is_car_park, true},
    {"status", NGSI_LIST, lot_status, NULL, is_car_park, true},
    {"occupancyModified", NGSI_TIME, plain_text, "as_of", NULL, false},
    {"observationDateTime", NGSI_TIME, plain_text, "as_of", NULL, false},
    {"occupancyDetectionType", NGSI_LIST, detection, NULL, NULL, false},
    {NULL, NGSI_TEXT, NULL, NULL, NULL, false},
};

static const struct attribute bay_attributes[] = {
    {"name", NGSI_TEXT, plain_text, "bay", NULL, false},
    {"location", NGSI_POINT, point, NULL, NULL, false},
    {"status", NGSI_TEXT, bay_status, "state", NULL, true},
    {"category", NGSI_LIST, category, NULL, NULL, false},
    {"refParkingSite", NGSI_REFERENCE, parking_site, NULL, NULL, false},
    {"refDevice", NGSI_REFERENCES, device, "device", is_sensed, false},
    {NULL, NGSI_TEXT, NULL, NULL, NULL, false},
};

static void add_attribute(const struct subject *subject, const struct attribute *attribute,
                          struct text *out)
{
    const struct ngsi_form *form = subject->form;

    text_add(out, ",\"%s\":{\"type\":\"%s\",\"%s\":", attribute->name,
             form->kinds[attribute->kind].type, form->kinds[attribute->kind].member);
    attribute->value(subject, attribute->member, out);
    if (attribute->observed && subject->observed) /* trap 6 */
        text_add(out, "%s%s%s", form->stamp_head, subject->observed, form->stamp_tail);
    text_add(out, "}");
}

static bool add_entity(const struct subject *subject, const char *type,
                       const struct attribute *attributes, struct text *out, struct err *err)
{
    struct adapter_fact fact = {subject->bay != PLAN_NONE,
                                subject->bay != PLAN_NONE ? subject->bay : subject->lot};
    char id[NGSI_ID_SIZE];

    if (!lot_of(subject)->located)
        return err_set(err, "lot \"%s\" has no location; the platform asks for one",
                       lot_of(subject)->id);
    ngsi_id(subject->context, &fact, id);
    text_comma(out);
    text_add(out, "{\"id\":\"%s\",\"type\":\"%s\"", id, type);
    for (const struct attribute *a = attributes; a->name; a++) {
        if (!a->applies || a->applies(subject))
            add_attribute(subject, a, out);
    }
    text_add(out, "}");
    return true;
}

bool ngsi_lot(const struct ngsi_form *form, const struct adapter_context *context, uint32_t lot,
              const struct text *vacancy, struct text *out, struct err *err)
{
    struct json *state = json_read(vacancy->bytes, vacancy->used, vacancy->size, err);
    struct subject subject = {
        .context = context, .form = form, .lot = lot, .bay = PLAN_NONE, .state = state};

    subject.counts = vacancy_read(state);
    subject.observed = json_text(json_member(state, "as_of"), NULL);
    bool added =
        state && add_entity(&subject, lot_type(context->plan, lot), lot_attributes, out, err);
    json_release(state);
    return added;
}

bool ngsi_bay(const struct ngsi_form *form, const struct adapter_context *context, uint32_t bay,
              const struct text *state, struct text *out, struct err *err)
{
    struct json *read = json_read(state->bytes, state->used, state->size, err);
    struct subject subject = {.context = context,
                              .form = form,
                              .lot = plan_lot(context->plan, bay),
                              .bay = bay,
                              .state = read};

    subject.observed = json_text(json_member(read, "since"), NULL);
    bool added = read && add_entity(&subject, "ParkingSpot", bay_attributes, out, err);
    json_release(read);
    return added;
}
