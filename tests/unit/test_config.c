/* The configuration: what a valid file becomes, and that tables, manual and sample agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <time.h>
#include <unistd.h>

#include "daemon/config/config.h"
#include "daemon/config/sections.h"
#include "daemon/uplink/adapter.h"

static void print(void *arg, const char *line)
{
    (void)arg;
    printf("%s\n", line);
}

static char folder[] = "/tmp/parkd-test-config-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path_of("parkd.conf"));
    return rmdir(folder);
}

/* Writes the text to a file and reads it; the test fails when there is a mistake in it. */
static struct config *load(const char *text)
{
    const char *path = path_of("parkd.conf");
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    struct config *config = config_load(path, print, NULL);
    assert_non_null(config);
    return config;
}

#define SITE "site = { id = \"s\"; zone = \"Etc/UTC\"; };\n"
#define LOT                                                                                        \
    "lots = ( { id = \"L\"; zones = ( { id = \"Z\"; bays = \"A-1..A-4\"; unsensed = true; } ); } " \
    ");\n"
#define MAPS                                                                                   \
    "maps = ( { name = \"four\"; vendor = \"v\"; model = \"m\"; source = \"s\"; inputs = 4;\n" \
    "  silence_ms = 20000; state = { function = 2; address = 7; }; } );\n"

static void what_is_not_said_takes_its_default(void **state)
{
    (void)state;
    struct config *config = load(SITE LOT);
    const struct bay_rules *rules = &config->plan.lots[0].rules;

    assert_string_equal(config->plan.name, "s");
    assert_string_equal(config->plan.lots[0].name, "L");
    assert_string_equal(config->plan.zones[0].name, "Z");
    assert_string_equal(config->store.path, "/var/lib/parkd/parkd.db");
    assert_int_equal(config->store.batch_records, 1000);
    assert_null(config->serve.listen);
    assert_string_equal(config->serve.control, "/run/parkd/control.sock");
    assert_int_equal(rules->debounce_occupied_ms, 0);
    assert_int_equal(rules->flapping_per_hour, 20);
    assert_int_equal(rules->stuck_occupied_ms, 168LL * 3600 * 1000);
    assert_false(rules->suspect_is_unknown);
    assert_int_equal(config->buses_count, 0);
    assert_int_equal(config->uplinks_count, 0);
    config_free(config);
}

static void a_lot_takes_the_rules_it_does_not_say_from_the_site(void **state)
{
    (void)state;
    struct config *config = load(
        SITE "rules = { debounce_free_ms = 700; stuck_free_hours = 2; };\n"
             "lots = ( { id = \"L\"; rules = { debounce_free_ms = 5; };\n"
             "  zones = ( { id = \"Z\"; bays = \"A\"; unsensed = true; } ); },\n"
             "  { id = \"M\"; zones = ( { id = \"Y\"; bays = \"B\"; unsensed = true; } ); } );\n");

    assert_int_equal(config->plan.lots[0].rules.debounce_free_ms, 5);
    assert_int_equal(config->plan.lots[0].rules.stuck_free_ms, 7200000);
    assert_int_equal(config->plan.lots[1].rules.debounce_free_ms, 700);
    config_free(config);
}

static void bays_keep_the_order_and_classes_of_their_zones(void **state)
{
    (void)state;
    struct config *config = load(
        SITE "lots = ( { id = \"L\"; zones = (\n"
             "  { id = \"Z\"; bays = \"A-08..A-11, X\"; accessible = \"A-09..A-10\"; unsensed = "
             "true; },\n"
             "  { id = \"Y\"; bays = \"B-9..B-10\"; class = \"reserved\"; charging = \"B-9\";\n"
             "    unsensed = true; } ); } );\n");
    static const struct {
        const char *id;
        uint32_t zone;
        enum bay_class class;
    } expected[] = {
        {"A-08", 0, BAY_ORDINARY}, {"A-09", 0, BAY_ACCESSIBLE}, {"A-10", 0, BAY_ACCESSIBLE},
        {"A-11", 0, BAY_ORDINARY}, {"X", 0, BAY_ORDINARY},      {"B-9", 1, BAY_CHARGING},
        {"B-10", 1, BAY_RESERVED},
    };

    assert_int_equal(config->plan.bays_count, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_string_equal(config->plan.bays[i].id, expected[i].id);
        assert_int_equal(config->plan.bays[i].zone, expected[i].zone);
        assert_int_equal(config->plan.bays[i].class, expected[i].class);
        assert_int_equal(config->plan.bays[i].device, PLAN_NONE);
    }
    config_free(config);
}

