#!/usr/bin/python3
"""Rules 4, 7, 17, 19: a start that cannot be is refused in words, whole and at once; two daemons never share a
database; a stop takes seconds, whatever hangs; and what a gateway knew is there again after a start.
Usage: test_start_stop.py BUILD"""

import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time

from whole_site import Checks, Site, free_port, wait_for

SEED = 31


class Hole:
    """Accepts connections and says nothing, for ever."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port, self.held = self.socket.getsockname()[1], []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            self.held.append(self.socket.accept()[0])


def refused(site, *options, config="parkd.conf"):
    """(exit code, what it said) of a start that is expected to fail."""
    done = subprocess.run([f"{site.build}/parkd", "--config", site.path(config), *options], capture_output=True, text=True,
                          timeout=20)  # fmt: skip
    return done.returncode, (done.stdout + done.stderr).strip()


def told(check, what, result, *words):
    code, said = result
    check.that(f"{what}: refused, in words", code == 1 and all(w in said for w in words), f"{code}: {said[-300:]}")


def second_daemon(site, check):
    status = site.ctl_json("status")["started"]
    told(check, "a second daemon of the same site", refused(site), "parkd")
    with open(site.path("parkd.conf")) as f:
        text = f.read()
    with open(site.path("other.conf"), "w") as f:
        f.write(text.replace("parkd.db", "other.db"))
    told(check, "one with a database of its own, but the same port", refused(site, config="other.conf"), "listen")
    with open(site.path("other.conf"), "w") as f:
        f.write(text.replace("parkd.db", "other.db").replace(f"127.0.0.1:{site.page_port}", f"127.0.0.1:{free_port()}"))
    told(check, "one with the same control socket", refused(site, config="other.conf"), "control.sock")
    check.that("the first goes on as before, and parkctl reaches it", site.ctl_json("status")["started"] == status)


def set_aside(site, check, what):
    """Damage stops no service: the file is kept under another name, and a fresh one says what is lost."""
    site.start_parkd()
    kept = [name for name in os.listdir(site.dir) if name.startswith("parkd.db.damaged-")]
    losses = [body for _, body in site.journal() if body["type"] == "loss"]
    site.stop("parkd")
    check.that(f"{what}: set aside, the loss declared", len([n for n in kept if n[-1].isdigit()]) == 1 and
               len(losses) == 1, f"{kept}, {losses}")  # fmt: skip
    for name in kept:
        os.remove(site.path(name))


def damaged(site, check):
    """What may lie in the place of the database."""
    whole = site.path("whole.db")
    shutil.copy(site.path("parkd.db"), whole)
    put = lambda data: open(site.path("parkd.db"), "wb").write(data)
    with open(whole, "rb") as f:
        data = f.read()
    clean = lambda: [os.remove(site.path(f"parkd.db{e}")) for e in ("-wal", "-shm") if os.path.exists(site.path(f"parkd.db{e}"))]
    clean()
    put(b"this is no database, it is a letter " * 500)
    set_aside(site, check, "a file that is no database, where ours was")
    known = site.path("parkd.db-acknowledged")
    os.remove(known)
    put(b"this is no database, it is a letter " * 500)
    told(check, "a file that is no database, where none of ours was", refused(site), "parkd.db")
    os.remove(known)
    put(b"SQLite format 3\0" + bytes(5000))
    set_aside(site, check, "a file that only begins like one")
    put(data[: len(data) // 2])
    set_aside(site, check, "half of a database")
    other = sqlite3.connect(site.path("strange.db"))
    other.execute("CREATE TABLE journal(x)")
    other.commit()
    other.close()
    shutil.copy(site.path("strange.db"), site.path("parkd.db"))
    told(check, "somebody else's database", refused(site), "parkd.db")
    shutil.copy(whole, site.path("parkd.db"))
    newer = sqlite3.connect(site.path("parkd.db"))
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    told(check, "a database of a newer parkd", refused(site), "schema")
    shutil.copy(whole, site.path("parkd.db"))
    tampered = sqlite3.connect(site.path("parkd.db"))
    tampered.execute("UPDATE journal SET body = replace(body, 'started', 'STARTED') WHERE seq = (SELECT max(seq) FROM journal)")
    tampered.execute("UPDATE journal SET body = replace(body, 'stopped', 'STOPPED') WHERE seq = (SELECT max(seq) FROM journal)")
    tampered.commit()
    tampered.close()
    set_aside(site, check, "a journal whose newest record was changed")
    shutil.copy(whole, site.path("parkd.db"))
    tampered = sqlite3.connect(site.path("parkd.db"))
    tampered.execute("UPDATE journal SET body = replace(body, 'occupied', 'free') WHERE seq = 20")
    tampered.commit()
    tampered.close()
    audit = subprocess.run([f"{site.build}/parkctl", "audit", "--db", site.path("parkd.db")], capture_output=True, text=True)
    check.that("a record that was changed in the middle: the audit names it", audit.returncode == 1 and "20" in audit.stdout,
               audit.stdout[:300])  # fmt: skip
    dice, crashes = random.Random(SEED), []
    for turn in range(20):
        spoilt = bytearray(data)
        for _ in range(dice.randrange(1, 40)):
            spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
        put(bytes(spoilt))
        clean()
        audit = subprocess.run([f"{site.build}/parkctl", "audit", "--db", site.path("parkd.db")], capture_output=True, timeout=60)
        site.start("spoilt", f"{site.build}/parkd", "--config", site.path("parkd.conf"))
        wait_for("it has ended or is up", lambda: site.processes["spoilt"].poll() is not None or site.ctl_ok("status"), 10)
        code = site.stop("spoilt")
        if audit.returncode not in (0, 1) or code not in (0, 1):
            crashes.append((turn, audit.returncode, code))
    check.that("twenty spoilt databases: neither parkd nor the audit crashes", not crashes, str(crashes))
    shutil.copy(whole, site.path("parkd.db"))
    clean()


def knows(site, check):
    """A start from what is on the disk: states, places out of service, who is away."""
    site.ctl("bays", "out", "A-0002", "--reason", "works")
    before = {b["bay"]: (b["state"], b["since"]) for b in site.ctl_json("bays")["bays"]}
    rows = len(site.journal())
    site.stop("parkd")
    site.start_parkd()
    wait_for("all is read", lambda: all(d["answers"] > 1 for d in site.ctl_json("devices")["devices"]), 20)
    after = {b["bay"]: (b["state"], b["since"]) for b in site.ctl_json("bays")["bays"]}
    check.that("every bay is as it was, since when it was", after == before)
    new = [b["type"] for _, b in site.journal()[rows:]]
    check.that("and a restart is recorded, nothing else", new == ["gateway", "gateway"], str(new))
    site.ctl("bays", "in", "A-0002")


def stop_with_holes(site, check):
    hole = Hole()
    with open(site.path("parkd.conf")) as f:
        text = f.read()
    for port in site.broker_port, site.city_port, site.bus_port:
        text = text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{hole.port}").replace(f"port = {port};", f"port = {hole.port};")
    with open(site.path("holes.conf"), "w") as f:
        f.write(text)
    for number in signal.SIGTERM, signal.SIGINT:
        site.start("parkd", f"{site.build}/parkd", "--config", site.path("holes.conf"), ready=lambda: site.ctl_ok("status"))
        count = len(hole.held)
        wait_for("it hangs on all three", lambda: len(hole.held) >= 3, 10)
        begin = time.monotonic()
        code = site.stop("parkd", number)
        took = time.monotonic() - begin
        check.that(f"{number.name} with broker, platform and bus hanging: it stops in seconds", code == 0 and took < 8,
                   f"{took:.1f} s, {count}")  # fmt: skip
    crashed = []
    dice = random.Random(SEED)
    for turn in range(15):  # at any moment of a start
        site.start("parkd", f"{site.build}/parkd", "--config", site.path("parkd.conf"))
        time.sleep(dice.uniform(0, 0.1))
        code = site.stop("parkd", dice.choice((signal.SIGTERM, signal.SIGINT)))
        if code not in (0, -signal.SIGTERM, -signal.SIGINT):  # before it has taken its signals, the kernel ends it
            crashed.append(code)
    check.that("told to stop at any moment of its start, it stops", not crashed, str(crashed))


def main():
    site, check = Site(sys.argv[1]), Checks()
    site.start_broker()
    site.start_city()
    site.start_field("--tcp", "127.0.0.1:0", "--bays", "20", "--changes-per-s", "20", "--seed", "1")
    print(f"seed {SEED}")
    site.bus_port = int(site.log("field").split("tcp 127.0.0.1 ")[1].split()[0])
    site.start_parkd()
    wait_for("all bays are known", lambda: site.lot()["unknown"] == 0, 20)
    wait_for("some history", lambda: site.ctl_json("status")["store"]["head"] > 60, 20)
    site.settle()
    second_daemon(site, check)
    knows(site, check)
    site.stop("parkd")
    damaged(site, check)
    stop_with_holes(site, check)
    site.start_parkd()
    site.settle()
    check.that("after all of it the audit finds nothing", site.audit_is_clean())
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    check.end()


main()
