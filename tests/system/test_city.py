#!/usr/bin/python3
"""Rules 14-16 towards a city's platform (Hefei) that is strict: two lots under their own ids and keys, random
faults of every kind, answers lost after being applied, a platform clock that is wrong, an outage, kill -9
of the gateway, and a day's check that finds what the platform has lost. Every entry and exit is held once,
exits after their entries, no breach of the protocol. Usage: test_city.py BUILD [SECONDS of the outage]"""

import datetime
import json
import os
import re
import subprocess
import sys
import time

from whole_site import Checks, Site, wait_for

OUTAGE_S = float(sys.argv[2]) if len(sys.argv) > 2 else 8
SEED = 20261122


def make_key(site, name):
    run = lambda *c: subprocess.run(c, check=True, capture_output=True)
    run("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", site.path(name + ".key"))
    os.chmod(site.path(name + ".key"), 0o600)
    run("openssl", "pkey", "-in", site.path(name + ".key"), "-pubout", "-out", site.path(name + ".pub"))


def start_city(site):
    site.start("city", f"{site.build}/parksim", "city", "--listen", f"127.0.0.1:{site.city_port}",
               "--platforms", "platforms.json", "--control", "city.ctl", ready="ready")  # fmt: skip


def configure(site):
    """Two lots of the written parkd.conf's one, each with its own key and account."""
    registered = []
    for lot, code in (("A", "HF001"), ("B", "HF002")):
        make_key(site, lot)
        registered.append({"code": code, "account": "dev" + lot, "key": site.path(lot + ".pub")})
    with open(site.path("platforms.json"), "w") as f:
        json.dump({"hefei": registered}, f)
    with open(site.path("parkd.conf")) as f:
        text = f.read()
    bays = [f"A-{i:04}" for i in range(1, 41)]
    lots = ", ".join(f'{{ id = "{lot}"; parking = {{ stays = "bays"; bay_settle_s = 0; }}; zones = ( {{ id = "{lot}1"; '
                     f'bays = "{part[0]}..{part[-1]}"; }} ); }}' for lot, part in (("A", bays[:20]), ("B", bays[20:])))  # fmt: skip
    text = re.sub(r"lots = \(.*?\n\);", f"lots = ( {lots} );", text, count=1, flags=re.S)
    told = ", ".join(f'{{ lot = "{lot}"; code = "{r["code"]}"; account = "{r["account"]}"; '
                     f'key_file = "{site.path(lot + ".key")}"; }}' for lot, r in zip("AB", registered))  # fmt: skip
    text += (f'\nuplinks = ( {{ name = "hefei"; type = "hefei"; url = "http://127.0.0.1:{site.city_port}"; '
             f'lots = ( {told} ); heartbeat_ms = 2000; timeout_ms = 2000; backoff_max_ms = 2000; }} );\n')  # fmt: skip
    with open(site.path("parkd.conf"), "w") as f:
        f.write(text)


def held(site):
    return json.loads(site.sim("city", "platforms"))


def uplink(site):
    return site.ctl_json("status")["uplinks"][0]


def ours(site):
    """Stays of the journal that the platform has to know: {lot: [entries, exits]}."""
    count = {"A": [0, 0], "B": [0, 0]}
    for _, body in site.journal():
        if body["type"] == "stay_opened":
            count[body["lot"]][0] += 1
        if body["type"] == "stay_closed":
            count[body["lot"]][1] += 1
    return count


def balanced(site):
    theirs = {lot["code"]: [lot["entries"], lot["exits"]] for lot in held(site)["lots"]}
    mine = ours(site)
    return theirs == {"HF001": mine["A"], "HF002": mine["B"]}


def drained(site):
    return uplink(site)["pending"] == 0 and balanced(site)


def counts_are_right(site):
    lots = {lot["lot"]: lot["free"] for lot in site.ctl_json("lots")["lots"]}
    theirs = {lot["code"]: lot["free"] for lot in held(site)["lots"]}
    return theirs == {"HF001": lots["A"], "HF002": lots["B"]}


def settle(site, when):
    site.sim("field", "rate 0")
    wait_for(f"{when}: the platform holds every entry and exit", lambda: drained(site), 60)
    wait_for(f"{when}: the platform knows how many bays are free", lambda: counts_are_right(site), 20)


def day_check(site, check):
    """What the platform has lost is found at the day's end, and sent again."""
    stays = [(body["stay"], body["at"]) for _, body in site.journal()
             if body["type"] == "stay_opened" and body["lot"] == "A"]  # fmt: skip
    for stay, _ in stays[:3]:
        site.sim("city", f"forget entry {stay}")
    check.that("the platform has lost three entries", not balanced(site))
    zone = datetime.timezone(datetime.timedelta(hours=8))
    days = {datetime.datetime.fromisoformat(at.replace("Z", "+00:00")).astimezone(zone).date() for _, at in stays}
    for day in sorted(days):
        site.ctl("uplink", "recheck", "hefei", "--lot", "A", "--day", str(day))
    wait_for("the lost entries are there again", lambda: balanced(site), 30)
    check.that("what was lost is sent again by the day's check", True)


def main():
    site, check = Site(sys.argv[1]), Checks()
    site.start_field("--tcp", "127.0.0.1:0", "--ports", "1", "--units", "2", "--bays", "20", "--map",
                     "concentrator-words", "--changes-per-s", "4", "--seed", str(SEED), uplinks=False)  # fmt: skip
    print("seed", SEED)
    configure(site)
    start_city(site)
    site.start_parkd()
    wait_for("both lots beat", lambda: all(lot["beats"] >= 2 for lot in held(site)["lots"]), 20)
    settle(site, "at first")
    check.that("two lots are told under their own ids and keys", True)

    site.sim("field", "rate 8")
    for command in (f"chaos 30 {SEED}", "drop-answer 6", "slow 400 6", "bad-body 6", "fail 503 6", "fail 429 retry-after 1 2",
                    "hang 2"):  # fmt: skip
        site.sim("city", command)
        time.sleep(1.5)
    site.sim("city", "ok")
    settle(site, "after every fault")
    check.that("every entry and exit is held once after faults of every kind", True, str(ours(site)))

    site.sim("city", "skew -3600000")
    site.sim("field", "rate 8")
    time.sleep(2)
    settle(site, "with another clock")
    check.that("a platform an hour behind is met at its own time",
               abs(uplink(site)["clock_ahead_ms"] + 3600000) < 5000, str(uplink(site)["clock_ahead_ms"]))  # fmt: skip
    site.sim("city", "skew 0")
    time.sleep(3)

    site.sim("city", "reset")
    site.sim("field", "rate 12")
    time.sleep(OUTAGE_S)
    site.sim("city", "ok")
    begin = time.monotonic()
    settle(site, "after the outage")
    check.that("the backlog of an outage drains", True, f"{time.monotonic() - begin:.1f} s")

    site.sim("field", "rate 12")
    time.sleep(1)
    site.kill("parkd")
    time.sleep(0.5)
    site.start_parkd()
    settle(site, "after kill -9")
    check.that("nothing is lost or told twice over kill -9", True)

    day_check(site, check)
    book = held(site)
    breaches = [b for b in book["breaches"]]
    check.that("the platform saw no breach of its protocol", book["breaches_count"] == 0, str(breaches[:3]))
    aside = [m for m in site.ctl_json("outbox", "list", "hefei")["records"] if m["state"] == "dead"]
    check.that("nothing is set aside", not aside, str(aside[:3]))
    check.that("the audit finds nothing", site.audit_is_clean())
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    check.end()


main()
