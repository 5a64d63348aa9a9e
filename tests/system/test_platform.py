#!/usr/bin/python3
"""Rules 14, 15, 16: whatever the platform does (refuses, storms, asks for a pause, hangs, breaks off, answers
nonsense, no longer knows the token), each record is delivered once by its own key or set aside with its reason;
what is set aside blocks nothing and waits for a person; and fresh vacancy goes before any backlog.
Usage: test_platform.py BUILD"""

import sys
import time

from whole_site import Checks, Site, utc_ms, wait_for

CITY = (
    'uplinks = ( {{ name = "city"; type = "json"; url = "https://127.0.0.1:{port}"; token_file = "token"; '
    'tls = {{ ca_file = "ca.pem"; }}; timeout_ms = 1000; backoff_max_ms = 1000; {more} }} );\n'
)
RATE = 40


def records(site):
    return [r for r in site.city_rows() if "record" in r]


def delivered_all(site):
    u = site.uplink("city")
    return u["pending"] == 0 and u["connected"]


def through(site, check, what, command, words, least=30):
    """A trouble under traffic: it is told in words, and when it is over everything has arrived."""
    head = site.ctl_json("status")["store"]["head"]
    site.sim("city", command)
    said = lambda: site.uplink("city")["trouble"] or ""
    told = lambda: next((said() for w in words if w in said() and said()), None)
    trouble = wait_for(f"{what} is told", told, 10)
    wait_for("there is traffic meanwhile", lambda: site.ctl_json("status")["store"]["head"] > head + least, 20)
    site.sim("city", "ok")
    seq = site.ctl_json("status")["store"]["head"]
    wait_for(f"all is delivered after {what}", lambda: site.uplink("city")["through"] >= seq, 20)
    wait_for("the trouble is over", lambda: not site.uplink("city")["trouble"], 10)
    check.that(f"{what}: told, and everything arrives afterwards", True, trouble)


def pause(site, check):
    """429 with Retry-After: nothing is sent before its time, on either way (vacancy and records)."""
    site.sim("field", f"rate {RATE}")
    wait_for("traffic", lambda: records(site), 10)
    site.sim("city", "fail 429 retry-after 3")
    wait_for("it is told", lambda: "429" in (site.uplink("city")["trouble"] or ""), 10)
    time.sleep(1)  # both ways have been refused by now
    before = len(site.city_rows())
    begin = time.time() * 1000  # the first accepted push is counted from here
    site.sim("city", "ok")
    wait_for("it goes on", lambda: len(site.city_rows()) > before + 1, 10)
    first = next(r["utc_ms"] for r in site.city_rows()[before:])
    check.that("after 429 with Retry-After: 3 it waits for that long", first - begin >= 1700,
               f"first push {first - begin:.0f} ms after the platform was well, refused 1000 ms before")  # fmt: skip
    wait_for("all is delivered", lambda: site.uplink("city")["trouble"] is None, 10)


def token(site, check):
    """Another token: 401 is told with what to do; nothing is set aside; the right one cures it."""
    site.stop("city")
    with open(site.path("token"), "w") as f:
        f.write("another-token\n")
    site.start_city()
    trouble = wait_for("401 is told", lambda: "401" in (site.uplink("city")["trouble"] or "")
                       and site.uplink("city")["trouble"], 10)  # fmt: skip
    check.that("a token that is not known is told with what to do", "check the token" in trouble, trouble)
    check.that("nothing is set aside for it", site.uplink("city")["dead"] == 0)
    ready = site.ctl("status")
    check.that("parkctl status shows it", "401" in ready)
    site.stop("city")
    with open(site.path("token"), "w") as f:
        f.write(site.token + "\n")
    site.start_city()
    seq = site.ctl_json("status")["store"]["head"]
    wait_for("all is delivered", lambda: site.uplink("city")["through"] >= seq, 20)
    check.that("with the right token all is delivered", True)


def marks(site):
    return {r["seq"]: r for r in site.ctl_json("outbox", "list", "city")["records"]}


