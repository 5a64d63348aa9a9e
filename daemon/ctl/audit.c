/* parkctl audit: proves a database, or a backup of one, from its own records. */
#include <stdio.h>

#include "daemon/core/text.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/progress.h"
#include "daemon/report/prove.h"
#include "daemon/report/prove_differences.h"

enum { LINE_SIZE = 4096 };

struct report {
    const struct ctl *ctl;
    uint32_t count;
};

static void tell_json(const struct report *report, const struct audit_finding *finding)
{
    char bytes[LINE_SIZE];
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    text_add(&out, "%s{", report->count > 1 ? "," : "");
    text_json_int(&out, "rule", finding->rule);
    text_json_pair(&out, "name", finding->name);
    text_json_bool(&out, "good", finding->good);
    text_json_pair(&out, "text", finding->text);
    text_add(&out, "}");
    fputs(bytes, stdout);
}

static void tell(void *arg, const struct audit_finding *finding)
{
    struct report *report = arg;

    report->count++;
    progress_end();
    if (report->ctl->json) {
        tell_json(report, finding);
    } else {
        printf("%s  ", words_in(report->ctl->language, finding->good ? "ok" : "NOT OK"));
        if (finding->rule > 0)
            printf("%s %d, ", words_in(report->ctl->language, "Rule"), finding->rule);
        printf("%s: %s\n", finding->name, finding->text);
    }
    progress_show("auditing …", 0, 0);
}

enum ctl_exit audit_command(const struct ctl *ctl)
{
    struct report report = {.ctl = ctl};
    size_t breaches = 0;
    struct err err;

    if (ctl->words_count > 0)
        return ctl_wrong_use(ctl, "\"%s\" is too much; name the file with --db", ctl->words[0]);
    if (ctl->json)
        fputs("{\"findings\":[", stdout);
    progress_show("auditing …", 0, 0);
    bool done = audit_run_rooted(ctl->db, ctl->root_key, tell, &report, &breaches, &err) &&
                report_prove(ctl->db, tell, &report, &breaches, &err) &&
                prove_differences(ctl->db, tell, &report, &breaches, &err);
    progress_end();
    if (ctl->json)
        printf("],\"breaches\":%zu,\"done\":%s}\n", breaches, done ? "true" : "false");
    if (!done)
        return ctl_refused(ctl, &err);
    return breaches == 0 ? CTL_DONE : CTL_REFUSED;
}
