/* What the API says, word for word, and what it refuses. */
#include "tests/unit/serve_fixture.h"

#include <ctype.h>
#include <pwd.h>

static void read_lists(struct fixture *f)
{
    get(f, "/api/v1/status");
    get(f, "/api/v1/lots");
    get(f, "/api/v1/lots/B");
    get(f, "/api/v1/lanes");
    get(f, "/api/v1/devices");
    get(f, "/api/v1/buses");
    get(f, "/api/v1/uplinks");
    get(f, "/api/v1/outbox/city");
}

/* long: the expected words are the test */
static void lists_are_told_word_for_word(void **state)
{
    static const char *const expected[] = {
        "{\"site\":\"site\",\"name\":\"Site\",\"time_zone\":\"Asia/Shanghai\",\"version\":"
        "\"" PARKD_VERSION "\",\"now\":\"2026-11-22T03:00:00.000Z\","
        "\"started\":\"2026-11-22T02:00:00.000Z\",\"lots\":2,\"bays\":4,\"devices\":2,"
        "\"store\":{\"head\":98,\"waiting\":0,\"commits\":30,\"last_commit_us\":4200,"
        "\"worst_commit_us\":1018000,\"trouble\":null},\"ready\":false,\"checks\":["
        "{\"kind\":\"bus\",\"name\":\"line\",\"ok\":true,\"words\":\"open\"},"
        "{\"kind\":\"devices\",\"name\":null,\"ok\":false,"
        "\"words\":\"1 of 2 answer; parkctl devices says which do not\"},"
        "{\"kind\":\"store\",\"name\":null,\"ok\":true,\"words\":\"0 records wait for the disk\"},"
        "{\"kind\":\"uplink\",\"name\":\"city\",\"ok\":true,"
        "\"words\":\"not connected, 7 records pending, 1 set aside: refused\"}],"
        "\"uplinks\":[{\"name\":\"city\",\"connected\":false,\"trouble\":\"refused\","
        "\"delivered\":90,\"pending\":7,\"dead\":1,\"through\":91,\"head\":98,"
        "\"last_delivery\":\"2026-11-22T02:59:00.000Z\","
        "\"oldest_pending\":\"2026-11-22T02:59:01.000Z\",\"vacancies_sent\":12}]}\n",

        "{\"lots\":[{\"lot\":\"A\","
        "\"as_of\":\"2026-11-22T03:00:00.000Z\",\"capacity\":3,\"free\":1,\"occupied\":1,"
        "\"unknown\":1,\"out_of_service\":0,\"quality\":\"partial\",\"zones\":["
        "{\"id\":\"A1\",\"name\":\"Level 1\",\"capacity\":2,\"free\":1,\"occupied\":1,"
        "\"unknown\":0,\"out_of_service\":0},"
        "{\"id\":\"A2\",\"name\":\"Level 2\",\"capacity\":1,\"free\":0,\"occupied\":0,"
        "\"unknown\":1,\"out_of_service\":0}],\"classes\":["
        "{\"class\":\"ordinary\",\"capacity\":2,\"free\":1,\"occupied\":0,\"unknown\":1,"
        "\"out_of_service\":0},"
        "{\"class\":\"charging\",\"capacity\":1,\"free\":0,\"occupied\":1,\"unknown\":0,"
        "\"out_of_service\":0}],\"name\":\"North \\\"old\\\" lot\"},"
        "{\"lot\":\"B\","
        "\"as_of\":\"2026-11-22T03:00:00.000Z\",\"capacity\":1,\"free\":1,\"occupied\":0,"
        "\"unknown\":0,\"out_of_service\":0,\"quality\":\"good\",\"zones\":["
        "{\"id\":\"B1\",\"name\":\"B1\",\"capacity\":1,\"free\":1,\"occupied\":0,\"unknown\":0,"
        "\"out_of_service\":0}],\"name\":\"南区\"}]}\n",

        "{\"lot\":\"B\","
        "\"as_of\":\"2026-11-22T03:00:00.000Z\",\"capacity\":1,\"free\":1,\"occupied\":0,"
        "\"unknown\":0,\"out_of_service\":0,\"quality\":\"good\",\"zones\":["
        "{\"id\":\"B1\",\"name\":\"B1\",\"capacity\":1,\"free\":1,\"occupied\":0,\"unknown\":0,"
        "\"out_of_service\":0}],\"name\":\"南区\"}\n",

        "{\"lanes\":[]}\n",

        "{\"devices\":[{\"device\":\"node-1\",\"bus\":\"line\",\"state\":\"online\","
        "\"reason\":\"answers\",\"since\":\"2026-11-22T03:00:00.000Z\",\"bays\":2,"
        "\"last_answer\":\"2026-11-22T02:59:58.000Z\",\"answers\":19,\"timeouts\":1,\"errors\":0,"
        "\"exceptions\":0,\"refused\":0,\"turnaround_us\":21000,\"last_error\":\"timeout\","
        "\"trouble\":\"battery_low\",\"battery\":\"low\",\"battery_mv\":2950,"
        "\"rssi_dbm\":[-90,-105],\"gateways\":2,\"missed\":0,\"asked\":{\"what\":\"recalibrate\","
        "\"state\":\"sent\",\"since\":\"2026-11-22T02:59:00.000Z\",\"attempts\":1,\"words\":"
        "\"wait\"}},"
        "{\"device\":\"node-2\",\"bus\":\"radio\",\"state\":\"new\",\"reason\":null,"
        "\"since\":null,\"bays\":1}]}\n",

        "{\"buses\":[{\"bus\":\"line\",\"type\":\"rtu\",\"open\":true,\"trouble\":null,"
        "\"devices\":1,\"requests\":20,\"cycles\":10,\"cycle_us\":1500000}]}\n",

        "{\"uplinks\":[{\"name\":\"city\",\"connected\":false,\"trouble\":\"refused\","
        "\"delivered\":90,\"pending\":7,\"dead\":1,\"through\":91,\"head\":98,"
        "\"last_delivery\":\"2026-11-22T02:59:00.000Z\","
        "\"oldest_pending\":\"2026-11-22T02:59:01.000Z\",\"vacancies_sent\":12}]}\n",

        "{\"uplink\":{\"name\":\"city\",\"connected\":false,\"trouble\":\"refused\","
        "\"delivered\":90,\"pending\":7,\"dead\":1,\"through\":91,\"head\":98,"
        "\"last_delivery\":\"2026-11-22T02:59:00.000Z\","
        "\"oldest_pending\":\"2026-11-22T02:59:01.000Z\",\"vacancies_sent\":12},"
        "\"records\":[{\"seq\":42,\"state\":\"dead\",\"attempts\":3,"
        "\"reason\":\"422: no such bay\"}],\"count\":1}\n",
    };
    struct fixture *f = fixture_create();

    (void)state;
    fixture_serve(f, NULL);
    run(f, read_lists);
    for (uint32_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_int_equal(status_of(f, i), 200);
        assert_non_null(strstr(f->answers[i], "Content-Type: application/json\r\n"));
        assert_string_equal(body_of(f, i), expected[i]);
    }
    fixture_destroy(f);
}

