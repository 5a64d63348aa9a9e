#!/usr/bin/python3
"""kill -9 at each step of a visit: as the first, second, … record of the visit becomes durable, and a moment
after it. Still each visit is one stay, one fee and one passage each way, no command is written twice, and the
audit is clean. An attendant does what one does at a lane without a camera. Usage: test_lanes_kill.py [BUILD]"""

import random
import sqlite3
import sys
import threading
import time

from lane_site import FEE_FEN, LaneSite
from whole_site import Checks, wait_for

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
STEPS = 17  # records of a visit that nothing disturbs
KINDS = ("decision", "command", "stay_opened", "passage", "outcome", "payment", "stay_closed")
SEED = 20261122


class Killer(threading.Thread):
    """Kills parkd once, when `step` records of the visit are durable, and starts it again."""

    def __init__(self, site, step, delay_s):
        super().__init__(daemon=True)
        self.site, self.step, self.delay_s, self.done = site, step, delay_s, False
        self.after = max(seq for seq, _ in site.journal())
        self.start()

    def run(self):
        db = sqlite3.connect(f"file:{self.site.path('parkd.db')}?mode=ro", uri=True)
        marks = ",".join("?" * len(KINDS))
        query = f"SELECT count(*) FROM journal WHERE seq > ? AND kind IN ({marks})"
        while db.execute(query, (self.after, *KINDS)).fetchone()[0] < self.step:
            time.sleep(0.005)
        db.close()
        time.sleep(self.delay_s)
        self.site.kill("parkd")
        self.site.start_parkd()
        self.done = True


class Visit:
    """A car's day, and the attendant's part in it; goes on whatever happens to parkd meanwhile."""

    def __init__(self, site, plate):
        self.site, self.plate, self.paid, self.leaving = site, plate, False, False
        self.begun = len(site.passed())
        site.car("in", plate)

    def try_ctl(self, *words):
        try:
            return self.site.ctl_json(*words)
        except (AssertionError, ValueError):
            return None

    def attend(self):
        for lane in (self.try_ctl("lanes") or {"lanes": []})["lanes"]:
            if lane["state"] in ("NO_PLATE", "WAIT_OPERATOR") and lane["barrier"]["state"] == "closed":
                self.try_ctl("approve", lane["lane"], "--plate", self.plate)

    def pay(self):
        """A second after the entry, which begins to cost; again until it is answered, as one payment."""
        quote = self.try_ctl("quote", self.plate)
        if quote and (quote["due_fen"] or quote["received_fen"]):
            self.paid = self.try_ctl("pay", quote["stay"], "--amount", "5.00", "--channel", "wechat",
                                     "--transaction", f"t-{self.plate}") is not None  # fmt: skip

    def over(self):
        self.attend()
        passed = self.site.passed()[self.begun:]
        if passed and not self.paid:
            self.pay()
        if self.paid and not self.leaving:
            self.site.car("out", self.plate)
            self.leaving = True
        return len(passed) == 2 and self.ended()

    def ended(self):
        lanes = (self.try_ctl("lanes") or {"lanes": []})["lanes"]
        return lanes and all(l["state"] == "IDLE" and self.site.barrier(l["lane"])["percent"] == 0 for l in lanes)


def check_visit(check, site, plate, name):
    stays = [s for s in site.stays() if s["plate"] == plate]
    money = [(s["state"], s["payable_fen"], s["received_fen"]) for s in stays]
    told = [p["direction"] for p in site.records("passage") if p["plate"] == plate]
    check.that(f"{name}: one stay, one fee, one passage each way",
               money == [("paid", FEE_FEN, FEE_FEN)] and told == ["in", "out"], f"{money} {told}")  # fmt: skip


def check_site(check, site, name):
    told = [p["direction"] for p in site.records("passage")]
    check.that(f"{name}: passages are those of the truth", told == [d for d, _ in site.passed()], str(len(told)))
    openings = site.records("opening")
    check.that(f"{name}: no opening is called unasked", not [o for o in openings if o["openings"]], str(openings)[:200])
    for lane in "in", "out":
        commands = [c for c in site.records("command") if c["lane"] == lane]
        now = site.barrier(lane)
        for action, wrote in ("open", now["opens"]), ("close", now["closes"]):
            asked = len({c["command"] for c in commands if c["action"] == action})
            check.that(f"{name}: lane {lane}: {action} was written for its commands only", wrote <= asked,
                       f"{wrote} of {asked}")  # fmt: skip
    check.that(f"{name}: the audit is clean", site.audit_is_clean())


def visits(check, line, steps, failures):
    site = LaneSite(BUILD, line)
    draw = random.Random(SEED)
    try:
        site.start_lanes()
        for number, step in enumerate(steps):
            plate, delay_s = f"皖A{number:03}{step:02}", draw.choice((0, 0, draw.uniform(0, 0.6)))
            killer, visit = Killer(site, step, delay_s), Visit(site, plate)
            wait_for(f"{line}: visit {plate} is over", visit.over, 60)
            wait_for(f"{line}: killed at record {step}", lambda: killer.done, 10)
            check_visit(check, site, plate, f"{line}: killed {delay_s * 1000:.0f} ms after record {step}")
        check_site(check, site, line)
    except AssertionError as error:
        failures.append(f"{line}: {error}")
    finally:
        site.close()


def main():
    check, failures = Checks(), []
    print(f"seed {SEED}")
    both = [threading.Thread(target=visits, args=(check, line, steps, failures)) for line, steps in
            (("rtu", range(1, STEPS + 1, 2)), ("tcp", range(2, STEPS + 1, 2)))]  # fmt: skip
    for one in both:
        one.start()
    for one in both:
        one.join()
    check.that("every visit came to its end", not failures, "; ".join(failures))
    check.end()


main()
