#!/usr/bin/python3
"""Rules 4, 17 and parkd(8), SIGHUP: a good configuration takes effect whole; with a mistake in it nothing
changes and every mistake is logged; one that cannot start gives way to the one from before. Bays keep their
states, traffic goes on, and nothing leaks. Usage: test_reload.py BUILD"""

import json
import os
import re
import signal
import socket
import sys
import urllib.request

from whole_site import Checks, Site, broken_alternation, invented, wait_for

LATER = "A-0020"  # the bay that a reload adds


def page(site):
    with urllib.request.urlopen(f"http://127.0.0.1:{site.page_port}/api/v1/status", timeout=10) as answer:
        return json.load(answer)


class Reloads:
    """parkd.conf in its versions, and what the daemon says to each."""

    def __init__(self, site):
        self.site = site
        with open(site.path("parkd.conf")) as f:
            self.whole = f.read()

    def use(self, text, expected):
        """Writes the configuration, reloads, and returns what is logged up to `expected`."""
        begin = len(self.site.log("parkd"))
        with open(self.site.path("parkd.conf"), "w") as f:
            f.write(text)
        os.kill(self.site.pid("parkd"), signal.SIGHUP)
        said = lambda: self.site.log("parkd")[begin:]
        wait_for(f"the log says \"{expected}\"", lambda: re.search(expected, said()), 20)
        wait_for("parkctl is answered", lambda: self.site.ctl_ok("status"), 10)
        return said()


def good(site, check, reloads, first):
    uplinks = [u["name"] for u in page(site)["uplinks"]]
    check.that("before: 19 bays and two uplinks", site.lot()["capacity"] == 19 and
               uplinks == ["broker", "city"], f"{site.lot()['capacity']} {uplinks}")  # fmt: skip
    before = len(site.journal())
    second = re.sub(r',\s*{ name = "city".*?}; }', "", reloads.whole, flags=re.S)
    assert second != reloads.whole
    reloads.use(second, "reload: .* is in force")
    wait_for(f"{LATER} is read", lambda: site.lot()["unknown"] == 0, 10)
    uplinks = [u["name"] for u in page(site)["uplinks"]]
    check.that("a bay more and an uplink less are there at once", site.lot()["capacity"] == 20 and
               uplinks == ["broker"], f"{site.lot()['capacity']} {uplinks}")  # fmt: skip
    unknown = [b["bay"] for _, b in site.journal()[before:] if b["type"] == "bay_changed" and b["to"] == "unknown"]
    check.that("no bay was unknown meanwhile", not unknown, str(unknown))
    check.that("the page is where it was", page(site)["bays"] == 20)
    reloads.use(first, "reload: .* is in force")
    check.that("and back again: both are as before", site.lot()["capacity"] == 19 and
               [u["name"] for u in page(site)["uplinks"]] == ["broker", "city"])  # fmt: skip
    return second


def bad(site, check, reloads, first):
    started = page(site)["started"]
    broken = first.replace('unit = 1;', 'unit = 999;').replace('zone = "', 'zone = "Nowhere/', 1)
    broken = broken.replace("buses = (", 'sight = { };\nbuses = (')
    said = reloads.use(broken, "nothing is changed")
    lines = re.findall(r'parkd\.conf:\d+: .*', said)
    check.that("every mistake is logged with its line", len(lines) == 3 and "999" in said and
               "Nowhere/" in said and "sight" in said, f"{len(lines)} lines")  # fmt: skip
    check.that("nothing has changed, nothing was restarted", page(site)["started"] == started)
    reloads.use("site = {", "nothing is changed")
    check.that("half a file changes nothing either", page(site)["started"] == started)
    os.rename(site.path("parkd.conf"), site.path("away"))
    begin = len(site.log("parkd"))
    os.kill(site.pid("parkd"), signal.SIGHUP)
    wait_for("it is said that there is none", lambda: "nothing is changed" in site.log("parkd")[begin:], 10)
    os.rename(site.path("away"), site.path("parkd.conf"))
    check.that("no file changes nothing either", page(site)["started"] == started)


def taken(site, check, reloads, first):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = reloads.use(first.replace(f"127.0.0.1:{site.page_port}", f"127.0.0.1:{port}"),
                           "going on with the configuration from before")  # fmt: skip
    check.that("a port that is taken is said", str(port) in said, re.search("reload: .*", said).group())
    wait_for("all is known", lambda: site.lot()["unknown"] == 0, 10)
    check.that("the configuration from before is back whole", page(site)["bays"] == 19 and
               len(page(site)["uplinks"]) == 2)  # fmt: skip
    said = reloads.use(first.replace(site.path("parkd.db"), "/proc/no/parkd.db"), "from before")
    check.that("so it is when the store cannot be opened", page(site)["bays"] == 19, re.search("reload: .*", said).group())


def storm(site, check, reloads, first, second):
    """As many reloads as somebody can type, each while the one before is hardly done."""
    measure = lambda: (site.descriptors("parkd"), len(os.listdir(f"/proc/{site.pid('parkd')}/task")))
    reloads.use(first, "is in force")
    wait_for("all is connected", lambda: all(u["connected"] for u in page(site)["uplinks"]), 20)
    before = measure()
    for turn in range(20):
        with open(site.path("parkd.conf"), "w") as f:
            f.write(second if turn % 2 else first)
        os.kill(site.pid("parkd"), signal.SIGHUP)
        if turn % 3 == 0:
            wait_for("it answers", lambda: site.ctl_ok("status"), 10)
    reloads.use(first, "is in force")
    wait_for("all is connected", lambda: all(u["connected"] for u in page(site)["uplinks"]), 20)
    wait_for("no descriptor and no thread more", lambda: measure() <= before, 10)
    check.that("twenty reloads leave no descriptor and no thread behind", True, f"{before} {measure()}")


def main():
    site, check = Site(sys.argv[1]), Checks()
    site.start_broker()
    site.subscribe()
    site.start_city()
    site.start_field("--tcp", "127.0.0.1:0", "--bays", "20", "--changes-per-s", "20", "--seed", "3")
    print("seed 3")
    reloads = Reloads(site)
    first = reloads.whole.replace(f'..{LATER}"', '..A-0019"')
    with open(site.path("parkd.conf"), "w") as f:
        f.write(first)
    site.start_parkd()
    wait_for("all bays are known", lambda: site.lot()["unknown"] == 0, 20)
    second = good(site, check, reloads, first)
    bad(site, check, reloads, first)
    taken(site, check, reloads, first)
    storm(site, check, reloads, first, second)
    reloads.use(reloads.whole, "is in force")
    site.settle()

    rows = site.journal()
    broken = broken_alternation(rows)
    check.that("over all reloads each bay's changes follow each other", not broken, "; ".join(broken[:3]))
    false = invented(site.truth(), rows)
    check.that("none was invented", not false, "; ".join(false[:3]))
    wait_for("the subscriber has it all",
             lambda: {b["seq"] for _, _, b in site.received()} >= {s for s, _ in rows}, 20)  # fmt: skip
    site.check_subscriber(check, rows)
    site.check_platform(check, rows)
    check.that("the audit finds nothing", site.audit_is_clean())
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    check.end()


main()
