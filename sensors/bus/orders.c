/* See orders.h; the numbers in comments are its rules. */
#include "sensors/bus/orders.h"

#include <assert.h>
#include <stdlib.h>

#include "daemon/base/memory.h"

/* Each command may leave one release behind, and none is ever turned away: commands are, while so
 * many of both wait. Beside them one is on the line, and comes back. */
enum { WAITING = 2 * ORDERS_COMMANDS, RELEASES = WAITING + 1 };

struct orders {
    struct order commands[ORDERS_COMMANDS]; /* oldest first */
    uint32_t commands_count;
    struct order releases[RELEASES];
    uint32_t releases_count;
    struct order *signs; /* by device; queued_us 0: nothing to write */
    uint32_t devices, signs_waiting, last_sign;
    bool sign_was_last; /* O4: a poll comes between two of them */
};

struct orders *orders_create(uint32_t devices)
{
    struct orders *orders = memory_new(1, sizeof *orders);
    orders->devices = devices;
    orders->signs = memory_new(devices + 1, sizeof *orders->signs);
    return orders;
}

void orders_destroy(struct orders *orders)
{
    if (!orders)
        return;
    free(orders->signs);
    free(orders);
}

bool orders_add(struct orders *orders, const struct order *order)
{
    if (order->kind == ORDER_SIGN) {
        struct order *sign = &orders->signs[order->command.device];
        int64_t waits_since_us = sign->queued_us;
        orders->signs_waiting += waits_since_us == 0;
        *sign = *order;
        if (waits_since_us)
            sign->queued_us = waits_since_us;
        return true;
    }
    if (orders->commands_count == ORDERS_COMMANDS ||
        orders->commands_count + orders->releases_count >= WAITING)
        return false;
    orders->commands[orders->commands_count++] = *order;
    return true;
}

bool orders_waiting(const struct orders *orders)
{
    return orders->commands_count > 0;
}

static void take_out(struct order *list, uint32_t *count, uint32_t n, struct order *ret)
{
    *ret = list[n];
    for (uint32_t i = n + 1; i < *count; i++)
        list[i - 1] = list[i];
    --*count;
}

/* The sign that has waited longest; the devices take turns among equals. */
static struct order *oldest_sign(struct orders *orders)
{
    struct order *best = NULL;
    for (uint32_t i = 1; orders->signs_waiting && i <= orders->devices; i++) {
        struct order *sign = &orders->signs[(orders->last_sign + i) % orders->devices];
        if (sign->queued_us && (!best || sign->queued_us < best->queued_us))
            best = sign;
    }
    return best;
}

/* O4. */
static bool next_sign(struct orders *orders, int64_t now_us, bool polls_due, struct order *ret,
                      int64_t *due_us)
{
    struct order *sign = oldest_sign(orders);
    bool may = sign && (!polls_due ||
                        (!orders->sign_was_last && now_us - sign->queued_us >= ORDERS_PATIENCE_US));
    orders->sign_was_last = may;
    if (!may)
        return false;
    *ret = *sign;
    orders->last_sign = ret->command.device;
    orders->signs_waiting--;
    sign->queued_us = 0;
    *due_us = now_us;
    return true;
}

bool orders_next(struct orders *orders, int64_t now_us, bool polls_due, struct order *ret,
                 int64_t *ret_due_us)
{
    uint32_t first = 0;
    *ret_due_us = INT64_MAX;
    for (uint32_t i = 1; i < orders->releases_count; i++)
        if (orders->releases[i].due_us < orders->releases[first].due_us)
            first = i;
    if (orders->releases_count)
        *ret_due_us = orders->releases[first].due_us;
    if (orders->releases_count && *ret_due_us <= now_us) {
        take_out(orders->releases, &orders->releases_count, first, ret);
        return true;
    }
    if (orders->commands_count) {
        take_out(orders->commands, &orders->commands_count, 0, ret);
        return true;
    }
    return next_sign(orders, now_us, polls_due, ret, ret_due_us);
}

bool orders_done(struct orders *orders, const struct order *order, enum command_outcome outcome,
                 int64_t now_us)
{
    bool pressed = order->kind == ORDER_COMMAND && order->writes_count > 1 &&
                   (outcome == COMMAND_ACCEPTED || outcome == COMMAND_UNKNOWN);
    bool again = order->kind == ORDER_RELEASE && outcome != COMMAND_ACCEPTED;
    if (again && order->tries + 1 >= ORDERS_RELEASES)
        return true;
    if (!pressed && !again)
        return false;
    assert(orders->releases_count < RELEASES);
    struct order *release = &orders->releases[orders->releases_count++];
    *release = *order;
    release->kind = ORDER_RELEASE;
    release->tries = (uint8_t)(again ? order->tries + 1 : 0);
    release->due_us = now_us + 1000 * (again ? ORDERS_RELEASE_MS : order->writes[0].wait_ms);
    return false;
}
