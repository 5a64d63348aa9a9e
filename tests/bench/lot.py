"""A lot on the bench: the whole site of the system tests, with the raw loop (bench_floor) beside parkd, and
what is measured from outside: the field's truth log against what arrives, CPU time, memory, bytes, syncs."""

import bisect
import json
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "system"))

from whole_site import Site, TOP, wait_for  # noqa: E402

RAW, PARKD = "raw", "parkd"
SEED = "20261122"
SIZES = {2000: (4, 5), 10000: (10, 10)}  # bays: TCP ports, units on each
BAYS_A_UNIT = 100


def mono_us():
    return time.monotonic_ns() // 1000  # CLOCK_MONOTONIC, as parksim's mono_us


def utc_minus_mono_us():
    """How far the wall clock is from CLOCK_MONOTONIC: the closest of a few samples of both."""
    best = None
    for _ in range(9):
        before, utc, after = time.monotonic_ns(), time.time_ns(), time.monotonic_ns()
        if best is None or after - before < best[0]:
            best = (after - before, utc - (before + after) // 2)
    return best[1] // 1000


def at(values, share):
    """The value below which this share of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


# What /proc says of a process ----------------------------------------------------------------


def tasks(pid):
    return [f"/proc/{pid}/task/{task}" for task in os.listdir(f"/proc/{pid}/task")]


def read(path):
    with open(path) as f:
        return f.read()


def cpu_ns(pid):
    """Of all threads; to the nanosecond, where clock ticks would be as long as a poll."""
    return sum(int(read(task + "/schedstat").split()[0]) for task in tasks(pid))


def resident_mb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", read(f"/proc/{pid}/status"))[1]) * 1024 / 1e6


def written(pid, thread):
    """Bytes that the thread of this name has written to files (it sends, and does not write, to sockets),
    and those that the kernel had to bring to the disk for it."""
    for task in tasks(pid):
        if read(task + "/comm").strip() == thread:
            io = dict(line.split(": ") for line in read(task + "/io").splitlines())
            return int(io["wchar"]), int(io["write_bytes"])
    raise AssertionError(f"process {pid} has no thread {thread}")


def syncs(pid, seconds):
    """Syncs of the process within so many seconds; None where strace is not there or not allowed."""
    command = ["strace", "-f", "-c", "-e", "trace=fdatasync,fsync", "-p", str(pid)]
    try:
        tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    except FileNotFoundError:
        return None
    time.sleep(seconds)
    tracer.send_signal(2)
    rows = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+).*sync$", tracer.communicate()[1], re.M)
    return sum(map(int, rows)) if rows else None


class Lot(Site):
    def __init__(self, build):
        super().__init__(build)
        self.offset = 0  # in the subscriber's log: what belongs to the run under way
        self.start_broker()
        self.subscribe()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # A run ---------------------------------------------------------------------------------

    def remove_database(self):
        for end in ("", "-wal", "-shm", "-lock", "-acknowledged"):
            if os.path.exists(self.path("parkd.db" + end)):
                os.unlink(self.path("parkd.db" + end))

    def start_field(self, *options, poll_ms=None, keep=False, uplinks=("broker",)):
        """A fresh field, its configuration for parkd, and an empty database unless it is to be kept."""
        self.stop("field")
        if not keep:
            self.remove_database()
        config = {
            "broker": ["--config-mqtt", f"mqtt://127.0.0.1:{self.broker_port}"],
            "city": ["--config-city", f"https://127.0.0.1:{self.city_port}",
                     "--config-token-file", self.path("token"), "--config-ca-file", self.path("ca.pem")],
        }  # fmt: skip
        poll = ["--config-poll-ms", str(poll_ms)] if poll_ms else []
        self.start(
            "field", f"{self.build}/parksim", "field", *options,
            "--truth", "truth.jsonl", "--control", "field.ctl", "--write-config", "parkd.conf",
            "--config-store", self.path("parkd.db"), "--config-control", self.path("control.sock"),
            "--config-listen", f"127.0.0.1:{self.page_port}",
            "--config-maps", os.path.join(TOP, "config", "devices"),
            *(word for name in uplinks for word in config[name]), *poll, ready="ready"
        )  # fmt: skip
        self.offset = os.path.getsize(self.path("subscriber.log"))

    def start_city(self):
        """A city that has seen nothing yet."""
        if os.path.exists(self.path("city.jsonl")):
            os.unlink(self.path("city.jsonl"))
        super().start_city()

    def start_raw(self, poll_ms, units):
        ports = re.findall(r'host = "[^"]+"; port = (\d+)', read(self.path("parkd.conf")))
        self.start(RAW, f"{self.build}/bench_floor", str(self.broker_port), self.path("parkd.db"), str(poll_ms),
                   str(BAYS_A_UNIT), str(units), *ports)  # fmt: skip

    def received_raw(self):
        """Whole lines since the field's start."""
        with open(self.path("subscriber.log"), "rb") as f:
            f.seek(self.offset)
            lines = f.read()
        return lines[: lines.rfind(b"\n") + 1]

    def received(self):
        """[(mono_us, bay, state)] of bay changes since the field's start."""
        shift = utc_minus_mono_us()
        rows = []
        for line in self.received_raw().decode().splitlines():
            when, _, payload = line.split(" ", 2)
            record = json.loads(payload)
            if record["type"] == "bay_changed":
                seconds, _, fraction = when.partition(".")
                utc_us = int(seconds) * 1000000 + int(fraction[:6].ljust(6, "0"))
                rows.append((utc_us - shift, record["bay"], record["to"]))
        return rows

    # What became of what the field served ------------------------------------------------------

    def pairs(self, arrivals, window):
        """[(arrived, served, changed)] in µs for all that was served within the window. `arrivals` are
        (mono_us, bay, state) in order; per bay they must be what was served, one by one."""
        arrived = {}
        for when, bay, state in arrivals:
            if state in ("free", "occupied"):
                arrived.setdefault(bay, []).append((when, state))
        found, places = [], {}
        for row in self.truth():
            if row["event"] != "served":
                continue
            place = places[row["bay"]] = places.get(row["bay"], -1) + 1
            if not window[0] <= row["mono_us"] < window[1]:
                continue
            mine = arrived.get(row["bay"], [])
            if place >= len(mine):
                raise AssertionError(f"{row['bay']}: change {place + 1} never arrived")
            if mine[place][1] != row["state"]:
                raise AssertionError(f"{row['bay']}: change {place + 1} arrived as {mine[place][1]}")
            found.append((mine[place][0], row["mono_us"], row["changed_us"]))
        return found

    def served(self, begin_us, end_us):
        """How many changes the field has served within this time."""
        return sum(1 for row in self.truth() if row["event"] == "served" and begin_us <= row["mono_us"] < end_us)

    def wait_until_arrived(self, until_us, seconds):
        """All that was served before then."""
        served = self.served(0, until_us)
        arrived = lambda: self.received_raw().count(b'"type":"bay_changed"') >= served
        wait_for("all that was served arrives", arrived, seconds)

    def city_records(self):
        """[(mono_us, bay, state)] as the platform accepted them."""
        return [(row["mono_us"], row["record"]["bay"], row["record"]["to"]) for row in self.city_rows()
                if row.get("record", {}).get("type") == "bay_changed"]  # fmt: skip

    def city_vacancies(self):
        """[(mono_us, vacancy)] as they arrived."""
        return [(row["mono_us"], row["vacancy"]) for row in self.city_rows() if "vacancy" in row]


def field_options(bays, rate=None):
    ports, units = SIZES[bays]
    moving = () if rate is None else ("--changes-per-s", str(rate), "--seed", SEED)
    return ("--tcp", "127.0.0.1:0", "--ports", str(ports), "--units", str(units), "--bays", str(BAYS_A_UNIT),
            *moving)  # fmt: skip


def start_program(lot, program, bays, poll_ms):
    """Until every bay's first state has arrived, and half a second more."""
    if program == RAW:
        lot.start_raw(100 if poll_ms is None else poll_ms, SIZES[bays][1])
    else:
        lot.start_parkd()
    wait_for(f"{bays} bays are known", lambda: lot.received_raw().count(b"\n") >= bays, 60)
    time.sleep(0.5)


def first_with(moments, values, least):
    """The moment of the first of rising values that reaches this one, or None."""
    place = bisect.bisect_left(values, least)
    return moments[place] if place < len(values) else None
