/* long: the library is included by one file */
/*
 * The HTTP server over libmicrohttpd; the only file that includes it. See http.h.
 *
 * The library runs without threads: its epoll descriptor is watched by the loop, and a timer is set
 * from MHD_get_timeout() after every turn, because a connection that waits for time alone makes no
 * descriptor ready. A connection that we owe an answer, or a stream with nothing to say, is
 * suspended; only a suspended connection costs no turns. No POST processor is used (it had
 * CVE-2023-27371), and no select().
 */
#include "daemon/serve/http.h"

#include <assert.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/memory.h"
#include "daemon/serve/body.h"
#include "daemon/serve/senders.h"

enum {
    CONNECTION_MEMORY = 16 * 1024, /* of one connection: its headers and what is being written */
    STREAM_BLOCK = 8 * 1024,
    COMPLAINTS_PER_MINUTE = 6,
    MS_PER_S = 1000,
    LOOK_MS = 1000 /* it may listen again without a descriptor that says so */
};

struct http_server {
    struct MHD_Daemon *daemon;
    struct loop_watch *watch;
    struct loop_timer *timer;
    struct http_hooks hooks;
    struct http_exchange *exchanges; /* all that live, newest first */
    struct body_pool bodies;
    struct senders *senders;
    struct log_limit complaints;
    bool again; /* there is something to do at once: MHD_get_timeout() does not know */
};

struct http_exchange {
    struct http_server *server;
    struct MHD_Connection *connection;
    struct MHD_Response *response; /* waits to be queued */
    int status;
    bool started;   /* the headers have been looked at */
    bool told;      /* hooks->request has been called */
    bool suspended; /* by us: the answer, or the stream's next bytes, are not there yet */
    bool closing;   /* the server is being destroyed: nothing is suspended any more */
    bool dropped;   /* instead of an answer */
    bool written;   /* the answer, whole */
    http_fill_fn *fill;
    void *fill_arg;
    struct http_exchange *next, **link;
    struct body body;
};

/* These go with every answer: nothing from elsewhere is loaded, shown in a frame or guessed at. */
static const struct {
    const char *name, *value;
} headers[] = {
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
     "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
};

static void __attribute__((format(printf, 2, 0)))
complain(void *arg, const char *format, va_list args)
{
    struct http_server *server = arg;
    char line[256];

    vsnprintf(line, sizeof line, format, args);
    line[strcspn(line, "\r\n")] = '\0';
    if (log_allow(&server->complaints, clock_mono(), COMPLAINTS_PER_MINUTE))
        log_debug("http: %s", line);
}

/* The next turn of the library comes from here, never from inside one of its callbacks. */
static void schedule(struct http_server *server)
{
    MHD_UNSIGNED_LONG_LONG delay_ms = server->again ? 0 : LOOK_MS;

    if (!server->again)
        MHD_get_timeout(server->daemon, &delay_ms);
    loop_timer_after(server->timer, delay_ms < LOOK_MS ? (int64_t)delay_ms : LOOK_MS);
}

static void turn(void *arg)
{
    struct http_server *server = arg;

    server->again = false;
    MHD_run(server->daemon);
    schedule(server);
}

static void on_ready(void *arg, unsigned events)
{
    (void)events;
    turn(arg);
}

static void suspend(struct http_exchange *exchange)
{
    if (exchange->closing)
        return;
    exchange->suspended = true;
    MHD_suspend_connection(exchange->connection);
}

static void resume(struct http_exchange *exchange)
{
    if (!exchange->suspended)
        return;
    exchange->suspended = false;
    MHD_resume_connection(exchange->connection);
    exchange->server->again = true;
    loop_timer_after(exchange->server->timer, 0);
}

static struct http_exchange *exchange_new(struct http_server *server,
                                          struct MHD_Connection *connection)
{
    struct http_exchange *exchange = memory_new(1, sizeof *exchange);

    exchange->server = server;
    exchange->connection = connection;
    exchange->next = server->exchanges;
    exchange->link = &server->exchanges;
    if (exchange->next)
        exchange->next->link = &exchange->next;
    server->exchanges = exchange;
    return exchange;
}

static void exchange_release(struct http_exchange *exchange)
{
    *exchange->link = exchange->next;
    if (exchange->next)
        exchange->next->link = exchange->link;
    if (exchange->response)
        MHD_destroy_response(exchange->response);
    body_free(&exchange->server->bodies, &exchange->body);
    free(exchange);
}

