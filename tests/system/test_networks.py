#!/usr/bin/python3
"""Sensors behind brokers, one of ChirpStack and one of a platform's plain JSON: a message that is none, that speaks for
another device or that no sensor sent is refused or remembered as a stranger's, and changes no bay; what a server says of
a device beside its frames is shown; who fell silent is offline. Usage: test_networks.py BUILD"""

import base64
import datetime
import json
import subprocess
import sys

from whole_site import Checks, Site, wait_for

EUI = "70b3d57ed000000"


def configure(site):
    plain = "".join(f'{{ id = "p{n}"; address = "86401605900000{n}"; bay = "B-{n}"; driver = "json/path"; map = "mine"; recalibrate = "1:0a"; }},' for n in (1, 2))
    known = ((1, "bosch/tps110", ""), (2, "tekzitel/tekzipark", 'settings = "0011223344556677"; '), (3, "bosch/tps110", ""))
    radio = ", ".join(f'{{ id = "s{n}"; address = "{EUI}{n}"; bay = "A-{n}"; driver = "{driver}"; silence_s = 60; {more}}}' for n, driver, more in known)
    url = f'url = "mqtt://127.0.0.1:{site.broker_port}"'
    with open(site.path("parkd.conf"), "w") as file:
        file.write(f"""
site = {{ id = "t"; zone = "Asia/Shanghai"; }};
serve = {{ control = "{site.path('control.sock')}"; }};
store = {{ path = "{site.path('parkd.db')}"; }};
lots = ( {{ id = "A"; zones = ( {{ id = "A1"; bays = "A-1..A-3"; }}, {{ id = "B1"; bays = "B-1..B-2"; }} ); }} );
json_maps = ( {{ name = "mine"; state = "s[0].t"; occupied = [ "1", "BUSY" ]; free = [ "0" ]; identity = "IMEI"; }} );
networks = ( {{ id = "lns"; type = "chirpstack"; {url}; sensors = ( {radio} ); }},
             {{ id = "nb"; type = "json"; {url}; topics = [ "nb/up/#" ]; sensors = ( {plain[:-1]} ); }} );
""")


class Broker:
    def __init__(self, site):
        self.site, self.counter = site, 0

    def publish(self, topic, message, *flags):
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.site.broker_port), "-q", "1", *flags, "-t", topic, "-m",
                        message if isinstance(message, str) else json.dumps(message)], check=True, timeout=20)  # fmt: skip

    def event(self, n, event, more=None, eui=None, ago_s=0):
        at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=ago_s)
        self.counter += 1
        body = {"deduplicationId": str(self.counter), "time": at.isoformat(), "devAddr": "01fd9738",
                "deviceInfo": {"devEui": eui or f"{EUI}{n}", "deviceName": f"dev {n}"}, **(more or {})}  # fmt: skip
        self.publish(f"application/1/device/{EUI}{n}/event/{event}", body)

    def uplink(self, n, frame, port=1, **how):
        self.event(n, "up", {"fCnt": self.counter + 1, "fPort": port, "data": base64.b64encode(frame).decode(), "rxInfo": [{"rssi": -90, "snr": 6.5}]}, **how)


def bay(site, name):
    return next(b["state"] for b in site.ctl_json("bays")["bays"] if b["bay"] == name)


def device(site, name):
    return next(d for d in site.ctl_json("devices")["devices"] if d["device"] == name)


def comes(check, what, condition, seconds=20):
    try:
        wait_for(what, condition, seconds)
        check.that(what, True)
    except AssertionError as error:
        check.that(what, False, str(error))


def plain(site, check, broker):
    broker.publish("nb/up/1", {"IMEI": "864016059000001", "s": [{"t": "BUSY"}]})
    comes(check, "a sensor that its platform names is heard", lambda: bay(site, "B-1") == "occupied")
    broker.publish("nb/up/2", {"IMEI": "864016059000002", "s": [{"t": "0"}]})
    comes(check, "so is another on any topic below", lambda: bay(site, "B-2") == "free")
    told = len(site.journal())
    for message in "no json", "[]", {"s": [{"t": "1"}]}, {"IMEI": 7, "s": []}, {"IMEI": "x" * 500, "s": [{"t": "0"}]}, {"IMEI": "864016059000001", "s": [{"t": "7"}]}:
        broker.publish("nb/up/1", message)
    broker.publish("nb/up/1", {"IMEI": "864016059000009", "s": [{"t": "1"}]})
    comes(check, "one that is not configured is remembered", lambda: any(s["address"] == "864016059000009" for s in strangers(site)))
    check.that("what is no message of a sensor changes no bay", len(site.journal()) == told and bay(site, "B-1") == "occupied", str(site.journal()[told:]))
    check.that("and is said, with what to look at", 'network "nb": a message on "nb/up/1" is refused' in site.log("parkd") and "is its type right?" in site.log("parkd"))


