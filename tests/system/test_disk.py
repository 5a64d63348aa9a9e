#!/usr/bin/python3
"""Rules 3 (journal before tell), 13, 17: a disk that is full stops nothing but the telling. parkd says so, keeps
what it must write in memory, tells nobody what is not on the disk, and when there is room again all of it is
written and told; if it is stopped or killed meanwhile, the journal is whole all the same.
Usage: test_disk.py BUILD"""

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

from whole_site import Checks, Site, broken_alternation, differences, invented, sensed_sequences, wait_for


class Disk:
    """A small one of our own, with a file that can take all that is left."""

    def __init__(self, site):
        self.path, self.filler = site.path("disk"), site.path("disk/filler")
        os.mkdir(self.path)
        self.mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m,mode=700", "tmpfs", self.path],
                                      capture_output=True).returncode == 0  # fmt: skip

    def fill(self):
        with open(self.filler, "ab", 0) as f:
            for size in 65536, 4096, 1:
                try:
                    while f.write(b"x" * size):
                        pass
                except OSError:
                    continue

    def free(self):
        os.remove(self.filler)

    def close(self):
        if self.mounted:
            subprocess.run(["umount", "-l", self.path], check=False)


def ready(site):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{site.page_port}/readyz", timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def store(site):
    return site.ctl_json("status")["store"]


def trouble(site):
    return wait_for("the full disk is noticed", lambda: store(site)["trouble"], 15)


def full_for_a_while(site, check, disk):
    disk.fill()
    words = trouble(site)
    check.that("a full disk is told, with what to do", "full" in words or "space" in words, words)
    check.that("and not ready", ready(site) == 503)
    head = store(site)["head"]
    wait_for("records wait in memory", lambda: store(site)["waiting"] > 300, 20)
    told = max(b["seq"] for _, _, b in site.received())
    check.that("nothing is told that is not on the disk", told <= head == store(site)["head"], f"told {told}, on disk {head}")
    site.start("act", f"{site.build}/parkctl", "bays", "out", "A-0001", "--reason", "x", "--socket", site.path("control.sock"))
    waiting = store(site)["waiting"]
    wait_for("it has arrived, or time has gone by", lambda: store(site)["waiting"] > waiting + 100, 20)
    check.that("a person's act is not said to be done", site.processes["act"].poll() is None)
    disk.free()
    check.that("before it is", site.processes["act"].wait(20) == 0 and "operator" in {b["type"] for _, b in site.journal()})
    wait_for("all is written", lambda: store(site)["waiting"] == 0 and not store(site)["trouble"], 20)
    site.ctl("bays", "in", "A-0001")
    site.settle()
    rows, truth = site.journal(), site.truth()
    served = sensed_sequences((r["bay"], r["state"]) for r in truth if r["event"] == "served" and r["bay"] != "A-0001")
    journal = sensed_sequences((b["bay"], b["to"]) for _, b in rows if b["type"] == "bay_changed" and b["bay"] != "A-0001")
    wrong = differences(served, journal)
    check.that("no change of the meantime is lost", not wrong, "; ".join(wrong[:3]))
    losses = [b for _, b in rows if b["type"] == "loss"]
    check.that("none had to be given up", not losses, str(losses))
    check.that("ready again", ready(site) == 200)


def ballast(site, check, disk):
    """The first step: before anything waits, the ballast is given up; it comes back with the room."""
    site.stop("parkd")
    put = lambda mb: open(site.path("parkd.conf"), "w").write(text.replace("store = {", f"store = {{ ballast_mb = {mb};"))
    with open(site.path("parkd.conf")) as f:
        text = f.read()
    file = disk.path + "/parkd.db-ballast"
    put(2)
    site.start_parkd()
    wait_for("the ballast lies on the disk", lambda: os.path.exists(file) and os.path.getsize(file) == 2 << 20, 10)
    disk.fill()
    head = store(site)["head"]
    wait_for("the ballast is given up", lambda: not os.path.exists(file), 20)
    wait_for("records are written on", lambda: store(site)["head"] > head + 200, 20)
    check.that("a full disk costs the ballast first, and no record waits", not store(site)["trouble"], str(store(site)))
    check.that("it is told", "ballast of 2 MB was given up" in site.log("parkd"))
    disk.free()
    site.sim("field", "rate 0")
    wait_for("the ballast is back once there is room", lambda: os.path.exists(file), 30)
    site.stop("parkd")
    os.remove(file)
    put(0)
    site.sim("field", "rate 100")
    site.start_parkd()


def start_worn(site, **how):
    """Starts parkd on a disk that is as `how` says; false where that cannot be done."""
    shim = os.path.join(site.build, "worn_disk.so")
    if not os.path.exists(shim):
        print("-- without build/worn_disk.so (make faults) no disk is worn")
        return False
    site.stop("parkd")
    os.environ.update(LD_PRELOAD=shim, **how)
    try:
        site.start("parkd", f"{site.build}/parkd", "--config", site.path("parkd.conf"))
    finally:
        for name in "LD_PRELOAD", *how:
            del os.environ[name]
    wait_for("it is up", lambda: site.ctl_ok("status"), 60)
    return True


