/*
 * The two servers' messages, written from their documentation; the fields that a gateway for bays
 * has no use for are left out.
 */
#include "tests/parksim/radio_message.h"

#include <stdio.h>
#include <string.h>

#include "tests/parksim/sim.h"

char *radio_eui(uint32_t sensor, char text[17])
{
    snprintf(text, 17, "70b3d57ed%07x", (sensor + 1) & 0xfffffff);
    return text;
}

static char *base64(const uint8_t *bytes, uint8_t size, char text[RADIO_FRAME * 2])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *to = text;

    for (uint8_t i = 0; i < size; i += 3) {
        uint32_t group = (uint32_t)bytes[i] << 16;
        if (i + 1 < size)
            group |= (uint32_t)bytes[i + 1] << 8;
        if (i + 2 < size)
            group |= bytes[i + 2];
        *to++ = digits[group >> 18];
        *to++ = digits[group >> 12 & 63];
        *to++ = i + 1 < size ? digits[group >> 6 & 63] : '=';
        *to++ = i + 2 < size ? digits[group & 63] : '=';
    }
    *to = '\0';
    return text;
}

void radio_write_tts(const struct radio_uplink *uplink, char topic[RADIO_TOPIC],
                     char message[RADIO_MESSAGE])
{
    char at[SIM_TIME_SIZE], payload[RADIO_FRAME * 2], eui[17], counter[32] = "";

    radio_eui(uplink->sensor, eui);
    if (uplink->counter)
        snprintf(counter, sizeof counter, "\"f_cnt\":%u,", uplink->counter);
    sim_utc_text(uplink->utc_ms, at);
    snprintf(topic, RADIO_TOPIC, "v3/parking@demo/devices/bay-%u/up", uplink->sensor + 1);
    snprintf(
        message, RADIO_MESSAGE,
        "{\"end_device_ids\":{\"device_id\":\"bay-%u\",\"application_ids\":{\"application_id\":"
        "\"parking\"},\"dev_eui\":\"%s\"},\"received_at\":\"%s\",\"uplink_message\":{"
        "\"session_key_id\":\"session-%u\",\"f_port\":%u,%s\"frm_payload\":\"%s\","
        "\"rx_metadata\":[{\"gateway_ids\":{\"gateway_id\":\"roof\"},\"rssi\":-97,\"snr\":7.2},"
        "{\"gateway_ids\":{\"gateway_id\":\"cellar\"},\"time\":\"1971-01-01T00:00:00Z\","
        "\"rssi\":-112,\"snr\":-3}],\"received_at\":\"%s\"}}",
        uplink->sensor + 1, eui, at, uplink->session, uplink->port, counter,
        base64(uplink->frame, uplink->size, payload), at);
}

void radio_write_chirpstack(const struct radio_uplink *uplink, char topic[RADIO_TOPIC],
                            char message[RADIO_MESSAGE])
{
    char at[SIM_TIME_SIZE], payload[RADIO_FRAME * 2], eui[17];

    radio_eui(uplink->sensor, eui);
    snprintf(topic, RADIO_TOPIC, "application/demo/device/%s/event/up", eui);
    snprintf(
        message, RADIO_MESSAGE,
        "{\"deduplicationId\":\"%s-%u-%u\",\"time\":\"%s\",\"deviceInfo\":{\"applicationId\":"
        "\"demo\",\"deviceName\":\"bay-%u\",\"devEui\":\"%s\"},\"devAddr\":\"%08x\",\"fCnt\":%u,"
        "\"fPort\":%u,\"data\":\"%s\",\"rxInfo\":[{\"gatewayId\":\"roof\",\"rssi\":-97,"
        "\"snr\":7.2},{\"gatewayId\":\"cellar\",\"gwTime\":\"1971-01-01T00:00:00Z\","
        "\"rssi\":-112,\"snr\":-3}]}",
        eui, uplink->session, uplink->counter, sim_utc_text(uplink->utc_ms, at), uplink->sensor + 1,
        eui, uplink->session, uplink->counter, uplink->port,
        base64(uplink->frame, uplink->size, payload));
}
