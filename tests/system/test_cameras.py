#!/usr/bin/env python3
"""Cameras post what they see to the real daemon. Each family's read is one record and is answered as
its maker wants it, only after the record is durable; resent, stored and doubled messages make nothing
and open nothing; strangers, long, endless and slow senders are cut off and harm nobody else.
Usage: test_cameras.py [BUILD]"""

import base64
import http.client
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

from plates import resolver
from whole_site import TOP, Checks, free_port, kill, wait_for

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
CAPTURES = f"{TOP}/tests/captures/lpr"
NO = {"Response_AlarmInfoPlate": {"info": "no", "content": "retransfer_stop", "is_pay": "false"}}
OPEN = {"Response_AlarmInfoPlate": {"info": "ok", "content": "retransfer_stop", "is_pay": "true"}}
CONFIG = """
site = {{ id = "s1"; name = "Site"; zone = "Asia/Shanghai"; }};
store = {{ path = "{dir}/db"; }};
serve = {{ control = "{dir}/sock"; }};
lots = ( {{ id = "L"; name = "Lot"; parking = {{ spaces = 1000; stays = "lanes"; }};
  zones = ( {{ id = "Z"; name = "Z"; bays = "1-5"; unsensed = true; }} ); }} );
lanes = (
  {{ id = "opens"; lot = "L"; direction = "in"; camera_opens = true;
    times = {{ settle_ms = 50; travel_ms = 100; no_pass_ms = 300; back_ms = 300; pair_ms = 60000; }}; }},
  {{ id = "reads"; lot = "L"; direction = "in"; times = {{ settle_ms = 50; }}; }},
  {{ id = "out"; lot = "L"; direction = "out"; times = {{ settle_ms = 50; }}; }} );
camera_listen = "127.0.0.1:{port}";
cameras = (
  {{ id = "vz"; lane = "opens"; family = "vzenith"; from = [ "127.0.0.1" ]; answer_ms = 800;
    inputs = ( {{ input = 1; is = "presence"; }}, {{ input = 2; is = "closing"; }} ); }},
  {{ id = "hik"; lane = "reads"; family = "hikvision"; from = [ "127.0.0.1" ]; silence_s = 5; }},
  {{ id = "dh"; lane = "out"; family = "dahua"; secret_file = "{dir}/secret"; }},
  {{ id = "pr"; lane = "reads"; family = "platerecognizer"; from = [ "127.0.0.1" ]; }},
  {{ id = "oa"; lane = "reads"; family = "openalpr"; from = [ "127.0.0.1" ]; }},
  {{ id = "vz2"; lane = "reads"; family = "vzenith"; from = [ "127.0.0.1" ]; }},
  {{ id = "far"; lane = "reads"; family = "vzenith"; from = [ "192.0.2.1" ]; }},
  {{ id = "known"; lane = "reads"; family = "vzenith"; from = [ "127.0.0.1" ]; device = "other"; }} );
"""


def capture(name):
    with open(f"{CAPTURES}/{name}", "rb") as file:
        return file.read()


def raw_request(name):
    head, body = capture(name).split(b"\r\n\r\n", 1)
    kind = [line for line in head.decode().split("\r\n") if line.lower().startswith("content-type")]
    return kind[0].split(": ", 1)[1], body


