#!/usr/bin/python3
"""Rules 14-16 towards all platforms of cities at once: one gateway with three lots (a car park, a street with stays, a
street whose sensors alone are known) tells Hefei, Hangzhou, Qingdao and Xuzhou under each lot's own ids and keys, and
NGSI-v2, NGSI-LD and DATEX II beside them. 4 of 100 requests meet a fault, answers are lost after being applied, the
platforms are away for a while, the gateway is killed. Then each platform holds every record once and in order of each
stay, and a second judge (city_receivers.py, ngsi.py), which read the same bytes on the line, agrees.
Usage: test_cities.py BUILD [SECONDS of the outage]"""

import json
import os
import random
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import city_receivers
from city_tap import Tap
from lane_site import TARIFF
from ngsi import Datex, wrong_with
from whole_site import Checks, Site, wait_for

OUTAGE_S = float(sys.argv[2]) if len(sys.argv) > 2 else 8
SEED = 20261122
LOTS = {"A": ("off_street", "bays"), "B": ("on_street", "bays"), "C": ("on_street", "none")}
PLATFORMS = {"hefei": "AB", "hangzhou": "AB", "qingdao": "AB", "xuzhou": "ABC"}
CHANNELS = ("cash", "wechat", "alipay", "unionpay", "wallet")


# ---- the site ----


