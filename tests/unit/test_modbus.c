/*
 * Links against a peer that misbehaves (reliability table B1-B20). After each fault no wrong value
 * was believed, and the next good request succeeds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "sensors/bus/link.h"
#include "sensors/bus/modbus.h"
#include "sensors/bus/tcp.h"
#include "tests/unit/faulty_peer.h"

enum { RESPONSE_MS = 100, SLOWEST_MS = 150, UNIT = 17 };

static const char *const type_names[] = {"RTU", "TCP", "RTU over TCP"};

struct rig {
    struct bus_settings settings;
    struct peer *peer;
    struct link *link;
    uint8_t unit;
    uint16_t address; /* another one each time */
    unsigned opened;
    struct link_answer answer;
};

static void rig_start(struct rig *rig, enum bus_type type)
{
    *rig = (struct rig){.unit = UNIT,
                        .settings = {.id = "test",
                                     .type = type,
                                     .baud = 115200,
                                     .parity = 'E',
                                     .stop_bits = 1,
                                     .connect_ms = 1000}};
    rig->peer = peer_start(&rig->settings);
    rig->link = link_create(&rig->settings, SLOWEST_MS, (struct wait){0});
}

static void rig_stop(struct rig *rig)
{
    link_destroy(rig->link);
    peer_stop(rig->peer);
}

/* Opens when necessary and reads three words somewhere else than before. A link that was lost
 * before anything left is opened once more, as the bus does. */
static enum link_outcome ask(struct rig *rig)
{
    struct err err = {"opened"};
    rig->address += 100;
    for (int attempt = 0; attempt < 2; attempt++) {
        struct frame_request request = {
            .unit = rig->unit, .function = 3, .address = rig->address, .count = 3};
        if (!link_is_open(rig->link)) {
            rig->opened++;
            if (!link_open(rig->link, &err))
                fail_msg("%s", err.text);
        }
        link_ask(rig->link, &request, RESPONSE_MS, &rig->answer);
        if (rig->answer.sent)
            break;
    }
    return rig->answer.outcome;
}

static bool values_are_right(const struct rig *rig)
{
    for (int i = 0; i < 3; i++)
        if ((rig->answer.data[2 * i] << 8 | rig->answer.data[2 * i + 1]) != rig->address + i)
            return false;
    return rig->answer.size == 6;
}

static void assert_good(struct rig *rig)
{
    if (ask(rig) != LINK_GOOD)
        fail_msg("no good answer: %s", rig->answer.reason);
    assert_true(values_are_right(rig));
}

enum { R = 1 << BUS_RTU, T = 1 << BUS_TCP, S = 1 << BUS_RTU_OVER_TCP, ALL = R | T | S };

