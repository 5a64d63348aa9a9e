"""A site whose daemon is killed where kill.py's own cannot: radio sensors behind a network server, which wants its
acknowledgements, and two lanes with booms, whose coils are written."""

import os
import signal
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "system"))
from lane_site import LaneSite  # noqa: E402
from whole_site import wait_for  # noqa: E402

SENSORS = 30
REACHED_S = 15
PLAN = """site test "Test" Asia/Shanghai
lot L "Lot"
zone L1 "Zone" 4
parking L lanes visit
{line}
barrier in 1 relay-board 0
barrier out 1 relay-board 1
lane in L in
lane out L out
line bays tcp 127.0.0.1:0
units 1 1 concentrator-words 4 L 1
"""


class Yard:
    """One life: `seconds` of radio traffic, kills meanwhile, and what must hold when all is quiet."""

    def __init__(self, build, dice, seconds):
        self.site = site = LaneSite(build, "tcp", plan=PLAN)
        self.dice, self.missed, self.kills, self.dirty, self.asked = dice, {}, 0, 0, 0
        site.start_broker()
        site.subscribe()
        self.configure()
        site.stop("parkd")
        self.street = subprocess.Popen(
            [f"{build}/parksim", "radio", "--server", "chirpstack", "--broker", f"127.0.0.1:{site.broker_port}",
             "--sensors", str(SENSORS), "--seconds", str(seconds), "--changes-per-s", "40", "--seed",
             str(dice.randrange(1000))], stdout=subprocess.PIPE, text=True)  # fmt: skip

    def configure(self):
        """The lanes' configuration, with the street's lot and network in it."""
        site = self.site
        broker = f"127.0.0.1:{site.broker_port}"
        site.start_lanes(extra=f'uplinks = ( {{ name = "broker"; type = "mqtt"; url = "mqtt://{broker}"; }} );\n')
        subprocess.run([f"{site.build}/parksim", "radio", "--server", "chirpstack", "--broker", broker, "--sensors",
                        str(SENSORS), "--write-config", site.path("radio.conf")], check=True)  # fmt: skip
        with open(site.path("radio.conf")) as f:
            lots, networks = f.read().split("\n", 1)
        lot = lots[lots.index("(") + 1 : lots.rindex(")")]
        with open(site.path("parkd.conf")) as f:
            text = f.read()
        with open(site.path("parkd.conf"), "w") as f:
            f.write(text.replace("lots = (", f"lots = ({lot},", 1) + networks)

    def begin(self, crash):
        """Without waiting: the moment may come at once."""
        site = self.site
        site.start("parkd", "env", f"PARKD_CRASH={crash}", f"{site.build}/parkd", "--config", site.path("parkd.conf"))

    def ended(self):
        return self.site.processes["parkd"].poll() is not None

    def ask(self):
        """A person opens a lane: a command that is recorded and written. Refused while the board is silent."""
        self.asked += 1
        subprocess.run([f"{self.site.build}/parkctl", "open", ("in", "out")[self.asked % 2], "--reason", "a test",
                        "--socket", self.site.path("control.sock")], capture_output=True)  # fmt: skip

    def kill_at(self, point):
        self.begin(f"{point}:{self.dice.randint(1, 2)}")
        process, end = self.site.processes["parkd"], time.monotonic() + REACHED_S
        while not self.ended() and time.monotonic() < end:
            if point.endswith("_coil"):
                self.ask()
            time.sleep(0.05)
        if not self.ended() or process.returncode != -signal.SIGKILL:
            self.missed[point] = self.missed.get(point, 0) + 1
            process.kill()
        process.wait()
        del self.site.processes["parkd"]
        self.kills += 1
        if self.kills % 10 == 0 and not self.site.audit_is_clean():
            self.dirty += 1

    def prove(self, check):
        site = self.site
        site.start_parkd()
        truth = dict(line.split() for line in self.street.communicate(timeout=600)[0].splitlines())
        shown = lambda: {b["bay"]: b["state"] for b in site.ctl_json("bays")["bays"] if b["lot"] == "A"}
        try:
            wait_for("every bay is what the street is", lambda: shown() == truth, 30)
        except AssertionError:
            pass
        check.that("every radio bay is what the street is", shown() == truth and len(truth) == SENSORS)
        wait_for("the booms rest", lambda: all(site.barrier(lane)["way"] == 0 for lane in ("in", "out")), 30)
        wait_for("everything is delivered", lambda: site.uplink("broker")["pending"] == 0, 60)
        rows = site.journal()
        check.that("the journal has no gap", [s for s, _ in rows] == list(range(1, rows[-1][0] + 1)))
        self.check_changes(check, rows)
        self.check_commands(check, rows)
        site.check_subscriber(check, rows)
        check.that("the audit of what a kill left found nothing", self.dirty == 0)
        check.that("the audit finds nothing", site.audit_is_clean())
        check.that("parkd ends cleanly", site.stop("parkd") == 0)
        told = {body["seq"] for _, _, body in site.received()}
        return rows[-1][0], rows[-1][0] - len(told), 0

    def check_changes(self, check, rows):
        last, again = {}, 0
        for _, body in rows:
            if body["type"] == "bay_changed":
                again += last.get(body["bay"]) == body["to"]
                last[body["bay"]] = body["to"]
        check.that("no change of a bay is on record twice", again == 0, f"{len(rows)} records")

    def check_commands(self, check, rows):
        """Rules 6 and 8: each write has a command of its own that was durable before; none is repeated."""
        asked, ends = {}, {}
        for _, body in rows:
            if body["type"] == "command":
                asked[body["command"]] = (body["lane"], body["action"])
            elif body["type"] == "outcome":
                ends.setdefault(body["command"], []).append(body)
        check.that("there were commands", len(asked) > 0 or not self.asked, f"{len(asked)}, {self.asked} asked")
        check.that("each command has an end, and no end is without its command", set(ends) == set(asked),
                   str(sorted(set(asked) ^ set(ends))[:3]))  # fmt: skip
        for lane in "in", "out":
            now = self.site.barrier(lane)
            opens = sum(at == lane and action == "open" for at, action in asked.values())
            check.that(f"lane {lane}: no command was written twice, none without its record",
                       now["opens"] <= opens and now["resets"] == 0, f"{now['opens']} of {opens}")  # fmt: skip
