#!/usr/bin/env python3
"""Plates that cameras let in by themselves: passes and exempt plates of the journal's lists reach cameras of each
family that keeps one, differences only, again after a restart, and a camera without a server lets them in, which is
history afterwards. A camera that refuses is told of, and what it refuses holds nothing else up.
Usage: test_camera_lists.py [BUILD]"""

import http.server
import json
import re
import subprocess
import sys
import threading
import time
import urllib.parse

from test_camera_orders import md5
from whole_site import TOP, Checks, Site, free_port, wait_for

PLAN = """site demo "Demo" Asia/Shanghai
lot A "Lot"
zone Z "Zone" 20
parking A lanes
line net tcp 127.0.0.1:0
barrier in 1 relay-board 0
lane in A in
camera in vzenith
units 5 5 concentrator-words 20 A 1
"""
SN = "0670f9b9-d723fc2c"
MORE = """
cameras = (
  {{ id = "in"; lane = "in"; family = "vzenith"; device = "in"; from = [ "127.0.0.1" ]; list = true; }},
  {{ id = "mq"; lane = "in"; family = "vzenith"; device = "{sn}"; broker = "mqtt://127.0.0.1:{broker}"; list = true; }},
  {{ id = "hik"; lane = "in"; family = "hikvision"; from = [ "127.0.0.1" ]; list = true;
    control = {{ host = "127.0.0.1"; port = {server}; username = "gate"; password_file = "{dir}/word"; }}; }},
  {{ id = "dahua"; lane = "in"; family = "dahua"; from = [ "127.0.0.1" ]; list = true;
    control = {{ host = "127.0.0.1"; port = {server}; username = "gate"; password_file = "{dir}/word"; }}; }},
  {{ id = "plain"; lane = "in"; family = "dahua"; from = [ "127.0.0.1" ]; }} );
"""


class Server(http.server.BaseHTTPRequestHandler):
    """The own servers of a Hikvision and a Dahua camera, behind digest authentication."""

    protocol_version = "HTTP/1.1"
    hik, dahua, asked, poison = {}, [], [], set()

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
        a1, a2 = md5("gate:cam:w0rd"), md5(f"{self.command}:{self.path}")
        return given.get("response") == md5(f"{a1}:{given['nonce']}:{given['nc']}:{given['cnonce']}:{given['qop']}:{a2}")

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if not self.proved():
            self.say(401, WWW_Authenticate='Digest realm="cam", qop="auth", nonce="n0nce", algorithm=MD5')
            return
        Server.asked.append((self.command, self.path, body))
        if self.path.startswith("/ISAPI/Traffic/channels/1/"):
            self.hikvision(self.path.rsplit("/", 1)[1] if "Del" in self.path else "record", json.loads(body))
        else:
            self.dahua_row(dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query)))

    do_PUT = do_GET = answer

    def hikvision(self, what, body):
        rows = body.get("LicensePlateInfoList", [])
        if any(row["LicensePlate"] in Server.poison for row in rows):
            self.say(200, json.dumps({"statusCode": 4, "statusString": "Invalid Operation"}))
            return
        for row in rows:
            assert row["listType"] == "whiteList" and row["effectiveStartDate"] <= row["effectiveTime"], row
            Server.hik[row["LicensePlate"]] = row
        for plate in body.get("licensePlate", []):
            assert body["deleteAllEnabled"] is False
            Server.hik.pop(plate, None)
        self.say(200, json.dumps({"statusCode": 1, "statusString": "OK"}))

    def dahua_row(self, query):
        assert query["name"] == "TrafficRedList", query
        plate = query["PlateNumber"]
        if query["action"] == "insert":
            assert query["BeginTime"] < query["CancelTime"] and query["AuthorityList.OpenGate"] == "true", query
            Server.dahua.append(plate)
            self.say(200, "RecNo=12\r\n")
        elif plate in Server.dahua:
            Server.dahua.remove(plate)
            self.say(200, "OK\r\n")
        else:
            self.say(400, "Error\r\nBad Request!\r\n")


