#!/usr/bin/python3
"""What cities' platforms order over HTTPS, with the real programs: the result of a payment lets the waiting car
out, whatever number of times it comes; passes, locked vehicles, barriers and notices are taken; who is not the
platform, is too late, too long, too slow or means another lot gets nothing and is recorded; kill -9 between
durable and answered changes nothing. Usage: test_city_orders.py [BUILD [KILLS]]   (KILLS: only so
many kills at that moment, scripts/faults)"""

import json
import os
import socket
import ssl
import sys
import time

from lane_site import CAMERA_PLAN, FEE_FEN, LaneSite
from platform_caller import PLATFORMS
from whole_site import Checks, free_port, wait_for

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 0
CODE, BODY_MAX = "LOT-1", 32 * 1024
PLAN = CAMERA_PLAN.replace('"Zone" 4', '"Zone" 12').replace("concentrator-words 4", "concentrator-words 12")


class OrderedSite(LaneSite):
    """A lot with cameras that four platforms may order about."""

    def __init__(self):
        super().__init__(BUILD, "tcp", plan=PLAN)
        self.make_certificates()
        os.chmod(self.path("city.key"), 0o600)
        self.calls_port = free_port()
        self.platforms = [platform(self, self.calls_port) for platform in PLATFORMS]
        known = ", ".join(f'"127.0.0.{n}"' for n in (1, 2, *range(10, 14)))
        uplinks = [p.uplink(CODE, f"from = [ {known} ];") for p in self.platforms]
        self.start_lanes(extra=(
            f'calls = {{ listen = "127.0.0.1:{self.calls_port}"; cert_file = "{self.path("city.pem")}"; '
            f'key_file = "{self.path("city.key")}"; }};\nuplinks = ( {", ".join(uplinks)} );\n'))  # fmt: skip
        self.count = self.out = 0
        self.wait_closed("in")

    def start_parkd(self, build=None, crash=None):
        """Under a clock that the kernel calls right: without one no order's time can be judged."""
        extra = {"LD_PRELOAD": os.path.join(self.build, "moved_clock.so"), "PARKD_CLOCK": self.path("clock")}
        with open(self.path("clock"), "w") as f:
            f.write("0 1\n")
        if crash:
            extra["PARKD_CRASH"] = crash
        os.environ.update(extra)
        try:
            self.start("parkd", f"{build or self.build}/parkd", "--config", self.path("parkd.conf"),
                       ready=lambda: listens(self.calls_port))  # fmt: skip
        finally:
            for name in extra:
                del os.environ[name]
        wait_for("it answers", lambda: self.ctl_ok("status"), 10)

    def at_the_exit(self, plate):
        """A car that came, parked and now waits at the exit for its fee: its stay and its order."""
        self.count += 1
        standing = self.lot()["occupied"]
        self.car("in", plate)
        self.wait_passage("in", self.count)
        stay = wait_for("its stay", lambda: next(
            (s["stay"] for s in self.stays() if s["plate"] == plate and s["state"] == "open"), None), 10)  # fmt: skip
        wait_for("it stands on a bay", lambda: self.lot()["occupied"] > standing, 20)
        self.car("out", plate)
        self.wait_state("out", "WAIT_PAY")
        order = wait_for("its order", lambda: [r for r in self.records("order") if r["stay"] == stay], 10)[-1]
        return stay, order["order"]

    def payments(self, stay):
        return [r for r in self.records("payment") if r["stay"] == stay]

    def refusals(self):
        return [r for r in self.records("operator") if r["act"] == "refused"]

    def is_out(self, stay):
        self.out += 1
        self.wait_passage("out", self.out)
        self.wait_closed("out")
        wait_for("its stay has ended", lambda: next(
            s["state"] for s in self.stays() if s["stay"] == stay) == "paid", 10)  # fmt: skip


