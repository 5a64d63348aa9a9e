/* long: one connection over one library, and all that this library needs care for */
/*
 * MQTT over libmosquitto 2.0.11; the only file that includes it. These habits of that version are
 * worked around here:
 *   - publishing before CONNACK queues without bound and yet reports failure: never done;
 *   - a refused TLS connection is reported as success for ever: a hang-up is a loss, whatever the
 *     library says;
 *   - of a name's addresses only the first is tried: binding to "any" of one family makes it skip
 *     those of the other;
 *   - its TLS handshake advances in loop_read() only, and asks to write for no reason meanwhile;
 *   - it changes SIGPIPE for the whole process to "ignore", as the daemon wants it anyway.
 *   - it acknowledges a message before it hands it over.
 * Threaded mode, without a thread, makes it queue packets instead of writing inside of each call;
 * so acknowledgements leave when we write, and not before what they acknowledge is durable.
 */
#include "daemon/uplink/mqtt.h"

#include <assert.h>
#include <errno.h>
#include <mosquitto.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/base/clock.h"
#include "daemon/base/memory.h"

enum {
    KEEPALIVE_S = 15,
    READS_MAX = 64, /* packets in one turn, so that others get theirs */
    TABLE = 4096    /* message ids are consecutive: a power of two well above the window */
};

struct flight {
    uint16_t mid; /* 0: none */
    uint64_t ticket;
};

struct mqtt {
    const struct mqtt_settings *settings;
    mqtt_delivered_fn *delivered;
    void *arg;
    struct mosquitto *handle;
    bool opened; /* the TCP connection is up */
    bool broken; /* the library refused a message */
    bool subscribed;
    bool refused;   /* a topic may not be read */
    int needed_mid; /* of the last subscription that we cannot do without */
    bool held;      /* something was received that is not durable yet: nothing is written */
    int connack;    /* the broker's code + 1; 0: none yet */
    char detail[RECORD_PHRASE]; /* the library's last error line */
    struct flight flights[TABLE];
    uint32_t in_flight;
    uint16_t last_mid;
};

/* ---- the library's callbacks: they note, nothing else ---- */

static void on_connect(struct mosquitto *handle, void *arg, int code)
{
    struct mqtt *mqtt = arg;

    (void)handle;
    mqtt->connack = code + 1;
}

static void on_publish(struct mosquitto *handle, void *arg, int mid)
{
    struct mqtt *mqtt = arg;
    struct flight *flight = &mqtt->flights[mid % TABLE];

    (void)handle;
    if (!mid || flight->mid != mid)
        return; /* an acknowledgement of nothing of ours */
    flight->mid = 0;
    mqtt->in_flight--;
    mqtt->delivered(mqtt->arg, flight->ticket);
}

static void on_message(struct mosquitto *handle, void *arg, const struct mosquitto_message *message)
{
    struct mqtt *mqtt = arg;
    const struct mqtt_message ours = {.topic = message->topic,
                                      .bytes = message->payload,
                                      .size = (size_t)message->payloadlen,
                                      .retained = message->retain};

    (void)handle;
    mqtt->held = true;
    mqtt->settings->subscription->received(mqtt->arg, &ours);
}

static void on_subscribe(struct mosquitto *handle, void *arg, int mid, int count,
                         const int *granted)
{
    enum { REFUSED = 128 };
    struct mqtt *mqtt = arg;

    (void)handle;
    if (count <= 0 || granted[0] < REFUSED)
        return;
    mqtt->refused = true;
    if (mid <= mqtt->needed_mid) {
        text_copy(mqtt->detail, sizeof mqtt->detail,
                  "it does not let us read a topic; ask its operator");
        mqtt->broken = true;
    }
}

/* "OpenSSL Error[0]: error:0A000086:SSL routines::certificate verify failed": the end is for
 * people. */
