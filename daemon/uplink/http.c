/* long: one library, one file: all that it is asked stands here */
/*
 * HTTPS over libcurl 7.88.1; the only file that includes it. Settings that are there for a reason:
 *   - QUICK_EXIT: without it a dead DNS server blocks the loop for seconds when a look-up is given
 *     up; with it a look-up thread lives on for a while, alone;
 *   - HTTP/1.1: this version loops while uploading over HTTP/2;
 *   - time-outs: by default there are none, and 300 s for connecting;
 *   - an answer is bounded and never unpacked; redirects and other protocols are off.
 */
#include "daemon/uplink/http.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/uplink/http_date.h"

enum {
    VERSION_NEEDED = 0x075801, /* 7.88.1: before it curl_multi_socket_action() was broken */
    CONNECT_MS = 5000,
    HEADER_SIZE = 1200, /* a token of 1023 characters, and its name */
    SLOW_BYTES_PER_S = 100,
    SLOW_S = 10,
    CONNECTION_AGE_S = 110,
    RETRY_AFTER_MAX_S = 3600,
    URL_SIZE = 2048,
    TROUBLE_SIZE = 320
};

struct http {
    const struct http_settings *settings;
    struct loop *loop;
    CURLM *multi;
    struct loop_timer *timer;
};

/* A connection of libcurl's that we watch for it. */
struct socket {
    struct http *http;
    struct loop_watch *watch;
    curl_socket_t fd;
};

struct http_call {
    struct http *http;
    http_done_fn *done;
    void *arg;
    CURL *easy;
    struct curl_slist *headers;
    bool busy, too_long;
    char error[CURL_ERROR_SIZE];
    char body[HTTP_BODY_MAX + 1];
    size_t used;
};

/* ---- libcurl's multi interface on the loop ---- */

static void settle(struct http *http);

static void on_socket(void *arg, unsigned events)
{
    struct socket *socket = arg;
    struct http *http = socket->http;
    int running;
    int mask = (events & LOOP_READ ? CURL_CSELECT_IN : 0) |
               (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0) |
               (events & LOOP_HANGUP ? CURL_CSELECT_ERR : 0);

    curl_multi_socket_action(http->multi, socket->fd, mask, &running); /* may free `socket` */
    settle(http);
}

static void on_timer(void *arg)
{
    struct http *http = arg;
    int running;

    curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    settle(http);
}

static int set_timer(CURLM *multi, long delay_ms, void *arg)
{
    struct http *http = arg;

    (void)multi;
    if (delay_ms < 0)
        loop_timer_stop(http->timer);
    else
        loop_timer_after(http->timer, delay_ms);
    return 0;
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    struct http *http = arg;
    struct socket *socket = known;
    unsigned events = (what & CURL_POLL_IN ? (unsigned)LOOP_READ : 0u) |
                      (what & CURL_POLL_OUT ? (unsigned)LOOP_WRITE : 0u);

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (socket)
            loop_unwatch(socket->watch);
        free(socket);
    } else if (socket) {
        loop_watch_events(socket->watch, events);
    } else {
        socket = memory_new(1, sizeof *socket);
        *socket = (struct socket){.http = http, .fd = fd};
        socket->watch = loop_watch(http->loop, fd, events, on_socket, socket, NULL);
        curl_multi_assign(http->multi, fd, socket);
        return socket->watch ? 0 : -1;
    }
    return 0;
}

struct http *http_create(const struct http_settings *settings, struct loop *loop, struct err *err)
{
    const curl_version_info_data *version = curl_version_info(CURLVERSION_NOW);

    if (version->version_num < VERSION_NEEDED) {
        err_set(err, "libcurl %s is too old; install 7.88.1 or newer", version->version);
        return NULL;
    }
    struct http *http = memory_new(1, sizeof *http);
    *http = (struct http){.settings = settings, .loop = loop};
    curl_global_init(CURL_GLOBAL_DEFAULT);
    http->timer = loop_timer(loop, on_timer, http);
    http->multi = curl_multi_init();
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS,
                      settings->connections ? (long)settings->connections : 2L);
    return http;
}

void http_destroy(struct http *http)
{
    if (!http)
        return;
    curl_multi_cleanup(http->multi);
    loop_timer_destroy(http->timer);
    curl_global_cleanup();
    free(http);
}

/* ---- a call ---- */