def dead_letters(site, check):
    site.settle()
    for bay in "A-0001", "A-0002":
        state = next(b["state"] for b in site.ctl_json("bays")["bays"] if b["bay"] == bay)
        head = site.ctl_json("status")["store"]["head"]
        site.sim("city", "refuse bay_changed")
        site.sim("field", f"bay {bay} " + ("free" if state == "occupied" else "occupied"))
        seq = wait_for(f"the change of {bay} is recorded", lambda: next(
            (s for s, b in site.journal()[head:] if b.get("bay") == bay), None), 10)  # fmt: skip
        wait_for("it is set aside", lambda: marks(site).get(seq, {}).get("state") == "dead", 10)
    dead = {s: m for s, m in marks(site).items() if m["state"] == "dead"}
    check.that("what the platform refuses is set aside with its reason", len(dead) == 2 and
               all("told to refuse it" in m["reason"] for m in dead.values()), str(dead))  # fmt: skip
    table = site.ctl("outbox", "list", "city")
    check.that("parkctl outbox list shows both", all(str(s) in table for s in dead) and "told to refuse it" in table)
    site.sim("city", "ok")
    state = next(b["state"] for b in site.ctl_json("bays")["bays"] if b["bay"] == "A-0003")
    site.sim("field", "bay A-0003 " + ("free" if state == "occupied" else "occupied"))
    others = lambda: [s for s, b in site.journal() if b.get("bay") == "A-0003"][-1]
    wait_for("another bay's change is delivered", lambda: others() in {r["record"]["seq"] for r in records(site)}, 10)
    check.that("they block no other record", site.uplink("city")["pending"] == 0)

    first, second = sorted(dead)
    before = len(site.journal())
    site.ctl("outbox", "retry", "city", "--seq", str(first))
    wait_for("the retried one is delivered", lambda: first in {r["record"]["seq"] for r in records(site)}, 10)
    site.ctl("outbox", "drop", "city", "--seq", str(second), "--reason", "the platform's test record")
    check.that("nothing is set aside any more", site.uplink("city")["dead"] == 0, str(marks(site)))
    acts = [b for _, b in site.journal()[before:]]
    operator = [(b["act"], b["subject"]) for b in acts if b["type"] == "operator"]
    loss = [b for b in acts if b["type"] == "loss"]
    check.that("who retried and who dropped is recorded, and the loss", operator ==
               [("outbox_retry", "city"), ("outbox_drop", "city")] and len(loss) == 1 and loss[0]["count"] == 1
               and "test record" in loss[0]["reason"], str(operator + loss))  # fmt: skip
    code = site.ctl_code("outbox", "retry", "city", "--seq", str(second))
    check.that("a retry of what was dropped is refused", code == 1, str(code))
    return second


def backlog(site, check):
    """An hour's backlog drains through a platform that takes few requests; vacancy stays fresh, history moves."""
    site.stop("city")
    site.sim("field", "rate 400")
    head = site.ctl_json("status")["store"]["head"]
    wait_for("a backlog", lambda: site.ctl_json("status")["store"]["head"] > head + 900, 30)
    site.sim("field", f"rate {RATE}")
    with open(site.path("parkd.conf")) as f:
        text = f.read().replace("backoff_max_ms = 1000;", "backoff_max_ms = 1000; requests_per_s = 10; window = 20;")
    with open(site.path("parkd.conf"), "w") as f:
        f.write(text)
    assert site.stop("parkd") == 0
    begin = len(site.city_rows())
    site.start_city()
    site.start_parkd()
    wait_for("the platform gets something", lambda: len(site.city_rows()) > begin, 10)
    new = lambda: [r for r in site.city_rows()[begin:] if "vacancy" in r or "record" in r]
    check.that("vacancy comes before the backlog", "vacancy" in new()[0])
    pending = site.uplink("city")["pending"]
    wait_for("half of the backlog has gone", lambda: site.uplink("city")["pending"] < pending / 2, 60)
    site.sim("field", "rate 0")
    wait_for("all of it", lambda: delivered_all(site), 60)
    times = [r["utc_ms"] for r in new() if "vacancy" in r]
    ages = [r["utc_ms"] - utc_ms(r["vacancy"]["as_of"]) for r in new() if "vacancy" in r]
    gaps = sorted(b - a for a, b in zip(times, times[1:]))
    check.that("while it drains a fresh vacancy comes within five seconds", pending > 500 and
               gaps[int(len(gaps) * 0.95)] < 5000 and max(ages) < 5000,
               f"backlog {pending}, {len(times)} vacancies, gap p95 {gaps[int(len(gaps) * 0.95)]} ms, "
               f"oldest {max(ages)} ms")  # fmt: skip
    final = site.lot()
    wait_for("the platform's last vacancy is the gateway's", lambda: [
        r["vacancy"]["free"] for r in new() if "vacancy" in r][-1] == final["free"], 10)  # fmt: skip


def main():
    site, check = Site(sys.argv[1]), Checks()
    site.start_city()
    site.start_field(
        "--tcp", "127.0.0.1:0", "--units", "2", "--bays", "50", "--changes-per-s", str(RATE), "--seed", "5",
        extra=CITY.format(port=site.city_port, more=""), uplinks=False
    )  # fmt: skip
    print("seed 5", flush=True)
    site.start_parkd()
    wait_for("all bays are known", lambda: site.lot()["unknown"] == 0, 20)
    through(site, check, "a storm of 503", "fail 503", ["503"])
    through(site, check, "500 for everything", "fail 500", ["500"])
    through(site, check, "a platform that hangs", "hang", ["time", "answer"])
    through(site, check, "connections that are reset", "reset", ["reset", "clos", "connection"])
    through(site, check, "answers that are lost", "drop-answer", [""])
    through(site, check, "answers that are no JSON", "bad-body", ["answer"])
    through(site, check, "an overloaded platform, 408", "fail 408", ["408"])
    site.sim("city", "retry 100")
    seq = site.ctl_json("status")["store"]["head"] + 50
    wait_for("asked again, all is delivered", lambda: site.uplink("city")["through"] >= seq, 30)
    pause(site, check)
    token(site, check)
    dropped = dead_letters(site, check)
    backlog(site, check)

    rows = site.journal()
    wait_for("everything is delivered", lambda: delivered_all(site), 30)
    site.check_platform(check, rows, except_seqs=(dropped,))
    uplink = site.uplink("city")
    check.that("due = delivered + pending + set aside + dropped", uplink["delivered"] + uplink["pending"] +
               uplink["dead"] + 1 == len(rows), str(uplink))  # fmt: skip
    check.that("the audit finds nothing", site.audit_is_clean())
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    check.end()


main()
