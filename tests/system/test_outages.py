#!/usr/bin/python3
"""Rules 4, 14, 15, 17: 2,000 bays on 40 units over 8 TCP ports and one RTU line; the broker, the platform
and one bus are each stopped under traffic and come back. The truth log of the field, the journal, an MQTT
subscriber and the platform then agree exactly: no change lost, none doubled, none invented; and the vacancy
at the end is the truth. Usage: test_outages.py BUILD [SECONDS of each outage]"""

import json
import sys
import time

from whole_site import Checks, Site, differences, sensed_sequences, wait_for

OUTAGE_S = float(sys.argv[2]) if len(sys.argv) > 2 else 12
RATE = 100


def settled(site):
    uplinks = [site.uplink("broker"), site.uplink("city")]
    store = site.ctl_json("status")["store"]
    return store["waiting"] == 0 and all(u["pending"] == 0 for u in uplinks)


def main():
    site, check = Site(sys.argv[1]), Checks()
    site.start_broker()
    site.subscribe()
    site.start_city()
    site.start_field(
        "--tcp", "127.0.0.1:0", "--ports", "8", "--units", "4", "--bays", "50",
        "--map", "concentrator-words", "--pty", site.path("line"), "--pty-units", "8",
        "--pty-bays", "50", "--pty-map", "concentrator-bits", "--changes-per-s", str(RATE),
        "--seed", "20261122"
    )  # fmt: skip
    print("seed 20261122")
    site.start_parkd()
    lot = lambda: site.ctl_json("lots")["lots"][0]
    wait_for("all 2,000 bays are known", lambda: lot()["unknown"] == 0, 60)
    check.that("2,000 bays are watched", lot()["capacity"] == 2000, str(lot()["capacity"]))

    for name, down, up in (
        ("broker", lambda: site.stop("broker"), site.start_broker),
        ("platform", lambda: site.stop("city"), site.start_city),
        ("bus", lambda: site.sim("field", "line tcp1 down"), lambda: site.sim("field", "line tcp1 up")),
    ):
        time.sleep(2)  # traffic before, so that something is under way when it breaks
        down()
        time.sleep(OUTAGE_S)  # the outage itself
        up()
        print(f"-- {name} was away for {OUTAGE_S:.0f} s")
    time.sleep(2)
    site.sim("field", "rate 0")
    online = lambda: all(d["state"] == "online" for d in site.ctl_json("devices")["devices"])
    wait_for("every device answers", online, 120)
    wait_for("no bay is unknown", lambda: lot()["unknown"] == 0, 120)
    occupied = json.loads(site.sim("field", "status"))["occupied"]
    wait_for(f"the vacancy is the truth, {occupied} occupied", lambda: lot()["occupied"] == occupied, 60)
    wait_for("everything is delivered", lambda: settled(site), 120)

    served = [(r["bay"], r["state"]) for r in site.truth() if r["event"] == "served"]
    truth = sensed_sequences(served)
    journal_rows = site.journal()
    changes = [b for _, b in journal_rows if b["type"] == "bay_changed"]
    journal = sensed_sequences((b["bay"], b["to"]) for b in changes)
    wrong = differences(truth, journal)
    check.that(f"the journal has what was served: {len(served)} changes", not wrong, "; ".join(wrong[:3]))

    received = site.received()
    ids = {}
    for _, _, body in received:
        ids.setdefault(body["id"], body)
    by_seq = sorted(ids.values(), key=lambda b: b["seq"])
    mqtt = sensed_sequences((b["bay"], b["to"]) for b in by_seq if b["type"] == "bay_changed")
    wrong = differences(journal, mqtt)
    check.that("the MQTT subscriber has what the journal has", not wrong, "; ".join(wrong[:3]))
    check.that("each record reached the subscriber", sorted(b["seq"] for b in ids.values())
               == [seq for seq, _ in journal_rows], f"{len(ids)} of {len(journal_rows)}")  # fmt: skip
    print(f"-- QoS 1 repeats, same id: {len(received) - len(ids)}")

    city = [r for r in site.city_rows() if r.get("type") or "record" in r]
    records = [r.get("record", r) for r in city]
    keys = [r["id"] for r in records]
    check.that("the platform holds each record once", len(keys) == len(set(keys)) == len(journal_rows),
               f"{len(keys)} rows, {len(set(keys))} ids, {len(journal_rows)} in the journal")  # fmt: skip
    platform = sensed_sequences((r["bay"], r["to"]) for r in records if r["type"] == "bay_changed")
    wrong = differences(journal, platform)
    check.that("the platform has what the journal has", not wrong, "; ".join(wrong[:3]))
    status = json.loads(site.sim("city", "status"))
    check.that("the platform saw no violation of the protocol", status["violations"] == [] or
               status["violations"] == 0, str(status["violations"])[:300])  # fmt: skip

    check.note("something is away", f"broker, platform and bus for {OUTAGE_S:.0f} s each, 2,000 bays", 3,
               site.sums(journal_rows), 20261122)  # fmt: skip
    final = lot()
    check.that("the vacancy at the end is the truth", final["occupied"] == occupied
               and final["free"] == 2000 - occupied, f"{final['free']} free of 2000")  # fmt: skip
    check.that("the audit finds nothing", site.audit_is_clean())
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    check.end()


main()
