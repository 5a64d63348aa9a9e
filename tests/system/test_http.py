#!/usr/bin/python3
"""Rules 2, 18, 19: what the daemon shows over HTTP is true and adds up, at every moment; health says what is
missing; other sites' pages and made-up hosts get nothing; and no request, however large, slow or senseless,
harms it. Usage: test_http.py BUILD [SEED]"""

import http.client
import json
import os
import random
import re
import socket
import struct
import sys
import threading
import urllib.parse

from whole_site import Checks, Site, utc_ms, wait_for

SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 2026
STATES = ("free", "occupied", "unknown", "out_of_service")
KEYS = ("capacity", *STATES)


class Browser:
    def __init__(self, site):
        self.port = site.page_port

    def __call__(self, path, method="GET", body=None, timeout=10, **headers):
        """(status, headers, body)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def json(self, path):
        status, headers, body = self(path)
        assert status == 200 and headers["Content-Type"] == "application/json", (path, status, body[:200])
        return json.loads(body)

    def raw(self, data, timeout=5):
        """What comes back for these bytes until the server closes or falls silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout) as s:
            got = b""
            try:
                s.sendall(data)
                while len(got) < 1 << 20 and (piece := s.recv(65536)):
                    got += piece
            except OSError:  # it may close before it has read everything
                pass
            return got


def sums(lot):
    """Rule 2, as words where it does not hold."""
    wrong = []
    for part in [lot, *lot["zones"], *lot.get("classes", [])]:
        if part["capacity"] != sum(part[s] for s in STATES) or min(part[k] for k in KEYS) < 0:
            wrong.append(f"{part.get('id', lot['lot'])}: {[part[k] for k in KEYS]}")
    for key in KEYS:
        if sum(z[key] for z in lot["zones"]) != lot[key]:
            wrong.append(f"zones' {key}")
    quality = "good" if not lot["unknown"] else "partial" if lot["free"] + lot["occupied"] else "unknown"
    return wrong + ([f"quality {lot['quality']}"] if lot["quality"] != quality else [])


def page(site, check, get):
    status, headers, body = get("/")
    text = body.decode()
    files = re.findall(r'(?:src|href)="([^"]+)"', text)
    check.that("the page is there, in HTML", status == 200 and "text/html" in headers["Content-Type"] and "<title" in text)
    answers = {f: get(urllib.parse.urljoin("/", f)) for f in files}
    check.that("so is each file that it names", len(files) >= 3 and all(a[0] == 200 for a in answers.values()), str(files))
    outside = [f for f, a in answers.items() if re.search(rb'["\'(](https?:)?//(?!www\.w3\.org)', a[2])]
    check.that("nothing on it comes from outside", not outside and "//" not in re.sub(r"<!--.*?-->", "", text.replace("</", "")), str(outside))
    check.that("and the browser is told so", "default-src" in headers.get("Content-Security-Policy", "") and
               headers.get("X-Content-Type-Options") == "nosniff", str(headers))  # fmt: skip
    check.that("HEAD answers without a body", get("/", "HEAD")[0] == 200 and get("/", "HEAD")[2] == b"")


