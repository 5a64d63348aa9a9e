#!/usr/bin/python3
"""Rule 18: memory and descriptors do not grow with time: 2,000 bays, 200 changes a second, pages that open and
close their event streams, parkctl that comes and goes, a broker that restarts. Prints the slope.
Usage: test_soak.py BUILD [MINUTES]"""

import os
import random
import socket
import statistics
import sys
import time

from whole_site import Checks, Site, broken_alternation, wait_for

MINUTES = float(sys.argv[2]) if len(sys.argv) > 2 else 0.5
WARM_S = min(60, MINUTES * 60 / 3)
SEED = 77


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


def watch(site):
    """[(minutes, kB of its own, descriptors)] once a second, from the end of the warm-up on."""
    visitors, samples, begin = Visitors(site), [], time.monotonic()
    restarts = [WARM_S / 2] + [m * 60 for m in range(2, int(MINUTES) + 1, 3)]
    while (now := time.monotonic() - begin) < MINUTES * 60:
        if restarts and now > restarts[0]:
            restarts.pop(0)
            site.stop("broker")
            site.start_broker()
        visitors.turn()
        if now >= WARM_S:
            samples.append((now / 60, site.resident_kb("parkd", "RssAnon"), site.descriptors("parkd")))
        time.sleep(max(0, begin + int(now) + 1 - time.monotonic()))  # the pace of the samples
    visitors.leave()
    return samples


def main():
    site, check = Site(sys.argv[1]), Checks()
    site.start_broker()
    site.subscribe()
    site.start_city()
    site.start_field("--tcp", "127.0.0.1:0", "--ports", "10", "--units", "4", "--bays", "50", "--changes-per-s", "200",
                     "--seed", str(SEED))  # fmt: skip
    print(f"seed {SEED}, {MINUTES} minutes", flush=True)
    site.start_parkd()
    wait_for("all bays are known", lambda: site.lot()["unknown"] == 0, 30)
    head, quiet = site.ctl_json("status")["store"]["head"], site.descriptors("parkd")
    cpu, begin = cpu_s(site), time.monotonic()
    samples = watch(site)
    used = (cpu_s(site) - cpu) / (time.monotonic() - begin)
    times, resident, descriptors = zip(*samples)
    slope = statistics.linear_regression(times, resident).slope
    quarter = max(1, len(samples) // 4)
    grown = statistics.median(resident[-quarter:]) - statistics.median(resident[:quarter])
    for minute in sorted({int(t) for t in times}):
        print(f"-- minute {minute}: {statistics.median(r for t, r, _ in samples if int(t) == minute):.0f} kB")
    records = site.ctl_json("status")["store"]["head"] - head
    check.that("memory is flat", grown <= 1024 and (MINUTES < 5 or slope <= 20),
               f"{site.resident_kb('parkd') / 1024:.1f} MB resident, {resident[-1]} kB of its own, {grown:+.0f} kB from the first quarter to the last, slope "
               f"{slope:+.1f} kB a minute")  # fmt: skip
    wait_for("the visitors' descriptors are closed", lambda: site.descriptors("parkd") <= quiet + 1, 20)
    check.that("so are descriptors", max(descriptors) <= quiet + 20, f"{quiet} at rest, at most {max(descriptors)}")
    check.that("the traffic was there", records > MINUTES * 60 * 100, f"{records} records, {used * 100:.1f} % of a core")

    site.settle(120)
    rows = site.journal()
    broken = broken_alternation(rows)
    check.that("each bay's changes follow each other", not broken, "; ".join(broken[:3]))
    wait_for("the subscriber has it all", lambda: len(site.received()) >= len(rows), 30)
    site.check_subscriber(check, rows)
    site.check_platform(check, rows)
    check.that("the audit finds nothing", site.audit_is_clean())
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    check.end()


main()