static void filter_bays(struct fixture *f)
{
    get(f, "/api/v1/bays?lot=B");
    get(f, "/api/v1/bays?zone=A1&state=occupied");
    get(f, "/api/v1/bays");
    get(f, "/api/v1/bays?state=full");
    get(f, "/api/v1/bays?lot=nowhere");
}

static void bays_are_narrowed_by_lot_zone_and_state(void **state)
{
    struct fixture *f = fixture_create();

    (void)state;
    fixture_serve(f, NULL);
    run(f, filter_bays);
    assert_string_equal(body_of(f, 0),
                        "{\"bays\":[{\"lot\":\"B\",\"zone\":\"B1\",\"bay\":\"B-1\","
                        "\"class\":\"ordinary\",\"state\":\"free\",\"reason\":\"reading\","
                        "\"since\":\"2026-11-22T03:00:00.000Z\",\"suspect\":[],"
                        "\"device\":null}],\"count\":1}\n");
    assert_non_null(strstr(body_of(f, 1), "\"bay\":\"A-2\",\"class\":\"charging\""));
    assert_non_null(strstr(body_of(f, 1), "\"count\":1}"));
    assert_non_null(strstr(body_of(f, 2), "\"count\":4}"));
    assert_int_equal(status_of(f, 3), 400);
    assert_non_null(strstr(body_of(f, 3), "free, occupied, unknown, out_of_service"));
    assert_int_equal(status_of(f, 4), 404);
    fixture_destroy(f);
}