def a_payment_lets_the_car_out(check, site, platform, number):
    plate = f"皖APAY0{number}"
    stay, order = site.at_the_exit(plate)
    sealed = platform.seal(platform.payment(stay, order, f"TX-{platform.name}-1", FEE_FEN, CODE))
    answers = [platform.send(sealed) for _ in range(3)]
    site.is_out(stay)
    name = platform.name
    check.that(f"{name}: a payment is answered in its own form, three times the same",
               answers == [(200, platform.done)] * 3, str(answers))  # fmt: skip
    paid = site.payments(stay)
    check.that(f"{name}: three calls are one payment", [p["amount_fen"] for p in paid] == [FEE_FEN], str(paid)[:300])
    asked = [r for r in site.records("platform") if r["uplink"] == name and r["subject"] in (stay, order)]
    check.that(f"{name}: what was asked is recorded once", [r["verdict"] for r in asked] == ["done"], str(asked)[:300])
    again = platform.send(platform.seal(platform.payment(stay, order, f"TX-{name}-1", FEE_FEN, CODE)))
    check.that(f"{name}: signed anew it is the same order", again == (200, platform.done) and
               len(site.payments(stay)) == 1, str(again))  # fmt: skip


def lists_are_kept(check, site, platform):
    name, words = platform.name, platform.words
    shown = lambda: json.loads(site.ctl("list", "--json", "show"))["lists"]
    listed = lambda plate: [l["list"] for l in shown() if l["plate"] == plate and not l.get("until")]
    base = {words["lot"]: CODE, words["plate"]: "皖ALOCK88", "status": 1}
    answer = platform.call({**base, "operation": "list", "listType": "pass", "callId": f"{name}-L1"})
    check.that(f"{name}: a pass is taken", answer == (200, platform.done) and listed("皖ALOCK88") == ["pass"],
               f"{answer} {shown()}")  # fmt: skip
    answer = platform.call({**base, "operation": "lock", "callId": f"{name}-L2"})
    check.that(f"{name}: a vehicle is locked", answer == (200, platform.done) and
               sorted(listed("皖ALOCK88")) == ["locked", "pass"], f"{answer} {shown()}")  # fmt: skip
    for operation, more, number in ("lock", {}, "L3"), ("list", {"listType": "pass"}, "L4"):
        answer = platform.call({**base, **more, "operation": operation, "status": 0, "callId": f"{name}-{number}"})
        check.that(f"{name}: and {operation} is taken back", answer == (200, platform.done), str(answer))
    check.that(f"{name}: no list holds it any more", listed("皖ALOCK88") == [], str(shown()))
    answer = platform.call({words["lot"]: CODE, "operation": "tariff", "notice": "from 1 March", "callId": f"{name}-T"})
    check.that(f"{name}: a notice of a tariff is recorded", answer == (200, platform.done) and
               [r["note"] for r in site.records("platform") if r["request"] == f"{name}-T"] == ["from 1 March"],
               str(answer))  # fmt: skip


def opening(platform, number, **more):
    words = platform.words
    return {words["lot"]: CODE, words["lane"]: "in", "operation": "open", "reason": "an ambulance",
            "actor": "desk 4", "callId": f"{platform.name}-{number}", **more}  # fmt: skip


def a_barrier_opens_once(check, site, platform):
    standing = site.lot()["occupied"]
    site.sim("field", "camera in offline on")
    site.car("in", f"皖AOPEN{platform.name[1].upper()}")
    site.wait_state("in", "NO_PLATE", "WAIT_OPERATOR")
    site.count += 1
    sealed = platform.seal(opening(platform, "O1"))
    answers = [platform.send(sealed) for _ in range(2)]
    site.wait_passage("in", site.count)
    site.wait_closed("in")
    wait_for("it stands on a bay", lambda: site.lot()["occupied"] > standing, 20)
    opens = [c for c in site.records("command") if c["action"] == "open" and c.get("actor") == f"{platform.name}:desk 4"]
    check.that(f"{platform.name}: a barrier opens once for two calls", answers == [(200, platform.done)] * 2 and
               len(opens) == 1 and opens[0]["cause"] == "platform", f"{answers} {opens}")  # fmt: skip
    site.sim("field", "camera in offline off")


