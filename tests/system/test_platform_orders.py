#!/usr/bin/python3
"""What a platform orders over MQTT is done once, or refused in words: a payment opens the exit for the car that
waits, a remote opening comes once however often it is told, also when parkd is killed between the record and the
reply; an order without its words, too late, too often or retained is refused; a pass lets a car in.
Usage: test_platform_orders.py [BUILD [KILLS]]   (KILLS: only so many kills at that moment, scripts/faults)"""

import contextlib
import datetime
import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time

from lane_site import CAMERA_PLAN, FEE_FEN, LaneSite
from whole_site import Checks, wait_for

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 0
UPLINK = '{{ name = "{name}"; type = "mqtt"; url = "mqtt://127.0.0.1:{port}"; commands = true; backoff_max_ms = 1000; }}'
CAR, OTHER, NO_PLATE = "皖A12345", "皖B54321", "无牌车"


def later(seconds):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class DeafBroker(threading.Thread):
    """A broker that takes what it is sent, and lets nobody read: MQTT 3.1.1 by hand."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port, self.topics = self.listening.getsockname()[1], []
        self.start()

    def run(self):
        while True:
            peer, _ = self.listening.accept()
            with contextlib.suppress(OSError), peer, peer.makefile("rb") as stream:  # it may be killed
                while self.packet(peer, stream):
                    pass

    def packet(self, peer, stream):
        head = stream.read(1)
        if not head:
            return False
        size, shift = 0, 0
        while True:
            digit = stream.read(1)[0]
            size, shift = size | (digit & 127) << shift, shift + 7
            if digit < 128:
                break
        body, kind = stream.read(size), head[0] >> 4
        if kind == 1:
            peer.sendall(b"\x20\x02\x00\x00")
        elif kind == 3:
            end = 2 + int.from_bytes(body[:2], "big")
            self.topics.append(body[2:end].decode())
            peer.sendall(b"\x40\x02" + body[end:end + 2])
        elif kind == 8:
            peer.sendall(b"\x90\x03" + body[:2] + b"\x80")
        elif kind == 12:
            peer.sendall(b"\xd0\x00")
        return True


class OrderedSite(LaneSite):
    """A site with lanes whose clock the kernel calls right, and a platform that may give orders."""

    def __init__(self):
        super().__init__(BUILD, "tcp", plan=CAMERA_PLAN)
        with open(self.path("clock"), "w") as f:
            f.write("0 1\n")
        self.start_broker()
        self.subscribe("parking/+/reply/+")
        self.deaf = DeafBroker()
        uplinks = UPLINK.format(name="town", port=self.broker_port), UPLINK.format(name="deaf", port=self.deaf.port)
        self.start_lanes(extra=f"uplinks = ( {', '.join(uplinks)} );")
        self.wait_connected()

    def start_parkd(self, program=None):
        os.environ.update(LD_PRELOAD=os.path.join(self.build, "moved_clock.so"), PARKD_CLOCK=self.path("clock"))
        try:
            self.start("parkd", program or f"{self.build}/parkd", "--config", self.path("parkd.conf"))
        finally:
            del os.environ["LD_PRELOAD"], os.environ["PARKD_CLOCK"]
        wait_for("it is up", lambda: self.ctl_ok("status"), 20)

    def wait_connected(self):
        wait_for("the broker is reached", lambda: self.uplink("town")["connected"], 20)

    def publish(self, name, body, *options):
        """To the broker, and no further: its acknowledgement is waited for."""
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.broker_port), "-q", "1", "-t",
                        f"parking/test/command/{name}", "-m", body, *options],
                       check=True, capture_output=True, timeout=20)  # fmt: skip

    def replies(self, name):
        return [body for _, topic, body in self.received() if topic == f"parking/test/reply/{name}"]

    def order(self, name, act, within=9, **words):
        """The reply to one more delivery of this order."""
        before = len(self.replies(name))
        body = {"act": act, "actor": "li", "reason": "asked by phone", "not_after": later(within), **words}
        self.publish(name, json.dumps({k: v for k, v in body.items() if v is not None}))
        wait_for(f"a reply to {name}", lambda: len(self.replies(name)) > before, 15)
        return self.replies(name)[-1]

    def wait_passage_count(self, count):
        wait_for(f"passage {count}", lambda: len(self.records("passage")) == count, 20)

    def asked(self, name):
        return [r for r in self.records("platform") if r["request"] == name]

    def commands(self, lane, cause):
        return [c for c in self.records("command") if c["lane"] == lane and c["cause"] == cause]


def check_payment(check, site):
    site.car("in", CAR)
    site.wait_passage("in", 1)
    wait_for("it costs something", lambda: site.ctl_json("quote", CAR)["due_fen"] == FEE_FEN, 10)
    site.car("out", CAR)
    site.wait_state("out", "WAIT_PAY")
    stay = site.ctl_json("quote", CAR)["stay"]
    paid = {"stay": stay, "amount_fen": FEE_FEN, "channel": "wechat", "transaction": "t-1"}
    reply = site.order("pay-1", "paid", 3600, **paid)
    check.that("a payment is done", reply["verdict"] == "done" and not reply["again"], str(reply))
    check.that("its reply names its record", [s for s, r in site.journal() if r["type"] == "platform"] == [reply["seq"]])
    again = site.order("pay-1", "paid", 3600, **paid)
    check.that("told again it is answered as before", again["verdict"] == "done" and again["again"] and again["seq"] == reply["seq"])
    other = site.order("pay-2", "paid", 3600, **paid)
    check.that("the same money under another id counts once", other["verdict"] == "again" and other["again"], str(other))
    check.that("one payment is on record", [p["amount_fen"] for p in site.records("payment")] == [FEE_FEN])
    site.wait_passage("out", 1)
    wait_for("its stay is paid", lambda: [s["state"] for s in site.stays()] == ["paid"], 10)


def check_openings(check, site):
    before = site.barrier("out")["opens"]
    not_after = later(9)
    body = json.dumps({"act": "open", "lane": "out", "actor": "li", "reason": "machine broken", "not_after": not_after})
    for _ in range(3):
        site.publish("open-1", body)
    replies = wait_for("three replies", lambda: len(site.replies("open-1")) >= 3 and site.replies("open-1"), 15)
    check.that("an opening told three times is done, and known twice",
               [(r["verdict"], r["again"]) for r in replies] == [("done", False), ("done", True), ("done", True)], str(replies))  # fmt: skip
    site.wait_closed("out")
    check.that("the boom went up once", site.barrier("out")["opens"] == before + 1)
    commands = [c for c in site.commands("out", "platform") if c["action"] == "open"]
    check.that("its command says who and why", [(c["actor"], c["reason"]) for c in commands] == [("town:li", "machine broken")])
    order = [r["type"] for r in site.records("platform", "command") if r.get("request") == "open-1" or r in commands]
    check.that("its record stands before its command", order == ["platform", "command"], str(order))
    check.that("what came of it is on record", commands[0]["command"] in [o["command"] for o in site.records("outcome")])


def check_refusals(check, site):
    before = site.barrier("out")["opens"]
    for name, words, said in (
        ("no-actor", {"actor": None}, "actor"), ("no-reason", {"reason": None}, "reason"),
        ("no-end", {"not_after": None}, "not_after"), ("late", {"not_after": later(-1)}, "too late"),
        ("far", {"within": 60}, "10 seconds"), ("elsewhere", {"lane": "nowhere"}, "no such lane"),
        ("unknown", {"nonce": 7}, "nonce"), ("misplaced", {"plate": CAR}, "plate")):  # fmt: skip
        reply = site.order(name, "open", **{"lane": "out", **words})
        check.that(f"refused: {name}", reply["verdict"] == "refused" and said in reply["reason"], reply.get("reason", ""))
    reply = site.order("nobody", "paid", stay="S0", amount_fen=1, channel="cash", transaction="t-0")
    check.that("refused: a payment for no stay", "no such stay" in reply["reason"], reply["reason"])
    reply = site.order("tariff", "tariff", 3600, reason="class 2 from 2027-01-01")
    check.that("a tariff notice is recorded", reply["verdict"] == "done" and site.asked("tariff")[0]["note"] == "class 2 from 2027-01-01")
    check.that("refused orders open nothing", site.barrier("out")["opens"] == before)


def check_retained(check, site):
    body = json.dumps({"act": "open", "lane": "out", "actor": "li", "reason": "r", "not_after": later(9)})
    site.kill("parkd")
    site.publish("kept", body, "-r")
    site.start_parkd()
    # The broker has queued it for us, too, as one that was sent just now: that is no replay, and is judged.
    replies = wait_for("a reply to what was retained", lambda: [r for r in site.replies("kept") if "retained" in r.get("reason", "")], 20)
    check.that("a retained order is refused", replies[0]["verdict"] == "refused" and "seq" not in replies[0], str(replies[0]))
    site.publish("kept", "", "-r")  # the broker forgets it
    site.wait_closed("out")


def check_lists(check, site):
    reply = site.order("pass-1", "list_add", 3600, list="pass", plate=OTHER, lot="A")
    check.that("a plate comes onto a list", reply["verdict"] == "done", str(reply))
    passages = len(site.records("passage"))
    site.car("in", OTHER)
    site.wait_passage_count(passages + 1)
    site.order("lock-1", "lock", 3600, plate=OTHER)
    site.car("out", OTHER)
    wait_for("it is held back", lambda: [d for d in site.records("decision") if d["reason"] == "locked"], 20)
    site.order("unlock-1", "unlock", 3600, plate=OTHER)
    site.wait_passage_count(passages + 2)
    states = [s["state"] for s in site.stays() if s["plate"] == OTHER]
    check.that("a car on the pass list comes and goes; locked it waits", states == ["pass"], str(states))
    site.wait_closed("out")


def check_ticket(check, site):
    passages = len(site.records("passage"))
    site.car("in", NO_PLATE)
    site.wait_state("in", "NO_PLATE", "WAIT_OPERATOR")
    reply = site.order("ticket-in", "ticket", lane="in", ticket="T-7")
    check.that("a ticket is given to a car without a plate", reply["verdict"] == "done", str(reply))
    site.wait_passage_count(passages + 1)
    opened = site.records("stay_opened")[-1]
    check.that("its stay has it", (opened["ticket"], opened["plate"]) == ("T-7", ""), str(opened))
    wait_for("it costs something", lambda: site.ctl_json("quote", opened["stay"])["due_fen"] == FEE_FEN, 10)
    site.car("out", NO_PLATE)
    site.wait_state("out", "NO_PLATE", "WAIT_OPERATOR")
    reply = site.order("ticket-wrong", "ticket", lane="out", ticket="T-8")
    check.that("another ticket is none", "no open stay" in reply.get("reason", ""), str(reply))
    site.ctl("lanes", "ticket", "out", "--ticket", "T-7")  # an attendant takes it
    site.wait_state("out", "WAIT_PAY")
    reply = site.order("ticket-pay", "paid", 60, ticket="T-7", amount_fen=FEE_FEN, channel="alipay", transaction="t-7")
    check.that("who shows a ticket is known by it, and pays", reply["verdict"] == "done", str(reply))
    site.wait_passage_count(passages + 2)
    states = [s["state"] for s in site.stays() if s["stay"] == opened["stay"]]
    check.that("its stay is paid", states == ["paid"], str(states))
    site.wait_closed("out")


def check_listed(check, site):
    listed = lambda *words: subprocess.run([f"{site.build}/parkctl", "orders", "--db", site.path("parkd.db"), *words],
                                           check=True, capture_output=True, text=True, timeout=20).stdout  # fmt: skip
    orders = json.loads(listed("--json"))["orders"]
    check.that("parkctl lists every order", [o["request"] for o in orders] == [r["request"] for r in site.records("platform")])
    check.that("and in a table", "ticket-pay" in listed("town") and "ticket-pay" not in listed("other"))


def kill_when_recorded(site, name):
    """At the moment when the record of the order is durable."""
    db = sqlite3.connect(f"file:{site.path('parkd.db')}?mode=ro", uri=True)
    end = time.monotonic() + 10
    query = "SELECT count(*) FROM journal WHERE kind = 'platform' AND body->>'request' = ?"
    while not db.execute(query, (name,)).fetchone()[0]:
        if time.monotonic() > end:
            raise AssertionError(f"no record of {name}")
    site.kill("parkd")
    db.close()


def check_kill(check, site, name):
    before = site.barrier("out")["opens"]
    body = json.dumps({"act": "open", "lane": "out", "actor": "li", "reason": "r", "not_after": later(9)})
    site.publish(name, body)
    kill_when_recorded(site, name)
    site.start_parkd()
    site.wait_connected()
    site.publish(name, body)
    replies = wait_for(f"{name} is known", lambda: [r for r in site.replies(name) if r["again"]], 20)
    check.that("killed behind the record: the same verdict after the start", replies[-1]["verdict"] == "done", str(replies[-1]))
    check.that("one record of it", len(site.asked(name)) == 1)
    site.wait_closed("out", 30)
    opens = site.barrier("out")["opens"] - before
    check.that("and no second opening", opens <= 1, str(opens))


def check_exact_kill(check, site):
    """Between the disk and the reply, where the build has that moment (make CRASH=1 BUILD=build/crash)."""
    crash, name = f"{site.build}/crash/parkd", "kill-exact"
    if not os.path.exists(crash) or os.path.getmtime(crash) < os.path.getmtime(f"{site.build}/parkd"):
        print("skipped: no build/crash, or an old one")
        return
    site.stop("parkd")
    os.environ["PARKD_CRASH"] = "order_durable:1"
    site.start_parkd(program=crash)
    del os.environ["PARKD_CRASH"]
    site.wait_connected()
    before = site.barrier("out")["opens"]
    body = json.dumps({"act": "open", "lane": "out", "actor": "li", "reason": "r", "not_after": later(9)})
    site.publish(name, body)
    site.processes["parkd"].wait(10)
    check.that("killed between the record and the reply: on record, and unanswered",
               len(site.asked(name)) == 1 and not site.replies(name))  # fmt: skip
    site.start_parkd()
    replies = wait_for(f"the broker tells {name} again", lambda: site.replies(name), 20)
    check.that("the broker tells it again, and it is known", [(r["verdict"], r["again"]) for r in replies] == [("done", True)])
    site.wait_closed("out", 30)
    check.that("and opens no second time", site.barrier("out")["opens"] - before <= 1 and len(site.asked(name)) == 1)


def check_kills(check, site, kills):
    """As often as that, with orders that no lane bounds (scripts/faults)."""
    crash, known, doubled = f"{site.build}/crash/parkd", 0, 0
    for n in range(kills):
        name, plate = f"kill-at-{n}", f"皖A6{n:04}"
        site.stop("parkd")
        os.environ["PARKD_CRASH"] = "order_durable:1"
        site.start_parkd(program=crash)
        del os.environ["PARKD_CRASH"]
        site.wait_connected()
        site.publish(name, json.dumps({"act": "lock", "actor": "li", "reason": "r", "plate": plate, "not_after": later(600)}))
        site.processes["parkd"].wait(10)
        unanswered = not site.replies(name)
        site.start_parkd()
        replies = wait_for(f"the broker tells {name} again", lambda: site.replies(name), 20)  # noqa: B023
        known += unanswered and (replies[0]["verdict"], replies[0]["again"]) == ("done", True)
        doubled += len(site.asked(name)) - 1
    check.that("killed between the record and the reply: each order is known, and on record once",
               known == kills and doubled == 0, f"{known} of {kills}, {doubled} doubled")  # fmt: skip
    check.note("kill -9", f"{kills} at order_durable; acknowledged = orders over MQTT", kills,
               (kills, kills - known, doubled))  # fmt: skip


def check_rate(check, site):
    wait_for("a quiet minute", lambda: quiet(site), 90)
    verdicts = []
    for n in range(8):
        verdicts.append(site.order(f"rate-{n}", "open", lane="out")["verdict"])
    check.that("a lane opens six times in a minute", verdicts == ["done"] * 6 + ["refused"] * 2, str(verdicts))
    check.that("the seventh says why", "too often" in site.asked("rate-6")[0]["reason"])


def quiet(site):
    minute = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=61)
    return not [r for r in site.records("platform") if r["act"] == "open" and r["verdict"] == "done"
                and r["at"] > minute.strftime("%Y-%m-%dT%H:%M:%S")]  # fmt: skip


def check_deaf(check, site, deaf):
    status = wait_for("the refused topic is told", lambda: (lambda u: u["trouble"] and u)(site.uplink("deaf")), 20)
    check.that("a broker that lets nobody read is told by name", "does not let us read" in status["trouble"], status["trouble"])
    check.that("and gets vacancy and records all the same", status["connected"] and "parking/test/lots/A/vacancy" in deaf.topics
               and "parking/test/records" in deaf.topics)  # fmt: skip


def check_all(check, site):
    check_deaf(check, site, site.deaf)
    check_payment(check, site)
    check_openings(check, site)
    check_refusals(check, site)
    check_lists(check, site)
    check_ticket(check, site)
    check_listed(check, site)
    for n in range(3):
        check_kill(check, site, f"kill-{n}")
    check_exact_kill(check, site)
    check_retained(check, site)
    check_rate(check, site)


def main():
    check, site = Checks(), OrderedSite()
    if KILLS:
        check_kills(check, site, KILLS)
    else:
        check_all(check, site)
    check.that("the audit is clean", site.audit_is_clean())
    check.end()


main()
