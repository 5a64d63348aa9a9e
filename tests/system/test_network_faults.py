#!/usr/bin/python3
"""Rules 14, 15, 16, 17: whatever the network between the gateway and its platforms does, each record arrives once,
the trouble is told in words that say what to do, the processor stays idle meanwhile, and all recovers by itself.
Delay, loss, slow readers and writers, half-open and torn connections, answers lost after they were applied, storms
of 429 and 5xx, a name service that is dead or slow, certificates that are wrong in each way, a broker that comes
back with and without what it held. Usage: test_network_faults.py BUILD"""

import datetime
import os
import random
import subprocess
import sys
import time
import urllib.request

from weather import Weather
from whole_site import Checks, Site, free_port, wait_for

RATE, FAULT_S, IDLE_PERCENT = 30, 5, 25
SEED = int(os.environ.get("PARKD_SEED") or random.SystemRandom().randrange(1 << 32))
TROUBLES = 6 + 5 + 4 + 2  # of weathers, storms, certificates and names below
UPLINKS = """uplinks = (
  {{ name = "broker"; type = "mqtt"; url = "{broker}"; {tls}{more} }},
  {{ name = "city"; type = "json"; url = "{city}"; token_file = "{dir}/token"; tls = {{ ca_file = "{dir}/{ca}"; }};
     timeout_ms = 2000; {more} }} );
"""
MORE = "backoff_max_ms = 1000;"


def processor_s(site):
    with open(f"/proc/{site.pid('parkd')}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def configure(site, broker, city, ca="ca.pem"):
    with open(site.path("base.conf")) as f:
        text = f.read()
    with open(site.path("parkd.conf"), "w") as f:
        tls = f'tls = {{ ca_file = "{site.path("ca.pem")}"; }}; ' if broker.startswith("mqtts") else ""
        f.write(text + UPLINKS.format(broker=broker, city=city, ca=ca, dir=site.dir, more=MORE, tls=tls))


def start(site, names=None):
    """With the name service of tests/fault/slow_names.c if `names` is its file."""
    shim = os.path.join(site.build, "slow_names.so")
    if names:
        os.environ.update(LD_PRELOAD=shim, PARKD_NAMES=names)
    try:
        site.start("parkd", f"{site.build}/parkd", "--config", site.path("parkd.conf"))
    finally:
        for name in ("LD_PRELOAD", "PARKD_NAMES") if names else ():
            del os.environ[name]
    wait_for("it is up", lambda: site.ctl_ok("status"), 30)


def delivered(site):
    status = site.ctl_json("status")
    return all(u["pending"] == 0 and u["connected"] for u in status["uplinks"])


def troubles(site):
    return {u["name"]: u["trouble"] for u in site.ctl_json("status")["uplinks"]}


class Idle:
    """How much of a core parkd needs while something is broken, and how long its page needs at worst."""

    def __init__(self, site):
        self.site, self.begin, self.used = site, time.monotonic(), processor_s(site)
        self.worst_s = 0

    def watch(self, seconds, until=lambda: False):
        end = time.monotonic() + seconds
        while time.monotonic() < end and not until():
            asked = time.monotonic()
            urllib.request.urlopen(f"http://127.0.0.1:{self.site.page_port}/healthz", timeout=10).read()
            self.worst_s = max(self.worst_s, time.monotonic() - asked)
            time.sleep(0.1)

    def check(self, check, what):
        percent = 100 * (processor_s(self.site) - self.used) / (time.monotonic() - self.begin)
        check.that(f"{what}: no busy loop", percent < IDLE_PERCENT, f"{percent:.1f} % of a core")
        check.that(f"{what}: the page answers at once", self.worst_s < 1, f"worst {self.worst_s * 1000:.0f} ms")


def weathers(site, check, broker, city):
    for mode in "slow", "lossy", "trickle", "silent", "deaf", "reset":
        idle = Idle(site)
        broker.mode = city.mode = mode
        idle.watch(FAULT_S)
        told = troubles(site)
        idle.check(check, mode)
        if mode in ("silent", "deaf"):
            check.that(f"{mode}: told, with what to look at", "the way to it" in (told["city"] or ""), str(told))
        broker.clear()
        city.clear()
        wait_for(f"after {mode} all is delivered", lambda: delivered(site), 60)
        check.that(f"{mode}: afterwards all is delivered, by itself", True, str(told))


def storms(site, check):
    idle = Idle(site)
    for command in "fail 429 20", "fail 500 10", "fail 503 20", "fail 502 10", "drop-answer 10":
        site.sim("city", command)
        idle.watch(2)
    site.sim("city", "ok")
    wait_for("after the storms all is delivered", lambda: delivered(site), 60)
    idle.check(check, "storms of 429 and 5xx, answers lost")


def broker_restarts(site, check):
    """With its state, then without; what is retained is there again each time."""
    for state in "with", "without":
        site.kill("broker") if state == "without" else site.stop("broker")
        if state == "without":
            os.remove(site.path("mosquitto.db"))
        told = wait_for("a broker that is away is told", lambda: troubles(site)["broker"], 20)
        site.start("broker", "mosquitto", "-c", site.path("broker.conf"), ready=site.broker_answers)
        wait_for("its uplink is back", lambda: delivered(site), 30)
        for topic in "status", "lots/A/vacancy", "bays/A-0001":
            asked = subprocess.run(
                ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(site.broker_port), "-t", f"parking/+/{topic}", "-C", "1",
                 "-W", "10"], capture_output=True, text=True)  # fmt: skip
            check.that(f"a broker that came back {state} its state has {topic} again", asked.returncode == 0, told)


