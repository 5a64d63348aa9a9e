#!/usr/bin/python3
"""Rules 2, 4, 14, 16, 17 towards brokers that take state and no records: NGSI-v2, NGSI-LD and DATEX II side
by side, under traffic, with failures of every kind, an outage in which the platform forgets everything, and
a restart of the gateway. At the end each holds exactly the truth; every entity is valid by the published
schemas; the newest never gave way to an older. Usage: test_ngsi.py BUILD [SECONDS of the outage]"""

import json
import re
import ssl
import sys
import time
import urllib.error
import urllib.request

from ngsi import Datex, flat, wrong_with
from whole_site import Checks, Site, wait_for

OUTAGE_S = float(sys.argv[2]) if len(sys.argv) > 2 else 8
BAYS = 400


def look(site, path):
    context = ssl.create_default_context(cafile=site.path("ca.pem"))
    with urllib.request.urlopen(f"https://127.0.0.1:{site.city_port}{path}", context=context, timeout=10) as answer:
        return answer.read()


def entities(site):
    return json.loads(look(site, "/entities"))["entities"]


def configure(site):
    """The written parkd.conf, with a location in the lot and the three uplinks."""
    uplink = lambda name, kind, more: (
        f'{{ name = "{name}"; type = "{kind}"; url = "https://127.0.0.1:{site.city_port}{more}"; '
        f'token_file = "{site.path("token")}"; tls = {{ ca_file = "{site.path("ca.pem")}"; }}; '
        f'backoff_max_ms = 2000; timeout_ms = 1500;')  # fmt: skip
    with open(site.path("parkd.conf")) as f:
        text = f.read()
    text = re.sub(r'(lots = \(\s*\{ id = "A";)', r"\1 location = { latitude = 31.8206; longitude = 117.229; };",
                  text, count=1)  # fmt: skip
    assert "latitude" in text, text[:400]
    text += "\nuplinks = ( " + ", ".join((
        uplink("v2", "ngsi-v2", "") + ' entity_prefix = "v2:"; tenant = "parking"; service_path = "/north"; }',
        uplink("ld", "ngsi-ld", "") + ' entity_prefix = "ld:"; }',
        uplink("datex", "datex", "/datex") + " requests_per_s = 5.0; }",
    )) + " );\n"  # fmt: skip
    with open(site.path("parkd.conf"), "w") as f:
        f.write(text)


def told(held, prefix):
    """({bay: status}, lot) as a broker holds them."""
    bays, lot = {}, None
    for entity in held.values():
        if f":{prefix}:" not in entity["id"]:
            continue
        if entity["type"] == "ParkingSpot":
            bays[entity["id"].rsplit(":", 1)[1]] = flat(entity)["status"]
        else:
            lot = flat(entity)
    return bays, lot


def truth(site):
    words = {"out_of_service": "closed"}
    return {b["bay"]: words.get(b["state"], b["state"]) for b in site.ctl_json("bays")["bays"]}


def holds_truth(site, prefix):
    bays, lot = told(entities(site), prefix)
    ours = site.lot()
    return bays == truth(site) and lot and lot["availableSpotNumber"] == ours["free"] and \
        lot["occupiedSpotNumber"] == ours["occupied"] and lot["totalSpotNumber"] == ours["capacity"]


def published(site):
    """(vacant, occupied, occupied bays) of the newest DATEX II document, or None."""
    try:
        document = look(site, "/datex").decode()
    except urllib.error.HTTPError:  # none has come since the platform began
        return None
    number = lambda name: int(re.search(f"<prk:{name}>([0-9]+)<", document).group(1))
    spaces = re.findall(r'id="([^"]+)" version="1"/>[^\n]*?<prk:occupied>(true|false)<', document)
    return number("numberOfVacantSpaces"), number("numberOfOccupiedSpaces"), \
        {bay for bay, occupied in spaces if occupied == "true"}  # fmt: skip


def datex_holds_truth(site):
    ours = site.lot()
    occupied = {bay for bay, state in truth(site).items() if state == "occupied"}
    return published(site) == (ours["free"], ours["occupied"], occupied)


def wait_for_truth(site, when):
    for prefix in ("v2", "ld"):
        wait_for(f"{when}: {prefix} holds the truth", lambda p=prefix: holds_truth(site, p), 60)
    wait_for(f"{when}: DATEX II holds the truth", lambda: datex_holds_truth(site), 60)


