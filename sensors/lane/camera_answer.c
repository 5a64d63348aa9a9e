/* Answers to cameras: what all families share. See camera_answer.h. */
#include "sensors/lane/camera_answer.h"

#include "sensors/lane/family.h"

struct camera_answer camera_answer_to(const struct camera_message *message)
{
    struct camera_answer answer = {.kind = message->kind, .offline = message->read.offline};

    text_copy(answer.device, sizeof answer.device, message->read.device);
    text_copy(answer.plate, sizeof answer.plate, message->read.plate);
    text_copy(answer.event_id, sizeof answer.event_id, message->read.event_id);
    return answer;
}

const char *camera_answer_write(const struct camera_family *family,
                                const struct camera_answer *answer, struct text *out)
{
    if (family->answer)
        return family->answer(answer, out);
    text_add(out, "{}");
    return "application/json";
}

bool camera_answer_opens(const struct camera_family *family)
{
    return family->answer_opens;
}
