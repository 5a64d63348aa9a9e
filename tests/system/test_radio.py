#!/usr/bin/python3
"""A street of 200 bay sensors behind each kind of network server, over a lossy radio: frames lost, twice, late,
retained, zeros left out, a gateway in 1971; parkd is killed under traffic and started again. At the end every bay
whose last heartbeat arrived is what the street is, changes alternate, and the audit is clean.
Usage: test_radio.py BUILD [SECONDS]"""

import subprocess
import sys
import time

from whole_site import Checks, Site, wait_for

SECONDS = int(sys.argv[2]) if len(sys.argv) > 2 else 8


def configure(site, server):
    broker = f"127.0.0.1:{site.broker_port}"
    subprocess.run([f"{site.build}/parksim", "radio", "--server", server, "--broker", broker, "--sensors", "200",
                    "--write-config", site.path("radio.conf")], check=True)  # fmt: skip
    with open(site.path("parkd.conf"), "w") as f:
        f.write(
            f'site = {{ id = "t"; zone = "Asia/Shanghai"; }};\nstore = {{ path = "{site.path("parkd.db")}"; }};\n'
            f'serve = {{ control = "{site.path("control.sock")}"; }};\n@include "radio.conf"\n'
        )
    return broker


def main():
    check = Checks()
    for server in "tts", "chirpstack":
        site = Site(sys.argv[1])
        site.start_broker()
        broker = configure(site, server)
        site.start_parkd()
        street = subprocess.Popen(
            [f"{site.build}/parksim", "radio", "--server", server, "--broker", broker, "--sensors", "200",
             "--seconds", str(SECONDS), "--changes-per-s", "100", "--seed", "20261122"],
            stdout=subprocess.PIPE, text=True)  # fmt: skip
        time.sleep(SECONDS / 2)  # traffic, so that something is under way
        site.kill("parkd")
        time.sleep(1)
        site.start_parkd()
        truth = dict(line.split() for line in street.communicate(timeout=60)[0].splitlines())
        shown = lambda: {b["bay"]: b["state"] for b in site.ctl_json("bays")["bays"]}
        try:
            wait_for("every bay is what the street is", lambda: shown() == truth, 30)
        except AssertionError:
            pass
        wrong = [bay for bay, state in shown().items() if truth[bay] != state]
        check.that(f"{server}: 200 bays are what the street is", len(truth) == 200 and not wrong, str(wrong[:3]))
        last, again = {}, 0
        changes = [b for _, b in site.journal() if b["type"] == "bay_changed"]
        for b in changes:
            again += last.get(b["bay"]) == b["to"]
            last[b["bay"]] = b["to"]
        check.that(f"{server}: {len(changes)} changes, none told twice", again == 0, str(again))
        check.that(f"{server}: the audit is clean", site.audit_is_clean())
        site.close()
    check.end()


main()
