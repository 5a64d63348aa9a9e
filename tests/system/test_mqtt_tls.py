#!/usr/bin/python3
"""MQTT as a city runs it: TLS, and a client certificate that the broker asks for. State is retained and right,
the last will speaks for a gateway that was killed, records come at QoS 1; and when a certificate, an authority
or a name is wrong, nothing is sent and parkctl status says why. Usage: test_mqtt_tls.py BUILD"""

import json
import os
import re
import subprocess
import sys

from whole_site import Checks, Site, free_port, wait_for

BAYS = 6


class Broker:
    """mosquitto with TLS, and a certificate asked of everyone."""

    def __init__(self, site):
        self.site, self.port = site, free_port()

    def make_certificates(self):
        run = lambda *c: subprocess.run(c, check=True, capture_output=True, cwd=self.site.dir)
        for ca in "ca", "stranger":
            run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={ca}",
                "-keyout", f"{ca}.key", "-out", f"{ca}.pem")  # fmt: skip
        for name, ca, address in (("broker", "ca", "127.0.0.1"), ("elsewhere", "ca", "192.0.2.1"),
                                  ("gateway", "ca", "127.0.0.1"), ("impostor", "stranger", "127.0.0.1")):  # fmt: skip
            with open(self.site.path("ext"), "w") as f:
                f.write(f"subjectAltName=IP:{address}\n")
            run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}.key",
                "-out", f"{name}.csr")  # fmt: skip
            run("openssl", "x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key",
                "-CAcreateserial", "-days", "2", "-extfile", "ext", "-out", f"{name}.pem")  # fmt: skip
        for key in os.listdir(self.site.dir):
            os.chmod(self.site.path(key), 0o600)

    def start(self, certificate="broker"):
        path = self.site.path
        with open(path("tls.conf"), "w") as f:
            f.write(
                f"listener {self.port} 127.0.0.1\ncafile {path('ca.pem')}\ncertfile {path(certificate + '.pem')}\n"
                f"keyfile {path(certificate + '.key')}\nrequire_certificate true\nuse_identity_as_username true\n"
                f"allow_anonymous false\npersistence true\npersistence_location {self.site.dir}/\nuser root\n"
            )
        begin = len(self.site.log("broker")) if os.path.exists(path("broker.log")) else 0
        self.site.start("broker", "mosquitto", "-c", path("tls.conf"))
        wait_for("the broker runs", lambda: "running" in self.site.log("broker")[begin:], 10)

    def words(self):
        return ["-h", "127.0.0.1", "-p", str(self.port), "--cafile", "ca.pem", "--cert", "gateway.pem",
                "--key", "gateway.key"]  # fmt: skip

    def retained(self, topic, count):
        """{topic: object} of what a newcomer is given."""
        done = subprocess.run(
            ["mosquitto_sub", *self.words(), "-t", topic, "-C", str(count), "-W", "10", "-F", "%r %t %p"],
            cwd=self.site.dir, capture_output=True, text=True, timeout=20
        )  # fmt: skip
        found = {}
        for line in done.stdout.splitlines():
            retained, topic, payload = line.split(" ", 2)
            if retained == "1":
                found[topic] = json.loads(payload)
        return found


def uplink_words(ca="ca", cert="gateway"):
    return f'{{ name = "broker"; type = "mqtt"; url = "mqtts://127.0.0.1:{{port}}"; backoff_max_ms = 1000; ' \
           f'tls = {{ ca_file = "{ca}.pem"; cert_file = "{cert}.pem"; key_file = "{cert}.key"; }}; }}'  # fmt: skip


def configure(site, broker, port, **words):
    bus = f'{{ id = "b"; type = "tcp"; host = "127.0.0.1"; port = {port}; devices = ( {{ id = "d"; unit = 1; ' \
          f'map = "concentrator-words"; bays = "A-0001..A-{BAYS:04d}"; }} ); }}'  # fmt: skip
    uplink = uplink_words(**words).replace("{port}", str(broker.port))
    site.write_config(bus, uplink, lot=f"A-0001..A-{BAYS:04d}")


