#!/usr/bin/python3
"""A lot without barriers is counted by radio sensors: one that counts in, a pair that tells the direction. Passages
are on record once each, over the wrap of the 7-bit count, over a kill and a stop; a counter that began anew and
messages that are missing are told; nobody's direction is guessed. Usage: test_counters.py BUILD"""

import base64
import datetime
import json
import os
import subprocess
import sys
import time

from whole_site import Checks, Site, wait_for

IN, FRONT, BACK = 1, 2, 3
counters = {}


def eui(n):
    return f"70b3d57ed00000{n:02x}"


def report(site, n, count, skip=0, later_ms=0, channel=0x21):
    counters[n] = counters.get(n, 0) + 1 + skip
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(milliseconds=later_ms)
    message = json.dumps({
        "deduplicationId": f"{n}-{counters[n]}", "time": at.isoformat(), "devAddr": "01fd9738", "fCnt": counters[n],
        "deviceInfo": {"devEui": eui(n)}, "fPort": 2, "data": base64.b64encode(bytes([channel, 0, count])).decode(),
        "rxInfo": [{"rssi": -90, "snr": 6.5}]})  # fmt: skip
    subprocess.run(["mosquitto_pub", "-p", str(site.broker_port), "-q", "1", "-t",
                    f"application/1/device/{eui(n)}/event/up", "-m", message], check=True, timeout=20)  # fmt: skip


def configure(site):
    path = site.path
    sensors = ", ".join(f'{{ id = "c-{n}"; address = "{eui(n)}"; driver = "pni/placepod"; }}' for n in (IN, FRONT, BACK))
    with open(path("parkd.conf"), "w") as f:
        f.write(
            f'site = {{ id = "t"; zone = "Asia/Shanghai"; }};\nstore = {{ path = "{path("parkd.db")}"; }};\n'
            f'serve = {{ control = "{path("control.sock")}"; }};\n'
            'lots = ( { id = "A"; zones = ( { id = "A1"; bays = "A-001..A-050"; unsensed = true; } );\n'
            '  counters = ( { id = "west"; front = "c-1"; direction = "in"; },\n'
            '               { id = "east"; front = "c-2"; back = "c-3"; direction = "both"; } ); } );\n'
            f'networks = ( {{ id = "lora"; type = "chirpstack"; url = "mqtt://127.0.0.1:{site.broker_port}";\n'
            f"  sensors = ( {sensors} ); }} );\n"
        )


def passages(site):
    return [b for _, b in site.journal() if b["type"] == "passage"]


def counted(site):
    return site.ctl_json("lots")["lots"][0]["counted"]


def comes(site, condition, seconds=10):
    try:
        return bool(wait_for("it is counted", condition, seconds))
    except AssertionError:
        return False


def main():
    check = Checks()
    site = Site(sys.argv[1])
    site.start_broker()
    configure(site)
    site.start_parkd()
    wait_for("parkd is connected", lambda: '"lora": connected' in site.log("parkd"), 20)
    time.sleep(0.3)  # its subscription
    report(site, IN, 125)
    report(site, IN, 126)
    report(site, IN, 1)
    check.that("a count goes over its wrap", comes(site, lambda: counted(site) == {"in": 4, "out": 0, "inside": 4}),
               str(counted(site)))  # fmt: skip
    first = passages(site)
    check.that("each report is one passage of the lane", [(p["lane"], p["direction"], p["kind"], p["evidence"],
               p["vehicles"]) for p in first] == [("west", "in", "counted", "counter", n) for n in (1, 3)], str(first))  # fmt: skip
    report(site, FRONT, 0)
    report(site, BACK, 0)
    report(site, FRONT, 1)
    report(site, BACK, 1, later_ms=400)
    check.that("a pair tells the way in", comes(site, lambda: counted(site)["in"] == 5), str(counted(site)))
    report(site, BACK, 2)
    report(site, FRONT, 2, later_ms=400)
    check.that("and the way out", comes(site, lambda: counted(site) == {"in": 5, "out": 1, "inside": 4}),
               str(counted(site)))  # fmt: skip
    report(site, IN, 2)
    wait_for("it is counted", lambda: counted(site)["in"] == 6, 10)
    site.kill("parkd")
    os.unlink(site.path("control.sock"))
    report(site, IN, 5, skip=2)  # it passed while nobody listened, and messages were lost
    site.start_parkd()
    check.that("a kill loses no passage", comes(site, lambda: counted(site)["in"] == 9), str(counted(site)))
    last = passages(site)[-1]
    check.that("and the passages are on record once", last["vehicles"] == 3 and
               sum(p["vehicles"] for p in passages(site)) == 10, str(last))  # fmt: skip
    report(site, IN, 6, skip=3)
    comes(site, lambda: counted(site)["in"] == 10)
    check.that("missing messages are told", passages(site)[-1].get("quality") == "gap", str(passages(site)[-1]))
    report(site, IN, 128)
    report(site, IN, 1)
    comes(site, lambda: counted(site)["in"] == 11)
    check.that("a counter that began anew is told", passages(site)[-1].get("quality") == "reset", str(passages(site)[-1]))
    report(site, FRONT, 3)
    losses = lambda: [b for _, b in site.journal() if b["type"] == "loss"]
    check.that("nobody's direction is guessed", comes(site, losses, 20) and losses()[0]["what"] == "passages"
               and losses()[0]["count"] == 1 and counted(site)["in"] == 11, str(losses()))  # fmt: skip
    site.stop("parkd")
    site.start_parkd()
    check.that("the running count survives a stop", counted(site) == {"in": 11, "out": 1, "inside": 10}, str(counted(site)))
    code = site.audit_is_clean()
    check.that("the audit is clean", code)
    site.close()
    check.end()


main()
