/*
 * Memory that runs out: the N-th allocation of the process fails, for each N until the scenario
 * (life.h, always the same) passes untouched. The daemon ends at its one place
 * (daemon/base/memory.c) or goes on; nothing else may happen to it, and after it started anew
 * everything promised is there. Each run is a process of its own, what it promised lies in memory
 * shared with us.
 *
 *   fault_memory [--quick] [--seed N] [--results FILE]
 */
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "daemon/base/crypto_keyed.h"
#include "daemon/base/crypto_text.h"
#include "daemon/base/loop.h"
#include "daemon/base/xml.h"
#include "tests/fault/failing_memory.h"
#include "tests/fault/life.h"
#include "tests/fault/run.h"

enum { STEPS = 30, QUICK_STRIDE = 199 };

/* No power is cut here: these stand before the C library's, SQLite's own syncs among them, so that
 * the sweep waits for no disk. */
int fdatasync(int fd)
{
    (void)fd;
    return 0;
}

int fsync(int fd)
{
    (void)fd;
    return 0;
}

/* In the child: the whole life, or its end in memory.c. False: it needed fewer allocations. */
static bool live(struct life *life, uint64_t nth)
{
    struct err err;

    failing_memory_after(nth);
    if (life_start(life, &err))
        for (int step = 0; step < STEPS && life_step(life); step++)
            ;
    life_stop(life);
    return failing_memory_taken() >= nth;
}

/* How a child may end: it did all, or memory.c ended it. */
enum { WENT_ON = 0, NEVER_CAME = 3 };

static bool ended_well(int status)
{
    return WIFEXITED(status) &&
           (WEXITSTATUS(status) == WENT_ON || WEXITSTATUS(status) == NEVER_CAME ||
            WEXITSTATUS(status) == EX_SOFTWARE);
}

static bool comes_back(struct life *life, int status, struct err *err)
{
    life->store = NULL; /* the child's */
    for (int i = 0; i < LIFE_UPLINKS; i++)
        life->receivers[i].outbox = NULL;
    if (!ended_well(status))
        return err_set(err, "it ended with status 0x%x", (unsigned)status);
    if (!life_start(life, err))
        return err_prefix(err, "start");
    life_stop(life);
    return life_prove(life, err);
}

static int in_a_child(struct life *life, uint64_t nth)
{
    int status = -1;
    pid_t child = fork();

    if (child == 0) {
        bool quiet = freopen("/dev/null", "w", stderr); /* its last words, once a run */
        _exit(quiet && live(life, nth) ? WENT_ON : NEVER_CAME);
    }
    if (child > 0)
        waitpid(child, &status, 0);
    return status;
}

/* What is asked of libraries here and there, so that the short sweep meets each of their
 * allocations too. */
static void use_digest(void)
{
    struct crypto_stream *stream = crypto_stream_begin();

    crypto_stream_add(stream, "a", 1);
    crypto_stream_end(stream);
}

static void use_md5(void)
{
    char hex[MD5_HEX_SIZE];

    crypto_md5("a", 1, hex);
}

static void use_keyed(void)
{
    const struct key key = {.bytes = {1}};
    const struct crypto_part text = {"a", 1}, bound = {"b", 1};
    uint8_t sealed[1 + CRYPTO_SEAL_OVERHEAD], opened[1];
    size_t size = 0;

    crypto_hmac(&key, &text, 1);
    crypto_seal(&key, &text, &bound, sealed);
    crypto_open(&key, &(struct crypto_part){sealed, sizeof sealed}, &bound, opened, &size);
    if (size != 1 || opened[0] != 'a') /* what is said to be done is done */
        abort();
}

static void use_xml(void)
{
    struct err err;

    xml_release(xml_read("<a>b</a>", 8, 100, &err));
}

static void nothing(void *arg)
{
    (void)arg;
}

static void use_loop(void)
{
    struct err err;
    struct loop *loop = loop_create(&err);

    if (loop)
        loop_timer_destroy(loop_timer(loop, nothing, NULL));
    loop_destroy(loop);
}

static int use_in_a_child(void (*use)(void), uint64_t nth)
{
    int status = -1;
    pid_t child = fork();

    if (child == 0) {
        bool quiet = freopen("/dev/null", "w", stderr);
        failing_memory_after(nth);
        use();
        _exit(quiet && failing_memory_taken() >= nth ? WENT_ON : NEVER_CAME);
    }
    if (child > 0)
        waitpid(child, &status, 0);
    return status;
}

/* How many of them ended badly. */
static uint64_t sweep_libraries(uint64_t *ret_runs)
{
    static void (*const uses[])(void) = {use_digest, use_md5, use_keyed, use_xml, use_loop};
    uint64_t failed = 0;

    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        int status = 0;
        uses[i](); /* libcrypto falls over its own locks when its first use gets no memory */
        for (uint64_t nth = 1; !WIFEXITED(status) || WEXITSTATUS(status) != NEVER_CAME; nth++) {
            status = use_in_a_child(uses[i], nth);
            if (!ended_well(status) && failed++ < 10)
                printf("library %zu, allocation %" PRIu64 ": it ended with status 0x%x\n", i, nth,
                       (unsigned)status);
            ++*ret_runs;
        }
    }
    return failed;
}

int main(int argc, char **argv)
{
    struct run run = run_parse(argc, argv, 1, 1);
    struct life *life =
        mmap(NULL, sizeof *life, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t stride = run.quick ? QUICK_STRIDE : 1, nth = 1, runs = 0, failed = 0, ended = 0;
    int status = 0;

    if (life == MAP_FAILED)
        return EXIT_FAILURE;
    failed = sweep_libraries(&runs);
    printf("%" PRIu64 " allocations of libraries\n", runs);
    for (; !WIFEXITED(status) || WEXITSTATUS(status) != NEVER_CAME; nth += stride, runs++) {
        struct err err;
        life_begin(life, NULL, run.seed, CONTROL_NONE);
        status = in_a_child(life, nth);
        ended += WIFEXITED(status) && WEXITSTATUS(status) == EX_SOFTWARE;
        if (!comes_back(life, status, &err) && failed++ < 10)
            printf("allocation %" PRIu64 ": %s\n", nth, err.text);
        for (int i = 0; i < LIFE_UPLINKS; i++)
            life->counts.doubled += life->receivers[i].doubled;
        life_end(life);
    }
    printf("%" PRIu64 " runs over %" PRIu64 " allocations, %" PRIu64 " ended the process; %" PRIu64
           " records acknowledged, %" PRIu64 " lost, %" PRIu64 " doubled\n",
           runs, nth - stride, ended, life->counts.acknowledged, life->counts.lost,
           life->counts.doubled);
    run_result(&run, &(struct run_row){"memory runs out", "each allocation of a scenario", runs,
                                       life->counts.acknowledged, life->counts.lost,
                                       life->counts.doubled});
    return run_end(&run, runs - failed, failed);
}