static size_t on_body(char *bytes, size_t one, size_t size, void *arg)
{
    struct http_call *call = arg;

    call->too_long = call->used + size * one > HTTP_BODY_MAX;
    if (call->too_long)
        return 0;
    memcpy(call->body + call->used, bytes, size * one);
    call->used += size * one;
    call->body[call->used] = '\0';
    return size * one;
}

static void set_safe(CURL *easy, int64_t timeout_ms)
{
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https,http"); /* url_parse() is stricter */
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     timeout_ms > 0 && timeout_ms < CONNECT_MS ? (long)timeout_ms
                                                               : (long)CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
}

static void set_tls(CURL *easy, const struct tls_settings *tls)
{
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (tls->ca_file) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, tls->ca_file);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL); /* this CA alone, not the system's too */
    }
    if (tls->cert_file) {
        curl_easy_setopt(easy, CURLOPT_SSLCERT, tls->cert_file);
        curl_easy_setopt(easy, CURLOPT_SSLKEY, tls->key_file);
    }
    if (tls->pins)
        curl_easy_setopt(easy, CURLOPT_PINNEDPUBLICKEY, tls->pins);
}

/* Digest alone: a server that asks for the password in clear is not obeyed. The library keeps the
 * challenge of a connection's call, and asks anew once when it has become stale. */
static void set_user(CURL *easy, const struct http_settings *settings)
{
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_DIGEST);
    curl_easy_setopt(easy, CURLOPT_USERNAME, settings->username);
    curl_easy_setopt(easy, CURLOPT_PASSWORD, settings->password ? settings->password : "");
}

static void set_token(CURL *easy, const char *token)
{
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
    curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, token);
}

struct http_call *http_call_create(struct http *http, http_done_fn *done, void *arg)
{
    struct http_call *call = memory_new(1, sizeof *call);

    *call = (struct http_call){.http = http, .done = done, .arg = arg};
    call->easy = curl_easy_init();
    set_safe(call->easy, http->settings->timeout_ms);
    set_tls(call->easy, http->settings->tls);
    if (http->settings->token && !http->settings->token_head)
        set_token(call->easy, http->settings->token);
    if (http->settings->username)
        set_user(call->easy, http->settings);
    curl_easy_setopt(call->easy, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES_PER_S);
    curl_easy_setopt(call->easy, CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
    curl_easy_setopt(call->easy, CURLOPT_MAXAGE_CONN, (long)CONNECTION_AGE_S);
    curl_easy_setopt(call->easy, CURLOPT_ERRORBUFFER, call->error);
    curl_easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(call->easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(call->easy, CURLOPT_PRIVATE, call);
    return call;
}

static void finish(struct http_call *call)
{
    if (call->busy)
        curl_multi_remove_handle(call->http->multi, call->easy);
    curl_slist_free_all(call->headers);
    call->headers = NULL;
    call->busy = false;
}

void http_call_destroy(struct http_call *call)
{
    if (!call)
        return;
    finish(call);
    curl_easy_cleanup(call->easy);
    free(call);
}

bool http_call_busy(const struct http_call *call)
{
    return call->busy;
}

static struct curl_slist *add_lines(struct curl_slist *list, const char *lines)
{
    char line[HEADER_SIZE];
    struct text one;

    for (const char *at = lines, *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
        text_init(&one, line, sizeof line);
        text_append(&one, at, (size_t)(end - at));
        list = curl_slist_append(list, line);
    }
    return list;
}

static void add_headers(struct http_call *call, const struct text *headers)
{
    const struct http_settings *settings = call->http->settings;
    char line[HEADER_SIZE];
    struct text one;

    text_init(&one, line, sizeof line);
    if (settings->token && settings->token_head) {
        text_add(&one, "%s%s", settings->token_head, settings->token);
        call->headers = curl_slist_append(call->headers, line);
        explicit_bzero(line, sizeof line);
    }
    call->headers = add_lines(call->headers, headers->bytes);
    call->headers = curl_slist_append(call->headers, "Expect:");
}

void http_call_start(struct http_call *call, const char *method, const char *url,
                     const struct text *target, const struct text *headers, const struct text *body)
{
    char bytes[URL_SIZE];
    struct text whole;

    assert(!call->busy && !body->overflow);
    text_init(&whole, bytes, sizeof bytes);
    text_add(&whole, "%s%s", url, target->bytes);
    add_headers(call, headers);
    call->used = 0;
    call->body[0] = call->error[0] = '\0';
    call->too_long = false;
    curl_easy_setopt(call->easy, CURLOPT_URL, bytes);
    curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
    curl_easy_setopt(call->easy, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->used);
    curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, body->bytes);
    call->busy = true;
    curl_multi_add_handle(call->http->multi, call->easy);
}

/* RFC 9110, 6.6.1. */
static utc_ms date_of(CURL *easy)
{
    struct curl_header *date;

    if (curl_easy_header(easy, "Date", 0, CURLH_HEADER, -1, &date) == CURLHE_OK)
        return http_date_read(date->value);
    return (utc_ms){0};
}

/* What to look at. */
static const char *advice(CURLcode code, CURL *easy)
{
    curl_off_t named = 0, connected = 0;

    curl_easy_getinfo(easy, CURLINFO_NAMELOOKUP_TIME_T, &named);
    curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connected);
    if (code == CURLE_OPERATION_TIMEDOUT && !connected)
        code = named ? CURLE_COULDNT_CONNECT : CURLE_COULDNT_RESOLVE_HOST;
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return "; check the name and the DNS server";
    case CURLE_COULDNT_CONNECT:
        return "; check the address and the way to it";
    case CURLE_PEER_FAILED_VERIFICATION:
        return "; check the CA file, the certificate's name and its dates";
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        return "; the platform's key is not among the pins";
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
        return "; check the TLS files";
    default: /* it was reached, and did not answer to the end */
        return "; look at the platform and the way to it";
    }
}