class Gateway:
    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="parkd-cameras-")
        self.port = free_port()
        with open(f"{self.dir}/parkd.conf", "w", encoding="utf-8") as file:
            file.write(CONFIG.format(dir=self.dir, port=self.port))
        with open(os.open(f"{self.dir}/secret", os.O_CREAT | os.O_WRONLY, 0o600), "w",
                  encoding="utf-8") as file:
            file.write("unguessable\n")
        self.process = None

    def start(self):
        log = open(f"{self.dir}/log", "ab")
        self.process = subprocess.Popen([f"{BUILD}/parkd", "--config", f"{self.dir}/parkd.conf"],
                                        stdout=log, stderr=log)
        log.close()
        wait_for("the cameras' listener", self.listens, 20)

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def end(self, number=signal.SIGTERM):
        if number == signal.SIGKILL:
            return kill(self.process)
        self.process.send_signal(number)
        return self.process.wait(20)

    def log(self):
        with open(f"{self.dir}/log", encoding="utf-8", errors="replace") as file:
            return file.read()

    def records(self, kind=None, **members):
        with sqlite3.connect(f"file:{self.dir}/db?mode=ro", uri=True) as db:
            show = resolver(db, f"{self.dir}/db")
            rows = [json.loads(show(row[0])) for row in db.execute("select body from journal order by seq")]
        return [r for r in rows if (not kind or r["type"] == kind)
                and all(r.get(key) == value for key, value in members.items())]

    def post(self, path, body, kind="application/json", timeout=10):
        """Status, body, milliseconds; None, b"", ms where the connection was closed unanswered."""
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        begin = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("POST", path, body, {"Content-Type": kind})
            answer = connection.getresponse()
            result = answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            result = None, b""
        finally:
            connection.close()
        return result + ((time.monotonic() - begin) * 1000,)

    def rss_kb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return int(next(line for line in file if line.startswith("VmRSS")).split()[1])


def read_of(plate, number, **more):
    """A read of Vzenith's family, as captured, of another plate and now."""
    message = json.loads(capture("vz-http-01-online.json"))
    result = message["AlarmInfoPlate"]["result"]["PlateResult"]
    result.update(license=plate, plateid=number, colorType=1, type=1,
                  timeStamp={"Timeval": {"sec": int(time.time()), "usec": 0}})
    result.update(more)
    return message


def loop(contact, value):
    return {"AlarmGioIn": {"serialno": "x", "result": {"TriggerResult": {
        "source": contact - 1, "value": value}}}}


def families(check, gateway):
    gateway.post("/cameras/vz", loop(1, 1))
    status, body, _ = gateway.post("/cameras/vz", read_of("粤B10001", 1))
    check.that("a read that may pass is answered so that the camera opens",
               status == 200 and json.loads(body) == OPEN, body)
    check.that("the answer's read, decision and command were durable before it",
               len(gateway.records("plate_read", plate="粤B10001")) == 1
               and len(gateway.records("command", action="open")) == 1)
    drive_through(gateway)
    outcome = wait_for("the command's outcome", lambda: gateway.records("outcome"), 10)[0]
    check.that("what the camera took is on record as sent and accepted",
               "sent" in outcome and "accepted" in outcome, outcome)
    xml = capture("hik-01-tcg405e.xml")
    status, body, _ = gateway.post("/cameras/hik", xml, "application/xml")
    check.that("Hikvision's alert is answered 200 with OK",
               status == 200 and b"<statusCode>1</statusCode>" in body, body)
    kind, body = raw_request("hik-09-multipart.http")
    status, body, _ = gateway.post("/cameras/hik", body, kind)
    check.that("so is one in parts with its pictures", status == 200, status)
    status, body, _ = gateway.post("/cameras/dh/unguessable/NotificationInfo/TollgateInfo",
                                   capture("dahua-02-tollgate-full.json"))
    answer = json.loads(body)
    check.that("Dahua's is answered with Result true and opens nothing by itself",
               answer["Result"] is True and answer["OpenStrobe"] is False, answer)
    status, body, _ = gateway.post("/cameras/dh/unguessable/NotificationInfo/KeepAlive",
                                   capture("dahua-03-keepalive.json"))
    check.that("so is its sign of life", json.loads(body)["Result"] is True, body)
    for path, name in (("pr", "platerec-01-stream.json"), ("oa", "openalpr-01-group.json")):
        status, body, _ = gateway.post(f"/cameras/{path}", capture(name))
        check.that(f"{name} is answered 200", status == 200, body)
    check.that("each is one record", len(gateway.records("plate_read")) == 6,
               [(r["plate"] if "plate" in r else "") for r in gateway.records("plate_read")])


def drive_through(gateway):
    for contact, value in ((2, 1), (1, 0), (2, 0)):
        gateway.post("/cameras/vz", loop(contact, value))
        time.sleep(0.3)  # a loop that is shorter on is no vehicle's


