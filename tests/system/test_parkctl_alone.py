#!/usr/bin/python3
"""parkctl without a gateway: it decodes what sensors and cameras sent, prices stays, checks and explains tariffs, finds
devices on a line, and looks at a barrier; in words, in both languages and as JSON the same; and what cannot be read is
said with the next step, line by line. Usage: test_parkctl_alone.py BUILD"""

import json
import os
import pty
import re
import socketserver
import struct
import subprocess
import sys
import tempfile
import threading

from lane_site import PLAN, LaneSite
from whole_site import TOP, Checks

CAPTURES = os.path.join(TOP, "tests/captures")
MAPS = ["--maps", os.path.join(TOP, "config/devices")]
STAY = ("--entry", "2024-03-13T09:00:00+08:00", "--exit", "2024-03-13T10:01:00+08:00")


class Desk:
    def __init__(self, build):
        self.build, self.folder = os.path.abspath(build), tempfile.TemporaryDirectory(prefix="parkctl-")
        self.rules = ["--rules", os.path.join(TOP, "config")]

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w") as file:
            file.write(text)
        return self.path(name)

    def __call__(self, *words, text="", language="C"):
        done = subprocess.run([f"{self.build}/parkctl", *words], input=text, capture_output=True, text=True, timeout=60,
                              cwd=self.folder.name, env={**os.environ, "LC_ALL": language})  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    def at_terminal(self, *words):
        """Standard error is a terminal; what it showed."""
        near, far = pty.openpty()
        process = subprocess.Popen([f"{self.build}/parkctl", *words], stdout=subprocess.PIPE, stderr=far, text=True, cwd=self.folder.name)
        shown, ends = [], threading.Event()

        def read():
            try:
                while data := os.read(near, 4096):
                    shown.append(data.decode(errors="replace"))
            except OSError:
                pass
            ends.set()

        threading.Thread(target=read, daemon=True).start()
        out = process.communicate(timeout=60)[0]
        os.close(far)
        ends.wait(20)
        os.close(near)
        return process.returncode, out, "".join(shown)


