#!/usr/bin/python3
"""Rules 3, 4, 13, 14, 15, 17: kill -9 of the real daemon under load, at random moments and at each named moment of
daemon/base/crash.h. Whatever was told is in the journal, what is in the journal is told, nothing twice with two
contents; the audit is clean; the vacancy is the truth. BUILD is the test build: make CRASH=1 BUILD=build/crash
Usage: kill.py BUILD [--quick] [--kills N] [--each N] [--seed N] [--only POINT,…] [--results FILE]"""

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(TOP, "tests", "system"), os.path.join(TOP, "tests", "fault")]
from kill_yard import Yard  # noqa: E402
from whole_site import Checks, Site, broken_alternation, invented, wait_for  # noqa: E402

REACHED_S = 15  # a moment that does not come within this was not reached

# What makes a moment come, where traffic alone does not. A part that adds a moment of another kind adds a row.
PRUNE = "keep_ms=300,prune_again_ms=50"
STIMULI = {
    "stopping": dict(signal=signal.SIGTERM), "before_close": dict(signal=signal.SIGTERM),
    "after_close": dict(signal=signal.SIGTERM), "reloading": dict(signal=signal.SIGHUP),
    "in_backup": dict(backup=True), "before_backup_name": dict(backup=True), "after_backup_name": dict(backup=True),
    "in_prune": dict(numbers=PRUNE), "after_prune": dict(numbers=PRUNE),
    # A site with radio sensors and booms (kill_yard.py).
    "before_ack": dict(yard=True), "after_ack": dict(yard=True),
    "before_coil": dict(yard=True), "after_coil": dict(yard=True),
    "sealed": dict(numbers="seal_records=50"), "ratcheted": dict(numbers="seal_records=50"),
    "in_keys": dict(numbers="seal_records=50"),
}  # fmt: skip
# Moments that come only when a platform orders something: these tests kill there, with --kills as often as wanted.
ELSEWHERE = {"order_durable": "test_platform_orders.py", "answer_platform": "test_city_orders.py"}
ONCE = {"opened", "restored", "stopping", "before_close", "after_close", "reloading", "before_backup_name",
        "after_backup_name", "projected", "before_checkpoint", "after_checkpoint"}  # fmt: skip


def points():
    """Every moment that the sources name, less those of other tests."""
    found = set()
    for folder in "daemon", "sensors":
        for path, _, files in os.walk(os.path.join(TOP, folder)):
            for name in files:
                if name.endswith(".c"):
                    with open(os.path.join(path, name)) as f:
                        for call in re.findall(r"crash_point\(([^;]*)\);", f.read()):
                            found.update(re.findall(r'"(\w+)"', call))
    return sorted(found - set(ELSEWHERE))


