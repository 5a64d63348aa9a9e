#!/usr/bin/python3
"""A sensor is recalibrated through either network server: recorded, then sent once, queued, on the air with the
sensor's next message, acknowledged with the one after, and verified by the next that says free; a server that
refuses is asked three times in all, a sensor that says that it failed is believed, a car over the bay shows. What
was under way at a kill is unknown afterwards and is not sent again. Where no bytes are known the maker's tool is
named. Usage: test_downlink.py BUILD"""

import json
import os
import subprocess
import sys
import time

from whole_site import Checks, Site, wait_for


class Street:
    """parksim's sensors of one make behind one server, and parkd's configuration for them."""

    def __init__(self, server, make, answer="ack", heartbeat_ms=1500):
        self.site = Site(sys.argv[1])
        self.site.start_broker()
        self.command = [f"{self.site.build}/parksim", "radio", "--server", server, "--make", make, "--sensors", "2",
                        "--broker", f"127.0.0.1:{self.site.broker_port}", "--lost", "0", "--twice", "0", "--late", "0",
                        "--changes-per-s", "0"]  # fmt: skip
        path = self.site.path
        subprocess.run([*self.command, "--write-config", path("radio.conf")], check=True)
        with open(path("parkd.conf"), "w") as f:
            f.write(
                f'site = {{ id = "t"; zone = "Asia/Shanghai"; }};\nstore = {{ path = "{path("parkd.db")}"; }};\n'
                f'serve = {{ control = "{path("control.sock")}"; }};\n@include "radio.conf"\n'
            )
        self.site.start_parkd()
        self.site.start("street", *self.command, "--answer", answer, "--seconds", "600", "--heartbeat-ms",
                        str(heartbeat_ms))  # fmt: skip
        wait_for("both sensors are heard", lambda: all(d["state"] == "online" for d in self.devices()), 20)

    def devices(self):
        return self.site.ctl_json("devices")["devices"]

    def asked(self, n=0):
        return self.devices()[n].get("asked") or {}

    def ends_as(self, state, seconds=40):
        try:
            wait_for(f"it is {state}", lambda: self.asked().get("state") == state, seconds)
        except AssertionError:
            pass
        return self.asked().get("state") == state

    def ctl(self, *words, stdin=subprocess.DEVNULL):
        run = subprocess.run([f"{self.site.build}/parkctl", *words, "--socket", self.site.path("control.sock")],
                             capture_output=True, text=True, stdin=stdin, timeout=30)  # fmt: skip
        return run.returncode, run.stdout + run.stderr

    def sent(self):
        """What came at the server."""
        return [line.split(" ", 2)[1:] for line in self.site.log("street").splitlines() if line.startswith("down ")]

    def words(self):
        """The stations on record, after the operator's act."""
        return [b["reason"] for _, b in self.site.journal() if b["type"] == "device_health" and ": " in b["reason"]]


def whole_way(check, server, make, port, data):
    street = Street(server, make)
    code, said = street.ctl("device", "recalibrate", "A-0001", "--empty", "--reason", "stuck occupied")
    check.that(f"{server}, {make}: asked, and told what comes next", code == 0 and "within" in said, said.strip())
    code, said = street.ctl("device", "recalibrate", "A-0001", "--empty")
    check.that("one is under way at a time", code == 1 and "under way" in said, said.strip())
    check.that("it ends as done", street.ends_as("done"), str(street.asked()))
    sent = street.sent()
    topic, body = sent[0][0], json.loads(sent[0][1])
    down = body["downlinks"][0] if server == "tts" else body
    check.that("it was sent once, where the server takes it", len(sent) == 1 and
               topic.endswith("/down/push" if server == "tts" else "/command/down"), topic)  # fmt: skip
    check.that("with the bytes, the port and the wish to be acknowledged",
               (down.get("frm_payload") or down.get("data"), down.get("f_port") or down.get("fPort"),
                down["confirmed"]) == (data, port, True), str(down))  # fmt: skip
    words = street.words()
    check.that("each station is on record", words == [f"{w}: recalibrate" for w in
               ("asked", "queued", "sent", "acknowledged", "done")], str(words))  # fmt: skip
    acts = [b for _, b in street.site.journal() if b["type"] == "operator"]
    check.that("and who asked, and why", len(acts) == 1 and acts[0]["act"] == "recalibrate"
               and acts[0]["subject"] == "A-0001" and acts[0]["reason"] == "stuck occupied", str(acts))  # fmt: skip
    code, table = street.ctl("devices", "--lang", "en")
    check.that("parkctl devices shows it", "recalibrate: done" in table, table)
    check.that("the audit is clean", street.site.audit_is_clean())
    street.site.close()


