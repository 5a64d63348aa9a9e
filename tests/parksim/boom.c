/* See boom.h. */
#include "tests/parksim/boom.h"

void boom_init(struct boom *boom, int64_t now_us)
{
    *boom = (struct boom){.travel_us = BOOM_TRAVEL_MS * 1000, .seen_us = now_us};
}

void boom_move(struct boom *boom, int64_t now_us)
{
    int64_t passed_us = now_us - boom->seen_us;
    boom->seen_us = now_us;
    if (boom->stuck)
        return;
    boom->position_us += boom->way * passed_us;
    if (boom->position_us <= 0 && boom->way < 0)
        boom->way = 0;
    if (boom->position_us >= boom->travel_us && boom->way > 0)
        boom->way = 0;
    if (boom->position_us < 0)
        boom->position_us = 0;
    if (boom->position_us > boom->travel_us)
        boom->position_us = boom->travel_us;
}

void boom_press(struct boom *boom, int way, int64_t now_us)
{
    boom_move(boom, now_us);
    boom->opens += way > 0;
    if (way > 0)
        boom->opened_us = now_us;
    boom->closes += way < 0;
    boom->stops += way == 0;
    bool there = way > 0 ? boom->position_us == boom->travel_us : boom->position_us == 0;
    if (way != 0 && way != boom->way && !there)
        boom->operations++;
    boom->way = way != 0 && there ? 0 : way;
}

bool boom_limit(const struct boom *boom, bool up)
{
    enum boom_limit limit = boom->limits[up];
    if (limit != BOOM_LIMIT_WORKS)
        return limit == BOOM_LIMIT_ON;
    return boom->position_us == (up ? boom->travel_us : 0);
}

int boom_percent(const struct boom *boom)
{
    return (int)(100 * boom->position_us / boom->travel_us);
}
