/* A sealed picture. See photo_file.h. */
#include "daemon/store/photo_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/json.h"
#include "daemon/base/memory.h"
#include "daemon/core/text.h"

static const char magic[] = "parkd photo 1\n";

enum {
    MAGIC = sizeof magic - 1,
    HEAD = PHOTO_HEAD + CRYPTO_SEAL_OVERHEAD,
    BODY_AT = MAGIC + HEAD,
    FILE_MAX = 16 * 1024 * 1024,
    KEY_HEX = 2 * KEY_SIZE,
    BOUND = PHOTO_NAME + 8
};

char *photo_file_name(const char *id, char ret[PHOTO_NAME])
{
    snprintf(ret, PHOTO_NAME, "%s.photo", id);
    return ret;
}

static struct crypto_part bound_to(const char *name, const char *part, char bytes[BOUND])
{
    int size = snprintf(bytes, BOUND, "%s %s", name, part);

    return (struct crypto_part){bytes, (size_t)size};
}

static bool write_all(int fd, const void *bytes, size_t size)
{
    const char *at = bytes;

    while (size > 0) {
        ssize_t done = write(fd, at, size);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        at += done;
        size -= (size_t)done;
    }
    return true;
}

static enum photo_state read_all(int fd, void *bytes, size_t size, off_t from)
{
    char *at = bytes;

    while (size > 0) {
        ssize_t done = pread(fd, at, size, from);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return done < 0 ? PHOTO_UNREAD : PHOTO_NOT_WHOLE;
        at += done;
        from += done;
        size -= (size_t)done;
    }
    return PHOTO_WHOLE;
}

/* ---- the key ---- */

static bool make_key(const char *path, struct key *ret, struct err *err)
{
    char hex[KEY_HEX + 2];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        return err_errno(err, "photos: the key %s cannot be made", path);
    crypto_random(ret->bytes, sizeof ret->bytes);
    crypto_hex(ret->bytes, sizeof ret->bytes, hex);
    memcpy(hex + KEY_HEX, "\n", 2);
    bool good = write_all(fd, hex, KEY_HEX + 1) && !fsync(fd);
    crypto_wipe(hex, sizeof hex);
    if (!good) {
        err_errno(err, "photos: the key %s cannot be written", path);
        unlink(path);
    }
    close(fd);
    return good;
}

bool photo_key(const char *path, struct key *ret, struct err *err)
{
    char hex[KEY_HEX + 1] = "";
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT)
        return make_key(path, ret, err);
    if (fd < 0)
        return err_errno(err, "photos: the key %s cannot be read", path);
    bool closed = !fstat(fd, &about) && !(about.st_mode & S_IRWXO);
    bool good = closed && read_all(fd, hex, KEY_HEX, 0) == PHOTO_WHOLE &&
                crypto_unhex(hex, ret->bytes, KEY_SIZE);

    close(fd);
    crypto_wipe(hex, sizeof hex);
    if (!closed)
        return err_set(err, "photos: %s can be read by everyone, do: chmod 600 %s", path, path);
    if (!good)
        return err_set(err,
                       "photos: %s is no key of %d hex digits; remove it and a new one is made "
                       "(pictures that it seals are gone then)",
                       path, (int)KEY_HEX);
    return true;
}

/* ---- writing ---- */

static void write_head(const struct photo_about *about, char ret[PHOTO_HEAD])
{
    struct text out;

    memset(ret, ' ', PHOTO_HEAD);
    text_init(&out, ret, PHOTO_HEAD);
    text_add(&out, "{");
    text_json_int(&out, "at", about->at.ms);
    text_json_pair(&out, "id", about->id);
    text_json_pair(&out, "digest", about->digest);
    text_json_pair(&out, "lane", about->lane);
    text_json_pair(&out, "plate", about->plate);
    text_json_pair(&out, "colour", plate_colour_name(about->colour));
    text_add(&out, "}");
    ret[out.used] = ' '; /* no NUL within */
}

static bool write_sealed(int fd, const struct key *key, const struct photo_about *about,
                         const struct crypto_part *bytes)
{
    size_t size = BODY_AT + bytes->size + CRYPTO_SEAL_OVERHEAD;
    char head[PHOTO_HEAD], name[PHOTO_NAME], bytes_bound[BOUND];
    uint8_t *sealed = memory_new(1, size);
    struct crypto_part bound;

    photo_file_name(about->id, name);
    write_head(about, head);
    memcpy(sealed, magic, MAGIC);
    bound = bound_to(name, "head", bytes_bound);
    crypto_seal(key, &(struct crypto_part){head, sizeof head}, &bound, sealed + MAGIC);
    bound = bound_to(name, "body", bytes_bound);
    crypto_seal(key, bytes, &bound, sealed + BODY_AT);
    bool good = write_all(fd, sealed, size);
    free(sealed);
    return good;
}

