#!/usr/bin/python3
"""Rule 18: every list and queue has a bound and a stated policy. Those of parkd(8), BOUNDS, that no unit test pushes
over are pushed over here, against the real programs, and parkd goes on. Usage: test_bounds.py BUILD"""

import concurrent.futures
import http.client
import os
import re
import socket
import subprocess
import sys
import time

from whole_site import Checks, Site, wait_for

TCP, CONTROL, STREAMS, COMMANDS = 32, 16, 24, 64  # as parkd(8) says
LOTS = 'lots = ( { id = "A"; name = "A"; zones = ( { id = "A1"; bays = "A-0001..A-0100"; unsensed = true; } ); } );\n'
SITE = 'site = { id = "bounds"; zone = "Asia/Shanghai"; };\n'

# Lists of the configuration, how long they may be, and an item.
MANY = (("buses", 60, '{ id = "b%d"; type = "tcp"; host = "127.0.0.1"; devices = (); }'), ("lanes", 64, '{ id = "l%d"; }'),
        ("lots", 1000, '{ id = "L%d"; zones = (); }'), ("cameras", 128, '{ id = "c%d"; }'),
        ("networks", 16, '{ id = "n%d"; }'), ("uplinks", 16, '{ name = "u%d"; }'))  # fmt: skip


def mistakes_of(site, text, name="big.conf"):
    with open(site.path(name), "w") as file:
        file.write(text)
    done = subprocess.run([f"{site.build}/parkd", "--check-config", "--config", site.path(name)], capture_output=True,
                          text=True, timeout=60)  # fmt: skip
    return done.returncode, done.stderr.splitlines()


def configurations(site, check):
    code, said = mistakes_of(site, SITE + LOTS + "# " + "x" * (4 << 20) + "\n")
    check.that("a file of the configuration beyond 4 MiB is refused", code == 1 and len(said) == 1, said[0][-100:])
    for n in range(5):
        with open(site.path(f"part-{n}.conf"), "w") as file:
            file.write("# " + "x" * (3600 << 10) + "\n")
    code, said = mistakes_of(site, SITE + LOTS + "".join(f'@include "part-{n}.conf"\n' for n in range(5)))
    check.that("one beyond 16 MiB with its parts, too", code == 1 and "16 MB" in "".join(said), said[0][-100:])
    for n in range(10):
        with open(site.path(f"deep-{n}.conf"), "w") as file:
            file.write(f'@include "deep-{n + 1}.conf"\n')
    open(site.path("deep-10.conf"), "w").close()
    code, said = mistakes_of(site, SITE + LOTS + '@include "deep-0.conf"\n')
    check.that("one that is nested deeper than 8 files, too", code == 1 and "deeper" in "".join(said), said[0][-100:])
    code, said = mistakes_of(site, SITE + LOTS + "".join(f"mistake{n} = 1;\n" for n in range(700)))
    check.that("of 700 mistakes 500 are told, the rest is counted", code == 1 and 500 <= len(said) <= 502 and "200" in said[-1], said[-1])
    many = LOTS.replace("A-0100", "A-9999").replace('bays = "', 'bays = "' + ", ".join(f"{c}-0001..{c}-9999" for c in "BCDEFGH") + ", ")
    code, said = mistakes_of(site, SITE + many)
    check.that("more bays than 65,536 are refused", code == 1 and "65536" in "".join(said), said[0][-120:])
    for n in range(2001):
        open(site.path(f"one-{n}.conf"), "w").close()
    code, said = mistakes_of(site, SITE + LOTS + "".join(f'@include "one-{n}.conf"\n' for n in range(2001)))
    check.that("more files than 2,000 are refused", code == 1 and "2000 files" in "".join(said), said[0][-100:])
    for what, most, one in MANY:
        items = ", ".join(one % n if "%" in one else one for n in range(most + 1))
        text = f"{SITE}{what} = ( {items} );\n" if what == "lots" else f"{SITE}{LOTS}{what} = ( {items} );\n"
        code, said = mistakes_of(site, text)
        check.that(f"more {what} than {most:,} are refused", code == 1 and any(f"0 to {most} items" in line or
                   f"1 to {most} items" in line for line in said), said[0][-120:])  # fmt: skip


