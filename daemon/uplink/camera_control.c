/* Orders to a camera's own server. See camera_control.h. */
#include "daemon/uplink/camera_control.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/ident.h"
#include "daemon/uplink/http.h"

enum { TIMEOUT_MS = 4000, TROUBLE_SIZE = 200 };

static const char PASSWORD[] = "refuses the user or password; put them right and start again";

struct camera_control {
    const struct camera_control_settings *settings;
    const struct camera_family *family;
    struct tls_settings tls;
    struct http_settings http_settings;
    struct http *http;
    struct http_call *call;
    camera_control_done_fn *done;
    camera_control_said_fn *said; /* of a request that is no order */
    void *arg;
    char *url;
    char command[IDENT_SIZE];
    char body[256];
    struct text body_text;
    bool refused; /* the user or password */
};

static enum camera_control_result judge(struct camera_control *control,
                                        const struct http_reply *reply, const char **ret_trouble)
{
    struct camera_message message;

    if (reply->status == 0) {
        *ret_trouble = reply->trouble;
        return CAMERA_CONTROL_UNKNOWN;
    }
    control->refused = reply->status == 401;
    if (reply->status == 401) {
        *ret_trouble = PASSWORD;
        return CAMERA_CONTROL_REFUSED;
    }
    cameras_decode_capture(control->family, reply->body, reply->size, &message);
    if (reply->status / 100 == 2 && message.kind == CAMERA_REPLY && message.accepted)
        return CAMERA_CONTROL_ACCEPTED;
    *ret_trouble = "rejects the order; is the path that of its gate?";
    return CAMERA_CONTROL_REFUSED;
}

static void tell_said(struct camera_control *control, const struct http_reply *reply)
{
    camera_control_said_fn *said = control->said;

    control->refused = reply->status == 401;
    control->said = NULL;
    said(control->arg, reply->status, reply->body, reply->size,
         control->refused ? PASSWORD : reply->trouble);
}

static void on_done(void *arg, const struct http_reply *reply)
{
    struct camera_control *control = arg;
    const char *trouble = "";
    char command[IDENT_SIZE];

    if (control->said) {
        tell_said(control, reply);
        return;
    }
    enum camera_control_result result = judge(control, reply, &trouble);

    memcpy(command, control->command, sizeof command);
    control->done(control->arg, command, result, trouble);
}

struct camera_control *camera_control_create(const struct camera_control_settings *settings,
                                             const struct camera_family *family, struct loop *loop,
                                             camera_control_done_fn *done, void *arg)
{
    struct camera_control *control = memory_new(1, sizeof *control);
    bool ip6 = strchr(settings->host, ':') != NULL;
    struct err err;

    *control =
        (struct camera_control){.settings = settings, .family = family, .done = done, .arg = arg};
    control->http_settings = (struct http_settings){.tls = &control->tls,
                                                    .username = settings->username,
                                                    .password = settings->password,
                                                    .timeout_ms = TIMEOUT_MS};
    control->url = memory_format("http://%s%s%s:%u", ip6 ? "[" : "", settings->host, ip6 ? "]" : "",
                                 settings->port);
    control->http = http_create(&control->http_settings, loop, &err);
    if (control->http)
        control->call = http_call_create(control->http, on_done, control);
    return control;
}

void camera_control_destroy(struct camera_control *control)
{
    if (!control)
        return;
    http_call_destroy(control->call);
    http_destroy(control->http);
    free(control->url);
    free(control);
}

static bool may_ask(const struct camera_control *control, struct err *err)
{
    if (!control->call || control->refused)
        return err_set(err, "the camera refused the user or password; put them right and start "
                            "again");
    return !http_call_busy(control->call) ||
           err_set(err, "the camera has not answered the order before");
}

bool camera_control_ask(struct camera_control *control,
                        const struct camera_control_request *request, camera_control_said_fn *said,
                        struct err *err)
{
    char headers_bytes[64];
    struct text headers;

    if (!may_ask(control, err))
        return false;
    text_init(&headers, headers_bytes, sizeof headers_bytes);
    text_add(&headers, "Content-Type: %s\n", request->content_type);
    control->said = said;
    http_call_start(control->call, request->method, control->url, request->target, &headers,
                    request->body);
    return true;
}

bool camera_control_open(struct camera_control *control, const char *command, struct err *err)
{
    const struct camera_order order = {.action = CAMERA_DO_OPEN, .id = command};
    char target_bytes[256], headers_bytes[64];
    struct text target, headers;

    if (!may_ask(control, err))
        return false;
    text_init(&target, target_bytes, sizeof target_bytes);
    text_init(&headers, headers_bytes, sizeof headers_bytes);
    text_init(&control->body_text, control->body, sizeof control->body);
    text_add(&target, "%s", control->settings->path);
    text_add(&headers, "Content-Type: application/xml\n");
    if (!camera_order_put(control->family, &order, &control->body_text))
        return err_set(err, "cameras of this family have no gate that can be told to open");
    text_copy(control->command, sizeof control->command, command);
    http_call_start(control->call, "PUT", control->url, &target, &headers, &control->body_text);
    return true;
}
