/* What parkctl sends to a city's platform itself. See uplink_trial.h. */
#include "daemon/ctl/uplink_trial.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/memory.h"
#include "daemon/config/config.h"
#include "daemon/uplink/city.h"
#include "daemon/uplink/http.h"

/* The berths of a large street stand in one request. */
enum { PATH_SIZE = 4096, BODY_SIZE = 1024, REQUEST_SIZE = 1024 * 1024, ANSWER_SIZE = 64 * 1024 };

/* ---- one request ---- */

struct answer {
    char bytes[ANSWER_SIZE];
    size_t used;
};

static bool on_piece(void *arg, const char *bytes, size_t size)
{
    struct answer *answer = arg;

    if (size >= sizeof answer->bytes - answer->used)
        return false;
    memcpy(answer->bytes + answer->used, bytes, size);
    answer->used += size;
    answer->bytes[answer->used] = '\0';
    return true;
}

static void make_request(struct adapter_request *request, char *bytes)
{
    *request = (struct adapter_request){.method = NULL};
    text_init(&request->target, bytes, BODY_SIZE);
    text_init(&request->headers, bytes + BODY_SIZE, BODY_SIZE);
    text_init(&request->body, bytes + 2 * BODY_SIZE, REQUEST_SIZE);
}

/* Requests and answers of one command. */
struct trial {
    const struct config *config;
    const struct uplink_settings *uplink;
    struct city_counts *counts;
    char *bytes;
    struct answer *answer;
    struct adapter_request request;
};

static void trial_init(struct trial *trial, const struct config *config,
                       const struct uplink_settings *uplink)
{
    *trial = (struct trial){.config = config, .uplink = uplink};
    trial->counts = memory_new(config->plan.lots_count, sizeof *trial->counts);
    trial->bytes = memory_new(2 * BODY_SIZE + REQUEST_SIZE, 1);
    trial->answer = memory_new(1, sizeof *trial->answer);
}

static void trial_fini(struct trial *trial)
{
    free(trial->answer);
    free(trial->bytes);
    free(trial->counts);
}

static struct adapter_context begin(struct trial *trial)
{
    make_request(&trial->request, trial->bytes);
    trial->answer->used = 0;
    return (struct adapter_context){.plan = &trial->config->plan,
                                    .settings = trial->uplink,
                                    .now = clock_utc(),
                                    .platform_now = clock_utc(),
                                    .counts = trial->counts};
}

static bool send_request(struct trial *trial, struct city_said *ret, struct err *err)
{
    const struct adapter_request *request = &trial->request;
    char url[PATH_SIZE];
    int status = 0;

    if (request->body.overflow)
        return err_set(err, "the request is longer than %d bytes", (int)REQUEST_SIZE);
    snprintf(url, sizeof url, "%s%s", trial->uplink->url, request->target.bytes);
    struct http_fetch fetch = {.method = request->method,
                               .url = url,
                               .headers = request->headers.bytes,
                               .tls = &trial->uplink->tls,
                               .body = request->body.bytes,
                               .timeout_ms = trial->uplink->timeout_ms,
                               .piece = on_piece,
                               .arg = trial->answer};
    if (!http_fetch(&fetch, &status, err))
        return false;
    struct adapter_reply reply = {.status = status,
                                  .retry_after_ms = -1,
                                  .body = trial->answer->bytes,
                                  .size = trial->answer->used};
    trial->uplink->adapter->city->read(&reply, ret);
    return ret->parsed ||
           err_set(err, "HTTP %d, and no answer of this protocol; check the url", status);
}

/* ---- what it says ---- */

static void tell_said(const struct trial *trial, const struct uplink_lot *lot,
                      const struct city_said *said)
{
    const struct city_code *row = trial->uplink->adapter->city->codes;

    while (row->word && row->code != said->code)
        row++;
    printf("lot \"%s\" (%s): %" PRId64 ", %s%s%s", trial->config->plan.lots[lot->lot].id, lot->code,
           said->code, row->word ? row->word : "not in its documents", said->message[0] ? ": " : "",
           said->message);
    if (said->platform_time.ms)
        printf("; its clock is %+.1f s against ours",
               (double)(said->platform_time.ms - clock_utc().ms) / 1000);
    putchar('\n');
}

static bool is_good(const struct uplink_settings *uplink, const struct city_said *said)
{
    for (const struct city_code *row = uplink->adapter->city->codes; row->word; row++)
        if (row->code == said->code)
            return row->means == ADAPTER_DELIVERED || row->means == ADAPTER_DUPLICATE;
    return false;
}

/* ---- a trial ---- */

/* One heartbeat, or the lot's vacancy where the platform knows none; what comes back. */
static enum ctl_exit try_lot(const struct ctl *ctl, struct trial *trial,
                             const struct uplink_lot *lot)
{
    const struct city *city = trial->uplink->adapter->city;
    struct adapter_context context = begin(trial);
    struct city_said said;
    struct err err = {.text = ""};
    bool made = city->heartbeat && city->heartbeat(&context, lot, &trial->request, &err);

    if ((!made && (*err.text || !city->vacancy(&context, lot, &trial->request, &err))) ||
        !send_request(trial, &said, &err))
        return ctl_refused(ctl, &err);
    tell_said(trial, lot, &said);
    return is_good(trial->uplink, &said) ? CTL_DONE : CTL_REFUSED;
}