def statements(site, check):
    bills = [word for n in range(65) for word in ("--bill", site.path(f"bill-{n}.csv"))]
    done = subprocess.run([f"{site.build}/parkctl", "reconcile", "--day", "2026-03-13", *bills], capture_output=True, text=True,
                          timeout=60)  # fmt: skip
    check.that("more statements than 64 at once are refused", done.returncode == 2 and "64 statements" in done.stderr, done.stderr[-120:])


def answers(site):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", site.page_port, timeout=3)
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    except OSError:
        return None


def dial(site, control, text=b""):
    s = socket.socket(socket.AF_UNIX if control else socket.AF_INET)
    s.settimeout(3)
    try:
        s.connect(site.path("control.sock") if control else ("127.0.0.1", site.page_port))
        s.sendall(text)
    except OSError:
        pass  # refused at the bound: counts as closed
    return s


def live(s):
    """Still held by parkd: nothing to read, and no end."""
    s.setblocking(False)
    try:
        return s.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def connections(site, check):
    idle = [dial(site, False, b"GET /healthz HTTP/1.1\r\n") for _ in range(TCP * 3)]
    time.sleep(0.5)  # for parkd to look at them; what follows waits on conditions
    held = sum(live(s) for s in idle)
    check.that("of three times as many connections as it takes, parkd keeps what it says", held <= TCP + 32, f"{held} held or waiting")
    check.that("meanwhile the control socket answers", site.ctl_ok("status"))
    for s in idle:
        s.close()
    check.that("and afterwards the page does", wait_for("the page answers", lambda: answers(site) == 200, 20))
    idle = [dial(site, True, b"GET /healthz HTTP/1.1\r\n") for _ in range(CONTROL * 3)]
    check.that("with the control socket full the page answers", wait_for("the page", lambda: answers(site) == 200, 10))
    for s in idle:
        s.close()
    check.that("and parkctl does afterwards", wait_for("parkctl", lambda: site.ctl_ok("status"), 20))


def commands(site, check):
    """More at once than may wait: each is done or refused in words, and none is forgotten."""

    def act(n):
        return subprocess.run([f"{site.build}/parkctl", "bays", "out", f"A-{n:04}", "--reason", "x" * 100, "--socket",
                               site.path("control.sock")], capture_output=True, text=True, timeout=60)  # fmt: skip

    with concurrent.futures.ThreadPoolExecutor(COMMANDS + 16) as pool:
        results = list(pool.map(act, range(1, 101)))
    bad = [r.stderr for r in results if r.returncode not in (0, 1) or (r.returncode and not r.stderr.strip())]
    out = sum(r.returncode == 0 for r in results)
    check.that("a hundred commands at once: each is done or refused in words", not bad, f"{out} done")
    code = act(1).returncode
    check.that("and one more is answered", code == 1, "it is out of service already")
    long = subprocess.run([f"{site.build}/parkctl", "bays", "in", "A-0001", "--reason", "y" * 500, "--socket",
                           site.path("control.sock")], capture_output=True, text=True, timeout=60)  # fmt: skip
    check.that("a reason beyond 127 bytes is refused, not cut", long.returncode == 1 and "127" in long.stderr, long.stderr.strip())


def main():
    check, site = Checks(), Site(sys.argv[1])
    configurations(site, check)
    statements(site, check)
    with open(site.path("parkd.conf"), "w") as file:
        file.write(SITE + LOTS + f'store = {{ path = "{site.path("parkd.db")}"; }};\n'
                   f'serve = {{ listen = "127.0.0.1:{site.page_port}"; control = "{site.path("control.sock")}"; }};\n')  # fmt: skip
    site.start("parkd", f"{site.build}/parkd", "--config", site.path("parkd.conf"),
               ready=lambda: os.path.exists(site.path("control.sock")) and site.ctl_ok("status"))  # fmt: skip
    connections(site, check)
    commands(site, check)
    check.that("no line of the log is longer than 1,024 bytes", all(len(line) <= 1024 for line in site.log("parkd").splitlines()))
    check.that("parkd stops cleanly", site.stop("parkd") == 0, re.sub(r"\s+", " ", site.log("parkd")[-80:]))
    check.end()


main()
