#!/usr/bin/python3
"""Lanes with the real programs, over RTU and over TCP: a car that comes, parks, pays and leaves is one stay, one
fee and one passage each way, and no command is written twice. Usage: test_lanes.py [BUILD]"""

import sys

from lane_site import FEE_FEN, LaneSite
from whole_site import Checks, wait_for

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
CAR = "皖A12345"


def enter(site, plate, nth=1):
    site.car("in", plate)
    site.approve("in", plate)
    site.wait_passage("in", nth)


def open_stay(site, plate):
    return next((s for s in site.stays() if s["plate"] == plate and s["state"] == "open"), None)


def park_and_pay(site, plate):
    wait_for("its bay is taken", lambda: site.lot()["occupied"] >= 1, 20)
    stay = wait_for("its stay", lambda: open_stay(site, plate), 10)
    wait_for("it costs something", lambda: site.ctl_json("quote", plate)["due_fen"] == FEE_FEN, 10)
    site.ctl("pay", stay["stay"], "--amount", "5.00", "--channel", "wechat", "--transaction", f"t-{plate}")
    return stay["stay"]


def leave(site, plate, nth=1):
    site.car("out", plate)
    site.approve("out", plate)
    site.wait_passage("out", nth)


def check_visit(check, site, name, plate=CAR):
    stays = [s for s in site.stays() if s["plate"] == plate]
    check.that(f"{name}: one stay, paid", [s["state"] for s in stays] == ["paid"], str(stays)[:300])
    check.that(f"{name}: one fee", [(s["payable_fen"], s["received_fen"]) for s in stays] == [(FEE_FEN, FEE_FEN)])
    told = [(p["direction"], p["plate"]) for p in site.records("passage")]
    check.that(f"{name}: each passage of the truth is told once", told == site.passed(), f"{told} {site.passed()}")
    check_commands(check, site, name)
    check.that(f"{name}: the audit is clean", site.audit_is_clean())


def check_commands(check, site, name):
    """No coil was written but for a recorded command, and each such command at most once."""
    for lane in "in", "out":
        asked = {"open": 0, "close": 0}
        for command in site.records("command"):
            if command["lane"] == lane and command["action"] in asked:
                asked[command["action"]] += 1
        now = site.barrier(lane)
        check.that(f"{name}: lane {lane}: no command was repeated",
                   now["opens"] <= asked["open"] and now["closes"] <= asked["close"] and now["resets"] == 0,
                   f"{now} {asked}")  # fmt: skip


def a_visit(check, line):
    site = LaneSite(BUILD, line)
    try:
        site.start_lanes()
        site.wait_closed("in")
        enter(site, CAR)
        stay = park_and_pay(site, CAR)
        leave(site, CAR)
        site.wait_closed("out")
        wait_for("the stay ends", lambda: not open_stay(site, CAR), 10)
        check_visit(check, site, line)
        check.that(f"{line}: the bay that it stood on is known or free again", site.lot()["occupied"] == 0, stay)
        evidence = {p["evidence"] for p in site.records("passage")}
        check.that(f"{line}: both loops saw it", evidence == {"loops"}, str(evidence))
    finally:
        site.close()


def main():
    check = Checks()
    for line in "rtu", "tcp":
        a_visit(check, line)
    check.end()


main()