/* NULL of a connection that was not let in. */
static struct sender *sender_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode why)
{
    struct http_server *server = arg;
    struct http_exchange *exchange = *context;

    struct sender *sender = sender_of(connection);

    if (sender)
        sender_again(sender);
    if (!exchange)
        return;
    exchange->written = why == MHD_REQUEST_TERMINATED_COMPLETED_OK && !exchange->dropped;
    server->hooks.closed(server->hooks.arg, exchange);
    exchange_release(exchange);
    *context = NULL;
}

/* A connection cannot be refused here, but one that is shut down reads as ended. And at the bound
 * of connections the library listens again in the turn after one has ended: so there is such a
 * turn. */
static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct http_server *server = arg;
    int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;

    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        senders_remove(*context);
        *context = NULL;
        server->again = true;
    } else if (server->hooks.opened(server->hooks.arg, fd)) {
        *context = senders_add(server->senders, fd);
    } else {
        shutdown(fd, SHUT_RDWR);
    }
}

static enum MHD_Result send_response(struct http_exchange *exchange)
{
    struct MHD_Response *response = exchange->response;

    exchange->response = NULL;
    enum MHD_Result queued =
        MHD_queue_response(exchange->connection, (unsigned)exchange->status, response);
    MHD_destroy_response(response);
    return queued;
}

static bool announces_too_much(const struct http_exchange *exchange)
{
    const char *length = http_exchange_header(exchange, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return length && strtoull(length, NULL, 10) > exchange->server->bodies.each_max;
}

static enum MHD_Result refuse_size(struct http_exchange *exchange)
{
    char *body = memory_format("{\"error\":\"the request's body is longer than %zu bytes\"}\n",
                               exchange->server->bodies.each_max);

    exchange->told = true;
    http_exchange_answer(exchange, &(struct http_answer){.status = MHD_HTTP_CONTENT_TOO_LARGE,
                                                         .type = "application/json",
                                                         .body = body,
                                                         .size = strlen(body)});
    return send_response(exchange);
}

/* A body of unannounced length that outgrows its bound is not worth reading to its end; nor is one
 * for which there is no room beside the others. */
static enum MHD_Result take_body(struct http_exchange *exchange, const char *data, size_t *size)
{
    if (!body_take(&exchange->server->bodies, &exchange->body, data, *size))
        return MHD_NO;
    *size = 0;
    return MHD_YES;
}

static void tell(struct http_exchange *exchange, const char *method, const char *path)
{
    const struct http_hooks *hooks = &exchange->server->hooks;
    struct body *body = &exchange->body;
    struct http_request request = {method, path, body->bytes ? body->bytes : "", body->used};
    struct sender *sender = sender_of(exchange->connection);

    if (sender)
        sender_is_done(sender);
    exchange->told = true;
    hooks->request(hooks->arg, exchange, &request);
    body_free(&exchange->server->bodies, body); /* an answer may wait long; its request need not */
}

/* The library calls this first with the headers, then for each piece of the body, then for the
 * answer, and again after each resumption. */
static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **context)
{
    struct http_server *server = arg;
    struct http_exchange *exchange = *context;

    (void)version;
    if (!exchange)
        *context = exchange = exchange_new(server, connection);
    if (!exchange->started) {
        exchange->started = true;
        return announces_too_much(exchange) ? refuse_size(exchange) : MHD_YES;
    }
    if (*upload_size > 0)
        return take_body(exchange, upload, upload_size);
    if (!exchange->told)
        tell(exchange, method, url);
    if (exchange->dropped)
        return MHD_NO;
    if (exchange->response)
        return send_response(exchange);
    suspend(exchange);
    return MHD_YES;
}

/* "%00" may not cut off what follows it: such a path would be another one. */
static size_t unescape(void *arg, struct MHD_Connection *connection, char *text)
{
    size_t size = MHD_http_unescape(text);

    (void)arg;
    (void)connection;
    for (char *hole = text; (hole = memchr(hole, '\0', size - (size_t)(hole - text)));)
        *hole = '\n';
    return size;
}

