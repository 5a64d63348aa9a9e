/* Plots of a report as inline SVG, in words of either language. */
#ifndef CTL_REPORT_PLOT_H
#define CTL_REPORT_PLOT_H

#include <stdio.h>

#include "daemon/ctl/report.h"

/* Occupancy over the day against capacity, entries and exits, money by channel, stay lengths, heat
 * map by hour and weekday. */
void report_plots(const struct report_figures *figures, enum words_language language, FILE *file);

#endif
