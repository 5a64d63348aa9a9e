#!/usr/bin/python3
"""Rules 4, 13, 14, 15, 17: whatever the moment at which parkd is killed, what it has told is in the journal,
what is in the journal is told, and nothing is told twice with two contents. kill -9 at random moments, some
while it starts, under 200 changes a second; then the journal is a valid alternation for each bay, the audit
is clean, MQTT and the platform have each record, and the vacancy is the truth. Before some of the kills, and
at other moments, the network swallows what is on its way to the broker and the platform.
Usage: test_kill.py BUILD [KILLS [SEED]]"""

import random
import sys
import time

from whole_site import Checks, Relay, Site, broken_alternation, invented, wait_for

KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 20
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(1 << 32)


def lose(relays, dice):
    """What is sent in this moment arrives nowhere."""
    for relay in relays:
        relay.swallows = dice.random() < 0.7
    time.sleep(dice.uniform(0, 0.1))


def main():
    site, check, dice = Site(sys.argv[1]), Checks(), random.Random(SEED)
    print(f"seed {SEED}, {KILLS} kills", flush=True)
    site.start_broker()
    site.subscribe()
    site.start_city()
    site.start_field(
        "--tcp", "127.0.0.1:0", "--ports", "4", "--units", "2", "--bays", "50", "--pty",
        site.path("line"), "--pty-units", "2", "--pty-bays", "50", "--pty-map", "concentrator-bits",
        "--changes-per-s", "200", "--seed", str(SEED % 1000)
    )  # fmt: skip
    # From here on parkd reaches both through relays.
    relays = [Relay(site.broker_port), Relay(site.city_port)]
    with open(site.path("parkd.conf")) as f:
        text = f.read()
    for relay in relays:
        text = text.replace(f"127.0.0.1:{relay.to_port}\";", f"127.0.0.1:{relay.port}\"; backoff_max_ms = 1000;")
    with open(site.path("parkd.conf"), "w") as f:
        f.write(text)
    dirty = 0
    for kill in range(KILLS):
        if kill % 3 == 0:  # while it starts
            site.start("parkd", f"{site.build}/parkd", "--config", site.path("parkd.conf"))
            time.sleep(dice.uniform(0, 0.15))  # the moment is the experiment, nothing waits for it
        else:
            site.start_parkd()
            time.sleep(dice.uniform(0, 1))
            lose(relays, dice)
            if kill % 3 == 1:  # broken off while it runs, and once more with the kill
                for relay in relays:
                    relay.cut()
                time.sleep(dice.uniform(0, 1))
                lose(relays, dice)
        site.kill("parkd")
        for relay in relays:
            relay.cut()
        if kill % 5 == 4 and not site.audit_is_clean():
            dirty += 1
    check.that("the audit of what a kill left finds nothing", dirty == 0)
    site.start_parkd()
    site.settle()

    rows, truth = site.journal(), site.truth()
    changes = [b for _, b in rows if b["type"] == "bay_changed"]
    check.that("there was something to lose", len(changes) > 20 * KILLS, f"{len(changes)} changes")
    check.that("the journal has no gap", [s for s, _ in rows] == list(range(1, len(rows) + 1)), f"{len(rows)} records")
    broken = broken_alternation(rows)
    check.that("each bay's changes follow each other", not broken, "; ".join(broken[:3]))
    false = invented(truth, rows)
    check.that("no change was invented", not false, "; ".join(false[:3]))
    served = {r["bay"]: r["state"] for r in truth if r["event"] == "served"}
    shown = {b["bay"]: b["state"] for b in site.ctl_json("bays")["bays"]}
    check.that("every bay is shown as it was last served", shown == served,
               str([b for b in shown if shown[b] != served.get(b)][:3]))  # fmt: skip
    subscribed = lambda: {b["seq"] for _, _, b in site.received()} >= {s for s, _ in rows}
    wait_for("the subscriber has it all", subscribed, 20)
    site.check_subscriber(check, rows)
    site.check_platform(check, rows)
    check.that("the audit finds nothing", site.audit_is_clean())
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    check.end()


main()