def api(site, check, get):
    routes = get.json("/api/v1")["routes"]
    plain = [r["path"] for r in routes if r["method"] == "GET" and "*" not in r["path"] and "events" not in r["path"]
             and not r["control_socket_only"]]
    wrong = [p for p in plain if get(p)[0] != 200]
    check.that(f"each of {len(plain)} paths answers", not wrong, str(wrong))
    bays = get.json("/api/v1/bays")
    fields = {"lot", "zone", "bay", "class", "state", "reason", "since", "suspect", "device"}
    wrong = [b for b in bays["bays"] if set(b) != fields or b["state"] not in STATES or
             not 0 <= utc_ms(get.json("/api/v1/status")["now"]) - utc_ms(b["since"]) < 600_000 or b["suspect"]]  # fmt: skip
    check.that("every bay has sane fields", bays["count"] == len(bays["bays"]) == 30 and not wrong, str(wrong[:1]))
    lots = get.json("/api/v1/lots")["lots"]
    check.that("vacancy adds up (rule 2)", not sum((sums(l) for l in lots), []), str([sums(l) for l in lots]))
    counted = [sum(b["state"] == s for b in bays["bays"]) for s in STATES]
    check.that("and is what the bays say", counted == [lots[0][s] for s in STATES], str(counted))
    one = get.json("/api/v1/lots/A")
    check.that("one lot is the same as in the list", {**one, "as_of": 0} == {**lots[0], "as_of": 0})
    narrow = get.json("/api/v1/bays?lot=A&state=free")
    check.that("a filter narrows", narrow["count"] == lots[0]["free"] and {b["state"] for b in narrow["bays"]} <= {"free"})
    devices = get.json("/api/v1/devices")["devices"]
    check.that("devices say when they were heard", len(devices) == 3 and all(
        d["state"] == "online" and d["answers"] > 0 and d["turnaround_us"] >= 0 and utc_ms(d["last_answer"]) > 0
        for d in devices), str(devices[:1]))  # fmt: skip
    nothing = {p: get(p)[0] for p in ("/api/v1/lots/none", "/api/v2", "/api/v1/bays?lot=none", "/..%2f..%2fetc/passwd",
                                      "/page/../../main.c", "/page/", "/api/v1/outbox/none", "/%00", "/api/v1/lots/A%00B")}  # fmt: skip
    check.that("what is not there is 404, in JSON", set(nothing.values()) == {404} and
               b"hint" in get("/api/v1/lots/none")[2], str(nothing))  # fmt: skip
    status, headers, _ = get("/api/v1/lots", "DELETE")
    check.that("a wrong method is told which are right", status == 405 and "GET" in headers.get("Allow", ""))
    acts = [r["path"].replace("*", "A-0001") for r in routes if r["method"] == "POST"]
    codes = [get(p, "POST", '{"reason":"x"}', Content_Type="application/json")[0] for p in acts]
    check.that("nobody operates over TCP", acts and set(codes) == {403}, str(codes))


def moments(site, check, get):
    """Rule 2 at every moment, not only at rest."""
    site.sim("field", "rate 300")
    wrong, looked, states = [], 0, set()
    while looked < 300 or len(states) < 10:
        lot = get.json("/api/v1/lots/A")
        wrong += sums(lot)
        looked += 1
        states.add(lot["free"])
    site.sim("field", "rate 20")
    check.that("it adds up at every moment under traffic", not wrong, f"{looked} looks, {len(states)} different vacancies {wrong[:2]}")


class Stream(threading.Thread):
    def __init__(self, get, path="/api/v1/events?snapshot=1"):
        super().__init__(daemon=True)
        self.connection = http.client.HTTPConnection("127.0.0.1", get.port, timeout=30)
        self.connection.request("GET", path, headers={"Accept": "text/event-stream"})
        self.answer = self.connection.getresponse()
        self.events = []
        self.start()

    def run(self):
        event = None
        try:
            for line in self.answer:
                line = line.decode().rstrip("\n")
                if line.startswith("event: "):
                    event = line[7:]
                elif line.startswith("data: "):
                    self.events.append((event, json.loads(line[6:])))
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass  # closed by the test

    def close(self):
        self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.join(5)
        self.connection.close()


def events(site, check, get):
    stream = Stream(get)
    bays = lambda: {d["bay"]: d["state"] for e, d in list(stream.events) if e == "bay"}
    wait_for("the snapshot has every bay", lambda: len(bays()) == 30, 10)
    kinds = {e for e, _ in stream.events}
    check.that("a stream begins with everything", {"status", "vacancy", "device", "bus", "bay"} <= kinds, str(kinds))
    site.sim("field", "rate 100")
    wait_for("changes", lambda: len(stream.events) > 500, 20)
    site.sim("field", "rate 0")
    live = lambda: {b["bay"]: b["state"] for b in get.json("/api/v1/bays")["bays"]}
    wait_for("the stream has come to what is", lambda: bays() == live(), 10)
    wrong = sum((sums(d) for e, d in stream.events if e == "vacancy"), [])
    check.that("its vacancies add up each, and its bays end as they are", not wrong, f"{len(stream.events)} events {wrong[:2]}")
    deaf = [Stream(get) for _ in range(23)]
    codes = [s.answer.status for s in deaf]
    more = get("/api/v1/events")[0]
    check.that("at the bound of streams the next is refused", set(codes) == {200} and more == 503, f"{set(codes)} {more}")
    check.that("and everything else still answers", get("/api/v1/status")[0] == 200)
    for s in [stream, *deaf]:
        s.close()
    wait_for("their places are free again", lambda: Stream(get).answer.status == 200, 10)


