/* Listening sockets. See listener.h. */
#include "daemon/serve/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 32, ADDRESS_SIZE = 64 };

union address {
    struct sockaddr any;
    struct sockaddr_in ip4;
    struct sockaddr_in6 ip6;
    struct sockaddr_un local;
};

static bool parse_port(const char *text, in_port_t *ret)
{
    char *end = NULL;
    long port = strtol(text, &end, 10);

    if (end == text || *end != '\0' || port < 0 || port > UINT16_MAX)
        return false;
    *ret = htons((uint16_t)port);
    return true;
}

static bool parse_tcp(const char *text, union address *ret, socklen_t *ret_size)
{
    char host[ADDRESS_SIZE];
    const char *colon = strrchr(text, ':');
    size_t size = colon ? (size_t)(colon - text) : 0;

    if (size == 0 || size >= sizeof host)
        return false;
    memcpy(host, text, size);
    host[size] = '\0';

    union address address = {.any.sa_family = AF_UNSPEC};
    if (host[0] == '[' && host[size - 1] == ']') {
        host[size - 1] = '\0';
        address.ip6.sin6_family = AF_INET6;
        if (inet_pton(AF_INET6, host + 1, &address.ip6.sin6_addr) != 1 ||
            !parse_port(colon + 1, &address.ip6.sin6_port))
            return false;
        *ret_size = sizeof address.ip6;
    } else {
        address.ip4.sin_family = AF_INET;
        if (inet_pton(AF_INET, host, &address.ip4.sin_addr) != 1 ||
            !parse_port(colon + 1, &address.ip4.sin_port))
            return false;
        *ret_size = sizeof address.ip4;
    }
    *ret = address;
    return true;
}

static int new_socket(int family, struct err *err)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        err_errno(err, "a socket cannot be made");
    return fd;
}

int listener_tcp(const char *text, struct err *err)
{
    union address address;
    socklen_t size = 0;
    int on = 1;

    if (!parse_tcp(text, &address, &size)) {
        err_set(err, "cannot listen on \"%s\": write an address and a port, as 127.0.0.1:8080",
                text);
        return -1;
    }
    int fd = new_socket(address.any.sa_family, err);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, &address.any, size) < 0 || listen(fd, BACKLOG) < 0) {
        err_errno(err, "cannot listen on %s (is another parkd running? ss -ltnp shows who has it)",
                  text);
        close(fd);
        return -1;
    }
    return fd;
}

static union address own_address(int fd)
{
    union address address = {.any.sa_family = AF_UNSPEC};
    socklen_t size = sizeof address;

    getsockname(fd, &address.any, &size);
    return address;
}

bool listener_is_loopback(int fd)
{
    union address address = own_address(fd);

    if (address.any.sa_family == AF_INET)
        return ntohl(address.ip4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    return address.any.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&address.ip6.sin6_addr);
}

uint16_t listener_port(int fd)
{
    union address address = own_address(fd);

    return ntohs(address.any.sa_family == AF_INET6 ? address.ip6.sin6_port : address.ip4.sin_port);
}

static bool someone_answers(const union address *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool answers = fd >= 0 && connect(fd, &address->any, sizeof address->local) == 0;

    if (fd >= 0)
        close(fd);
    return answers;
}

/* Only a socket is ever removed: a mistyped path must not cost a file. */
static bool clear_path(const char *path, const union address *address, struct err *err)
{
    struct stat st;

    if (lstat(path, &st) < 0)
        return true;
    if (!S_ISSOCK(st.st_mode))
        return err_set(err, "control socket: %s is there and is no socket; give another path",
                       path);
    if (someone_answers(address))
        return err_set(err, "control socket: another parkd answers at %s; stop it first", path);
    unlink(path);
    return true;
}

/* Anybody may connect; who may stay is decided by what the kernel says of him (role.h), which a
 * mode and one group could not tell. */
static bool bind_local(int fd, const union address *address, struct err *err)
{
    const char *path = address->local.sun_path;

    if (bind(fd, &address->any, sizeof address->local) < 0)
        return err_errno(err, "control socket: %s cannot be made (does its directory exist?)",
                         path);
    if (chmod(path, 0666) < 0 || listen(fd, BACKLOG) < 0)
        return err_errno(err, "control socket: %s", path);
    return true;
}

int listener_local(const char *path, struct err *err)
{
    union address address = {.local.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof address.local.sun_path) {
        err_set(err, "control socket: %s is longer than %zu bytes; give a shorter path", path,
                sizeof address.local.sun_path - 1);
        return -1;
    }
    strcpy(address.local.sun_path, path);
    if (!clear_path(path, &address, err))
        return -1;
    int fd = new_socket(AF_UNIX, err);
    if (fd < 0)
        return -1;
    if (!bind_local(fd, &address, err)) {
        close(fd);
        return -1;
    }
    return fd;
}

void listener_peer(int fd, struct budget_address *ret, char *name, size_t size)
{
    union address address = {.any.sa_family = AF_UNSPEC};
    socklen_t address_size = sizeof address;
    char text[INET6_ADDRSTRLEN] = "nobody";

    *ret = (struct budget_address){{0}};
    getpeername(fd, &address.any, &address_size);
    if (address.any.sa_family == AF_INET) {
        memcpy(ret->bytes, &address.ip4.sin_addr, sizeof address.ip4.sin_addr);
        inet_ntop(AF_INET, &address.ip4.sin_addr, text, sizeof text);
    } else if (address.any.sa_family == AF_INET6) {
        memcpy(ret->bytes, &address.ip6.sin6_addr, sizeof ret->bytes);
        inet_ntop(AF_INET6, &address.ip6.sin6_addr, text, sizeof text);
    }
    snprintf(name, size, "%s", text);
}

void listener_peer_address(int fd, char ret[LISTENER_ADDRESS])
{
    union address address = {.any.sa_family = AF_UNSPEC};
    socklen_t size = sizeof address;
    const void *bytes = NULL;
    int family = AF_INET;

    ret[0] = '\0';
    if (getpeername(fd, &address.any, &size) < 0)
        return;
    if (address.any.sa_family == AF_INET) {
        bytes = &address.ip4.sin_addr;
    } else if (address.any.sa_family == AF_INET6) {
        bool mapped = IN6_IS_ADDR_V4MAPPED(&address.ip6.sin6_addr);
        family = mapped ? AF_INET : AF_INET6;
        bytes = address.ip6.sin6_addr.s6_addr + (mapped ? 12 : 0);
    }
    if (bytes)
        inet_ntop(family, bytes, ret, LISTENER_ADDRESS);
}

bool listener_is_from(const char *const *from, uint32_t count, const char *address)
{
    for (uint32_t i = 0; i < count; i++)
        if (!strcmp(from[i], address))
            return true;
    return count == 0;
}