def refusals(site, check, broker, port):
    """What a wrong certificate looks like to the operator, and that nothing goes out meanwhile."""
    for what, words, certificate, expected in (
        ("an authority that is not the broker's", {"ca": "stranger"}, "broker", "certificate verify failed"),
        ("a broker of another name", {}, "elsewhere", "certificate verify failed|host name"),
        ("a client certificate of a stranger", {"cert": "impostor"}, "broker", "it refuses us"),
    ):
        broker.start(certificate)
        configure(site, broker, port, **words)
        site.start_parkd()
        trouble = wait_for(f"{what} is told", lambda: site.uplink("broker")["trouble"], 10)
        status = site.ctl("status")
        check.that(f"{what} is told in parkctl status, in words", re.search(expected, trouble) and
                   trouble.splitlines()[0][:40] in status, trouble)  # fmt: skip
        wait_for("it is tried again", lambda: site.log("broker").count("New connection") >= 2, 15)
        uplink = site.uplink("broker")
        check.that(f"{what}: nothing is sent", not uplink["connected"] and uplink["delivered"] == 0 and
                   uplink["vacancies_sent"] == 0 and uplink["pending"] > 0)  # fmt: skip
        site.stop("parkd")
        site.stop("broker")


def state(site, check, broker):
    bays = broker.retained("parking/test/bays/+", BAYS)
    live = {b["bay"]: b for b in site.ctl_json("bays")["bays"]}
    check.that("each bay is retained as the gateway shows it",
               {t.rsplit("/", 1)[1]: b for t, b in bays.items()} == live, f"{len(bays)} topics")  # fmt: skip
    lots = broker.retained("parking/test/lots/+/vacancy", 1)
    told, lot = lots["parking/test/lots/A/vacancy"], site.lot()
    keys = ("capacity", "free", "occupied", "unknown", "out_of_service", "quality", "zones")
    check.that("the vacancy is retained, right and adds up", all(told[k] == lot[k] for k in keys) and told["capacity"]
               == told["free"] + told["occupied"] + told["unknown"] + told["out_of_service"], str(told)[:160])  # fmt: skip


def status_is(broker, word):
    topics = broker.retained("parking/test/status", 1)
    return topics.get("parking/test/status", {}).get("state") == word


def main():
    site, check = Site(sys.argv[1]), Checks()
    broker = Broker(site)
    broker.make_certificates()
    site.start("field", f"{site.build}/parksim", "field", "--tcp", "127.0.0.1:0", "--bays", str(BAYS), "--truth",
               "truth.jsonl", "--control", "field.ctl", ready="ready")  # fmt: skip
    port = int(re.search(r"line tcp1 tcp \S+ (\d+)", site.log("field")).group(1))
    refusals(site, check, broker, port)

    broker.start()
    configure(site, broker, port)
    site.start("subscriber", "mosquitto_sub", *broker.words(), "-i", "witness", "-c", "-q", "1", "-t",
               "parking/test/records", "-F", "%U %t %p")  # fmt: skip
    wait_for("the subscriber is there", lambda: "witness" in site.log("broker"), 10)
    site.start_parkd()
    wait_for("all is delivered", lambda: site.uplink("broker")["pending"] == 0 and site.lot()["unknown"] == 0, 20)
    check.that("with the right certificates: online, and retained so", status_is(broker, "online"))
    state(site, check, broker)
    for bay in "A-0001", "A-0002", "A-0001":
        was = next(b["state"] for b in site.ctl_json("bays")["bays"] if b["bay"] == bay)
        wanted = "free" if was == "occupied" else "occupied"
        site.sim("field", f"bay {bay} {wanted}")
        wait_for(f"{bay} is retained {wanted}", lambda: broker.retained(f"parking/test/bays/{bay}", 1)
                 [f"parking/test/bays/{bay}"]["state"] == wanted, 10)  # fmt: skip
    state(site, check, broker)

    site.kill("parkd")
    wait_for("the last will", lambda: status_is(broker, "offline"), 30)
    check.that("after kill -9 the last will says offline", True)
    site.start_parkd()
    wait_for("online again", lambda: status_is(broker, "online"), 10)
    check.that("and a restart says online again", True)
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    check.that("and said goodbye: offline, retained", status_is(broker, "offline"))

    rows = site.journal()
    pending = lambda: {s for s, _ in rows[:-1]} - {b["seq"] for _, _, b in site.received()}
    wait_for("the subscriber has all but the goodbye", lambda: not pending(), 20)
    site.check_subscriber(check, rows[:max(b["seq"] for _, _, b in site.received())])
    check.that("the audit finds nothing", site.audit_is_clean())
    check.end()


main()
