#!/usr/bin/python3
"""parkctl trusts no answer: what a gateway of another version leaves out or writes otherwise is a dash or a zero in the
table, never a crash; what is no answer at all is said with the next step and ends with 1; and each wrong word of a
command line is told before anything is asked. The gateway here is only words. Usage: test_parkctl_answers.py BUILD"""

import http.server
import json
import os
import pty
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading

from whole_site import Checks, wait_for

# Each command that shows a list, its path, and an answer with every member that it looks at.
AT = "2026-11-22T03:00:00.000Z"
LISTS = {
    ("status",): ("/api/v1/status", {
        "version": "0.1.0", "site": "s", "started": AT, "lots": 1, "bays": 2, "devices": 3,
        "store": {"head": 9, "waiting": 1, "last_commit_us": 1500},
        "checks": [{"kind": "store", "name": "", "ok": True, "words": "takes records"},
                   {"kind": "bus", "name": "line", "ok": False, "words": "unplugged"}],
        "uplinks": [{"name": "city", "connected": True, "delivered": 1, "pending": 2, "dead": 3, "clock_ahead_ms": -2500,
                     "trouble": "slow"}]}),
    ("lots",): ("/api/v1/lots", {"lots": [{
        "lot": "A", "name": "North", "free": 1, "occupied": 1, "unknown": 0, "out_of_service": 0, "capacity": 2,
        "quality": "complete", "zones": [{"id": "A1", "name": "East"}], "counted": {"inside": 7, "in": 9, "out": 2}}]}),
    ("bays",): ("/api/v1/bays", {"bays": [{
        "bay": "A-1", "lot": "A", "zone": "A1", "state": "free", "since": AT, "reason": "reading", "device": "n1",
        "class": "ordinary", "suspect": ["flicker"]}]}),
    ("devices",): ("/api/v1/devices", {"devices": [{
        "device": "n1", "bus": "radio", "state": "offline", "reason": "timeout", "bays": 1, "last_answer": AT, "answers": 5,
        "timeouts": 6, "errors": 1, "exceptions": 2, "refused": 3, "last_error": "timeout", "battery": "low",
        "battery_mv": 2950, "rssi_dbm": [-97, -108], "asked": {"what": "recalibrate", "state": "sent", "words": "wait"}}]}),
    ("cameras",): ("/api/v1/cameras", {
        "cameras": [{"camera": "c1", "lane": "in", "state": "silent", "heard": AT, "reads": 1, "stored": 2, "late": 3,
                     "refused": 4, "lag_ms": 1300, "photos_kept": 5, "photos_dropped": 6, "list": "kept", "list_held": 118,
                     "list_due": 2, "trouble": "camera_silent", "advice": "look at its cable"}],
        "photos": {"count": 7, "bytes": 3145728, "aged": 1, "crowded": 2, "trouble": "the disk is full"}}),
    ("lanes",): ("/api/v1/lanes", {"lanes": [{
        "lane": "in", "lot": "A", "direction": "in", "mode": "in_service", "state": "IDLE", "boom": "closed", "plate": "",
        "passages_in": 3, "passages_out": 0, "trouble": ""}]}),
    ("list", "show"): ("/api/v1/lists", {"lists": [{
        "plate": "皖A12345", "list": "pass", "lot": "A", "group": "g", "bays": 2, "from": AT, "until": AT}]}),
    ("quote", "S1"): ("/api/v1/quote/S1", {"payable_fen": 500, "received_fen": 200, "due_fen": 300, "until": AT}),
    ("outbox", "list", "city"): ("/api/v1/outbox/city", {
        "uplink": {"delivered": 90, "pending": 7, "dead": 1},
        "records": [{"seq": 42, "state": "dead", "attempts": 3, "reason": "no such bay"}]}),
    ("probe",): ("/api/v1/strangers", {"strangers": [{
        "network": "ttn", "address": "0004a30b00fb29e7", "name": "new", "frames": 3, "heard": AT, "hex": "0102",
        "fits": [{"driver": "nwave", "report": {"occupied": True}}, {"driver": "dingtek", "report": {"occupied": False}},
                 {"driver": "libelium", "report": {"event": "started"}}]}]}),
}  # fmt: skip


