#!/usr/bin/env python3
"""Barriers at the start: a board's address base is proved by STOP alone, nothing opens or closes by
itself, not even after a kill, and nobody ever writes the coil that resets the board.
Usage: test_barriers.py [BUILD]"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
PLAN = """site demo "Demo" Asia/Shanghai
lot L "Lot"
zone Z "Zone" 4
line gates pty {dir}/pty 38400 8E1
barrier gard 2 came-gard
barrier gard1 3 came-gard-1
line net tcp 127.0.0.1:0
barrier entry 1 relay-board 0
barrier exit 1 relay-board 1
units 5 5 concentrator-words 4 L 1
"""
LANES = ("gard", "gard1", "entry", "exit")


def wait(what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return
        time.sleep(0.05)
    raise AssertionError(f"gave up after {seconds} s: {what}")


class Site:
    def __init__(self, folder):
        self.dir = folder
        self.config = f"{folder}/parkd.conf"
        with open(f"{folder}/plan", "w", encoding="utf-8") as plan:
            plan.write(PLAN.format(dir=folder))
        self.field = subprocess.Popen(
            [f"{BUILD}/parksim", "field", "--plan", f"{folder}/plan", "--control", f"{folder}/ctl",
             "--write-config", self.config, "--config-store", f"{folder}/db", "--config-control",
             f"{folder}/sock", "--config-maps", os.path.abspath("config/devices")],
            stdout=subprocess.PIPE, text=True)
        for line in self.field.stdout:
            if line == "ready\n":
                break
        self.gateway = None

    def start(self):
        self.gateway = subprocess.Popen([f"{BUILD}/parkd", "--config", self.config],
                                        stderr=subprocess.DEVNULL)

    def kill(self):
        self.gateway.kill()
        self.gateway.wait()

    def ctl(self, command):
        return subprocess.run([f"{BUILD}/parksim", "ctl", f"{self.dir}/ctl", command], check=True,
                              capture_output=True, text=True).stdout

    def barrier(self, lane):
        return json.loads(self.ctl(f"barrier {lane}"))

    def probe(self, lane):
        return json.loads(subprocess.run(
            [f"{BUILD}/parkctl", "probe", "barrier", lane, self.config, "--json"], check=True,
            capture_output=True, text=True).stdout)

    def stop(self):
        for process in (self.gateway, self.field):
            if process and process.poll() is None:
                process.terminate()
                process.wait(10)


def each_board_is_read_in_words(site):
    site.ctl("boom gard up")
    wait(lambda: site.probe("gard")["state"] == "open")
    assert site.probe("gard")["position_percent"] == 100
    site.ctl("loop entry P on")
    entry = site.probe("entry")
    assert entry["state"] == "closed" and entry["inputs"]["presence_loop"] == "on", entry
    assert site.probe("exit")["inputs"]["presence_loop"] == "off"


def the_base_is_proved_by_stop_alone(site):
    before = {lane: site.barrier(lane) for lane in LANES}
    site.start()
    wait(lambda: all(site.barrier(lane)["stops"] == 1 for lane in ("gard", "gard1")))
    for lane in LANES:
        now = site.barrier(lane)
        for what in ("opens", "closes", "operations", "percent"):
            assert now[what] == before[lane][what], (lane, now)


def a_killed_gateway_repeats_nothing(site):
    before = {lane: site.barrier(lane) for lane in LANES}
    site.kill()
    site.start()
    wait(lambda: all(site.barrier(lane)["stops"] == 2 for lane in ("gard", "gard1")))
    for lane in LANES:
        now = site.barrier(lane)
        assert now["opens"] == before[lane]["opens"] and now["resets"] == 0, (lane, now)


def main():
    folder = tempfile.mkdtemp(prefix="parkd-barriers-")
    site = Site(folder)
    try:
        for test in (each_board_is_read_in_words, the_base_is_proved_by_stop_alone,
                     a_killed_gateway_repeats_nothing):
            test(site)
            print(test.__name__)
        print("barriers: all right")
    finally:
        site.stop()
        shutil.rmtree(folder)


main()
