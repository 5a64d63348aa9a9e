/*
 * Bringing lines up and down: listening sockets, and ptys with a symbolic link as their name.
 */
#include "tests/parksim/line.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "tests/parksim/sim.h"

static void accept_pollers(void *arg)
{
    struct line *line = arg;
    int fd;
    while ((fd = accept4(line->listener.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (!poller_open(line, fd))
            close(fd);
    }
}

static void tcp_up(struct line *line)
{
    struct plan_line *plan = line->plan;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(plan->port)};
    socklen_t size = sizeof address;
    int on = 1;
    if (inet_pton(AF_INET, plan->host, &address.sin_addr) != 1)
        sim_fail("line %s: %s is no IPv4 address", plan->id, plan->host);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, LINE_POLLERS) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        sim_fail("line %s: %s:%u: %s", plan->id, plan->host, plan->port, strerror(errno));
    plan->port = ntohs(address.sin_port);
    loop_watch(line->loop, &line->listener, fd);
}

static void tcp_down(struct line *line)
{
    int fd = line->listener.fd;
    loop_unwatch(line->loop, &line->listener);
    close(fd);
}

/* Puts the link in place, in the room of an older link only. */
static void make_link(const struct plan_line *plan, const char *target)
{
    struct stat status;
    if (lstat(plan->link, &status) == 0 && S_ISLNK(status.st_mode))
        unlink(plan->link);
    if (symlink(target, plan->link) < 0)
        sim_fail("line %s: %s: %s", plan->id, plan->link, strerror(errno));
}

static void pty_up(struct line *line)
{
    char name[PLAN_PATH];
    struct termios raw;
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0 || ptsname_r(fd, name, sizeof name) != 0)
        sim_fail("line %s: pty: %s", line->plan->id, strerror(errno));
    line->slave_fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (line->slave_fd < 0 || tcgetattr(line->slave_fd, &raw) < 0)
        sim_fail("line %s: %s: %s", line->plan->id, name, strerror(errno));
    cfmakeraw(&raw);
    tcsetattr(line->slave_fd, TCSANOW, &raw);
    make_link(line->plan, name);
    poller_open(line, fd);
}

static void pty_down(struct line *line)
{
    unlink(line->plan->link);
    close(line->slave_fd);
    line->slave_fd = -1;
}

static bool is_up(const struct line *line)
{
    return line->listener.fd >= 0 || line->slave_fd >= 0;
}

void line_up(struct line *line)
{
    if (is_up(line))
        return;
    if (line->plan->type == PLAN_PTY)
        pty_up(line);
    else
        tcp_up(line);
    truth_note(line->field->truth, line->plan->id, "up");
}

void line_down(struct line *line)
{
    if (!is_up(line))
        return;
    for (int i = 0; i < LINE_POLLERS; i++)
        poller_close(&line->pollers[i]);
    if (line->plan->type == PLAN_PTY)
        pty_down(line);
    else
        tcp_down(line);
    truth_note(line->field->truth, line->plan->id, "down");
}

struct line *line_create(struct loop *loop, struct field *field, struct plan *plan, uint32_t index)
{
    struct line *line = sim_alloc(1, sizeof *line);
    line->loop = loop;
    line->field = field;
    line->plan = &plan->lines[index];
    line->index = index;
    line->framing = line->plan->type == PLAN_TCP ? &framing_mbap : &framing_rtu;
    line->listener = (struct loop_watch){.fd = -1, .fn = accept_pollers, .arg = line};
    line->slave_fd = -1;
    for (int i = 0; i < LINE_POLLERS; i++) {
        line->pollers[i].line = line;
        line->pollers[i].watch.fd = -1;
    }
    return line;
}

void line_destroy(struct line *line)
{
    line_down(line);
    free(line);
}
