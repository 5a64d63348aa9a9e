/* Listening sockets: which addresses are taken, what a local socket may replace, and who is at the
 * other end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/serve/listener.h"

static char folder[] = "/tmp/parkd-test-listener-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void dial(int listener, int family, int ret[2])
{
    struct sockaddr_storage at = {.ss_family = (sa_family_t)family};
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&at;
    struct sockaddr_in *four = (struct sockaddr_in *)&at;

    if (family == AF_INET) {
        four->sin_port = htons(listener_port(listener));
        four->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else {
        six->sin6_port = htons(listener_port(listener));
        six->sin6_addr = in6addr_loopback;
    }
    ret[0] = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(
        connect(ret[0], (struct sockaddr *)&at, family == AF_INET ? sizeof *four : sizeof *six), 0);
    ret[1] = accept(listener, NULL, NULL);
    assert_true(ret[1] >= 0);
}

static void hang_up(int fds[2])
{
    close(fds[0]);
    close(fds[1]);
}

static void an_address_is_a_literal_and_a_port(void **state)
{
    static const char *const wrong[] = {
        "",          "127.0.0.1",    "127.0.0.1:",   "127.0.0.1:x",
        ":8080",     "127.0.0.1:8x", "127.0.0.1:-1", "127.0.0.1:65536",
        "gate:8080", "[::1]",        "[::1]:",       "[::1]:x",
        "[gate]:80", "::1:80",       "[::1:80",      "[:80"};
    char longest[200];
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(listener_tcp(wrong[i], &err), -1);
        assert_non_null(strstr(err.text, "write an address and a port, as 127.0.0.1:8080"));
    }
    memset(longest, '1', sizeof longest);
    strcpy(longest + sizeof longest - 4, ":80");
    assert_int_equal(listener_tcp(longest, &err), -1);
}

static void each_family_tells_its_port_and_who_is_there(void **state)
{
    static const struct {
        const char *text, *peer;
        int family;
    } rows[] = {{"127.0.0.1:0", "127.0.0.1", AF_INET}, {"[::1]:0", "::1", AF_INET6}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct budget_address address;
        char name[64], told[LISTENER_ADDRESS];
        struct err err;
        int fds[2], fd = listener_tcp(rows[i].text, &err);

        assert_true(fd >= 0);
        assert_true(listener_is_loopback(fd));
        assert_true(listener_port(fd) > 0);
        dial(fd, rows[i].family, fds);
        listener_peer(fds[1], &address, name, sizeof name);
        assert_string_equal(name, rows[i].peer);
        assert_int_equal(address.bytes[0], rows[i].family == AF_INET ? 127 : 0);
        listener_peer_address(fds[1], told);
        assert_string_equal(told, rows[i].peer);
        hang_up(fds);
        close(fd);
    }
}

static void beyond_the_loopback_is_told_as_that(void **state)
{
    static const char *const rows[] = {"0.0.0.0:0", "[::]:0"};
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = listener_tcp(rows[i], &err);

        assert_true(fd >= 0);
        assert_false(listener_is_loopback(fd));
        close(fd);
    }
}

/* As a camera of IPv4 comes to a listener on [::]. */
static void an_ipv4_caller_of_an_ipv6_listener_is_told_as_ipv4(void **state)
{
    char told[LISTENER_ADDRESS];
    struct err err;
    int fds[2], fd = listener_tcp("[::]:0", &err);

    (void)state;
    assert_true(fd >= 0);
    dial(fd, AF_INET, fds);
    listener_peer_address(fds[1], told);
    assert_string_equal(told, "127.0.0.1");
    hang_up(fds);
    close(fd);
}

static void who_has_no_address_is_nobody(void **state)
{
    struct budget_address address;
    char name[64], told[LISTENER_ADDRESS] = "x";
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    listener_peer(pair[0], &address, name, sizeof name);
    assert_string_equal(name, "nobody");
    listener_peer_address(pair[0], told);
    assert_string_equal(told, "");
    assert_false(listener_is_loopback(pair[0]));
    hang_up(pair);
    strcpy(told, "x");
    listener_peer_address(-1, told);
    assert_string_equal(told, "");
}

