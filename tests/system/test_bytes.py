#!/usr/bin/python3
"""Every single-byte change of the database file that matters is noticed by parkctl audit. Of a file with closed days
positions are drawn (each fourth in the pages of what is small), one byte at each is changed in a copy, and the copy is audited. Where the audit finds no fault
the change must not matter: every row, every object of the schema and every closed day's report are as before.
Usage: test_bytes.py BUILD [POSITIONS [SEED]]"""

import collections
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys

from whole_site import Checks, Site, wait_for

DAYS = ("2024-03-01", "2024-03-02", "2024-03-03")
CARS = 40


def make(site):
    """A database with closed days, on which parkd has worked with its uplinks."""
    subprocess.run([f"{site.build}/simulate_month", "11", str(len(DAYS)), str(CARS), site.path("parkd.db")], check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    site.start_broker()
    site.start_city()
    site.start_field("--tcp", "127.0.0.1:0", "--units", "1", "--bays", "8", "--seed", "11")
    site.stop("city")  # so that something is left to deliver
    site.start_parkd()
    wait_for("all bays are known", lambda: site.lot()["unknown"] == 0, 20)
    site.stop("parkd")


def rows(path):
    """Of each table a digest of what it holds, and what the file says of itself."""
    file = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    held = {"schema": file.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2").fetchall()}
    for pragma in ("user_version", "application_id", "encoding", "page_size", "journal_mode"):
        held[pragma] = file.execute(f"PRAGMA {pragma}").fetchall()
    for (name,) in file.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall():
        held[name] = sorted(map(repr, file.execute(f"SELECT * FROM {name}")))
    file.close()
    return held


def reports(build, path):
    found = []
    for day in DAYS:
        out = subprocess.run([f"{build}/parkctl", "report", "day", "--day", day, "--json", "--db", path], capture_output=True, text=True,
                             errors="replace")
        report = json.loads(out.stdout) if out.returncode == 0 else {"refused": out.stderr}
        report.pop("made", None)
        found.append(report)
    return found


def differing(build, path, before):
    """What is not as before: names of tables, "reports", or how reading fails."""
    try:
        now = rows(path)
    except (sqlite3.Error, UnicodeDecodeError) as why:
        return [f"not readable: {why}"]
    different = [name for name in before[0] if before[0][name] != now.get(name)]
    return different + (["reports"] if reports(build, path) != before[1] else [])


def small_pages(path):
    """Pages of what is small and easily missed: the schema, what the file says of itself and of its uplinks."""
    file = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    size = file.execute("PRAGMA page_size").fetchone()[0]
    roots = file.execute("SELECT rootpage FROM sqlite_schema WHERE name IN ('meta', 'uplink', 'outbox', 'plate')").fetchall()
    file.close()
    return size, [1] + [page for (page,) in roots]


def draw(dice, content, pages):
    """Three of four anywhere, the fourth in a small page."""
    size, small = pages
    if dice.randrange(4):
        return dice.randrange(len(content))
    return (dice.choice(small) - 1) * size + dice.randrange(size)


def remove(path):
    for end in ("", "-wal", "-shm"):
        if os.path.exists(path + end):
            os.unlink(path + end)


def main():
    check, site = Checks(), Site(sys.argv[1])
    positions = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 20261122
    make(site)
    source, copy = site.path("parkd.db"), site.path("changed.db")
    audit = lambda path: subprocess.run([f"{site.build}/parkctl", "audit", "--db", path], capture_output=True, text=True, errors="replace")  # noqa: E731
    whole = audit(source)
    check.that("the database is whole", whole.returncode == 0, whole.stdout if whole.returncode else "")
    with open(source, "rb") as file:
        content = file.read()
    before, dice, verdicts, missed, odd = (rows(source), reports(site.build, source)), random.Random(seed), collections.Counter(), [], []
    pages = small_pages(source)
    print(f"seed {seed}, {len(content)} bytes, {positions} positions")
    for _ in range(positions):
        at, mask = draw(dice, content, pages), dice.randrange(1, 256)
        shutil.copy(source, copy)
        with open(copy, "r+b") as file:
            file.seek(at)
            file.write(bytes([content[at] ^ mask]))
        found = audit(copy)
        if found.returncode == 1 and ("NOT OK" in found.stdout or found.stderr):
            verdicts["noticed"] += 1
        elif found.returncode != 0:
            odd.append((at, mask, found.returncode))
        else:
            different = differing(site.build, copy, before)
            verdicts["missed" if different else "does not matter"] += 1
            if different:
                print(f"missed: byte {at} ^ {mask}: {different}", flush=True)
                missed.append((at, mask, different))
        remove(copy)
    print(", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items())))
    check.that("the audit ends in order on each", not odd, str(odd[:5]))
    check.that(f"each of {positions} changed bytes that matters is noticed", not missed, str(missed[:12]))
    check.end()


main()
