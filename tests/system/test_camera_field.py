#!/usr/bin/env python3
"""The simulated cameras at lanes with booms: cars are read, let in, and parked; a camera whose answers are
lost sends again, one that is cut off stores and sends later. Each car is one stay, no boom moves for an old
read, and no camera finds an answer wrong. Usage: test_camera_field.py [BUILD]"""

import json
import sqlite3
import sys
import time

from plates import resolver
from whole_site import TOP, Checks, Site, free_port, wait_for

PLAN = """site demo "Demo" Asia/Shanghai
lot A "Lot"
zone Z "Zone" 20
parking A lanes
line net tcp 127.0.0.1:0
barrier in 1 relay-board 0
barrier out 1 relay-board 1
barrier in2 2 relay-board 0
lane in A in
lane out A out
lane in2 A in
camera in vzenith
camera out hikvision
camera in2 dahua
units 5 5 concentrator-words 20 A 1
"""


class Lanes(Site):
    def begin(self):
        self.start_broker()
        with open(self.path("plan"), "w", encoding="utf-8") as file:
            file.write(PLAN)
        self.start("field", f"{self.build}/parksim", "field", "--plan", self.path("plan"), "--control",
                   self.path("field.ctl"), "--truth", self.path("truth.jsonl"), "--write-config",
                   self.path("parkd.conf"), "--config-store", self.path("parkd.db"), "--config-control",
                   self.path("control.sock"), "--config-maps", f"{TOP}/config/devices",
                   "--cameras", f"127.0.0.1:{free_port()}", "--occupancy", "0",
                   ready="ready")  # fmt: skip
        self.start_parkd()

    def camera(self, lane):
        return json.loads(self.sim("field", f"camera {lane} status"))

    def rows(self, kind, **members):
        return [r for r in self.bodies() if r["type"] == kind and all(r.get(k) == v for k, v in members.items())]

    def bodies(self):
        with sqlite3.connect(f"file:{self.path('parkd.db')}?mode=ro", uri=True) as db:
            show = resolver(db, self.path("parkd.db"))
            return [json.loads(show(row[0])) for row in db.execute("select body from journal order by seq")]


def ordinary(check, site):
    site.sim("field", "car in 粤B10001")
    wait_for("the car is in", lambda: site.rows("passage", plate="粤B10001"), 40)
    check.that("a car that the camera read is let in, and is one passage and one stay",
               len(site.rows("passage", plate="粤B10001")) == 1
               and len(site.rows("stay_opened", plate="粤B10001")) == 1)
    site.sim("field", "camera in2 deaf 3")
    site.sim("field", "car in2 粤B10002")
    wait_for("the next car is in", lambda: site.rows("passage", plate="粤B10002"), 40)
    wait_for("its camera is content", lambda: site.camera("in2")["waiting"] == 0, 30)
    seen = site.camera("in2")
    check.that("a read whose answers are lost comes again and is one record",
               seen["again"] >= 3 and len(site.rows("plate_read", plate="粤B10002")) == 1, seen)


def cut_off(check, site):
    opens = json.loads(site.sim("field", "barrier in"))["opens"]
    site.sim("field", "camera in offline on")
    for n in range(5):
        site.sim("field", f"camera in read 粤B2000{n}")
    wait_for("they are stored", lambda: site.camera("in")["stored"] == 5, 30)
    site.sim("field", "camera in offline off")
    wait_for("they are sent one by one", lambda: site.camera("in")["waiting"] == 0, 30)
    reads = [r for n in range(5) for r in site.rows("plate_read", plate=f"粤B2000{n}")]
    check.that("stored reads arrive once each, in order, as history",
               [r["plate"] for r in reads] == [f"粤B2000{n}" for n in range(5)]
               and all(r["offline"] for r in reads), reads)
    check.that("no boom moved for them", json.loads(site.sim("field", "barrier in"))["opens"] == opens)


def restarted(check, site):
    site.sim("field", "camera in read 粤B30001")
    site.kill("parkd")
    site.sim("field", "camera in2 read 粤B30002")
    time.sleep(1)
    site.start_parkd()
    wait_for("both cameras are content", lambda: site.camera("in")["waiting"] == 0
             and site.camera("in2")["waiting"] == 0, 40)
    check.that("after a kill what was not answered is one record each",
               [len(site.rows("plate_read", plate=p)) for p in ("粤B30001", "粤B30002")] == [1, 1])


def leaving(check, site):
    site.sim("field", "car out 粤B10001")
    wait_for("the car is out", lambda: site.rows("passage", plate="粤B10001", direction="out"), 60)
    check.that("a car that leaves is read by the exit's camera and let out",
               len(site.rows("stay_closed")) == 1, site.rows("stay_closed"))


def main():
    check, site = Checks(), Lanes(sys.argv[1] if len(sys.argv) > 1 else "build")
    site.begin()
    time.sleep(11)  # lanes settle after a start
    for part in (ordinary, cut_off, leaving, restarted):
        part(check, site)
    seen = {lane: site.camera(lane) for lane in ("in", "in2", "out")}
    check.that("no camera found an answer wrong", all(s["wrong"] == 0 for s in seen.values()), seen)
    check.that("no camera was told to open, where a board opens", all(s["opened"] == 0 for s in seen.values()))
    check.that("the gateway stops cleanly", site.stop("parkd") == 0)
    site.audit_is_clean()
    check.end()


if __name__ == "__main__":
    main()
