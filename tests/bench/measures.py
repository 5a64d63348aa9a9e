"""The measures: each makes its scene on a lot, looks, and adds its rows to the table. Figures of parkd and of
the raw loop are taken in turns, so that a busy machine is busy for both."""

import contextlib
import json
import os
import re
import signal
import statistics
import subprocess
import time

import cameras
import year
import platform_records
from lot import (BAYS_A_UNIT, Lot, PARKD, RAW, TOP, at, cpu_ns, field_options, first_with, mono_us, resident_mb,
                 start_program, syncs, wait_for, written)  # fmt: skip

# bays: changes/s, and the budgets: the gateway's own p99 in ms, processor in %, memory in MB
BUDGETS = {2000: (100, 20, 1, 16), 10000: (200, 30, 3, 24)}
CEILING = 10000  # changes/s
TURNAROUND_MS = 5  # of a serial device


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def three(runs, name):
    return " / ".join(f"{median(runs, name + part):.1f}" for part in ("_p50", "_p99", "_max"))


def ratio(ours, raw, key):
    return median(ours, key) / median(raw, key)


def spread(values_us, name):
    values = [value / 1000 for value in values_us]
    return {name + "_p50": at(values, 0.5), name + "_p99": at(values, 0.99), name + "_max": max(values)}


def in_turns(times, run):
    """([run(RAW), ...], [run(PARKD), ...]), so many of each."""
    raw, ours = [], []
    for _ in range(times):
        raw.append(run(RAW))
        ours.append(run(PARKD))
    return raw, ours


# A steady load -----------------------------------------------------------------------------------


def steady(lot, program, bays, poll_ms, seconds):
    """Latencies in ms, processor in %, memory in MB of one program within a window."""
    lot.start_field(*field_options(bays, BUDGETS[bays][0]), poll_ms=poll_ms)
    start_program(lot, program, bays, poll_ms)
    pid, cpu, begin = lot.pid(program), cpu_ns(lot.pid(program)), mono_us()
    time.sleep(seconds)
    end = mono_us()
    busy = cpu_ns(pid) - cpu
    lot.wait_until_arrived(end, 30)
    pairs = lot.pairs(lot.received(), (begin, end))
    memory = resident_mb(pid)
    lot.stop(program)
    return {
        "cpu": busy / 10 / (end - begin),
        "memory": memory,
        **spread((arrived - served for arrived, served, _ in pairs), "gw"),
        **spread((arrived - changed for arrived, _, changed in pairs), "e2e"),
    }


def measure_latency(lot, table, quick):
    seconds = 3 if quick else 6
    for bays, (rate, p99, cpu, memory) in BUDGETS.items():
        raw, ours = in_turns(1 if quick else 3, lambda program: steady(lot, program, bays, 1000, seconds))
        load = f"{bays:,} bays, {rate} changes/s, 1 s poll"
        table.add(f"gateway's own latency p50 / p99 / max ms, {load}", f"p99 ≤ {p99}", three(raw, "gw"),
                  three(ours, "gw"), median(ours, "gw_p99") <= p99, ratio(ours, raw, "gw_p99"))  # fmt: skip
        table.add(f"processor, % of a core, {load}", f"≤ {cpu}", f"{median(raw, 'cpu'):.2f}",
                  f"{median(ours, 'cpu'):.2f}", median(ours, "cpu") <= cpu, ratio(ours, raw, "cpu"))  # fmt: skip
        table.add(f"memory, resident MB, {bays:,} bays", f"≤ {memory}", f"{median(raw, 'memory'):.1f}",
                  f"{median(ours, 'memory'):.1f}", median(ours, "memory") <= memory,
                  ratio(ours, raw, "memory"))  # fmt: skip


def measure_defaults(lot, table, quick):
    raw, ours = in_turns(1 if quick else 3, lambda program: steady(lot, program, 2000, None, 3 if quick else 4))
    load = "2,000 bays, 100 changes/s, as shipped (100 ms poll)"
    table.add(f"end to end p50 / p99 / max ms, {load}", "p99 ≤ 300", three(raw, "e2e"), three(ours, "e2e"),
              median(ours, "e2e_p99") <= 300, ratio(ours, raw, "e2e_p99"))  # fmt: skip
    table.add(f"processor, % of a core, {load}", "—", f"{median(raw, 'cpu'):.2f}", f"{median(ours, 'cpu'):.2f}",
              None, ratio(ours, raw, "cpu"))  # fmt: skip
    measure_platform(lot, table, 3 if quick else 10)