static void ask_for_what_is_not_there(struct fixture *f)
{
    get(f, "/api/v2/lots");
    get(f, "/api/v1/lots/nowhere");
    get(f, "/api/v1/outbox/nobody");
    ask(f, false, "DELETE /api/v1/lots", "", NULL);
    get(f, "/page/nothing.js");
    get(f, "/api/v1/lots/A-name-that-is-longer-than-any-id-may-be");
    ask(f, false, "HEAD /api/v1/lots", "", NULL);
}

static void what_is_not_there_is_refused_with_a_hint(void **state)
{
    static const int expected[] = {404, 404, 404, 405, 404, 404, 200};
    struct fixture *f = fixture_create();

    (void)state;
    fixture_serve(f, NULL);
    run(f, ask_for_what_is_not_there);
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(status_of(f, i), expected[i]);
        assert_non_null(strstr(body_of(f, i), "\"error\":\""));
        assert_non_null(strstr(body_of(f, i), "\"hint\":\""));
    }
    assert_non_null(strstr(f->answers[3], "\r\nAllow: GET, HEAD\r\n"));
    assert_int_equal(status_of(f, 6), 200);
    assert_string_equal(body_of(f, 6), "");
    fixture_destroy(f);
}

static void read_health(struct fixture *f)
{
    get(f, "/healthz");
    get(f, "/readyz");
}

static void a_failing_store_makes_the_gateway_not_ready_but_alive(void **state)
{
    struct fixture *f = fixture_create();

    (void)state;
    f->store_fails = true;
    fixture_serve(f, NULL);
    run(f, read_health);
    assert_int_equal(status_of(f, 0), 200);
    assert_string_equal(body_of(f, 0), "alive\n");
    assert_int_equal(status_of(f, 1), 503);
    assert_non_null(strstr(body_of(f, 1), "ok: bus \"line\": open\n"));
    assert_non_null(strstr(body_of(f, 1), "NOT OK: store: disk full: free some space\n"));
    fixture_destroy(f);
}

static void read_status(struct fixture *f)
{
    get(f, "/api/v1/status");
}

/* What the status says of the closing of days when it is so many hours later. */
static void closing_says(int64_t closed_hours_ago, int hours_later, const char *words)
{
    struct fixture *f = fixture_create();

    if (closed_hours_ago)
        f->closed_until.ms = f->now.utc.ms - closed_hours_ago * INT64_C(3600000);
    fixture_serve(f, NULL);
    f->now.utc.ms += hours_later * INT64_C(3600000);
    run(f, read_status);
    const char *told = strstr(body_of(f, 0), "\"kind\":\"reports\"");
    assert_int_equal(told != NULL, words != NULL);
    if (words && !strstr(told, words))
        fail_msg("\"%s\" does not say \"%s\"", told, words);
    fixture_destroy(f);
}

/* The timer of the night runs at 04:30: a day that it failed to close is told by noon. */
static void a_day_that_was_not_closed_is_told(void **state)
{
    (void)state;
    closing_says(35, 0, "\"ok\":true,\"words\":\"business days are closed until 2026-11-20T16:00");
    closing_says(36, 0, "\"ok\":true");
    closing_says(37, 0, "\"ok\":false,\"words\":\"business days are closed until 2026-11-20T14:00");
    closing_says(37, 0, "see journalctl -u parkd-report");
}

static void that_no_day_was_ever_closed_is_told_once_one_should_have_been(void **state)
{
    (void)state;
    closing_says(0, 0, NULL);
    closing_says(0, 34, NULL);
    closing_says(0, 36, "\"ok\":false,\"words\":\"no business day was ever closed; ");
}