static const struct row {
    const char *finding; /* of the table in the notes on libmodbus 3.1.6 */
    enum fault fault;
    unsigned types;
    enum link_outcome outcome;
} rows[] = {
    {"B17 silent device", FAULT_SILENT, ALL, LINK_SILENT},
    {"B1 B3 late answer", FAULT_LATE, ALL, LINK_SILENT},
    {"B1 B3 answer shifted by one", FAULT_NEXT_TIME, ALL, LINK_SILENT},
    {"B7 slow drip", FAULT_DRIP, ALL, LINK_WRONG},
    {"B7 short frame", FAULT_SHORT, ALL, LINK_WRONG},
    {"B4 wrong unit", FAULT_UNIT, T, LINK_WRONG},
    {"B15 other unit's frame", FAULT_UNIT, R | S, LINK_WRONG},
    {"other function", FAULT_FUNCTION, ALL, LINK_WRONG},
    {"other byte count", FAULT_COUNT, ALL, LINK_WRONG},
    {"B3 wrong transaction", FAULT_TRANSACTION, T, LINK_WRONG},
    {"B5 wrong protocol id", FAULT_PROTOCOL, T, LINK_WRONG},
    {"B6 wrong MBAP length", FAULT_LENGTH, T, LINK_WRONG},
    {"B6 trailing bytes", FAULT_TRAILING, ALL, LINK_WRONG},
    {"B6 trailing bytes, later", FAULT_AFTER, ALL, LINK_GOOD},
    {"B1 old answer before the right one", FAULT_TWICE, ALL, LINK_WRONG},
    {"B15 checksum", FAULT_CRC, R | S, LINK_WRONG},
    {"garbage", FAULT_GARBAGE, ALL, LINK_WRONG},
    {"adapter echoes", FAULT_ECHO, ALL, LINK_WRONG},
    {"B8 reset", FAULT_RESET, T | S, LINK_LOST},
    {"B8 hang-up", FAULT_HANGUP, T | S, LINK_LOST},
    {"exception 1", FAULT_EXCEPTION + 1, ALL, LINK_REFUSED},
    {"exception 2", FAULT_EXCEPTION + 2, ALL, LINK_REFUSED},
    {"exception 3", FAULT_EXCEPTION + 3, ALL, LINK_REFUSED},
    {"exception 4", FAULT_EXCEPTION + 4, ALL, LINK_REFUSED},
    {"exception 5", FAULT_EXCEPTION + 5, ALL, LINK_REFUSED},
    {"exception 6", FAULT_EXCEPTION + 6, ALL, LINK_REFUSED},
    {"exception 7", FAULT_EXCEPTION + 7, ALL, LINK_REFUSED},
    {"exception 8", FAULT_EXCEPTION + 8, ALL, LINK_REFUSED},
    {"exception 9 does not exist", FAULT_EXCEPTION + 9, ALL, LINK_WRONG},
    {"exception 10", FAULT_EXCEPTION + 10, ALL, LINK_REFUSED},
    {"exception 11", FAULT_EXCEPTION + 11, ALL, LINK_REFUSED},
};

/* Some faults come to light only when the next request is under way. */
static void suffer(struct rig *rig)
{
    enum link_outcome outcome = ask(rig);
    if (outcome == LINK_GOOD)
        assert_true(values_are_right(rig));
}

static void run_row(struct rig *rig, const struct row *row)
{
    int64_t start_us = clock_mono_us();
    peer_fault(rig->peer, row->fault);
    enum link_outcome outcome = ask(rig);
    if (outcome != row->outcome)
        fail_msg("%s over %s: outcome %d, \"%s\"", row->finding, type_names[rig->settings.type],
                 outcome, rig->answer.reason);
    if (outcome == LINK_GOOD)
        assert_true(values_are_right(rig));
    if (outcome == LINK_REFUSED)
        assert_int_equal(rig->answer.exception, row->fault - FAULT_EXCEPTION);
    /* Cleaning up after the row before, the gap, the answer: never more (B7). */
    assert_true(clock_mono_us() - start_us < 1000 * (3 * SLOWEST_MS + 2 * RESPONSE_MS + 100));
    if (row->fault == FAULT_NEXT_TIME || row->fault == FAULT_AFTER)
        suffer(rig);
    assert_good(rig);
}

static void run_rows(enum bus_type type)
{
    struct rig rig;
    rig_start(&rig, type);
    assert_good(&rig);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].types & 1u << type)
            run_row(&rig, &rows[i]);
    rig_stop(&rig);
}

static void no_fault_on_a_serial_line_is_believed(void **state)
{
    (void)state;
    run_rows(BUS_RTU);
}

static void no_fault_over_tcp_is_believed(void **state)
{
    (void)state;
    run_rows(BUS_TCP);
}

static void no_fault_of_a_serial_line_behind_tcp_is_believed(void **state)
{
    (void)state;
    run_rows(BUS_RTU_OVER_TCP);
}

/* B1 beyond what listening can catch: the old answer comes only with the next question. Both ask
 * for the same unit, function and length; only rule 2 of link.c tells them apart. */
static void a_shifted_answer_is_found_out_by_the_one_that_follows_it(void **state)
{
    (void)state;
    struct rig rig;
    rig_start(&rig, BUS_RTU);
    assert_good(&rig);
    peer_fault(rig.peer, FAULT_NEXT_TIME);
    assert_int_equal(ask(&rig), LINK_SILENT);
    assert_int_equal(ask(&rig), LINK_WRONG);
    assert_string_equal(rig.answer.reason, "late answer");
    assert_good(&rig);
    rig_stop(&rig);
}