def make_keys(site):
    """Of each lot, and of the platform towards it: all of 1024 bits, as the Hangzhou family has them."""
    run = lambda *c: subprocess.run(c, check=True, capture_output=True, cwd=site.dir)
    for name in [lot for lot in LOTS] + ["platform" + lot for lot in LOTS]:
        run("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-out", name + ".key")
        os.chmod(site.path(name + ".key"), 0o600)
        run("openssl", "pkey", "-in", name + ".key", "-pubout", "-out", name + ".pub")
    for lot in LOTS:
        with open(os.open(site.path(lot + ".secret"), os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
            f.write("secret-of-" + lot)


def code(platform, lot):
    return f"{platform[:2].upper()}00{lot}"


def register(site):
    registered = {p: [{"code": code(p, lot), "account": "dev" + lot, "secret": "secret-of-" + lot,
                       "key": site.path(lot + ".pub"), "platform_key": site.path(f"platform{lot}.key")} for lot in lots]
                  for p, lots in PLATFORMS.items()}  # fmt: skip
    with open(site.path("platforms.json"), "w") as f:
        json.dump(registered, f)


def uplinks(site, port):
    told = lambda p, lot: (f'{{ lot = "{lot}"; code = "{code(p, lot)}"; account = "dev{lot}"; '
                           f'key_file = "{site.path(lot + ".key")}"; platform_key_file = "{site.path(f"platform{lot}.pub")}"; '
                           f'secret_file = "{site.path(lot + ".secret")}"; }}')  # fmt: skip
    url = f'url = "http://127.0.0.1:{port}'
    some = 'timeout_ms = 2000; backoff_max_ms = 2000;'
    city = [f'{{ name = "{p}"; type = "{p}"; {url}"; {some} heartbeat_ms = 3000; '
            f'lots = ( {", ".join(told(p, lot) for lot in lots)} ); }}' for p, lots in PLATFORMS.items()]  # fmt: skip
    state = [f'{{ name = "v2"; type = "ngsi-v2"; {url}"; {some} entity_prefix = "v2:"; }}',
             f'{{ name = "ld"; type = "ngsi-ld"; {url}"; {some} entity_prefix = "ld:"; }}',
             f'{{ name = "datex"; type = "datex"; {url}/datex"; {some} requests_per_s = 4.0; }}']  # fmt: skip
    return "uplinks = ( " + ",\n".join(city + state) + " );\n"


def configure(site, port):
    with open(site.path("parkd.conf")) as f:
        text = f.read()
    bays = [f"A-{i:04}" for i in range(1, 61)]
    lots = []
    for i, (lot, (place, stays)) in enumerate(LOTS.items()):
        mine = bays[20 * i:20 * i + 20]
        parking = f'parking = {{ stays = "{stays}"; tariff = "visit"; bay_settle_s = 0; }};' if stays != "none" else ""
        lots.append(f'{{ id = "{lot}"; kind = "{place}"; location = {{ latitude = 31.82; longitude = 117.22; }}; {parking} '
                    f'zones = ( {{ id = "{lot}1"; bays = "{mine[0]}..{mine[-1]}"; }} ); }}')  # fmt: skip
    text = re.sub(r"lots = \(.*?\n\);", "lots = ( " + ", ".join(lots) + " );", text, count=1, flags=re.S)
    with open(site.path("parkd.conf"), "w") as f:
        f.write(text + uplinks(site, port))


def start_city(site):
    site.start("city", f"{site.build}/parksim", "city", "--listen", f"127.0.0.1:{site.city_port}",
               "--platforms", "platforms.json", "--control", "city.ctl", ready="ready")  # fmt: skip


# ---- what has to be there ----


def held(site):
    return json.loads(site.sim("city", "platforms"))


def truth(site):
    """By lot: the ids of entries, of exits; payments; bays that came and went."""
    out = {lot: {"in": set(), "out": set(), "left": set(), "pay": [], "amended": 0} for lot in LOTS}
    ids, inside = dict(site.journal_ids()), set()
    for seq, body in site.journal():
        of = out.get(body.get("lot"))
        if body["type"] == "stay_opened":
            of["in"].add(body["stay"])
        elif body["type"] == "stay_closed" and body["outcome"] != "void":
            of["out"].add(body["stay"])
            of["left"].add((body.get("bay") if LOTS[body["lot"]][0] == "on_street" else body["stay"], body["at"][:19]))
        elif body["type"] == "payment":
            of["pay"].append(body)
        elif body["type"] == "stay_amended" and body["change"] == "plate":
            of["amended"] += 1
        elif body["type"] == "bay_changed" and body["lot"] == "C":
            if body["to"] == "occupied" and body["bay"] not in inside:
                of["in"].add(ids[seq])
                inside.add(body["bay"])
            if body["to"] == "free" and body["bay"] in inside:
                of["left"].add((body["bay"], body["at"][:19]))
                inside.remove(body["bay"])
    return out


def expected(site):
    """{(platform, code): {what: count}} as parksim counts it."""
    mine, out = truth(site), {}
    for platform, lots in PLATFORMS.items():
        for lot in lots:
            of = mine[lot]
            counts = {"entries": len(of["in"]), "exits": len(of["out"])}
            if platform == "hangzhou":
                counts["payment"] = len(of["pay"])
            if platform == "xuzhou":
                counts["exit"] = len(of["left"])  # on a street it is told by berth and second alone
                counts["payment"] = len({(p["plate"], p["entered"][:19], p["at"][:19], p["channel"])  # it has no key
                                         for p in of["pay"] if p["channel"] != "wallet"})  # fmt: skip
                counts["plate"] = of["amended"]
            out[platform, code(platform, lot)] = counts
    return out


def missing(site):
    """What a platform does not hold, or holds too much of."""
    wanted, wrong = expected(site), []
    for lot in held(site)["lots"]:
        has = {**lot["others"], **lot}
        for what, count in wanted[lot["platform"], lot["code"]].items():
            if has.get(what, 0) != count:
                wrong.append(f"{lot['platform']} {lot['code']} {what}: {has.get(what, 0)} of {count}")
    return wrong


def drained(site):
    return all(u["pending"] == 0 for u in site.ctl_json("status")["uplinks"]) and not missing(site)


def wrong_counts(site):
    free = {lot["lot"]: lot["free"] for lot in site.ctl_json("lots")["lots"]}
    return [f"{lot['platform']} {lot['code']}: {lot['free']} of {free[lot['code'][-1]]}" for lot in held(site)["lots"]
            if lot["free"] != free[lot["code"][-1]]]  # fmt: skip


def settle(site, when):
    site.sim("field", "rate 0")
    try:
        wait_for("every platform holds everything", lambda: drained(site), 90)
        wait_for("every platform knows how many bays are free", lambda: not wrong_counts(site), 30)
    except AssertionError as why:
        said = [(u["name"], u["pending"], u["trouble"]) for u in site.ctl_json("status")["uplinks"]]
        raise AssertionError(f"{when}: {why}: {missing(site)[:8]} {wrong_counts(site)[:8]} {said}") from None


def people_act(site, chance, times):
    """Plates are put right, and some pay: in the midst of traffic, so that a stay may end meanwhile."""
    stays = lambda: [s for s in json.loads(site.ctl("stay", "list", "--db", site.path("parkd.db"), "--json"))["stays"]
                     if s["state"] == "open" and s["lot"] in "AB"]  # fmt: skip
    for _ in range(times):
        for stay in chance.sample(stays(), 2):
            if stay["lot"] == "A":
                site.ctl_ok("stay", "amend", stay["stay"], "--plate", f"皖A{chance.randrange(100000):05}", "--reason", "misread")
            site.ctl_ok("pay", stay["stay"], "--amount", "5.00", "--channel", chance.choice(CHANNELS), "--transaction",
                        f"t{chance.randrange(10**9)}")  # fmt: skip


# ---- the second judge ----


def account_of(platform, body):
    if platform in ("hefei", "xuzhou"):
        return json.loads(body).get("access_id" if platform == "hefei" else "appkey")
    return dict(urllib.parse.parse_qsl(body)).get("accessID")


def platform_of(target):
    for head, platform in (("/os-park/", "hefei"), ("/api/v2/", "hangzhou"), ("/upload", "qingdao"), ("/api/", "xuzhou")):
        if target.startswith(head):
            return platform
    return None


class Judge:
    """The receivers written from the protocols' descriptions, one for each lot's account."""

    def __init__(self, site):
        key = lambda name: city_receivers.Key(site.path(name + ".key"), True)
        self.now = 0
        self.receivers = {}
        for platform, lots in PLATFORMS.items():
            for lot in lots:
                of, account = {code(platform, lot)}, "dev" + lot
                self.receivers[platform, account] = {
                    "hefei": lambda: city_receivers.Hefei(of, key(lot), account, lambda: int(self.now)),
                    "hangzhou": lambda: city_receivers.Hangzhou(of, key(lot), account),
                    "qingdao": lambda: city_receivers.Qingdao(of, key(lot), account, key("platform" + lot)),
                    "xuzhou": lambda: city_receivers.Xuzhou(of, account, "secret-of-" + lot, lot == "C"),
                }[platform]()  # fmt: skip

    def take(self, passed):
        body, platform = passed.body.decode("utf-8"), platform_of(passed.target)
        self.now = passed.at_ms
        return self.receivers[platform, account_of(platform, body)].take(passed.method, passed.target, body)

    def violations(self):
        return [f"{p} {a}: {v}" for (p, a), r in self.receivers.items() for v in r.violations]


def said_yes(passed):
    try:
        answer = json.loads(passed.answer)
    except ValueError:
        return False
    return passed.status == 200 and (answer.get("code") in (0, 8888, 4002) or answer.get("resultCode") == 200)


def judge(site, tap, check):
    """All that the platforms took, in the order in which they were asked, taken again by the second judge."""
    second, mine = Judge(site), truth(site)
    taken = [p for p in tap.passed if platform_of(p.target) and said_yes(p)]
    for passed in taken:
        second.take(passed)
    check.that("a second judge finds no breach in what the platforms took", not second.violations(),
               f"{len(taken)} requests {second.violations()[:3]}")  # fmt: skip
    for (platform, account), receiver in second.receivers.items():
        lot = account[-1]
        out = set(receiver.closed) if platform == "xuzhou" else set(receiver.exits)
        check.that(f"{platform}, lot {lot}: it was told of each stay once, from its entry to its exit",
                   set(receiver.entries) == mine[lot]["in"] and out == mine[lot]["out"],
                   f"{len(receiver.entries)} {len(mine[lot]['in'])} {len(out)} {len(mine[lot]['out'])}")  # fmt: skip
        beaten = not receiver.beats and platform == "xuzhou" or len(receiver.beats) > 3
        check.that(f"{platform}, lot {lot}: heartbeats came where they are asked for", beaten)
    kinds = {p.target.partition("?")[0] for p in taken}
    asked = {"/api/v2/cp/uploadPayRecord", "/api/v2/cp/applyPayment", "/api/upload/payBillInfo", "/api/pos/orderClose",
             "/api/outer/postModifyCarNo", "/api/inner/postInnerCarPassInData", "/api/outer/postOuterCarPassOutData",
             "/uploadParkingState", "/os-park/ospark/open/api/v2/uploadSurplus"}  # fmt: skip
    check.that("every operation was seen", asked <= kinds, str(asked - kinds))


def judge_state(site, check):
    look = lambda path: urllib.request.urlopen(f"http://127.0.0.1:{site.city_port}{path}", timeout=10).read()
    free = {lot["lot"]: lot["free"] for lot in site.ctl_json("lots")["lots"]}
    entities = json.loads(look("/entities"))["entities"]
    wrong = [w for e in entities.values() for w in wrong_with(e)]
    check.that("every entity is valid, every attribute known", len(entities) == 2 * 63 and not wrong,
               f"{len(entities)} {wrong[:3]}")  # fmt: skip
    told = {e["id"]: e["availableSpotNumber"]["value"] for e in entities.values() if e["type"] != "ParkingSpot"}
    check.that("both brokers know how many bays are free", len(told) == 6 and
               all(value == free[i[-1]] for i, value in told.items()), f"{told} {free}")  # fmt: skip
    wrong = Datex().wrong_with(look("/datex"))
    check.that("what was pushed is valid DATEX II", not wrong, wrong[:300])


# ---- the test ----


def faults(site, chance):
    site.sim("field", "rate 12")
    site.sim("city", f"chaos 4 {SEED}")
    for command in ("drop-answer 12", "slow 600 12", "bad-body 12", "fail 503 12", "fail 429 retry-after 1 4", "hang 3"):
        site.sim("city", command)
        people_act(site, chance, 3)
        time.sleep(1)
    site.sim("city", "ok")


def main():
    site, check, chance = Site(sys.argv[1]), Checks(), random.Random(SEED)
    print("seed", SEED)
    os.mkdir(site.path("tariffs"))
    with open(site.path("tariffs/visit.conf"), "w") as f:
        f.write(TARIFF)
    make_keys(site)
    register(site)
    tap = Tap(site.city_port)
    site.start_field("--tcp", "127.0.0.1:0", "--ports", "1", "--units", "3", "--bays", "20", "--map",
                     "concentrator-words", "--changes-per-s", "4", "--seed", str(SEED), "--config-tariffs",
                     site.path("tariffs"), uplinks=False)  # fmt: skip
    configure(site, tap.port)
    start_city(site)
    site.start_parkd()
    settle(site, "at first")
    check.that("three lots are told to seven platforms under their own ids and keys", True)

    faults(site, chance)
    settle(site, "after every fault")
    check.that("each platform holds every record once after faults of every kind", True)

    site.sim("city", "reset")
    site.sim("field", "rate 12")
    people_act(site, chance, 2)
    time.sleep(OUTAGE_S)
    site.sim("city", "ok")
    begin = time.monotonic()
    settle(site, "after the outage")
    check.that("the backlog of an outage drains", True, f"{time.monotonic() - begin:.1f} s")

    site.sim("field", "rate 10")
    site.sim("city", "drop-answer 6")
    time.sleep(1)
    site.kill("parkd")
    time.sleep(0.5)
    site.start_parkd()
    settle(site, "after kill -9")
    check.that("nothing is lost or told twice over kill -9", True)

    book = held(site)
    check.that("the platforms saw no breach of their protocols", book["breaches_count"] == 0, str(book["breaches"][:3]))
    judge(site, tap, check)
    judge_state(site, check)
    dead = [m for p in PLATFORMS for m in site.ctl_json("outbox", "list", p)["records"] if m["state"] == "dead"]
    check.that("no record is set aside", not dead, str(dead)[:300])
    check.that("the audit finds nothing", site.audit_is_clean())
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    check.end()


main()
