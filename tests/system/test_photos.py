#!/usr/bin/env python3
"""Pictures of plate reads: sealed on the disk, named by digest in the record, sent to the city's platform after
their stay's record and never before, through an outage and kill -9, and erased by age. The platform is the strict
receiver of city_receivers.py. Usage: test_photos.py [BUILD]"""

import base64
import glob
import hashlib
import json
import os
import stat
import subprocess
import sys
import time

from city_receivers import Hefei, Key, serve
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
LIMIT = 300 * 1024


class City(Hefei):
    """What arrives, in its order; `down`: it breaks on everything; `picky`: on pictures alone."""

    def __init__(self, *args):
        super().__init__(*args)
        self.order, self.images, self.down, self.picky, self.tries = [], {}, False, False, 0

    def take(self, method, target, body):
        if self.down or (self.picky and target.endswith("uploadImage")):
            self.tries += target.endswith("uploadImage")
            return {"code": 5000, "msg": "broken", "data": None, "error": None}
        return super().take(method, target, body)

    def note(self, what, data):
        self.order.append((what, data["orderId"]))

    def uploadDriveIn(self, data):
        self.note("in", data)
        return super().uploadDriveIn(data)

    def uploadDriveOut(self, data):
        self.note("out", data)
        return super().uploadDriveOut(data)

    def uploadImage(self, data):
        self.note({1: "picture in", 2: "picture out"}[data["source"]], data)
        self.images[data["orderId"], data["source"]] = base64.b64decode(data["content"])
        return super().uploadImage(data)

    def picture(self, plate, source):
        for (stay, of), jpeg in self.images.items():
            if of == source and self.entries[stay]["carPlate"] == plate:
                return jpeg
        return None


class Lanes(Site):
    def key(self, name, bits=2048):
        """A pair of RSA keys: NAME.key and NAME.pub."""
        private = self.path(name + ".key")
        subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}", "-out",
                        private], check=True, capture_output=True)  # fmt: skip
        os.chmod(private, 0o600)
        subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", self.path(name + ".pub")], check=True)
        return private

    def uplinks(self):
        key = self.key("lot")
        self.city = City({"HF1"}, Key(self.path("lot.pub"), False), "dev1")
        self.server = serve(self.city)
        return (f'{{ name = "hefei"; type = "hefei"; url = "http://127.0.0.1:{self.server.server_port}"; '
                f'heartbeat_ms = 1000; timeout_ms = 2000; backoff_max_ms = 1000; '
                f'lots = ( {{ lot = "A"; code = "HF1"; account = "dev1"; key_file = "{key}"; }} ); }}')

    def begin(self):
        with open(self.path("plan"), "w", encoding="utf-8") as file:
            file.write(PLAN)
        uplinks = self.uplinks()
        self.set_clock(0)
        self.cameras_port = free_port()
        self.start("field", f"{self.build}/parksim", "field", "--plan", self.path("plan"), "--control",
                   self.path("field.ctl"), "--truth", self.path("truth.jsonl"), "--write-config",
                   self.path("parkd.conf"), "--config-store", self.path("parkd.db"), "--config-control",
                   self.path("control.sock"), "--config-maps", f"{TOP}/config/devices",
                   "--cameras", f"127.0.0.1:{self.cameras_port}", "--occupancy", "0",
                   ready="ready")  # fmt: skip
        with open(self.path("parkd.conf"), "a", encoding="utf-8") as file:
            file.write(f'photos = {{ folder = "{self.path("photos")}"; key_file = "{self.path("photos.key")}"; '
                       f'keep_h = 24; free_mb = 1; }};\n'
                       f'uplinks = ( {uplinks} );\n')
        self.start_parkd()

    def set_clock(self, offset_ms):
        with open(self.path("clock.new"), "w") as f:
            f.write(f"{offset_ms} 1\n")
        os.rename(self.path("clock.new"), self.path("clock"))

    def start_parkd(self, *options):
        os.environ.update(LD_PRELOAD=os.path.join(self.build, "moved_clock.so"), PARKD_CLOCK=self.path("clock"))
        try:
            self.start("parkd", f"{self.build}/parkd", "--config", self.path("parkd.conf"))
        finally:
            del os.environ["LD_PRELOAD"], os.environ["PARKD_CLOCK"]
        wait_for("it is up", lambda: self.ctl_ok("status"), 20)

    def rows(self, kind, **members):
        return [r for _, r in self.journal() if r["type"] == kind
                and all(r.get(key) == value for key, value in members.items())]

    def spool(self, ending="photo"):
        return sorted(glob.glob(self.path(f"photos/*.{ending}")))

    def marks(self):
        return glob.glob(self.path("photos/*.hefei"))

    def cameras(self):
        return self.ctl_json("cameras")

    def uplink_figures(self):
        return self.ctl_json("status")["uplinks"][0]


