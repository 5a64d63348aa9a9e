#!/usr/bin/python3
"""A second opinion on Modbus: pymodbus serves the field, so that the gateway is not right about Modbus only
because the simulator errs with it. The journal is its truth, change by change. Usage: test_pymodbus.py BUILD"""

import os
import re
import sys

from whole_site import HERE, Checks, Site, broken_alternation, differences, invented, sensed_sequences, wait_for

UNITS, BAYS, CHANGES, SEED = 4, 25, 400, 17
MAPS = ["concentrator-words", "concentrator-bits"]


def main():
    site, check = Site(sys.argv[1]), Checks()
    print(f"seed {SEED}")
    site.start(
        "pymodbus", "/usr/bin/python3", os.path.join(HERE, "pymodbus_field.py"), "--units", str(UNITS), "--bays",
        str(BAYS), "--changes", str(CHANGES), "--every-ms", "10", "--seed", str(SEED), "--truth", "truth.jsonl",
        ready="ready"
    )  # fmt: skip
    port = re.search(r"line pymodbus tcp \S+ (\d+)", site.log("pymodbus")).group(1)
    bays = lambda unit: f"A-{unit * BAYS + 1:04d}..A-{unit * BAYS + BAYS:04d}"
    devices = ", ".join(
        f'{{ id = "u{u + 1}"; unit = {u + 1}; map = "{MAPS[u % 2]}"; bays = "{bays(u)}"; poll_ms = 50; }}'
        for u in range(UNITS)
    )
    bus = f'{{ id = "py"; type = "tcp"; host = "127.0.0.1"; port = {port}; devices = ( {devices} ); }}'
    site.write_config(bus, lot=f"A-0001..A-{UNITS * BAYS:04d}")
    site.start_parkd()
    wait_for("pymodbus has shown its last change", lambda: "done" in site.log("pymodbus"), 60)

    truth = site.truth()
    last = {r["bay"]: r["state"] for r in truth if r["event"] == "served"}
    shown = lambda: {b["bay"]: b["state"] for b in site.ctl_json("bays")["bays"]}
    wait_for("the gateway shows the last states", lambda: shown() == last, 10)
    rows = site.journal()
    served = sensed_sequences((r["bay"], r["state"]) for r in truth if r["event"] == "served")
    journal = sensed_sequences((b["bay"], b["to"]) for _, b in rows if b["type"] == "bay_changed")
    wrong = differences(served, journal)
    check.that(f"the journal has the {CHANGES} changes that pymodbus served, in order", not wrong, "; ".join(wrong[:3]))
    count = sum(b["type"] == "bay_changed" for _, b in rows)
    check.that("and not one more", count == sum(map(len, served.values())) == UNITS * BAYS + CHANGES, str(count))
    broken, false = broken_alternation(rows), invented(truth, rows)
    check.that("each follows the one before, none is older than what was served", not broken + false,
               "; ".join((broken + false)[:3]))  # fmt: skip
    troubles = [d for d in site.ctl_json("devices")["devices"] if d["errors"] + d["timeouts"] + d["exceptions"]]
    check.that("no answer of pymodbus was refused", not troubles, str(troubles[:1]))
    check.that("the audit finds nothing", site.audit_is_clean())
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    check.end()


main()