def lines(path):
    with open(os.path.join(CAPTURES, path), encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def decoding(desk, check):
    frames = lines("lorawan/frames.jsonl")
    code, out, err = desk("decode", "--batch", os.path.join(CAPTURES, "lorawan/frames.jsonl"))
    check.that("each captured frame has its line", code == 0 and not err and len(out.splitlines()) == len(frames), err)
    some = "\n".join(["", "no json", json.dumps(frames[0]), " \t", '{"device":"none/none","hex":"00"}', '{"device":7}']) + "\n"
    code, out, _ = desk("decode", "--batch", "-", text=some)
    answers = [json.loads(line) for line in out.splitlines()]
    check.that("a line that is none is answered in its place, and ends nothing", code == 1 and len(answers) == 4 and
               ["error" in a for a in answers] == [True, False, True, True], out)  # fmt: skip
    envelopes = json.load(open(os.path.join(CAPTURES, "lorawan/envelopes.json"), encoding="utf-8"))
    names = sorted({e["stack"] for e in envelopes} if isinstance(envelopes, list) else [])
    for name, file in ("chirpstack-v4", "chirpstack-v4-uplink.json"), ("chirpstack-v3", "chirpstack-v3-uplink.json"), ("tts-v3", "tts-v3-uplink.json"):
        path = os.path.join(CAPTURES, "lorawan", file)
        answers = [desk("decode", "--envelope", name, path), desk("decode", "--envelope", name, "-", text=open(path).read()),
                   desk("decode", "--envelope", name, text=open(path).read())]  # fmt: skip
        check.that(f"{name}: a message means the same from a file and from standard input", len(set(answers)) == 1 and answers[0][0] == 0 and
                   json.loads(answers[0][1]), str(answers[:1]))  # fmt: skip
    check.that("stacks are named in the captures", names == [] or "chirpstack-v4" in names, str(names))
    join = desk("decode", "--envelope", "chirpstack-v4", "--topic", "application/1/device/0004a30b00fb29e7/event/join", text="{}")
    check.that("what is no uplink is refused, by its topic", join[0] == 1, str(join))
    for words, text, said in (("--envelope", "tts-v3"), "no json", "parkctl decode: "), (("--envelope", "none"), "{}", "none"), \
            (("--envelope", "tts-v3", "none.json"), "", "none.json: No such file"), (("--batch", "none.jsonl"), "", "none.jsonl: No such file"), \
            (("--camera", "hikvision", "none.xml"), "", "none.xml: No such file"), (("--camera", "hikvision", "."), "", "cannot be read to its end"):  # fmt: skip
        code, out, err = desk("decode", *words, text=text)
        check.that(f"decode {' '.join(words)}: what cannot be read is said", code == 1 and not out and said in err, f"{code} {out}{err}")
    wrong = [words for words in ((), ("--batch", "-", "x"), ("--batch", "-", "--envelope", "x"), ("--batch", "-", "--camera", "x"),
             ("--envelope", "tts-v3", "a", "b"), ("--envelope", "x", "--camera", "y"), ("--camera", "hikvision", "a", "b"), ("x",),
             ("--camera", "none"), ("--batch",))  # fmt: skip
             if (got := desk("decode", *words))[0] != 2 or got[1] or "see parkctl decode --help" not in got[2]]  # fmt: skip
    check.that("wrong uses say what may be given", not wrong and "there are vzenith, hikvision, dahua" in desk("decode", "--camera", "none")[2], str(wrong))


def cameras(desk, check):
    family = {"vz": "vzenith", "hik": "hikvision", "dahua": "dahua", "platerec": "platerecognizer", "openalpr": "openalpr", "frigate": "frigate",
              "qy": "vzenith", "sz": "vzenith"}  # fmt: skip
    wrong, seen = [], 0
    for row in lines("lpr/expected.jsonl"):
        path = os.path.join(CAPTURES, "lpr", row["file"])
        if not os.path.exists(path) or row["file"].split("-")[0] not in family:
            continue
        code, out, err = desk("decode", "--camera", family[row["file"].split("-")[0]], path)
        seen += 1
        if err or code != (1 if row["kind"] == "malformed" else 0) or json.loads(out)["kind"] != row["kind"] or \
                json.loads(out).get("plate") != row.get("plate"):  # fmt: skip
            wrong.append((row["file"], code, out[:200], err))
    check.that(f"each of {seen} captured messages of cameras says its plate", seen > 10 and not wrong, str(wrong)[:400])
    code, out, _ = desk("decode", "--camera", "hikvision", text="<broken")
    check.that("one that is broken is told as that", code == 1 and json.loads(out)["kind"] == "malformed", out)


def fees(desk, check):
    one = ("fee", "liyang-road", *desk.rules, *STAY)
    code, out, err = desk(*one)
    words, chinese, whole = out, desk(*one, "--lang", "zh")[1], json.loads(desk(*one, "--json")[1])
    check.that("a fee is told in words, in Chinese and as JSON", "Fee: 8.00 CNY" in words and "应收：8.00 CNY" in chinese and whole["fee"] == 800
               and "valid_until" not in whole and len(whole["trace"]) == len(words.splitlines()) - 1, words + chinese)  # fmt: skip
    quote = ("fee", "liyang-road", *desk.rules, *STAY[:2], "--at", "2024-03-13T10:01:00+08:00")
    check.that("a quote says how long it holds", "Valid until: 2024-03-13T" in desk(*quote)[1] and "有效期至：" in desk(*quote, "--lang", "zh")[1])
    free = desk.write("rules/tariffs/free.conf", re.sub("price = 500", "price = 0", VISIT.replace('"visit"', '"free"')))
    rules = ["--rules", os.path.dirname(os.path.dirname(free))]
    quote = ("fee", "free", *rules, *STAY[:2], "--at", "2024-03-13T10:01:00+08:00")
    check.that("one that does not change says so", "The same for a week." in desk(*quote)[1] and "一周内价格不变" in desk(*quote, "--lang", "zh")[1] and
               "valid_until" not in json.loads(desk(*quote, "--json")[1]))  # fmt: skip
    code, out, _ = desk("fee", "liyang-road", *desk.rules, "--exit", "2024-03-13T10:01:00+08:00", "--json")
    check.that("an entry that nobody saw is priced as that", (code == 0 and json.loads(out)["fee"] >= 0) or code == 1, out)
    year = desk("fee", "shenzhen-road-1", *desk.rules, "--entry", "2031-03-13T09:00:00+08:00", "--exit", "2031-03-13T10:01:00+08:00", "--json")
    check.that("a year whose holidays are not known is said", year[0] == 0 and json.loads(year[1])["unknown_year"] == 2031, year[1] + year[2])
    for words, code, said in (("none", *STAY), 1, 'tariff "none"'), (("liyang-road", "--entry", STAY[3], "--exit", STAY[1]), 1, "parkctl fee: "), \
            (("liyang-road", *STAY, "--at", STAY[3]), 2, "give --exit, or --at"), (("liyang-road", "--entry", "soon", *STAY[2:]), 2, "a time is such as"), \
            (("liyang-road", *STAY, "--vehicle", "tram"), 2, 'vehicle "tram" is not known'), (("a", "b"), 2, "give one tariff"):  # fmt: skip
        got, out, err = desk("fee", *words, *desk.rules)
        check.that(f"fee {' '.join(words)[:40]}: {said}", got == code and not out and said in err, f"{got} {out}{err}")
    large = desk("fee", "liyang-road", *desk.rules, *STAY, "--vehicle", "large")
    check.that("another class has its own price", large[0] in (0, 1) and large[1] != words, large[1] + large[2])
    code, out, err = desk("fee", "--batch", desk.folder.name, *desk.rules)
    check.that("a folder is no batch", code == 1 and "cannot read" in err, err)


VISIT = """id = "visit"; version = "1"; name = "By the visit"; name_zh = "按次收费"; source = "a test"; reading = "as it stands";
rules = { cycle = "stay"; clock = "stay"; windows = ( { steps = ({ price = 500; }); } ); };
"""


def batches(desk, check):
    """What a line of a batch may hold beside the stay, and what it may not."""
    at = lambda minute: f"2024-03-13T09:{minute:02}:00+08:00"
    stay = {"tariff": "liyang-road", "entry": at(0), "exit": "2024-03-13T10:01:00+08:00"}
    long = [at(0)] * 367
    rows = [
        ({"id": 7}, None), ({"history": None, "payments": None, "coupons": None}, None), ({"also": ["nev"]}, None), ({"clock_step_s": -60}, None),
        ({"payments": [{"at": at(10), "fen": 100}, {"at": at(20), "fen": 100}]}, None),
        ({"passes": [{"from": at(0), "to": at(10)}, {"from": at(20), "to": at(30)}]}, None), ({"calendar": {"holidays": ["2024-03-13"], "workdays": []}}, None),
        ({"history": [["2024-03-13T07:00:00+08:00", "2024-03-13T08:00:00+08:00"], {"entry": "2024-03-13T08:10:00+08:00", "exit": at(0), "fee_fen": 500}]}, None),
        ({"coupons": [{"percent": 50}, {"minutes": 10}]}, None),
        ({"also": ["tram"]}, 'also: vehicle "tram" is not known'), ({"also": [7]}, "also: vehicle"), ({"clock_step_s": -(10**12)}, "out of range"),
        ({"payments": [{"at": at(10), "fen": -1}]}, "payments: item 1"), ({"payments": [{"at": at(10), "fen": 2 * 10**9}]}, "payments: item 1"),
        ({"payments": [{"fen": 1}]}, "payments: item 1"), ({"payments": [{"at": at(20), "fen": 1}, {"at": at(10), "fen": 1}]}, "payments: item 2"),
        ({"payments": 7}, "payments is no list"), ({"payments": long}, "payments has more than 366"), ({"passes": "x"}, "passes is no list"),
        ({"passes": [[at(10)]]}, "passes: item 1"), ({"passes": [[at(10), at(20)], [at(5), at(30)]]}, "passes: item 2"), ({"passes": long}, "more than 366"),
        ({"coupons": {}}, "coupons is no list"), ({"coupons": [{"percent": -1}]}, "coupons: item 1"), ({"history": [{}]}, "history: item 1 has no entry"),
        ({"history": [True]}, "history: item 1"), ({"calendar": {"holidays": [7]}}, "holidays: item 1 is no date"), ({"exit": None}, "exit is no time"),
        ({"calendar": {"workdays": ["x"]}}, "workdays: item 1 is no date"), ({"vehicle": 7}, None), ({"history": "x"}, "history is no list"),
    ]  # fmt: skip
    code, out, _ = desk("fee", "--batch", "-", *desk.rules, text="\n".join(json.dumps({**stay, **change}) for change, _ in rows))
    answers = [json.loads(line) for line in out.splitlines()]
    wrong = [(change, answer) for (change, said), answer in zip(rows, answers) if ("fee" in answer) != (said is None) or
             (said and said not in answer["error"])]  # fmt: skip
    check.that(f"each of {len(rows)} lines is priced or says what is wrong with it", code == 1 and len(answers) == len(rows) and not wrong, str(wrong)[:600])
    check.that("its own id comes back as it was", answers[0]["id"] == 7)


def tariffs(desk, check):
    good, bad = desk.write("rules/tariffs/visit.conf", VISIT), desk.write("rules/tariffs/bad.conf", VISIT.replace("price = 500", 'price = "much"'))
    calendar = desk.write("rules/calendars/2031.conf", "year = 2031;\n")
    rules = ["--rules", desk.path("rules")]
    code, out, _ = desk("tariff", "check", good)
    check.that("a file that is sound is counted", code == 0 and "1 files, 0 mistakes" in out, out)
    code, out, _ = desk("tariff", "check", good, bad, calendar)
    check.that("mistakes are told by file and line", code == 1 and re.search(r"bad\.conf:\d+: ", out) and "3 files" in out, out)
    code, out, _ = desk("tariff", "check", "--json", bad, calendar)
    found = json.loads(out)
    check.that("and as JSON", code == 1 and found["files"] == 2 and any("bad.conf" in m for m in found["mistakes"]), out)
    code, out, _ = desk("tariff", "check", *rules)
    check.that("without files those of a folder are checked", code == 1 and "bad.conf" in out, out)
    code, out, err = desk("tariff", "check", "--json", "--rules", "/none")
    check.that("a folder that holds none is said, and no half of a document", code == 1 and not out and "no folder tariffs" in err, out + err)
    os.unlink(bad)
    for language, name, free in ("C", "By the visit", "Rules:"), ("zh_CN.UTF-8", "按次收费", "Rules:"):
        code, out, _ = desk("tariff", "explain", "visit", *rules, language=language)
        check.that(f"a tariff is explained ({language})", code == 0 and name in out and "Read as: as it stands" in out and free in out, out)
    every = sorted(f[:-5] for f in os.listdir(os.path.join(TOP, "config/tariffs")) if f.endswith(".conf"))
    wrong = [t for t in every if any(desk("tariff", act, t, *desk.rules, *more)[0] for act, more in
             (("explain", ()), ("explain", ("--vehicle", "nev")), ("table", ()), ("table", ("--svg",))))]  # fmt: skip
    check.that(f"each of {len(every)} shipped tariffs is explained, tabled and drawn", not wrong, str(wrong))
    table = desk("tariff", "table", "liyang-road", *desk.rules, "--entry", "2024-03-13T09:00:00+08:00", "--vehicle", "small")[1]
    check.that("a table is that of a day and a class", "1:01" in table and "8.00 CNY" in table, table)
    for words, code, said in (("table", "none"), 1, 'tariff "none"'), (("table", "visit", "--vehicle", "tram"), 1, 'vehicle "tram" is not known'), \
            (("explain", "visit", "--entry", "soon"), 1, "--entry: a time is such as"), (("explain",), 2, "give check, explain TARIFF or table TARIFF"), \
            (("draw", "visit"), 2, "give check, explain"), (("table", "visit", "more"), 2, "give check, explain"):  # fmt: skip
        got, out, err = desk("tariff", *words, *rules)
        check.that(f"tariff {' '.join(words)}: {said[:30]}", got == code and not out and said in err, f"{got} {out}{err}")
    alone = desk.path("alone/bin")
    os.makedirs(alone)
    os.link(f"{desk.build}/parkctl", f"{alone}/parkctl") if os.stat(desk.build).st_dev == os.stat(alone).st_dev else \
        subprocess.run(["cp", f"{desk.build}/parkctl", alone], check=True)  # fmt: skip
    run = lambda: subprocess.run([f"{alone}/parkctl", "tariff", "check"], capture_output=True, text=True, timeout=60)
    if not os.path.isdir("/etc/parkd/tariffs"):
        done = run()
        check.that("where no rules are beside the program, it says where to name them", done.returncode == 1 and "--rules" in done.stderr, done.stderr)
        batch = subprocess.run([f"{alone}/parkctl", "fee", "visit", *STAY], capture_output=True, text=True, timeout=60)
        check.that("a fee needs them, too", batch.returncode == 1 and "no tariffs in /etc/parkd" in batch.stderr, batch.stderr)
    os.makedirs(desk.path("alone/etc/parkd"))
    os.rename(desk.path("rules/tariffs"), desk.path("alone/etc/parkd/tariffs"))
    done = run()
    check.that("those of its own prefix are found", done.returncode == 0 and "2 files, 0 mistakes" in done.stdout, done.stdout + done.stderr)


def help_and_keys(desk, check):
    code, out, _ = desk("--help")
    commands = desk("--list-commands")[1].split()
    check.that("the program lists its commands", code == 0 and all(f"  {c}" in out for c in commands) and "Exit status" in out)
    check.that("and its version", desk("--version")[1].startswith("parkctl "))
    for words in (), ("no-such",):
        code, out, err = desk(*words)
        check.that(f"{words or 'nothing'}: --help is named", code == 2 and not out and "parkctl --help lists the commands" in err, err)
    keys = desk("check-config", "--list-keys")[1].split()
    rows = [json.loads(line) for line in desk("check-config", "--list-keys", "--json")[1].splitlines()]
    check.that("each key of a configuration is listed, as JSON with what it means", [r["key"] for r in rows] == keys and len(keys) > 100 and
               all(r["meaning"] and r["allowed"] for r in rows), str(rows[:1]))  # fmt: skip
    sample = os.path.join(TOP, "tests/config/valid-barriers.conf")
    code, out, _ = desk("check-config", sample, "--json")
    check.that("a good configuration is good as JSON", code == 0 and json.loads(out) == {"file": sample, "mistakes": [], "good": True}, out)
    check.that("one file is checked at a time", desk("check-config", "a", "b")[0] == 2)
    code, out, err = desk("check-config", os.path.join(TOP, "tests/config/lane-mistakes.conf"))
    check.that("mistakes are counted", code == 1 and "mistakes: 18" in err and len(out.splitlines()) == 18, err)


class Refusing(socketserver.BaseRequestHandler):
    """A Modbus TCP host whose units 1 and 2 know no register."""

    def handle(self):
        try:
            while head := self.request.recv(7, 0x100):
                number, _, size, unit = struct.unpack(">HHHB", head)
                function = self.request.recv(size - 1, 0x100)[0]
                if unit <= 2:
                    self.request.sendall(struct.pack(">HHHBBB", number, 0, 3, unit, function | 0x80, 2))
        except (OSError, struct.error, IndexError):
            pass


def probes(desk, check):
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Refusing)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    target = f"127.0.0.1:{server.server_address[1]}"
    some = ("--units", "1-3", "--response-ms", "100")
    code, out, err = desk("probe", target, *some, *MAPS)
    check.that("a unit that no map fits is found, with where to read on", code == 0 and out.count("but no map fits; parkd.conf(5), DEVICE MAPS") == 2, out + err)
    code, out, err = desk("probe", target, *some, *MAPS, "--json")
    check.that("and as JSON", [(json.loads(l)["unit"], json.loads(l)["map"]) for l in out.splitlines()] == [(1, None), (2, None)], out + err)
    code, out, err = desk("probe", target, "--units", "7", "--response-ms", "50", *MAPS)
    check.that("where nobody answers the wires are named", code == 1 and not out and "no unit answers; check power and the two wires" in err, err)
    code, out, err = desk("probe", target, "--maps", "/none")
    check.that("without maps nothing is asked", code == 1 and not out and 'no device maps in "/none"' in err, err)
    code, out, err = desk("probe", target, "--maps", os.path.join(TOP, "tests/config/maps/bad"))
    check.that("nor with maps that are wrong", code == 1 and not out and "a-unknown-key.conf" in err, err)
    code, out, shown = desk.at_terminal("probe", target, *some, *MAPS)
    check.that("at a terminal it shows where it is", code == 0 and "unit 2" in shown and " %" in shown and shown.endswith("\r\033[K"), repr(shown)[-200:])
    code, _, shown = desk.at_terminal("probe", "/dev/null", "--baud", "9600", "--format", "8E2", *some, *MAPS)
    check.that("what is no serial line is said", code == 1 and "/dev/null" in shown, repr(shown)[-300:])
    server.shutdown()


