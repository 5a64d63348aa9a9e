/* Options, progress and results of the fault machine. See run.h. */
#include "tests/fault/run.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/crypto.h"

enum { EXIT_WRONG_USE = 2 };

static uint64_t number(const char *text, const char *option)
{
    char *end;
    uint64_t value = strtoull(text, &end, 10);

    if (*end || end == text) {
        fprintf(stderr, "%s wants a number, not \"%s\"\n", option, text);
        exit(EXIT_WRONG_USE);
    }
    return value;
}

struct run run_parse(int argc, char **argv, uint64_t usual, uint64_t quick)
{
    static const struct option options[] = {
        {"runs", required_argument, NULL, 'n'},    {"seed", required_argument, NULL, 's'},
        {"control", required_argument, NULL, 'c'}, {"results", required_argument, NULL, 'r'},
        {"quick", no_argument, NULL, 'q'},         {0},
    };
    struct run run = {.runs = 0};
    int letter;

    crypto_random(&run.seed, 4);
    while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (letter) {
        case 'n':
            run.runs = number(optarg, "--runs");
            break;
        case 's':
            run.seed = number(optarg, "--seed");
            break;
        case 'c':
            run.control = optarg;
            break;
        case 'r':
            run.results = optarg;
            break;
        case 'q':
            run.quick = true;
            break;
        default:
            fprintf(stderr,
                    "usage: %s [--quick] [--runs N] [--seed N] [--control NAME] "
                    "[--results FILE]\n",
                    argv[0]);
            exit(EXIT_WRONG_USE);
        }
    }
    if (!run.runs)
        run.runs = run.quick ? quick : usual;
    printf("seed %" PRIu64 "%s%s\n", run.seed, run.control ? ", control " : "",
           run.control ? run.control : "");
    fflush(stdout);
    return run;
}

void run_progress(const struct run *run, uint64_t done)
{
    uint64_t step = run->runs / 100 ? run->runs / 100 : 1;

    if (isatty(STDERR_FILENO) && done % step == 0)
        fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 "%s", done, run->runs,
                done == run->runs ? "\n" : "");
}

void run_result(const struct run *run, const struct run_row *row)
{
    char date[16];
    time_t now = time(NULL);

    if (!run->results)
        return;
    FILE *file = fopen(run->results, "a");
    if (!file) {
        perror(run->results);
        exit(EXIT_WRONG_USE);
    }
    strftime(date, sizeof date, "%Y-%m-%d", gmtime(&now));
    fprintf(file,
            "{\"fault\":\"%s\",\"how\":\"%s\",\"control\":\"%s\",\"runs\":%" PRIu64
            ",\"acknowledged\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"doubled\":%" PRIu64
            ",\"date\":\"%s\",\"seed\":%" PRIu64 "}\n",
            row->fault, row->how, run->control ? run->control : "", row->runs, row->acknowledged,
            row->lost, row->doubled, date, run->seed);
    fclose(file);
}

int run_end(const struct run *run, uint64_t passed, uint64_t failed)
{
    if (!run->control) {
        printf("%" PRIu64 " passed, %" PRIu64 " failed\n", passed, failed);
        return failed != 0;
    }
    printf("control %s: noticed in %" PRIu64 " of %" PRIu64 " runs\n", run->control, failed,
           passed + failed);
    printf("%d passed, %d failed\n", failed != 0, failed == 0);
    return failed == 0;
}
