/*
 * Uplinks a second on one core: a real message of each network server (tests/captures/lorawan) with
 * a bay sensor's frame in it, parsed, read, decoded and put in order; beside it the JSON parse
 * alone, which any program must do.
 *
 * Usage: bench_lorawan   from the top of the tree. Prints "SERVER uplinks-a-second raw-a-second":
 * medians of RUNS.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/memory.h"
#include "daemon/network/member.h"

enum { RUNS = 7, UPLINKS = 20000, FILE_MAX = 8192 };

struct bench {
    const struct network_format *format;
    const char *topic;
    char message[FILE_MAX];
    size_t size;
    struct member member;
    uint64_t told;
};

static void load(struct bench *bench, const char *name)
{
    char path[128];

    snprintf(path, sizeof path, "tests/captures/lorawan/%s.json", name);
    FILE *file = fopen(path, "re");
    if (!file) {
        fprintf(stderr, "bench_lorawan: %s cannot be read; run it from the top of the tree\n",
                path);
        exit(2);
    }
    bench->size = fread(bench->message, 1, sizeof bench->message, file);
    fclose(file);
}

static void parse(struct bench *bench)
{
    json_release(json_read(bench->message, bench->size, ENVELOPE_JSON_MAX, NULL));
}

static void hear(struct bench *bench)
{
    struct json *body = json_read(bench->message, bench->size, ENVELOPE_JSON_MAX, NULL);
    struct envelope envelope;
    struct member_heard heard;

    if (body && !bench->format->read(bench->topic, body, &envelope)) {
        envelope.port = 1; /* the captured frames are of other devices */
        envelope.payload_size = 1;
        envelope.payload[0] = (uint8_t)(bench->told & 1);
        envelope.counter = (int64_t)bench->told;
        bench->told += !member_hear(&bench->member, &envelope, false, clock_utc(), &heard);
    }
    json_release(body);
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

static int64_t a_second(struct bench *bench, void (*step)(struct bench *bench))
{
    int64_t runs[RUNS];

    for (int run = 0; run < RUNS; run++) {
        int64_t begin = clock_mono_us();
        for (int i = 0; i < UPLINKS; i++)
            step(bench);
        runs[run] = UPLINKS * INT64_C(1000000) / (clock_mono_us() - begin);
    }
    qsort(runs, RUNS, sizeof *runs, compare);
    return runs[RUNS / 2];
}

int main(void)
{
    static const struct {
        const char *server, *file, *topic;
    } cases[] = {
        {"tts-v3", "tts-v3-uplink", "v3/hafi-ttn-lorawan@ttn/devices/eui-lobaro-modbus/up"},
        {"chirpstack-v4", "chirpstack-v4-uplink",
         "application/d63c10b6-9263-4ab3-9299-4308fa19a2ad/device/a84041f621857cd2/event/up"},
    };
    struct network_sensor sensor = {.driver = &bosch_tps110_driver};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *bench = memory_new(1, sizeof *bench);
        bench->format = network_find(cases[i].server);
        bench->topic = cases[i].topic;
        member_init(&bench->member, &sensor);
        load(bench, cases[i].file);
        int64_t ours = a_second(bench, hear), raw = a_second(bench, parse);
        printf("%s %lld %lld\n", cases[i].server, (long long)ours, (long long)raw);
        if (bench->told != (uint64_t)RUNS * UPLINKS)
            return 1;
        free(bench);
    }
    return 0;
}