static void silence_of_one_unit_holds_up_no_other(void **state)
{
    (void)state;
    struct rig rig;
    rig_start(&rig, BUS_RTU);
    assert_good(&rig);
    peer_fault(rig.peer, FAULT_SILENT);
    assert_int_equal(ask(&rig), LINK_SILENT);
    int64_t start_us = clock_mono_us();
    rig.unit = UNIT + 1;
    assert_good(&rig);
    assert_true(clock_mono_us() - start_us < 1000 * SLOWEST_MS);
    rig_stop(&rig);
}

/* The peer sends the old answer while the other unit is asked, or just before it answers. */
static void a_late_answer_is_never_that_of_another_unit(void **state)
{
    (void)state;
    static const enum fault late[] = {FAULT_LATE, FAULT_NEXT_TIME};
    for (int i = 0; i < 2; i++) {
        struct rig rig;
        rig_start(&rig, BUS_RTU);
        assert_good(&rig);
        peer_fault(rig.peer, late[i]);
        assert_int_equal(ask(&rig), LINK_SILENT);
        rig.unit = UNIT + 1;
        assert_int_equal(ask(&rig), LINK_WRONG);
        assert_string_equal(rig.answer.reason, "answer of another unit");
        assert_good(&rig);
        rig.unit = UNIT;
        assert_good(&rig);
        rig_stop(&rig);
    }
}

static void b2_bytes_from_before_are_thrown_away(void **state)
{
    (void)state;
    for (enum bus_type type = BUS_RTU; type <= BUS_RTU_OVER_TCP; type++) {
        struct rig rig;
        rig_start(&rig, type);
        if (type == BUS_RTU)
            peer_noise(rig.peer, "\x11\x03\x06\x03\xe7\x03\xe7\x03\xe7", 9);
        assert_good(&rig);
        peer_noise(rig.peer, "\x11\x03\x06\x03\xe7\x03\xe7\x03\xe7", 9);
        assert_good(&rig);
        assert_int_equal(rig.opened, type == BUS_TCP ? 2 : 1); /* B6: what trails ends it */
        rig_stop(&rig);
    }
}

static void b16_an_adapter_that_is_pulled_out_is_lost(void **state)
{
    (void)state;
    struct rig rig;
    struct err err;
    rig_start(&rig, BUS_RTU);
    assert_good(&rig);
    struct frame_request request = {.unit = UNIT, .function = 3, .address = 1, .count = 1};
    peer_unplug(rig.peer);
    link_ask(rig.link, &request, RESPONSE_MS, &rig.answer);
    assert_int_equal(rig.answer.outcome, LINK_LOST);
    assert_false(link_is_open(rig.link));
    rig.settings.path = "/dev/serial/by-id/usb-none";
    assert_false(link_open(rig.link, &err));
    assert_non_null(strstr(err.text, "plug the adapter in"));
    rig_stop(&rig);
}

static void b13_a_port_has_one_user(void **state)
{
    (void)state;
    struct rig rig;
    struct err err;
    rig_start(&rig, BUS_RTU);
    assert_good(&rig);
    struct link *second = link_create(&rig.settings, SLOWEST_MS, (struct wait){0});
    assert_false(link_open(second, &err));
    assert_non_null(strstr(err.text, "another program"));
    link_destroy(second);
    assert_good(&rig);
    rig_stop(&rig);
}

static void b12_only_known_rates_are_set(void **state)
{
    (void)state;
    struct rig rig;
    struct err err;
    rig_start(&rig, BUS_RTU);
    rig.settings.baud = 9601;
    assert_false(link_open(rig.link, &err));
    assert_non_null(strstr(err.text, "9601 baud is not known"));
    rig_stop(&rig);
}

static void b11_only_addresses_are_connected_to(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(tcp_connect("localhost", 502, 100, &(struct wait){0}, &err), -1);
    assert_non_null(strstr(err.text, "names are not looked up"));
    assert_true(tcp_is_address("10.0.0.7"));
    assert_true(tcp_is_address("fe80::1"));
    assert_false(tcp_is_address("10.0.0"));
}

