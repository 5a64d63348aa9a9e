/* The commands: each in the file of its name. */
#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H

#include "daemon/ctl/ctl.h"

enum ctl_exit status_command(const struct ctl *ctl);
enum ctl_exit lots_command(const struct ctl *ctl);
enum ctl_exit bays_command(const struct ctl *ctl);
enum ctl_exit devices_command(const struct ctl *ctl);
enum ctl_exit cameras_command(const struct ctl *ctl);
enum ctl_exit device_command(const struct ctl *ctl);
enum ctl_exit watch_command(const struct ctl *ctl);
enum ctl_exit outbox_command(const struct ctl *ctl);
enum ctl_exit uplink_command(const struct ctl *ctl);
enum ctl_exit orders_command(const struct ctl *ctl);
enum ctl_exit probe_barrier_command(const struct ctl *ctl); /* probe barrier ID [CONFIG] */
enum ctl_exit probe_command(const struct ctl *ctl);
enum ctl_exit check_config_command(const struct ctl *ctl);
enum ctl_exit fee_command(const struct ctl *ctl);
enum ctl_exit tariff_command(const struct ctl *ctl);
enum ctl_exit audit_command(const struct ctl *ctl);
enum ctl_exit decode_command(const struct ctl *ctl);
enum ctl_exit decode_camera(const struct ctl *ctl); /* decode --camera */
enum ctl_exit lanes_command(const struct ctl *ctl);
enum ctl_exit stay_command(const struct ctl *ctl);
/* stay orphans: pairs of stays that may be one vehicle's. */
struct store;
bool orphans_list(const struct ctl *ctl, struct store *store, struct err *err);
enum ctl_exit stay_export(const struct ctl *ctl);
enum ctl_exit list_command(const struct ctl *ctl);
enum ctl_exit quote_command(const struct ctl *ctl);
enum ctl_exit act_command(const struct ctl *ctl); /* open, hold, pay …: all that is an act */
enum ctl_exit reconcile_command(const struct ctl *ctl);
enum ctl_exit report_command(const struct ctl *ctl);
enum ctl_exit backup_command(const struct ctl *ctl);

#endif