def resends(check, gateway):
    gateway.post("/cameras/vz", loop(1, 1))
    message = read_of("粤B10002", 2)
    first = wait_for("the boom is down again", lambda: opened(gateway, message), 10)
    again = [gateway.post("/cameras/vz", message) for _ in range(4)]
    check.that("four resends are acknowledged and open nothing",
               all(json.loads(body) == NO for _, body, _ in again), first)
    check.that("they make no record", len(gateway.records("plate_read", plate="粤B10002")) == 1)
    check.that("one command was given", len(gateway.records("command", action="open")) == 2)
    drive_through(gateway)


def opened(gateway, message):
    """A read while the boom is still up for the vehicle before is answered without opening."""
    _, body, _ = gateway.post("/cameras/vz", message)
    return json.loads(body) == OPEN or len(gateway.records("command", action="open")) == 2


def stored(check, gateway):
    before = len(gateway.records("passage"))
    message = read_of("粤B10003", 123, isoffline=1, gioouts=[{"ionum": "0", "ctrltype": 2}])
    message["AlarmInfoPlate"]["result"]["PlateResult"]["timeStamp"]["Timeval"]["sec"] -= 3600
    answers = [gateway.post("/cameras/vz", message)[1] for _ in range(2)]
    expected = {"Response_AlarmInfoPlate": {"ContinuePushOffline": {"plateid": 123, "continue": 1}}}
    check.that("a stored read is answered by asking for the next, twice alike",
               all(json.loads(body) == expected for body in answers), answers)
    reads = gateway.records("plate_read", plate="粤B10003")
    check.that("it is one record, marked offline", len(reads) == 1 and reads[0]["offline"], reads)
    check.that("what the camera's own list let in is one passage",
               len(gateway.records("passage")) == before + 1)
    check.that("nothing was opened for it", len(gateway.records("command", action="open")) == 2)


def heartbeats(check, gateway):
    kind, body = raw_request("vz-http-06-heartbeat.http")
    body = body.replace(b"REDACTED", b"Tr0ub4dor")
    status, answer, ms = gateway.post("/cameras/vz", body, kind)
    check.that("a heartbeat is answered at once and opens nothing",
               status == 200 and b'"ok"' not in answer and ms < 500, answer)
    with open(f"{gateway.dir}/db", "rb") as file:
        kept = b"Tr0ub4dor" in file.read()
    plates = {r["plate"] for r in gateway.records("plate_read") if r["plate"]}
    with open(f"{gateway.dir}/db", "rb") as file, open(f"{gateway.dir}/db-wal", "rb") as log:
        held = file.read() + log.read() + gateway.log().encode()
    check.that("no plate that was read stands in the log, nor in the file of the database",
               plates and not any(plate.encode() in held for plate in plates), plates)
    check.that("its password is neither logged nor kept", not kept and "Tr0ub4dor" not in gateway.log())


def strangers(check, gateway):
    message = read_of("粤B10004", 4)
    for path, why in (("/cameras/far", "a wrong address"), ("/cameras/dh", "no secret"),
                      ("/cameras/dh/unguessabl", "a wrong secret"), ("/", "no path")):
        status, body, _ = gateway.post(path, message)
        check.that(f"{why} is answered 404 without a word", (status, body) == (404, b"{}\n"), body)
    status, body, _ = gateway.post("/cameras/known", message)
    check.that("another device at a camera's door is refused", (status, body) == (403, b"{}\n"))
    check.that("nothing of it is on record", not gateway.records("plate_read", plate="粤B10004"))
    status, body, _ = gateway.post("/cameras/vz", b"{broken")
    check.that("what cannot be read is acknowledged, so that the next one comes",
               status == 200 and json.loads(body) == NO, body)
    check.that("and said", "is not believed" in gateway.log())


def bodies(check, gateway):
    picture = base64.b64encode(os.urandom(5 << 20)).decode()
    message = read_of("粤B10005", 5, imageFile=picture, imageFileLen=len(picture))
    status, _, ms = gateway.post("/cameras/vz", message)
    check.that("a message of 7 MB is taken", status == 200, f"{ms:.0f} ms")
    record = gateway.records("plate_read", plate="粤B10005")
    check.that("its picture's digest is on record", len(record) == 1 and record[0].get("images"))
    status, body, _ = gateway.post("/cameras/vz", b"x" * (9 << 20))
    check.that("one of 9 MB is not", status in (413, None), status)