class Camera:
    """A camera behind a broker: keeps a list, and answers each change."""

    def __init__(self, site, port):
        self.held, self.messages, self.site, self.port = {}, [], site, port
        self.sub = subprocess.Popen(["mosquitto_sub", "-p", str(port), "-t", f"{SN}/device/message/down/#", "-v"],
                                    stdout=subprocess.PIPE, text=True)  # fmt: skip
        site.processes["sub"] = self.sub
        threading.Thread(target=self.run, daemon=True).start()

    def publish(self, name, message):
        subprocess.run(["mosquitto_pub", "-p", str(self.port), "-t", f"{SN}/device/message/{name}", "-s"],
                       input=json.dumps(message), text=True, check=True)  # fmt: skip

    def alive(self):
        self.publish("up/keep_alive", {"id": "1", "sn": SN, "name": "keep_alive", "version": "1.0",
                                       "timestamp": int(time.time()), "payload": {"type": "keep_alive", "body": {}}})

    def run(self):
        for line in self.sub.stdout:
            topic, text = line.split(" ", 1)
            if not topic.endswith("/white_list_operator"):
                continue
            message = json.loads(text)
            body = message["payload"]["body"]
            self.messages.append(body)
            if body["operator_type"] == "delete":
                self.held.pop(body["plate"], None)
            for row in body.get("dldb_rec", []):
                self.held[row["plate"]] = row
            self.publish("down/white_list_operator/reply", {"id": message["id"], "sn": SN,
                                                            "name": "white_list_operator", "code": 200})


class Lanes(Site):
    def begin(self):
        self.start_broker()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        with open(self.path("word"), "w") as file:
            file.write("w0rd\n")
        subprocess.run(["chmod", "600", self.path("word")], check=True)
        with open(self.path("plan"), "w", encoding="utf-8") as file:
            file.write(PLAN)
        self.start("field", f"{self.build}/parksim", "field", "--plan", self.path("plan"), "--control",
                   self.path("field.ctl"), "--truth", self.path("truth.jsonl"), "--write-config",
                   self.path("parkd.conf"), "--config-store", self.path("parkd.db"), "--config-control",
                   self.path("control.sock"), "--config-maps", f"{TOP}/config/devices",
                   "--cameras", f"127.0.0.1:{free_port()}", "--occupancy", "0", ready="ready")  # fmt: skip
        with open(self.path("parkd.conf"), encoding="utf-8") as file:
            text = file.read()
        text = re.sub(r"cameras = \(.*?\n\);\n", "", text, flags=re.S)
        with open(self.path("parkd.conf"), "w", encoding="utf-8") as file:
            file.write(text + MORE.format(sn=SN, broker=self.broker_port, server=self.server.server_port, dir=self.dir))
        self.start_parkd()
        self.mq = Camera(self, self.broker_port)
        wait_for("the camera's broker", lambda: "connected to its broker" in self.log("parkd"), 20)
        self.mq.alive()

    def held(self):
        """What each camera lets in by itself."""
        return {"in": sorted(json.loads(self.sim("field", "camera in status"))["list"]), "mq": sorted(self.mq.held),
                "hik": sorted(Server.hik), "dahua": sorted(Server.dahua)}

    def all_hold(self, *plates):
        return all(held == sorted(plates) for held in self.held().values())

    def cameras(self):
        return {c["camera"]: c for c in self.ctl_json("cameras")["cameras"]}

    def rows(self, kind, **members):
        return [r for _, r in self.journal() if r["type"] == kind
                and all(r.get(key) == value for key, value in members.items())]


def told(check, site):
    site.ctl("list", "add", "粤B10001", "--list", "pass", "--reason", "r")
    site.ctl("list", "add", "粤B10002", "--list", "exempt", "--reason", "r", "--until", "2099-01-01T00:00:00+08:00")
    site.ctl("list", "add", "粤B10003", "--list", "blocked", "--reason", "r")
    site.ctl("list", "add", "粤B10004", "--list", "pass", "--reason", "r", "--until", "2020-01-01T00:00:00+08:00")
    wait_for("every camera holds both", lambda: site.all_hold("粤B10001", "粤B10002"), 40)
    check.that("passes and exempt plates are in every camera, blocked and ended ones in none", True)
    row = site.mq.held["粤B10002"]
    days = (time.mktime(time.strptime(row["overdue_time"], "%Y-%m-%d %H:%M:%S")) - time.time()) / 86400
    check.that("an entry ends by itself with its lease, even one of years", 5 < days < 9, row)
    seen = site.cameras()
    check.that("the list's state is shown", all(seen[c]["list"] == "in_step" and seen[c]["list_held"] == 2
                                                for c in ("in", "mq", "hik", "dahua")), seen)
    check.that("a camera without the key is told nothing", "list" not in seen["plain"])


