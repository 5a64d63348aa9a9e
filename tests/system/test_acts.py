#!/usr/bin/python3
"""Each act that a person can ask for is done and recorded, or refused in words without a trace: all acts at once against
one gateway, with subjects that are not there, in states where they cannot be, and by every role. The lanes are of a lot
without devices, so that nothing but the acts moves. Usage: test_acts.py BUILD"""

import datetime
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys

from lane_site import TARIFF
from whole_site import Checks, Site, wait_for

# Groups that every Debian has stand in for those of the package.
GROUPS = {"viewers": "daemon", "attendants": "bin", "supervisors": "sys", "installers": "tty"}
ROLES = list(GROUPS)
NOW = datetime.datetime.now(datetime.timezone.utc)
LONG = "x" * 200


def at(**off):
    return (NOW + datetime.timedelta(**off)).isoformat(timespec="seconds")


class Local(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(self.path)


class Control:
    """The control socket, as parkctl uses it."""

    def __init__(self, path):
        self.path = path

    def __call__(self, path, body=None):
        connection = Local(self.path)
        data = json.dumps(body) if isinstance(body, dict) else body
        connection.request("GET" if body is None else "POST", path, data, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, json.loads(text) if text else {}


def build_site(build):
    site = Site(build)
    os.mkdir(site.path("tariffs"))
    with open(site.path("tariffs/visit.conf"), "w") as file:
        file.write(TARIFF)
    groups = "".join(f'{key} = "{name}"; ' for key, name in GROUPS.items()) if os.getuid() == 0 else ""
    with open(site.path("parkd.conf"), "w") as file:
        file.write(f"""
site = {{ id = "acts"; zone = "Asia/Shanghai"; }};
store = {{ path = "{site.path('parkd.db')}"; }};
serve = {{ control = "{site.path('control.sock')}"; {groups}}};
tariffs = "tariffs";
lots = ( {{ id = "A"; zones = ( {{ id = "A1"; bays = "A-1..A-4"; unsensed = true; }} ); parking = {{ stays = "lanes"; tariff = "visit"; }}; }},
         {{ id = "B"; zones = ( {{ id = "B1"; bays = "B-1..B-2"; unsensed = true; }} ); parking = {{ stays = "bays"; tariff = "visit"; }}; }} );
lanes = ( {{ id = "in"; lot = "A"; direction = "in"; }}, {{ id = "out"; lot = "A"; direction = "out"; }} );
uplinks = ( {{ name = "town"; type = "json"; url = "http://127.0.0.1:{site.city_port}"; }} );
""")
    os.chmod(site.dir, 0o755)
    site.start_parkd()
    return site


def head(control):
    return control("/api/v1/status")[1]["store"]["head"]


def lanes(site, check, control):
    why = {"reason": "why"}
    refused = [
        *((f"lanes/none/{act}", {**why, **more}, "there is no such lane; list them with: parkctl lanes") for act, more in (
            ("open", {}), ("hold", {"for_s": 60}), ("release", {}), ("close", {}), ("reset", {}), ("out", {}), ("in", {}), ("approve", {"deny": True}))),
        ("lanes/none/ticket", {"ticket": "T-1"}, "there is no such lane; list them with: parkctl lanes"),
        ("lanes/in/ticket", {"ticket": "T 1"}, "a ticket has 1 to 23 characters"),
        ("lanes/in/ticket", {"ticket": "T-1"}, "no vehicle is at the lane"),
        ("lanes/in/hold", {**why, "for_s": 0}, "a hold ends within a week, and not before it begins"),
        ("lanes/in/hold", {**why, "for_s": 8 * 86400}, "a hold ends within a week"),
        ("lanes/in/hold", {**why, "until": at(hours=-1)}, "a hold ends within a week"),
        ("lanes/in/hold", {**why, "until": at(hours=1)}, "the lane has no barrier"), ("lanes/in/hold", {**why, "for_s": 60}, "the lane has no barrier"),
        ("lanes/in/open", why, "the lane has no barrier"), ("lanes/in/close", why, "the lane has no barrier"), ("lanes/in/release", {}, "the lane is not held"), ("lanes/in/reset", why, "the lane has nothing to reset"),
        ("lanes/in/approve", {"plate": "皖A12345"}, "no vehicle is at the lane"),
        ("lanes/in/approve", {"stay": "S-none"}, "no "),
        ("evacuation/begin", {**why, "place": "nowhere"}, "no lane is there; name a lot or a lane, or nothing for all"),
        ("evacuation/begin", {**why, "place": "B"}, "no lane is there"),
        ("evacuation/end", {"place": "A"}, ""),
    ]  # fmt: skip
    refuses(check, control, "lanes", refused)
    done = [
        ("lanes/in/out", why), ("lanes/in/in", {}), ("evacuation/begin", {**why, "place": "in"}),
        ("evacuation/end", {"place": "in"}), ("evacuation/begin", {**why, "place": "A"}), ("evacuation/end", {}), ("evacuation/begin", why),
        ("evacuation/end", why),
    ]  # fmt: skip
    answers = [(path, *control("/api/v1/" + path, body)) for path, body in done]
    wrong = [a for a in answers if a[1] != 200]
    check.that("a lane goes out of service and back, is evacuated alone, by lot and with all", not wrong, str(wrong))
    check.that("an evacuation says how many lanes it reached", [a[2]["lanes"] for a in answers if "begin" in a[0]] == [1, 2, 2], str(answers[6:]))


def refuses(check, control, what, acts, status=409):
    """Each is refused with its words; the journal has no record more."""
    before, wrong = head(control), []
    for path, body, words in acts:
        code, answer = control("/api/v1/" + path, body)
        if code != status or words not in answer.get("error", "") or not answer["error"]:
            wrong.append((path, body, code, answer))
    check.that(f"{what}: {len(acts)} acts are refused in words", not wrong, str(wrong)[:600])
    check.that(f"{what}: and leave no record", head(control) == before, f"{head(control)} after {before}")


def stays(site, check, control):
    opening = {"lot": "A", "plate": "皖A10001", "reason": "seen"}
    refuses(check, control, "stays", [
        ("stays/open", {**opening, "lot": "K"}, "there is no such lot; list them with: parkctl lots"),
        ("stays/open", {**opening, "bay": "Z-9"}, "there is no such bay; list them with: parkctl bays"),
        ("stays/open", {**opening, "entered": at(hours=1)}, "it cannot have come later than now"),
        ("stays/S-none/amend", {"reason": "x", "plate": "皖A10002"}, "no such stay is known"),
        ("stays/S-none/close", {"reason": "x", "outcome": "void"}, "no such stay is open; list them with: parkctl stay list"),
        ("stays/S-none/close", {"reason": "x", "outcome": "paid"}, "by hand a stay ends as released or void"),
        ("stays/S-none/merge", {"reason": "x", "stay": "S-other"}, ""),
        ("stays/S-none/coupon", {"coupon": "c", "kind": "percent", "value": 10}, ""),
        ("stays/S-none/pay", {"amount_fen": 500, "channel": "cash"}, "no such stay"),
    ])  # fmt: skip
    code, answer = control("/api/v1/stays/open", {**opening, "entered": at(minutes=-30), "class": "small", "bay": "A-1"})
    check.that("a stay is opened by hand", code == 200 and answer["stay"], str(answer))
    stay = answer["stay"]
    other = control("/api/v1/stays/open", {"lot": "A", "plate": "皖A10002", "reason": "seen", "entered": at(hours=-1)})[1]["stay"]
    refuses(check, control, "open stays", [
        ("stays/open", opening, "a stay of this plate is open in the lot already"),
        (f"stays/{stay}/amend", {"reason": "x", "bay": "Z-9"}, "there is no such bay; list them with: parkctl bays"),
        (f"stays/{stay}/amend", {"reason": "x", "entered": at(hours=2)}, ""),
        (f"stays/{stay}/coupon", {"coupon": "c", "kind": "percent", "value": 101}, ""),
        (f"stays/{stay}/merge", {"reason": "x", "stay": stay}, ""),
        (f"stays/{stay}/pay", {"amount_fen": 0, "channel": "cash"}, ""),
    ])  # fmt: skip
    change = {"reason": "misread", "plate": "皖A10009", "class": "nev", "entered": at(minutes=-45), "bay": "A-2"}
    before = head(control)
    code, answer = control(f"/api/v1/stays/{stay}/amend", change)
    check.that("several words put a stay right, each with a record of its own", code == 200 and head(control) == before + 4, str(answer))
    for one in {"plate": "皖A10008"}, {"class": "small"}, {"entered": at(minutes=-50)}, {"bay": "A-3"}:
        before = head(control)
        code, answer = control(f"/api/v1/stays/{stay}/amend", {"reason": "again", **one})
        check.that(f"so does {next(iter(one))} alone", code == 200 and head(control) == before + 1, str(answer))
    before = head(control)
    code, answer = control(f"/api/v1/stays/{stay}/amend", {"reason": "x", "plate": "皖A10007", "entered": at(hours=2)})
    check.that("the first that is refused ends it", code == 409 and "in the future" in answer["error"], str(answer))
    wait_for("what stood before it is recorded", lambda: head(control) == before + 1, 10)
    money(site, check, control, stay, other)


def money(site, check, control, stay, other):
    quote = control(f"/api/v1/quote/{stay}")[1]
    check.that("the stay has a price", quote["due_fen"] == 500, str(quote))
    code, answer = control(f"/api/v1/stays/{other}/coupon", {"coupon": "c1", "kind": "amount", "value": 100, "issuer": "shop"})
    check.that("a coupon is taken", code == 200 and control(f"/api/v1/quote/{other}")[1]["due_fen"] == 400, str(control(f"/api/v1/quote/{other}")))
    code, answer = control("/api/v1/shifts/open", {"cashier": "Li", "float_fen": 10000, "lot": "A"})
    shift = answer.get("shift")
    check.that("a shift is opened", code == 200 and shift, str(answer))
    pay = {"amount_fen": 500, "channel": "wechat", "transaction": "t-1", "shift": shift}
    code, answer = control(f"/api/v1/stays/{stay}/pay", pay)
    check.that("money comes", code == 200 and answer == {"done": True, "again": False}, str(answer))
    before = head(control)
    code, answer = control(f"/api/v1/stays/{stay}/pay", pay)
    check.that("the same money again is the same", code == 200 and answer["again"] and head(control) == before, str(answer))
    wait_for("the payment is in the file", lambda: any(b["type"] == "payment" for _, b in site.journal()), 10)
    paid = next(b for _, b in site.journal() if b["type"] == "payment")
    refuses(check, control, "money", [
        ("payments/P-none/refund", {"amount_fen": 100, "reason": "x"}, ""),
        (f"payments/{paid['payment']}/refund", {"amount_fen": 501, "reason": "x"}, ""),
        ("stays/O-none/pay", {"amount_fen": 500, "channel": "cash"}, "no such stay"),
        ("shifts/open", {"cashier": "Li", "lot": "K"}, "there is no such lot; list them with: parkctl lots"),
        ("shifts/F-none/close", {"counted_fen": 1}, ""),
    ])  # fmt: skip
    back = {"amount_fen": 200, "reason": "paid too much", "transaction": "r-1", "shift": shift}
    answers = [control(f"/api/v1/payments/{paid['payment']}/refund", back) for _ in range(2)]
    check.that("money goes back once, however often it is told", [a[0] for a in answers] == [200, 200] and
               [a[1]["again"] for a in answers] == [False, True], str(answers))  # fmt: skip
    code, answer = control(f"/api/v1/shifts/{shift}/close", {"counted_fen": 10000, "denominations": "100x1", "witness": "Wu", "reason": "noon"})
    check.that("the shift is closed with the drawer counted", code == 200 and answer["shift"] == shift, str(answer))
    row = json.loads(site.ctl("report", "--json", "shift", "--lot", "A", "--db", site.path("parkd.db")))["rows"]
    check.that("the list of its lot's shifts says what was in the drawer from the start", [(r["shift"], r["float_fen"], r["expected_fen"],
               r["over_fen"]) for r in row] == [(shift, 10000, 10000, 0)], str(row))  # fmt: skip
    for outcome, which in ("released", stay), ("void", other):
        code, answer = control(f"/api/v1/stays/{which}/close", {"outcome": outcome, "reason": "by hand"})
        check.that(f"a stay ends by hand as {outcome}", code == 200, str(answer))
    refuses(check, control, "ended stays", [
        (f"stays/{stay}/close", {"outcome": "void", "reason": "x"}, "no such stay is open"),
        (f"stays/{stay}/amend", {"entered": at(hours=-2), "reason": "x"}, "the stay has left"),
    ])  # fmt: skip


def desk(site, check, control):
    """Lists, counts of a lot, closed days and differences."""
    refuses(check, control, "lists", [
        ("lists/--/add", {"list": "pass"}, "this is not a number plate"),
        ("lists/%E7%9A%96A20001/add", {"list": "pass", "lot": "K"}, "there is no such lot"),
        ("lists/%E7%9A%96A20001/remove", {"list": "pass"}, "the plate is not on this list"),
        ("lists/%E7%9A%96A20001/add", {"list": "pass", "from": at(days=2), "until": at(days=1)}, "it ends before it begins"),
    ])  # fmt: skip
    plate = "/api/v1/lists/%E7%9A%96A20001"
    codes = [control(plate + "/add", {"list": "pass", "lot": "A", "group": "g", "bays": 1, "from": at(), "until": at(days=9), "reason": "x"})[0],
             control(plate + "/remove", {"list": "pass", "lot": "A"})[0], control(plate + "/add", {"list": "blocked"})[0]]  # fmt: skip
    check.that("a plate comes onto a list and off it", codes == [200] * 3, str(codes))
    day = str(NOW.date() - datetime.timedelta(days=2))
    digest, span = "ab" * 32, {"from": at(days=-2), "until": at(days=-1), "zone": "Asia/Shanghai", "through": 1}
    difference = {"found": "channel_only", "state": "open", "day": day, "payer": "wechat", "at_risk_fen": 500, "since": at(days=-1), "there_fen": 500}
    refuses(check, control, "the desk", [
        ("lots/K/inside", {"inside": 1}, "there is no such lot; list them with: parkctl lots"),
        ("lots/A/inside", {"inside": 1_000_000, "sure": True}, "no lot holds so many vehicles"),
        ("reports/today/close", {**span, "digest": digest}, "this is no day such as 2024-03-13"),
        (f"reports/{NOW.date()}/close", {**span, "until": at(days=1), "digest": digest}, "the day is not over"),
        (f"reports/{day}/close", {**span, "digest": "ab"}, "a digest has 64 digits"),
        ("differences/D-of-more-bytes-than-an-id-has/note", difference, "this is no difference's id"),
        ("differences/D-1/note", {**difference, "day": "soon"}, "its day is no day such as 2024-03-13"),
        ("differences/D-1/note", {**difference, "state": "resolved"}, "only a person resolves one, with a reason: parkctl reconcile close"),
        ("differences/D-1/close", {"reason": "x"}, "no such difference is open; list them with: parkctl reconcile list --state open"),
    ])  # fmt: skip
    check.that("the list that a refusal names is one", site.ctl_code("reconcile", "list", "--state", "open", "--db", site.path("parkd.db")) == 0)
    counts = [control("/api/v1/lots/A/inside", body) for body in ({"inside": 2}, {"inside": 500}, {"inside": 500, "sure": True, "reason": "counted twice"})]
    check.that("a lot is counted by a person, who is asked again about what is hard to believe", [c[0] for c in counts] == [200, 409, 200] and
               "count again, or say --sure" in counts[1][1]["error"], str(counts))  # fmt: skip
    code, answer = control(f"/api/v1/reports/{day}/close", {**span, "digest": digest, "fees": "wechat=0.6", "sums": "a", "uploads": "-,-,-"})
    check.that("a day is closed and numbered", code == 200 and answer == {"number": 1, "event": "closed"}, str(answer))
    code, answer = control(f"/api/v1/reports/{day}/close", {**span, "digest": "cd" * 32})
    check.that("closed anew it is a supplement", code == 200 and answer["number"] == 2 and answer["event"] != "closed", str(answer))
    notes = [control("/api/v1/differences/D-1/note", {**difference, **more}) for more in
             ({}, {}, {"here_fen": 499, "there_fen": 500, "found": "amount_mismatch", "order": "o"})]  # fmt: skip
    check.that("a difference is noted once, and again when it has changed", [n[0] for n in notes] == [200] * 3 and
               [n[1]["again"] for n in notes] == [False, True, False], str(notes))  # fmt: skip
    codes = [control("/api/v1/differences/D-1/close", {"reason": "found it"})[0] for _ in range(2)]
    check.that("a person closes it once", codes == [200, 409], str(codes))


def devices(site, check, control):
    """What is asked of bays, uplinks and the store."""
    why = {"reason": "why"}
    refuses(check, control, "bays and uplinks", [
        ("bays/A-1/in", {}, 'bay "A-1" is in service already'),
        ("bays/A-1/recalibrate", {"empty": True}, 'bay "A-1" has no radio sensor'),
        ("bays/A-1/set", {"what": "upload_h", "value": 24}, 'bay "A-1" has no radio sensor'),
        ("outbox/town/drop", {"seq": 99999, **why}, "no such record is set aside; see: parkctl outbox list town"),
        ("outbox/town/retry", {"seq": 0}, "no such record is set aside"),
        ("outbox/town/forget", why, 'uplink "town" is in use; take it out of the configuration and reload first'),
        ("uplinks/town/check", {"lot": "A", "day": "soon"}, '"soon" is no day; give one as 2026-11-21'),
        ("uplinks/town/check", {"lot": "A", "day": "2026-11-21"}, "the platform compares no days"),
    ])  # fmt: skip
    refuses(check, control, "what is not there", [
        ("bays/Z-9/out", why, "there is no such bay"), ("bays/Z-9/set", {"what": "x", "value": 1}, "there is no such bay"),
        ("outbox/none/retry", {"seq": 0}, "there is no such uplink"),
        ("uplinks/none/check", {"lot": "A", "day": "2026-11-21"}, "there is no such uplink"), ("outbox/none/forget", why, 'no records wait for an uplink "none"'),
    ], status=404)  # fmt: skip
    refuses(check, control, "what is not said", [
        ("bays/A-1/out", {}, ""), ("bays/A-1/out", {"reason": LONG}, ""), ("bays/A-1/recalibrate", {}, "over an empty bay"),
        ("bays/A-1/set", {"value": 1}, "which parameter is not said"), ("bays/A-1/set", {"what": LONG, "value": 1}, "which parameter"),
        ("bays/A-1/set", {"what": "x"}, "value is no whole number"), ("bays/A-1/set", {"what": "x", "value": 2**40}, "value is no whole number"),
        ("bays/A-1/set", {"what": "x", "value": -(2**40)}, "value is no whole number"), ("uplinks/town/check", {"day": "2026-11-21"}, "lot and day"),
        ("uplinks/town/check", {"lot": LONG, "day": "x"}, "lot and day"), ("uplinks/town/check", {"lot": "A", "day": LONG}, "lot and day"),
        ("backup", {"path": "copy.db"}, "begins with /"), ("backup", {}, ""),
    ], status=400)  # fmt: skip
    answers = [control("/api/v1/bays/A-1/" + act, why)[0] for act in ("out", "out", "in")]
    check.that("a bay goes out of service once, and returns", answers == [200, 409, 200], str(answers))
    code, answer = control("/api/v1/backup", {"path": site.path("none/copy.db")})
    check.that("a backup where none can be says why", code == 409 and "copy.db" in answer["error"], str(answer))


def shown(check, control):
    """What an act has changed is shown by the paths that parkctl and the page look at."""
    stay = control("/api/v1/stays/open", {"lot": "A", "plate": "皖A30001", "reason": "x", "entered": at(minutes=-9), "bay": "A-4", "class": "nev"})[1]["stay"]
    control("/api/v1/stays/open", {"lot": "B", "plate": "皖A30002", "reason": "x"})
    gone = control("/api/v1/stays/open", {"lot": "A", "plate": "皖A30003", "reason": "x", "entered": at(minutes=-9)})[1]["stay"]
    control(f"/api/v1/stays/{gone}/close", {"outcome": "released", "reason": "x"})
    rows = {r["stay"]: r for r in control("/api/v1/stays")[1]["stays"]}
    check.that("a stay is shown with its bay and class", rows[stay]["bay"] == "A-4" and rows[stay]["class"] == "nev" and rows[stay]["plate"] == "皖A30001"
               and "left" not in rows[stay], str(rows[stay]))  # fmt: skip
    check.that("one whose entry nobody saw says so", any(r.get("entry_missing") and r["lot"] == "B" for r in rows.values()), str(rows)[:300])
    check.that("one that has ended says how, as long as it is known", gone not in rows or rows[gone]["outcome"] == "released", str(rows.get(gone)))
    for wanted, what in (stay, "its id"), ("%E7%9A%96A30002", "its plate in any lot"):
        code, answer = control(f"/api/v1/quote/{wanted}")
        check.that(f"a price is found by {what}", code == 200 and answer["payable_fen"] >= 0, str(answer))
    codes = [control(f"/api/v1/quote/{wanted}")[0] for wanted in ("--", "S-none", "%E7%9A%96A39999")]
    check.that("and not where there is none", codes == [404] * 3, str(codes))
    for plate, body in ("40001", {"list": "pass", "lot": "A", "group": "g", "bays": 2, "from": at(), "until": at(days=9)}), ("40002", {"list": "exempt"}):
        control(f"/api/v1/lists/%E7%9A%96A{plate}/add", body)
    lists = {r["plate"]: r for r in control("/api/v1/lists")[1]["lists"]}
    check.that("a plate on a list is shown with all that was said of it, and no more", (lists["皖A40001"]["lot"], lists["皖A40001"]["group"],
               lists["皖A40001"]["bays"]) == ("A", "g", 2) and not {"lot", "group", "bays"} & set(lists["皖A40002"]), str(lists)[:300])  # fmt: skip


# The least role of each act, by its path (parkd-serve(7) has the same table), and what to send.
LEAST = {
    "attendants": ("lanes/none/open", "lanes/none/release", "lanes/none/close", "lanes/none/reset", "lanes/none/approve", "lanes/none/ticket",
                   "evacuation/begin", "stays/open", "stays/S/coupon", "stays/S/pay", "shifts/open", "shifts/F/close", "lots/K/inside"),
    "supervisors": ("lanes/none/hold", "lanes/none/out", "lanes/none/in", "evacuation/end", "stays/S/amend", "stays/S/close", "stays/S/merge",
                    "payments/P/refund", "lists/--/add", "lists/--/remove", "reports/x/close", "differences/D/note", "differences/D/close"),
}  # fmt: skip
ASKER = """
import json, sys
sys.path.insert(0, sys.argv[2])
from test_acts import Control
print(json.dumps([Control(sys.argv[1])("/api/v1/" + p, {}) for p in json.load(sys.stdin)]))
"""


def roles(site, check):
    """Without any word each is 400 for whom it is, 403 for everybody below."""
    paths, here = [p for group in LEAST.values() for p in group], tempdir_of_tests(site)
    for n, role in enumerate(ROLES):
        done = subprocess.run(["/usr/bin/python3", "-B", "-c", ASKER, site.path("control.sock"), here], input=json.dumps(paths), text=True,
                              capture_output=True, timeout=60, cwd="/", user="nobody", group="nogroup", extra_groups=[GROUPS[role]])  # fmt: skip
        answers, wrong = json.loads(done.stdout or "[]"), []
        for path, (code, answer) in zip(paths, answers):
            may = n >= ROLES.index(next(least for least in LEAST if path in LEAST[least]))
            if (code == 403) == may or (not may and "needs the role" not in answer["error"]):
                wrong.append((path, code, answer))
        check.that(f"{role} may ask for what is theirs of {len(paths)} acts", len(answers) == len(paths) and not wrong, str(wrong)[:400] + done.stderr[-200:])


def tempdir_of_tests(site):
    """This test where another user may read it."""
    folder = site.path("tests")
    os.mkdir(folder)
    for name in "test_acts.py", "lane_site.py", "whole_site.py", "plates.py":
        shutil.copy(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), folder)
    os.chmod(folder, 0o755)
    return folder


def broken(check, control):
    """What is no act at all: no JSON, other words, other kinds of words, too much of them."""
    refuses(check, control, "broken bodies", [
        ("lanes/in/open", "no json", "the body is not a JSON object"), ("lanes/in/open", "[1]", "the body is not a JSON object"),
        ("lanes/in/open", '{"reason":"x","reason":7}', ""), ("lanes/in/open", {"reason": LONG}, '"reason" is a text of 1 to 127 bytes'),
        ("lanes/in/open", {"why": "x"}, '"why" is not for this'), ("lanes/in/hold", {"reason": "x"}, 'it needs one of "until", "for_s"'),
        ("stays/S/pay", {"amount_fen": 10**12, "channel": "cash"}, '"amount_fen" is a whole number from 0 to'),
        ("stays/S/pay", {"channel": "cash"}, 'it needs "amount_fen"'), ("stays/S/close", {"outcome": 7, "reason": "x"}, '"outcome" is not known'),
    ], status=400)  # fmt: skip


def main():
    check, site = Checks(), build_site(sys.argv[1])
    control = Control(site.path("control.sock"))
    lanes(site, check, control)
    stays(site, check, control)
    desk(site, check, control)
    broken(check, control)
    devices(site, check, control)
    shown(check, control)
    if os.getuid() == 0:
        roles(site, check)
    audit = subprocess.run([f"{site.build}/parkctl", "audit", "--db", site.path("parkd.db")], capture_output=True, text=True, timeout=120).stdout
    wrong = [line for line in audit.splitlines() if line.startswith("NOT OK")]
    check.that("the audit finds the two digests that nothing was summed up for, and nothing else", len(wrong) == 2 and
               all("closed as abab" in line or "closed as cdcd" in line for line in wrong), str(wrong))  # fmt: skip
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    check.end()


if __name__ == "__main__":
    main()
