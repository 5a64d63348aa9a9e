#!/usr/bin/python3
"""The first command of the README: ./scripts/demo shows vacancy and where to look, and leaves no process, no
folder and no port behind, whether it ends by itself, by Ctrl-C or by SIGTERM. Usage: test_demo.py [BUILD]"""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import urllib.request

from whole_site import TOP, Checks, wait_for


class Demo:
    """One run, in a session of its own, so that all that it starts can be counted."""

    def __init__(self, folder, *options):
        self.folder = folder
        self.log = open(os.path.join(folder, "out"), "w+")
        self.process = subprocess.Popen(
            [os.path.join(TOP, "scripts/demo"), *options], stdout=self.log, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, start_new_session=True, env={**os.environ, "TMPDIR": folder}
        )  # fmt: skip

    def said(self):
        with open(os.path.join(self.folder, "out"), errors="replace") as f:
            return f.read()

    def lines(self):
        return re.findall(r"^\d\d:\d\d:\d\d  \w+ .*", self.said(), re.M)

    def others(self):
        """Processes of its session but itself."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat") as f:
                    fields = f.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[3]) == self.process.pid and int(pid) != self.process.pid and fields[0] != "Z":
                found.append(int(pid))
        return found

    def left(self):
        return [n for n in os.listdir(self.folder) if n != "out"], self.others()

    def close(self):
        for pid in self.others():
            os.kill(pid, signal.SIGKILL)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.close()


def started(demo, seconds):
    def shows():
        if demo.process.poll() is not None:
            raise AssertionError(f"the demo ended: {demo.said()[-2000:]}")
        return len([l for l in demo.lines() if "vacancy" in l]) >= 2

    wait_for("vacancy is shown", shows, seconds)


def driven(port):
    """The lanes, once somebody has come in."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/lanes", timeout=10) as answer:
        lanes = json.load(answer)["lanes"]
    return sorted(lanes, key=lambda l: l["lane"]) if any(l["passages_in"] for l in lanes) else None


def by_itself(check, folder):
    demo = Demo(folder, "--rate", "20", "--cars", "40", "--seconds", "25")
    try:
        started(demo, 180)  # it may have to build
        said = demo.said()
        port = int(re.search(r"operator's page\s+http://127\.0\.0\.1:(\d+)/", said).group(1))
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as page:
            check.that("the page that it names is there", b"<title" in page.read())
        city = re.search(r"(https://127\.0\.0\.1:\d+/)", said).group(1)
        curl = subprocess.run(["curl", "-sk", city], capture_output=True, text=True, timeout=20)
        check.that("so is the driver's", "<html" in curl.stdout)
        check.that("and how to break something and look at it", "parksim ctl" in said and "mosquitto_sub" in said
                   and "parkctl status" in said)  # fmt: skip
        lots = {re.match(r"\S+  vacancy (\S+?):", l).group(1) for l in demo.lines() if "vacancy" in l}
        check.that("vacancy changes as cars park", len(demo.lines()) > 5, f"{len(demo.lines())} lines, lots {lots}")
        lanes = wait_for("cars drive in", lambda: driven(port), 25)
        check.that("cars drive through the lane, with their plates masked", lanes[0]["passages_in"] > 0 and
                   "皖A1" not in str(lanes), str(lanes)[:200])  # fmt: skip
        code = demo.process.wait(60)
        check.that("it ends by itself, well", code == 0, str(code))
        check.that("and leaves no folder and no process", demo.left() == ([], []), str(demo.left()))
        with socket.socket() as s:
            check.that("and no open port", s.connect_ex(("127.0.0.1", port)) != 0)
    finally:
        demo.close()


def by_signal(check, folder, number):
    demo = Demo(folder, "--rate", "20")
    try:
        started(demo, 60)
        if number == signal.SIGINT:  # Ctrl-C goes to all of the terminal's foreground group
            os.killpg(demo.process.pid, number)
        else:
            demo.process.send_signal(number)
        code = demo.process.wait(30)
        check.that(f"{signal.Signals(number).name}: it ends well and leaves nothing", code == 0 and
                   demo.left() == ([], []), f"{code} {demo.left()}")  # fmt: skip
    finally:
        demo.close()


def wrong_use(check):
    done = subprocess.run([os.path.join(TOP, "scripts/demo"), "--no-such-option"], capture_output=True, text=True, timeout=20)
    check.that("an unknown option is told, with 2", done.returncode == 2 and "--help" in done.stderr)
    done = subprocess.run([os.path.join(TOP, "scripts/demo"), "--help"], capture_output=True, text=True, timeout=20)
    check.that("--help says what it does", done.returncode == 0 and "--seconds" in done.stdout)


def main():
    check = Checks()
    wrong_use(check)
    for turn in by_itself, lambda c, f: by_signal(c, f, signal.SIGTERM), lambda c, f: by_signal(c, f, signal.SIGINT):
        with tempfile.TemporaryDirectory(prefix="parkd-demo-test-") as folder:
            turn(check, folder)
    check.end()


main()
