#!/usr/bin/env python3
"""The pictures of one car's entry and exit, sent to four cities' platforms at once, each in its own form: ciphered
(Hangzhou), as a form field beside the cipher (Qingdao), within JSON (Hefei, Xuzhou); each after its record there,
none twice; one that is too large for a platform is refused there and taken by the others. The receivers are strict.
Usage: test_photos_cities.py [BUILD]"""

import base64
import json
import os
import sys
import time
import urllib.request

import city_receivers
from city_receivers import Key, serve
from test_photos import Lanes, drive
from whole_site import Checks, wait_for

PICTURES = ("image", "photo", "picture")
FIELDS = {"hefei": "content", "hangzhou": "file", "xuzhou": "file"}  # Qingdao's stands beside the data


def noted(receiver):
    """The same receiver, which notes what it takes in its order."""
    once = receiver.once
    receiver.order = []

    def note(kind, key, data):
        receiver.order.append((kind, key, data))
        return once(kind, key, data)

    receiver.once = note
    return receiver


class Cities(Lanes):
    def uplinks(self):
        keys = {bits: self.key(f"lot-{bits}", bits) for bits in (1024, 2048)}
        platform = self.key("platform", 1024)
        secret = self.path("secret")
        with open(secret, "w") as file:
            file.write("s3cret\n")
        os.chmod(secret, 0o600)
        lots, small = {"HF1"}, Key(self.path("lot-1024.key"), True)
        ours = Key(platform, True)
        self.receivers = {
            "hefei": city_receivers.Hefei(lots, Key(self.path("lot-2048.pub"), False), "dev1"),
            "hangzhou": city_receivers.Hangzhou(lots, small, "dev1", ours),
            "qingdao": city_receivers.Qingdao(lots, small, "dev1", ours),
            "xuzhou": city_receivers.Xuzhou(lots, "dev1", "s3cret"),
        }
        more = {"hefei": f'key_file = "{keys[2048]}";', "hangzhou": f'key_file = "{keys[1024]}";',
                "qingdao": f'key_file = "{keys[1024]}"; platform_key_file = "{self.path("platform.pub")}";',
                "xuzhou": f'secret_file = "{secret}";'}  # fmt: skip
        texts = []
        for name, receiver in self.receivers.items():
            port = serve(noted(receiver)).server_port
            texts.append(f'{{ name = "{name}"; type = "{name}"; url = "http://127.0.0.1:{port}"; '
                         f'timeout_ms = 30000; backoff_max_ms = 1000; lots = ( {{ lot = "A"; code = "HF1"; '
                         f'account = "dev1"; {more[name]} }} ); }}')  # fmt: skip
        return ",\n".join(texts)

    def pictures(self, name):
        return [data for kind, _, data in self.receivers[name].order if kind in PICTURES]

    def figures(self):
        return {u["name"]: u for u in self.ctl_json("status")["uplinks"]}

    def at_lane(self, lane):
        return next(l for l in self.ctl_json("lanes")["lanes"] if l["lane"] == lane)["state"] not in ("idle", None)

    def post(self, body):
        request = urllib.request.Request(f"http://127.0.0.1:{self.cameras_port}/cameras/in2/NotificationInfo/TollgateInfo",
                                         json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read()

    def owed(self):
        return [name for name in os.listdir(self.path("photos")) if not name.endswith(".photo")]


def each_has(site, count):
    return all(len(site.pictures(name)) >= count for name in site.receivers)


def entry_and_exit(check, site):
    drive(site, "in", "粤B10001")
    wait_for("every platform has the entry's picture", lambda: each_has(site, 1), 60)
    drive(site, "out", "粤B10001", "out")
    wait_for("every platform has the exit's picture", lambda: each_has(site, 2), 60)
    for name in site.receivers:
        order = site.receivers[name].order
        kinds = [kind for kind, _, _ in order if kind in ("in", "out") + PICTURES]
        check.that(f"{name}: each picture came once, after its record",
                   [("picture" if k in PICTURES else k) for k in kinds] == ["in", "picture", "out", "picture"], kinds)
    for name, field in FIELDS.items():
        shown = [base64.b64decode(data[field]) for data in site.pictures(name)]
        check.that(f"{name}: they are the entry's and the exit's",
                   b"in " in shown[0] and b"out " in shown[1] and all("粤B10001".encode() in s for s in shown))


def too_large(check, site):
    """The field's cameras send small ones; this one is posted as a camera posts it, before the car comes."""
    small = len(site.pictures("hefei"))
    jpeg = b"\xff\xd8\xff\xfe" + b"p" * (400 * 1024) + b"\xff\xd9"
    body = {"Picture": {"NormalPic": {"PicName": "large.jpg", "Content": base64.b64encode(jpeg).decode()},
                        "Plate": {"IsExist": True, "PlateNumber": "粤B10002", "PlateColor": "Blue", "Confidence": 97},
                        "SnapInfo": {"AccurateTime": time.strftime("%Y-%m-%d %H:%M:%S.000", time.gmtime()),
                                     "TimeZone": 0, "DSTTune": 0, "LanNo": 1, "DeviceID": "in2"}}}  # fmt: skip
    site.sim("field", "camera in2 offline on")
    site.sim("field", "car in2 粤B10002")
    wait_for("the car stands at the lane", lambda: site.at_lane("in2"), 30)
    site.post(body)
    wait_for("it is let in", lambda: site.rows("passage", plate="粤B10002"), 60)
    others = ("hangzhou", "qingdao", "xuzhou")
    wait_for("the others have its picture", lambda: all(len(site.pictures(name)) == 3 for name in others), 120)
    wait_for("Hefei's is refused", lambda: site.figures()["hefei"]["photos_refused"] == 1, 30)
    check.that("one that is too large is sent where it fits",
               base64.b64decode(site.pictures("xuzhou")[2]["file"]) == jpeg
               and base64.b64decode(site.pictures("hangzhou")[2]["file"]) == jpeg)
    check.that("and refused where it does not, counted and said",
               len(site.pictures("hefei")) == small and "the platform takes" in str(site.figures()["hefei"]["trouble"]),
               site.figures()["hefei"])
    wait_for("nobody is owed anything more", lambda: not site.owed(), 20)


def main():
    check, site = Checks(), Cities(sys.argv[1] if len(sys.argv) > 1 else "build")
    site.begin()
    time.sleep(11)  # lanes settle after a start
    entry_and_exit(check, site)
    too_large(check, site)
    for name, receiver in site.receivers.items():
        check.that(f"{name}: no breach of its protocol", not receiver.violations, receiver.violations[:2])
    check.that("the gateway stops cleanly", site.stop("parkd") == 0)
    check.that("the audit is clean", site.audit_is_clean())
    check.end()


if __name__ == "__main__":
    main()
