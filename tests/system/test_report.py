#!/usr/bin/python3
"""Closed days survive attempts to change them: parkd numbers a report and binds it to the one before, a second
closing changes nothing, late figures become a supplement, the same figures stand in every form, and every changed byte of a record
that matters is noticed by parkctl audit. Usage: test_report.py BUILD [POSITIONS]"""

import datetime
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys

from whole_site import TOP, Checks, Site, wait_for

SEED = 31


def day(back):
    return str((datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))) - datetime.timedelta(days=back)).date())


def restrictions(site):
    """What puts a command inside those of parkd-report.service; none where this machine refuses to make them."""
    inside = ["/usr/bin/python3", f"{TOP}/tests/system/sandbox.py", "--unit", "parkd-report.service", "--into", site.dir]
    makes = os.getuid() == 0 and subprocess.run([*inside, "/bin/true"], capture_output=True, timeout=60).returncode == 0
    return inside if makes else []


def by_night(site, check, into):
    """What parkd-report.service runs, as it runs it."""
    inside = restrictions(site)
    done = subprocess.run([*inside, f"{site.build}/parkctl", "report", "close", "--socket",
                           site.path("control.sock"), "--db", site.path("parkd.db"), "--into", into, "--keep", "1830", "--lang", "zh"],
                          capture_output=True, text=True, timeout=60)  # fmt: skip
    where = "inside the restrictions of its unit" if inside else "(its unit's restrictions cannot be made here)"
    check.that(f"the nightly report is done {where}", done.returncode == 0, done.stderr)


def closing(site, check):
    out = json.loads(subprocess.run([f"{site.build}/parkctl", "report", "day", "--day", day(1), "--json", "--db", site.path("parkd.db")],
                                    capture_output=True, text=True, check=True).stdout)  # fmt: skip
    check.that("an open day is provisional", out["state"] == "provisional" and "number" not in out)
    into = site.path("reports")
    os.mkdir(into)
    by_night(site, check, into)
    wait_for("the report is durable", lambda: "report" in {r["type"] for _, r in site.journal()}, 10)
    made = [r for _, r in site.journal() if r["type"] == "report"]
    check.that("yesterday is closed as the first", [(r["number"], r["day"], r["event"]) for r in made] == [(1, day(1), "closed")], str(made))
    check.that("its digest is that of the figures", made[0]["digest"] == out["digest"])
    check.that("its page and figures are in the folder", sorted(os.listdir(into)) == [f"report-{day(1)}-1.{e}" for e in ("html", "json")], str(os.listdir(into)))
    site.ctl("report", "close", "--db", site.path("parkd.db"))
    check.that("closing again changes nothing", len([r for _, r in site.journal() if r["type"] == "report"]) == 1)
    code = subprocess.run([f"{site.build}/parkctl", "report", "close", "--day", day(-1), "--db", site.path("parkd.db"), "--socket",
                           site.path("control.sock")], capture_output=True, text=True)  # fmt: skip
    check.that("a day that is not over is refused", code.returncode == 1 and "not over" in code.stderr, code.stderr)


CHROMIUM = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
            "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
LISTS = ("shift", "arrears", "openings", "corrections", "differences", "lanes", "check")


def drawn(site, page, picture, *options):
    """What a browser makes of a page, in the build's folder of pages."""
    profile, pages = site.path("browser-" + picture), os.path.join(site.build, "pages")
    os.makedirs(pages, exist_ok=True)
    path = os.path.join(pages, picture)
    kind = "--print-to-pdf" if picture.endswith(".pdf") else "--screenshot"
    subprocess.run([*CHROMIUM, f"--user-data-dir={profile}", *options, f"{kind}={path}", "file://" + page],
                   capture_output=True, timeout=120)  # fmt: skip
    with open(path, "rb") as file:
        return file.read()


def pages(site, check):
    """Each list and the day's report as a page, in both languages; what a browser draws of it is not empty."""
    for name in LISTS:
        page = site.path(f"{name}.html")
        rows = json.loads(subprocess.run([f"{site.build}/parkctl", "report", name, "--json", "--day", day(0), "--db", site.path("parkd.db")],
                                         capture_output=True, text=True).stdout)  # fmt: skip
        for language in "en", "zh":
            site.ctl("report", name, "--day", day(0), "--html", page, "--lang", language, "--db", site.path("parkd.db"), ok=(0, 1))
            with open(page) as file:
                text = file.read()
            check.that(f"{name} ({language}) has its rows on a page that fetches nothing", text.count("<tr>") == rows["count"] + 1 and
                       text.endswith("</html>\n") and "http" not in text)  # fmt: skip
    if not shutil.which("chromium"):
        print("no chromium: nothing is drawn")
        return
    for language in "en", "zh":
        page = site.path(f"day-{language}.html")
        site.ctl("report", "day", "--day", day(0), "--html", page, "--lang", language, "--db", site.path("parkd.db"))
        for width, height, what in (1280, 1600, "desk"), (390, 1600, "phone"):
            picture = drawn(site, page, f"day-{language}-{what}.png", f"--window-size={width},{height}")
            check.that(f"the day is drawn at {what} width ({language})", picture[:4] == b"\x89PNG" and len(picture) > 20000, str(len(picture)))
        paper = drawn(site, page, f"day-{language}.pdf", "--no-pdf-header-footer")
        check.that(f"and prints ({language})", paper[:4] == b"%PDF" and len(paper) > 20000, str(len(paper)))
    picture = drawn(site, site.path("lanes.html"), "lanes-zh-desk.png", "--window-size=1280,800")
    check.that("a list is drawn", picture[:4] == b"\x89PNG" and len(picture) > 5000, str(len(picture)))


def tampering(site, check, positions):
    print(f"seed {SEED}")
    source, copy = site.path("parkd.db"), site.path("tampered.db")
    audit = [f"{site.build}/parkctl", "audit", "--db"]
    check.that("the database is whole", subprocess.run([*audit, source], capture_output=True).returncode == 0)
    dice, missed = random.Random(SEED), []
    seqs = [r[0] for r in sqlite3.connect(source).execute("SELECT seq FROM journal")]
    for n in range(positions):
        shutil.copy(source, copy)
        file = sqlite3.connect(copy)
        seq = dice.choice(seqs)
        column = dice.choice(["body", "kind", "at_ms", "hash"])
        old = file.execute(f"SELECT {column} FROM journal WHERE seq = ?", [seq]).fetchone()[0]
        if isinstance(old, int):
            new = old ^ (1 << dice.randrange(40))
        else:
            raw = bytearray(old.encode() if isinstance(old, str) else old)
            raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(5)
            new = raw.decode(errors="replace") if isinstance(old, str) else bytes(raw)
        file.execute(f"UPDATE journal SET {column} = ? WHERE seq = ?", [new, seq])
        file.commit()
        file.close()
        if subprocess.run([*audit, copy], capture_output=True).returncode == 0:
            missed.append((seq, column))
    check.that(f"each of {positions} changed bytes is noticed", not missed, str(missed[:5]))


def main():
    check, site = Checks(), Site(sys.argv[1])
    site.start_broker()
    site.start_city()
    site.start_field("--tcp", "127.0.0.1:0", "--units", "1", "--bays", "8", "--seed", "11")
    site.start_parkd()
    wait_for("all bays are known", lambda: site.lot()["unknown"] == 0, 20)
    closing(site, check)
    site.settle()  # what the lists say of platforms changes no more
    pages(site, check)
    site.stop("parkd")
    tampering(site, check, int(sys.argv[2]) if len(sys.argv) > 2 else 200)
    check.end()


main()
