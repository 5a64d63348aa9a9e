#!/usr/bin/python3
"""Reports follow the days that they are about and not the size of the file, and so does a start: on a year of a site
a day's report, asked for while parkd writes, costs less than one scan of the same file in the same run, a month's less
than two, within a bounded memory. tests/bench/run year measures the same at 5 million records.
Usage: test_year.py BUILD [RECORDS]"""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "bench"))

import year  # noqa: E402
from lot import PARKD, Lot, cpu_ns, resident_mb  # noqa: E402
from whole_site import Checks  # noqa: E402

SCANS = {"day": 1, "month": 2}  # of the file
STARTED_S, MEMORY_MB, CALL_S = 1.0, 48, 0.05  # processor; resident; of a call that has nothing to do


def main():
    check, records = Checks(), int(sys.argv[2]) if len(sys.argv) > 2 else 300_000
    with Lot(sys.argv[1]) as lot:
        lot.remove_database()
        subprocess.run([f"{lot.build}/bench_year", lot.path("parkd.db"), str(records)], check=True)
        year.start_s(lot)
        used, held = cpu_ns(lot.pid(PARKD)) / 1e9, resident_mb(lot.pid(PARKD))
        check.that("a start on it is cheap", used <= STARTED_S and held <= MEMORY_MB, f"{used:.2f} s of processor, {held:.0f} MB")
        scan = min(year.raw_scan(lot) for _ in range(3))
        for words in year.days(lot):
            runs = [year.run(lot, *words) for _ in range(3)]
            cpu, peak = min(r["cpu"] for r in runs), max(r["mb"] for r in runs)
            check.that(f"report of {words[0]} {words[2]}", cpu <= CALL_S + SCANS[words[0]] * scan and peak <= MEMORY_MB,
                       f"{cpu:.2f} s of processor ({cpu / scan:.1f} scans of {scan:.2f} s), {peak:.0f} MB")  # fmt: skip
        lot.stop(PARKD)
    check.end()


main()