def who_is_not_the_platform(check, site, platform, source):
    """Each wrong way: nothing is done, the answer is the platform's own form, and the journal says so."""
    name = platform.name
    before, orders = len(site.refusals()), len(site.records("platform"))
    business = opening(platform, "W1")
    status, answer = platform.send(platform.seal(business, key=platform.own), source=source)
    expected = platform.refusal(answer["msg"])
    check.that(f"{name}: a wrong signature is refused in its own form", status == 403 and answer == expected,
               f"{status} {answer}")  # fmt: skip
    body, kind, query = platform.seal(business)
    status, answer = platform.send((body[:-9], kind, query), source=source)
    check.that(f"{name}: so is a broken body", status == 403 and answer == platform.refusal(answer["msg"]), str(answer))
    status, answer = platform.call({**business, platform.words["lot"]: "LOT-2"})
    check.that(f"{name}: so is another lot", (status, answer) == (200, platform.refusal("it is not for a lot of ours")),
               str(answer))  # fmt: skip
    wait_for("three refusals are recorded", lambda: len(site.refusals()) == before + 3, 10)
    told = site.refusals()[before:]
    check.that(f"{name}: each is recorded as a refused act, by its address",
               [r["actor"] for r in told] == [source, source, "127.0.0.1"], str(told)[:300])  # fmt: skip
    check.that(f"{name}: none of them became an order", len(site.records("platform")) == orders)
    status, answer = platform.call(opening(platform, "W2"), at_s=time.time() - 3600)
    check.that(f"{name}: an opening of an hour ago is too late", status == 200 and answer ==
               platform.refusal(answer["msg"]) and "too late" in answer["msg"], str(answer))  # fmt: skip
    status, answer = platform.call(opening(platform, "W3"), at_s=time.time() + 3600)
    check.that(f"{name}: one of tomorrow is refused", status == 200 and "later than now" in answer["msg"], str(answer))
    status, answer = platform.call({**business, "operation": "sing"})
    check.that(f"{name}: what is no operation is refused", status == 200 and "no such operation" in answer["msg"])


def the_door(check, site, platform):
    """What never gets as far as a platform's own form."""
    sealed = platform.seal(opening(platform, "D1"))
    check.that("another address hears 404", platform.send(sealed, source="127.0.0.3") == (404, {}))
    check.that("another path hears 404", platform.send(sealed, path="/platforms/none") == (404, {}))
    check.that("another method hears 405", platform.send(sealed, method="PUT") == (405, {}))
    long = ("x" * (BODY_MAX + 1), "text/plain", "")
    status = platform.send(long)
    check.that("a body that is too long is refused", status is None or status[0] == 413, str(status))
    wrong = platform.seal(opening(platform, "D2"), key=platform.own)
    answers = [platform.send(wrong, source="127.0.0.2")[0] for _ in range(8)]
    check.that("who guesses is not heard for a while", answers[-1] == 429, str(answers))
    check.that("the platform itself is", platform.call({**opening(platform, "D3"), "callId": ""})[0] == 200)


def slow_and_endless(check, site, platform):
    context = ssl.create_default_context(cafile=site.path("ca.pem"))
    begin, lived = time.monotonic(), 0.0
    with socket.create_connection(("127.0.0.1", site.calls_port)) as raw:
        with context.wrap_socket(raw, server_hostname="127.0.0.1") as link:
            link.sendall(b"POST /platforms/hefei HTTP/1.1\r\nHost: x\r\nContent-Length: 30000\r\n\r\n")
            try:
                while time.monotonic() - begin < 30:
                    link.sendall(b"x")
                    time.sleep(0.2)
            except OSError:
                lived = time.monotonic() - begin
    check.that("who sends a byte at a time is cut off", 5 < lived < 15, f"{lived:.1f} s")


