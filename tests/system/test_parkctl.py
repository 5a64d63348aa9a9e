#!/usr/bin/python3
"""parkctl by itself, against a gateway that is only words: what it asks for, what it prints, how it ends.
Usage: test_parkctl.py BUILD"""

import http.server
import json
import os
import socketserver
import subprocess
import sys
import tempfile
import threading
import unicodedata

from whole_site import Checks

COUNTS = {"capacity": 3, "free": 1, "occupied": 1, "unknown": 1, "out_of_service": 0}
LOT = {"lot": "A", "as_of": "2026-11-22T03:00:00.000Z", **COUNTS, "quality": "partial",
       "zones": [{"id": "A1", "name": "东区", **COUNTS}], "name": "人民广场"}  # fmt: skip
BAY = {"lot": "A", "zone": "A1", "bay": "A-1", "class": "ordinary", "state": "occupied", "reason": "reading",
       "since": "2026-11-22T03:00:00.000Z", "suspect": [], "device": "n\u001b[31m1"}  # fmt: skip
ANSWERS = {
    "/api/v1/lots": {"lots": [LOT, {**LOT, "lot": "Bigger", "name": "B"}]},
    "/api/v1/bays?lot=A&state=occupied": {"bays": [BAY], "count": 1},
}
EVENTS = [("status", {"site": "s"}), ("vacancy", LOT), ("bay", BAY), ("bay", {**BAY, "lot": "B"}),
          ("bus", {"bus": "b", "open": False, "trouble": "\u001b[2J"})]  # fmt: skip


class Gateway(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked = []

    def address_string(self):
        return "local"

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json"):
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        if self.path == "/api/v1/events":
            words = "".join(f"event: {e}\ndata: {json.dumps(d)}\n\n" for e, d in EVENTS)
            self.answer(200, words, "text/event-stream")
        elif self.path in ANSWERS:
            self.answer(200, json.dumps(ANSWERS[self.path]) + "\n")
        else:
            self.answer(404, json.dumps({"error": "there is no such lot", "hint": "list them"}))

    def do_POST(self):
        size = int(self.headers["Content-Length"])
        self.asked.append((self.path, self.headers["Content-Type"], json.loads(self.rfile.read(size))))
        self.answer(200, '{"done":true}\n')


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def main():
    check, build = Checks(), sys.argv[1]
    folder = tempfile.TemporaryDirectory(prefix="parkctl-")
    socket = os.path.join(folder.name, "control.sock")
    threading.Thread(target=Server(socket, Gateway).serve_forever, daemon=True).start()

    def ctl(*words, socket=socket, **environment):
        done = subprocess.run(
            [f"{build}/parkctl", *words, *(["--socket", socket] if socket else [])],
            capture_output=True, text=True, timeout=30, env={**os.environ, "LANG": "C", "TZ": "UTC", **environment}
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    code, out, _ = ctl("lots", "--lang", "zh")
    rows = out.splitlines()
    free = [width(row[: row.index(" 1 ")]) for row in rows[1:]]
    check.that("a table of wide and narrow characters is aligned", code == 0 and len(set(free)) == 1, str(free))
    check.that("its words are the operator's", "空闲" in rows[0] and "部分" in rows[1])
    check.that("the environment says which language", "空闲" in ctl("lots", LANG="zh_CN.UTF-8")[1])
    code, out, _ = ctl("lots", "--json")
    check.that("--json is the gateway's answer", json.loads(out) == ANSWERS["/api/v1/lots"])
    code, out, _ = ctl("bays", "--lot", "A", "--state", "occupied")
    check.that("options become a filter", code == 0 and "2026-11-22 03:00:00" in out)
    check.that("control characters of a device do not reach the terminal", "\033" not in out and "n?[31m1" in out)

    code, _, err = ctl("lots", "no/such lot")
    check.that("a refusal is said with its hint", code == 1 and "there is no such lot; list them" in err)
    code, _, err = ctl("status", socket="/nonexistent/control.sock")
    check.that("an absent daemon is said with the next step",
               code == 1 and "cannot reach parkd at /nonexistent/control.sock" in err
               and "systemctl start parkd" in err, err.strip())  # fmt: skip

    code, out, _ = ctl("bays", "out", "A-1", "--reason", 'pump "in" the way')
    sent = ("/api/v1/bays/A-1/out", "application/json", {"reason": 'pump "in" the way'})
    check.that("a command carries its reason", code == 0 and Gateway.asked[-1] == sent, str(Gateway.asked[-1:]))
    ctl("outbox", "drop", "city", "--seq", "7", "--reason", "x")
    sent = ("/api/v1/outbox/city/drop", "application/json", {"seq": 7, "reason": "x"})
    check.that("and its record", Gateway.asked[-1] == sent, str(Gateway.asked[-1]))
    asked = len(Gateway.asked)
    wrong = [("bays", "out", "A-1"), ("bays", "sideways", "A-1"), ("outbox", "drop", "city", "--reason", "x"),
             ("outbox", "retry", "city", "--seq", "0"), ("outbox", "retry", "city", "--seq", "1", "--all"),
             ("status", "now"), ("lots", "--seq", "1"), ("backup",), ("watch", "--lang", "fr")]  # fmt: skip
    codes = [ctl(*words)[0] for words in wrong] + [ctl("nonsense", socket=None)[0], ctl(socket=None)[0]]
    check.that("wrong use is 2 and asks the gateway for nothing",
               set(codes) == {2} and len(Gateway.asked) == asked, str(codes))  # fmt: skip

    code, out, err = ctl("watch", "--json", "--lot", "A")
    events = [json.loads(line)["event"] for line in out.splitlines()]
    check.that("watch tells changes of the lot asked for, and no status", events == ["vacancy", "bay", "bus"], str(events))
    check.that("and says that the daemon has gone", code == 1 and "ended the stream" in err)

    check.that("without a control character", "bus b: ?[2J" in ctl("watch")[1])

    code, _, _ = ctl("backup", "copy.db")
    sent = {"path": os.path.join(os.getcwd(), "copy.db")}
    check.that("a backup's path is made whole", code == 0 and Gateway.asked[-1][2] == sent)
    code, _, err = ctl("audit", "--db", "/nonexistent.db", socket=None)
    check.that("an audit of nothing is refused", code == 1 and "/nonexistent.db" in err)
    code, out, _ = ctl("check-config", "/nonexistent.conf", "--json", socket=None)
    check.that("a configuration that is not there is a mistake", code == 1 and json.loads(out)["good"] is False)
    check.end()


if __name__ == "__main__":
    main()
