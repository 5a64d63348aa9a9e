"""A year of a busy site: the database is made once (bench_year), and on it parkd starts and works while reports are
asked for. Beside each report a raw scan: one SELECT over the same file by the same library, in the same run."""

import os
import signal
import sqlite3
import statistics
import subprocess
import time

from lot import PARKD, field_options, mono_us, wait_for

DAY_S, MONTH_S, START_S, MEMORY_MB = 1, 5, 2, 64


def run(lot, *words):
    """{wall s, processor s, peak MB} of one report."""
    began = time.monotonic()
    with open(lot.path("report.json"), "wb") as out:
        process = subprocess.Popen([f"{lot.build}/parkctl", "report", *words, "--json", "--db", lot.path("parkd.db")], stdout=out)
        _, status, used = os.wait4(process.pid, 0)
    if status:
        raise AssertionError(f"parkctl report {' '.join(words)} ended with {status}")
    return {"wall": time.monotonic() - began, "cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1024}


def raw_scan(lot):
    """Processor time of reading each record once, no more."""
    file = sqlite3.connect(f"file:{lot.path('parkd.db')}?mode=ro", uri=True)
    began = time.process_time()
    file.execute("SELECT sum(length(body)) FROM journal").fetchone()
    file.close()
    return time.process_time() - began


def days(lot):
    """A day and a whole month of the middle, and the last day, by the journal itself."""
    file = sqlite3.connect(f"file:{lot.path('parkd.db')}?mode=ro", uri=True)
    last = file.execute("SELECT max(at_ms) FROM journal").fetchone()[0] / 1000
    file.close()
    at = lambda back, form: time.strftime(form, time.gmtime(last + 8 * 3600 - back * 86400))  # noqa: E731
    return [("day", "--day", at(1, "%Y-%m-%d")), ("day", "--day", at(200, "%Y-%m-%d")), ("month", "--month", at(60, "%Y-%m")),
            ("month", "--month", at(300, "%Y-%m"))]  # fmt: skip


def start_s(lot):
    lot.start_field(*field_options(2000, 100), keep=True)
    begin = mono_us()
    lot.start_parkd()
    wait_for("a first poll", lambda: lot.served(begin, mono_us()), 60)
    return (min(row["mono_us"] for row in lot.truth() if row["event"] == "served") - begin) / 1e6


def measure_year(lot, table, quick):
    records = 300_000 if quick else 5_000_000
    lot.remove_database()
    subprocess.run([f"{lot.build}/bench_year", lot.path("parkd.db"), str(records)], check=True, capture_output=True)
    size = os.path.getsize(lot.path("parkd.db")) / 1e6
    raw = raw_scan(lot)
    stopped = start_s(lot)
    lot.stop(PARKD, signal.SIGKILL)
    killed = start_s(lot)
    table.add(f"start to first poll s, a year of {records:,} records ({size:,.0f} MB), after a stop / a kill", f"≤ {START_S}", "—",
              f"{stopped:.2f} / {killed:.2f}", max(stopped, killed) <= START_S)  # fmt: skip
    for words in days(lot):
        runs = [run(lot, *words) for _ in range(1 if quick else 3)]
        wall, cpu = (statistics.median(r[key] for r in runs) for key in ("wall", "cpu"))
        peak, budget = max(r["mb"] for r in runs), {"day": DAY_S, "month": MONTH_S}[words[0]]
        table.add(f"report of {words[0]} {words[2]}, wall / processor s, peak MB, while parkd writes 100 changes/s (raw: one scan)",
                  f"≤ {budget} s, ≤ {MEMORY_MB} MB", f"{raw:.2f}", f"{wall:.2f} / {cpu:.2f}, {peak:.0f}",
                  wall <= budget and peak <= MEMORY_MB, cpu / raw)  # fmt: skip
    lot.stop(PARKD)
    lot.remove_database()