def field(build, desk, check):
    """Devices and barriers that parksim plays, on a host and on a serial line."""
    site = LaneSite(build, plan=PLAN.replace("out 1 relay-board 1", "out 2 came-gard"))
    site.start_field("--plan", site.path("plan"), "--config-tariffs", site.path("tariffs"), uplinks=False)
    port = re.search(r"line bays tcp \S+ (\d+)", site.log("field")).group(1)
    some = ("--response-ms", "300", *MAPS)
    words = desk("probe", f"127.0.0.1:{port}", "--units", "1", *some)[1]
    whole = [json.loads(line) for line in desk("probe", f"127.0.0.1:{port}", "--units", "1-1", "--json", *some)[1].splitlines()]
    check.that("a unit is told with its map and a line for the configuration", all(f"map = \"{w['map']}\"" in words for w in whole) and whole and
               "{ id = \"…\"; unit = 1;" in words and "Where several maps fit" in words and "free" in words, words)  # fmt: skip
    code, out, err = desk("probe", "barrier", "in", site.path("parkd.conf"))
    check.that("a barrier says its state and each input in words", code == 0 and 'barrier "in"' in out and "photocell" in out or "limit" in out, out + err)
    code, out, err = desk("probe", "barrier", "out", site.path("parkd.conf"))
    check.that("so does one that counts its movements", code == 0 and 'barrier "out"' in out, out + err)
    for name in "in", "out":
        code, out, err = desk("probe", "barrier", name, site.path("parkd.conf"), "--json")
        check.that(f"{name}: as JSON, too", code == 0 and json.loads(out)["barrier"] == name and json.loads(out)["state"], out + err)
    code, out, err = desk("probe", "barrier", "none", site.path("parkd.conf"))
    check.that("a barrier that is not there is said", code == 1 and not out and 'no barrier "none" in the configuration' in err, err)
    code, out, err = desk("probe", "barrier", "in", "none.conf")
    check.that("so is a configuration", code == 1 and not out and '"none.conf" has mistakes or cannot be read' in err, err)
    serial = desk("probe", site.path("gates"), "--baud", "38400", "--format", "8N1", "--units", "1-2", *some)
    check.that("on a serial line its speed and framing are told", serial[0] == 0 and " at 38400 8N1" in serial[1], serial[1] + serial[2])
    site.stop("field")
    code, out, err = desk("probe", "barrier", "in", site.path("parkd.conf"))
    check.that("a board that is off is said", code == 1 and not out and err.startswith("parkctl probe: "), err)
    site.close()


def main():
    check, desk = Checks(), Desk(sys.argv[1])
    decoding(desk, check)
    cameras(desk, check)
    fees(desk, check)
    batches(desk, check)
    tariffs(desk, check)
    help_and_keys(desk, check)
    probes(desk, check)
    field(sys.argv[1], desk, check)
    check.end()


main()