static void a_device_wires_its_inputs_in_order_and_skips_dashes(void **state)
{
    (void)state;
    struct config *config =
        load(SITE LOT MAPS
             "buses = ( { id = \"b\"; type = \"rtu\"; path = \"/dev/ttyS9\"; format = \"8E2\";\n"
             "  devices = ( { id = \"d\"; unit = 7; map = \"four\"; bays = \"A-3, -, A-1\"; } ); } "
             ");\n");
    const struct bus_settings *bus = &config->buses[0];
    const struct device_settings *device = &bus->devices[0];

    assert_int_equal(bus->type, BUS_RTU);
    assert_int_equal(bus->parity, 'E');
    assert_int_equal(bus->stop_bits, 2);
    assert_int_equal(bus->baud, 9600);
    assert_int_equal(device->inputs, 3);
    assert_int_equal(device->bays[0], 2);
    assert_int_equal(device->bays[1], PLAN_NONE);
    assert_int_equal(device->bays[2], 0);
    assert_int_equal(device->map->state.address, 7);
    assert_int_equal(config->plan.bays[2].device, 0);
    assert_int_equal(config->plan.bays[2].silence_ms, 20000);
    assert_int_equal(config->plan.bays[1].device, PLAN_NONE);
    assert_string_equal(config->plan.devices[0].id, "d");
    assert_string_equal(config->plan.devices[0].bus, "b");
    config_free(config);
}

static void silence_follows_the_device_then_three_polls_then_the_map(void **state)
{
    (void)state;
    struct config *config =
        load(SITE LOT MAPS
             "buses = ( { id = \"b\"; type = \"tcp\"; host = \"0:0::1\"; devices = (\n"
             "  { id = \"d\"; unit = 1; map = \"four\"; bays = \"A-1\"; silence_ms = 4000; poll_ms "
             "= 2000; },\n"
             "  { id = \"e\"; unit = 2; map = \"four\"; bays = \"A-2\"; poll_ms = 10000; },\n"
             "  { id = \"f\"; unit = 3; map = \"four\"; bays = \"A-3\"; } ); } );\n");

    assert_string_equal(config->buses[0].host, "::1");
    assert_int_equal(config->buses[0].port, 502);
    assert_int_equal(config->plan.bays[0].silence_ms, 4000);
    assert_int_equal(config->plan.bays[1].silence_ms, 30000);
    assert_int_equal(config->plan.bays[2].silence_ms, 20000);
    assert_int_equal(config->buses[0].devices[2].poll_ms, 0);
    config_free(config);
}

static void an_uplink_takes_all_kinds_unless_it_names_some(void **state)
{
    (void)state;
    struct config *config =
        load(SITE LOT
             "uplinks = ( { name = \"u\"; type = \"mqtt\"; url = \"mqtt://127.0.0.1\"; },\n"
             "  { name = \"v\"; type = \"json\"; url = \"https://x.example\"; requests_per_s = 2;\n"
             "    kinds = [ \"bay_changed\", \"loss\" ]; } );\n");

    assert_int_equal(config->uplinks_count, 2);
    assert_int_equal(config->uplinks[0].kinds, UINT32_MAX >> (32 - RECORD_KINDS));
    assert_int_equal(config->uplinks[1].kinds, 1u << RECORD_BAY_CHANGED | 1u << RECORD_LOSS);
    assert_string_equal(config->uplinks[0].adapter->name, "mqtt");
    assert_true(config->uplinks[1].requests_per_s > 1.99 &&
                config->uplinks[1].requests_per_s < 2.01);
    assert_true(config->uplinks[1].window <= config->uplinks[1].adapter->batch_max);
    config_free(config);
}

