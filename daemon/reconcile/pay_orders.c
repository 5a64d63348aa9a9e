/* The gateway's orders in memory. see pay_orders.h. */
#include "daemon/reconcile/pay_orders.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/reconcile/texts.h"

enum { FIRST_ROOM = 256, ORDERS_MAX = 2000000 };

bool pay_order_status_parse(const char *word, enum pay_order_status *ret)
{
    static const struct {
        const char *word;
        enum pay_order_status status;
    } words[] = {
        {"PAID", PAY_ORDER_PAID},         {"SUCCESS", PAY_ORDER_PAID},
        {"REFUNDED", PAY_ORDER_REFUNDED}, {"PARTIALLY_REFUNDED", PAY_ORDER_REFUNDED},
        {"CREATED", PAY_ORDER_OPEN},      {"UNPAID", PAY_ORDER_OPEN},
        {"PENDING", PAY_ORDER_OPEN},      {"OPEN", PAY_ORDER_OPEN},
        {"VOID", PAY_ORDER_VOID},         {"CLOSED", PAY_ORDER_VOID},
        {"CANCELLED", PAY_ORDER_VOID},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].word, word) != 0)
            continue;
        *ret = words[i].status;
        return true;
    }
    return false;
}

static bool keep(void *arg, const struct pay_order *order, struct err *err)
{
    struct pay_orders *orders = arg;

    if (orders->count == ORDERS_MAX)
        return err_set(err, "more than %d orders; give those of the day and its neighbours",
                       ORDERS_MAX);
    if (orders->count == orders->room) {
        orders->room = orders->room ? orders->room * 2 : FIRST_ROOM;
        orders->items = memory_grow(orders->items, orders->room, sizeof *orders->items);
    }
    struct pay_order *to = &orders->items[orders->count++];
    *to = *order;
    to->number = texts_keep(orders->texts, order->number);
    to->transaction = texts_keep(orders->texts, order->transaction);
    to->channel = texts_keep(orders->texts, order->channel);
    to->stay = texts_keep(orders->texts, order->stay);
    to->operator= texts_keep(orders->texts, order->operator);
    to->shift = texts_keep(orders->texts, order->shift);
    return true;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct pay_order *)a)->number, ((const struct pay_order *)b)->number);
}

struct pay_orders *pay_orders_collect(const struct pay_order_source *source, struct err *err)
{
    struct pay_orders *orders = memory_new(1, sizeof *orders);

    orders->texts = texts_create();
    bool good = source->each(source->arg, keep, orders, err);
    if (good && orders->count)
        qsort(orders->items, orders->count, sizeof *orders->items, compare);
    for (uint32_t i = 1; good && i < orders->count; i++)
        if (compare(&orders->items[i - 1], &orders->items[i]) == 0)
            good = err_set(err, "order \"%s\" stands twice among the gateway's orders",
                           orders->items[i].number);
    if (good)
        return orders;
    pay_orders_destroy(orders);
    return NULL;
}

void pay_orders_destroy(struct pay_orders *orders)
{
    if (!orders)
        return;
    texts_destroy(orders->texts);
    free(orders->items);
    free(orders);
}

const struct pay_order *pay_orders_find(const struct pay_orders *orders, const char *number)
{
    struct pay_order key = {.number = number};

    return orders->count
               ? bsearch(&key, orders->items, orders->count, sizeof *orders->items, compare)
               : NULL;
}