def strangers(site):
    return json.loads(site.ctl("probe", "--json", ok=(0, 1)))["strangers"]


def radio(site, check, broker):
    broker.uplink(1, b"\x01")
    comes(check, "a LoRaWAN sensor is heard", lambda: bay(site, "A-1") == "occupied")
    told = len(site.journal())
    broker.uplink(1, b"\x00", eui=f"{EUI}3")  # speaks for another
    broker.publish(f"application/1/device/{EUI}1/event/up", "no json")
    broker.publish(f"application/1/device/{EUI}1/event/up", "7")
    broker.uplink(1, b"")
    broker.uplink(8, b"\x01")
    broker.uplink(8, b"\x01")
    broker.event(8, "join")
    comes(check, "a stranger's frames are counted", lambda: any(s["address"] == f"{EUI}8" and s["frames"] == 2 for s in strangers(site)))
    check.that("strangers of both networks are listed", {s["network"] for s in strangers(site)} == {"lns", "nb"}, str(strangers(site)))
    check.that("what speaks for another device changes neither", len(site.journal()) == told and bay(site, "A-1") == "occupied")
    comes(check, "a frame that does not decode is counted with its device", lambda: device(site, "s1")["refused"] >= 1)
    for _ in range(4):
        broker.event(1, "join")
    broker.event(1, "log", {"level": "ERROR", "code": "UPLINK_F_CNT_RESET", "description": "reset"})
    comes(check, "what the server says of a device is shown", lambda: device(site, "s1").get("trouble") is not None)
    check.that("and changes no bay", bay(site, "A-1") == "occupied" and [b["type"] for _, b in site.journal()[told:] if b["type"] == "bay_changed"] == [])


def asking(site, check):
    refused = lambda *words: subprocess.run([f"{site.build}/parkctl", "device", "--socket", site.path("control.sock"), *words],
                                            capture_output=True, text=True, timeout=60)  # fmt: skip
    for words, said in (("recalibrate", "A-2", "--empty"), "was not heard since parkd started"), (("recalibrate", "B-1", "--empty"), "is of type json: nothing is sent through it"), \
            (("set", "A-2", "no_such_parameter", "7"), ""):  # fmt: skip
        done = refused(*words)
        check.that(f"{' '.join(words)}: refused in words", done.returncode == 1 and said in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr)
    check.that("nothing was recorded of it", not [b for _, b in site.journal() if b["type"] == "operator"])


def silence(site, check, broker):
    broker.uplink(3, b"\x01", ago_s=54)
    comes(check, "a message of a while ago is of then", lambda: bay(site, "A-3") == "occupied")
    comes(check, "who has not spoken since is offline, its bay unknown", lambda: device(site, "s3")["state"] == "offline" and bay(site, "A-3") == "unknown", 30)
    shown = device(site, "s3")
    check.that("it says what to look at", shown["trouble"] == "silent" and "check its battery" in json.dumps(shown), str(shown))
    broker.uplink(3, b"\x00")
    comes(check, "heard again it is online", lambda: device(site, "s3")["state"] == "online" and bay(site, "A-3") == "free")


def main():
    check, site = Checks(), Site(sys.argv[1])
    site.start_broker()
    configure(site)
    site.start_parkd()
    broker = Broker(site)
    wait_for("both networks are connected", lambda: site.log("parkd").count(": connected") >= 2, 20)

    def answers():
        broker.publish("nb/up/1", {"IMEI": "864016059000008", "s": [{"t": "1"}]})
        broker.uplink(9, b"\x01")
        return {s["network"] for s in strangers(site)} == {"lns", "nb"}

    wait_for("both are subscribed", answers, 20)
    plain(site, check, broker)
    radio(site, check, broker)
    asking(site, check)
    silence(site, check, broker)
    check.that("the audit finds nothing", site.audit_is_clean())
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    check.end()


main()