class Machine:
    """One site whose daemon is killed again and again."""

    def __init__(self, build, dice, pruning):
        self.site, self.dice, self.pruning = Site(build), dice, pruning
        self.missed, self.dirty, self.kills = {}, 0, 0
        site = self.site
        site.start_broker()
        site.subscribe()
        site.start_city()
        site.start_field(
            "--tcp", "127.0.0.1:0", "--ports", "2", "--units", "2", "--bays", "30", "--changes-per-s", "150",
            "--seed", str(dice.randrange(1000))
        )  # fmt: skip
        with open(site.path("parkd.conf")) as f:
            text = f.read()
        for port in site.broker_port, site.city_port:
            text = text.replace(f"127.0.0.1:{port}\";", f"127.0.0.1:{port}\"; backoff_max_ms = 1000;")
        if pruning:
            text = text.replace("store = {", "store = { keep_days = 1;")
        with open(site.path("parkd.conf"), "w") as f:
            f.write(text)

    def begin(self, crash="", numbers="", wait=False):
        """Without waiting, as a rule: whether it starts is the experiment."""
        site = self.site
        if wait and os.path.exists(site.path("control.sock")):
            os.remove(site.path("control.sock"))
        ready = (lambda: os.path.exists(site.path("control.sock")) or self.ended()) if wait else None
        site.start("parkd", "env", f"PARKD_CRASH={crash}", f"PARKD_CRASH_NUMBERS={numbers}",
                   f"{site.build}/parkd", "--config", site.path("parkd.conf"), ready=ready)  # fmt: skip

    def ended(self):
        return self.site.processes["parkd"].poll() is not None

    def look(self):
        """After a kill: the audit, now and then."""
        self.kills += 1
        del self.site.processes["parkd"]
        if self.kills % 20 == 0 and not self.site.audit_is_clean():
            self.dirty += 1

    def kill_somewhen(self):
        self.begin(numbers=PRUNE if self.pruning else "")
        time.sleep(self.dice.choice((0.05, 0.3, 0.8)) * self.dice.random())
        process = self.site.processes["parkd"]
        process.kill()
        process.wait()
        self.look()

    def kill_at(self, point):
        how = STIMULI.get(point, {})
        nth = 1 if point in ONCE else self.dice.randint(1, 4)
        acts = "signal" in how or "backup" in how
        self.begin(f"{point}:{nth}", how.get("numbers", PRUNE if self.pruning else ""), wait=acts)
        process, backup = self.site.processes["parkd"], None
        if "signal" in how and not self.ended():
            time.sleep(self.dice.uniform(0, 0.2))
            process.send_signal(how["signal"])
        if "backup" in how and not self.ended():
            backup = subprocess.Popen(
                [f"{self.site.build}/parkctl", "backup", "--socket", self.site.path("control.sock"),
                 self.site.path("backup.db")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        try:
            reached = process.wait(REACHED_S) == -signal.SIGKILL
        except subprocess.TimeoutExpired:
            reached = False
            process.kill()
            process.wait()
        if backup:
            backup.wait(30)
        if not reached:
            self.missed[point] = self.missed.get(point, 0) + 1
        self.look()

    def prove(self, check):
        site = self.site
        site.start_parkd()
        site.settle()
        rows, truth = site.journal(), site.truth()
        first = rows[0][0]
        changes = [b for _, b in rows if b["type"] == "bay_changed"]
        check.that("there was something to lose", len(changes) > 2 * self.kills or self.pruning,
                   f"{rows[-1][0]} records, {self.kills} kills")  # fmt: skip
        check.that("the journal has no gap", [s for s, _ in rows] == list(range(first, rows[-1][0] + 1)))
        if not self.pruning:
            broken = broken_alternation(rows)
            check.that("each bay's changes follow each other", not broken, "; ".join(broken[:3]))
            false = invented(truth, rows)
            check.that("no change was invented", not false, "; ".join(false[:3]))
        wait_for("the subscriber has it all",
                 lambda: {b["seq"] for _, _, b in site.received()} >= {s for s, _ in rows}, 60)  # fmt: skip
        told, doubled = {}, 0
        for _, _, body in site.received():
            doubled += told.setdefault(body["seq"], body) != body
        lost = rows[-1][0] - len(told)
        check.that("no number came with two contents", doubled == 0, f"{len(told)} numbers")
        check.that("every record of the journal was told, also of what is pruned", lost == 0, f"{lost} not")
        held = dict(rows)
        wrong = [s for s, body in told.items() if s in held and
                 {k: v for k, v in body.items() if k not in ("seq", "id")} != held[s]]  # fmt: skip
        check.that("what was told is what is in the journal", not wrong and max(told) == rows[-1][0], str(wrong[:3]))
        ids = [r["record"]["id"] for r in site.city_rows() if "record" in r]
        check.that("the platform holds each record once", len(ids) == len(set(ids)) == rows[-1][0], f"{len(ids)}")
        check.that("the audit of what a kill left found nothing", self.dirty == 0)
        check.that("the audit finds nothing", site.audit_is_clean())
        if os.path.exists(site.path("backup.db")):
            done = subprocess.run([f"{site.build}/parkctl", "audit", "--db", site.path("backup.db")],
                                  capture_output=True, text=True)  # fmt: skip
            check.that("a backup that has its name is whole", done.returncode == 0, done.stderr[-200:])
        check.that("parkd ends cleanly", site.stop("parkd") == 0)
        return rows[-1][0], lost, doubled + len(ids) - len(set(ids))


YARD_KILLS, KILL_S = 10, 6  # in one life of that site; how long one takes at most, on the whole


def rounds(options):
    """[(sort of life, [a point, or None for a random moment])]: retention, and lanes, have lives of their own."""
    lives = {"plain": [None] * options.kills, "pruning": [], "yard": []}
    for point in options.only.split(",") if options.only else points():
        how = STIMULI.get(point, {})
        lives["pruning" if "numbers" in how else "yard" if "yard" in how else "plain"] += [point] * options.each
    return [(life, plan) for life, plan in lives.items() if plan]


def live(options, dice, life, plan, check):
    """Kills by the plan, in one life or several; (acknowledged, lost, doubled), and what was not reached."""
    sums, missed = [0, 0, 0], {}
    dice.shuffle(plan)
    size = YARD_KILLS if life == "yard" else len(plan)
    for first in range(0, len(plan), size):
        part = plan[first : first + size]
        yard = life == "yard"
        machine = Yard(options.build, dice, KILL_S * len(part)) if yard else Machine(options.build, dice, life == "pruning")
        for i, point in enumerate(part):
            machine.kill_at(point) if point else machine.kill_somewhen()
            if sys.stderr.isatty() or i % 50 == 49:
                print(f"{first + i + 1} of {len(plan)} kills", file=sys.stderr, end="\r" if sys.stderr.isatty() else "\n")
        sums = [a + b for a, b in zip(sums, machine.prove(check))]
        for point, count in machine.missed.items():
            missed[point] = missed.get(point, 0) + count
        machine.site.close()
    return sums, missed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--kills", type=int)
    parser.add_argument("--each", type=int)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--only")
    parser.add_argument("--results")
    options = parser.parse_args()
    options.kills = (30 if options.quick else 1000) if options.kills is None else options.kills
    options.each = (1 if options.quick else 20) if options.each is None else options.each
    check, dice = Checks(), random.Random(options.seed)
    print(f"seed {options.seed}, {options.kills} random kills, each moment {options.each} times", flush=True)
    beside = {"plain": "", "pruning": ", with retention", "yard": ", with radio sensors and booms"}
    for life, plan in rounds(options):
        sums, missed = live(options, dice, life, plan, check)
        check.that("every moment was reached", not missed, str(missed))
        at = sum(point is not None for point in plan)
        names = len({point for point in plan if point})
        random_ones = f"{len(plan) - at} at random, " if at < len(plan) else ""
        check.note("kill -9", f"{random_ones}{at} at {names} named moments{beside[life]}", len(plan), sums,
                   options.seed, options.results)  # fmt: skip
    check.end()


main()