def drive(site, lane, plate, way="in"):
    site.sim("field", f"car {lane} {plate}")
    wait_for(f"{plate} is through", lambda: site.rows("passage", plate=plate, direction=way), 60)


def sealed(check, site):
    drive(site, "in", "粤B10001")
    jpeg = wait_for("the platform has its picture", lambda: site.city.picture("粤B10001", 1), 30)
    check.that("the picture is the one that the camera sent, byte for byte",
               jpeg.startswith(b"\xff\xd8\xff") and "in 粤B10001 ".encode() in jpeg and jpeg.endswith(b"\xff\xd9"))
    [read] = site.rows("plate_read", plate="粤B10001")
    check.that("its digest stands in the read's record", read.get("images") == hashlib.sha256(jpeg).hexdigest()[:24],
               read)
    files = site.spool()
    bytes_of = b"".join(open(f, "rb").read() for f in files)
    check.that("on the disk it is sealed: no JPEG, no plate, no lane's name",
               len(files) == 1 and b"\xff\xd8\xff" not in bytes_of and "粤B".encode() not in bytes_of
               and b'"lane"' not in bytes_of, files)
    check.that("neither is it in the database or the log",
               not any(b"\xff\xd8\xff\xfe" in open(f, "rb").read() for f in glob.glob(site.path("parkd.db*")) +
                       [site.path("parkd.log")]))
    check.that("the key is its owner's alone", stat.S_IMODE(os.stat(site.path("photos.key")).st_mode) == 0o600)
    wait_for("nobody is owed it any more", lambda: not site.marks(), 10)
    stay = site.rows("stay_opened", plate="粤B10001")[0]["stay"]
    bundle = json.loads(subprocess.run([f"{site.build}/parkctl", "stay", "export", stay, "--db", site.path("parkd.db")],
                                       capture_output=True, check=True).stdout)  # fmt: skip
    check.that("the evidence of the stay names the picture",
               [p["sha256_begins"] for p in bundle["pictures"]] == [read["images"]], bundle["pictures"])


def outage(check, site):
    site.city.down = True
    drive(site, "in2", "粤B10002")
    wait_for("its picture is kept", lambda: len(site.spool()) == 2, 10)
    site.kill("parkd")
    with open(site.path("photos/") + "0" * 32 + ".new", "wb") as file:
        file.write(b"half of a pic")
    with open(site.path("photos/") + "1" * 32 + ".photo", "wb") as file:
        file.write(open(site.spool()[0], "rb").read()[:700])
    site.start_parkd()
    wait_for("leftovers are gone", lambda: len(site.spool()) == 2 and not site.spool("new"), 20)
    check.that("after kill -9 what is whole is kept, what is not is removed", True)
    time.sleep(1)
    check.that("no picture goes before its record", not site.city.picture("粤B10002", 1))
    site.city.down = False
    wait_for("the picture arrives after the outage", lambda: site.city.picture("粤B10002", 1), 60)
    check.that("the picture arrives after the outage, and is its own",
               "in2 粤B10002 ".encode() in site.city.picture("粤B10002", 1))


def owed_over_a_kill(check, site):
    site.city.picky = True
    drive(site, "out", "粤B10001", "out")
    wait_for("the exit is there", lambda: ("out", site.rows("stay_closed")[0]["stay"]) in site.city.order, 30)
    wait_for("its picture was tried", lambda: site.city.tries >= 1, 30)
    site.kill("parkd")
    check.that("who is owed what outlives the kill", len(site.marks()) == 1, site.marks())
    site.city.picky = False
    site.start_parkd()
    wait_for("the exit's picture arrives", lambda: site.city.picture("粤B10001", 2), 60)
    check.that("an exit's picture arrives too, as that of the exit's lane",
               "out 粤B10001 ".encode() in site.city.picture("粤B10001", 2))