def emptied(value):
    """The same document with each list's objects and each object without a member."""
    if isinstance(value, dict):
        return {k: emptied(v) for k, v in value.items() if isinstance(v, (dict, list))}
    return [emptied(v) for v in value] if isinstance(value, list) else value


def twisted(value):
    """The same document with each value of another kind: texts are numbers, numbers and truths are texts."""
    if isinstance(value, dict):
        return {k: twisted(v) for k, v in value.items()}
    if isinstance(value, list):
        return [twisted(v) for v in value]
    return 7 if isinstance(value, str) else "x"


class Gateway(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answers = {}  # path: (status, text)
    asked = []

    def address_string(self):
        return "local"

    def log_message(self, *_):
        pass

    def do_GET(self):
        status, text = self.answers.get(self.path, (404, '{"error":"there is no such thing"}'))
        kind = "text/event-stream" if self.path == "/api/v1/events" else "application/json"
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        try:
            self.wfile.write(data)
        except BrokenPipeError:
            pass  # parkctl has heard enough

    def do_POST(self):
        self.asked.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
        self.do_GET()


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class Cutting(socketserver.BaseRequestHandler):
    """Who is not known to a gateway is cut off without a word."""

    def handle(self):
        pass


class Desk:
    def __init__(self, build):
        self.build, self.folder = os.path.abspath(build), tempfile.TemporaryDirectory(prefix="parkctl-")
        self.socket = self.path("control.sock")
        threading.Thread(target=Server(self.socket, Gateway).serve_forever, daemon=True).start()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def __call__(self, *words, socket=None, text="", **environment):
        done = subprocess.run([f"{self.build}/parkctl", words[0], "--socket", socket or self.socket, *words[1:]], input=text, text=True,
                              capture_output=True, timeout=60, cwd=self.folder.name,
                              env={**os.environ, "LANG": "C", "LC_ALL": "", "TZ": "UTC", **environment})  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    def at_terminal(self, *words, answer=None, socket=True):
        """Standard input and error are a terminal, at which `answer` is typed ("" ends the input)."""
        near, far = pty.openpty()
        process = subprocess.Popen([f"{self.build}/parkctl", *words, *(["--socket", self.socket] if socket else [])], stdin=far,
                                   stderr=far, stdout=subprocess.PIPE, text=True, cwd=self.folder.name,
                                   env={**os.environ, "LC_ALL": "C"})  # fmt: skip
        if answer is not None:
            os.write(near, (answer + "\n").encode() if answer else b"\x04")
        out = process.communicate(timeout=60)[0]
        os.set_blocking(near, False)
        os.close(far)
        try:
            said = os.read(near, 65536).decode()
        except OSError:
            said = ""
        os.close(near)
        return process.returncode, out, said


def answers(desk, check):
    for words, (path, whole) in LISTS.items():
        name = " ".join(words)
        bad = []
        for what, document in ("whole", whole), ("emptied", emptied(whole)), ("twisted", twisted(whole)), ("bare", {}):
            Gateway.answers[path] = (200, json.dumps(document))
            plain, chinese, raw = desk(*words), desk(*words, LANG="zh_CN.UTF-8"), desk(*words, "--json")
            nothing = words == ("probe",) and what == "bare"  # no stranger is exit 1
            if any(a[0] != (1 if nothing else 0) or a[2] for a in (plain, chinese, raw)) or not plain[1]:
                bad.append((what, plain, chinese))
            if json.loads(raw[1]) != document:
                bad.append((what, "json", raw))
        check.that(f"{name}: what is missing or of another kind ends nothing", not bad, str(bad)[:300])
        bad = []
        for text in "", "no json", '{"a":', "[" * 5000:
            Gateway.answers[path] = (200, text)
            code, out, err = desk(*words)
            if code != 1 or out or len(err.splitlines()) != 1:
                bad.append((text[:10], code, out, err))
        check.that(f"{name}: what is no JSON is refused in one line", not bad, str(bad)[:300])
        bad = []
        for text in "", "<html>", "{}", '{"error":7}':
            Gateway.answers[path] = (503, text)
            code, out, err = desk(*words)
            if code != 1 or "status 503" not in err or "of one version?" not in err:
                bad.append((text, code, err))
        Gateway.answers[path] = (503, '{"error":"the disk is slow"}')
        code, _, err = desk(*words)
        check.that(f"{name}: a refusal without words asks for the versions, one with words is told",
                   not bad and code == 1 and err.strip().endswith("the disk is slow"), str(bad)[:300] + err)  # fmt: skip


def tables(desk, check):
    """What an operator must see in a table, cell by cell."""
    for path, whole in LISTS.values():
        Gateway.answers[path] = (200, json.dumps(whole))
    out = desk("status")[1]
    check.that("status shows the platform's clock and what is not well", "-2.5 s" in out and "NOT OK" in out and "unplugged" in out, out)
    Gateway.answers["/api/v1/lots/A"] = (200, json.dumps(LISTS["lots",][1]["lots"][0]))
    out = desk("lots", "A")[1]
    check.that("a lot shows what was counted", "A: 7 inside by count (9 in, 2 out)" in out, out)
    out = desk("devices")[1]
    check.that("a device shows battery, radio and what was asked of it",
               "low, 2.95 V" in out and "-97 dBm, occupied -108" in out and "recalibrate: sent (wait)" in out and " 6 " in out, out)  # fmt: skip
    some = [{"device": "ok", "state": "online", "rssi_dbm": [0, -50]}, {"device": "ill", "state": "online", "trouble": "battery_low"},
            {"device": "odd", "state": "online", "trouble": "of_tomorrow", "last_error": "timeout", "asked": {"what": "set"}},
            {"device": "away", "state": "offline", "reason": "timeout", "battery_mv": 3000, "battery": ""}]  # fmt: skip
    Gateway.answers["/api/v1/devices"] = (200, json.dumps({"devices": some}))
    out, zh = desk("devices")[1], desk("devices", "--lang", "zh")[1]
    check.that("a known trouble is in the operator's language, another as it came",
               "电池电量低" in zh and "battery_low" not in zh and "odd" in out and "3.00 V" in out, zh)  # fmt: skip
    out = desk("devices", "--trouble")[1]
    check.that("--trouble leaves out who is well", "ok " not in out and all(n in out for n in ("ill", "odd", "away")), out)
    Gateway.answers["/api/v1/devices"] = (200, json.dumps({"devices": [{"device": "n1", "state": "online"}]}))
    out = desk("devices")[1]
    check.that("without radio and without anything asked there are no such columns", "Battery" not in out and "Asked" not in out and "n1" in out, out)
    out = desk("cameras")[1]
    check.that("a camera shows lag, list and pictures", "1.3 s" in out and "118, 2 due" in out and "7 pictures, 3.0 MB" in out and
               "the disk is full" in out, out)  # fmt: skip
    Gateway.answers["/api/v1/cameras"] = (200, json.dumps({"cameras": [
        {"camera": "c", "list": "kept", "list_held": 120, "trouble": "of_tomorrow", "advice": "look at it"}], "photos": {"count": 1}}))  # fmt: skip
    out = desk("cameras", "--lang", "zh")[1]
    check.that("a trouble of tomorrow is told by its advice", "look at it" in out and " 120 " in out and "due" not in out, out)
    out = desk("probe")[1]
    check.that("a stranger is shown with what each driver makes of its frame",
               "nwave: occupied, dingtek: free, libelium: started" in out, out)  # fmt: skip
    Gateway.answers["/api/v1/strangers"] = (200, json.dumps({"strangers": [{"address": "07"}]}))
    out = desk("probe")[1]
    check.that("one that no driver fits has a dash", out.splitlines()[1].endswith(" -"), out)
    Gateway.answers["/api/v1/bays?lot=A&zone=A%2F1&state=free"] = Gateway.answers["/api/v1/bays"]
    code, out, _ = desk("bays", "--lot", "A", "--zone", "A/1", "--state", "free")
    check.that("filters are parts of what is asked", code == 0 and "A-1" in out, out)
    Gateway.answers["/api/v1/bays"] = (200, json.dumps({"bays": [{"bay": "é1"}, {"bay": "\x7f\x01"}, {"bay": "\U0001f697"}]}))
    out = desk("bays")[1].splitlines()
    check.that("letters of every width stay in their columns, control characters are none",
               [line.rstrip(" -").split(" ")[0] for line in out[1:]] == ["é1", "??", "\U0001f697"] and
               [line.index("-") for line in out[1:]] == [5, 5, 4], str(out))  # fmt: skip
    many = [{"bay": f"B-{i}"} for i in range(100)]
    Gateway.answers["/api/v1/bays"] = (200, json.dumps({"bays": many}))
    check.that("a table grows with what it holds", len(desk("bays")[1].splitlines()) == 101)
    Gateway.answers["/api/v1/lists"] = (200, json.dumps({"lists": []}))
    code, out, _ = desk("list", "show")
    check.that("an empty list is its head", code == 0 and len(out.splitlines()) == 1, out)


EVENT = 'event: {}\ndata: {}\n\n'


def watching(desk, check):
    told = [("bus", {"bus": "b", "open": True}), ("bus", {"bus": "b", "open": True, "requests": 2}),
            ("bus", {"bus": "b", "open": False, "trouble": "unplugged"}), ("uplink", {"name": "u", "connected": True}),
            ("uplink", {"name": "u", "connected": True, "pending": 4}), ("uplink", {"name": "u", "connected": False, "trouble": "dark"}),
            ("device", {"device": "d", "state": "offline", "reason": "timeout"}), ("of-tomorrow", {"x": 1}), ("vacancy", {}), ("bay", [])]  # fmt: skip
    text = "".join(EVENT.format(e, json.dumps(d)) for e, d in told)
    text += "data: {}\n\n" + "event: bay\n\n" + "event: bay\ndata: {\n\n" + "\n\n" + "event: bay\ndata: {}"
    Gateway.answers["/api/v1/events"] = (200, text)
    code, out, err = desk("watch")
    lines = [line[10:] for line in out.splitlines()]
    check.that("watch tells a bus and an uplink when their words change", code == 1 and lines == [
        "bus b: ok", "bus b: unplugged", "uplink u: Connected yes", "uplink u: Connected no: dark", "device d: offline (timeout)",
        "vacancy -: 0 / 0 free", "bay -: - (-)"], str(lines))  # fmt: skip
    check.that("what is no event is passed over, and the end is said", "ended the stream" in err, err)
    code, out, _ = desk("watch", "--json", "--lot", "A")
    check.that("as JSON each is told that is not of another lot", [json.loads(l)["event"] for l in out.splitlines()] ==
               [e for e, _ in told], out)  # fmt: skip
    Gateway.answers["/api/v1/events"] = (200, "".join(EVENT.format(e, json.dumps(d)) for e, d in (
        ("status", {}), ("vacancy", {"lot": "A"}), ("vacancy", {"lot": "B"}), ("bay", {"lot": 7}))))  # fmt: skip
    check.that("--lot leaves out other lots", [line.split()[1:3] for line in desk("watch", "--lot", "A")[1].splitlines()] ==
               [["vacancy", "A:"], ["bay", "-:"]])  # fmt: skip
    many = "".join(EVENT.format("bus", json.dumps({"bus": f"b{i}", "open": True})) for i in [*range(130), 0, 129])
    Gateway.answers["/api/v1/events"] = (200, many)
    lines = [line.split()[2] for line in desk("watch")[1].splitlines()]
    check.that("it remembers a bounded number of them, the newest", lines == [f"b{i}:" for i in [*range(130), 0]], str(lines[-3:]))
    Gateway.answers["/api/v1/events"] = (200, EVENT.format("bay", '{"bay":"' + "x" * 9_000_000 + '"}'))
    code, out, err = desk("watch")
    check.that("an event without end is not waited for", code == 1 and not out and "ended the stream" in err, err)
    Gateway.answers["/api/v1/events"] = (503, '{"error":"too many event streams are open","hint":"close a page"}')
    code, _, err = desk("watch")
    check.that("a stream that is refused says why", code == 1 and "too many event streams are open; close a page" in err, err)
    Gateway.answers["/api/v1/events"] = (200, EVENT.format("bay", "{}") * 5)
    full = open("/dev/full", "w")
    done = subprocess.run([f"{desk.build}/parkctl", "watch", "--socket", desk.socket], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    check.that("who cannot print any more stops without complaint", done.returncode == 0 and not done.stderr, done.stderr)


def sockets(desk, check):
    path = desk.path("cutting.sock")
    threading.Thread(target=Server(path, Cutting).serve_forever, daemon=True).start()
    code, _, err = desk("status", socket=path)
    check.that("who is cut off hears which group to join", code == 1 and "not for you" in err and "parkd-viewer" in err, err)
    path, dead = desk.path("dead.sock"), socket.socket(socket.AF_UNIX)
    dead.bind(path)
    dead.close()
    for words in ("status",), ("watch",), ("bays", "in", "A-1"):
        code, _, err = desk(*words, socket=path)
        check.that(f"{words[0]}: a socket that nobody serves is said with the next step",
                   code == 1 and "Connection refused" in err and "systemctl start parkd" in err, err)  # fmt: skip
    code, _, err = desk("status", socket="/" + "x" * 200)
    check.that("so is a path that no socket can have", code == 1 and "cannot reach parkd" in err, err[:100])


def posts(desk, check):
    """What is asked of the gateway in so many words, and what is told of the answer."""
    lane, stay = "/api/v1/lanes/in/", "/api/v1/stays/S1/"
    why = ("--reason", "why")
    wanted = [
        (("open", "in", *why), lane + "open", {"reason": "why"}),
        (("hold", "in", "--for", "90s", *why), lane + "hold", {"reason": "why", "for_s": 90}),
        (("hold", "in", "--for", "90", *why), lane + "hold", {"reason": "why", "for_s": 90}),
        (("hold", "in", "--for", "2m", *why), lane + "hold", {"reason": "why", "for_s": 120}),
        (("hold", "in", "--for", "2h", *why), lane + "hold", {"reason": "why", "for_s": 7200}),
        (("hold", "in", "--for", "1d", *why), lane + "hold", {"reason": "why", "for_s": 86400}),
        (("release", "in"), lane + "release", {}),
        (("evacuate", *why), "/api/v1/evacuation/begin", {"reason": "why"}),
        (("evacuate", "A", *why), "/api/v1/evacuation/begin", {"reason": "why", "place": "A"}),
        (("evacuate", "end"), "/api/v1/evacuation/end", {}),
        (("evacuate", "end", "A"), "/api/v1/evacuation/end", {"place": "A"}),
        (("approve", "in", "--deny"), lane + "approve", {"deny": True}),
        (("lanes", "ticket", "in", "--ticket", "T-1"), lane + "ticket", {"ticket": "T-1"}),
        (("lanes", "close", "in", *why), lane + "close", {"reason": "why"}),
        (("lanes", "in", "a lane/é"), "/api/v1/lanes/a%20lane%2F%C3%A9/in", {}),
        (("pay", "S1", "--amount", "12", "--channel", "cash"), stay + "pay", {"amount_fen": 1200, "channel": "cash"}),
        (("pay", "S1", "--amount", "12.5", "--channel", "cash"), stay + "pay", {"amount_fen": 1250, "channel": "cash"}),
        (("pay", "S1", "--amount", "0.05", "--channel", "cash"), stay + "pay", {"amount_fen": 5, "channel": "cash"}),
        (("coupon", "S1", "--coupon", "c", "--kind", "time", "--value", "60"), stay + "coupon",
         {"coupon": "c", "kind": "time", "value": 60}),
        (("inside", "A", "--inside", "0", "--sure"), "/api/v1/lots/A/inside", {"inside": 0, "sure": True}),
        (("shift", "open", "--cashier", "Li", "--float", "100", "--lot", "A"), "/api/v1/shifts/open",
         {"cashier": "Li", "float_fen": 10000, "lot": "A"}),
        (("outbox", "forget", "old", *why), "/api/v1/outbox/old/forget", {"seq": 0, "reason": "why"}),
        (("outbox", "retry", "city", "--all"), "/api/v1/outbox/city/retry", {"seq": 0, "reason": ""}),
        (("bays", "in", "A-1"), "/api/v1/bays/A-1/in", {"reason": ""}),
        (("bays", "out", "A-1", *why), "/api/v1/bays/A-1/out", {"reason": "why"}),
        (("outbox", "drop", "city", "--seq", "7", *why), "/api/v1/outbox/city/drop", {"seq": 7, "reason": "why"}),
        (("device", "set", "A-1", "rate", "--", "-7"), "/api/v1/bays/A-1/set", {"empty": False, "what": "rate", "value": -7, "reason": ""}),
        (("device", "recalibrate", "A-1", "--empty", *why), "/api/v1/bays/A-1/recalibrate", {"empty": True, "reason": "why"}),
        (("uplink", "recheck", "hefei", "--lot", "A", "--day", "2026-11-21"), "/api/v1/uplinks/hefei/check",
         {"lot": "A", "day": "2026-11-21"}),
    ]  # fmt: skip
    wrong = []
    for words, path, body in wanted:
        Gateway.answers[path] = (200, '{"done":true,"wait_s":7260}')
        plain, raw = desk(*words), desk(words[0], "--json", *words[1:])
        if Gateway.asked[-2:] != [(path, body)] * 2 or plain[0] or raw[0] or not plain[1] or raw[1] != '{"done":true,"wait_s":7260}':
            wrong.append((words, Gateway.asked[-1], plain, raw))
        Gateway.answers[path] = (409, '{"error":"not now","hint":"later"}')
        code, out, err = desk(*words)
        if (code, out) != (1, "") or not err.strip().endswith("not now; later"):
            wrong.append((words, code, out, err))
    check.that(f"each of {len(wanted)} commands asks in its words, and tells a refusal", not wrong, str(wrong[:1])[:400])
    Gateway.answers["/api/v1/bays/A-1/recalibrate"] = (200, '{"wait_s":7260}')
    said = desk("device", "recalibrate", "A-1", "--empty")[1]
    check.that("a sensor that listens seldom is said to", "within 2 h 1 min" in said, said)


def wrong_words(desk, check):
    long = "x" * 5000
    why = ("--reason", "why")
    wanted = {
        ("open",): "say of which one", ("open", "in"): "say --reason", ("open", "in", "out", *why): '"out" is too much',
        ("hold", "in", *why): "say what", ("hold", "in", "--for", "0", *why): "--for",
        ("hold", "in", "--for", "soon", *why): "--for", ("hold", "in", "--for", "2w", *why): "--for",
        ("hold", "in", "--for", "99999999999", *why): "--for", ("open", long, *why): "too long", ("open", "in", "--reason", long): "too long",
        ("approve", "in", *why): "say what", ("lanes", "fly", "in"): '"fly" is not known here', ("lanes", "close"): "say of which one",
        ("stay", "open", "S1"): '"S1" is too much', ("stay", "jump"): '"jump" is not known here',
        ("stay", "close", "S1", "--outcome", "void", "--lot", "A", *why): "--lot is not for this",
        ("stay", "list", "all"): 'nothing follows "list"', ("stay", "show"): "give one stay", ("stay", "export"): "say which stay",
        ("list", "show", "all"): '"show" is not known here', ("list",): '"" is not known here',
        ("inside", "A", "--inside", "-1"): "--inside", ("inside", "A", "--inside", "2000000000"): "--inside",
        ("inside", "A", "--inside", "many"): "--inside", ("inside", "A", "--inside", "7x"): "--inside",
        ("quote",): "give one stay or plate", ("quote", "S1", "S2"): "give one stay or plate",
        ("lots", "A", "B"): "give one lot", ("devices", "n1"): '"n1" is too much', ("cameras", "c1"): '"c1" is too much',
        ("watch", "A"): '"A" is too much', ("bays", "out", "A-1", "--reason", ""): "say why", ("bays", "in"): "give one bay",
        ("bays", "in", "A-1", "--reason", long): "too long", ("bays", "out", "A-1"): "say why", ("bays", "sideways", "A-1"): "neither", ("outbox",): "give", ("outbox", "list"): "give",
        ("outbox", "burn", "city"): '"burn" is none of', ("outbox", "forget", "city"): "say why",
        ("outbox", "drop", "city", "--all", "--reason", ""): "say why", ("outbox", "retry", "city"): "--seq N, or --all",
        ("outbox", "drop", "city", "--all", "--reason", long): "too long", ("outbox", "drop", "city", "--seq", "7x", *why): "--seq",
        ("outbox", "drop", "city", "--seq", "", *why): "--seq", ("outbox", "drop", "city", "--seq", "9" * 30, *why): "--seq", ("outbox", "drop", "city", "--seq", "-1", *why): "--seq",
        ("probe", "[::1]x", "--units", "7-7-7"): "--units", ("probe", "[::1]:502", "--units", "0"): "--units",
        ("probe", "/dev/x", "--response-ms", "20000", "--units", "5"): "--response-ms", ("probe", "fe80::1", "--baud", "9600x"): "--baud",
        ("device",): "give", ("device", "shake", "A-1"): "give", ("device", "recalibrate"): "give one bay",
        ("device", "recalibrate", "A-1"): "say --empty", ("device", "set", "A-1", "rate"): "give a bay, a parameter",
        ("device", "set", "A-1", "rate", "x"): '"x" is no whole number', ("device", "set", "A-1", "rate", "7x"): "no whole number",
        ("device", "set", "A-1", "rate", "9999999999"): "no whole number", ("device", "set", "A-1", "rate", "--", "-9999999999"): "no whole number",
        ("device", "set", "A-1", long, "7"): "too long", ("device", "recalibrate", long, "--empty"): "too long",
        ("uplink",): 'give "check"', ("uplink", "fly"): 'give "check"', ("uplink", "recheck"): "give an uplink, --lot and --day",
        ("uplink", "recheck", "city", "--lot", "A"): "give an uplink, --lot and --day",
        ("uplink", "recheck", "city", "--day", "2026-11-22"): "give an uplink, --lot and --day",
        ("uplink", "recheck", "city", "--lot", long, "--day", "x"): "too long",
        ("uplink", "recheck", long, "--lot", "A", "--day", "x"): "too long",
        ("backup",): "give the file", ("backup", "a", "b"): "give the file", ("backup", ""): "give the file",
        ("backup", "/" + long): "too long", ("probe", "a", "b"): "give one serial port", ("probe", "[::1"): "give one serial port",
        ("probe", "host:0"): "give one serial port", ("probe", "host:70000"): "give one serial port", ("probe", "host:x"): "give one serial port",
        ("probe", "host:5x"): "give one serial port", ("probe", "[::1]:x"): "give one serial port", ("probe", "h" * 64): "give one serial port",
        ("probe", "/dev/x", "--baud", "12345"): "--baud", ("probe", "/dev/x", "--baud", "fast"): "--baud",
        ("probe", "/dev/x", "--units", "0-3"): "--units", ("probe", "/dev/x", "--units", "3-2"): "--units",
        ("probe", "/dev/x", "--units", "1-300"): "--units", ("probe", "/dev/x", "--units", "1-3x"): "--units",
        ("probe", "/dev/x", "--units", "all"): "--units", ("probe", "/dev/x", "--response-ms", "5"): "--response-ms",
        ("probe", "/dev/x", "--format", "7E1"): "--format", ("probe", "/dev/x", "--format", "8X1"): "--format",
        ("probe", "/dev/x", "--format", "8N3"): "--format", ("probe", "/dev/x", "--format", "8N11"): "--format",
        ("probe", "barrier"): "give the barrier's id", ("probe", "barrier", "in", "a", "b"): "give the barrier's id",
        ("status", "--lang"): "--lang needs a value", ("status", "--no-such"): "--no-such is no option of it",
    }  # fmt: skip
    for amount in "", "x", "1.", ".5", "1.234", "1,5", "123456789", "1.5x", "-1":
        wanted["pay", "S1", "--channel", "cash", "--amount", amount] = "--amount"
    asked, bad = len(Gateway.asked), []
    for words, said in wanted.items():
        code, out, err = desk(*words)
        if code != 2 or out or said not in err or f"see parkctl {words[0]} --help" not in err:
            bad.append((words, code, out, err))
    check.that(f"each of {len(wanted)} wrong uses says what is wrong", not bad, str(bad)[:600])
    check.that("and asks the gateway for nothing", len(Gateway.asked) == asked)


def languages(desk, check):
    Gateway.answers["/api/v1/lots"] = (200, json.dumps({"lots": [{"lot": "A", "quality": "partial"}]}))
    chinese = lambda **environment: "空闲" in desk("lots", **environment)[1]
    check.that("LC_ALL is before LC_MESSAGES, that before LANG, and what is unknown is English",
               chinese(LC_ALL="zh_CN.UTF-8", LANG="C") and chinese(LC_MESSAGES="zh", LANG="C") and not chinese(LC_ALL="en_GB", LANG="zh")
               and not chinese(LC_ALL="fr", LANG="zh") and not chinese(LANG="de"))  # fmt: skip
    done = subprocess.run([f"{desk.build}/parkctl", "lots", "--socket", desk.socket], capture_output=True, text=True, env={}, timeout=60)
    check.that("and so is an empty environment", done.returncode == 0 and "Free" in done.stdout)


def terminals(desk, check):
    path = "/api/v1/bays/A-1/recalibrate"
    Gateway.answers[path] = (200, '{"wait_s":60}')
    for answer, sent in ("y", 1), ("Y", 1), ("n", 0), ("", 0), ("maybe", 0):
        asked = len(Gateway.asked)
        code, out, said = desk.at_terminal("device", "recalibrate", "A-1", answer=answer)
        check.that(f"asked whether the bay is empty, '{answer}' {'sends' if sent else 'sends nothing'}",
                   len(Gateway.asked) - asked == sent and code == (0 if sent else 2) and 'Is bay "A-1" empty' in out, out + said)  # fmt: skip
    Gateway.answers["/api/v1/backup"] = (200, '{"done":true}')
    code, out, said = desk.at_terminal("backup", "copy.db")
    check.that("at a terminal a long work is seen", code == 0 and "the gateway copies" in said and "is a whole copy" in out, said)
    gone = tempfile.mkdtemp(dir=desk.folder.name)
    done = subprocess.run(["sh", "-c", f'cd "{gone}" && rmdir "{gone}" && exec "{desk.build}/parkctl" backup copy.db --socket x'],
                          capture_output=True, text=True, timeout=60)  # fmt: skip
    check.that("a backup beside nothing asks for a whole path", done.returncode == 1 and "give a path from /" in done.stderr, done.stderr)


def main():
    check, desk = Checks(), Desk(sys.argv[1])
    wait_for("the gateway of words is there", lambda: os.path.exists(desk.socket), 10)
    answers(desk, check)
    tables(desk, check)
    watching(desk, check)
    sockets(desk, check)
    posts(desk, check)
    wrong_words(desk, check)
    languages(desk, check)
    terminals(desk, check)
    check.end()


main()
