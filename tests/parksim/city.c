/*
 * HTTP and TLS by libmicrohttpd, driven from the loop through its epoll descriptor. One thread.
 */
#include "tests/parksim/city.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "tests/parksim/sim.h"

enum { BODY_MAX = 1 << 20, HOST_SIZE = 64, CONNECTIONS_MAX = 256, IDLE_S = 60 };

struct city {
    struct loop *loop;
    struct city_context context;
    struct MHD_Daemon *daemon;
    struct loop_watch watch;
    struct loop_timer timer;
    struct exchange *suspended;
    uint64_t connections; /* opened so far */
    uint16_t port;
};

/* One HTTP request from its headers to its answer. */
struct exchange {
    struct city *city;
    struct MHD_Connection *connection;
    char *body;
    size_t size;
    bool too_large, asked, delayed, hung;
    enum trouble_mode trouble;
    struct loop_timer timer;
    struct exchange *next; /* suspended ones */
};

static void run_daemon(void *arg)
{
    struct city *city = arg;
    MHD_UNSIGNED_LONG_LONG wait_ms;
    MHD_run(city->daemon);
    if (MHD_get_timeout(city->daemon, &wait_ms) == MHD_YES)
        loop_at(city->loop, &city->timer, sim_mono_us() + (int64_t)wait_ms * 1000);
    else
        loop_cancel(city->loop, &city->timer);
}

static void resume(void *arg)
{
    struct exchange *exchange = arg;
    struct city *city = exchange->city;
    struct exchange **at = &city->suspended;
    while (*at != exchange)
        at = &(*at)->next;
    *at = exchange->next;
    loop_cancel(city->loop, &exchange->timer);
    MHD_resume_connection(exchange->connection);
    loop_at(city->loop, &city->timer, sim_mono_us());
}

/* The handler is called again once it is resumed. */
static enum MHD_Result suspend(struct exchange *exchange)
{
    struct city *city = exchange->city;
    exchange->next = city->suspended;
    city->suspended = exchange;
    MHD_suspend_connection(exchange->connection);
    return MHD_YES;
}

void city_release(struct city *city)
{
    while (city->suspended)
        resume(city->suspended);
}

/* A TCP reset: the kernel sends one when a connected socket is dissolved. */
static enum MHD_Result reset(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    connect(info->connect_fd, &nowhere, sizeof nowhere);
    return MHD_NO;
}

/* By the platform's clock, which may be wrong. */
static void add_date(const struct exchange *exchange, struct MHD_Response *response)
{
    const struct city_book *book = exchange->city->context.book;
    time_t at = (book ? city_book_now_ms(book) : sim_utc_ms()) / 1000;
    struct tm date;
    char text[64];

    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&at, &date));
    MHD_add_response_header(response, MHD_HTTP_HEADER_DATE, text);
}

static enum MHD_Result send_answer(struct exchange *exchange, struct city_answer *answer)
{
    static const char page_policy[] =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
        "connect-src 'self'";
    const struct city_trouble *trouble = exchange->city->context.trouble;
    char seconds[24];
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(answer->text), answer->text, MHD_RESPMEM_MUST_FREE);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->content_type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    MHD_add_response_header(response, "Content-Security-Policy", page_policy);
    add_date(exchange, response);
    if (exchange->trouble == TROUBLE_STATUS && trouble->retry_after_s) {
        snprintf(seconds, sizeof seconds, "%lld", (long long)trouble->retry_after_s);
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
    }
    enum MHD_Result result =
        MHD_queue_response(exchange->connection, (unsigned)answer->status, response);
    MHD_destroy_response(response);
    return result;
}

static const char *header(struct exchange *exchange, const char *name)
{
    return MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name);
}

static struct city_answer plain_answer(int status, const char *text)
{
    return (struct city_answer){
        .status = status, .content_type = "text/plain", .text = sim_copy(text)};
}

/* The client showed a certificate of the right CA. */
static bool certified(struct exchange *exchange)
{
    unsigned status;
    if (!exchange->city->context.settings->client_ca)
        return true;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return info && gnutls_certificate_verify_peers2(info->tls_session, &status) == 0 && status == 0;
}