/* ---- registration ---- */

/* Each request of the lot, in order; the code that the first brings goes into the others. */
static enum ctl_exit set_up(const struct ctl *ctl, struct trial *trial,
                            const struct uplink_lot *known, bool change)
{
    const struct city *city = trial->uplink->adapter->city;
    struct uplink_lot lot = *known;
    struct city_said said = {.code = 0};
    char code[sizeof said.lot_code];
    struct err err;

    for (uint32_t step = 0;; step++) {
        struct adapter_context context = begin(trial);
        const struct city_setup setup = {&lot, step, change};

        if (step == city->setup_steps(&context, &lot))
            return CTL_DONE;
        if (!city->setup(&context, &setup, &trial->request, &err) ||
            !send_request(trial, &said, &err))
            return ctl_refused(ctl, &err);
        tell_said(trial, &lot, &said);
        if (!is_good(trial->uplink, &said))
            return CTL_REFUSED;
        if (!*said.lot_code || !strcmp(said.lot_code, lot.code))
            continue;
        text_copy(code, sizeof code, said.lot_code);
        lot.code = code;
        printf("lot \"%s\": write code = \"%s\" into the uplink\n",
               trial->config->plan.lots[lot.lot].id, code);
    }
}

static enum ctl_exit set_up_first(const struct ctl *ctl, struct trial *trial,
                                  const struct uplink_lot *lot)
{
    return set_up(ctl, trial, lot, false);
}
static enum ctl_exit set_up_anew(const struct ctl *ctl, struct trial *trial,
                                 const struct uplink_lot *lot)
{
    return set_up(ctl, trial, lot, true);
}

/* ---- commands ---- */

static void tell_mistake(void *arg, const char *line)
{
    (void)arg;
    fprintf(stderr, "%s\n", line);
}

typedef enum ctl_exit lot_fn(const struct ctl *ctl, struct trial *trial,
                             const struct uplink_lot *lot);

/* Of --lot, or of all. */
static enum ctl_exit each_lot(const struct ctl *ctl, struct trial *trial, lot_fn *fn)
{
    enum ctl_exit exit = CTL_DONE;
    uint32_t lots = 0;

    for (uint32_t i = 0; i < trial->uplink->lots_count; i++) {
        const struct uplink_lot *lot = &trial->uplink->lots[i];

        if (ctl->lot && strcmp(ctl->lot, trial->config->plan.lots[lot->lot].id) != 0)
            continue;
        lots++;
        if (fn(ctl, trial, lot) != CTL_DONE)
            exit = CTL_REFUSED;
    }
    if (lots == 0)
        return ctl_wrong_use(ctl, "uplink \"%s\" has no lot \"%s\"", trial->uplink->name, ctl->lot);
    return exit;
}

static const struct uplink_settings *find_uplink(const struct config *config, const char *name)
{
    for (uint32_t i = 0; i < config->uplinks_count; i++)
        if (strcmp(config->uplinks[i].name, name) == 0)
            return config->uplinks[i].adapter->city ? &config->uplinks[i] : NULL;
    return NULL;
}

static enum ctl_exit run(const struct ctl *ctl, lot_fn *fn, bool sets_up)
{
    const char *file = ctl->words_count > 2 ? ctl->words[2] : "/etc/parkd/parkd.conf";
    enum ctl_exit exit;
    struct trial trial;

    if (ctl->words_count < 2 || ctl->words_count > 3)
        return ctl_wrong_use(ctl, "give an uplink, and the configuration unless it is %s", file);
    struct config *config = config_load(file, tell_mistake, NULL);
    if (!config)
        return CTL_REFUSED;
    const struct uplink_settings *uplink = find_uplink(config, ctl->words[1]);
    if (!uplink) {
        exit =
            ctl_wrong_use(ctl, "\"%s\" is no uplink to a city platform in %s", ctl->words[1], file);
    } else if (sets_up && !uplink->adapter->city->setup) {
        exit = ctl_wrong_use(ctl,
                             "platforms of type \"%s\" take no registration here: lots are "
                             "filed with their operator",
                             uplink->adapter->name);
    } else {
        trial_init(&trial, config, uplink);
        exit = each_lot(ctl, &trial, fn);
        trial_fini(&trial);
    }
    config_free(config);
    return exit;
}

enum ctl_exit uplink_trial_test(const struct ctl *ctl)
{
    return run(ctl, try_lot, false);
}

enum ctl_exit uplink_trial_register(const struct ctl *ctl)
{
    return run(ctl, set_up_first, true);
}

enum ctl_exit uplink_trial_reregister(const struct ctl *ctl)
{
    return run(ctl, set_up_anew, true);
}
