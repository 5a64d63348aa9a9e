/* Only paths are told in messages, never what a file holds. See secret.h. */
#include "daemon/config/secret.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool credential_path(const char *name, char ret[SECRET_PATH_SIZE], struct err *err)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");

    if (!name[0] || strchr(name, '/') || name[0] == '.')
        return err_set(err, "\"credential:%s\" names no credential", name);
    if (!folder)
        return err_set(err,
                       "\"credential:%s\" needs LoadCredential=%s:FILE in the "
                       "service (by hand: $CREDENTIALS_DIRECTORY)",
                       name, name);
    if (snprintf(ret, SECRET_PATH_SIZE, "%s/%s", folder, name) >= SECRET_PATH_SIZE)
        return err_set(err, "the path of \"credential:%.60s\" is too long", name);
    return true;
}

bool secret_path(const char *beside, const char *written, char ret[SECRET_PATH_SIZE],
                 struct err *err)
{
    static const char credential[] = "credential:";
    const char *slash = strrchr(beside, '/');

    if (strncmp(written, credential, sizeof credential - 1) == 0)
        return credential_path(written + sizeof credential - 1, ret, err);
    int folder = written[0] == '/' || !slash ? 0 : (int)(slash - beside + 1);
    if (snprintf(ret, SECRET_PATH_SIZE, "%.*s%s", folder, beside, written) >= SECRET_PATH_SIZE)
        return err_set(err, "the path is too long");
    return true;
}

bool secret_check(const char *path, bool is_private, struct err *err)
{
    struct stat status;

    if (stat(path, &status) < 0 || access(path, R_OK) < 0)
        return err_errno(err, "%s cannot be read", path);
    if (!S_ISREG(status.st_mode))
        return err_set(err, "%s is not a regular file", path);
    if (is_private && (status.st_mode & S_IRWXO))
        return err_set(err, "%s can be read by everyone (mode %03o), do: chmod 640 %s", path,
                       (unsigned)status.st_mode & 0777, path);
    return true;
}

bool secret_read(const char *path, char ret[SECRET_SIZE], struct err *err)
{
    char line[SECRET_SIZE + 2];

    if (!secret_check(path, true, err))
        return false;
    FILE *file = fopen(path, "re");
    if (!file)
        return err_errno(err, "%s cannot be read", path);
    size_t size = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    line[size] = '\0';
    size_t length = strcspn(line, "\r\n");
    bool only_line = line[length + strspn(line + length, "\r\n")] == '\0';
    for (size_t i = 0; i < length; i++)
        only_line = only_line && line[i] > ' ' && line[i] < 0x7f;
    if (length == 0 || length >= SECRET_SIZE || strlen(line) != size || !only_line) {
        explicit_bzero(line, sizeof line);
        return err_set(err,
                       "%s does not hold one line of 1 to %d printable ASCII "
                       "characters without blanks",
                       path, SECRET_SIZE - 1);
    }
    memcpy(ret, line, length);
    ret[length] = '\0';
    explicit_bzero(line, sizeof line);
    return true;
}
