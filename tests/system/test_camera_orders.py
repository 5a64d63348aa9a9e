#!/usr/bin/env python3
"""Cameras that are told to open unasked: Hikvision's gate by PUT with digest authentication, Vzenith's
contact through a broker. An order goes once, after its record; a refused password is not tried a third
time; what a camera says is written down, and is never taken for a boom that moved.
Usage: test_camera_orders.py [BUILD]"""

import hashlib
import http.client
import http.server
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

from plates import resolver
from whole_site import TOP, Checks, free_port, wait_for

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
CAPTURES = f"{TOP}/tests/captures/lpr"
SN = "0670f9b9-d723fc2c"
CONFIG = """
site = {{ id = "s1"; name = "Site"; zone = "Asia/Shanghai"; }};
store = {{ path = "{dir}/db"; }};
serve = {{ control = "{dir}/sock"; }};
lots = ( {{ id = "L"; name = "Lot"; parking = {{ spaces = 1000; stays = "lanes"; }};
  zones = ( {{ id = "Z"; name = "Z"; bays = "1-5"; unsensed = true; }} ); }} );
lanes = (
{lanes}
  {{ id = "vz"; lot = "L"; direction = "in"; camera_opens = true; times = {times}; }} );
camera_listen = "127.0.0.1:{port}";
cameras = (
{cameras}
  {{ id = "v"; lane = "vz"; family = "vzenith"; device = "{sn}"; output = 1;
    broker = "mqtt://127.0.0.1:{broker}"; }} );
"""
LANE = '  {{ id = "{mode}"; lot = "L"; direction = "in"; camera_opens = true; times = {times}; }},'
CAMERA = """  {{ id = "{mode}"; lane = "{mode}"; family = "hikvision"; from = [ "127.0.0.1" ];
    control = {{ host = "127.0.0.1"; port = {gate}; username = "gate"; password_file = "{dir}/word";
      path = "/gate/{mode}"; }}; }},"""
MODES = ("well", "rejects", "silent", "locked")
TIMES = "{ settle_ms = 50; travel_ms = 100; no_pass_ms = 300; back_ms = 300; }"
OK = ('<?xml version="1.0" encoding="UTF-8"?><ResponseStatus><statusCode>{}</statusCode>'
      "<statusString>X</statusString></ResponseStatus>")


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


class Gate(http.server.BaseHTTPRequestHandler):
    """A camera's own server: digest authentication, and the gate."""

    protocol_version = "HTTP/1.1"
    bodies, refusals, plain = [], 0, 0

    def log_message(self, *args):
        pass

    def say(self, status, body="", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def proved(self):
        given = dict(re.findall(r'(\w+)="?([^",]*)"?', self.headers.get("Authorization", "")))
        if not given:
            return False
        a1 = md5(f"gate:cam:{'other' if self.path.endswith('locked') else 'w0rd'}")
        a2 = md5(f"PUT:{self.path}")
        right = md5(f"{a1}:{given['nonce']}:{given['nc']}:{given['cnonce']}:{given['qop']}:{a2}")
        return given.get("response") == right

    def do_PUT(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        Gate.plain += "w0rd" in str(self.headers) or self.headers.get("Authorization", "").startswith("Basic")
        if not self.proved():
            Gate.refusals += "Authorization" in self.headers
            self.say(401, WWW_Authenticate='Digest realm="cam", qop="auth", nonce="n0nce", algorithm=MD5')
            return
        Gate.bodies.append((self.path, body, self.headers.get("Content-Type")))
        if self.path.endswith("silent"):
            time.sleep(6)
        self.say(200, OK.format(4 if self.path.endswith("rejects") else 1))


class Site:
    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="parkd-orders-")
        self.port, self.broker_port = free_port(), free_port()
        self.gate = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gate)
        threading.Thread(target=self.gate.serve_forever, daemon=True).start()
        with open(os.open(f"{self.dir}/word", os.O_CREAT | os.O_WRONLY, 0o600), "w",
                  encoding="utf-8") as file:
            file.write("w0rd\n")
        with open(f"{self.dir}/broker.conf", "w", encoding="utf-8") as file:
            file.write(f"listener {self.broker_port} 127.0.0.1\nallow_anonymous true\n")
        with open(f"{self.dir}/parkd.conf", "w", encoding="utf-8") as file:
            names = {"dir": self.dir, "times": TIMES, "gate": self.gate.server_port}
            file.write(CONFIG.format(
                dir=self.dir, port=self.port, sn=SN, broker=self.broker_port, times=TIMES,
                lanes="\n".join(LANE.format(mode=mode, **names) for mode in MODES),
                cameras="\n".join(CAMERA.format(mode=mode, **names) for mode in MODES)))
        self.processes = []
        self.run("mosquitto", "-c", f"{self.dir}/broker.conf")
        self.told = open(f"{self.dir}/told", "w+", encoding="utf-8")
        self.gateway = self.run(f"{BUILD}/parkd", "--config", f"{self.dir}/parkd.conf")
        wait_for("the broker's connection", lambda: "connected to its broker" in self.log(), 20)
        self.run("mosquitto_sub", "-p", str(self.broker_port), "-t", "#", "-v", out=self.told)

    def run(self, *command, out=None):
        with open(f"{self.dir}/log", "ab") as log:
            self.processes.append(subprocess.Popen(command, stdout=out or log, stderr=log))
        return self.processes[-1]

    def log(self):
        with open(f"{self.dir}/log", encoding="utf-8", errors="replace") as file:
            return file.read()

    def heard(self):
        with open(f"{self.dir}/told", encoding="utf-8") as file:
            return [line.split(" ", 1) for line in file]

    def records(self, kind, **members):
        with sqlite3.connect(f"file:{self.dir}/db?mode=ro", uri=True) as db:
            show = resolver(db, f"{self.dir}/db")
            rows = [json.loads(show(row[0])) for row in db.execute("select body from journal order by seq")]
        return [r for r in rows if r["type"] == kind
                and all(r.get(key) == value for key, value in members.items())]

    def post(self, camera, plate):
        with open(f"{CAPTURES}/hik-01-tcg405e.xml", encoding="utf-8") as file:
            xml = file.read()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000+00:00", time.gmtime())
        xml = re.sub(r"<dateTime>.*?</dateTime>", f"<dateTime>{stamp}</dateTime>", xml)
        xml = re.sub(r"<licensePlate>.*?</licensePlate>", f"<licensePlate>{plate}</licensePlate>", xml)
        xml = re.sub(r"<UUID>.*?</UUID>", f"<UUID>{plate}</UUID>", xml)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("POST", f"/cameras/{camera}", xml.encode(), {"Content-Type": "application/xml"})
        status = connection.getresponse().status
        connection.close()
        return status

    def publish(self, topic, message):
        subprocess.run(["mosquitto_pub", "-q", "1", "-p", str(self.broker_port), "-t", topic, "-m",
                        json.dumps(message)], check=True)

    def outcome(self, plate):
        """Of the command that this plate's decision made."""
        def last():
            decided = self.records("decision", plate=plate)
            commands = [c for c in self.records("command") if decided and c["at"] >= decided[0]["at"]
                        and c["lane"] == decided[0]["lane"]]
            done = [o for o in self.records("outcome")
                    if commands and o["command"] == commands[0]["command"]]
            return done and done[0]
        return wait_for(f"the outcome for {plate}", last, 15)

    def close(self):
        self.gateway.send_signal(signal.SIGTERM)
        code = self.gateway.wait(20)
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
                process.wait(10)
        self.gate.shutdown()
        return code