/* B9: a listener whose queue is full does not answer further connections. */
static void b9_connecting_ends_with_the_time_out(void **state)
{
    (void)state;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    struct wait wait = {0};
    struct err err;
    int listener = socket(AF_INET, SOCK_STREAM, 0), fds[8], count = 0;
    assert_int_equal(bind(listener, (struct sockaddr *)&at, size), 0);
    assert_int_equal(listen(listener, 0), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &size), 0);
    int64_t start_us = 0;
    for (int fd = 0; fd >= 0 && count < 8; fds[count++] = fd) {
        start_us = clock_mono_us();
        fd = tcp_connect("127.0.0.1", ntohs(at.sin_port), 100, &wait, &err);
    }
    int64_t took_us = clock_mono_us() - start_us;
    assert_non_null(strstr(err.text, "timed out"));
    assert_in_range(took_us, 90000, 500000);
    while (count > 0)
        if (fds[--count] >= 0)
            close(fds[count]);
    close(listener);
}

/* B10: libmodbus would write past its fd_set. */
static void b10_descriptors_above_1023_work(void **state)
{
    (void)state;
    struct rlimit limit, before;
    struct rig rig;
    getrlimit(RLIMIT_NOFILE, &before);
    limit = before;
    limit.rlim_cur = 1200;
    if (limit.rlim_max < limit.rlim_cur || setrlimit(RLIMIT_NOFILE, &limit))
        skip();
    static int fill[1024];
    int count = 0;
    for (enum bus_type type = BUS_RTU; type <= BUS_RTU_OVER_TCP; type++) {
        rig_start(&rig, type);
        while (count < 1024 && (count == 0 || fill[count - 1] < 1030))
            fill[count++] = fcntl(1, F_DUPFD_CLOEXEC, 3);
        assert_good(&rig);
        rig_stop(&rig);
        while (count > 0)
            close(fill[--count]);
    }
    setrlimit(RLIMIT_NOFILE, &before);
}

static bool always(void *arg)
{
    (void)arg;
    return true;
}

static void a_request_under_way_is_given_up_at_once(void **state)
{
    (void)state;
    struct rig rig;
    struct frame_request request = {.unit = UNIT, .function = 3, .address = 1, .count = 1};
    rig_start(&rig, BUS_TCP);
    link_destroy(rig.link);
    rig.link = link_create(&rig.settings, SLOWEST_MS, (struct wait){.stopped = always});
    assert_true(link_open(rig.link, NULL));
    peer_fault(rig.peer, FAULT_SILENT);
    int64_t start_us = clock_mono_us();
    link_ask(rig.link, &request, 10000, &rig.answer);
    assert_int_equal(rig.answer.outcome, LINK_STOPPED);
    assert_true(clock_mono_us() - start_us < 1000000);
    rig_stop(&rig);
}

static void a_pseudo_terminal_without_parity_is_opened_again(void **state)
{
    (void)state;
    struct rig rig;
    rig_start(&rig, BUS_RTU);
    for (int i = 0; i < 3; i++) {
        assert_good(&rig);
        link_close(rig.link);
    }
    rig_stop(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_fault_on_a_serial_line_is_believed),
        cmocka_unit_test(no_fault_over_tcp_is_believed),
        cmocka_unit_test(no_fault_of_a_serial_line_behind_tcp_is_believed),
        cmocka_unit_test(a_shifted_answer_is_found_out_by_the_one_that_follows_it),
        cmocka_unit_test(silence_of_one_unit_holds_up_no_other),
        cmocka_unit_test(a_late_answer_is_never_that_of_another_unit),
        cmocka_unit_test(b2_bytes_from_before_are_thrown_away),
        cmocka_unit_test(b16_an_adapter_that_is_pulled_out_is_lost),
        cmocka_unit_test(b13_a_port_has_one_user),
        cmocka_unit_test(b12_only_known_rates_are_set),
        cmocka_unit_test(b11_only_addresses_are_connected_to),
        cmocka_unit_test(b9_connecting_ends_with_the_time_out),
        cmocka_unit_test(b10_descriptors_above_1023_work),
        cmocka_unit_test(a_request_under_way_is_given_up_at_once),
        cmocka_unit_test(a_pseudo_terminal_without_parity_is_opened_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
