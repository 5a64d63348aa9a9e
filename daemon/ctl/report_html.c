#include "daemon/ctl/report.h"
bool report_html(const struct report_page *page, const char *path, struct err *err)
{
    (void)page;
    (void)path;
    return err_set(err, "no");
}
