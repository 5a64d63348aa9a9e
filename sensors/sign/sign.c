/* See sign.h; the numbers in comments are its rules. */
#include "sensors/sign/sign.h"

#include <stdio.h>
#include <string.h>

static const uint32_t greatest[SIGN_WIDTH + 1] = {0,     9,      99,      999,     9999,
                                                  99999, 999999, 9999999, 99999999};

/* Digits, blanks and dashes only. */
static bool is_plain(const char *text)
{
    return text[strspn(text, "0123456789- ")] == '\0';
}

static uint32_t words_of(const struct sign_map *map)
{
    static const uint32_t in_a_word[SIGN_FORMS] = {
        [SIGN_NUMBER] = SIGN_WIDTH, [SIGN_DIGITS] = 1, [SIGN_BCD] = 4, [SIGN_ASCII] = 2};
    return (map->width + in_a_word[map->form] - 1) / in_a_word[map->form];
}

bool sign_map_check(const struct sign_map *map, struct err *err)
{
    const char *texts[] = {map->full, map->unknown};
    if (map->width < 1 || map->width > SIGN_WIDTH)
        return err_set(err, "width is %u; allowed are 1 to %d", map->width, SIGN_WIDTH);
    if (map->function == 6 && words_of(map) > 1)
        return err_set(err, "function 6 writes one register, but %u are needed; use 16",
                       words_of(map));
    if (map->address + words_of(map) > 65536)
        return err_set(err, "it goes past address 65535");
    if (map->form == SIGN_NUMBER && map->width > 5)
        return err_set(err, "a register holds no more than 5 digits");
    if (map->form == SIGN_BCD && (map->blank_code > 15 || map->dash_code > 15))
        return err_set(err, "blank_code and dash_code are 0 to 15 in form bcd");
    for (int i = 0; map->form != SIGN_NUMBER && i < 2; i++)
        if (strlen(texts[i]) > map->width || (map->form != SIGN_ASCII && !is_plain(texts[i])))
            return err_set(err, "\"%s\" cannot be shown: %u characters%s", texts[i], map->width,
                           map->form == SIGN_ASCII ? "" : ", digits, blanks and - only");
    return true;
}

/* What stands on it, right-justified, `width` characters. */
static void write_text(const struct sign_map *map, const struct sign_value *value,
                       char text[SIGN_WIDTH + 1])
{
    char number[SIGN_WIDTH + 3];
    uint32_t free = value->free < greatest[map->width] ? value->free : greatest[map->width];
    snprintf(number, sizeof number, map->zeros ? "%0*u" : "%*u", (int)map->width, free);
    const char *shown = !value->known ? map->unknown : value->free == 0 ? map->full : number;
    snprintf(text, SIGN_WIDTH + 1, "%*s", (int)map->width, shown);
}

static uint16_t code_of(const struct sign_map *map, char character)
{
    if (map->form == SIGN_ASCII)
        return (uint8_t)character;
    if (character == '-')
        return map->dash_code;
    return character == ' ' ? map->blank_code : (uint16_t)(character - '0');
}

static uint16_t number_of(const struct sign_map *map, const struct sign_value *value)
{
    uint32_t most = map->width < 5 ? greatest[map->width] : UINT16_MAX;
    if (!value->known)
        return map->unknown_value;
    if (value->free == 0)
        return map->full_value;
    return (uint16_t)(value->free < most ? value->free : most);
}

struct frame_request sign_encode(const struct sign_map *map, uint8_t unit,
                                 const struct sign_value *value)
{
    static const int bits[SIGN_FORMS] = {
        [SIGN_NUMBER] = 16, [SIGN_DIGITS] = 16, [SIGN_BCD] = 4, [SIGN_ASCII] = 8};
    struct frame_request request = {
        .unit = unit, .function = map->function, .address = map->address};
    char text[SIGN_WIDTH + 1];
    uint32_t words = words_of(map), each = 16u / (uint32_t)bits[map->form];
    if (map->form == SIGN_NUMBER) {
        request.value = number_of(map, value);
        return request;
    }
    write_text(map, value, text);
    for (uint32_t i = 0; i < words * each; i++) {
        /* A last register that is not full is filled with blanks. */
        char character = i < map->width ? text[i] : ' ';
        request.words[i / each] =
            (uint16_t)((uint32_t)request.words[i / each] << bits[map->form] % 16) |
            code_of(map, character);
    }
    request.count = (uint16_t)words;
    request.value = request.words[0];
    return request;
}

void sign_show(struct sign *sign, const struct sign_value *value)
{
    if (sign->asked && sign->value.known == value->known && sign->value.free == value->free)
        return;
    sign->asked = true;
    sign->shown = sign->under_way = false; /* the newer overtakes what still waits */
    sign->written_at.ms = 0;
    sign->value = *value;
}

bool sign_next(struct sign *sign, const struct sign_map *map, uint8_t unit, int64_t refresh_ms,
               mono_ms now, struct frame_request *ret)
{
    int64_t wait_ms = sign->shown ? refresh_ms : SIGN_RETRY_MS;
    if (!sign->asked || sign->under_way)
        return false;
    if (sign->dim_due) {
        sign->dim_due = false;
        *ret = (struct frame_request){.unit = unit,
                                      .function = 6,
                                      .address = map->brightness_address,
                                      .value = map->brightness};
    } else if (sign->written_at.ms && now.ms - sign->written_at.ms < wait_ms) {
        return false;
    } else {
        sign->dim_due = map->brightness_address && sign->shown;
        *ret = sign_encode(map, unit, &sign->value);
        sign->written_at = now;
    }
    sign->under_way = true;
    return true;
}

void sign_written(struct sign *sign, bool confirmed)
{
    sign->under_way = false;
    if (sign->written_at.ms)
        sign->shown = confirmed;
}
