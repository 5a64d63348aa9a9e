#!/usr/bin/python3
"""Rules 14 and 17: what waits for an uplink that was taken out of the configuration is neither lost nor kept for
ever in silence: parkd says so, it is delivered when the uplink is named again, and a person can give it up, which
is recorded with its count. Usage: test_forget.py BUILD"""

import json
import sqlite3
import subprocess
import sys

from whole_site import Checks, Site, free_port, wait_for

CONF = """site = {{ id = "s"; name = "S"; zone = "Asia/Shanghai"; }};
store = {{ path = "{dir}/parkd.db"; }};
serve = {{ listen = "127.0.0.1:{page}"; control = "{dir}/control.sock"; }};
lots = ( {{ id = "A"; name = "A"; zones = ( {{ id = "A1"; bays = "A-1..A-9"; unsensed = true; }} ); }} );
buses = ( );
uplinks = ( {uplinks} );
"""
GONE = '{{ name = "gone"; type = "mqtt"; url = "mqtt://127.0.0.1:{port}"; }}'


def main():
    site, check = Site(sys.argv[1]), Checks()
    control = site.path("control.sock")

    def ctl(*words):
        return subprocess.run([f"{site.build}/parkctl", *words, "--socket", control], capture_output=True, text=True)

    def run(uplinks):
        with open(site.path("parkd.conf"), "w") as f:
            f.write(CONF.format(dir=site.dir, page=site.page_port, uplinks=uplinks))
        site.start("parkd", f"{site.build}/parkd", "--config", site.path("parkd.conf"),
                   ready=lambda: ctl("status").returncode == 0)  # fmt: skip

    run(GONE.format(port=free_port()))
    for bay in range(1, 6):
        assert ctl("bays", "out", f"A-{bay}", "--reason", "test").returncode == 0
    in_use = ctl("outbox", "forget", "gone", "--reason", "test")
    check.that("an uplink that is in use is not forgotten", in_use.returncode == 1 and "in use" in in_use.stderr)
    site.stop("parkd")

    run("")
    check.that("parkd says what waits for an uplink that nobody names",
               'parkctl outbox forget gone' in site.log("parkd"))  # fmt: skip
    check.that("to forget needs a reason", ctl("outbox", "forget", "gone").returncode == 2)
    check.that("an uplink that never was is not forgotten",
               ctl("outbox", "forget", "never", "--reason", "x").returncode == 1)  # fmt: skip
    done = ctl("outbox", "forget", "gone", "--reason", "contract ended")
    check.that("it is forgotten", done.returncode == 0, done.stderr)
    check.that("and only once", ctl("outbox", "forget", "gone", "--reason", "again").returncode == 1)
    site.stop("parkd")

    rows = sqlite3.connect(site.path("parkd.db")).execute("SELECT kind, body FROM journal ORDER BY seq").fetchall()
    losses = [json.loads(body) for kind, body in rows if kind == "loss"]
    acts = [json.loads(body) for kind, body in rows if kind == "operator"]
    check.that("who, why and how many is recorded", len(losses) == 1 and losses[0]["what"] == "uplink gone" and
               losses[0]["reason"] == "contract ended" and losses[0]["count"] >= 5 and
               acts[-1]["act"] == "outbox_forget", str(losses))  # fmt: skip
    audit = subprocess.run([f"{site.build}/parkctl", "audit", "--db", site.path("parkd.db")], capture_output=True, text=True)
    check.that("the audit finds no breach", audit.returncode == 0, audit.stdout + audit.stderr if audit.returncode else "")
    begin = len(site.log("parkd"))
    run("")
    check.that("from then on nothing is said of it", "forget" not in site.log("parkd")[begin:])
    site.stop("parkd")
    check.end()


main()