/* Checks one line of the text format: a comment, or name{key="value",…} number. Remembers in
 * `family` which HELP and TYPE came last, because every sample must follow those of its own. */
static bool metric_line_is_well_formed(const char *line, char family[64])
{
    char name[64], type[16];
    int at = 0;

    if (sscanf(line, "# HELP %63s %n", name, &at) == 1 && line[at] != '\0')
        return strcpy(family, name) && strncmp(name, "parkd_", 6) == 0;
    if (sscanf(line, "# TYPE %63s %15s%n", name, type, &at) == 2)
        return strcmp(name, family) == 0 && line[at] == '\0' &&
               (strcmp(type, "gauge") == 0 ||
                (strcmp(type, "counter") == 0 && strcmp(name + strlen(name) - 6, "_total") == 0));
    size_t size = strspn(line, "abcdefghijklmnopqrstuvwxyz_");
    if (size != strlen(family) || strncmp(line, family, size) != 0)
        return false;
    line += size;
    while (*line == '{' || *line == ',') {
        line += 1 + strspn(line + 1, "abcdefghijklmnopqrstuvwxyz_");
        if (strncmp(line, "=\"", 2) != 0 || !(line = strchr(line + 2, '"')))
            return false;
        line++;
    }
    line += *line == '}';
    line += line[0] == ' ' && line[1] == '-';
    return (*line == ' ' || *line == '-') && line[1 + strspn(line + 1, "0123456789.")] == '\0' &&
           isdigit(line[1]);
}

static void read_metrics(struct fixture *f)
{
    get(f, "/metrics");
}

