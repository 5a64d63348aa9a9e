"""A site with lanes for system tests: a lot with two bays, an entry and an exit whose booms stand on a relay
board, on a serial line (pty) or on Modbus TCP, cars that drive (parksim.1), and a tariff of 5.00 a visit."""

import json
import os

from whole_site import Site, free_port, wait_for

TARIFF = """id = "visit";
version = "published";
name = "By the visit";
name_zh = "按次收费";
source = "tests/system/lane_site.py";
rules = { cycle = "stay"; clock = "stay"; windows = ( { steps = ({ price = 500; }); } ); };
"""
LINES = {"rtu": "line gates pty {dir}/gates 38400 8N1", "tcp": "line gates tcp 127.0.0.1:0"}
PLAN = """site test "Test" Asia/Shanghai
lot A "Lot"
zone A1 "Zone" 4
parking A lanes visit
{line}
barrier in 1 relay-board 0
barrier out 1 relay-board 1
lane in A in
lane out A out
line bays tcp 127.0.0.1:0
units 1 1 concentrator-words 4 A 1
"""
GARD_PLAN = PLAN.replace("relay-board 0", "came-gard").replace("out 1 relay-board 1", "out 2 came-gard")
CAMERA_PLAN = PLAN.replace("line bays", "camera in vzenith\ncamera out hikvision\nline bays")
# Short waits: the booms take half a second, the cars know what they want.
TIMES = "times = { travel_ms = 3000; settle_ms = 1500; no_pass_ms = 8000; stuck_ms = 6000; ask_ms = 500; }; "
FEE_FEN = 500


class LaneSite(Site):
    def __init__(self, build, line="rtu", times=TIMES, plan=PLAN):
        super().__init__(build)
        self.times, self.cameras = times, "camera in" in plan
        with open(self.path("plan"), "w") as f:
            f.write(plan.format(line=LINES[line].format(dir=self.dir)))
        os.mkdir(self.path("tariffs"))
        with open(self.path("tariffs/visit.conf"), "w") as f:
            f.write(TARIFF)

    def start_lanes(self, *options, extra="", uplinks=False):
        if self.cameras:
            options += ("--cameras", f"127.0.0.1:{free_port()}")
        self.start_field("--plan", self.path("plan"), "--config-tariffs", self.path("tariffs"),
                         "--config-poll-ms", "100", *options, extra=extra, uplinks=uplinks)  # fmt: skip
        with open(self.path("parkd.conf")) as f:
            text = f.read()
        for direction in "in", "out":
            text = text.replace(f'direction = "{direction}"; ', f'direction = "{direction}"; {self.times}')
        with open(self.path("parkd.conf"), "w") as f:
            f.write(text)
        self.quick_booms()
        self.start_parkd()

    # What is there ---------------------------------------------------------------------------

    def lane(self, lane):
        return next(l for l in self.ctl_json("lanes")["lanes"] if l["lane"] == lane)

    def barrier(self, lane):
        return json.loads(self.sim("field", f"barrier {lane}"))

    def records(self, *kinds):
        return [body for _, body in self.journal() if body["type"] in kinds]

    def stays(self):
        return json.loads(self.ctl_db("stay", "--json", "list"))["stays"]

    def ctl_db(self, *words):
        return self.ctl(words[0], "--db", self.path("parkd.db"), *words[1:])

    def passed(self):
        """Each physical passage, as parksim knows: (direction, plate)."""
        self.sim("field", "traffic")  # the log is written before the answer
        return [(row["direction"], row["plate"]) for row in self.truth() if row["event"] == "passage"]

    # What happens ----------------------------------------------------------------------------

    def wait_state(self, lane, *states, seconds=20):
        wait_for(f"lane {lane} is {' or '.join(states)}", lambda: self.lane(lane)["state"] in states, seconds)

    def car(self, lane, plate, behaviour=""):
        self.sim("field", f"car {lane} {plate} {behaviour}")

    def approve(self, lane, plate):
        """An attendant sees a vehicle that nothing identified, and says who it is."""
        self.wait_state(lane, "NO_PLATE", "WAIT_OPERATOR")
        self.ctl("approve", lane, "--plate", plate)

    def quick_booms(self, ms=500):
        for lane in "in", "out":
            self.sim("field", f"travel {lane} {ms}")

    def wait_passage(self, lane, count, seconds=20):
        wait_for(f"passage {count} of lane {lane}",
                 lambda: len([r for r in self.records("passage") if r["lane"] == lane]) == count, seconds)  # fmt: skip

    def wait_closed(self, lane, seconds=20):
        wait_for(f"lane {lane} is idle with its boom down",
                 lambda: self.lane(lane)["state"] == "IDLE" and self.barrier(lane)["percent"] == 0, seconds)  # fmt: skip
