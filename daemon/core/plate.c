/* Number plates as text: one form for all cameras. Pure; constant data. See plate.h. */
#include "daemon/core/plate.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

/* What stands where a camera saw no plate, in normal form. */
static const char *const no_plate[] = {"无",      "无牌",    "无牌车",    "未识别",
                                       "NOPLATE", "UNKNOWN", "UNLICENSED"};

static const char *const names[PLATE_COLOURS] = {
    [PLATE_COLOUR_UNKNOWN] = "unknown",
    [PLATE_BLUE] = "blue",
    [PLATE_YELLOW] = "yellow",
    [PLATE_WHITE] = "white",
    [PLATE_BLACK] = "black",
    [PLATE_GREEN] = "green",
    [PLATE_YELLOW_GREEN] = "yellow_green",
    [PLATE_RED] = "red",
    [PLATE_ORANGE] = "orange",
};

/* Other words for them: makers' spellings, and Chinese ones. */
static const struct {
    const char *name;
    enum plate_colour colour;
} other_names[] = {
    {"yellowGreen", PLATE_YELLOW_GREEN},
    {"newEnergyYellowGreen", PLATE_YELLOW_GREEN},
    {"newEnergyGreen", PLATE_GREEN},
    {"newEnergy", PLATE_GREEN},
    {"蓝", PLATE_BLUE},
    {"蓝色", PLATE_BLUE},
    {"黄", PLATE_YELLOW},
    {"黄色", PLATE_YELLOW},
    {"白", PLATE_WHITE},
    {"白色", PLATE_WHITE},
    {"黑", PLATE_BLACK},
    {"黑色", PLATE_BLACK},
    {"绿", PLATE_GREEN},
    {"绿色", PLATE_GREEN},
    {"黄绿", PLATE_YELLOW_GREEN},
    {"黄绿色", PLATE_YELLOW_GREEN},
};

enum { UNREADABLE = 0xfffd };

/* One character of UTF-8, and steps over it. Bytes that are none count one by one. */
static uint32_t next_character(const char **at)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    const unsigned char *bytes = (const unsigned char *)*at;
    unsigned more = bytes[0] >= 0xf0 ? 3 : bytes[0] >= 0xe0 ? 2 : bytes[0] >= 0xc0 ? 1 : 0;
    uint32_t character = more ? bytes[0] & (0x3fu >> more) : bytes[0];

    for (unsigned i = 1; i <= more; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            ++*at;
            return UNREADABLE;
        }
        character = character << 6 | (bytes[i] & 0x3f);
    }
    *at += more + 1;
    return character < least[more] || (!more && bytes[0] >= 0x80) ? UNREADABLE : character;
}

/* The character as the normal form has it; 0 for one that it leaves out. */
static uint32_t fold(uint32_t character)
{
    if (character >= 0xff01 && character <= 0xff5e) /* full-width forms */
        character -= 0xff01 - '!';
    if (character >= 'a' && character <= 'z')
        return character - 'a' + 'A';
    if ((character >= 'A' && character <= 'Z') || (character >= '0' && character <= '9'))
        return character;
    if (character == '?' || character == '*' || character == UNREADABLE)
        return '?';
    /* Latin punctuation, general punctuation with its bullets and joiners, ideographic space and
     * marks, katakana middle dot, byte order mark. */
    if (character < 0xc0 || (character >= 0x2000 && character < 0x2070) ||
        (character >= 0x3000 && character < 0x3005) || character == 0x30fb || character == 0xfeff)
        return 0;
    return character;
}

static size_t put_character(char *to, uint32_t character)
{
    if (character < 0x80) {
        to[0] = (char)character;
        return 1;
    }
    size_t more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};

    to[0] = (char)(lead[more] | character >> (6 * more));
    for (size_t i = 1; i <= more; i++)
        to[i] = (char)(0x80 | (character >> (6 * (more - i)) & 0x3f));
    return more + 1;
}

bool plate_normal(const char *raw, char ret[PLATE_SIZE])
{
    enum { CHARACTER_MAX = 4 };
    size_t used = 0;

    ret[0] = '\0';
    while (*raw) {
        uint32_t character = fold(next_character(&raw));
        if (!character)
            continue;
        if (used + CHARACTER_MAX >= PLATE_SIZE) {
            ret[0] = '\0';
            return false;
        }
        used += put_character(ret + used, character);
        ret[used] = '\0';
    }
    for (size_t i = 0; i < sizeof no_plate / sizeof *no_plate; i++)
        if (!strcmp(ret, no_plate[i]))
            ret[0] = '\0';
    return true;
}

static bool is_ideograph(uint32_t character)
{
    return character >= 0x4e00 && character <= 0x9fff;
}

bool plate_plausible(const char *plate, enum plate_colour colour)
{
    enum { LEAST = 2, MOST = 10, CHINESE = 7, CHINESE_GREEN = 8 };
    bool digit = false, foreign = false, unread = false;
    uint32_t first = 0, second = 0;
    int count = 0;

    for (const char *at = plate; *at; count++) {
        uint32_t character = next_character(&at);
        first = count == 0 ? character : first;
        second = count == 1 ? character : second;
        digit |= character >= '0' && character <= '9';
        foreign |= character >= 0x80;
        unread |= character == '?';
    }
    if (unread || count < LEAST || count > MOST || (foreign && !digit))
        return false;
    /* A province and a letter begin the plates that have a fixed length. */
    if (!is_ideograph(first) || second < 'A' || second > 'Z')
        return true;
    switch (colour) {
    case PLATE_GREEN:
    case PLATE_YELLOW_GREEN:
        return count == CHINESE_GREEN;
    case PLATE_BLUE:
    case PLATE_YELLOW:
        return count == CHINESE;
    default:
        return count == CHINESE || count == CHINESE_GREEN;
    }
}

/* Bytes of the UTF-8 character that begins here; a plate in normal form has whole ones. */
static size_t character(const char *at)
{
    unsigned char first = (unsigned char)*at;

    return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

const char *plate_masked(const char *plate, char ret[PLATE_SIZE])
{
    size_t used = 0, count = 0;

    for (const char *at = plate; *at; count++) {
        size_t size = strnlen(at, character(at));
        bool shown = count == 0 || !at[size];

        memcpy(ret + used, shown ? at : "*", shown ? size : 1);
        used += shown ? size : 1;
        at += size;
    }
    ret[used] = '\0';
    return ret;
}

const char *plate_colour_name(enum plate_colour colour)
{
    return names[colour];
}

enum plate_colour plate_colour_parse(const char *name)
{
    for (size_t i = 0; i < PLATE_COLOURS; i++)
        if (!strcasecmp(name, names[i]))
            return (enum plate_colour)i;
    for (size_t i = 0; i < sizeof other_names / sizeof *other_names; i++)
        if (!strcasecmp(name, other_names[i].name))
            return other_names[i].colour;
    return PLATE_COLOUR_UNKNOWN;
}