static void metrics_follow_the_text_format_of_prometheus(void **state)
{
    struct fixture *f = fixture_create();
    char family[64] = "", *rest = NULL;

    (void)state;
    fixture_serve(f, NULL);
    run(f, read_metrics);
    assert_non_null(strstr(f->answers[0], "Content-Type: text/plain; version=0.0.4"));
    assert_non_null(strstr(body_of(f, 0), "\nparkd_bays{lot=\"A\",state=\"free\"} 1\n"));
    assert_non_null(
        strstr(body_of(f, 0), "\nparkd_device_answers_total{device=\"node-1\",bus=\"line\"} 19\n"));
    assert_non_null(
        strstr(body_of(f, 0), "\nparkd_device_late_total{device=\"node-1\",bus=\"line\"} 3\n"));
    assert_non_null(strstr(
        body_of(f, 0),
        "\nparkd_device_rssi_dbm{device=\"node-1\",bus=\"line\",state=\"occupied\"} -105\n"));
    assert_non_null(strstr(body_of(f, 0), "\nparkd_bus_cycle_seconds{bus=\"line\"} 1.500000\n"));
    assert_non_null(strstr(body_of(f, 0), "\nparkd_store_commit_seconds 0.004200\n"));
    assert_non_null(strstr(body_of(f, 0), "\nparkd_uplink_pending_records{uplink=\"city\"} 7\n"));
    assert_non_null(strstr(body_of(f, 0),
                           "\nparkd_uplink_oldest_pending_seconds{uplink=\"city\"} 59.000000\n"));
    for (char *line = strtok_r((char *)body_of(f, 0), "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest)) {
        if (!metric_line_is_well_formed(line, family))
            fail_msg("not a line of the format: %s", line);
    }
    fixture_destroy(f);
}

static void take_a_bay_out(struct fixture *f)
{
    post(f, "/api/v1/bays/A-1/out", "{\"reason\":\"0 坏了\"}");
    get(f, "/api/v1/bays?state=out_of_service");
}

static void a_command_reaches_the_gateway_with_its_actor_and_reason(void **state)
{
    struct fixture *f = fixture_create();
    const struct passwd *me = getpwuid(getuid());

    (void)state;
    fixture_serve(f, NULL);
    run(f, take_a_bay_out);
    assert_int_equal(status_of(f, 0), 200);
    assert_string_equal(body_of(f, 0), "{\"done\":true}\n");
    assert_int_equal(f->asked.command, SERVE_BAY_OUT);
    assert_string_equal(f->asked.subject, "A-1");
    assert_string_equal(f->asked.reason, "0 坏了");
    assert_string_equal(f->asked.actor.name, me ? me->pw_name : "uid 0");
    assert_int_equal(f->asked.actor.role, ROLE_INSTALLER);
    assert_non_null(strstr(body_of(f, 1), "\"bay\":\"A-1\""));
    fixture_destroy(f);
}

static void send_bad_commands(struct fixture *f)
{
    char longer[200];

    snprintf(longer, sizeof longer, "{\"reason\":\"%0150d\"}", 0);
    post(f, "/api/v1/bays/A-1/out", "{}");
    post(f, "/api/v1/bays/A-1/out", "{\"reason\":");
    post(f, "/api/v1/bays/A-1/out", "[]");
    post(f, "/api/v1/bays/A-9/out", "{\"reason\":\"x\"}");
    post(f, "/api/v1/bays/A-1/out", longer);
    post(f, "/api/v1/outbox/city/drop", "{\"reason\":\"x\",\"seq\":-1}");
    post(f, "/api/v1/backup", "{\"path\":\"relative.db\"}");
    ask(f, true, "POST /api/v1/bays/A-1/in", "", "{}");
    ask(f, false, "POST /api/v1/bays/A-1/in", "Content-Type: application/json\r\n", "{}");
    post(f, "/api/v1/bays/A-1/recalibrate", "{\"reason\":\"nobody looked\"}");
    post(f, "/api/v1/bays/A-1/set", "{\"value\":24}");
    post(f, "/api/v1/bays/A-1/set", "{\"what\":\"upload_h\",\"value\":3000000000}");
}

static void ask_of_sensors(struct fixture *f)
{
    post(f, "/api/v1/bays/A-1/set", "{\"what\":\"upload_h\",\"value\":24}");
    post(f, "/api/v1/bays/A-1/recalibrate", "{\"empty\":true}");
}

static void what_is_asked_of_a_sensor_reaches_the_gateway(void **state)
{
    struct fixture *f = fixture_create();

    (void)state;
    fixture_serve(f, NULL);
    run(f, ask_of_sensors);
    assert_int_equal(status_of(f, 0), 200);
    assert_int_equal(status_of(f, 1), 200);
    assert_int_equal(f->asked.command, SERVE_BAY_RECALIBRATE);
    assert_true(f->asked.empty);
    fixture_destroy(f);
}

static void ask_for_devices(struct fixture *f)
{
    get(f, "/api/v1/devices");
    get(f, "/metrics");
}

static void a_suspect_bay_is_its_sensors_trouble(void **state)
{
    struct fixture *f = fixture_create();
    const struct record record = {
        .kind = RECORD_BAY_HEALTH,
        .bay_health = {.bay = 0, .condition = BAY_STUCK_OCCUPIED, .on = true}};

    (void)state;
    view_apply(f->view, &record, 99);
    f->healthy = true; /* its own figures show nothing */
    fixture_serve(f, NULL);
    run(f, ask_for_devices);
    assert_non_null(strstr(body_of(f, 0),
                           "\"last_error\":\"bay \\\"A-1\\\" occupied for very long; look "
                           "at the bay"));
    assert_non_null(strstr(body_of(f, 0), "\"trouble\":\"bay_stuck_occupied\""));
    assert_non_null(strstr(body_of(f, 1), "\nparkd_device_trouble{device=\"node-1\",bus=\"line\","
                                          "kind=\"bay_stuck_occupied\"} 1\n"));
    fixture_destroy(f);
}

static void a_command_that_is_not_in_order_never_reaches_the_gateway(void **state)
{
    static const int expected[] = {400, 400, 400, 404, 400, 400, 400, 415, 403, 400, 400, 400};
    struct fixture *f = fixture_create();

    (void)state;
    f->asked.seq = 77;
    fixture_serve(f, NULL);
    run(f, send_bad_commands);
    for (uint32_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(status_of(f, i), expected[i]);
    assert_int_equal(f->asked.seq, 77);
    fixture_destroy(f);
}

static void ask_for_the_page(struct fixture *f)
{
    get(f, "/");
    get(f, "/page/page.js");
    get(f, "/page/style.css");
}

static void the_page_loads_nothing_from_elsewhere(void **state)
{
    struct fixture *f = fixture_create();

    (void)state;
    fixture_serve(f, NULL);
    run(f, ask_for_the_page);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(status_of(f, i), 200);
        assert_non_null(strstr(f->answers[i], "Content-Security-Policy: default-src 'none';"));
        assert_null(strstr(body_of(f, i), "://"));
        assert_null(strstr(body_of(f, i), "style=\""));
        assert_null(strstr(body_of(f, i), "<script>"));
    }
    assert_non_null(strstr(body_of(f, 0), "</html>\n"));
    fixture_destroy(f);
}

static void act(struct fixture *f)
{
    post(f, "/api/v1/lanes/A-in/hold", "{\"reason\":\"market\",\"for_s\":60}");
    post(f, "/api/v1/stays/S1/pay", "{\"amount_fen\":1250}");
    ask(f, false, "POST /api/v1/lanes/A-in/open", "Content-Type: application/json\r\n",
        "{\"reason\":\"x\"}");
    ask(f, true, "GET /api/v1/lanes/A-in/open", "", NULL);
    ask(f, true, "GET /api/v1/quote/S1", "", NULL);
    get(f, "/api/v1/quote/S1");
}

static void an_act_reaches_the_gateway_with_its_words(void **state)
{
    struct fixture *f = fixture_create();

    (void)state;
    fixture_serve(f, NULL);
    run(f, act);
    assert_int_equal(status_of(f, 0), 200);
    assert_int_equal(f->asked.command, SERVE_ACT);
    assert_int_equal(f->asked.act, ACT_LANE_HOLD);
    assert_string_equal(f->asked.subject, "A-in");
    assert_int_equal(f->asked.words.for_s, 60);
    assert_string_equal(f->asked.reason, "market");
    assert_int_equal(status_of(f, 1), 400);
    assert_non_null(strstr(body_of(f, 1), "it needs \\\"channel\\\""));
    assert_int_equal(status_of(f, 2), 403);
    assert_int_equal(status_of(f, 3), 405);
    assert_int_equal(status_of(f, 4), 200);
    assert_int_equal(status_of(f, 5), 403);
    fixture_destroy(f);
}

static void look_at_stays(struct fixture *f)
{
    get(f, "/api/v1/stays");
    ask(f, true, "GET /api/v1/stays?state=open", "", NULL);
    ask(f, true, "GET /api/v1/stays?state=paid", "", NULL);
}

static void plates_are_whole_for_those_who_may_see_them(void **state)
{
    struct fixture *f = fixture_create();

    (void)state;
    fixture_serve(f, NULL);
    run(f, look_at_stays);
    assert_string_equal(body_of(f, 0), "{\"stays\":[{\"plate\":\"皖A***45\"}]}\n");
    assert_string_equal(body_of(f, 1), "{\"stays\":[{\"plate\":\"皖A12345\"}]}\n");
    assert_int_equal(status_of(f, 2), 400);
    fixture_destroy(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_told_word_for_word),
        cmocka_unit_test(bays_are_narrowed_by_lot_zone_and_state),
        cmocka_unit_test(what_is_not_there_is_refused_with_a_hint),
        cmocka_unit_test(an_act_reaches_the_gateway_with_its_words),
        cmocka_unit_test(plates_are_whole_for_those_who_may_see_them),
        cmocka_unit_test(a_failing_store_makes_the_gateway_not_ready_but_alive),
        cmocka_unit_test(a_day_that_was_not_closed_is_told),
        cmocka_unit_test(that_no_day_was_ever_closed_is_told_once_one_should_have_been),
        cmocka_unit_test(metrics_follow_the_text_format_of_prometheus),
        cmocka_unit_test(a_command_reaches_the_gateway_with_its_actor_and_reason),
        cmocka_unit_test(a_command_that_is_not_in_order_never_reaches_the_gateway),
        cmocka_unit_test(what_is_asked_of_a_sensor_reaches_the_gateway),
        cmocka_unit_test(a_suspect_bay_is_its_sensors_trouble),
        cmocka_unit_test(the_page_loads_nothing_from_elsewhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