/* The maps as shipped say what the makers' papers say; addresses are as on the wire. */
static void the_shipped_sample_becomes_the_devices_it_names(void **state)
{
    (void)state;
    struct config *config = config_load("config/parkd.conf", print, NULL);
    assert_non_null(config);
    const struct modbus_map *ld120 = config->buses[1].devices[0].map;
    const struct modbus_map *own = config->buses[1].devices[1].map;
    const struct modbus_map *sen0310 = config->buses[1].devices[2].map;

    assert_string_equal(ld120->device, "Procon LD120");
    assert_int_equal(ld120->state.function, 4);
    assert_int_equal(ld120->state.address, 1);
    assert_true(ld120->state.in_word);
    assert_int_equal(ld120->state.bit, 1);
    assert_int_equal(ld120->fault.address, 1);
    assert_false(ld120->fault.in_word);
    assert_int_equal(ld120->counter.place.address, 9);
    assert_true(ld120->counter.wide);
    assert_int_equal(own->inputs, 16);
    assert_int_equal(own->state.bit_stride, 1);
    assert_int_equal(own->free.compare, MODBUS_NONE);
    assert_int_equal(sen0310->distance.mm_per_count, 10);
    assert_int_equal(sen0310->distance.invalid_count, 2);
    assert_int_equal(sen0310->distance.invalid[1], 65535);
    assert_int_equal(sen0310->distance.frozen_ms, 86400000);
    assert_int_equal(sen0310->occupied.compare, MODBUS_NONE);
    assert_int_equal(sen0310->setup_count, 1);
    assert_int_equal(sen0310->trigger.value, 12);
    assert_int_equal(config->buses[1].devices[2].threshold, 1500);
    config_free(config);
}

static void keep(void *arg, const char *line)
{
    snprintf(arg, 512, "%s", line);
}

static void a_file_that_is_not_there_is_one_mistake(void **state)
{
    char lines[512] = "";

    (void)state;
    assert_null(config_load("no/such.conf", keep, lines));
    assert_string_equal(lines,
                        "no/such.conf:1: no/such.conf cannot be read: No such file or directory");
}

/* 10,000 bays on 625 devices; the budget is 200 ms without sanitizers, quadratic work takes more
 * than the bound even on a fast machine. */
static void ten_thousand_bays_load_quickly(void **state)
{
    FILE *file = fopen(path_of("parkd.conf"), "we");
    struct timespec before, after;

    (void)state;
    assert_non_null(file);
    fputs(SITE MAPS "lots = (", file);
    for (int lot = 0; lot < 10; lot++)
        fprintf(file,
                "%s{ id = \"L%d\"; zones = ( { id = \"Z%d\"; bays = \"B%d-0001..B%d-1000\"; } ); }",
                lot ? ",\n" : "", lot, lot, lot, lot);
    fputs(");\nbuses = (", file);
    for (int bus = 0; bus < 10; bus++) {
        fprintf(file, "%s{ id = \"b%d\"; type = \"tcp\"; host = \"10.0.0.%d\"; devices = (",
                bus ? ",\n" : "", bus, bus + 1);
        for (int unit = 1; unit <= 250; unit++)
            fprintf(
                file,
                "%s{ id = \"d%d-%d\"; unit = %d; map = \"four\"; bays = \"B%d-%04d..B%d-%04d\"; }",
                unit > 1 ? ",\n" : "", bus, unit, unit, bus, 4 * unit - 3, bus, 4 * unit);
        fputs("); }", file);
    }
    fputs(");\n", file);
    fclose(file);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    struct config *config = config_load(path_of("parkd.conf"), print, NULL);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    assert_non_null(config);
    assert_int_equal(config->plan.bays_count, 10000);
    double ms = (double)(after.tv_sec - before.tv_sec) * 1e3 +
                (double)(after.tv_nsec - before.tv_nsec) / 1e6;
    printf("10000 bays, 2500 devices: %.1f ms\n", ms);
    assert_true(ms < 1000);
    config_free(config);
}

/* The whole file as a text. */
static char *slurp(const char *path)
{
    char *bytes = calloc(1, 1 << 20);
    FILE *file = fopen(path, "re");

    assert_non_null(bytes);
    assert_non_null(file);
    assert_in_range(fread(bytes, 1, (1 << 20) - 1, file), 1, (1 << 20) - 2);
    fclose(file);
    return bytes;
}

struct search {
    const char *text;
    const char *where, *before, *after;
    int missing;
};

