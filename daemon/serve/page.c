/* The page: its files as they stand in page/, taken into the program. See routes.h. */
#include <string.h>

#include "daemon/base/embed.h"
#include "daemon/serve/routes.h"

EMBED(page_html, "daemon/serve/page/index.html");
EMBED(page_css, "daemon/serve/page/style.css");
EMBED(page_js, "daemon/serve/page/page.js");
EMBED(page_element_js, "daemon/serve/page/element.js");
EMBED(page_lanes_js, "daemon/serve/page/lanes.js");
EMBED(page_words_js, "daemon/serve/page/words.js");
EMBED(page_stream_js, "daemon/serve/page/stream.js");
EMBED(page_icon, "daemon/serve/page/icon.svg");

static const struct {
    const char *name, *type, *bytes, *end;
} files[] = {
    {"", "text/html; charset=utf-8", page_html, page_html_end},
    {"style.css", "text/css; charset=utf-8", page_css, page_css_end},
    {"page.js", "text/javascript; charset=utf-8", page_js, page_js_end},
    {"element.js", "text/javascript; charset=utf-8", page_element_js, page_element_js_end},
    {"lanes.js", "text/javascript; charset=utf-8", page_lanes_js, page_lanes_js_end},
    {"words.js", "text/javascript; charset=utf-8", page_words_js, page_words_js_end},
    {"stream.js", "text/javascript; charset=utf-8", page_stream_js, page_stream_js_end},
    {"icon.svg", "image/svg+xml", page_icon, page_icon_end},
};

void page_file(struct api_call *call)
{
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (strcmp(files[i].name, call->subject) != 0)
            continue;
        call->outcome = API_CONSTANT;
        call->type = files[i].type;
        call->constant = files[i].bytes;
        call->constant_size = (size_t)(files[i].end - files[i].bytes);
        return;
    }
    api_refuse(call, 404, "the page has no such file", "GET / is the page");
}
