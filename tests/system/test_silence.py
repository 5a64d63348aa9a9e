#!/usr/bin/python3
"""Rule 1: a bay that is not heard becomes unknown at its limit, never free; over restarts too, for a daemon that
was away has heard nothing. When its device speaks again it is what the device says.
Usage: test_silence.py BUILD"""

import sys
import time

from whole_site import Checks, Site, broken_alternation, invented, utc_ms, wait_for

LIMIT_S = 3
BAD = {f"A-{n:04d}" for n in range(11, 21)}  # those of tcp1-2


def states(site):
    return {b["bay"]: b["state"] for b in site.ctl_json("bays")["bays"]}


def unknown(site):
    return {b for b, s in states(site).items() if s == "unknown"}


def falls_silent(site, check, mode):
    before, head = states(site), len(site.journal())
    site.sim("field", f"fault tcp1/2 {mode}")
    last_served = max(r["utc_ms"] for r in site.truth() if r["event"] == "note")
    wait_for("the device's bays are unknown", lambda: unknown(site) == BAD, LIMIT_S + 10)
    lot = site.lot()
    check.that(f"{mode}: its bays are unknown, the others go on", {b: s for b, s in states(site).items() if b not in BAD}
               == {b: s for b, s in before.items() if b not in BAD})  # fmt: skip
    check.that(f"{mode}: the vacancy says so and adds up", lot["unknown"] == 10 and lot["quality"] == "partial" and
               lot["free"] + lot["occupied"] + 10 == lot["capacity"], str(lot["zones"]))  # fmt: skip
    told = [b for _, b in site.journal()[head:] if b["type"] == "bay_changed"]
    late = [utc_ms(b["at"]) - last_served for b in told]
    check.that(f"{mode}: each was told once, as silence, at its limit", {b["bay"] for b in told} == BAD and len(told) == 10
               and {b["reason"] for b in told} == {"silence"} and
               all(LIMIT_S * 1000 - 500 <= ms <= LIMIT_S * 1000 + 1500 for ms in late),
               f"{min(late)} to {max(late)} ms")  # fmt: skip


def speaks_again(site, check, what):
    site.sim("field", "fault tcp1/2 none")
    site.settle()
    last = {r["bay"]: r["state"] for r in site.truth() if r["event"] == "served"}
    check.that(f"{what}: on return each bay is what its device says", states(site) == last)


def main():
    site, check = Site(sys.argv[1]), Checks()
    site.start_broker()
    site.subscribe()
    site.start_city()
    site.start_field("--tcp", "127.0.0.1:0", "--units", "2", "--bays", "10", "--seed", "4", "--config-response-ms", "200")
    print("seed 4")
    with open(site.path("parkd.conf")) as f:
        text = f.read().replace("response_ms = 200;", f"response_ms = 200; silence_ms = {LIMIT_S * 1000};")
    with open(site.path("parkd.conf"), "w") as f:
        f.write(text.replace("devices = (", "backoff_max_ms = 1000; devices = ("))
    site.start_parkd()
    wait_for("all bays are known", lambda: not unknown(site), 20)
    for mode in "silent", "garbage":
        falls_silent(site, check, mode)
        for bay in sorted(BAD)[:5]:  # cars move on bays that nobody can see
            site.sim("field", f"bay {bay} occupied")
        speaks_again(site, check, mode)

    site.sim("field", "fault tcp1/2 silent")
    site.kill("parkd")  # it dies before the limit, and with it the knowledge of when it last heard
    site.start_parkd()
    begin = time.monotonic()
    wait_for("the bays are unknown after the restart", lambda: unknown(site) == BAD, LIMIT_S + 10)
    took = time.monotonic() - begin
    check.that("a restart does not make a silent bay known for longer than its limit", took < LIMIT_S + 2, f"{took:.1f} s")
    assert site.stop("parkd") == 0
    site.start_parkd()
    check.that("an unknown bay stays unknown over a restart", unknown(site) == BAD)
    speaks_again(site, check, "after the restarts")

    rows = site.journal()
    broken, false = broken_alternation(rows), invented(site.truth(), rows)
    check.that("each bay's changes follow each other, none invented", not broken + false, "; ".join((broken + false)[:3]))
    wait_for("the subscriber has it all", lambda: {b["seq"] for _, _, b in site.received()} >= {s for s, _ in rows}, 20)
    site.check_subscriber(check, rows)
    site.check_platform(check, rows)
    check.that("the audit finds nothing", site.audit_is_clean())
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    check.end()


main()
