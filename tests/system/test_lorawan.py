#!/usr/bin/python3
"""Sensors behind a network server's broker, in plain TCP and TLS. An acknowledgement leaves after the commit: a
daemon killed between receipt and commit is handed the message again, and the change is on record once; what is
sent twice, late or retained changes nothing; frames that do not decode are counted and change no bay; and 500
messages a second are committed and acknowledged without a growing queue. Usage: test_lorawan.py BUILD [SECONDS]"""

import base64
import datetime
import json
import os
import subprocess
import sys
import time

from whole_site import Checks, Site, wait_for

SECONDS = int(sys.argv[2]) if len(sys.argv) > 2 else 6
RATE, SENSORS = 500, 20


def eui(n):
    return f"70b3d57ed00000{n:02x}"


def topic(n):
    return f"application/1/device/{eui(n)}/event/up"


def uplink(n, counter, frame, port=1, at=None):
    at = at or datetime.datetime.now(datetime.timezone.utc)
    return json.dumps({
        "deduplicationId": f"{n}-{counter}", "time": at.isoformat(), "devAddr": "01fd9738", "fCnt": counter,
        "deviceInfo": {"devEui": eui(n)}, "fPort": port, "data": base64.b64encode(frame).decode(),
        "rxInfo": [{"rssi": -90, "snr": 6.5, "gwTime": "1971-01-01T00:00:00Z"}],
    })  # fmt: skip


class Network:
    """The broker of a network server, and parkd's configuration for it."""

    def __init__(self, site, tls):
        self.site, self.tls = site, tls
        self.flags = ["-h", "127.0.0.1", "-p", str(site.broker_port), "-q", "1"]
        if tls:
            site.make_certificates()
            self.flags += ["--cafile", site.path("ca.pem")]

    def start(self):
        path = self.site.path
        lines = [f"listener {self.site.broker_port} 127.0.0.1", "allow_anonymous true", "persistence true",
                 f"persistence_location {self.site.dir}/", "user root", "max_queued_messages 0"]  # fmt: skip
        if self.tls:
            lines += [f"certfile {path('city.pem')}", f"keyfile {path('city.key')}"]
        with open(path("broker.conf"), "w") as f:
            f.write("\n".join(lines) + "\n")
        self.site.start("broker", "mosquitto", "-c", path("broker.conf"), ready=self.site.broker_answers)

    def configure(self, gather_ms):
        path, scheme = self.site.path, "mqtts" if self.tls else "mqtt"
        tls = f'tls = {{ ca_file = "{path("ca.pem")}"; }}; ' if self.tls else ""
        sensors = ",".join(
            f'{{ id = "s{n}"; address = "{eui(n)}"; bay = "A-{n:03d}"; driver = "bosch/tps110"; }}'
            for n in range(1, SENSORS + 1)
        )
        with open(path("parkd.conf"), "w") as f:
            f.write(
                f'site = {{ id = "t"; zone = "Asia/Shanghai"; }};\nserve = {{ control = "{path("control.sock")}"; }};\n'
                f'store = {{ path = "{path("parkd.db")}"; gather_ms = {gather_ms}; }};\n'
                f'lots = ( {{ id = "A"; zones = ( {{ id = "A1"; bays = "A-001..A-{SENSORS:03d}"; }} ); }} );\n'
                f'networks = ( {{ id = "lns"; type = "chirpstack"; url = "{scheme}://127.0.0.1:{self.site.broker_port}"; '
                f"{tls}sensors = ( {sensors} ); }} );\n"
            )

    def publish(self, n, message, *flags):
        subprocess.run(["mosquitto_pub", *self.flags, *flags, "-t", topic(n), "-m", message], check=True, timeout=20)


def changes(site, bay):
    return [b["to"] for _, b in site.journal() if b["type"] == "bay_changed" and b["bay"] == bay]


def bay(site, n):
    return next(b for b in site.ctl_json("bays")["bays"] if b["bay"] == f"A-{n:03d}")


