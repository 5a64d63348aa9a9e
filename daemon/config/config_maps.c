/* Device maps without a configuration around them. See config.h. */
#include <stdlib.h>

#include "daemon/config/sections.h"

struct config_maps *config_maps_load(const char *folder, config_mistake_fn *mistake, void *arg)
{
    struct mistakes *mistakes = mistake_create();
    struct arena *memory = arena_create();
    struct draft draft = {.context = {.memory = memory, .mistakes = mistakes}};
    struct config_maps *ret = NULL;

    draft.map_names = name_index_create();
    section_maps_folder(&draft, folder);
    mistake_tell(mistakes, mistake, arg);
    if (mistake_count(mistakes) == 0 && draft.maps_count > 0) {
        const struct config_maps maps = {
            .maps = arena_copy(memory, draft.maps_list, draft.maps_count, sizeof *draft.maps_list),
            .count = draft.maps_count,
            .memory = memory,
        };
        ret = arena_copy(memory, &maps, 1, sizeof maps);
    } else {
        arena_destroy(memory);
    }
    free(draft.maps_list);
    name_index_destroy(draft.map_names);
    mistake_destroy(mistakes);
    return ret;
}

void config_maps_free(struct config_maps *maps)
{
    if (maps)
        arena_destroy(maps->memory);
}