def measure_platform(lot, table, seconds):
    lot.start_city()
    lot.start_field(*field_options(2000, 100), uplinks=("broker", "city"))
    start_program(lot, PARKD, 2000, None)
    begin = mono_us()
    time.sleep(seconds)
    end = mono_us()
    lot.sim("field", "rate 0")
    time.sleep(0.5)
    wait_for("the platform has all", lambda: lot.uplink("city")["pending"] == 0, 60)
    lot.stop(PARKD)
    lot.stop("city")
    delays = [arrived - changed for arrived, _, changed in lot.pairs(lot.city_records(), (begin, end))]
    table.add(f"record on the platform (HTTPS) after the event p50 / p99 / max ms, {len(delays)} records",
              "100 % < 10 s", "—", three([spread(delays, "city")], "city"), max(delays) < 10e6)  # fmt: skip


# The disk ----------------------------------------------------------------------------------------


def disk_use(lot, program):
    thread = {RAW: "bench_floor", PARKD: "store"}[program]
    commits = lot.ctl_json("status")["store"]["commits"] if program == PARKD else 0
    return (mono_us(), *written(lot.pid(program), thread), commits)


def measure_disk(lot, table, quick):
    """Bytes do not depend on who else is busy: all scenes play at once, long enough for some checkpoints."""
    scenes = [(program, poll_ms) for poll_ms in (1000, None) for program in (RAW, PARKD)]
    words = {}
    with contextlib.ExitStack() as stack:
        lots = [stack.enter_context(Lot(lot.build)) for _ in scenes]
        for own, (program, poll_ms) in zip(lots, scenes):
            own.start_field(*field_options(2000, 100), poll_ms=poll_ms)
            start_program(own, program, 2000, poll_ms)
        before = [disk_use(own, program) for own, (program, _) in zip(lots, scenes)]
        time.sleep(15 if quick else 40)
        after = [disk_use(own, program) for own, (program, _) in zip(lots, scenes)]
        for own, scene, then, now in zip(lots, scenes, before, after):
            changes = own.served(then[0], now[0])
            words[scene] = [(b - a) / changes for a, b in zip(then[1:], now[1:])]
        traced = disk_use(lots[3], PARKD)[3], syncs(lots[3].pid(PARKD), 3), disk_use(lots[3], PARKD)[3]
    for poll_ms, load in ((1000, "1 s poll"), (None, "as shipped")):
        raw, ours = words[RAW, poll_ms], words[PARKD, poll_ms]
        table.add(f"bytes written a change (in blocks of the disk), 2,000 bays, 100 changes/s, {load}", "≤ 2,000",
                  f"{raw[0]:,.0f} ({raw[1]:,.0f})", f"{ours[0]:,.0f} ({ours[1]:,.0f})", ours[0] <= 2000,
                  ours[0] / raw[0])  # fmt: skip
    add_syncs(table, words[PARKD, None][2], traced)


def add_syncs(table, commits_a_change, traced):
    before, count, after = traced
    what = f"syncs a commit, as shipped ({1 / commits_a_change:.1f} changes a commit)"
    if count is None:
        table.add(what, "1, more at a checkpoint", "—", "strace cannot count here", None)
    else:
        table.add(what, "1, more at a checkpoint", "—", f"{count / (after - before):.2f}",
                  count <= 1.25 * (after - before))  # fmt: skip


# The ceiling -------------------------------------------------------------------------------------


def carried(lot, program, offered, seconds):
    """Changes a second that arrive while `offered` happen."""
    lot.start_field(*field_options(10000, 0), poll_ms=20)
    start_program(lot, program, 10000, 0)
    lot.sim("field", f"rate {offered}")
    time.sleep(1.5)
    begin = mono_us()
    time.sleep(seconds)
    end = mono_us()
    lot.sim("field", "rate 0")
    lot.wait_until_arrived(end, 60)
    rows = lot.received()
    lot.pairs(rows, (begin, end))  # one by one what was served
    lot.stop(program)
    return {"rate": sum(1 for when, _, _ in rows if begin <= when < end) / (end - begin) * 1e6}


def measure_ceiling(lot, table, quick):
    raw, ours = in_turns(1 if quick else 3, lambda program: carried(lot, program, 2 * CEILING, 3))
    table.add(f"durable changes/s at the subscriber while {2 * CEILING:,} happen, 10,000 bays", f"≥ {CEILING:,}",
              f"{median(raw, 'rate'):,.0f}", f"{median(ours, 'rate'):,.0f}", median(ours, "rate") >= CEILING,
              ratio(ours, raw, "rate"))  # fmt: skip