def killed_between_durable_and_answered(check, site, platform, number):
    """The test build dies as it is about to answer; without it, an answer that nobody reads is as lost."""
    plate, crashing = f"皖AKILL{number}", os.path.join(site.build, "crash")
    stay, order = site.at_the_exit(plate)
    sealed = platform.seal(platform.payment(stay, order, f"TX-{platform.name}-K", FEE_FEN, CODE))
    if os.path.exists(crashing):
        site.stop("parkd")
        site.start_parkd(build=crashing, crash="answer_platform:1")
        check.that(f"{platform.name}: killed before it answers", platform.send(sealed) is None and
                   site.processes.pop("parkd").wait(10) == -9)  # fmt: skip
    else:
        platform.send(sealed, read=False)
        wait_for("the payment is durable", lambda: site.payments(stay), 10)
        site.kill("parkd")
    check.that(f"{platform.name}: the payment is durable", len(site.payments(stay)) == 1)
    site.start_parkd()
    answers = [platform.send(sealed) for _ in range(2)]
    check.that(f"{platform.name}: after kill -9 it hears the same, and nothing is doubled",
               answers == [(200, platform.done)] * 2 and len(site.payments(stay)) == 1, str(answers))  # fmt: skip
    site.wait_state("out", "IDLE", "NO_PLATE", "WAIT_OPERATOR", seconds=30)
    if site.lane("out")["state"] != "IDLE":
        site.approve("out", plate)  # a decision dies with the process; the car still stands there
    site.is_out(stay)


def killed_often(check, site, kills):
    """As often as that, with orders that need no car (scripts/faults): each is durable, and answered when it comes again."""
    known, doubled = 0, 0
    for n in range(kills):
        platform = site.platforms[n % len(site.platforms)]
        words, call = platform.words, f"{platform.name}-K{n}"
        sealed = platform.seal({words["lot"]: CODE, words["plate"]: f"皖AKL{n:03}", "status": 1, "operation": "lock",
                                "callId": call})  # fmt: skip
        site.stop("parkd")
        site.start_parkd(build=os.path.join(site.build, "crash"), crash="answer_platform:1")
        unanswered = platform.send(sealed) is None and site.processes.pop("parkd").wait(10) == -9
        site.start_parkd()
        answers = [platform.send(sealed) for _ in range(2)]
        known += unanswered and answers == [(200, platform.done)] * 2
        doubled += len([r for r in site.records("platform") if r["request"] == call]) - 1
    check.that("killed between durable and answered: each order is known, and on record once",
               known == kills and doubled == 0, f"{known} of {kills}, {doubled} doubled")  # fmt: skip
    check.note("kill -9", f"{kills} at answer_platform; acknowledged = orders over HTTPS", kills,
               (kills, kills - known, doubled))  # fmt: skip


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def check_all(check, site):
    for number, platform in enumerate(site.platforms):
        a_payment_lets_the_car_out(check, site, platform, number)
    for number, platform in enumerate(site.platforms):
        lists_are_kept(check, site, platform)
        who_is_not_the_platform(check, site, platform, f"127.0.0.{10 + number}")
    for platform in site.platforms:
        a_barrier_opens_once(check, site, platform)
    for number, platform in enumerate(site.platforms):
        killed_between_durable_and_answered(check, site, platform, number)
    the_door(check, site, site.platforms[0])
    slow_and_endless(check, site, site.platforms[0])


def main():
    check, site = Checks(), OrderedSite()
    try:
        killed_often(check, site, KILLS) if KILLS else check_all(check, site)
        check.that("the audit finds nothing", site.audit_is_clean())
        check.that("parkd ends cleanly", site.stop("parkd") == 0)
    finally:
        site.close()
    check.end()


main()