def make_certificate(site, name, alternative, begin_days, end_days):
    """By `openssl ca`, which alone takes dates."""
    day = lambda n: (datetime.datetime.utcnow() + datetime.timedelta(days=n)).strftime("%Y%m%d%H%M%SZ")
    with open(site.path("ca.conf"), "w") as f:
        f.write(f"[ca]\ndefault_ca=c\n[c]\ndatabase={site.path('index.txt')}\nnew_certs_dir={site.dir}\nrand_serial=yes\n"
                "default_md=sha256\npolicy=p\nunique_subject=no\nemail_in_dn=no\nx509_extensions=e\n"
                f"[p]\ncommonName=supplied\n[e]\nsubjectAltName={alternative}\n")  # fmt: skip
    open(site.path("index.txt"), "w").close()
    subprocess.run(["openssl", "ca", "-batch", "-config", "ca.conf", "-in", "city.csr", "-cert", "ca.pem", "-keyfile",
                    "ca.key", "-startdate", day(begin_days), "-enddate", day(end_days), "-out", f"{name}.pem", "-notext"],
                   check=True, capture_output=True, cwd=site.dir)  # fmt: skip


def restart_city(site, certificate):
    if "city" in site.processes:
        site.stop("city")
    site.start(
        "city", f"{site.build}/parksim", "city", "--listen", f"127.0.0.1:{site.city_port}", "--cert", certificate,
        "--key", "city.key", "--token-file", "token", "--state", "city.jsonl", "--control", "city.ctl", ready="ready"
    )  # fmt: skip


def certificates(site, check, broker_url, city_url):
    wrong = {"expired": ("IP:127.0.0.1", -3, -1, "expired"), "not yet valid": ("IP:127.0.0.1", 1, 3, "not yet valid"),
             "of another name": ("IP:127.0.0.2", -1, 3, "match"), }  # fmt: skip
    for what, (name, begin, end, word) in wrong.items():
        make_certificate(site, "odd", name, begin, end)
        restart_city(site, "odd.pem")
        check_refused(site, check, f"a certificate that is {what}", word)
    restart_city(site, "city.pem")
    wait_for("with the right certificate all is delivered", lambda: delivered(site), 60)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Other",
                    "-keyout", "other.key", "-out", "other.pem"], check=True, capture_output=True, cwd=site.dir)  # fmt: skip
    site.stop("parkd")
    configure(site, broker_url, city_url, "other.pem")
    start(site)
    check_refused(site, check, "a certificate of another authority", "certificate")
    site.stop("parkd")
    configure(site, broker_url, city_url)
    start(site)
    wait_for("with the right authority all is delivered", lambda: delivered(site), 60)