def troubles(site, check):
    """Every way to fail, under traffic."""
    for command in ("fail 500 6", "fail 503 retry-after 1 4", "fail 400 8", "fail 429 4", "hang 3", "reset 4",
                    "drop-answer 4", "bad-body 4", "slow 300 6", "retry 40"):  # fmt: skip
        site.sim("city", command)
        time.sleep(1)
    site.sim("city", "ok")
    check.that("the gateway lives through every failure", site.ctl_ok("status"))


def refusals(site, check):
    """One entity that the platform does not take holds up no other."""
    victim = "A-0007"
    site.sim("city", f"refuse A:{victim}")
    site.sim("field", "rate 40")
    time.sleep(3)
    site.sim("field", "rate 0")
    others = lambda prefix: {b: s for b, s in told(entities(site), prefix)[0].items() if b != victim}
    ours = lambda: {b: s for b, s in truth(site).items() if b != victim}
    for prefix in ("v2", "ld"):
        wait_for(f"{prefix} holds all but the refused bay", lambda p=prefix: others(p) == ours(), 60)
        check.that(f"{prefix}: a refused bay holds up no other", True)
    site.sim("city", "ok")
    status = json.loads(site.sim("city", "status"))
    check.that("no violation of the protocol so far", status["violations"] == 0, str(status)[-300:])


def outage(site, check):
    """The platform goes, and comes back with nothing in it."""
    site.sim("field", "rate 40")
    time.sleep(1)
    site.stop("city")
    time.sleep(OUTAGE_S)
    site.start_city()
    begin = time.monotonic()
    wait_for("the vacancy is there again", lambda: told(entities(site), "ld")[1], 20)
    check.that("fresh vacancy within 5 s of the platform's return", time.monotonic() - begin < 5,
               f"{time.monotonic() - begin:.1f} s")  # fmt: skip
    site.sim("field", "rate 0")


def main():
    site, check, datex = Site(sys.argv[1]), Checks(), Datex()
    site.start_city()
    site.start_field("--tcp", "127.0.0.1:0", "--ports", "2", "--units", "4", "--bays", "50", "--map",
                     "concentrator-words", "--changes-per-s", "20", "--seed", "20261122", uplinks=False)  # fmt: skip
    print("seed 20261122")
    configure(site)
    site.start_parkd()
    wait_for(f"all {BAYS} bays are known", lambda: site.lot()["unknown"] == 0, 60)
    check.that(f"{BAYS} bays are watched", site.lot()["capacity"] == BAYS)
    troubles(site, check)
    site.sim("field", "rate 0")
    site.settle()
    wait_for_truth(site, "after every failure")
    check.that("each platform holds the truth after every failure", True)
    refusals(site, check)
    outage(site, check)
    site.settle()
    wait_for_truth(site, "after the outage")
    check.that("each platform holds the truth after it had forgotten everything", True)

    site.kill("parkd")
    site.sim("field", "rate 40")
    time.sleep(1)
    site.sim("field", "rate 0")
    site.start_parkd()
    site.settle()
    wait_for_truth(site, "after kill -9")
    check.that("each platform holds the truth after kill -9 of the gateway", True)

    held = entities(site)
    wrong = [w for e in held.values() for w in wrong_with(e)]
    check.that("every entity is valid, every attribute known", len(held) == 2 * (BAYS + 1) and not wrong,
               f"{len(held)} entities {wrong[:3]}")  # fmt: skip
    wrong = datex.wrong_with(look(site, "/datex"))
    check.that("what was pushed is valid DATEX II", not wrong, wrong[:300])
    with urllib.request.urlopen(f"http://127.0.0.1:{site.page_port}/datex/status.xml?bays=1", timeout=10) as answer:
        served, kind = answer.read(), answer.headers["Content-Type"]
    check.that("what is served is valid DATEX II", kind == "application/xml" and not datex.wrong_with(served)
               and served.count(b"SpaceStatus") == BAYS, datex.wrong_with(served)[:300])  # fmt: skip
    status = json.loads(site.sim("city", "status"))
    check.that("the platform saw no violation of the protocol", status["violations"] == 0, str(status)[-300:])
    check.that("nothing is due where no records are taken", all(
        u["pending"] == 0 and u["delivered"] == 0 and u["dead"] == 0 for u in site.ctl_json("status")["uplinks"]))  # fmt: skip
    check.that("the audit finds nothing", site.audit_is_clean())
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    check.that("the audit finds nothing at rest", site.audit_is_clean())
    check.end()


main()
