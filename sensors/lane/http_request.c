/* A captured HTTP request. Lengths are checked before content is read. Pure. See http_request.h. */
#include "sensors/lane/http_request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/memory.h"

struct head {
    bool sized, chunked;
    size_t size;
};

static const char *line_end(const char *at, const char *end)
{
    return at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
}

bool http_request_looks(const char *bytes, size_t size)
{
    const char *end = line_end(bytes, bytes + (size < HTTP_HEAD_MAX ? size : HTTP_HEAD_MAX));
    size_t method = 0;

    while (end && bytes[method] >= 'A' && bytes[method] <= 'Z')
        method++;
    return method && bytes[method] == ' ' && memmem(bytes, (size_t)(end - bytes), " HTTP/1.", 8);
}

/* Copies the text between, without white space around it; false when it does not fit. */
static bool copy(const char *from, const char *end, char *ret, size_t size)
{
    while (from < end && (*from == ' ' || *from == '\t'))
        from++;
    while (end > from && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        end--;
    if ((size_t)(end - from) >= size)
        return false;
    memcpy(ret, from, (size_t)(end - from));
    ret[end - from] = '\0';
    return true;
}

static bool take_header(const char *line, const char *end, struct head *head,
                        struct http_request *ret, struct err *err)
{
    char name[64], value[HTTP_VALUE_MAX], *rest = NULL;
    const char *colon = memchr(line, ':', (size_t)(end - line));

    if (!colon)
        return err_set(err, "a header line of the request has no colon");
    /* A longer header is none of those that we look for. */
    if (!copy(line, colon, name, sizeof name) || !copy(colon + 1, end, value, sizeof value))
        return true;
    if (!strcasecmp(name, "Content-Type"))
        memcpy(ret->content_type, value, strlen(value) + 1);
    if (!strcasecmp(name, "Transfer-Encoding")) {
        if (strcasecmp(value, "chunked") != 0)
            return err_set(err, "transfer encoding \"%.40s\" is not known; chunked is", value);
        head->chunked = true;
    }
    if (!strcasecmp(name, "Content-Length")) {
        if (head->sized || !*value || value[strspn(value, "0123456789")] || strlen(value) > 12)
            return err_set(err, "Content-Length \"%.40s\" is no length", value);
        head->size = strtoul(value, &rest, 10);
        head->sized = true;
    }
    return true;
}

static bool take_head(const char *bytes, size_t size, struct head *head, struct http_request *ret,
                      struct err *err)
{
    const char *end = bytes + (size < HTTP_HEAD_MAX ? size : HTTP_HEAD_MAX);
    const char *line = bytes, *stop = line_end(line, end);
    const char *path = stop ? memchr(line, ' ', (size_t)(stop - line)) : NULL;
    const char *path_end = path ? memchr(path + 1, ' ', (size_t)(stop - path - 1)) : NULL;

    if (!path_end)
        return err_set(err, "there is no request line");
    copy(path, path_end, ret->path, sizeof ret->path);
    for (line = stop + 1; (stop = line_end(line, end)); line = stop + 1) {
        if (stop == line || (stop == line + 1 && *line == '\r')) {
            ret->body_offset = (size_t)(stop + 1 - bytes);
            return true;
        }
        if (!take_header(line, stop, head, ret, err))
            return false;
    }
    return err_set(err, "the request is cut off within its headers");
}

/* RFC 9112, 7.1: size in hex, line end, bytes, line end; a chunk of 0 ends; trailers are not read.
 */
static bool join_chunks(const char *at, const char *end, struct http_request *ret, struct err *err)
{
    ret->joined = memory_new((size_t)(end - at) + 1, 1);
    for (;;) {
        const char *stop = line_end(at, end);
        char size_text[20], *rest = NULL;

        if (!stop || !copy(at, stop, size_text, sizeof size_text))
            break;
        size_text[strcspn(size_text, ";")] = '\0';
        size_t size = strtoul(size_text, &rest, 16);
        if (rest == size_text || *rest || size_text[0] == '-' || size_text[0] == '+')
            return err_set(err, "a chunk of the body has no size");
        at = stop + 1;
        if (size == 0)
            return true;
        if (size > (size_t)(end - at))
            break;
        memcpy(ret->joined + ret->body_size, at, size);
        ret->body_size += size;
        at += size;
        if (at < end && *at == '\r')
            at++;
        if (at < end && *at++ != '\n')
            return err_set(err, "a chunk of the body is longer than its size");
    }
    return err_set(err, "the body is cut off within its chunks");
}

bool http_request_read(const char *bytes, size_t size, struct http_request *ret, struct err *err)
{
    struct head head = {0};

    *ret = (struct http_request){0};
    if (!take_head(bytes, size, &head, ret, err))
        return false;
    size_t left = size - ret->body_offset;

    if (head.sized && head.chunked)
        return err_set(err, "the request has a length and chunks; one of them lies");
    if (head.chunked) {
        if (join_chunks(bytes + ret->body_offset, bytes + size, ret, err))
            return true;
        free(ret->joined);
        ret->joined = NULL;
        return false;
    }
    if (head.sized && head.size > left)
        return err_set(err, "the body is cut off: %zu bytes of %zu", left, head.size);
    ret->body_size = head.sized ? head.size : left;
    return true;
}