static void answer(struct http_call *call, CURLcode code)
{
    struct http_reply reply = {.retry_after_ms = -1, .body = call->body, .size = call->used};
    char trouble[TROUBLE_SIZE];
    struct text out;
    long status = 0;
    curl_off_t retry_after_s = 0;

    text_init(&out, trouble, sizeof trouble);
    if (code == CURLE_OK) {
        curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
        reply.date = date_of(call->easy);
    } else if (call->too_long) {
        text_add(&out, "the answer is longer than %d bytes", HTTP_BODY_MAX);
    } else {
        text_add(&out, "%s%s", call->error[0] ? call->error : curl_easy_strerror(code),
                 advice(code, call->easy));
    }
    reply.status = (int)status;
    reply.trouble = trouble;
    reply.too_long = call->too_long;
    if (retry_after_s > 0)
        reply.retry_after_ms =
            (retry_after_s < RETRY_AFTER_MAX_S ? retry_after_s : RETRY_AFTER_MAX_S) * 1000;
    call->done(call->arg, &reply);
}

/* Hands out the answers that have come. */
static void settle(struct http *http)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
        struct http_call *call = NULL;
        CURLcode code = message->data.result; /* `message` dies with the next call */
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
        finish(call);
        answer(call, code);
    }
}

/* ---- blocking, for parkctl ---- */

struct fetching {
    const struct http_fetch *fetch;
    bool ended; /* by the caller */
};

static size_t on_piece(char *bytes, size_t one, size_t size, void *arg)
{
    struct fetching *fetching = arg;

    fetching->ended = !fetching->fetch->piece(fetching->fetch->arg, bytes, size * one);
    return fetching->ended ? 0 : size * one;
}

bool http_fetch(const struct http_fetch *fetch, int *ret_status, struct err *err)
{
    struct fetching fetching = {.fetch = fetch};
    CURL *easy = curl_easy_init();
    struct curl_slist *headers =
        add_lines(NULL, fetch->headers ? fetch->headers : "Content-Type: application/json\n");
    char error[CURL_ERROR_SIZE] = "";
    long status = 0;

    set_safe(easy, fetch->timeout_ms);
    if (fetch->tls)
        set_tls(easy, fetch->tls);
    curl_easy_setopt(easy, CURLOPT_URL, fetch->url);
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, fetch->unix_socket);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, fetch->method);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_piece);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &fetching);
    if (fetch->body)
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, fetch->body);
    if (fetch->token)
        set_token(easy, fetch->token);
    CURLcode code = curl_easy_perform(easy);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(easy);
    if (code != CURLE_OK && !fetching.ended)
        return err_set(err, "%s: %s", fetch->unix_socket ? fetch->unix_socket : fetch->url,
                       error[0] ? error : curl_easy_strerror(code));
    *ret_status = (int)status;
    return true;
}