def hear(site, uplinks, *words, seconds=20):
    """What is told of these uplinks, as soon as each one's trouble has all words (none until an attempt has failed)."""
    told = lambda: [troubles(site)[name] or "" for name in uplinks]
    heard = lambda: all(word in trouble for trouble in told() for word in words)
    try:
        wait_for("the words", heard, seconds)
    except AssertionError:
        pass
    return heard(), "; ".join(told())


def check_refused(site, check, what, word):
    had, idle = len(site.city_rows()), Idle(site)
    hear(site, ["city"], word, "check the CA file")
    idle.watch(2)
    check.that(f"{what}: told, with what to look at", *hear(site, ["city"], word, "check the CA file"))
    check.that(f"{what}: nothing is sent", len(site.city_rows()) == had)
    idle.check(check, what)


def secure_broker(site, certificate):
    """A second listener, in TLS; its port."""
    port = free_port()
    with open(site.path("broker.conf"), "a") as f:
        f.write(f"listener {port} 127.0.0.1\ncertfile {site.path(certificate)}\nkeyfile {site.path('city.key')}\n")
    site.stop("broker")
    site.start("broker", "mosquitto", "-c", site.path("broker.conf"), ready=site.broker_answers)
    return port


def names(site, check):
    """Both platforms by name, at a name service that has bad days."""
    mode = lambda word: open(site.path("names"), "w").write(word)
    make_certificate(site, "named", "DNS:city.test,DNS:broker.test", -1, 3)
    port = secure_broker(site, "named.pem")
    restart_city(site, "named.pem")
    site.stop("parkd")
    configure(site, f"mqtts://broker.test:{port}", f"https://city.test:{site.city_port}")
    mode("dead")
    start(site, site.path("names"))
    idle = Idle(site)
    idle.watch(8)
    check.that("a dead name service is told, with what to look at", *hear(site, ["broker", "city"], "DNS"))
    idle.check(check, "a dead name service")
    idle = Idle(site)
    mode("slow")
    idle.watch(30, lambda: delivered(site))
    idle.check(check, "a slow name service")
    mode("ok")
    wait_for("with a name service all is delivered", lambda: delivered(site), 60)
    check.that("with a name service all is delivered", True)


def main():
    check, site = Checks(), Site(sys.argv[1])
    print(f"seed {SEED}")
    site.start_broker()
    site.subscribe()
    site.start_city()
    site.start_field("--tcp", "127.0.0.1:0", "--units", "2", "--changes-per-s", str(RATE), uplinks=False)
    os.rename(site.path("parkd.conf"), site.path("base.conf"))
    broker, city = Weather(site.broker_port, SEED), Weather(site.city_port, SEED + 1)
    urls = f"mqtt://127.0.0.1:{broker.port}", f"https://127.0.0.1:{city.port}"
    configure(site, *urls)
    start(site)
    wait_for("all is well at first", lambda: delivered(site) and len(site.city_rows()) > 20, 30)
    weathers(site, check, broker, city)
    storms(site, check)
    certificates(site, check, *urls)
    names(site, check)
    site.sim("field", "rate 0")
    site.settle()
    rows = site.journal()
    site.check_subscriber(check, rows)
    site.check_platform(check, rows)
    check.note("network in trouble", "weathers, storms of 429 and 5xx, certificates, name service", TROUBLES,
               site.sums(rows), SEED)  # fmt: skip
    broker_restarts(site, check)
    check.that("the audit finds nothing", site.audit_is_clean())
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    check.end()


main()
