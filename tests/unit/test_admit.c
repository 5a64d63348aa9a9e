/* Who comes in and what he may: roles of local users, tokens over TCP, and the record of each who
 * was turned away. The client's thread takes on other users' rights, for which the test must be
 * root; without that those tests are skipped. */
#include "tests/unit/serve_fixture.h"

#include <grp.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "daemon/serve/api.h"
#include "daemon/serve/budget.h"
#include "daemon/serve/pem.h"
#include "daemon/serve/refusals.h"

enum { STRANGER = 65534 };

/* Groups that every Debian has stand in for those of the package. */
static const struct role_groups groups = {{[ROLE_VIEWER] = "daemon",
                                           [ROLE_ATTENDANT] = "bin",
                                           [ROLE_SUPERVISOR] = "sys",
                                           [ROLE_INSTALLER] = "no-such-group"}};

static void the_highest_group_counts(void **state)
{
    const struct role_ids ids = {
        .known = {[ROLE_VIEWER] = true, [ROLE_ATTENDANT] = true, [ROLE_SUPERVISOR] = true},
        .ids = {[ROLE_VIEWER] = 100, [ROLE_ATTENDANT] = 101, [ROLE_SUPERVISOR] = 102}};
    const gid_t both[] = {100, 7, 102}, one[] = {101}, none[] = {7, 0};

    (void)state;
    assert_int_equal(role_of(&ids, STRANGER, both, 3), ROLE_SUPERVISOR);
    assert_int_equal(role_of(&ids, STRANGER, one, 1), ROLE_ATTENDANT);
    assert_int_equal(role_of(&ids, STRANGER, none, 2), ROLE_ANYONE);
    assert_int_equal(role_of(&ids, STRANGER, NULL, 0), ROLE_ANYONE);
    assert_int_equal(role_of(&ids, 0, NULL, 0), ROLE_INSTALLER);
    assert_int_equal(role_of(&ids, geteuid(), NULL, 0), ROLE_INSTALLER);
}

static void a_role_whose_group_is_missing_has_no_members(void **state)
{
    const struct role_ids ids = role_look_up(&groups);

    (void)state;
    assert_true(ids.known[ROLE_VIEWER]);
    assert_false(ids.known[ROLE_INSTALLER]);
}

static void a_route_that_names_no_role_takes_installers_only(void **state)
{
    const struct api_call call = {.status = 0};

    (void)state;
    assert_int_equal(api_least_role(&call, &(struct api_route){.method = "POST"}), ROLE_INSTALLER);
}

static void every_act_says_whose_it_is_in_its_row(void **state)
{
    (void)state;
    for (int i = 0; i < SERVE_ACTS; i++)
        assert_in_range(serve_acts[i].least, ROLE_ATTENDANT, ROLE_INSTALLER);
    assert_int_equal(serve_acts[ACT_LANE_OPEN].least, ROLE_ATTENDANT);
    assert_int_equal(serve_acts[ACT_EVACUATE].least, ROLE_ATTENDANT);
    assert_int_equal(serve_acts[ACT_LANE_HOLD].least, ROLE_SUPERVISOR);
    assert_int_equal(serve_acts[ACT_REFUND].least, ROLE_SUPERVISOR);
}

/* This thread alone; the kernel's calls, because the library's change all threads. */
static void become(const char *group)
{
    const struct group *found = group ? getgrnam(group) : NULL;
    gid_t id = found ? found->gr_gid : STRANGER;

    if (syscall(SYS_setgroups, found ? 1 : 0, &id) < 0 ||
        syscall(SYS_setresgid, STRANGER, STRANGER, 0) < 0 ||
        syscall(SYS_setresuid, STRANGER, STRANGER, 0) < 0)
        perror("become");
}

static void become_root(void)
{
    if (syscall(SYS_setresuid, 0, 0, 0) < 0 || syscall(SYS_setresgid, 0, 0, 0) < 0)
        perror("become_root");
}

static void act_in_each_role(struct fixture *f)
{
    static const char *const in_turn[] = {"daemon", "bin", "sys"};

    for (size_t i = 0; i < sizeof in_turn / sizeof in_turn[0]; i++) {
        become(in_turn[i]);
        ask(f, true, "GET /api/v1/lots", "", NULL);
        post(f, "/api/v1/bays/A-1/in", "{}");
        post(f, "/api/v1/outbox/city/drop", "{\"seq\":42,\"reason\":\"old\"}");
        post(f, "/api/v1/payments/P1/refund", "{\"amount_fen\":100,\"reason\":\"twice\"}");
        post(f, "/api/v1/backup", "{\"path\":\"/x\"}");
        become_root();
    }
    post(f, "/api/v1/backup", "{\"path\":\"/x\"}");
}

static struct fixture *open_to_all(const char *token)
{
    struct fixture *f = fixture_create();

    fixture_serve_to(f, token, &groups);
    assert_int_equal(chmod(f->directory, 0711), 0);
    return f;
}

