/* The base: loop, worker, errors, JSON, hashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/crypto.h"
#include "daemon/base/json.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/base/worker.h"

static void an_error_names_where_then_what(void **state)
{
    struct err err;

    (void)state;
    assert_false(err_set(&err, "port %d is taken", 8080));
    assert_false(err_prefix(&err, "serve"));
    assert_string_equal(err.text, "serve: port 8080 is taken");
}

static void an_error_longer_than_its_place_is_cut(void **state)
{
    struct err err;
    char longer[2 * ERR_TEXT_SIZE];

    (void)state;
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    err_set(&err, "%s", longer);
    err_prefix(&err, "%s", longer);
    assert_int_equal(strlen(err.text), ERR_TEXT_SIZE - 1);
}

static void a_hash_is_that_of_the_parts_put_together(void **state)
{
    const struct crypto_part parts[] = {{"ab", 2}, {"c", 1}};
    struct hash hash = crypto_sha256(parts, 2);
    char hex[HASH_HEX_SIZE];

    (void)state;
    /* FIPS 180-2, appendix B.1: SHA-256 of "abc". */
    assert_string_equal(crypto_hex(hash.bytes, HASH_SIZE, hex),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void json_of_others_is_read_safely(void **state)
{
    static const char text[] = "{\"a\":{\"b\":[1,true,\"x\"]},\"n\":null}";
    struct err err;
    struct json *document = json_read(text, sizeof text - 1, 100, &err);
    const struct json *list = json_member(json_member(document, "a"), "b");

    (void)state;
    assert_non_null(document);
    assert_int_equal(json_size(list), 3);
    assert_int_equal(json_int(json_item(list, 0), -1), 1);
    assert_true(json_bool(json_item(list, 1), false));
    assert_string_equal(json_text(json_item(list, 2), ""), "x");
    assert_null(json_member(json_member(document, "no"), "such"));
    assert_int_equal(json_int(json_item(list, 2), -1), -1);
    assert_int_equal(json_kind(json_member(document, "n")), JSON_KIND_NULL);
    json_release(document);
}

static void bad_json_is_refused_with_its_place(void **state)
{
    static const char twice[] = "{\"a\":1,\n\"a\":2}";
    struct err err;

    (void)state;
    assert_null(json_read(twice, sizeof twice - 1, 100, &err));
    assert_non_null(strstr(err.text, "line 2"));
    assert_null(json_read(twice, sizeof twice - 1, 3, &err));
    assert_non_null(strstr(err.text, "at most 3"));
}

struct turn {
    struct loop *loop;
    struct loop_timer *timer;
    struct loop_watch *watch;
    int fired, after, read, signalled;
};

static void on_timer(void *arg)
{
    struct turn *t = arg;

    if (++t->fired < 3)
        loop_timer_after(t->timer, 1);
    else
        raise(SIGUSR1);
}

static void on_signal(void *arg)
{
    struct turn *t = arg;

    t->signalled++;
    loop_stop(t->loop, 7);
}

static void after_turn(void *arg)
{
    ((struct turn *)arg)->after++;
}

static void a_loop_runs_timers_signals_and_turns(void **state)
{
    struct err err;
    struct turn t = {.loop = loop_create(&err)};

    (void)state;
    assert_non_null(t.loop);
    t.timer = loop_timer(t.loop, on_timer, &t);
    assert_true(loop_signal(t.loop, SIGUSR1, on_signal, &t, &err));
    struct loop_turn *turn = loop_after_turn(t.loop, after_turn, &t);
    loop_timer_after(t.timer, 1);
    assert_int_equal(loop_run(t.loop, &err), 7);
    assert_int_equal(t.fired, 3);
    assert_int_equal(t.signalled, 1);
    assert_true(t.after >= 3);
    loop_after_turn_stop(turn);
    loop_timer_destroy(t.timer);
    loop_destroy(t.loop);
}

static void on_readable(void *arg, unsigned events)
{
    struct turn *t = arg;

    t->read += events & LOOP_READ ? 1 : 0;
    loop_unwatch(t->watch); /* a callback may remove itself */
    t->watch = NULL;
    loop_stop(t->loop, 0);
}

static void a_watch_survives_the_close_of_the_descriptor_it_was_given(void **state)
{
    struct err err;
    struct turn t = {.loop = loop_create(&err)};
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    t.watch = loop_watch(t.loop, ends[0], LOOP_READ, on_readable, &t, &err);
    assert_non_null(t.watch);
    close(ends[0]);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(loop_run(t.loop, &err), 0);
    assert_int_equal(t.read, 1);
    close(ends[1]);
    loop_destroy(t.loop);
}

struct sum {
    long value;
};

static void add_up(struct port *port, void *arg)
{
    struct sum message;
    long total = 0;

    (void)arg;
    while (port_receive(port, &message, sizeof message, -1) == PORT_MESSAGE) {
        total += message.value;
        message.value = total;
        if (!port_send(port, &message, sizeof message))
            break;
    }
}

static void a_worker_answers_each_message_in_order(void **state)
{
    struct err err;
    struct worker *worker = worker_create("adder", add_up, NULL, &err);
    struct sum message;
    long expected = 0;
    int answered = 0;

    (void)state;
    assert_non_null(worker);
    for (long i = 1; i <= 1000; i++) {
        message.value = i;
        while (!worker_send(worker, &message, sizeof message))
            ; /* full: the worker is draining it */
        while (worker_receive(worker, &message, sizeof message)) {
            expected += ++answered;
            assert_int_equal(message.value, expected);
        }
    }
    worker_destroy(worker);
}

static void talk_without_end(struct port *port, void *arg)
{
    struct sum message = {1};

    (void)arg;
    while (port_send(port, &message, sizeof message) &&
           port_receive(port, &message, sizeof message, 0) != PORT_CLOSED)
        ;
}

static void a_worker_that_is_blocked_in_sending_still_ends(void **state)
{
    struct err err;

    (void)state;
    worker_destroy(worker_create("talker", talk_without_end, NULL, &err));
}

static void a_line_that_repeats_is_left_out_after_its_budget(void **state)
{
    struct log_limit limit = {.window = {0}};
    int allowed = 0;

    (void)state;
    for (int i = 0; i < 100; i++)
        allowed += log_allow(&limit, (mono_ms){1000 + i}, 5);
    assert_int_equal(allowed, 5);
    assert_true(log_allow(&limit, (mono_ms){70000}, 5));
}

/* As a sandbox does that keeps its programs from the clock. */
static bool forbid_asking_for_the_clock(void)
{
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clock_adjtime, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_adjtimex, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof program / sizeof *program, program};

    return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
           !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

static void a_clock_that_may_not_be_asked_is_not_called_synchronised(void **state)
{
    enum { CALLED_SYNCHRONISED = 1, NO_SANDBOX = 2 };
    int status = 0;

    (void)state;
    fflush(NULL); /* the child leaves by exit(), which counts what it reached */
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        bool known = true;
        if (!forbid_asking_for_the_clock())
            exit(NO_SANDBOX);
        exit(clock_synchronised(&known) || known ? CALLED_SYNCHRONISED : 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_names_where_then_what),
        cmocka_unit_test(an_error_longer_than_its_place_is_cut),
        cmocka_unit_test(a_hash_is_that_of_the_parts_put_together),
        cmocka_unit_test(json_of_others_is_read_safely),
        cmocka_unit_test(bad_json_is_refused_with_its_place),
        cmocka_unit_test(a_loop_runs_timers_signals_and_turns),
        cmocka_unit_test(a_watch_survives_the_close_of_the_descriptor_it_was_given),
        cmocka_unit_test(a_worker_answers_each_message_in_order),
        cmocka_unit_test(a_worker_that_is_blocked_in_sending_still_ends),
        cmocka_unit_test(a_line_that_repeats_is_left_out_after_its_budget),
        cmocka_unit_test(a_clock_that_may_not_be_asked_is_not_called_synchronised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