# Serial lines ------------------------------------------------------------------------------------


def formula_ms(baud, devices, inputs):
    """T = (8 + L) characters + 2 silences + turnaround for one read of discrete inputs, at 8N1 ("Modbus over
    Serial Line V1.02", 2.5.1.1)."""
    character = 10 / baud * 1000
    silence = 3.5 * character if baud <= 19200 else 1.75
    answer = 5 + (inputs + 7) // 8
    return devices * ((8 + answer) * character + 2 * silence + TURNAROUND_MS)


def serial_plan(lot, bauds, devices, inputs):
    plan = ["lot S Serial"] + [f"zone S{baud} S{baud} {devices * inputs}" for baud in bauds]
    for n, baud in enumerate(bauds):
        plan.append(f"line {baud} pty line-{baud} {baud} 8N1")
        plan.append(f"units 1 {devices} concentrator-bits {inputs} S {n * devices * inputs + 1}")
    with open(lot.path("serial.plan"), "w") as f:
        f.write("\n".join(plan) + "\n")


def cycles_ms(lot, seconds):
    """{line: mean time from one request to the next like it}, as the field sees it."""
    lot.sim("field", "restart-counts")
    time.sleep(seconds)
    return {line["id"]: line["cycle_mean_us"] / 1000 for line in json.loads(lot.sim("field", "status"))["lines"]}


def measure_serial(lot, table, quick):
    bauds, devices, inputs = (9600, 19200, 115200), 32, 16
    serial_plan(lot, bauds, devices, inputs)
    lot.start_field("--plan", lot.path("serial.plan"), "--dir", lot.dir, "--turnaround-ms", str(TURNAROUND_MS))
    lot.start_parkd()
    wait_for("all bays are known", lambda: lot.ctl_json("lots")["lots"][0]["unknown"] == 0, 30)
    windows = [cycles_ms(lot, 4) for _ in range(1 if quick else 3)]
    alive = {line: statistics.median(window[line] for window in windows) for line in windows[0]}
    for baud in bauds:
        expected, cycle = formula_ms(baud, devices, inputs), alive[str(baud)]
        table.add(f"serial cycle ms, {devices} devices with {inputs} bays each, {baud} 8N1",
                  "≤ 1.05 × formula", f"formula {expected:.0f}", f"{cycle:.0f}, {cycle / expected:.3f} ×",
                  cycle <= 1.05 * expected)  # fmt: skip
    if not quick:
        measure_dead(lot, table, bauds, devices, alive)
    lot.stop(PARKD)


def measure_dead(lot, table, bauds, devices, alive):
    seconds = 31  # a dead device is tried again within 30 s
    for baud in bauds:
        lot.sim("field", f"fault {baud}/{devices // 2} silent")
    offline = lambda: sum(device["state"] == "offline" for device in lot.ctl_json("devices")["devices"])
    wait_for("the dead device of each line is known", lambda: offline() == len(bauds), 30)
    dead = cycles_ms(lot, seconds)
    for baud in bauds:
        more = dead[str(baud)] / alive[str(baud)] - 1
        table.add(f"the same with one device dead, {baud} 8N1, over {seconds} s", "≤ + 5 %", "—",
                  f"{dead[str(baud)]:.0f}, {more * 100:+.1f} %", more <= 0.05)  # fmt: skip


# Start, backlog ----------------------------------------------------------------------------------


def start_options(lot):
    """10,000 bays, all free; then a car arrives on another one each time and stays, so that the number of
    occupied bays tells the moment."""
    with open(lot.path("arrivals"), "w") as f:
        f.writelines(f"{(n + 1) * 100} A-{n + 1:04d} occupied\n" for n in range(10000))
    return (*field_options(10000), "--script", lot.path("arrivals"))


def time_to_poll(lot):
    lot.start_field(*start_options(lot), keep=True)
    begin = mono_us()
    lot.start_parkd()
    wait_for("a first poll", lambda: lot.served(begin, mono_us()), 60)
    return (min(row["mono_us"] for row in lot.truth() if row["event"] == "served") - begin) / 1e6


