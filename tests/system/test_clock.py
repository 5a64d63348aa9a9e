#!/usr/bin/python3
"""Rules 10, 11, 13: the wall clock of the real daemon is moved under it (tests/fault/moved_clock.c). Steps of an hour
and a day both ways, the second that a leap second repeats, a start in 1970 on a box without a battery in its clock,
summer time in another zone. No fee is raised, each step is on record, what was dated by a doubtful clock says so,
the order is that of the numbers, and no car, bay or record is lost. Usage: test_clock.py [BUILD]"""

import datetime
import json
import os
import sys
import time

from lane_site import PLAN, LaneSite
from whole_site import Checks, utc_ms, wait_for

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
HOUR, DAY = 3600 * 1000, 24 * 3600 * 1000
UNIT_FEN = 100  # each begun hour: what the stays of this test cost, none is older than that
TARIFF = """id = "visit";
version = "published";
name = "By the hour";
name_zh = "按小时收费";
source = "tests/system/test_clock.py";
rules = { cycle = "stay"; clock = "stay"; windows = ( { steps = ({ unit = 60; price = 100; }); } ); };
"""
STEPS = {"an hour forward": HOUR, "an hour back": -HOUR, "a day forward": DAY, "a day back": -DAY,
         "a leap second": -1000}  # fmt: skip


class ClockSite(LaneSite):
    def __init__(self, zone):
        super().__init__(BUILD, "tcp", plan=PLAN.replace("Asia/Shanghai", zone))
        with open(self.path("tariffs/visit.conf"), "w") as f:
            f.write(TARIFF)
        self.offset_ms = 0
        self.set_clock(0)

    def set_clock(self, offset_ms, synchronised=True):
        """At once, as the daemon sees it."""
        with open(self.path("clock.new"), "w") as f:
            f.write(f"{offset_ms} {int(synchronised)}\n")
        os.rename(self.path("clock.new"), self.path("clock"))
        self.offset_ms = offset_ms

    def start_parkd(self, *options):
        os.environ.update(LD_PRELOAD=os.path.join(self.build, "moved_clock.so"), PARKD_CLOCK=self.path("clock"))
        try:
            self.start("parkd", f"{self.build}/parkd", "--config", self.path("parkd.conf"))
        finally:
            del os.environ["LD_PRELOAD"], os.environ["PARKD_CLOCK"]
        wait_for("it is up", lambda: self.ctl_ok("status"), 20)

    def quote(self, plate):
        return json.loads(self.ctl("quote", "--json", plate))

    def enter(self, plate, nth):
        self.car("in", plate)
        self.approve("in", plate)
        self.wait_passage("in", nth)
        wait_for("its stay costs its first hour", lambda: fee_fen(self.quote(plate)) == UNIT_FEN, 10)
        begun = time.monotonic()  # a step is known to a fraction of a second: the stay is longer than that
        wait_for("it is some seconds old", lambda: time.monotonic() - begun > 3, 10)

    def steps(self):
        return self.records("clock_step")


def fee_fen(quote):
    return next(quote[k] for k in ("fee_fen", "fen", "payable_fen", "price_fen") if k in quote)


def step(site, check, what, delta_ms, plate):
    before, had = fee_fen(site.quote(plate)), len(site.steps())
    site.set_clock(site.offset_ms + delta_ms)
    if abs(delta_ms) > 1000:
        wait_for("the step is on record", lambda: len(site.steps()) > had, 10)
        found = site.steps()[-1]["delta_ms"]
        check.that(f"{what}: on record as it was", abs(found - delta_ms) < 300, f"{found} ms")
    else:
        time.sleep(2.5)  # nothing is to come
    after = fee_fen(site.quote(plate))
    check.that(f"{what}: the fee is not raised", after <= before == UNIT_FEN, f"{before} fen, then {after}")
    check.that(f"{what}: nor given up", after == before, f"{after}")