static void each_role_may_what_the_table_of_routes_says(void **state)
{
    static const int expected[] = {200, 403, 403, 403, 403, 200, 200, 403,
                                   403, 403, 200, 200, 200, 200, 403, 200};

    (void)state;
    if (geteuid() != 0)
        skip();
    struct fixture *f = open_to_all(NULL);
    run(f, act_in_each_role);
    for (uint32_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(status_of(f, i), expected[i]);
    assert_non_null(strstr(body_of(f, 1), "the role attendant; you are viewer"));
    assert_int_equal(f->refused_count, 8);
    assert_string_equal(f->refused.actor.name, "nobody");
    assert_string_equal(f->refused.subject, "/api/v1/backup");
    assert_non_null(strstr(f->refused.reason, "installer"));
    fixture_destroy(f);
}

/* More of them than there are connections, each held open: the operator comes in all the same. */
static void crowd_in(struct fixture *f)
{
    int fds[24];

    become(NULL);
    ask(f, true, "GET /healthz", "", NULL);
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
        fds[i] = dial(f, true);
    become_root();
    ask(f, true, "GET /healthz", "", NULL);
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
        close(fds[i]);
}

static void a_user_without_a_role_is_cut_off_and_takes_no_place(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    struct fixture *f = open_to_all(NULL);
    run(f, crowd_in);
    assert_string_equal(f->answers[0], "");
    assert_int_equal(status_of(f, 1), 200);
    assert_int_equal(f->refused_count, REFUSALS_AT_ONCE);
    serve_destroy(f->serve);
    f->serve = NULL;
    assert_string_equal(f->refused.actor.name, "several");
    assert_non_null(strstr(f->refused.reason, "5 more were refused"));
    fixture_destroy(f);
}

static void guess(struct fixture *f)
{
    for (int i = 0; i < 6; i++)
        ask(f, false, "GET /api/v1/lots", "Authorization: Bearer wrong\r\n", NULL);
    ask(f, false, "GET /api/v1/lots", "Authorization: Bearer right\r\n", NULL);
    ask(f, false, "GET /healthz", "", NULL);
    post(f, "/api/v1/bays/A-1/in", "{\"reason\":\"30000 ms\"}");
    ask(f, false, "GET /api/v1/lots", "Authorization: Bearer right\r\n", NULL);
}

static void guessing_a_token_is_slowed_down(void **state)
{
    static const int expected[] = {401, 401, 401, 401, 401, 429, 429, 200, 200, 200};
    struct fixture *f = fixture_create();

    (void)state;
    fixture_serve(f, "right");
    run(f, guess);
    for (uint32_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(status_of(f, i), expected[i]);
    assert_int_equal(f->refused_count, 7);
    assert_string_equal(f->refused.actor.name, "127.0.0.1");
    fixture_destroy(f);
}

static void many_addresses_together_guess_no_faster_than_the_places_allow(void **state)
{
    enum { ADDRESSES = 100000 };
    struct budget_guesses guesses = {.others = {{0}}};
    const mono_ms now = {1000000};
    uint32_t guessed = 0;

    (void)state;
    for (uint32_t i = 0; i < ADDRESSES; i++) {
        struct budget_address from = {{(uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i}};
        if (!budget_may_guess(&guesses, &from, now))
            continue;
        budget_guessed_wrong(&guesses, &from, now);
        guessed++;
    }
    assert_int_equal(guessed, BUDGET_ADDRESSES + 5);
}

static void command_over_tcp(struct fixture *f)
{
    ask(f, false, "POST /api/v1/bays/A-1/out", "Content-Type: application/json\r\n",
        "{\"reason\":\"x\"}");
    ask(f, false, "GET /nothing", "Origin: http://evil.example\r\n", NULL);
}

static void commands_over_tcp_are_refused_and_recorded(void **state)
{
    struct fixture *f = fixture_create();

    (void)state;
    fixture_serve(f, NULL);
    run(f, command_over_tcp);
    assert_int_equal(status_of(f, 0), 403);
    assert_int_equal(status_of(f, 1), 403);
    assert_int_equal(f->refused_count, 2);
    assert_string_equal(f->refused.subject, "an unknown path");
    fixture_destroy(f);
}

static void a_file_that_is_no_certificate_is_told(void **state)
{
    struct err err;

    (void)state;
    assert_null(pem_read("/no/such/file", &err));
    assert_non_null(strstr(err.text, "cannot be read"));
    assert_null(pem_read("/etc/passwd", &err));
    assert_non_null(strstr(err.text, "no PEM"));
    assert_null(pem_read("/dev/zero", &err));
    assert_non_null(strstr(err.text, "no PEM"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_highest_group_counts),
        cmocka_unit_test(a_role_whose_group_is_missing_has_no_members),
        cmocka_unit_test(a_route_that_names_no_role_takes_installers_only),
        cmocka_unit_test(every_act_says_whose_it_is_in_its_row),
        cmocka_unit_test(each_role_may_what_the_table_of_routes_says),
        cmocka_unit_test(a_user_without_a_role_is_cut_off_and_takes_no_place),
        cmocka_unit_test(guessing_a_token_is_slowed_down),
        cmocka_unit_test(many_addresses_together_guess_no_faster_than_the_places_allow),
        cmocka_unit_test(commands_over_tcp_are_refused_and_recorded),
        cmocka_unit_test(a_file_that_is_no_certificate_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