def kill_before_commit(site, check, network, words):
    network.configure(gather_ms=1000)
    site.start_parkd()
    wait_for("parkd is connected", lambda: '"lns": connected' in site.log("parkd"), 20)
    time.sleep(0.3)  # its subscription
    message = uplink(1, 10, b"\x01")
    network.publish(1, message)
    wait_for("the message is received", lambda: 'sensor "s1": online' in site.log("parkd"), 10)
    site.kill("parkd")
    check.that(f"{words}: killed before the commit, nothing is on record", changes(site, "A-001") == [])
    network.configure(gather_ms=0)
    os.unlink(site.path("control.sock"))
    site.start_parkd()
    wait_for("the message comes again", lambda: bay(site, 1)["state"] == "occupied", 20)
    network.publish(1, message)
    network.publish(1, uplink(1, 11, b"\x00"))
    network.publish(1, message)
    wait_for("the next message is taken", lambda: bay(site, 1)["state"] == "free", 10)
    site.stop("parkd")
    site.start_parkd()
    network.publish(1, message)
    network.publish(2, uplink(2, 1, b"\x01"))
    wait_for("the other sensor is heard", lambda: bay(site, 2)["state"] == "occupied", 10)
    found = changes(site, "A-001")
    check.that(f"{words}: redelivered, repeated and late, each change is on record once",
               found == ["occupied", "free"], str(found))  # fmt: skip


def refusals(site, check, network):
    for frame, port in ((b"", 1), (b"\x01" * 30, 1), (b"\x01", 99)):
        network.publish(3, uplink(3, 1, frame, port))
    subprocess.run(["mosquitto_pub", *network.flags, "-t", topic(3), "-m", "not JSON"], check=True)
    network.publish(99, uplink(99, 1, b"\x01"))
    device = lambda: next(d for d in site.ctl_json("devices")["devices"] if d["device"] == "s3")
    wait_for("three frames are refused", lambda: device()["refused"] == 3, 10)
    check.that("a frame that does not decode changes no bay", bay(site, 3)["state"] == "unknown")
    check.that("and the reason is told", "refused" in (device()["last_error"] or ""), str(device()["last_error"]))
    wait_for("a stranger is told of", lambda: f'"{eui(99)}" is not configured' in site.log("parkd"), 10)


def retained(site, check, network):
    site.stop("parkd")
    hour_ago = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
    network.publish(4, uplink(4, 7, b"\x01", at=hour_ago), "-r")
    os.path.exists(site.path("control.sock")) and os.unlink(site.path("control.sock"))
    site.start_parkd()
    wait_for("the retained state is taken", lambda: bay(site, 4)["state"] == "occupied", 20)
    age = datetime.datetime.now(datetime.timezone.utc) - datetime.datetime.fromisoformat(
        bay(site, 4)["since"].replace("Z", "+00:00"))  # fmt: skip
    check.that("a retained message is a state with its own age", 3500 < age.total_seconds() < 3700, str(age))
    check.that("and is on record once", changes(site, "A-004") == ["occupied"])


def flood(site, check, network):
    """RATE changes a second, spread over the sensors."""
    senders = [
        subprocess.Popen(["mosquitto_pub", *network.flags, "-t", topic(n), "-l"], stdin=subprocess.PIPE, text=True)
        for n in range(5, SENSORS + 1)
    ]
    count = lambda: sum(1 for _, b in site.journal() if b["type"] == "bay_changed")
    before, sent, worst = count(), 0, 0
    begin = time.monotonic()
    for step in range(SECONDS * 10):
        for _ in range(RATE // 10):
            n = sent % len(senders)
            turn = sent // len(senders)
            print(uplink(5 + n, 1 + turn, bytes([(turn + 1) % 2])), file=senders[n].stdin, flush=True)
            sent += 1
        if step % 10 == 9:
            worst = max(worst, sent - (count() - before))
        time.sleep(max(0, begin + (step + 1) / 10 - time.monotonic()))
    for sender in senders:
        sender.stdin.close()
        sender.wait(20)
    end = time.monotonic()
    wait_for("every message is on record", lambda: count() - before >= sent, 20)
    late = time.monotonic() - end
    check.that(f"{sent} messages at {RATE} a second are on record, each once", count() - before == sent)
    check.that("without a growing queue", worst < RATE and late < 2, f"worst {worst} behind, {late:.2f} s to the last")


def main():
    check = Checks()
    for tls in (False, True):
        site = Site(sys.argv[1])
        network = Network(site, tls)
        network.start()
        kill_before_commit(site, check, network, "TLS" if tls else "TCP")
        if not tls:
            refusals(site, check, network)
            retained(site, check, network)
        flood(site, check, network)
        check.that("the audit is clean", site.audit_is_clean())
        site.close()
    check.end()


main()