def differences(check, site):
    asked, messages = len(Server.asked), len(site.mq.messages)
    site.ctl("list", "add", "粤B10005", "--list", "pass", "--reason", "r")
    site.ctl("list", "remove", "粤B10001", "--list", "pass", "--reason", "r")
    wait_for("every camera follows", lambda: site.all_hold("粤B10002", "粤B10005"), 40)
    sent = "".join(urllib.parse.unquote(path) + body for _, path, body in Server.asked[asked:])
    check.that("only differences go", "粤B10002" not in sent and len(site.mq.messages) == messages + 2, sent)
    site.ctl("list", "add", "粤B10002", "--list", "blocked", "--reason", "r")
    wait_for("a plate that is blocked leaves them", lambda: site.all_hold("粤B10005"), 40)
    check.that("a plate that is blocked is let in by no camera", True)


def by_itself(check, site):
    site.sim("field", "camera in offline on")
    for plate in ("粤B10005", "粤B10009"):
        site.sim("field", f"camera in read {plate}")
    wait_for("they are stored", lambda: json.loads(site.sim("field", "camera in status"))["stored"] == 2, 30)
    site.sim("field", "camera in offline off")
    wait_for("they are sent", lambda: site.rows("plate_read", plate="粤B10009"), 30)
    check.that("what the camera let in without a server is a passage, of that plate alone",
               len(site.rows("passage", plate="粤B10005")) == 1 and not site.rows("passage", plate="粤B10009"))
    check.that("and is told to be its list's doing",
               site.rows("passage", plate="粤B10005")[0]["cause"] == "camera_list", site.rows("passage"))


def restarted(check, site):
    site.kill("parkd")
    Server.hik.clear()
    site.start_parkd()
    wait_for("the broker's camera is heard", lambda: site.log("parkd").count("connected to its broker") >= 2, 20)
    site.mq.alive()
    wait_for("a camera that lost its list has it again", lambda: site.all_hold("粤B10005"), 40)
    check.that("after a restart every camera is told all of it again", Server.dahua == ["粤B10005"], Server.dahua)


def refused(check, site):
    Server.poison.add("粤B10006")
    for plate in ("粤B10006", "粤B10007"):
        site.ctl("list", "add", plate, "--list", "pass", "--reason", "r")
    wait_for("the others hold it", lambda: site.held()["dahua"] == sorted(("粤B10005", "粤B10006", "粤B10007")), 40)
    wait_for("the next one is in the picky camera", lambda: "粤B10007" in Server.hik, 60)
    check.that("a plate that a camera refuses holds no other up", "粤B10006" not in Server.hik)
    seen = site.cameras()["hik"]
    check.that("and it is said, with what is missing", seen["list"] == "behind" and seen["list_due"] == 1
               and seen["trouble"] == "camera_list" and "refuses 1" in seen["advice"], seen)


def main():
    check, site = Checks(), Lanes(sys.argv[1] if len(sys.argv) > 1 else "build")
    site.begin()
    for part in (told, differences, by_itself, restarted, refused):
        part(check, site)
    check.that("no camera found an answer wrong", json.loads(site.sim("field", "camera in status"))["wrong"] == 0,
               site.sim("field", "camera in status"))  # fmt: skip
    check.that("no plate is in the log", "粤B1000" not in site.log("parkd"))
    check.that("the gateway stops cleanly", site.stop("parkd") == 0)
    check.that("the audit is clean", site.audit_is_clean())
    check.end()


if __name__ == "__main__":
    main()