static struct MHD_Daemon *start(struct http_server *server, int fd,
                                const struct http_limits *limits)
{
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
                     (limits->certificate ? MHD_USE_TLS : 0);
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (char *)limits->certificate},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (char *)limits->key},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (char *)"SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
        {MHD_OPTION_END, 0, NULL},
    };
    /* clang-format off */
    return MHD_start_daemon(flags, 0, NULL, NULL, on_request, server,
                            MHD_OPTION_EXTERNAL_LOGGER, complain, server,
                            MHD_OPTION_LISTEN_SOCKET, fd,
                            MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
                            MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
                            MHD_OPTION_CONNECTION_LIMIT, limits->connections,
                            MHD_OPTION_PER_IP_CONNECTION_LIMIT, limits->per_address,
                            MHD_OPTION_CONNECTION_TIMEOUT, limits->idle_s,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
                            MHD_OPTION_STRICT_FOR_CLIENT, 1,
                            MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL,
                            MHD_OPTION_ARRAY, limits->certificate ? tls : tls + 3,
                            MHD_OPTION_END);
    /* clang-format on */
}

struct http_server *http_server_create(struct loop *loop, int fd, const struct http_limits *limits,
                                       const struct http_hooks *hooks, struct err *err)
{
    struct http_server *server = memory_new(1, sizeof *server);

    server->hooks = *hooks;
    server->bodies.each_max = limits->body_max ? limits->body_max : HTTP_REQUEST_BODY_MAX;
    server->bodies.all_max = limits->bodies_max ? limits->bodies_max : SIZE_MAX;
    server->senders = senders_create(loop, (int64_t)limits->request_s * MS_PER_S);
    server->timer = loop_timer(loop, turn, server);
    server->daemon = start(server, fd, limits);
    if (!server->daemon) {
        err_set(err, "http: no server; look at certificate, key and open descriptors");
        close(fd);
        goto failed;
    }
    int fds = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    server->watch = loop_watch(loop, fds, LOOP_READ, on_ready, server, err);
    if (!server->watch)
        goto failed;
    schedule(server);
    return server;

failed:
    http_server_destroy(server);
    return NULL;
}

void http_server_destroy(struct http_server *server)
{
    if (!server)
        return;
    for (struct http_exchange *e = server->exchanges; e; e = e->next) {
        e->closing = true;
        resume(e); /* the library must not be stopped with a suspended connection */
    }
    loop_unwatch(server->watch);
    if (server->daemon)
        MHD_stop_daemon(server->daemon); /* tells hooks->closed of each */
    senders_destroy(server->senders);
    loop_timer_destroy(server->timer);
    free(server);
}

const char *http_exchange_header(const struct http_exchange *exchange, const char *name)
{
    return MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name);
}

const char *http_exchange_query(const struct http_exchange *exchange, const char *key)
{
    return MHD_lookup_connection_value(exchange->connection, MHD_GET_ARGUMENT_KIND, key);
}

int http_exchange_socket(const struct http_exchange *exchange)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    return info ? info->connect_fd : -1;
}

/* Takes `response`; it leaves from on_request(), where the library wants it queued. */
static void answer_with(struct http_exchange *exchange, int status, const char *type,
                        struct MHD_Response *response)
{
    assert(exchange->told && !exchange->response);
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        MHD_add_response_header(response, headers[i].name, headers[i].value);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    exchange->status = status;
    exchange->response = response;
    resume(exchange);
}

void http_exchange_answer(struct http_exchange *exchange, const struct http_answer *answer)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        answer->size, answer->body,
        answer->constant ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_FREE);

    if (answer->allow)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, answer->allow);
    answer_with(exchange, answer->status, answer->type, response);
}

void http_exchange_drop(struct http_exchange *exchange)
{
    assert(exchange->told && !exchange->response);
    exchange->dropped = true;
    resume(exchange);
}

bool http_exchange_written(const struct http_exchange *exchange)
{
    return exchange->written;
}

static ssize_t read_stream(void *arg, uint64_t position, char *bytes, size_t size)
{
    struct http_exchange *exchange = arg;

    (void)position;
    ssize_t filled = exchange->fill(exchange->fill_arg, bytes, size);
    if (filled < 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (filled == 0)
        suspend(exchange);
    return filled;
}

void http_exchange_stream(struct http_exchange *exchange, const char *type, http_fill_fn *fill,
                          void *arg)
{
    exchange->fill = fill;
    exchange->fill_arg = arg;
    answer_with(exchange, MHD_HTTP_OK, type,
                MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, read_stream,
                                                  exchange, NULL));
}

void http_exchange_wake(struct http_exchange *exchange)
{
    if (exchange->fill)
        resume(exchange);
}
