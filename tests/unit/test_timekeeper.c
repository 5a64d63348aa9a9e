/* Whether the clock is synchronised, in a sandbox that keeps its programs from asking the kernel: a
 * child in such a sandbox asks a time service that this test plays, on a bus of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/timekeeper.h"

enum { LOOK_MS = 20, PATIENCE_MS = 10000, SHORT_MS = 300 };

enum service {
    SERVICE_NONE,
    SERVICE_SILENT,
    SERVICE_GOES,
    SERVICE_REFUSES,
    SERVICE_OTHER,
    SERVICE_NO,
    SERVICE_YES
};
enum seen { SEEN_SYNCHRONISED, SEEN_NOT, SEEN_NO_SANDBOX };

/* Inside the child: looks until the clock is called synchronised, or for as long as it is given. */
struct looker {
    struct loop *loop;
    struct loop_timer *timer;
    struct timekeeper *keeper;
    int64_t left_ms;
};

static void look(void *arg)
{
    struct looker *looker = arg;

    looker->left_ms -= LOOK_MS;
    if (timekeeper_synchronised(looker->keeper))
        loop_stop(looker->loop, SEEN_SYNCHRONISED);
    else if (looker->left_ms <= 0)
        loop_stop(looker->loop, SEEN_NOT);
    else
        loop_timer_after(looker->timer, LOOK_MS);
}

static bool forbid_asking_for_the_clock(void)
{
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clock_adjtime, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_adjtimex, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1 /* EPERM */),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof program / sizeof *program, program};
    bool known;

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
        return false;
    clock_synchronised(&known);
    return !known;
}

static enum seen in_the_sandbox(int64_t patience_ms)
{
    struct err err;
    struct looker looker = {.loop = loop_create(&err), .left_ms = patience_ms};

    if (!forbid_asking_for_the_clock())
        return SEEN_NO_SANDBOX;
    looker.timer = loop_timer(looker.loop, look, &looker);
    looker.keeper = timekeeper_create(looker.loop);
    loop_timer_after(looker.timer, LOOK_MS);
    int seen = loop_run(looker.loop, &err);
    timekeeper_destroy(looker.keeper);
    loop_timer_destroy(looker.timer);
    loop_destroy(looker.loop);
    return (enum seen)seen;
}

/* The bus and the service in one. */
static int on_call(sd_bus_message *call, void *arg, sd_bus_error *error)
{
    enum service service = *(const enum service *)arg;

    if (sd_bus_message_is_method_call(call, "org.freedesktop.DBus", "Hello"))
        return sd_bus_reply_method_return(call, "s", ":1.1");
    if (!sd_bus_message_is_method_call(call, "org.freedesktop.DBus.Properties", "Get"))
        return 0;
    if (service == SERVICE_GOES)
        sd_bus_close(sd_bus_message_get_bus(call));
    if (service == SERVICE_SILENT || service == SERVICE_GOES)
        return 1;
    if (service == SERVICE_REFUSES)
        return sd_bus_error_set_const(error, "org.freedesktop.DBus.Error.ServiceUnknown", "none");
    if (service == SERVICE_OTHER)
        return sd_bus_reply_method_return(call, "v", "s", "yes");
    return sd_bus_reply_method_return(call, "v", "b", service == SERVICE_YES);
}

static sd_bus *take_client(int listening, enum service *service)
{
    struct pollfd coming = {.fd = listening, .events = POLLIN};
    sd_bus *bus = NULL;
    sd_id128_t id = {.bytes = {1}};

    if (poll(&coming, 1, LOOK_MS) <= 0)
        return NULL;
    int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    assert_true(fd >= 0);
    assert_true(sd_bus_new(&bus) >= 0 && sd_bus_set_fd(bus, fd, fd) >= 0);
    assert_true(sd_bus_set_server(bus, 1, id) >= 0 && sd_bus_set_trusted(bus, 1) >= 0);
    assert_true(sd_bus_add_filter(bus, NULL, on_call, service) >= 0 && sd_bus_start(bus) >= 0);
    return bus;
}

/* Serves until the child has ended; what it saw. */
static enum seen serve(int listening, enum service service, pid_t child)
{
    sd_bus *bus = NULL;
    int status = 0;

    while (waitpid(child, &status, WNOHANG) == 0) {
        if (!bus)
            bus = take_client(listening, &service);
        while (bus && sd_bus_process(bus, NULL) > 0)
            continue;
        if (bus)
            sd_bus_wait(bus, LOOK_MS * 1000);
    }
    sd_bus_close_unref(bus);
    assert_true(WIFEXITED(status));
    return (enum seen)WEXITSTATUS(status);
}

static enum seen what_is_seen(enum service service, int64_t patience_ms)
{
    char folder[] = "/tmp/parkd-bus-XXXXXX", address[64];
    struct sockaddr_un path = {.sun_family = AF_UNIX};

    assert_non_null(mkdtemp(folder));
    snprintf(path.sun_path, sizeof path.sun_path, "%s/bus", folder);
    snprintf(address, sizeof address, "unix:path=%s", path.sun_path);
    int listening = -1;
    if (service != SERVICE_NONE) {
        listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(listening, (struct sockaddr *)&path, sizeof path), 0);
        assert_int_equal(listen(listening, 4), 0);
    }
    fflush(NULL); /* the child leaves by exit(), which counts what it reached */
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1);
        close(listening);
        exit(in_the_sandbox(patience_ms));
    }
    enum seen seen = serve(listening, service, child);
    close(listening);
    unlink(path.sun_path);
    assert_int_equal(rmdir(folder), 0);
    return seen;
}

static void the_time_service_is_asked_where_the_kernel_may_not_be(void **state)
{
    (void)state;
    assert_int_equal(what_is_seen(SERVICE_YES, PATIENCE_MS), SEEN_SYNCHRONISED);
}

static void a_clock_that_nobody_vouches_for_is_not_called_synchronised(void **state)
{
    (void)state;
    for (enum service service = SERVICE_NONE; service < SERVICE_YES; service++)
        assert_int_equal(what_is_seen(service, SHORT_MS), SEEN_NOT);
}

static void where_the_kernel_answers_it_is_believed(void **state)
{
    struct err err;
    struct looker looker = {.loop = loop_create(&err), .left_ms = SHORT_MS};
    bool known, synchronised = clock_synchronised(&known);

    (void)state;
    looker.timer = loop_timer(looker.loop, look, &looker);
    looker.keeper = timekeeper_create(looker.loop);
    loop_timer_after(looker.timer, LOOK_MS);
    int seen = loop_run(looker.loop, &err);
    if (known)
        assert_int_equal(seen, synchronised ? SEEN_SYNCHRONISED : SEEN_NOT);
    timekeeper_destroy(looker.keeper);
    timekeeper_destroy(NULL);
    loop_timer_destroy(looker.timer);
    loop_destroy(looker.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_time_service_is_asked_where_the_kernel_may_not_be),
        cmocka_unit_test(a_clock_that_nobody_vouches_for_is_not_called_synchronised),
        cmocka_unit_test(where_the_kernel_answers_it_is_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
