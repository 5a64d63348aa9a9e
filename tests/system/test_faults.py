#!/usr/bin/python3
"""Rules 1, 17, 19 and 'a dead device never slows the living ones': one device of a TCP line and one of a serial
line misbehave in every way that the simulator knows, while all bays change. The neighbours' changes arrive in
time, no wrong value is taken, and the device's going and coming is told once each, in words.
Usage: test_faults.py BUILD [MODE…]"""

import json
import sys

from whole_site import Checks, Site, broken_alternation, differences, invented, sensed_sequences, wait_for

TCP = ["silent", "drip", "late", "wrong-unit", "wrong-tid", "wrong-proto", "trailing", "short", "garbage", "reset",
       "exception"]  # fmt: skip
SERIAL = ["silent", "drip", "late", "wrong-unit", "trailing", "short", "garbage", "crc", "exception"]
RESPONSE_MS = 200
# A neighbour waits for the three attempts before a device is given up, and on a serial line as long again
# until the line is quiet; and for its own turn, on a machine that has other work too.
TCP_MOST_MS, SERIAL_MOST_MS = 3 * RESPONSE_MS + 1200, 6 * RESPONSE_MS + 1200


def device(site, name):
    return next(d for d in site.ctl_json("devices")["devices"] if d["device"] == name)


def delays_ms(rows, line, bad, begin_us):
    """How long a new state of a neighbour's bay stood in the device before it was read."""
    first, last = (1, 60) if line == "tcp1" else (61, 120)
    own = range(first + 20, first + 40)  # unit 2 of 3
    return [
        (r["mono_us"] - r["changed_us"]) / 1000 for r in rows
        if r["event"] == "served" and r["changed_us"] > begin_us
        and first <= int(r["bay"][2:]) <= last and int(r["bay"][2:]) not in own
    ]  # fmt: skip


def health(site, name):
    return [b for _, b in site.journal() if b["type"] == "device_health" and b["device"] == name]


def one_mode(site, check, mode):
    lines = [l for l, modes in (("tcp1", TCP), ("line1", SERIAL)) if mode in modes]
    before = {line: len(health(site, f"{line}-2")) for line in lines}
    online = {line: len(health(site, f"{line}-1") + health(site, f"{line}-3")) for line in lines}
    begin_us = site.truth()[-1]["mono_us"]
    for line in lines:
        site.sim("field", f"fault {line}/2 {mode}")
    for line in lines:
        wait_for(f"{line}-2 with {mode} is not online", lambda: device(site, f"{line}-2")["state"] != "online", 20)
    words = {line: device(site, f"{line}-2")["reason"] for line in lines}
    enough = lambda: all(len(delays_ms(site.truth(), l, mode, begin_us)) >= 40 for l in lines)
    wait_for("forty changes of the neighbours", enough, 20)
    for line in lines:
        delays = delays_ms(site.truth(), line, mode, begin_us)
        most = TCP_MOST_MS if line == "tcp1" else SERIAL_MOST_MS
        check.that(f"{mode} on {line}: the neighbours are read in time", max(delays) <= most,
                   f"worst {max(delays):.0f} ms of {most}")  # fmt: skip
        site.sim("field", f"fault {line}/2 none")
    for line in lines:
        wait_for(f"{line}-2 is back", lambda: device(site, f"{line}-2")["state"] == "online", 20)
        told = [b["state"] for b in health(site, f"{line}-2")[before[line]:]]
        check.that(f"{mode} on {line}: gone and back is told once each, with words",
                   told == ["offline", "online"] and words[line], f"{told}, {words[line]}")  # fmt: skip
        others = len(health(site, f"{line}-1") + health(site, f"{line}-3"))
        check.that(f"{mode} on {line}: the neighbours never went", others == online[line])


def replug(site, check, line):
    """A line that goes away whole, as an adapter that is pulled out or a host without power, and comes back."""
    names = [f"{line}-{unit}" for unit in (1, 2, 3)]
    before = {n: len(health(site, n)) for n in names}
    bus = lambda: next(b for b in json.loads(site.get("/api/v1/buses"))["buses"] if b["bus"] == line)
    site.sim("field", f"line {line} down")
    wait_for(f"all of {line} are missed", lambda: all(device(site, n)["state"] == "offline" for n in names), 20)
    check.that(f"{line} away: said in words", bus()["trouble"] and not bus()["open"], bus()["trouble"])
    site.sim("field", f"line {line} up")
    wait_for(f"all of {line} are back", lambda: all(device(site, n)["state"] == "online" for n in names), 20)
    told = {n: [b["state"] for b in health(site, n)[before[n]:]] for n in names}
    check.that(f"{line} back: told once each", set(map(tuple, told.values())) == {("offline", "online")}, str(told))


def main():
    site, check = Site(sys.argv[1]), Checks()
    site.start_field(
        "--tcp", "127.0.0.1:0", "--units", "3", "--bays", "20", "--pty", site.path("line"),
        "--pty-units", "3", "--pty-bays", "20", "--pty-map", "concentrator-bits", "--changes-per-s", "60",
        "--seed", "9", "--config-response-ms", str(RESPONSE_MS), uplinks=False
    )  # fmt: skip
    print("seed 9")
    # The longest a device that was given up is left alone, so that the test need not wait for it.
    with open(site.path("parkd.conf")) as f:
        text = f.read().replace("devices = (", "backoff_max_ms = 1000; devices = (")
    with open(site.path("parkd.conf"), "w") as f:
        f.write(text)
    site.start_parkd()
    wait_for("all bays are known", lambda: site.lot()["unknown"] == 0, 30)
    lines = {d["device"].rsplit("-", 1)[0] for d in site.ctl_json("devices")["devices"]}
    assert lines == {"tcp1", "line1"}, lines
    for mode in sys.argv[2:] or sorted({*TCP, *SERIAL}):
        one_mode(site, check, mode)
    for line in "tcp1", "line1":
        replug(site, check, line)
    site.settle()

    rows, truth = site.journal(), site.truth()
    served = sensed_sequences((r["bay"], r["state"]) for r in truth if r["event"] == "served")
    journal = sensed_sequences((b["bay"], b["to"]) for _, b in rows if b["type"] == "bay_changed")
    devices = {d["device"]: d for d in site.ctl_json("devices")["devices"]}
    owner = {b["bay"]: devices[b["device"]] for b in site.ctl_json("bays")["bays"]}
    # The simulator counts an answer as served when it has left; one that a machine under load, or the rest
    # of a fault, has spoilt on its way was not taken, and is in the device's counts.
    failed = {n: sum(d[k] for k in ("timeouts", "errors", "refused", "exceptions")) for n, d in devices.items()}
    good = lambda sequences: {b: s for b, s in sequences.items() if not failed[owner[b]["device"]]}
    wrong = differences(good(served), good(journal))
    check.that("where no answer failed the journal is what was served, change by change", not wrong,
               f"{len(good(served))} bays, failed answers {failed} {'; '.join(wrong[:3])}")  # fmt: skip
    broken = broken_alternation(rows)
    check.that("each bay's changes follow each other", not broken, "; ".join(broken[:3]))
    false = invented(truth, rows)
    check.that("no value of a spoilt answer was taken", not false, "; ".join(false[:3]))
    check.that("the audit finds nothing", site.audit_is_clean())
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    check.end()


main()