def read_only(site, check):
    """What a kernel does to a disk that it no longer trusts; and back."""
    mark = site.path("read-only")
    if not start_worn(site, PARKD_READ_ONLY=mark):
        return
    site.sim("field", "rate 100")
    open(mark, "w").close()
    words = trouble(site)
    check.that("a disk that became read-only is told", "disk" in words, words)
    head = store(site)["head"]
    wait_for("records wait in memory", lambda: store(site)["waiting"] > 100, 20)
    told = max(b["seq"] for _, _, b in site.received())
    check.that("nothing is told that is not on it", told <= head == store(site)["head"], f"told {told}, on disk {head}")
    os.remove(mark)
    wait_for("all is written", lambda: store(site)["waiting"] < 50 and not store(site)["trouble"], 20)
    check.that("writable again, nothing was given up", not [b for _, b in site.journal() if b["type"] == "loss"])


def slow(site, check):
    """A worn card that takes 2 s for each sync: later, but whole, and the page is as quick as ever."""
    if not start_worn(site, PARKD_SYNC_MS="2000"):
        return
    head = store(site)["head"]
    worst = early = 0
    for _ in range(40):
        began = time.monotonic()
        state = store(site)
        worst = max(worst, time.monotonic() - began)
        told = max(b["seq"] for _, _, b in site.received())
        early += told > max(state["head"], store(site)["head"])
    wait_for("records are written, slowly", lambda: store(site)["head"] > head + 50, 60)
    check.that("a sync of 2 s holds up no answer", worst < 1, f"worst {worst * 1000:.0f} ms")
    check.that("nothing is told before it is synced", early == 0)
    check.that("and is not taken for a hang", "watchdog" not in site.log("parkd"))
    site.stop("parkd", seconds=60)
    check.that("the journal is whole", site.audit_is_clean())
    site.start_parkd()


def ended_while_full(site, check, disk, end):
    site.sim("field", "rate 200")
    head = store(site)["head"]
    wait_for("traffic", lambda: store(site)["head"] > head + 100, 10)
    disk.fill()
    trouble(site)
    wait_for("records wait", lambda: store(site)["waiting"] > 50, 20)
    code = end()
    check.that("the file that is left proves itself", site.audit_is_clean())
    disk.free()
    site.start_parkd()
    site.settle()
    return code


def main():
    site, check = Site(sys.argv[1]), Checks()
    disk = Disk(site)
    if not disk.mounted:
        print("a disk of our own cannot be mounted here; nothing was looked at")
        check.end()
    try:
        site.start_broker()
        site.subscribe()
        site.start_city()
        site.start_field("--tcp", "127.0.0.1:0", "--ports", "2", "--units", "2", "--bays", "25", "--changes-per-s", "100",
                         "--seed", "8")  # fmt: skip
        print("seed 8")
        with open(site.path("parkd.conf")) as f:
            text = f.read().replace(site.path("parkd.db"), disk.path + "/parkd.db")
        with open(site.path("parkd.conf"), "w") as f:
            f.write(text)
        os.symlink(disk.path + "/parkd.db", site.path("parkd.db"))
        site.start_parkd()
        wait_for("all bays are known", lambda: site.lot()["unknown"] == 0, 20)
        ballast(site, check, disk)
        full_for_a_while(site, check, disk)
        code = ended_while_full(site, check, disk, lambda: site.stop("parkd", seconds=30))
        given_up = re.search(r"error: .*could not be written before the end", site.log("parkd"))
        check.that("told to stop with a full disk, it stops, and says what it gives up", code is not None and given_up,
                   f"exit {code}, {given_up and given_up.group()}")  # fmt: skip
        ended_while_full(site, check, disk, lambda: site.kill("parkd"))
        read_only(site, check)
        slow(site, check)
        site.settle()
        rows = site.journal()
        broken, false = broken_alternation(rows), invented(site.truth(), rows)
        check.that("each bay's changes follow each other", not broken, "; ".join(broken[:3]))
        check.that("no change was invented", not false, "; ".join(false[:3]))
        wait_for("the subscriber has it all",
                 lambda: {b["seq"] for _, _, b in site.received()} >= {s for s, _ in rows}, 20)  # fmt: skip
        site.check_subscriber(check, rows)
        site.check_platform(check, rows)
        check.note("disk in trouble", "full with and without ballast, stopped and killed while full, read-only, slow", 6,
                   site.sums(rows), 8)  # fmt: skip
        check.that("the audit finds nothing", site.audit_is_clean())
        check.that("parkd ends cleanly", site.stop("parkd") == 0)
    finally:
        site.close()
        disk.close()
    check.end()


main()
