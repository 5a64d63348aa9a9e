/*
 * Serial lines through libmodbus 3.1.6. Of the library only opening, termios, RS-485 mode, flushing
 * and closing are used: no reply, no mapping, no recovery mode, no debug output (B8, B14, B19,
 * B20).
 */
#include "sensors/bus/modbus.h"

#include <errno.h>
#include <limits.h>
#include <linux/serial.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>

#include <modbus/modbus.h>

#include "daemon/base/memory.h"

struct modbus_line {
    modbus_t *context;
};

bool modbus_line_has_baud(uint32_t baud)
{
    static const uint32_t known[] = {1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i] == baud)
            return true;
    return false;
}

/* A pseudo-terminal has no parity bit: Linux drops PARENB, and setting nothing else fails. */
static bool is_pseudo_terminal(const char *path)
{
    char real[PATH_MAX];
    return realpath(path, real) && strncmp(real, "/dev/pts/", 9) == 0;
}

static const char *next_step(int number)
{
    switch (number) {
    case ENOENT:
    case ENXIO:
    case ENODEV:
        return "plug the adapter in, or see /dev/serial/by-id for its name";
    case EACCES:
    case EPERM:
        return "let the daemon's user into the group that owns the port (dialout)";
    case EBUSY:
    case EWOULDBLOCK:
        return "another program uses the port: find it with fuser, and end it";
    default:
        return "is it a serial port?";
    }
}

static modbus_t *connect_line(const struct bus_settings *settings, char parity)
{
    modbus_t *context =
        modbus_new_rtu(settings->path, (int)settings->baud, parity, 8, (int)settings->stop_bits);
    if (!context)
        return NULL;
    if (modbus_connect(context) == 0)
        return context;
    int number = errno;
    modbus_free(context);
    errno = number;
    return NULL;
}

/* FTDI adapters gather bytes for 16 ms unless told not to; others ignore this. */
static void ask_low_latency(int fd)
{
    struct serial_struct serial;
    if (ioctl(fd, TIOCGSERIAL, &serial))
        return;
    serial.flags |= ASYNC_LOW_LATENCY;
    ioctl(fd, TIOCSSERIAL, &serial);
}

/* The library opens with O_EXCL, which means nothing for a terminal (B13). */
static bool own_line(int fd)
{
    return flock(fd, LOCK_EX | LOCK_NB) == 0 && ioctl(fd, TIOCEXCL) == 0;
}

struct modbus_line *modbus_line_open(const struct bus_settings *settings, struct err *err)
{
    if (!modbus_line_has_baud(settings->baud)) {
        err_set(err, "%u baud is not known; allowed are 1200, 2400, … 115200", settings->baud);
        return NULL;
    }
    modbus_t *context = connect_line(settings, settings->parity);
    if (!context && errno == EINVAL && is_pseudo_terminal(settings->path))
        context = connect_line(settings, 'N');
    if (!context) {
        err_errno(err, "cannot open %s; %s", settings->path, next_step(errno));
        return NULL;
    }
    if (!own_line(modbus_get_socket(context))) {
        err_errno(err, "cannot lock %s; %s", settings->path, next_step(errno));
        goto fail;
    }
    if (settings->rs485 && modbus_rtu_set_serial_mode(context, MODBUS_RTU_RS485)) {
        err_errno(err,
                  "%s: the kernel cannot drive its RS-485; set rs485 = false for an adapter "
                  "that switches by itself",
                  settings->path);
        goto fail;
    }
    ask_low_latency(modbus_get_socket(context));
    modbus_flush(context);
    struct modbus_line *line = memory_new(1, sizeof *line);
    line->context = context;
    return line;
fail:
    modbus_close(context);
    modbus_free(context);
    return NULL;
}

void modbus_line_close(struct modbus_line *line)
{
    if (!line)
        return;
    ioctl(modbus_get_socket(line->context), TIOCNXCL);
    modbus_close(line->context);
    modbus_free(line->context);
    free(line);
}

int modbus_line_fd(const struct modbus_line *line)
{
    return modbus_get_socket(line->context);
}

void modbus_line_flush(struct modbus_line *line)
{
    modbus_flush(line->context);
}