def metrics(check, get):
    status, headers, body = get("/metrics")
    types, helps, seen, wrong = {}, set(), {}, []
    for line in body.decode().splitlines():
        if m := re.fullmatch(r"# HELP ([a-z_]+) .+", line):
            helps.add(m[1])
        elif m := re.fullmatch(r"# TYPE ([a-z_]+) (counter|gauge)", line):
            types[m[1]] = m[2]
        elif m := re.fullmatch(r'([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (-?[0-9.]+)', line):
            if m[1] not in types or (m[1], m[2]) in seen or float(m[3]) < 0:
                wrong.append(line)
            seen[m[1], m[2]] = float(m[3])
        else:
            wrong.append(line)
    wrong += [n for n, t in types.items() if (t == "counter") != n.endswith("_total") or n not in helps]
    wrong += [n for n in types if re.search(r"_(ms|us|minutes|percent)(_|$)", n) or not n.startswith("parkd_")]
    check.that("metrics are as Prometheus wants them", status == 200 and "version=0.0.4" in headers["Content-Type"] and
               len(seen) > 30 and not wrong, f"{len(seen)} samples {wrong[:3]}")  # fmt: skip
    bays = sum(v for (n, _), v in seen.items() if n == "parkd_bays")
    check.that("the bays in them add up to the capacity", bays == seen["parkd_lot_capacity_bays", '{lot="A"}'] == 30)


def health(site, check, get):
    ready = lambda: get("/readyz")
    check.that("alive and ready", get("/healthz")[::2] == (200, b"alive\n") and ready()[0] == 200, ready()[2].decode())
    site.stop("broker")
    site.stop("city")
    words = wait_for("it is said that both are away", lambda: (t := ready()[2].decode()).count("not connected") == 2 and t, 20)
    check.that("broker and platform away: said, and no reason yet to call anybody", ready()[0] == 200, words)
    site.sim("field", "line tcp1 down")
    wait_for("the bus is missed", lambda: ready()[0] == 503, 20)
    words = ready()[2].decode()
    check.that("a bus away: not ready, and which", 'NOT OK: bus "tcp1"' in words, words)
    check.that("but alive", get("/healthz")[0] == 200)
    site.sim("field", "line tcp1 up")
    site.start_broker()
    site.start_city()
    wait_for("all is well again", lambda: ready()[0] == 200 and "not connected" not in ready()[2].decode(), 60)
    check.that("and ready again when it is back", True)


def guard(check, get):
    host = f"127.0.0.1:{get.port}"
    codes = {h: get("/api/v1/lots", Host=h)[0] for h in
             (host, f"localhost:{get.port}", "evil.example", "127.0.0.1.evil.example", "[::1]", "", "127.0.0.1:x", "a" * 5000)}  # fmt: skip
    good = {h for h, c in codes.items() if c == 200}
    check.that("only hosts that cannot be another's are served", good == {host, f"localhost:{get.port}", "[::1]"}, str(
        {h[:30]: c for h, c in codes.items()}))  # fmt: skip
    codes = {o: get("/api/v1/lots", Origin=o)[0] for o in
             (f"http://{host}", "http://evil.example", "null", f"https://{host}", f"http://{host}.evil.example")}  # fmt: skip
    check.that("and no other site's page", [o for o, c in codes.items() if c == 200] == [f"http://{host}"], str(codes))
    check.that("not even without a Host", b" 200 " not in get.raw(b"GET /api/v1/lots HTTP/1.1\r\n\r\n").split(b"\r\n")[0])


def started(s):
    try:
        return s.send(b"x") == 1 or True
    except OSError:
        return False


