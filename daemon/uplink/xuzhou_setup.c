/*
 * What Xuzhou's platform is told of a lot before anything else, by parkctl uplink register: the lot
 * itself, whose answer holds the code by which the platform knows it; of a street its berths and
 * the sensor of each; and the device that speaks for the lot, which is this gateway. That is told
 * again each day. Members in ascending order.
 */
#include "daemon/uplink/xuzhou.h"

enum { POST_NEW = 1, POST_CHANGE = 2, DEGREES = 16 };

static bool is_street(const struct adapter_context *context, const struct uplink_lot *lot)
{
    return context->plan->lots[lot->lot].on_street;
}

static uint32_t count_bays(const struct site_plan *plan, uint32_t lot)
{
    uint32_t count = 0;

    for (uint32_t bay = 0; bay < plan->bays_count; bay++)
        count += plan_lot(plan, bay) == lot;
    return count;
}

/* A text, because a number's digits would differ between the two who take the token of them. */
static void add_degrees(struct text *out, const char *name, double degrees)
{
    char bytes[DEGREES];
    struct text text;

    text_init(&text, bytes, sizeof bytes);
    text_add(&text, "%.6f", degrees);
    text_json_pair(out, name, bytes);
}

static void add_berths(const struct adapter_context *context, uint32_t lot, bool sensors,
                       struct text *out)
{
    const struct site_plan *plan = context->plan;

    text_add(out, ",\"berthInfo\":[");
    for (uint32_t bay = 0; bay < plan->bays_count; bay++) {
        uint32_t device = plan->bays[bay].device;

        if (plan_lot(plan, bay) != lot)
            continue;
        text_comma(out);
        text_add(out, "{");
        text_json_pair(out, "berthNo", city_place(context, plan->bays[bay].id));
        if (sensors && device != PLAN_NONE)
            text_json_pair(out, "deviceCode", plan->devices[device].id);
        text_add(out, "}");
    }
    text_add(out, "]");
}

static void begin(const struct city_setup *setup, struct text *out)
{
    text_add(out, "{");
    if (setup->lot->address)
        text_json_pair(out, "address", setup->lot->address);
    text_json_pair(out, "appkey", setup->lot->account);
}

static void end(const struct adapter_context *context, struct text *out)
{
    text_json_int(out, "time", context->platform_now.ms);
}

static void add_type(const struct city_setup *setup, struct text *out)
{
    text_json_int(out, "postType", setup->change ? POST_CHANGE : POST_NEW);
}

/* outer and inner 3.1.1 */
static bool write_lot(const struct adapter_context *context, const struct city_setup *setup,
                      struct text *out, struct err *err)
{
    const struct lot_plan *lot = &context->plan->lots[setup->lot->lot];

    if (!lot->located || !setup->lot->address)
        return err_set(err, "lot \"%s\" has no %s, which the platform asks for", lot->id,
                       lot->located ? "address (of the uplink's lot)" : "location");
    begin(setup, out);
    if (lot->on_street)
        add_berths(context, setup->lot->lot, false, out);
    else
        text_json_int(out, "isPayMonth", setup->lot->monthly);
    add_degrees(out, "latitude", lot->latitude);
    add_degrees(out, "longitude", lot->longitude);
    add_type(setup, out);
    text_json_pair(out, "thirdParkCode", lot->id);
    text_json_pair(out, "thirdParkName", lot->name);
    end(context, out);
    text_json_int(out, "totalPlaceCount", count_bays(context->plan, setup->lot->lot));
    text_add(out, "}");
    return true;
}

/* inner 3.1.3 */
static bool write_berths(const struct adapter_context *context, const struct city_setup *setup,
                         struct text *out, struct err *err)
{
    (void)err;
    text_add(out, "{");
    text_json_pair(out, "appkey", setup->lot->account);
    add_berths(context, setup->lot->lot, true, out);
    text_json_pair(out, "parkCode", setup->lot->code);
    add_type(setup, out);
    end(context, out);
    text_add(out, "}");
    return true;
}

/* 3.1.2 */
static bool write_device(const struct adapter_context *context, const struct city_setup *setup,
                         struct text *out, struct err *err)
{
    (void)err;
    text_add(out, "{");
    text_json_pair(out, "appkey", setup->lot->account);
    text_json_pair(out, "deviceSN", context->plan->id);
    text_json_pair(out, "parkCode", setup->lot->code);
    add_type(setup, out);
    end(context, out);
    text_add(out, "}");
    return true;
}

struct request {
    const char *uri;
    bool (*write)(const struct adapter_context *context, const struct city_setup *setup,
                  struct text *out, struct err *err);
};

static const struct request device = {"/api/outer/postParkDevice", write_device};
static const struct request of_lot[] = {{"/api/outer/postParkInfo", write_lot},
                                        {"/api/outer/postParkDevice", write_device}};
static const struct request of_street[] = {{"/api/inner/postParkInfo", write_lot},
                                           {"/api/inner/postParkBerthNos", write_berths},
                                           {"/api/outer/postParkDevice", write_device}};

uint32_t xuzhou_setup_steps(const struct adapter_context *context, const struct uplink_lot *lot)
{
    return is_street(context, lot) ? sizeof of_street / sizeof *of_street
                                   : sizeof of_lot / sizeof *of_lot;
}

bool xuzhou_setup(const struct adapter_context *context, const struct city_setup *setup,
                  struct adapter_request *ret, struct err *err)
{
    const struct request *request =
        &(is_street(context, setup->lot) ? of_street : of_lot)[setup->step];

    return request->write(context, setup, &ret->body, err) &&
           xuzhou_finish(context, setup->lot, request->uri, ret, err);
}

bool xuzhou_daily(const struct adapter_context *context, const struct uplink_lot *lot,
                  struct adapter_request *ret, struct err *err)
{
    const struct city_setup setup = {.lot = lot, .change = true};

    if (!lot->address)
        return err_set(err, "%s", ""); /* it was not registered by us; nothing is wrong */
    return device.write(context, &setup, &ret->body, err) &&
           xuzhou_finish(context, lot, device.uri, ret, err);
}