def gates(check, site):
    check.that("an alert is answered 200", site.post("well", "AA111AA") == 200)
    outcome = site.outcome("AA111AA")
    check.that("the gate is told to open by PUT, as ISAPI has it",
               Gate.bodies == [("/gate/well", '<?xml version="1.0" encoding="UTF-8"?><BarrierGate>'
                                "<ctrlMode>open</ctrlMode></BarrierGate>", "application/xml")],
               Gate.bodies)
    check.that("what it accepted is no proof of movement",
               "accepted" in outcome and outcome["moved"] == "unobservable", outcome)
    site.post("rejects", "BB222BB")
    check.that("statusCode 4 in a 200 is a refusal", site.outcome("BB222BB")["result"] == "refused")


def silent(check, site):
    before = len(Gate.bodies)
    site.post("silent", "CC333CC")
    outcome = site.outcome("CC333CC")
    check.that("without an answer nothing counts as accepted, and nothing is sent again",
               "accepted" not in outcome and len(Gate.bodies) - before == 1, outcome)


def locked(check, site):
    for plate in ("DD444DD", "EE555EE", "FF666FF"):
        site.post("locked", plate)
        time.sleep(0.5)
    check.that("a refused password is not tried a third time", 0 < Gate.refusals <= 2, Gate.refusals)
    check.that("and said", "refuses the user or password" in site.log())
    check.that("the password never crosses the network", Gate.plain == 0, Gate.plain)


def envelope(name, payload, **more):
    return {"id": "a1", "sn": SN, "name": name, "version": "1.0", "timestamp": int(time.time()),
            "payload": payload, **more}


def brokers(check, site):
    with open(f"{CAPTURES}/vz-http-01-online.json", encoding="utf-8") as file:
        read = json.load(file)
    result = read["AlarmInfoPlate"]["result"]["PlateResult"]
    read["AlarmInfoPlate"]["serialno"] = SN
    result.update(license="57KkQjEyMzQ1", plateid=1, colorType=1, type=1,
                  timeStamp={"Timeval": {"sec": int(time.time()), "usec": 0}})
    for shape in (f"{SN}/device", f"device/{SN}"):
        site.publish(f"{shape}/message/up/keep_alive", envelope("keep_alive", {}))
    for _ in range(2):
        site.publish(f"device/{SN}/message/up/ivs_result", envelope("ivs_result", read))
    told = wait_for("the order to the contact",
                    lambda: [h for h in site.heard() if "/down/gpio_out" in h[0]], 10)
    order = json.loads(told[0][1])
    check.that("a read through the broker opens by gpio_out on the camera's own shape of topics",
               told[0][0] == f"device/{SN}/message/down/gpio_out", told)
    check.that("as a pulse of half a second of the contact that is configured",
               order["payload"] == {"type": "gpio_out", "body": {"delay": 500, "io": 1, "value": 2}}
               and order["sn"] == SN and order["name"] == "gpio_out", order)
    check.that("after its command was durable",
               len(site.records("command", command=order["id"])) == 1)
    site.publish(f"device/{SN}/message/down/gpio_out/reply",
                 {"id": order["id"], "sn": SN, "name": "gpio_out", "code": 200})
    outcome = site.outcome("粤B12345")
    check.that("the camera's answer is on record", "accepted" in outcome, outcome)
    time.sleep(1)
    check.that("a read that comes twice is one record and one order",
               len(site.records("plate_read", plate="粤B12345")) == 1
               and len([h for h in site.heard() if h[0].endswith("/gpio_out")]) == 1)


def main():
    check, site = Checks(), Site()
    try:
        time.sleep(1.5)  # the lanes settle
        for part in (gates, silent, locked, brokers):
            part(check, site)
    finally:
        code = site.close()
    check.that("it stops cleanly", code == 0, code)
    check.end()


if __name__ == "__main__":
    main()