/* What befalls a push before it is looked at. True when it goes no further for now. */
static bool befall(struct exchange *exchange, enum MHD_Result *ret)
{
    struct city_trouble *trouble = exchange->city->context.trouble;
    if (exchange->hung) {
        *ret = MHD_NO;
        return true;
    }
    if (!exchange->asked)
        exchange->trouble = city_trouble_next(trouble);
    exchange->asked = true;
    if (exchange->trouble == TROUBLE_RESET) {
        *ret = reset(exchange->connection);
        return true;
    }
    if (exchange->trouble == TROUBLE_STATUS) {
        struct city_answer answer = plain_answer((int)trouble->status, "told to fail");
        *ret = send_answer(exchange, &answer);
        return true;
    }
    exchange->hung = exchange->trouble == TROUBLE_HANG;
    bool delay = exchange->trouble == TROUBLE_SLOW && !exchange->delayed;
    if (delay) {
        exchange->delayed = true;
        loop_at(exchange->city->loop, &exchange->timer, sim_mono_us() + trouble->delay_ms * 1000);
    }
    if (exchange->hung || delay) {
        *ret = suspend(exchange);
        return true;
    }
    return false;
}

/* The whole request has come. */
static enum MHD_Result finish(struct exchange *exchange, const char *method, const char *path)
{
    enum MHD_Result result;
    struct city_request request = {
        .method = method,
        .path = path,
        .content_type = header(exchange, MHD_HTTP_HEADER_CONTENT_TYPE),
        .authorization = header(exchange, MHD_HTTP_HEADER_AUTHORIZATION),
        .idempotency_key = header(exchange, "Idempotency-Key"),
        .auth_token = header(exchange, "X-Auth-Token"),
        .link = header(exchange, "Link"),
        .options =
            MHD_lookup_connection_value(exchange->connection, MHD_GET_ARGUMENT_KIND, "options"),
        .token = MHD_lookup_connection_value(exchange->connection, MHD_GET_ARGUMENT_KIND, "token"),
        .body = exchange->body ? exchange->body : "",
        .body_size = exchange->size,
    };
    bool is_push = city_api_is_push(&request);
    struct city_answer answer;
    if (is_push && befall(exchange, &result))
        return result;
    if (is_push && !certified(exchange))
        answer = plain_answer(403, "a client certificate is needed");
    else if (exchange->too_large)
        answer = plain_answer(413, "too large");
    else
        answer = city_api(&exchange->city->context, &request);
    if (exchange->trouble == TROUBLE_DROP_ANSWER) {
        free(answer.text);
        return MHD_NO;
    }
    if (exchange->trouble == TROUBLE_BAD_BODY) {
        free(answer.text);
        answer = plain_answer(200, "<html>Bad gateway</html>");
    }
    return send_answer(exchange, &answer);
}

static void take_body(struct exchange *exchange, const char *bytes, size_t size)
{
    exchange->too_large |= exchange->size + size > BODY_MAX;
    if (exchange->too_large)
        return;
    char *grown = realloc(exchange->body, exchange->size + size + 1);
    if (!grown)
        sim_fail("out of memory");
    memcpy(grown + exchange->size, bytes, size);
    exchange->body = grown;
    exchange->size += size;
    exchange->body[exchange->size] = '\0';
}

static struct exchange *exchange_create(struct city *city, struct MHD_Connection *connection)
{
    struct exchange *exchange = sim_alloc(1, sizeof *exchange);
    exchange->city = city;
    exchange->connection = connection;
    exchange->timer = (struct loop_timer){.fn = resume, .arg = exchange};
    return exchange;
}

/* libmicrohttpd's handler: called with the headers, then with each part of the body, then once
 * more. Its signature is the library's (7 parameters). */
static enum MHD_Result handle(void *arg, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *bytes,
                              size_t *size, void **context)
{
    (void)version;
    struct exchange *exchange = *context;
    if (!exchange) {
        *context = exchange_create(arg, connection);
        return MHD_YES;
    }
    if (*size) {
        take_body(exchange, bytes, *size);
        *size = 0;
        return MHD_YES;
    }
    return finish(exchange, method, path);
}

