#!/usr/bin/python3
"""parkctl uplink tells a city's platform one request for a trial, registers lots, and lists what came of the days that
were compared: whatever a platform answers (another protocol, codes of no document, a clock, too much, nothing at all) is
said in words with the next step, and ends with 1. Keys are never overwritten. Usage: test_uplink_trial.py BUILD"""

import datetime
import hashlib
import http.server
import json
import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time

from whole_site import Checks, Site, free_port, wait_for

SECRET = "shared-with-the-platform"
CHINA = datetime.timezone(datetime.timedelta(hours=8))
DAY = str((datetime.datetime.now(CHINA) - datetime.timedelta(days=1)).date())


class Platform(http.server.ThreadingHTTPServer):
    """Answers each path's last part as it was told to, else `otherwise`."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked, self.answers, self.otherwise = [], {}, (200, "{}")
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def says(self, document, status=200):
        self.otherwise = (status, document if isinstance(document, str) else json.dumps(document))


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        name = self.path.split("?")[0].rsplit("/", 1)[1]
        self.server.asked.append(name)
        status, text = self.server.answers.get(name, self.server.otherwise)
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


def configure(site, platform):
    with open(os.open(site.path("secret"), os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(SECRET + "\n")
    url = f'url = "http://127.0.0.1:{platform.server_port}"; timeout_ms = 3000'
    place = "location = { latitude = 34.26; longitude = 117.1857; };"
    named = lambda lots: ", ".join(f'{{ lot = "{l}"; code = "{c}"; address = "1 Lake Road"; }}' for l, c in lots)
    with open(site.path("parkd.conf"), "w") as file:
        file.write(
            f'site = {{ id = "t"; zone = "Asia/Shanghai"; }};\nstore = {{ path = "{site.path("parkd.db")}"; }};\n'
            f'serve = {{ control = "{site.path("control.sock")}"; }};\n'
            f'lots = ( {{ id = "A"; {place} zones = ( {{ id = "Z"; bays = "L1..L5"; unsensed = true; }} ); }},\n'
            f'  {{ id = "B"; kind = "on_street"; {place} zones = ( {{ id = "Y"; bays = "S1..S1200"; unsensed = true; }} ); }} );\n'
            f'uplinks = ( {{ name = "xuzhou"; type = "xuzhou"; {url}; account = "app-1"; secret_file = "secret";\n'
            f'    lots = ( {named([("A", "XZ-A"), ("B", "XZ-B")])} ); }},\n'
            f'  {{ name = "hefei"; type = "hefei"; {url}; account = "dev"; key_file = "key"; lots = ( {{ lot = "A"; code = "HF-A"; }} ); }},\n'
            f'  {{ name = "town"; type = "json"; {url}; }},\n'
            f'  {{ name = "gone"; type = "xuzhou"; url = "http://127.0.0.1:{free_port()}"; account = "app-1"; secret_file = "secret";\n'
            f'    lots = ( {{ lot = "A"; code = "XZ-A"; }} ); }} );\n'
        )  # fmt: skip


class Desk:
    def __init__(self, site):
        self.site = site

    def __call__(self, *words, language="C"):
        done = subprocess.run([f"{self.site.build}/parkctl", "uplink", *words], capture_output=True, text=True, timeout=60,
                              cwd=self.site.dir, env={**os.environ, "LC_ALL": language})  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    def trial(self, act, uplink, *options):
        return self(act, uplink, self.site.path("parkd.conf"), *options)


def keys(desk, check):
    code, out, err = desk("keygen", "key")
    line = out.splitlines()[-1] if out else ""
    with open(desk.site.path("key.pub")) as file:
        public = "".join(l for l in file.read().splitlines() if "-----" not in l)
    check.that("a key pair is made, the public half in one line for the platform", code == 0 and line == public, out + err)
    mode = lambda name: stat.S_IMODE(os.stat(desk.site.path(name)).st_mode)
    check.that("the private half is its owner's alone", mode("key") == 0o600, oct(mode("key")))
    with open(desk.site.path("key")) as file:
        before = file.read()
    code, out, err = desk("keygen", "key")
    with open(desk.site.path("key")) as file:
        same = file.read() == before
    check.that("a key is never overwritten", code == 1 and not out and "never overwritten" in err and same, err)
    code, out, _ = desk("keygen", "--json", "other")
    check.that("as JSON, too", code == 0 and json.loads(out)["key_file"] == "other" and len(json.loads(out)["public_key"]) > 300, out)
    with open(desk.site.path("third.pub"), "w") as file:
        file.write("theirs")
    code, out, err = desk("keygen", "third")
    check.that("where the public half's place is taken no private half stays behind", code == 1 and not out and
               "third.pub" in err and not os.path.exists(desk.site.path("third")), err)  # fmt: skip
    code, _, err = desk("keygen", "none/key")
    check.that("a folder that is not there is said", code == 1 and "No such file" in err, err)
    if os.path.exists("/dev/full"):
        os.symlink("/dev/full", desk.site.path("full"))
        check.that("nor is anything written through a link", desk("keygen", "full")[0] == 1)


def trials(desk, platform, check):
    now = int(time.time() * 1000)
    platform.says({"code": 8888, "msg": "", "data": {"serverTime": now - 3_600_000}})
    code, out, err = desk.trial("test", "hefei")
    check.that("a good answer is told with the platform's clock", code == 0 and 'lot "A" (HF-A): 8888, success; its clock is -3600.' in out
               and len(platform.asked) == 1, out + err)  # fmt: skip
    platform.says({"code": 4002, "msg": "twice", "data": "{}"})
    code, out, _ = desk.trial("test", "hefei")
    check.that("so is one that was known already, with its message", code == 0 and "4002, duplicate submit: twice" in out, out)
    platform.says({"code": 1008, "msg": "", "data": {}})
    code, out, _ = desk.trial("test", "hefei")
    check.that("a refusal names what to look at", code == 1 and "1008, signature wrong; check the key" in out, out)
    platform.says({"code": 77, "msg": "?"}, status=500)
    code, out, _ = desk.trial("test", "hefei")
    check.that("a code of no document is told as that", code == 1 and "77, not in its documents: ?" in out, out)
    for text, status in ("<html>", 404), ('{"msg":"x"}', 200), ("", 502):
        platform.says(text, status)
        code, out, err = desk.trial("test", "hefei")
        check.that(f"{status}, {text or 'empty'}: another protocol asks for the url", code == 1 and not out and
                   f"HTTP {status}, and no answer of this protocol; check the url" in err, err)  # fmt: skip
    platform.says("x" * 70_000)
    code, out, err = desk.trial("test", "hefei")
    check.that("an answer without end is not read", code == 1 and not out and err.startswith("parkctl uplink: "), err)
    code, out, err = desk.trial("test", "gone")
    check.that("a platform that is away is said", code == 1 and not out and "onnect" in err, err)
    platform.says({"code": 0, "msg": "success"})
    platform.asked.clear()
    code, out, _ = desk.trial("test", "xuzhou")
    check.that("a platform is told of each lot", code == 0 and platform.asked == ["postParkDevice"] * 2 and
               'lot "A" (XZ-A): 0, success' in out and 'lot "B" (XZ-B): 0, success' in out, f"{platform.asked} {out}")  # fmt: skip
    platform.asked.clear()
    code, out, _ = desk.trial("test", "xuzhou", "--lot", "B")
    check.that("or that of one lot", code == 0 and len(platform.asked) == 1 and '"B"' in out and '"A"' not in out, out)
    for act in "test", "register":
        code, out, err = desk.trial(act, "xuzhou", "--lot", "C")
        check.that(f"{act}: a lot that the uplink does not tell is refused, not passed over", code == 2 and not out and
                   'no lot "C"' in err and len(platform.asked) == 1, f"{code} {err}")  # fmt: skip


def registrations(desk, platform, check):
    platform.answers["postParkInfo"] = (200, json.dumps({"code": 0, "msg": "", "data": {"parkCode": "XZ-A"}}))
    platform.asked.clear()
    code, out, err = desk.trial("register", "xuzhou", "--lot", "A")
    check.that("a lot whose code is written already needs no line", code == 0 and platform.asked == ["postParkInfo", "postParkDevice"] and
               "write code" not in out, out + err)  # fmt: skip
    platform.answers["postParkInfo"] = (200, json.dumps({"code": -1, "msg": "not ours"}))
    platform.asked.clear()
    code, out, _ = desk.trial("register", "xuzhou")
    check.that("what is refused ends its lot, the next is still told", code == 1 and platform.asked == ["postParkInfo"] * 2 and
               out.count("-1, failure: not ours") == 2, f"{platform.asked} {out}")  # fmt: skip
    del platform.answers["postParkInfo"]
    code, out, err = desk.trial("reregister", "hefei")
    check.that("a platform that takes no registration says where to ask", code == 2 and "filed with their operator" in err, err)


def wrong_use(desk, platform, check):
    asked = len(platform.asked)
    conf = desk.site.path("parkd.conf")
    for words, said in (("test",), "give an uplink"), (("test", "hefei", conf, "more"), "give an uplink"), \
            (("test", "town", conf), '"town" is no uplink to a city platform'), (("test", "none", conf), '"none" is no uplink'), \
            (("keygen",), "give the file"), (("keygen", "a", "b"), "give the file"):  # fmt: skip
        code, out, err = desk(*words)
        check.that(f"{' '.join(words[:2])}: wrong use says what is missing", code == 2 and not out and said in err, err)
    code, out, err = desk("test", "hefei", "none.conf")
    check.that("a configuration that is not there is said", code == 1 and not out and "none.conf" in err, err)
    check.that("none of these asked the platform", len(platform.asked) == asked)


def rewrite(site):
    """The journal ends with verdicts that take long to come: a day that differs, and one of another uplink."""
    file = sqlite3.connect(site.path("parkd.db"))
    checks = file.execute("SELECT seq, body, at_ms FROM journal WHERE kind = 'day_check' ORDER BY seq").fetchall()
    seq = checks[0][0]  # at night the gateway compares yesterday by itself
    body, at_ms = next((body, at_ms) for _, body, at_ms in checks if f'"{DAY}"' in body)
    before = file.execute("SELECT hash FROM journal WHERE seq = ?", [seq - 1]).fetchone()[0]
    file.execute("DELETE FROM journal WHERE seq >= ?", [seq])
    for number, now in enumerate((body.replace('"balanced"', '"differs"'), body.replace('"hefei"', '"town"')), seq):
        before = hashlib.sha256(before + number.to_bytes(8, "big") + at_ms.to_bytes(8, "big") + b"day_check\0" + now.encode()).digest()
        file.execute("INSERT INTO journal(seq, at_ms, kind, body, hash) VALUES(?, ?, 'day_check', ?, ?)", [number, at_ms, now, before])
    file.commit()
    file.close()


def days(desk, platform, check):
    """A day that is compared is a record; parkctl lists it, and says by its exit whether any still differs."""
    site = desk.site
    code, _, err = desk("check", "--db", "none.db")
    check.that("without a database there is nothing to list", code == 1 and "none.db" in err, err)
    platform.says({"code": 8888, "msg": "", "data": {"driveInFlag": 0, "driveOutFlag": 0, "serverTime": int(time.time() * 1000)}})
    site.start_parkd()
    rows = lambda *words: json.loads(desk("check", "--json", "--db", site.path("parkd.db"), *words)[1])["checks"]
    recheck = lambda day: desk("recheck", "hefei", "--lot", "A", "--day", day, "--socket", site.path("control.sock"))
    code, out, err = recheck(DAY)
    check.that("a day is compared anew", code == 0 and "begun" in out, err)
    wait_for("its verdict is a record", lambda: rows("--day", DAY), 60)
    code, out, _ = desk("check", "--db", site.path("parkd.db"))
    check.that("equal days end with 0", code == 0 and DAY in out and "hefei" in out, out)
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    rewrite(site)  # to find that a platform lacks something takes minutes
    code, out, _ = desk("check", "--db", site.path("parkd.db"), language="zh_CN.UTF-8")
    check.that("a day that differs ends with 1, in either language", code == 1 and "平台" in out.splitlines()[0] and DAY in out, out)
    find = lambda *words: [r["uplink"] for r in rows(*words)]
    check.that("uplink, lot and day choose", find("hefei") == ["hefei"] and
               find("--lot", "A") == find("--day", DAY) == find() == ["hefei", "town"] and find("xuzhou") == find("--lot", "B") == find("--day", "2020-01-01") == [], str(rows()))  # fmt: skip


def main():
    site, check, platform = Site(sys.argv[1]), Checks(), Platform()
    desk = Desk(site)
    keys(desk, check)
    configure(site, platform)
    trials(desk, platform, check)
    registrations(desk, platform, check)
    wrong_use(desk, platform, check)
    days(desk, platform, check)
    check.end()


main()