def rude(site, check, get):
    """What only an attacker or a broken program sends."""
    start = f"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode()
    post = b"POST /api/v1/bays/A-0001/out HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    requests = {
        "a header of 1 MB": start + b"X: " + b"a" * (1 << 20) + b"\r\n\r\n",
        "a hundred thousand headers": start + b"X: a\r\n" * 100_000 + b"\r\n",
        "a path of 1 MB": b"GET /" + b"a" * (1 << 20) + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "a query of a hundred thousand keys": b"GET /api/v1/bays?" + b"a=b&" * 100_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "a body of 20 MB": post + b"Content-Length: 20971520\r\n\r\n" + b"x" * (20 << 20),
        "a body longer than said": post + b"Content-Length: 2\r\n\r\n{}" + b"x" * 100_000,
        "a length below zero": post + b"Content-Length: -1\r\n\r\n{}",
        "two lengths": post + b"Content-Length: 2\r\nContent-Length: 200\r\n\r\n{}",
        "a length beyond all numbers": post + b"Content-Length: 99999999999999999999999\r\n\r\n{}",
        "a chunk beyond all numbers": post + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        "chunks without end": post + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 100_000,
        "JSON within JSON": post + b"Content-Length: 4000\r\n\r\n" + b"[" * 4000,
        "no HTTP": bytes(range(256)) * 64,
        "a thousand requests at once": (start + b"\r\n") * 1000,
        "an escape cut short": b"GET /api/v1/lots/%4 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    }  # fmt: skip
    for what, data in requests.items():
        get.raw(data, timeout=1)
        if get("/healthz")[0] != 200:
            check.that(f"{what}: it lives", False)
    check.that(f"{len(requests)} rude requests, and it lives", True)
    dice = random.Random(SEED)
    for _ in range(300):
        data = bytearray(start + b"Range: bytes=0-9\r\nCookie: a=b\r\n\r\n")
        for _ in range(dice.randrange(1, 8)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        get.raw(bytes(data) + b"\r\n\r\n", timeout=0.05)
    check.that("300 damaged requests, and it lives", get("/healthz")[0] == 200)
    slow = []
    for _ in range(60):
        s = socket.socket()
        s.setblocking(False)  # those that the server does not take wait outside
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # ends as a crash would
        s.connect_ex(("127.0.0.1", get.port))
        slow.append(s)
    wait_for("they fill every place", lambda: sum(started(s) for s in slow) >= 32, 10)
    head = site.ctl_json("status")["store"]["head"]
    site.sim("field", "rate 50")
    wait_for("records go on", lambda: site.ctl_json("status")["store"]["head"] > head + 20, 10)
    check.that("sixty clients that never finish: the gateway works, parkctl is answered", True)
    for s in slow:
        s.close()
    wait_for("the page is back", lambda: get("/healthz")[0] == 200, 10)


def main():
    site, check = Site(sys.argv[1]), Checks()
    print(f"seed {SEED}")
    site.start_broker()
    site.start_city()
    site.start_field("--tcp", "127.0.0.1:0", "--ports", "3", "--bays", "10", "--seed", "1")
    with open(site.path("parkd.conf")) as f:
        text = f.read().replace("devices = (", "backoff_max_ms = 1000; devices = (")
    with open(site.path("parkd.conf"), "w") as f:
        f.write(re.sub(r'(name = "(?:broker|city)";)', r"\1 backoff_max_ms = 1000;", text))
    site.start_parkd()
    get = Browser(site)
    wait_for("all bays are known", lambda: get.json("/api/v1/lots/A")["unknown"] == 0, 20)
    wait_for("all is connected", lambda: all(u["connected"] for u in get.json("/api/v1/uplinks")["uplinks"]), 20)
    page(site, check, get)
    api(site, check, get)
    moments(site, check, get)
    events(site, check, get)
    metrics(check, get)
    guard(check, get)
    before = (site.descriptors("parkd"), site.resident_kb("parkd"))
    rude(site, check, get)
    wait_for("no descriptor is left behind", lambda: site.descriptors("parkd") <= before[0] + 2, 40)
    grown = site.resident_kb("parkd") - before[1]
    check.that("and no memory", grown < 4096, f"{grown} kB more")
    health(site, check, get)
    check.that("nothing was logged as an error but what was away", not re.search(r"error: (?!.*(uplink|bus|broker))", site.log("parkd")))
    check.that("the audit finds nothing", site.audit_is_clean())
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    check.end()


main()