def failures(check):
    street = Street("chirpstack", "pni", answer="fails", heartbeat_ms=300)
    street.ctl("device", "recalibrate", "A-0001", "--empty")
    check.that("a sensor that says it failed is believed", street.ends_as("failed") and
               "did not work" in street.asked()["words"], str(street.asked()))  # fmt: skip
    street.site.close()
    for server, words in ("tts", "could not bring it"), ("chirpstack", "could not bring it"):
        street = Street(server, "tekzitel", answer="nack", heartbeat_ms=300)
        street.ctl("device", "recalibrate", "A-0001", "--empty")
        check.that(f"{server}: it is sent three times in all", street.ends_as("failed") and len(street.sent()) == 3 and
                   words in street.asked()["words"], f"{len(street.sent())} times, {street.asked()}")  # fmt: skip
        ids = {body for _, body in street.sent()}
        check.that("each attempt with an id of its own", len(ids) == 3)
        street.site.close()
    street = Street("tts", "tekzitel", answer="never", heartbeat_ms=200)
    street.ctl("device", "recalibrate", "A-0001", "--empty")
    check.that("a sensor that never acknowledges is given up, with the next step", street.ends_as("failed") and
               "does not acknowledge" in street.asked()["words"], str(street.asked()))  # fmt: skip
    street.site.close()


def killed_meanwhile(check):
    street = Street("chirpstack", "tekzitel", heartbeat_ms=1000000)
    site = street.site
    street.ctl("device", "recalibrate", "A-0001", "--empty")
    wait_for("it is queued", lambda: street.asked().get("state") == "queued", 10)
    site.kill("parkd")
    os.unlink(site.path("control.sock"))
    site.start_parkd()
    check.that("what was under way at a kill is unknown", street.asked().get("state") == "unknown",
               str(street.asked()))  # fmt: skip
    time.sleep(1)  # it would be sent at once
    check.that("and is not sent again", len(street.sent()) == 1, str(len(street.sent())))
    check.that("and that is on record", street.words()[-1] == "unknown: recalibrate", str(street.words()))
    site.stop("parkd")
    site.start_parkd()
    check.that("once", street.words().count("unknown: recalibrate") == 1 and not street.asked(), str(street.words()))
    code, said = street.ctl("device", "recalibrate", "A-0001", "--empty")  # its first message was retained
    check.that("it can be asked again", code == 0 and street.ends_as("queued"), said.strip())
    site.close()


def refusals(check):
    street = Street("tts", "mixed")
    code, said = street.ctl("device", "recalibrate", "A-0001")
    check.that("nobody recalibrates without having looked", code == 2 and "--empty" in said, said.strip())
    code, said = street.ctl("device", "recalibrate", "A-0001", "--empty")
    check.that("where no bytes are known the maker's tool is named", code == 1 and "Bosch's commissioning tool" in said
               and said.strip().endswith("the sensor's recalibrate"),
               said.strip())  # fmt: skip
    code, said = street.ctl("device", "set", "A-0002", "upload_h", "24")
    check.that("also of parameters", code == 1 and "Nwave's mobile app" in said, said.strip())
    code, said = street.ctl("device", "recalibrate", "A-9999", "--empty")
    check.that("a bay that is not there is told", code == 1 and "no such bay" in said, said.strip())
    check.that("nothing of it is on record, nothing was sent", street.words() == [] and street.sent() == [])
    street.site.close()


def main():
    check = Checks()
    whole_way(check, "tts", "tekzitel", 3, "I2QqSVY7UrA=")
    whole_way(check, "chirpstack", "pni", 2, "AQ==")
    failures(check)
    killed_meanwhile(check)
    refusals(check)
    check.end()


main()