static void completed(void *arg, struct MHD_Connection *connection, void **context,
                      enum MHD_RequestTerminationCode how)
{
    struct exchange *exchange = *context;
    (void)arg;
    (void)connection;
    (void)how;
    if (!exchange)
        return;
    loop_cancel(exchange->city->loop, &exchange->timer);
    free(exchange->body);
    free(exchange);
    *context = NULL;
}

/* libmicrohttpd's. */
static void connection_changed(void *arg, struct MHD_Connection *connection, void **context,
                               enum MHD_ConnectionNotificationCode what)
{
    struct city *city = arg;

    (void)connection;
    (void)context;
    city->connections += what == MHD_CONNECTION_NOTIFY_STARTED;
}

static void read_address(const char *listen, struct sockaddr_in *ret)
{
    char host[HOST_SIZE];
    int64_t port;
    const char *colon = strrchr(listen, ':');
    size_t size = colon ? (size_t)(colon - listen) : 0;
    *ret = (struct sockaddr_in){.sin_family = AF_INET};
    if (!colon || size >= sizeof host || !sim_number(colon + 1, 0, 65535, &port))
        sim_fail("--listen %s: HOST:PORT is allowed, port 0 takes any", listen);
    memcpy(host, listen, size);
    host[size] = '\0';
    if (inet_pton(AF_INET, host, &ret->sin_addr) != 1)
        sim_fail("--listen %s: an IPv4 address is allowed", listen);
    ret->sin_port = htons((uint16_t)port);
}

static void start_daemon(struct city *city, const struct city_settings *settings)
{
    struct sockaddr_in address;
    struct MHD_OptionItem options[8];
    size_t n = 0;
    read_address(settings->listen, &address);
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK;
    options[n++] = (struct MHD_OptionItem){MHD_OPTION_SOCK_ADDR, 0, &address};
    options[n++] = (struct MHD_OptionItem){MHD_OPTION_LISTENING_ADDRESS_REUSE, 1, NULL};
    options[n++] = (struct MHD_OptionItem){MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, NULL};
    options[n++] = (struct MHD_OptionItem){MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S, NULL};
    if (settings->cert) {
        flags |= MHD_USE_TLS;
        options[n++] =
            (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)settings->cert};
        options[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)settings->key};
        if (settings->client_ca)
            options[n++] =
                (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_TRUST, 0, (void *)settings->client_ca};
    }
    options[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    city->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, handle, city, MHD_OPTION_ARRAY, options, MHD_OPTION_NOTIFY_COMPLETED,
        completed, city, MHD_OPTION_NOTIFY_CONNECTION, connection_changed, city, MHD_OPTION_END);
    if (!city->daemon)
        sim_fail("--listen %s: cannot start: %s", settings->listen, strerror(errno));
}

struct city *city_create(struct loop *loop, const struct city_settings *settings,
                         struct city_state *state, struct city_trouble *trouble,
                         const struct plan *plan)
{
    struct city *city = sim_alloc(1, sizeof *city);
    city->loop = loop;
    city->context =
        (struct city_context){settings, state, trouble, plan, city_ngsi_create(), settings->book};
    city->watch = (struct loop_watch){.fd = -1, .fn = run_daemon, .arg = city};
    city->timer = (struct loop_timer){.fn = run_daemon, .arg = city};
    start_daemon(city, settings);
    city->port = MHD_get_daemon_info(city->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    loop_watch(loop, &city->watch,
               MHD_get_daemon_info(city->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd);
    return city;
}

uint64_t city_connections(const struct city *city)
{
    return city->connections;
}

uint16_t city_port(const struct city *city)
{
    return city->port;
}

void city_destroy(struct city *city)
{
    city_release(city);
    MHD_run(city->daemon);
    loop_unwatch(city->loop, &city->watch);
    MHD_stop_daemon(city->daemon);
    loop_cancel(city->loop, &city->timer);
    city_ngsi_destroy(city->context.ngsi);
    free(city);
}
