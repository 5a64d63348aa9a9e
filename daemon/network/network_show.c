/* What people are shown of a network and its sensors. See network_inside.h. */
#include "daemon/base/clock.h"
#include "daemon/network/network_inside.h"

void network_stats(const struct network *network, struct bus_stats *ret)
{
    *ret = (struct bus_stats){
        .open = network->connected, .requests = network->messages, .heard = clock_mono()};
    text_copy(ret->trouble, sizeof ret->trouble, network->trouble);
}

static struct radio_stats radio_of(const struct sensor_health *health)
{
    struct radio_stats radio = {.known = true,
                                .battery = (uint8_t)health->battery,
                                .gateways = health->gateways,
                                .late = health->counts.late,
                                .echoes = health->counts.echoes,
                                .restarts = health->counts.resets};

    if (report_has(health->battery_mv))
        radio.battery_mv = health->battery_mv;
    for (int i = 0; i < 2; i++)
        if (report_has(health->rssi_dbm[i]))
            radio.rssi_dbm[i] = health->rssi_dbm[i];
    return radio;
}

static void show_asked(const struct network *network, const struct member *member,
                       struct asked_stats *ret)
{
    for (int i = 0; i < NETWORK_ASKS; i++) {
        const struct ask *ask = &network->asks.list[i];

        if (ask->member != member)
            continue;
        ret->state = followup_state_name(ask->followup.state);
        ret->words = followup_words(&ask->followup);
        ret->since = ask->followup.since.utc;
        ret->attempts = ask->followup.attempts;
        text_copy(ret->what, sizeof ret->what, ask->what);
    }
}

void network_device_stats(const struct network *network, uint32_t n, struct bus_device_stats *ret)
{
    const struct member *member = &network->members[n];
    const struct health_counts *counts = &member->health.counts;
    struct text words;

    *ret = (struct bus_device_stats){.device = member->settings->device,
                                     .state = member->state,
                                     .answers = counts->heard,
                                     .missed = counts->missed,
                                     .radio = radio_of(&member->health),
                                     .temperature = member->health.temperature_decidegrees,
                                     .has_temperature =
                                         report_has(member->health.temperature_decidegrees),
                                     .last_answer = {counts->heard ? member->heard.ms : 0}};
    show_asked(network, member, &ret->asked);
    for (int i = 0; i < REFUSALS; i++)
        ret->refused += counts->refused[i];
    text_init(&words, ret->last_error, sizeof ret->last_error);
    enum health_finding finding = health_finding(&member->health);
    if (member->state == DEVICE_OFFLINE)
        ret->trouble = "silent";
    else if (finding)
        ret->trouble = health_finding_name(finding);
    if (member->state == DEVICE_OFFLINE)
        text_add(&words, "silent; check its battery and the network's gateways");
    else
        health_words(&member->health, &words);
}

const struct network_stranger *network_stranger(const struct network *network, uint32_t index)
{
    bool there = index < NETWORK_STRANGERS && network->strangers[index].frames;

    return there ? &network->strangers[index] : NULL;
}
