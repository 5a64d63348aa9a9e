"""From a camera's post to its answer, and to the coil of the boom: cameras post to lanes whose barriers hang on
Modbus TCP boards of the simulated field; a durable record lies in between. Beside it what the disk takes for a
block written and synced, in the same folder and run."""

import http.client
import json
import os
import random
import re
import socket
import threading
import time

from lot import PARKD, SEED, mono_us, wait_for
from whole_site import free_port

BOARDS, LANES_A_BOARD = 8, 2
BUDGET_MS = 150
POLL_MS = 100  # as shipped


def plan(lot):
    rows = ['site bench "Bench" Asia/Shanghai', 'lot L "Lot"', 'zone Z "Zone" 400']
    for board in range(BOARDS):
        rows.append(f"line net{board} tcp 127.0.0.1:0")
        for place in range(LANES_A_BOARD):
            rows.append(f"barrier g{board}-{place} 1 relay-board {place}")
            rows.append(f"lane g{board}-{place} L in")
    rows += ["units 5 8 concentrator-words 100 L 1", "parking L lanes"]
    with open(lot.path("lanes.plan"), "w") as f:
        f.write("\n".join(rows) + "\n")
    return [f"g{board}-{place}" for board in range(BOARDS) for place in range(LANES_A_BOARD)]


def add_cameras(lot, lanes, port):
    cameras = ",\n  ".join(f'{{ id = "{lane}"; lane = "{lane}"; family = "vzenith"; from = [ "127.0.0.1" ]; }}'
                          for lane in lanes)  # fmt: skip
    with open(lot.path("parkd.conf"), "a") as f:
        f.write(f'\ncamera_listen = "127.0.0.1:{port}";\ncameras = (\n  {cameras}\n);\n')


def read_of(lane, plate, number):
    return {"AlarmInfoPlate": {"serialno": lane, "result": {"PlateResult": {
        "license": plate, "confidence": 98, "colorType": 1, "type": 1, "plateid": number, "triggerType": 1,
        "timeStamp": {"Timeval": {"sec": int(time.time()), "usec": 0}}}}}}  # fmt: skip


def post(port, lane, message):
    """When it was posted and when the whole answer was there."""
    body = json.dumps(message).encode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.connect()
    begin = mono_us()
    connection.request("POST", f"/cameras/{lane}", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    end = mono_us()
    connection.close()
    if answer.status != 200:
        raise AssertionError(f"a camera was answered {answer.status}")
    return begin, end


class Field:
    """The field's control socket, held open: a process for each command would be measured, too."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.stream = self.socket.makefile("rw", encoding="utf-8", newline="\n")
        self.lock = threading.Lock()

    def say(self, words):
        with self.lock:
            self.stream.write(words + "\n")
            self.stream.flush()
            answer = self.stream.readline()
        if not answer or answer.startswith("error"):
            raise AssertionError(f"field: {words}: {answer}")
        return answer


class Lane(threading.Thread):
    """Cars one after another: onto the presence loop, read, boom, through."""

    def __init__(self, field, lane, port, cars, rng):
        super().__init__()
        self.field, self.lane, self.port, self.cars, self.rng = field, lane, port, cars, rng
        self.answers, self.coils, self.trouble = [], [], None

    def barrier(self):
        return json.loads(self.field.say(f"barrier {self.lane}"))

    def run(self):
        try:
            for car in range(self.cars):
                self.pass_through(car)
        except (AssertionError, OSError) as why:
            self.trouble = why

    def pass_through(self, car):
        time.sleep(self.rng.random() * 2)
        opens = self.barrier()["opens"]
        self.field.say(f"loop {self.lane} P on")
        time.sleep(0.6)  # longer than chatter
        plate = f"粤B{self.rng.randrange(10000, 99999)}"
        begin, end = post(self.port, self.lane, read_of(self.lane, plate, car + 1))
        wait_for(f"the boom of {self.lane} is told", lambda: self.barrier()["opens"] > opens, 20)
        self.answers.append(end - begin)
        self.coils.append(self.barrier()["opened_us"] - begin)
        wait_for("it is up", lambda: self.barrier()["percent"] == 100, 20)
        for words in ("C on", "P off", "C off"):
            self.field.say(f"loop {self.lane} {words}")
            time.sleep(0.5)
        wait_for("it is down", lambda: self.barrier()["percent"] == 0, 30)
        time.sleep(0.5)


def disk_us(folder, times):
    """A block appended and synced, as the raw loop of a durable record."""
    taken = []
    fd = os.open(os.path.join(folder, "synced"), os.O_CREAT | os.O_WRONLY, 0o600)
    for _ in range(times):
        begin = mono_us()
        os.write(fd, b"x" * 4096)
        os.fdatasync(fd)
        taken.append(mono_us() - begin)
    os.close(fd)
    return taken


def measure_cameras(lot, table, quick, words):
    """`words` makes "p50 / p99 / max" and p99 of values in µs."""
    lanes, port = plan(lot), free_port()
    lot.start_field("--plan", lot.path("lanes.plan"), poll_ms=POLL_MS)
    add_cameras(lot, lanes, port)
    lot.start_parkd()
    time.sleep(12)  # lanes settle for ten seconds after a start
    field = Field(lot.path("field.ctl"))
    drivers = [Lane(field, lane, port, 2 if quick else 12, random.Random(f"{SEED}{lane}")) for lane in lanes]
    for driver in drivers:
        driver.start()
    disk = disk_us(lot.dir, 200)
    for driver in drivers:
        driver.join()
    lot.stop(PARKD)
    for driver in drivers:
        if driver.trouble:
            raise AssertionError(driver.trouble)
    answers = [us for driver in drivers for us in driver.answers]
    coils = [us for driver in drivers for us in driver.coils]
    scene = f"{len(coils)} cars, {len(lanes)} lanes"
    raw = "write + sync: " + words(disk)[0]
    said = re.search(r"(\d+) answers were written (\d+) ms \(half\), (\d+) ms \(99 of 100\), (\d+) ms", lot.log(PARKD))
    table.add(f"durable to the camera's answer written, p50 / p99 / max ms, {said[1]} answers", "p99 ≤ 50", "—",
              f"{said[2]} / {said[3]} / {said[4]}", int(said[3]) <= 50)  # fmt: skip
    table.add(f"camera's post to its answer, p50 / p99 / max ms, {scene}", f"p99 ≤ {BUDGET_MS}", raw,
              words(answers)[0], words(answers)[1] <= BUDGET_MS)  # fmt: skip
    table.add(f"camera's post to the boom's coil, p50 / p99 / max ms, {scene}", f"p99 ≤ {BUDGET_MS}", raw,
              words(coils)[0], words(coils)[1] <= BUDGET_MS)  # fmt: skip