static void on_log(struct mosquitto *handle, void *arg, int level, const char *line)
{
    struct mqtt *mqtt = arg;
    const char *reason = strstr(line, "::");

    (void)handle;
    if (level == MOSQ_LOG_ERR)
        text_copy(mqtt->detail, sizeof mqtt->detail,
                  strncmp(line, "OpenSSL", strlen("OpenSSL")) == 0 && reason ? reason + 2 : line);
}

/* ---- why it was lost ---- */

/* mosquitto_strerror() of this version lacks some. */
static const char *meaning(int rc, int number)
{
    switch (rc) {
    case MOSQ_ERR_ERRNO: /* under TLS the library eats ECONNREFUSED, and EPIPE follows */
        return number && number != EPIPE ? strerror(number) : "refused, or closed at once";
    case MOSQ_ERR_KEEPALIVE:
        return "the broker fell silent";
    case MOSQ_ERR_EAI:
        return "the name cannot be looked up; check the name and the DNS server";
    case MOSQ_ERR_CONN_LOST:
        return "the broker closed the connection";
    default:
        return mosquitto_strerror(rc);
    }
}

/* MQTT 3.1.1, table 3.1 */
static const char *const refusals[] = {
    "",
    "it does not speak MQTT 3.1.1",
    "it refuses the client id",
    "it is not available now",
    "user name or password is wrong; correct them in the configuration",
    "it does not allow this user; ask its operator",
};

/* What it says of us is an alert, which may come with the end of the connection or be lost in it.
 */
static bool failed_tls(const struct mqtt *mqtt, struct err *err)
{
    bool own = mqtt->detail[0] && !strstr(mqtt->detail, "alert");

    return err_set(err, "broker %s:%u: TLS: %s%s; %s", mqtt->settings->host, mqtt->settings->port,
                   own ? "" : "it refuses us: ", mqtt->detail[0] ? mqtt->detail : "closed at once",
                   own ? "check ca_file, and the name and dates of its certificate"
                       : "check cert_file and key_file, and ask its operator");
}

static bool failed(const struct mqtt *mqtt, int rc, int number, struct err *err)
{
    bool eaten = mqtt->detail[0] || number == EPROTO; /* the library's word for any end of TLS */

    if (mqtt->settings->tls && !mqtt_connected(mqtt) && (rc == MOSQ_ERR_TLS || eaten))
        return failed_tls(mqtt, err);
    err_set(err, "broker %s:%u: %s%s%s%s", mqtt->settings->host, mqtt->settings->port,
            meaning(rc, number), mqtt->detail[0] ? " (" : "", mqtt->detail,
            mqtt->detail[0] ? ")" : "");
    return false;
}

/* ---- an attempt ---- */

static int use_tls(struct mosquitto *handle, const struct tls_settings *tls)
{
    int rc = tls->ca_file ? mosquitto_tls_set(handle, tls->ca_file, NULL, tls->cert_file,
                                              tls->key_file, NULL)
                          : mosquitto_int_option(handle, MOSQ_OPT_TLS_USE_OS_CERTS, 1);

    return rc ? rc : mosquitto_tls_opts_set(handle, 1, "tlsv1.2", NULL);
}

static int apply(struct mosquitto *handle, const struct mqtt_settings *settings)
{
    int rc = MOSQ_ERR_SUCCESS;

    mosquitto_threaded_set(handle, true);
    mosquitto_max_inflight_messages_set(handle, settings->window);
    mosquitto_connect_callback_set(handle, on_connect);
    mosquitto_publish_callback_set(handle, on_publish);
    if (settings->subscription) {
        mosquitto_message_callback_set(handle, on_message);
        mosquitto_subscribe_callback_set(handle, on_subscribe);
    }
    mosquitto_log_callback_set(handle, on_log);
    if (settings->username)
        rc = mosquitto_username_pw_set(handle, settings->username, settings->password);
    if (!rc && settings->will_topic)
        rc = mosquitto_will_set(handle, settings->will_topic, (int)strlen(settings->will_body),
                                settings->will_body, 1, true);
    if (!rc && settings->tls)
        rc = use_tls(handle, settings->tls);
    return rc;
}

