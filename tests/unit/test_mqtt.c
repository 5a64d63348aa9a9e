/* An uplink over MQTT against a real mosquitto on loopback. */
#include "tests/unit/uplink_scene.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>

#include "daemon/uplink/mqtt.h"

/* ---- a name service of the test's own: it is asked by the client library ---- */

static int64_t look_up_ms; /* a look-up of dead.test takes so long and then fails */

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret)
{
    typedef int fn(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    fn *real = (fn *)dlsym(RTLD_NEXT, "getaddrinfo");

    if (host && strcmp(host, "dead.test") == 0) {
        poll(NULL, 0, (int)look_up_ms);
        return EAI_AGAIN;
    }
    if (host && strstr(host, ".test"))
        host = "127.0.0.1";
    return real(host, service, hints, ret);
}

/* ---- peers ---- */

static pid_t run(const char *output, const char *const *arguments)
{
    pid_t pid = fork();

    if (pid == 0) {
        int fd = open(output, O_WRONLY | O_CREAT | O_APPEND, 0600);
        dup2(fd, 1);
        dup2(fd, 2);
        execvp(arguments[0], (char *const *)arguments);
        _exit(127);
    }
    return pid;
}

static char *in_directory(const struct scene *scene, const char *name)
{
    return memory_format("%s/%s", scene->directory, name);
}

static void write_file(const struct scene *scene, const char *name, const char *text)
{
    char *path = in_directory(scene, name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    free(path);
}

static char *read_file(const struct scene *scene, const char *name)
{
    char *path = in_directory(scene, name);
    FILE *file = fopen(path, "r");
    char *text = memory_new(1, 32 << 20);

    if (file) {
        text[fread(text, 1, (32 << 20) - 1, file)] = '\0';
        fclose(file);
    }
    free(path);
    return text;
}

static bool accepts(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool connected = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;

    close(fd);
    return connected;
}

static void await_port(uint16_t port)
{
    for (int i = 0; i < 500 && !accepts(port); i++)
        poll(NULL, 0, 10);
    assert_true(accepts(port));
}

static void start_broker(struct scene *scene)
{
    char *path = in_directory(scene, "broker.conf"), *log = in_directory(scene, "broker.log");

    scene->child = run(log, (const char *const[]){"mosquitto", "-c", path, NULL});
    await_port(scene->port);
    free(log);
    free(path);
}

static void stop_broker(struct scene *scene)
{
    kill(scene->child, SIGTERM);
    waitpid(scene->child, NULL, 0);
    scene->child = 0;
}

/* `more` are further lines of its configuration. */
static struct scene *scene_with_broker(const char *more)
{
    struct scene *scene = scene_new();
    char text[1024];

    scene->port = scene_free_port();
    snprintf(text, sizeof text,
             "listener %u 127.0.0.1\nallow_anonymous true\npersistence true\n"
             "persistence_location %s/\nmax_queued_messages 0\nuser root\n%s",
             scene->port, scene->directory, more);
    write_file(scene, "broker.conf", text);
    start_broker(scene);
    scene->settings.adapter = adapter_by_name("mqtt");
    scene->settings.url = memory_format("mqtt://127.0.0.1:%u", scene->port);
    return scene;
}

static void free_scene(struct scene *scene)
{
    free((char *)scene->settings.url);
    scene_free(scene);
}

/* A subscriber with a session, so that the broker keeps what it misses. */
static pid_t subscribe(const struct scene *scene, const char *topic)
{
    char port[8], *output = in_directory(scene, "sub.txt");

    snprintf(port, sizeof port, "%u", scene->port);
    pid_t pid = run(output, (const char *const[]){"mosquitto_sub", "-h", "127.0.0.1", "-p", port,
                                                  "-q", "1", "-i", "watcher", "-c", "-F",
                                                  "%t %r %p", "-t", topic, NULL});
    free(output);
    return pid;
}

static void end(pid_t pid)
{
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
}

/* True once `text` stands in what the subscriber wrote. */
static bool heard(const struct scene *scene, const char *text)
{
    char *all = read_file(scene, "sub.txt");
    bool found = strstr(all, text) != NULL;

    free(all);
    return found;
}

/* ---- steps ---- */

static bool connected(const struct scene *scene)
{
    return scene->status.connected;
}

static bool disconnected(const struct scene *scene)
{
    return !scene->status.connected && scene->status.trouble[0];
}

static bool subscribed(const struct scene *scene)
{
    return heard(scene, "/status");
}

static void commit_100(struct scene *scene)
{
    scene_commit(scene, 100);
}

/* ---- tests ---- */

static bool heard_all_state(const struct scene *scene)
{
    return heard(scene, "parking/s1/status 0 {\"state\":\"online\"}") &&
           heard(scene, "parking/s1/lots/A/vacancy 0 {\"lot\":\"A\",") &&
           heard(scene, "parking/s1/bays/A-008 0 {\"bay\":\"A-008\",") &&
           heard(scene, "parking/s1/records 0 {\"seq\":100,\"id\":"
                        "\"00000000000000000000000000000064\",\"type\":\"bay_changed\",");
}

static bool heard_offline(const struct scene *scene)
{
    return heard(scene, "parking/s1/status 0 {\"state\":\"offline\"}");
}

static void state_and_records_reach_a_subscriber(void **state)
{
    struct scene *scene = scene_with_broker("");
    pid_t sub = subscribe(scene, "parking/#");

    (void)state;
    poll(NULL, 0, 200);
    scene_start_uplink(scene);
    scene_play(scene, (const struct step[]){{NULL, connected, 0},
                                            {commit_100, scene_all_delivered, 0},
                                            {NULL, heard_all_state, 0},
                                            {scene_stop_uplink, heard_offline, 0},
                                            {0}});
    assert_int_equal(scene->kept.through, 100);
    assert_int_equal(scene->kept.delivered, 100);
    end(sub);
    free_scene(scene);
}

static void commit_and_stop_broker(struct scene *scene)
{
    scene_commit(scene, 500);
    stop_broker(scene);
}

static void commit_and_start_broker(struct scene *scene)
{
    scene_commit(scene, 3000);
    start_broker(scene);
}

static bool heard_each_record(const struct scene *scene)
{
    char *all = read_file(scene, "sub.txt");
    bool *seen = memory_new(scene->head + 1, 1);
    uint64_t distinct = 0;

    for (char *at = all; (at = strstr(at, "/records 0 {\"seq\":")) != NULL; at++) {
        uint64_t seq = strtoull(at + 18, NULL, 10);
        if (seq > scene->head || seen[seq])
            continue;
        seen[seq] = true;
        distinct++;
    }
    free(seen);
    free(all);
    return distinct == scene->head;
}

static void a_broker_that_stops_and_starts_under_traffic_loses_nothing(void **state)
{
    struct scene *scene = scene_with_broker("");
    pid_t sub = subscribe(scene, "parking/#");

    (void)state;
    poll(NULL, 0, 200);
    scene_start_uplink(scene);
    scene_play(scene, (const struct step[]){{NULL, subscribed, 0},
                                            {commit_100, NULL, 0},
                                            {commit_and_stop_broker, disconnected, 0},
                                            {commit_100, NULL, 0},
                                            {commit_and_start_broker, connected, 0},
                                            {commit_and_stop_broker, disconnected, 0},
                                            {start_broker, scene_all_delivered, 0},
                                            {NULL, heard_each_record, 0},
                                            {0}});
    end(sub);
    free_scene(scene);
}

/* The account survives: what was persisted is not sent again, what was not is. */
static void a_restart_goes_on_where_it_was(void **state)
{
    struct scene *scene = scene_with_broker("");

    (void)state;
    scene_start_uplink(scene);
    scene_play(scene, (const struct step[]){{commit_100, scene_all_delivered, 0},
                                            {scene_stop_uplink, NULL, 0},
                                            {scene_start_uplink, connected, 0},
                                            {commit_100, scene_all_delivered, 0},
                                            {0}});
    assert_int_equal(scene->status.delivered, 200);
    free_scene(scene);
}

static void begin_clean(struct scene *scene)
{
    scene->turns = 0;
}

static bool one_second(const struct scene *scene)
{
    return clock_mono().ms - scene->step_began.ms > 1000;
}

static int64_t processor_ms(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

static void a_refused_port_is_left_alone(const char *scheme)
{
    struct scene *scene = scene_new();

    scene->settings.adapter = adapter_by_name("mqtt");
    scene->settings.url = memory_format("%s://127.0.0.1:%u", scheme, scene_free_port());
    scene_start_uplink(scene);
    int64_t before_ms = processor_ms();
    scene_play(scene, (const struct step[]){{begin_clean, one_second, 0}, {0}});
    int64_t used_ms = processor_ms() - before_ms;
    printf("%s to a refused port: %llu turns, %lld ms of processor in 1 s\n", scheme,
           (unsigned long long)scene->turns, (long long)used_ms);
    assert_true(scene->turns < 400); /* 200 are the scene's own clock */
    assert_non_null(strstr(scene->status.trouble, "refused"));
    free_scene(scene);
}

static void a_refused_port_does_not_spin(void **state)
{
    (void)state;
    a_refused_port_is_left_alone("mqtt");
    a_refused_port_is_left_alone("mqtts");
}

static void a_dead_name_server_does_not_block_the_loop(void **state)
{
    struct scene *scene = scene_new();

    (void)state;
    look_up_ms = 700;
    scene->settings.adapter = adapter_by_name("mqtt");
    scene->settings.url = memory_format("mqtt://dead.test:1883");
    scene_start_uplink(scene);
    scene_play(scene, (const struct step[]){{NULL, one_second, 0}, {NULL, disconnected, 0}, {0}});
    printf("worst lag of the loop: %lld ms\n", (long long)scene->worst_lag_ms);
    assert_true(scene->worst_lag_ms < 200);
    assert_non_null(strstr(scene->status.trouble, "DNS"));
    free_scene(scene);
}

static void a_wrong_password_is_told_in_words(void **state)
{
    struct scene *scene = scene_with_broker("allow_anonymous false\n");

    (void)state;
    scene->settings.username = "parkd";
    scene->settings.password = "wrong";
    scene_start_uplink(scene);
    scene_play(scene, (const struct step[]){{NULL, disconnected, 0}, {0}});
    assert_true(strstr(scene->status.trouble, "password") ||
                strstr(scene->status.trouble, "does not allow"));
    free_scene(scene);
}

/* A CA, and a certificate of it for broker.test. */
static void make_certificates(const struct scene *scene)
{
    char *command = memory_format(
        "cd %s && openssl ecparam -name prime256v1 -genkey -noout -out ca.key && "
        "openssl req -x509 -new -key ca.key -subj /CN=test-ca -days 2 -out ca.pem && "
        "openssl ecparam -name prime256v1 -genkey -noout -out server.key && "
        "openssl req -new -key server.key -subj /CN=broker -out server.csr && "
        "printf 'subjectAltName=DNS:broker.test' > san && "
        "openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 "
        "-extfile san -out server.pem 2>/dev/null",
        scene->directory);

    assert_int_equal(system(command), 0);
    free(command);
}

static struct scene *scene_with_tls(const char *host)
{
    struct scene *scene = scene_new();
    char text[1024];

    make_certificates(scene);
    scene->port = scene_free_port();
    snprintf(text, sizeof text,
             "listener %u 127.0.0.1\nallow_anonymous true\nuser root\nkeyfile %s/server.key\n"
             "certfile %s/server.pem\n",
             scene->port, scene->directory, scene->directory);
    write_file(scene, "broker.conf", text);
    start_broker(scene);
    scene->settings.tls.ca_file = in_directory(scene, "ca.pem");
    scene->settings.adapter = adapter_by_name("mqtt");
    scene->settings.url = memory_format("mqtts://%s:%u", host, scene->port);
    return scene;
}

static void free_tls(struct scene *scene)
{
    free((char *)scene->settings.tls.ca_file);
    free_scene(scene);
}

static void a_certificate_is_checked_against_the_configured_name(void **state)
{
    struct scene *scene = scene_with_tls("broker.test");

    (void)state;
    scene_start_uplink(scene);
    scene_play(scene, (const struct step[]){
                          {NULL, connected, 0}, {commit_100, scene_all_delivered, 0}, {0}});
    free_tls(scene);
    scene = scene_with_tls("other.test");
    scene_start_uplink(scene);
    scene_play(scene, (const struct step[]){{NULL, disconnected, 0}, {0}});
    assert_non_null(strstr(scene->status.trouble, "TLS"));
    free_tls(scene);
}

/* A peer that accepts and says nothing. */
static void a_broker_that_never_answers_has_a_deadline(void **state)
{
    struct scene *scene = scene_new();
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)state;
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    getsockname(fd, (struct sockaddr *)&address, &size);
    listen(fd, 8);
    scene->settings.timeout_ms = 500;
    scene->settings.adapter = adapter_by_name("mqtt");
    scene->settings.url = memory_format("mqtts://127.0.0.1:%u", ntohs(address.sin_port));
    scene_start_uplink(scene);
    scene_play(scene, (const struct step[]){{begin_clean, disconnected, 0}, {0}});
    assert_non_null(strstr(scene->status.trouble, "no answer"));
    assert_true(scene->turns < 1500);
    close(fd);
    free_scene(scene);
}

static void no_delivery(void *arg, uint64_t ticket)
{
    (void)arg;
    (void)ticket;
}

static void a_gateway_that_vanishes_is_shown_offline(void **state)
{
    struct scene *scene = scene_with_broker("");
    struct mqtt_settings settings = {.host = "127.0.0.1",
                                     .port = scene->port,
                                     .client_id = "vanishing",
                                     .window = 10,
                                     .will_topic = "parking/s1/status",
                                     .will_body = "{\"state\":\"offline\"}"};
    pid_t sub = subscribe(scene, "parking/#");
    struct err err;

    (void)state;
    poll(NULL, 0, 200);
    struct mqtt *mqtt = mqtt_create(&settings, no_delivery, NULL, &err);
    assert_non_null(mqtt);
    assert_int_equal(mqtt_room(mqtt), 0);
    assert_true(mqtt_connect(mqtt, MQTT_ANY, &err));
    for (int i = 0; i < 500 && !mqtt_connected(mqtt); i++) {
        bool write = mqtt_events(mqtt) & LOOP_WRITE;
        struct pollfd wait = {.fd = mqtt_fd(mqtt),
                              .events = (short)(POLLIN | (write ? POLLOUT : 0))};
        if (poll(&wait, 1, 10) > 0)
            assert_true(mqtt_advance(mqtt, LOOP_READ | (write ? LOOP_WRITE : 0u), &err));
    }
    assert_int_equal(mqtt_room(mqtt), 10);
    mqtt_destroy(mqtt);
    for (int i = 0; i < 500 && !heard_offline(scene); i++)
        poll(NULL, 0, 10);
    assert_true(heard_offline(scene));
    end(sub);
    free_scene(scene);
}

static void commit_many(struct scene *scene)
{
    for (int i = 0; i < 100; i++)
        scene_commit(scene, 400);
}

static void ten_thousand_records_a_second_are_possible(void **state)
{
    struct scene *scene = scene_with_broker("");

    (void)state;
    scene_start_uplink(scene);
    int64_t cpu_ms = processor_ms();
    mono_ms began = clock_mono();
    scene_play(scene, (const struct step[]){
                          {NULL, connected, 0}, {commit_many, scene_all_delivered, 60000}, {0}});
    int64_t took_ms = clock_mono().ms - began.ms;
    printf("%llu records in %lld ms: %lld a second, %lld us of processor each, %llu reads\n",
           (unsigned long long)scene->head, (long long)took_ms,
           (long long)((int64_t)scene->head * 1000 / took_ms),
           (long long)((processor_ms() - cpu_ms) * 1000 / (int64_t)scene->head),
           (unsigned long long)scene->reads);
    free_scene(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(state_and_records_reach_a_subscriber),
        cmocka_unit_test(a_broker_that_stops_and_starts_under_traffic_loses_nothing),
        cmocka_unit_test(a_restart_goes_on_where_it_was),
        cmocka_unit_test(a_refused_port_does_not_spin),
        cmocka_unit_test(a_dead_name_server_does_not_block_the_loop),
        cmocka_unit_test(a_wrong_password_is_told_in_words),
        cmocka_unit_test(a_certificate_is_checked_against_the_configured_name),
        cmocka_unit_test(a_broker_that_never_answers_has_a_deadline),
        cmocka_unit_test(a_gateway_that_vanishes_is_shown_offline),
        cmocka_unit_test(ten_thousand_records_a_second_are_possible),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
