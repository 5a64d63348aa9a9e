#!/usr/bin/python3
"""Rule 18: memory and descriptors do not grow with time: 2,000 bays or more, 200 changes a second, pages that open
and close their event streams, parkctl that comes and goes, and faults at random: a broker and a platform that go
and come back, a platform that fails in every way, buses that fall silent, devices that speak nonsense. Prints the
slope. From 20 minutes on it is asked to stay below 1 kB a minute after the first ten.
Usage: test_soak.py BUILD [MINUTES [BAYS [SEED]]]"""

import os
import random
import socket
import statistics
import sys
import time

from whole_site import Checks, Site, broken_alternation, wait_for

MINUTES = float(sys.argv[2]) if len(sys.argv) > 2 else 0.5
BAYS = int(sys.argv[3]) if len(sys.argv) > 3 else 2000
SEED = int(sys.argv[4]) if len(sys.argv) > 4 else 77
WARM_S = min(600 if MINUTES >= 20 else 60, MINUTES * 60 / 3)
PORTS, UNITS = 10, 4


def open_stream(site):
    s = socket.create_connection(("127.0.0.1", site.page_port), 10)
    s.sendall(b"GET /api/v1/events?snapshot=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    s.setblocking(False)
    return s


class Visitors:
    """Pages and operators; some read what they are sent, some do not, some leave in the middle."""

    def __init__(self, site):
        self.site, self.dice, self.streams = site, random.Random(SEED), []

    def turn(self):
        while len(self.streams) > 10 or (self.streams and self.dice.random() < 0.4):
            self.streams.pop(self.dice.randrange(len(self.streams))).close()
        for _ in range(self.dice.randrange(4)):
            self.streams.append(open_stream(self.site))
        for s in self.streams[::2]:
            try:
                while s.recv(1 << 20):
                    pass
            except OSError:
                pass
        words = self.dice.choice((["status"], ["lots"], ["bays", "--state", "free"], ["devices"], ["outbox", "list", "city"]))
        self.site.ctl(*words)

    def leave(self):
        for s in self.streams:
            s.close()


def cpu_s(site):
    with open(f"/proc/{site.pid('parkd')}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Faults:
    """One fault at a time, at random, for a random time; then all is well for a while."""

    def __init__(self, site):
        self.site, self.dice, self.counts = site, random.Random(SEED), {}
        self.heal, self.next_s = None, WARM_S / 4

    def _bus(self):
        line = f"tcp{self.dice.randrange(1, PORTS + 1)}"
        self.site.sim("field", f"line {line} down")
        return lambda: self.site.sim("field", f"line {line} up")

    def _device(self):
        device = f"tcp{self.dice.randrange(1, PORTS + 1)}/{self.dice.randrange(1, UNITS + 1)}"
        mode = self.dice.choice(("silent", "lost", "late", "wrong-unit", "wrong-tid", "short", "garbage", "reset"))
        self.site.sim("field", f"fault {device} {mode}")
        return lambda: self.site.sim("field", f"fault {device} none")

    def _platform(self):
        self.site.sim("city", self.dice.choice(("fail 429", "fail 503", "drop-answer", "bad-body", "reset", "hang", "slow 900")))
        return lambda: self.site.sim("city", "ok")

    def _broker_away(self):
        self.site.stop("broker")
        return self.site.start_broker

    def _platform_away(self):
        self.site.stop("city")
        return self.site.start_city

    def turn(self, now):
        if now < self.next_s:
            return
        if self.heal:
            self.heal()
            self.heal = None
        elif now < MINUTES * 60 - 30:
            kind = self.dice.choice(("bus", "device", "platform", "broker_away", "platform_away"))
            self.heal = getattr(self, "_" + kind)()
            self.counts[kind] = self.counts.get(kind, 0) + 1
        self.next_s = now + self.dice.uniform(3, 20)

    def end(self):
        if self.heal:
            self.heal()


def watch(site):
    """[(minutes, kB of its own, descriptors)] once a second, from the end of the warm-up on; and the faults."""
    visitors, faults, samples, begin, minute = Visitors(site), Faults(site), [], time.monotonic(), 0
    while (now := time.monotonic() - begin) < MINUTES * 60:
        faults.turn(now)
        visitors.turn()
        if now >= WARM_S:
            samples.append((now / 60, site.resident_kb("parkd", "RssAnon"), site.descriptors("parkd")))
            if int(samples[-1][0]) > int(minute):
                print(f"-- minute {samples[-1][0]:.0f}: {samples[-1][1]} kB, {samples[-1][2]} descriptors", flush=True)
            minute = samples[-1][0]
        time.sleep(max(0, begin + int(now) + 1 - time.monotonic()))  # the pace of the samples
    faults.end()
    visitors.leave()
    return samples, faults.counts


def main():
    site, check = Site(sys.argv[1]), Checks()
    site.start_broker()
    site.subscribe()
    site.start_city()
    site.start_field("--tcp", "127.0.0.1:0", "--ports", str(PORTS), "--units", str(UNITS), "--bays",
                     str(BAYS // (PORTS * UNITS)), "--changes-per-s", "200", "--seed", str(SEED))  # fmt: skip
    print(f"seed {SEED}, {BAYS} bays, {MINUTES} minutes", flush=True)
    site.start_parkd()
    wait_for("all bays are known", lambda: site.lot()["unknown"] == 0, 30)
    head, quiet = site.ctl_json("status")["store"]["head"], site.descriptors("parkd")
    cpu, begin = cpu_s(site), time.monotonic()
    samples, faults = watch(site)
    used = (cpu_s(site) - cpu) / (time.monotonic() - begin)
    times, resident, descriptors = zip(*samples)
    slope = statistics.linear_regression(times, resident).slope
    quarter = max(1, len(samples) // 4)
    grown = statistics.median(resident[-quarter:]) - statistics.median(resident[:quarter])
    records = site.ctl_json("status")["store"]["head"] - head
    check.that("memory is flat", grown <= 1024 and slope < (1 if MINUTES >= 20 else 20 if MINUTES >= 5 else 1e9),
               f"{site.resident_kb('parkd') / 1024:.1f} MB resident, {resident[-1]} kB of its own, {grown:+.0f} kB from the first quarter to the last, slope "
               f"{slope:+.1f} kB a minute")  # fmt: skip
    wait_for("the visitors' descriptors are closed", lambda: site.descriptors("parkd") <= quiet + 1, 20)
    check.that("so are descriptors", max(descriptors) <= quiet + 20, f"{quiet} at rest, at most {max(descriptors)}")
    check.that("the traffic was there", records > MINUTES * 60 * 100, f"{records} records, {used * 100:.1f} % of a core, faults: {faults}")

    site.settle(600)
    rows = site.journal()
    broken = broken_alternation(rows)
    check.that("each bay's changes follow each other", not broken, "; ".join(broken[:3]))
    wait_for("the subscriber has it all", lambda: len(site.received()) >= len(rows), 120)
    site.check_subscriber(check, rows)
    site.check_platform(check, rows)
    check.that("the audit finds nothing", site.audit_is_clean())
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    check.end()


main()
