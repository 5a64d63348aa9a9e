/*
 * The control socket. Clients stand in a small pool; one that sends too long a line is let go.
 */
#include "tests/parksim/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/parksim/sim.h"

enum { CLIENTS = 8, COMMAND_SIZE = 512 };

struct client {
    struct control *control;
    struct loop_watch watch;
    char line[COMMAND_SIZE];
    size_t used;
};

struct control {
    struct loop *loop;
    struct loop_watch listener;
    char path[sizeof((struct sockaddr_un *)0)->sun_path];
    const struct control_command *commands;
    void *arg;
    struct client clients[CLIENTS];
};

static void client_close(struct client *client)
{
    int fd = client->watch.fd;
    if (fd < 0)
        return;
    loop_unwatch(client->control->loop, &client->watch);
    close(fd);
}

static void run_command(struct control *control, char *line, FILE *out)
{
    char *words[CONTROL_WORDS + 1] = {NULL};
    char *save = NULL;
    int count = 0;
    for (char *w = strtok_r(line, " \t\r", &save); w && count <= CONTROL_WORDS;
         w = strtok_r(NULL, " \t\r", &save))
        words[count++] = w;
    for (const struct control_command *c = control->commands; count && c->name; c++) {
        if (strcmp(c->name, words[0]) != 0)
            continue;
        if (count < c->min || count > c->max)
            fprintf(out, "error: the form is: %s", c->form);
        else
            c->run(control->arg, words, out);
        return;
    }
    fputs("error: commands are:", out);
    for (const struct control_command *c = control->commands; c->name; c++)
        fprintf(out, " %s", c->name);
}

static void answer(struct client *client, char *line)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        sim_fail("out of memory");
    run_command(client->control, line, out);
    fputc('\n', out);
    if (fclose(out) != 0)
        sim_fail("out of memory");
    if (send(client->watch.fd, text, size, MSG_NOSIGNAL) != (ssize_t)size)
        client_close(client);
    free(text);
}

static void client_readable(void *arg)
{
    struct client *client = arg;
    ssize_t got = recv(client->watch.fd, client->line + client->used, COMMAND_SIZE - client->used,
                       MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        client_close(client);
        return;
    }
    client->used += (size_t)got;
    char *end;
    while (client->watch.fd >= 0 && (end = memchr(client->line, '\n', client->used))) {
        size_t taken = (size_t)(end - client->line) + 1;
        *end = '\0';
        answer(client, client->line);
        client->used -= taken;
        memmove(client->line, client->line + taken, client->used);
    }
    if (client->used == COMMAND_SIZE)
        client_close(client);
}

static void accept_client(void *arg)
{
    struct control *control = arg;
    int fd = accept4(control->listener.fd, NULL, NULL, SOCK_CLOEXEC);
    for (int i = 0; fd >= 0 && i < CLIENTS; i++) {
        struct client *client = &control->clients[i];
        if (client->watch.fd >= 0)
            continue;
        client->used = 0;
        loop_watch(control->loop, &client->watch, fd);
        return;
    }
    if (fd >= 0)
        close(fd);
}

static struct sockaddr_un address_of(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        sim_fail("%s: too long for a socket's path", path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    return address;
}

struct control *control_create(struct loop *loop, const char *path,
                               const struct control_command *commands, void *arg)
{
    struct control *control = sim_alloc(1, sizeof *control);
    struct sockaddr_un address = address_of(path);
    memcpy(control->path, address.sun_path, sizeof control->path);
    control->loop = loop;
    control->commands = commands;
    control->arg = arg;
    control->listener = (struct loop_watch){.fd = -1, .fn = accept_client, .arg = control};
    for (int i = 0; i < CLIENTS; i++) {
        struct client *client = &control->clients[i];
        client->control = control;
        client->watch = (struct loop_watch){.fd = -1, .fn = client_readable, .arg = client};
    }
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(fd, CLIENTS) < 0)
        sim_fail("%s: %s", path, strerror(errno));
    loop_watch(loop, &control->listener, fd);
    return control;
}

void control_destroy(struct control *control)
{
    if (!control)
        return;
    for (int i = 0; i < CLIENTS; i++)
        client_close(&control->clients[i]);
    int fd = control->listener.fd;
    loop_unwatch(control->loop, &control->listener);
    close(fd);
    unlink(control->path);
    free(control);
}

int control_send(const char *path, const char *command)
{
    struct sockaddr_un address = address_of(path);
    char answer_line[4096] = "";
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        sim_fail("%s: %s; is parksim running?", path, strerror(errno));
    FILE *stream = fdopen(fd, "r+");
    if (!stream)
        sim_fail("%s: %s", path, strerror(errno));
    fprintf(stream, "%s\n", command);
    fflush(stream);
    bool first = true, refused = true;
    while (fgets(answer_line, sizeof answer_line, stream)) {
        if (first)
            refused = strncmp(answer_line, "error", 5) == 0;
        first = false;
        fputs(answer_line, stdout);
        if (strchr(answer_line, '\n'))
            break;
    }
    fclose(stream);
    return refused;
}