def measure_start(lot, table, quick):
    megabytes, backlog = (100, 300000) if quick else (1000, 1000000)
    lot.remove_database()
    subprocess.run([f"{lot.build}/bench_fill", lot.path("parkd.db"), str(megabytes), "10000",
                    str(10 * BAYS_A_UNIT), "city", str(backlog)], check=True, capture_output=True)  # fmt: skip
    size = os.path.getsize(lot.path("parkd.db")) / 1e6
    stopped, killed = [], []
    for _ in range(1 if quick else 3):
        stopped.append(time_to_poll(lot))
        lot.stop(PARKD, signal.SIGKILL)
        killed.append(time_to_poll(lot))
        lot.stop(PARKD)
    after_stop, after_kill = statistics.median(stopped), statistics.median(killed)
    table.add(f"start to first poll s, 10,000 bays, database of {size:,.0f} MB, after a stop / a kill", "≤ 2", "—",
              f"{after_stop:.2f} / {after_kill:.2f}", max(after_stop, after_kill) <= 2)  # fmt: skip
    measure_backlog(lot, table, backlog, 8 if quick else 25)
    lot.remove_database()


def measure_backlog(lot, table, backlog, seconds):
    lot.start_city()
    lot.start_field(*start_options(lot), keep=True, uplinks=("city",))
    lot.start_parkd()
    begin, pending = mono_us(), backlog
    while pending > 1000 and mono_us() - begin < seconds * 1e6:
        time.sleep(0.2)
        pending = lot.uplink("city")["pending"]
    end = mono_us()
    time.sleep(1)
    lot.stop(PARKD)
    lot.stop("city")
    rows = lot.city_vacancies()
    moments, counts = [when for when, _ in rows], [vacancy["occupied"] for _, vacancy in rows]
    arrivals = [row["mono_us"] for row in lot.truth() if row["event"] == "change"]
    ages = [((first_with(moments, counts, n) or mono_us()) - moment) / 1e6
            for n, moment in enumerate(arrivals, 1) if begin <= moment < end - 1e5]  # fmt: skip
    table.add(f"fresh vacancy on the platform s, p50 / p95 / max, while {backlog - pending:,} of {backlog:,} records "
              f"behind drain in {(end - begin) / 1e6:.0f} s", "p95 < 5", "—",
              f"{at(ages, 0.5):.2f} / {at(ages, 0.95):.2f} / {max(ages):.2f}", at(ages, 0.95) < 5)  # fmt: skip


def measure_core(lot, table, quick):
    output = subprocess.run([f"{lot.build}/bench_core"], check=True, capture_output=True, text=True).stdout
    ns = {name: float(value) for name, value in re.findall(r"(\w+) ([\d.]+)", output)}
    table.add("core: ns a reading that repeats what is known (raw loop: compare and store)", "—", f"{ns['raw']:.1f}",
              f"{ns['repeats']:.1f}", None, ns["repeats"] / ns["raw"])  # fmt: skip
    table.add("core: ns a reading that changes its bay, with its record", "—", "—", f"{ns['changes']:.0f}", None)


def measure_lorawan(lot, table, quick):
    output = subprocess.run([f"{lot.build}/bench_lorawan"], check=True, capture_output=True, text=True, cwd=TOP).stdout
    for server, ours, raw in re.findall(r"(\S+) (\d+) (\d+)", output):
        table.add(f"{server} uplinks/s parsed, decoded and put in order on one core (raw: JSON parse alone)", "≥ 10,000",
                  f"{int(raw):,}", f"{int(ours):,}", int(ours) >= 10000)  # fmt: skip


def measure_fee(lot, table, quick):
    output = subprocess.run([f"{lot.build}/bench_fee"], check=True, capture_output=True, text=True, cwd=TOP).stdout
    rate = {name: int(value) for name, value in re.findall(r"(\w+) (\d+)", output)}
    table.add("fees/s on one core, the worked stays under the shipped tariffs", "≥ 500,000", "—", f"{rate['fees']:,}",
              rate["fees"] >= 500000)  # fmt: skip
    table.add("cost of a fee: stays of 30 days over stays of one", "not as the minutes, 30 ×", "—",
              f"{rate['day'] / rate['month']:.1f} ×", rate["day"] / rate["month"] < 10)  # fmt: skip


def measure_cameras(lot, table, quick):
    def words(values_us):
        values = spread(values_us, "ms")
        return three([values], "ms"), values["ms_p99"]

    cameras.measure_cameras(lot, table, quick, words)


MEASURES = {
    "latency": measure_latency,
    "defaults": measure_defaults,
    "disk": measure_disk,
    "serial": measure_serial,
    "ceiling": measure_ceiling,
    "start": measure_start,
    "core": measure_core,
    "fee": measure_fee,
    "lorawan": measure_lorawan,
    "cameras": measure_cameras,
    "year": year.measure_year,
    "platform": platform_records.measure_platform,
}