struct mqtt *mqtt_create(const struct mqtt_settings *settings, mqtt_delivered_fn *delivered,
                         void *arg, struct err *err)
{
    struct mqtt *mqtt = memory_new(1, sizeof *mqtt);

    assert(settings->window > 0 && settings->window <= MQTT_WINDOW_MAX);
    *mqtt = (struct mqtt){.settings = settings, .delivered = delivered, .arg = arg};
    mosquitto_lib_init();
    mqtt->handle = mosquitto_new(settings->client_id, !settings->subscription, mqtt);
    int rc = mqtt->handle ? apply(mqtt->handle, settings) : MOSQ_ERR_ERRNO;
    if (!rc)
        return mqtt;
    err_set(err, "MQTT client \"%s\": %s; check its settings", settings->client_id,
            rc == MOSQ_ERR_INVAL ? "a TLS file cannot be read" : meaning(rc, errno));
    mqtt_destroy(mqtt);
    return NULL;
}

void mqtt_destroy(struct mqtt *mqtt)
{
    if (!mqtt)
        return;
    mosquitto_destroy(mqtt->handle);
    mosquitto_lib_cleanup();
    free(mqtt);
}

bool mqtt_connect(struct mqtt *mqtt, enum mqtt_family family, struct err *err)
{
    static const char *const any[MQTT_FAMILIES] = {NULL, "0.0.0.0", "::"};
    const struct mqtt_settings *settings = mqtt->settings;

    errno = 0;
    int rc = mosquitto_connect_bind_async(mqtt->handle, settings->host, settings->port, KEEPALIVE_S,
                                          any[family]);
    return rc ? failed(mqtt, rc, errno, err) : true;
}

int mqtt_fd(const struct mqtt *mqtt)
{
    return mosquitto_socket(mqtt->handle);
}

/* ---- its life ---- */

bool mqtt_connected(const struct mqtt *mqtt)
{
    return mqtt->connack == 1;
}

bool mqtt_refused(const struct mqtt *mqtt)
{
    return mqtt->refused;
}

unsigned mqtt_events(const struct mqtt *mqtt)
{
    bool write =
        mqtt_connected(mqtt) ? !mqtt->held && mosquitto_want_write(mqtt->handle) : !mqtt->opened;

    return LOOP_READ | (write ? (unsigned)LOOP_WRITE : 0u);
}

static bool check_connack(const struct mqtt *mqtt, struct err *err)
{
    size_t code = (size_t)(mqtt->connack - 1);
    size_t known = sizeof refusals / sizeof *refusals;

    if (mqtt->connack <= 1)
        return true;
    return err_set(err, "broker %s:%u: %s", mqtt->settings->host, mqtt->settings->port,
                   code < known ? refusals[code] : "it refuses the connection");
}

/* All that has come: a TLS library may hold read bytes that the descriptor no longer shows. */
static int read_all(struct mqtt *mqtt)
{
    int rc = MOSQ_ERR_SUCCESS;

    for (int n = 0; n < READS_MAX && !rc; n++) {
        errno = 0;
        rc = mosquitto_loop_read(mqtt->handle, 1);
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            break;
    }
    return rc;
}

static void subscribe(struct mqtt *mqtt)
{
    const struct mqtt_subscription *subscription = mqtt->settings->subscription;

    if (!subscription || mqtt->subscribed || !mqtt_connected(mqtt))
        return;
    mqtt->subscribed = true;
    for (uint32_t i = 0; i < subscription->count; i++) {
        int mid = 0; /* from 1 on, in order: nothing was sent before */
        if (mosquitto_subscribe(mqtt->handle, &mid, subscription->topics[i], 1))
            mqtt->broken = true;
        if (i < subscription->needed)
            mqtt->needed_mid = mid;
    }
}