def given_up(check, site):
    site.city.picky, site.city.tries = True, 0
    drive(site, "in", "粤B10003")
    wait_for("it is given up", lambda: site.uplink_figures()["photos_refused"] == 1, 60)
    wait_for("it is owed no more", lambda: not site.marks(), 10)
    check.that("a picture that the platform breaks on again and again is given up and counted",
               site.city.tries >= 8 and not site.marks(), site.city.tries)
    site.city.picky = False
    drive(site, "in2", "粤B10004")
    wait_for("the next one goes", lambda: site.city.picture("粤B10004", 1), 60)
    check.that("and holds no other up", not site.city.picture("粤B10003", 1))


def figures(check, site):
    wait_for("every read's picture is kept", lambda: all(c["photos_kept"] == c["reads"] for c in
                                                         site.cameras()["cameras"]), 10)
    wait_for("all are counted", lambda: site.cameras()["photos"]["count"] == len(site.spool()), 40)
    seen = {c["camera"]: c for c in site.cameras()["cameras"]}
    check.that("each camera's reads and pictures are counted",
               all(c["reads"] >= 1 and c["photos_kept"] == c["reads"] for c in (seen["in"], seen["in2"])), seen)
    check.that("its clock is compared", all(abs(c["lag_ms"]) < 15000 for c in seen.values() if c["reads"]), seen)
    check.that("all pictures are told of", site.cameras()["photos"]["count"] == len(site.spool()))
    out = site.ctl("cameras", "--lang", "en")
    check.that("parkctl cameras says the same in words", "Camera" in out and "pictures" in out, out)


def aged(check, site):
    count = len(site.spool())
    site.city.now_ms = lambda: int(time.time() * 1000) + 25 * 3600 * 1000
    site.set_clock(25 * 3600 * 1000)
    wait_for("they are erased by age", lambda: not site.spool(), 60)
    check.that("pictures are erased by age", count >= 1)
    wait_for("they are counted", lambda: site.cameras()["photos"]["aged"] == count, 40)
    check.that("and that is counted", site.cameras()["photos"]["aged"] == count, site.cameras()["photos"])
    check.that("nothing is left in their folder", os.listdir(site.path("photos")) == [])


def restart(site, old, new):
    site.stop("parkd")
    with open(site.path("parkd.conf"), encoding="utf-8") as file:
        text = file.read()
    with open(site.path("parkd.conf"), "w", encoding="utf-8") as file:
        file.write(text.replace(old, new))
    site.start_parkd()
    time.sleep(11)  # lanes settle after a start


def short_of_disk(check, site):
    """More is to stay free than the disk has: pictures go first, records go on."""
    check.that("there are some", len(site.spool()) >= 4)
    restart(site, "free_mb = 1;", "free_mb = 1048576;")
    wait_for("pictures are gone", lambda: not site.spool(), 20)
    drive(site, "in2", "粤B10006")
    stay = site.rows("stay_opened", plate="粤B10006")[0]["stay"]
    wait_for("its record is on the platform", lambda: ("in", stay) in site.city.order, 30)
    seen = wait_for("that is told", lambda: next(c for c in site.cameras()["cameras"] if c["camera"] == "in2"
                                                 and c["photos_dropped"]), 20)
    check.that("where the disk is short pictures go, records do not, and the camera's trouble says why",
               not site.spool() and seen["trouble"] == "camera_photos" and "free on the disk" in seen["advice"], seen)
    restart(site, "free_mb = 1048576;", "free_mb = 1;")
    drive(site, "in", "粤B10007")
    wait_for("pictures are kept again", lambda: len(site.spool()) == 1, 20)


def main():
    check, site = Checks(), Lanes(sys.argv[1] if len(sys.argv) > 1 else "build")
    site.begin()
    time.sleep(11)  # lanes settle after a start
    sealed(check, site)
    outage(check, site)
    time.sleep(11)
    owed_over_a_kill(check, site)
    time.sleep(11)
    given_up(check, site)
    figures(check, site)
    short_of_disk(check, site)
    check.that("the platform saw no breach of its protocol", not site.city.violations, site.city.violations[:3])
    aged(check, site)
    order = site.city.order
    check.that("every picture came after its record",
               all((what.split()[1], stay) in order[:n] for n, (what, stay) in enumerate(order) if " " in what), order)
    check.that("at the jump of both clocks it saw none but what was on its way", len(site.city.violations) <= 2 and
               all("has expired" in breach for breach in site.city.violations), site.city.violations[:3])  # fmt: skip
    check.that("the gateway stops cleanly", site.stop("parkd") == 0)
    check.that("the audit is clean", site.audit_is_clean())
    check.end()


if __name__ == "__main__":
    main()