def leave(site, check, plate, nth):
    stay = next(s for s in site.stays() if s["plate"] == plate)
    site.ctl("pay", stay["stay"], "--amount", "1.00", "--channel", "wechat", "--transaction", f"t-{plate}")
    site.car("out", plate)
    site.approve("out", plate)
    site.wait_passage("out", nth)
    wait_for("the stay ends", lambda: next(s for s in site.stays() if s["plate"] == plate)["state"] == "paid", 10)
    stay = next(s for s in site.stays() if s["plate"] == plate)
    check.that(f"{plate}: paid, one hour", (stay["payable_fen"], stay["received_fen"]) == (UNIT_FEN, UNIT_FEN), str(stay)[:200])
    closed = [r for r in site.records("stay_closed") if r["stay"] == stay["stay"]]
    check.that(f"{plate}: its end is flagged", [r.get("time") for r in closed] == ["uncertain"], str(closed)[:200])


def check_journal(check, site, name, runs):
    rows = site.journal()
    check.that(f"{name}: the order is that of the numbers", [s for s, _ in rows] == list(range(1, rows[-1][0] + 1)))
    early = [b for _, b in rows if b["at"] < "2000" and b.get("time") != "uncertain"]
    check.that(f"{name}: what a clock in 1970 dated is flagged", not early, str(early[:2])[:300])
    told = [(p["direction"], p["plate"]) for p in site.records("passage")]
    check.that(f"{name}: each passage is told once", told == site.passed(), str(told))
    check.note("clock is moved", f"{name}; acknowledged = passages", runs,
               (len(told), len(set(site.passed()) - set(told)), len(told) - len(set(told))))  # fmt: skip
    check.that(f"{name}: the audit is clean", site.audit_is_clean())
    check.that(f"{name}: parkd ends cleanly", site.stop("parkd") == 0)


def steps(check):
    site = ClockSite("Asia/Shanghai")
    try:
        site.start_lanes()
        site.wait_closed("in")
        site.enter("皖A12345", 1)
        for what, delta_ms in STEPS.items():
            step(site, check, what, delta_ms, "皖A12345")
        leave(site, check, "皖A12345", 1)
        no_battery(site, check)
        check_journal(check, site, "steps both ways, 1970", len(STEPS) + 2)
    finally:
        site.close()


def no_battery(site, check):
    """The power fails while a car is parked; the box comes up in 1970, and somebody sets its clock later."""
    site.wait_closed("out")
    site.enter("皖A67890", 2)
    true_offset = site.offset_ms
    site.kill("parkd")
    site.set_clock(-int(time.time() * 1000) + 5 * DAY, synchronised=False)
    site.start_parkd()
    wait_for("the bays are known", lambda: site.lot()["unknown"] == 0, 20)
    in_1970 = fee_fen(site.quote("皖A67890"))
    check.that("in 1970: the fee is not raised", in_1970 <= UNIT_FEN, f"{in_1970} fen")
    had = len(site.steps())
    site.set_clock(true_offset)
    wait_for("the step is on record", lambda: len(site.steps()) > had, 10)
    fee = fee_fen(site.quote("皖A67890"))
    check.that("1970 and back: the fee is not raised, nor given up", fee == UNIT_FEN, str(site.quote("皖A67890")))
    leave(site, check, "皖A67890", 2)


def summer_time(check):
    """Half a minute before the clocks of Berlin go forward; the stay crosses it. No step, and one hour to pay."""
    change = datetime.datetime(2027, 3, 28, 1, 0, tzinfo=datetime.timezone.utc)
    site = ClockSite("Europe/Berlin")
    try:
        site.set_clock(int((change.timestamp() - time.time()) * 1000) - 20 * 1000)
        site.start_lanes()
        site.wait_closed("in")
        site.enter("BMW123", 1)
        wait_for("summer time", lambda: time.time() * 1000 + site.offset_ms > change.timestamp() * 1000 + 2000, 40)
        fee = fee_fen(site.quote("BMW123"))
        check.that("summer time: one hour is paid", fee == UNIT_FEN, f"{fee} fen")
        check.that("summer time is no step of the clock", not site.steps())
        at = utc_ms(site.records("stay_opened")[-1]["at"])
        check.that("the stay began before it", at < change.timestamp() * 1000)
        check_journal(check, site, "summer time", 1)
    finally:
        site.close()


def main():
    check = Checks()
    steps(check)
    summer_time(check)
    check.end()


main()