/* No sync: a picture is no record. What a power cut leaves of it opens as nothing. */
bool photo_file_write(int folder, const struct key *key, const struct photo_about *about,
                      const struct crypto_part *bytes, struct err *err)
{
    char name[PHOTO_NAME], fresh[PHOTO_NAME];

    photo_file_name(about->id, name);
    snprintf(fresh, sizeof fresh, "%s.new", about->id);
    int fd = openat(folder, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_errno(err, "photos: a picture cannot be written");
    bool good = write_sealed(fd, key, about, bytes);
    good = !close(fd) && good;
    good = good && !renameat(folder, fresh, folder, name);
    if (!good) {
        err_errno(err, "photos: a picture cannot be written");
        unlinkat(folder, fresh, 0);
    }
    return good;
}

/* ---- reading ---- */

static enum photo_state open_photo(int folder, const char *name, uint64_t *ret_size, int *ret_fd)
{
    enum photo_state state = PHOTO_UNREAD;
    char start[MAGIC];
    struct stat about;
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0)
        return PHOTO_UNREAD;
    if (!fstat(fd, &about))
        state = !S_ISREG(about.st_mode) || about.st_size < BODY_AT + CRYPTO_SEAL_OVERHEAD ||
                        about.st_size > FILE_MAX
                    ? PHOTO_NOT_WHOLE
                    : read_all(fd, start, sizeof start, 0);
    if (state == PHOTO_WHOLE && memcmp(start, magic, MAGIC) != 0)
        state = PHOTO_NOT_WHOLE;
    if (state != PHOTO_WHOLE) {
        close(fd);
        return state;
    }
    *ret_size = (uint64_t)about.st_size;
    *ret_fd = fd;
    return PHOTO_WHOLE;
}

static bool read_head(const char *head, size_t size, struct photo_about *ret)
{
    struct err err;
    struct json *json = json_read(head, size, PHOTO_HEAD, &err);

    if (!json)
        return false;
    *ret = (struct photo_about){.at = {json_int(json_member(json, "at"), 0)}};
    text_copy(ret->id, sizeof ret->id, json_text(json_member(json, "id"), ""));
    text_copy(ret->digest, sizeof ret->digest, json_text(json_member(json, "digest"), ""));
    text_copy(ret->lane, sizeof ret->lane, json_text(json_member(json, "lane"), ""));
    text_copy(ret->plate, sizeof ret->plate, json_text(json_member(json, "plate"), ""));
    ret->colour = plate_colour_parse(json_text(json_member(json, "colour"), ""));
    json_release(json);
    return true;
}

enum photo_state photo_file_head(int folder, const struct key *key, const char *name,
                                 struct photo_about *ret, uint64_t *ret_size)
{
    uint8_t sealed[HEAD];
    char head[PHOTO_HEAD], bound_bytes[BOUND], expected[PHOTO_NAME];
    size_t size = 0;
    int fd;
    enum photo_state state = open_photo(folder, name, ret_size, &fd);

    if (state != PHOTO_WHOLE)
        return state;
    state = read_all(fd, sealed, sizeof sealed, MAGIC);
    close(fd);
    if (state != PHOTO_WHOLE)
        return state;
    struct crypto_part bound = bound_to(name, "head", bound_bytes);
    return crypto_open(key, &(struct crypto_part){sealed, sizeof sealed}, &bound, head, &size) &&
                   read_head(head, size, ret) && !strcmp(photo_file_name(ret->id, expected), name)
               ? PHOTO_WHOLE
               : PHOTO_NOT_WHOLE;
}

void *photo_file_body(int folder, const struct key *key, const char *id, size_t *ret_size)
{
    char name[PHOTO_NAME], bound_bytes[BOUND];
    uint64_t file;
    int fd;

    if (open_photo(folder, photo_file_name(id, name), &file, &fd) != PHOTO_WHOLE)
        return NULL;
    size_t size = (size_t)file - BODY_AT;
    uint8_t *sealed = memory_new(1, size);
    uint8_t *body = memory_new(1, size);
    struct crypto_part bound = bound_to(name, "body", bound_bytes);
    bool good = read_all(fd, sealed, size, BODY_AT) == PHOTO_WHOLE &&
                crypto_open(key, &(struct crypto_part){sealed, size}, &bound, body, ret_size);
    close(fd);
    free(sealed);
    if (good)
        return body;
    free(body);
    return NULL;
}