def raw(gateway, text):
    connection = socket.create_connection(("127.0.0.1", gateway.port), 30)
    connection.sendall(text)
    return connection


def is_closed(connection, seconds):
    connection.settimeout(seconds)
    try:
        return connection.recv(4096) == b""
    except socket.timeout:
        return False
    except OSError:
        return True


def bad_senders(check, gateway):
    head = b"POST /cameras/vz HTTP/1.1\r\nHost: x\r\n"
    endless = raw(gateway, head + b"Transfer-Encoding: chunked\r\n\r\n")
    sent = 0
    try:
        while sent < 40 << 20:
            endless.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
            sent += 0x10000
    except OSError:
        pass
    check.that("an endless sender is cut off at the bound", sent < 12 << 20, sent)
    slow = [raw(gateway, head + b"Content-Length: 5000\r\n\r\n"), raw(gateway, b"POST /cam")]
    begin = time.monotonic()
    ended = [None, None]
    while None in ended and time.monotonic() - begin < 40:
        for i, connection in enumerate(slow):
            if ended[i] is None and not dribbles(connection):
                ended[i] = time.monotonic() - begin
        if not answers(gateway):
            break
    check.that("a slow body and a slow head are cut off in 20 s or so, others are served meanwhile",
               None not in ended and all(15 < at < 30 for at in ended), ended)
    many = [raw(gateway, b"POST /cam") for _ in range(40)]
    closed = sum(is_closed(connection, 0.2) for connection in many)
    check.that("one address holds a few connections only", closed >= 20, closed)
    for connection in many:
        connection.close()
    check.that("memory stays small", gateway.rss_kb() < 64 << 10, f"{gateway.rss_kb()} kB")


def dribbles(connection):
    try:
        connection.sendall(b"a")
        return not is_closed(connection, 0.25)
    except OSError:
        return False


def answers(gateway):
    kind, body = raw_request("vz-http-06-heartbeat.http")
    return gateway.post("/cameras/vz", body, kind)[0] == 200


def kills(check, gateway):
    seed = int(os.environ.get("SEED", "0")) or random.randrange(1 << 30)
    rng = random.Random(seed)
    lost = doubled = unanswered = 0
    for n in range(8):
        plate, told = f"粤C2000{n}", []
        message = read_of(plate, 1000 + n, triggerType=1)
        thread = threading.Thread(target=lambda m=message: told.append(gateway.post("/cameras/vz2", m)))
        thread.start()
        time.sleep(rng.random() * 0.03)
        gateway.end(signal.SIGKILL)
        thread.join()
        answered = told[0][0] == 200
        kept = len(gateway.records("plate_read", plate=plate))
        lost += answered and kept == 0
        unanswered += not answered
        gateway.start()
        gateway.post("/cameras/vz2", message)
        doubled += len(gateway.records("plate_read", plate=plate)) != 1
    check.that("what was answered was durable, whenever the gateway was killed", lost == 0,
               f"seed {seed}, {unanswered} of 8 unanswered")
    check.that("and the camera's resend makes one record of each", doubled == 0, doubled)


def silence(check, gateway):
    wait_for("the silent camera is missed", lambda: 'camera "hik": silent' in gateway.log(), 15)
    gateway.post("/cameras/hik", capture("hik-05-unknown-plate.xml"), "application/xml")
    check.that("a camera that is heard again is said to be",
               'camera "hik": heard again' in gateway.log())


def main():
    check, gateway = Checks(), Gateway()
    gateway.start()
    try:
        time.sleep(1.5)  # the lanes settle
        for part in (families, resends, stored, heartbeats, strangers, bodies, bad_senders, silence,
                     kills):
            part(check, gateway)
        check.that("it stops cleanly", gateway.end() == 0)
        audit = subprocess.run([f"{BUILD}/parkctl", "audit", "--db", f"{gateway.dir}/db"],
                               capture_output=True, text=True)
        check.that("the records add up", audit.returncode == 0, audit.stdout[-500:] + audit.stderr)
    finally:
        if gateway.process.poll() is None:
            gateway.end(signal.SIGKILL)
    check.end()


if __name__ == "__main__":
    main()