static void a_port_that_is_taken_says_how_to_find_who_has_it(void **state)
{
    char text[32];
    struct err err;
    int fd = listener_tcp("127.0.0.1:0", &err);

    (void)state;
    snprintf(text, sizeof text, "127.0.0.1:%u", listener_port(fd));
    assert_int_equal(listener_tcp(text, &err), -1);
    assert_non_null(strstr(err.text, "ss -ltnp shows who has it"));
    close(fd);
}

static const char *path_of(const char *name)
{
    static char path[128];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void a_local_socket_is_for_all_to_knock_at_and_replaces_a_dead_one_only(void **state)
{
    const char *path = path_of("control.sock");
    struct stat status;
    struct err err;
    int fd = listener_local(path, &err);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0666);
    assert_int_equal(listener_local(path, &err), -1);
    assert_non_null(strstr(err.text, "another parkd answers"));
    close(fd); /* as a process that was killed leaves it */
    fd = listener_local(path, &err);
    assert_true(fd >= 0);
    close(fd);
    unlink(path);
}

static void a_file_in_its_place_is_left_alone(void **state)
{
    const char *path = path_of("file");
    struct err err;
    FILE *file = fopen(path, "we");

    (void)state;
    fputs("precious", file);
    fclose(file);
    assert_int_equal(listener_local(path, &err), -1);
    assert_non_null(strstr(err.text, "is there and is no socket; give another path"));
    assert_int_equal(access(path, F_OK), 0);
    unlink(path);
}

static void a_place_where_none_can_be_is_said(void **state)
{
    char path[200];
    struct err err;

    (void)state;
    assert_int_equal(listener_local(path_of("none/control.sock"), &err), -1);
    assert_non_null(strstr(err.text, "does its directory exist?"));
    memset(path, 'x', sizeof path);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    assert_int_equal(listener_local(path, &err), -1);
    assert_non_null(strstr(err.text, "is longer than 107 bytes"));
}

static void without_a_descriptor_left_the_reason_is_said(void **state)
{
    struct rlimit was, none;
    struct err err;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    none = (struct rlimit){0, was.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int tcp = listener_tcp("127.0.0.1:0", &err);
    char said[sizeof err.text];
    strcpy(said, err.text);
    int local = listener_local(path_of("control.sock"), &err);
    setrlimit(RLIMIT_NOFILE, &was);
    assert_int_equal(tcp, -1);
    assert_non_null(strstr(said, "a socket cannot be made: Too many open files"));
    assert_int_equal(local, -1);
    assert_non_null(strstr(err.text, "Too many open files"));
}

static void a_list_of_addresses_is_who_may_call_and_an_empty_one_means_any(void **state)
{
    static const char *const from[] = {"192.0.2.7", "fe80::1"};

    (void)state;
    assert_true(listener_is_from(from, 2, "fe80::1"));
    assert_false(listener_is_from(from, 2, "192.0.2.8"));
    assert_false(listener_is_from(from, 1, "fe80::1"));
    assert_true(listener_is_from(from, 0, "192.0.2.8"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_a_literal_and_a_port),
        cmocka_unit_test(each_family_tells_its_port_and_who_is_there),
        cmocka_unit_test(beyond_the_loopback_is_told_as_that),
        cmocka_unit_test(an_ipv4_caller_of_an_ipv6_listener_is_told_as_ipv4),
        cmocka_unit_test(who_has_no_address_is_nobody),
        cmocka_unit_test(a_port_that_is_taken_says_how_to_find_who_has_it),
        cmocka_unit_test(a_local_socket_is_for_all_to_knock_at_and_replaces_a_dead_one_only),
        cmocka_unit_test(a_file_in_its_place_is_left_alone),
        cmocka_unit_test(a_place_where_none_can_be_is_said),
        cmocka_unit_test(without_a_descriptor_left_the_reason_is_said),
        cmocka_unit_test(a_list_of_addresses_is_who_may_call_and_an_empty_one_means_any),
    };

    return cmocka_run_group_tests_name("listener", tests, make_folder, remove_folder);
}