static void look_for_key(void *arg, const struct config_option *option)
{
    struct search *search = arg;
    const char *dot = strrchr(option->path, '.'), *key = dot ? dot + 1 : option->path;
    size_t size = strlen(key);

    for (const char *at = strstr(search->text, key); at; at = strstr(at + 1, key)) {
        bool begins = at > search->text && strchr(search->before, at[-1]);
        if (begins && strchr(search->after, at[size]))
            return;
    }
    printf("%s: \"%s\" is missing\n", search->where, option->path);
    search->missing++;
}

static void every_key_stands_in_the_manual_and_in_the_sample(void **state)
{
    char *manual = slurp("daemon/config/parkd.conf.5"), *sample = slurp("config/parkd.conf");
    struct search in_manual = {manual, "parkd.conf(5)", " ", "\n ", 0};
    struct search in_sample = {sample, "parkd.conf", " {\n", " =", 0};

    (void)state;
    config_each_option(look_for_key, &in_manual);
    config_each_option(look_for_key, &in_sample);
    assert_int_equal(in_manual.missing + in_sample.missing, 0);
    free(sample);
    free(manual);
}

static void look_for_words(void *arg, const struct config_option *option)
{
    struct search *search = arg;
    char words[256];

    if (strncmp(option->allowed, "a whole number, ", 16) != 0)
        return;
    snprintf(words, sizeof words, "%s", option->allowed + 16);
    const char *dot = strrchr(option->path, '.'), *key = dot ? dot + 1 : option->path;
    char item[128];
    snprintf(item, sizeof item, ".It Ic %s\n", key);
    for (const char *at = strstr(search->text, item); at; at = strstr(at + 1, item)) {
        const char *end = strstr(at + 1, ".It "), *found = strstr(at, words);
        if (found && (!end || found < end))
            return;
    }
    printf("%s: range of \"%s\", %s, is missing\n", search->where, option->path, words);
    search->missing++;
}

static void every_range_stands_in_the_manual(void **state)
{
    char *manual = slurp("daemon/config/parkd.conf.5");
    struct search in_manual = {manual, "parkd.conf(5)", "", "", 0};

    (void)state;
    config_each_option(look_for_words, &in_manual);
    assert_int_equal(in_manual.missing, 0);
    free(manual);
}

/* A default outside of its range stands for "said elsewhere"; a range must fit what it is put in.
 */
static void check_table(const struct option_table *table)
{
    for (const struct option *o = table->options; o->key; o++) {
        int64_t most = o->size == 1   ? UINT8_MAX
                       : o->size == 2 ? UINT16_MAX
                       : o->size == 4 ? UINT32_MAX
                                      : INT64_MAX;
        if (o->type == OPTION_WHOLE && !o->choices) {
            assert_true(o->max > o->min && o->max <= most);
            assert_true(o->max <= INT64_MAX / (o->scale ? o->scale : 1));
        }
        assert_true(o->meaning && o->meaning[strlen(o->meaning) - 1] == '.');
        if (o->members)
            check_table(o->members);
    }
}

static void every_row_of_the_tables_is_sound(void **state)
{
    (void)state;
    check_table(&root_table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_said_takes_its_default),
        cmocka_unit_test(a_lot_takes_the_rules_it_does_not_say_from_the_site),
        cmocka_unit_test(bays_keep_the_order_and_classes_of_their_zones),
        cmocka_unit_test(a_device_wires_its_inputs_in_order_and_skips_dashes),
        cmocka_unit_test(silence_follows_the_device_then_three_polls_then_the_map),
        cmocka_unit_test(an_uplink_takes_all_kinds_unless_it_names_some),
        cmocka_unit_test(the_shipped_sample_becomes_the_devices_it_names),
        cmocka_unit_test(a_file_that_is_not_there_is_one_mistake),
        cmocka_unit_test(ten_thousand_bays_load_quickly),
        cmocka_unit_test(every_key_stands_in_the_manual_and_in_the_sample),
        cmocka_unit_test(every_range_stands_in_the_manual),
        cmocka_unit_test(every_row_of_the_tables_is_sound),
    };
    return cmocka_run_group_tests_name("config", tests, make_folder, remove_folder);
}
