#!/usr/bin/python3
"""Xuzhou asks for a lot, its berths and its device before anything else: parkctl uplink register tells it of each
lot under a token, takes the code from the answer into what follows, and says what to write; a refusal is an exit
of 1; the daemon tells the device each day, first when it starts. Usage: test_xuzhou_setup.py [BUILD]"""

import hashlib
import http.server
import json
import os
import subprocess
import sys
import threading
import urllib.parse

from whole_site import Checks, Site, wait_for

SECRET = "shared-with-the-platform"
ASKED = {
    "/api/outer/postParkInfo": {"address", "isPayMonth", "latitude", "longitude", "postType", "thirdParkCode",
                                "thirdParkName", "totalPlaceCount"},
    "/api/inner/postParkInfo": {"address", "berthInfo", "latitude", "longitude", "postType", "thirdParkCode",
                                "thirdParkName", "totalPlaceCount"},
    "/api/inner/postParkBerthNos": {"berthInfo", "parkCode", "postType"},
    "/api/outer/postParkDevice": {"deviceSN", "parkCode", "postType"},
}  # fmt: skip


class Platform(http.server.ThreadingHTTPServer):
    """Takes what the specification asks for, and nothing else."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.taken, self.breaches, self.refuses = [], [], False
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def judge(self, uri, token, body):
        data = json.loads(body)
        canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        if token != hashlib.md5((uri + canonical + SECRET).encode()).hexdigest().upper():
            return "the token is wrong"
        if set(data) != ASKED.get(uri, set()) | {"appkey", "time"}:
            return f"{uri}: {sorted(data)}"
        if self.refuses:
            return "this lot is not ours"
        self.taken.append((uri, data))
        return None


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        url = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if "postPlaceData" in url.path:
            wrong = None
        else:
            wrong = self.server.judge(url.path, urllib.parse.parse_qs(url.query)["token"][0], body)
        if wrong:
            self.server.breaches.append(wrong)
        answer = {"code": -1, "msg": wrong} if wrong else {"code": 0, "msg": "success", "data": {"IsWhiteCar": 0}}
        if not wrong and url.path.endswith("postParkInfo"):
            answer["data"] = {"parkCode": "XZ-" + json.loads(body)["thirdParkCode"]}
        out = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(out)))
        self.end_headers()
        self.wfile.write(out)

    def log_message(self, *_):
        pass


def configure(site, platform):
    with open(os.open(site.path("secret"), os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
        f.write(SECRET + "\n")
    place = 'location = { latitude = 34.26; longitude = 117.1857; };'
    with open(site.path("parkd.conf"), "w") as f:
        f.write(
            'site = { id = "xz"; zone = "Asia/Shanghai"; };\n'
            f'store = {{ path = "{site.path("parkd.db")}"; }};\n'
            f'serve = {{ control = "{site.path("control.sock")}"; }};\n'
            f'lots = ( {{ id = "A"; name = "湖滨"; {place} zones = ( {{ id = "Z"; bays = "L1..L5"; unsensed = true; }} ); }},\n'
            f'  {{ id = "S"; kind = "on_street"; {place} zones = ( {{ id = "Y"; bays = "S1..S3"; unsensed = true; }} ); }},\n'
            '  { id = "N"; zones = ( { id = "X"; bays = "N1..N2"; unsensed = true; } ); } );\n'
            f'uplinks = ( {{ name = "xuzhou"; type = "xuzhou"; url = "http://127.0.0.1:{platform.server_port}";\n'
            f'  account = "app-1"; secret_file = "{site.path("secret")}"; token_case = "upper";\n'
            '  lots = ( { lot = "A"; code = "not-known-yet"; address = "南湖路 1 号"; monthly = true; },\n'
            '           { lot = "S"; code = "XZ-S"; address = "湖滨路"; }, { lot = "N"; code = "XZ-N"; } ); } );\n'
        )  # fmt: skip


def main():
    site, check, platform = Site(sys.argv[1] if len(sys.argv) > 1 else "build"), Checks(), Platform()
    configure(site, platform)
    def register(act, lot):
        done = subprocess.run([f"{site.build}/parkctl", "uplink", act, "xuzhou", site.path("parkd.conf"), "--lot", lot],
                              capture_output=True, text=True, timeout=60)  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    code, out = register("register", "A")
    uris = [uri.rsplit("/", 1)[1] for uri, _ in platform.taken]
    check.that("a lot and its device are told", code == 0 and uris == ["postParkInfo", "postParkDevice"], f"{out}{uris}")
    check.that("its new code goes into what follows, and is told", platform.taken[1][1]["parkCode"] == "XZ-A" and
               'write code = "XZ-A"' in out, out)  # fmt: skip
    told = platform.taken[0][1]
    check.that("with what the platform asks for", (told["address"], told["isPayMonth"], told["totalPlaceCount"],
               told["postType"], told["longitude"]) == ("南湖路 1 号", 1, 5, 1, "117.185700"), str(told))  # fmt: skip
    platform.taken.clear()
    code, out = register("reregister", "S")
    check.that("a street is told with its berths, as a change", code == 0 and
               [uri for uri, _ in platform.taken] == ["/api/inner/postParkInfo", "/api/inner/postParkBerthNos",
                                                      "/api/outer/postParkDevice"] and
               [b["berthNo"] for b in platform.taken[1][1]["berthInfo"]] == ["S1", "S2", "S3"] and
               all(data["postType"] == 2 for _, data in platform.taken), f"{out}{platform.taken}")  # fmt: skip
    code, out = register("register", "N")
    check.that("what is missing is said", code == 1 and 'lot "N" has no location' in out, out)
    platform.refuses = True
    code, out = register("register", "A")
    check.that("a refusal is told in the platform's words", code == 1 and "this lot is not ours" in out, out)
    platform.refuses = False
    check.that("nothing was told that is not asked for", platform.breaches == ["this lot is not ours"], str(platform.breaches))

    platform.taken.clear()
    site.start_parkd()
    devices = lambda: sorted(data["parkCode"] for uri, data in platform.taken if uri.endswith("postParkDevice"))
    wait_for("the devices of registered lots are told", lambda: devices() == ["XZ-S", "not-known-yet"], 15)
    check.that("the daemon tells the device of each registered lot", True)
    uplink = site.uplink("xuzhou")
    check.that("and nothing troubles it", not uplink["trouble"], str(uplink))
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    site.close()
    check.end()


main()