bool mqtt_advance(struct mqtt *mqtt, unsigned events, struct err *err)
{
    int rc = MOSQ_ERR_SUCCESS, number = 0;
    socklen_t size = sizeof number;

    if (events & LOOP_HANGUP)
        getsockopt(mosquitto_socket(mqtt->handle), SOL_SOCKET, SO_ERROR, &number, &size);
    mqtt->opened = mqtt->opened || (events & LOOP_WRITE);
    errno = 0;
    if (events & LOOP_READ || mqtt->settings->tls)
        rc = read_all(mqtt);
    if (!check_connack(mqtt, err))
        return false;
    subscribe(mqtt);
    if (rc != MOSQ_ERR_TLS && (events & LOOP_HANGUP))
        rc = MOSQ_ERR_ERRNO;
    else if (!rc && !mqtt->held)
        rc = mosquitto_loop_write(mqtt->handle, 1);
    return rc ? failed(mqtt, rc, number ? number : errno, err) : true;
}

bool mqtt_tick(struct mqtt *mqtt, struct err *err)
{
    int rc = mqtt->broken ? MOSQ_ERR_CONN_LOST : mosquitto_loop_misc(mqtt->handle);

    return rc ? failed(mqtt, rc, errno, err) : true;
}

static uint16_t next_mid(const struct mqtt *mqtt)
{
    return mqtt->last_mid == UINT16_MAX ? 1 : (uint16_t)(mqtt->last_mid + 1);
}

uint32_t mqtt_room(const struct mqtt *mqtt)
{
    bool taken = mqtt->flights[next_mid(mqtt) % TABLE].mid != 0;

    if (!mqtt_connected(mqtt) || mqtt->broken || taken)
        return 0;
    return mqtt->settings->window - mqtt->in_flight;
}

bool mqtt_publish(struct mqtt *mqtt, const char *topic, const struct text *body, bool retained,
                  uint64_t ticket)
{
    int mid = 0;

    if (!mqtt_room(mqtt))
        return false;
    if (mosquitto_publish(mqtt->handle, &mid, topic, (int)body->used, body->bytes, 1, retained)) {
        mqtt->broken = true; /* it may have been queued all the same: the whole connection goes */
        return false;
    }
    mqtt->last_mid = (uint16_t)mid;
    mqtt->flights[mid % TABLE] = (struct flight){.mid = (uint16_t)mid, .ticket = ticket};
    mqtt->in_flight++;
    return true;
}

bool mqtt_flush(struct mqtt *mqtt, struct err *err)
{
    errno = 0;
    int rc = mqtt->held ? MOSQ_ERR_SUCCESS : mosquitto_loop_write(mqtt->handle, 1);

    return rc ? failed(mqtt, rc, errno, err) : true;
}

bool mqtt_release(struct mqtt *mqtt, struct err *err)
{
    mqtt->held = false;
    return mqtt_flush(mqtt, err);
}

void mqtt_goodbye(struct mqtt *mqtt, int64_t limit_ms)
{
    mono_ms end = mono_after(clock_mono(), limit_ms);
    bool said = false;

    /* What is held goes unacknowledged, and comes again. */
    while (!mqtt->held && mqtt_connected(mqtt) && !mono_reached(clock_mono(), end)) {
        if (!said && !mqtt->in_flight)
            said = mosquitto_disconnect(mqtt->handle) == MOSQ_ERR_SUCCESS;
        if (mosquitto_loop_write(mqtt->handle, 1) || mqtt_fd(mqtt) < 0)
            return;
        struct pollfd wait = {.fd = mqtt_fd(mqtt), .events = POLLIN};
        if (mosquitto_want_write(mqtt->handle))
            wait.events |= POLLOUT;
        int64_t left_ms = end.ms - clock_mono().ms;
        if (poll(&wait, 1, left_ms > 0 ? (int)left_ms : 0) > 0 &&
            mosquitto_loop_read(mqtt->handle, 1))
            return;
    }
}
