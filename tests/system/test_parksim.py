#!/usr/bin/python3
"""The simulator is right: pymodbus and a plain HTTPS client, which know nothing of it, agree with it.

Usage: test_parksim.py [BUILD]    (build without an argument)
"""
import http.client
import json
import os
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import types

# Debian's pymodbus imports this for asynchronous serial lines, but does not depend on it.
sys.modules.setdefault("serial_asyncio", types.ModuleType("serial_asyncio"))
sys.modules["serial_asyncio"].create_serial_connection = None

from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.transaction import ModbusRtuFramer

PARKSIM = os.path.abspath((sys.argv[1] if len(sys.argv) > 1 else "build") + "/parksim")
DIR = tempfile.mkdtemp(prefix="parksim-")
TOKEN = "s3cret"
PLAN = """
lot A "Words"
zone A1 "Words" 200
lot B "Bits"
zone B1 "Bits" 90
lot C "Procon"
zone C1 "Procon" 3
lot D "Ceiling"
zone D1 "Ceiling" 1
line t1 tcp 127.0.0.1:0
units 1 2 concentrator-words 100 A 1
units 3 3 concentrator-bits 90 B 1
line t2 rtu-over-tcp 127.0.0.1:0
units 254 254 procon-ld120 1 C 3
line s1 pty s1 19200 8N1
units 7 7 procon-ld220 2 C 1
units 11 11 dfrobot-sen0310 1 D 1
"""


class Sim:
    """A parksim process, what it printed up to `ready`, and its control socket."""

    all = []

    def __init__(self, *args, name):
        self.control = f"{DIR}/{name}.ctl"
        self.process = subprocess.Popen([PARKSIM, *args, "--control", self.control],
                                        stdout=subprocess.PIPE, text=True)
        Sim.all.append(self.process)
        self.words = []
        for line in self.process.stdout:
            if line == "ready\n":
                return
            self.words.append(line.split())
        raise AssertionError(f"{name} did not start")

    def port(self, line):
        return next(int(w[4]) for w in self.words if w[:2] == ["line", line])

    def ctl(self, command, refused=False):
        done = subprocess.run([PARKSIM, "ctl", self.control, command], capture_output=True,
                              text=True, timeout=10)
        assert done.returncode == int(refused), (command, done.stdout, done.stderr)
        return done.stdout.strip()

    def status(self):
        return json.loads(self.ctl("status"))

    def stop(self):
        self.process.terminate()
        assert self.process.wait(10) == 0


def truth(field=None):
    """The log so far: whole once parksim has answered something later."""
    if field:
        field.status()
    with open(f"{DIR}/truth", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def served(field, bay=None):
    return [(e["bay"], e["state"]) for e in truth(field)
            if e["event"] == "served" and bay in (None, e["bay"])]


def start_field():
    with open(f"{DIR}/plan", "w", encoding="utf-8") as plan:
        plan.write(PLAN)
    return Sim("field", "--plan", f"{DIR}/plan", "--dir", DIR, "--truth", f"{DIR}/truth",
               "--seed", "7", "--occupancy", "0", "--turnaround-ms", "2", name="field")


# Reading the devices

def words_and_bits_are_read_over_tcp(field):
    client = ModbusTcpClient("127.0.0.1", port=field.port("t1"))
    assert client.connect()
    for bay in "A-0001", "A-0100", "A-0101", "B-0001", "B-0009", "B-0090":
        field.ctl(f"bay {bay} occupied")
    first = client.read_holding_registers(0, 100, slave=1).registers
    assert [i for i, v in enumerate(first) if v] == [0, 99], first
    assert client.read_input_registers(0, 100, slave=2).registers == [1] + [0] * 99
    bits = client.read_discrete_inputs(0, 90, slave=3).bits[:90]
    assert [i for i, v in enumerate(bits) if v] == [0, 8, 89], bits
    assert client.read_coils(8, 1, slave=3).bits[0]
    assert client.read_holding_registers(1, 100, slave=1).function_code == 0x83  # beyond the end
    assert client.read_coils(0, 1, slave=1).exception_code == 2
    assert client.read_holding_registers(0, 1, slave=99).exception_code == 11
    client.close()


def procon_and_sen0310_are_read_over_the_pty(field):
    client = ModbusSerialClient(port=f"{DIR}/s1", baudrate=19200, timeout=1)
    assert client.connect()
    assert client.read_discrete_inputs(0, 8, slave=7).bits[:4] == [False] * 4
    field.ctl("bay C-0002 occupied")
    assert client.read_discrete_inputs(0, 8, slave=7).bits[:4] == [False, False, False, True]
    assert client.read_input_registers(0, 2, slave=7).registers == [0x0323, 8]
    assert client.read_holding_registers(9, 2, slave=7).registers == [0, 1]
    assert client.read_holding_registers(2, 9, slave=7).exception_code == 3  # at most 8
    registers = client.read_holding_registers(0, 9, slave=11).registers
    assert registers[5] > 200 and registers[8] == 0, registers
    field.ctl("bay D-0001 occupied")
    assert client.read_holding_registers(5, 1, slave=11).registers[0] < 100
    assert client.write_register(8, 4, slave=11).value == 4  # passive: keeps its last distance
    field.ctl("bay D-0001 free")
    assert client.read_holding_registers(5, 1, slave=11).registers[0] < 100
    assert client.write_register(8, 12, slave=11).value == 12  # a trigger measures
    assert client.read_holding_registers(5, 1, slave=11).registers[0] > 200
    field.ctl("bay D-0001 occupied")
    client.read_holding_registers(5, 1, slave=11)  # still the free bay of the trigger
    client.write_register(8, 0, slave=11)
    field.ctl("bay D-0001 free")
    assert served(field, "D-0001") == [("D-0001", "free"), ("D-0001", "occupied"), ("D-0001", "free")]
    client.close()


def procon_is_read_over_rtu_in_tcp(field):
    client = ModbusTcpClient("127.0.0.1", port=field.port("t2"), framer=ModbusRtuFramer)
    assert client.connect()
    field.ctl("bay C-0003 occupied")
    assert client.read_input_registers(1, 1, slave=254).registers == [2]
    client.close()


# What counts as served

def a_change_is_served_once_and_an_unread_one_never(field):
    client = ModbusTcpClient("127.0.0.1", port=field.port("t1"))
    before = field.status()["overwritten"]
    client.read_holding_registers(49, 1, slave=1)
    for state in "occupied", "free", "occupied":
        field.ctl(f"bay A-0050 {state}")
    for _ in range(3):
        client.read_holding_registers(0, 100, slave=1)
    for state in "free", "occupied":
        field.ctl(f"bay A-0050 {state}")
    client.read_holding_registers(0, 100, slave=1)
    assert served(field, "A-0050") == [("A-0050", "free"), ("A-0050", "occupied")]
    numbers = [e["seq"] for e in truth(field) if e["event"] == "served"]
    assert numbers == list(range(1, len(numbers) + 1))
    assert field.status()["overwritten"] == before + 2
    client.close()


def raw_read(sock, unit, tid=0x1234):
    sock.sendall(struct.pack(">HHHBBHH", tid, 0, 6, unit, 3, 60, 1))
    try:
        return sock.recv(64)
    except socket.timeout:
        return None
    except ConnectionResetError:
        return "reset"


def each_fault_looks_as_named_and_serves_nothing(field):
    port = field.port("t1")
    good = bytes.fromhex("123400000005010302")
    expected = {
        "silent": lambda a: a is None,
        "late 1000": lambda a: a is None,
        "drip 100": lambda a: a == good[:1],
        "wrong-unit": lambda a: a[6] == 0 and len(a) == 11,
        "wrong-tid": lambda a: a[:2] != b"\x12\x34" and len(a) == 11,
        "wrong-proto": lambda a: a[2:4] == b"\0\7" and len(a) == 11,
        "trailing": lambda a: a[:9] == good and len(a) == 15,
        "short": lambda a: len(a) == 6,
        "garbage": lambda a: len(a) == 11 and a[:9] != good,
        "reset": lambda a: a == "reset",
        "exception 6": lambda a: a[7:] == b"\x83\x06",
    }
    field.ctl("bay A-0061 occupied")
    before = len(served(field))
    for fault, is_right in expected.items():
        field.ctl(f"fault {port}/1 {fault}")
        with socket.create_connection(("127.0.0.1", port)) as sock:
            sock.settimeout(0.3)
            answer = raw_read(sock, 1)
            assert is_right(answer), (fault, answer)
    assert len(served(field)) == before
    field.ctl(f"fault t1/1 none")
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.settimeout(1)
        assert raw_read(sock, 1) == good + b"\0\1"
    assert len(served(field)) == before + 1
    field.ctl(f"fault t1/1 crc", refused=True)
    field.ctl(f"fault t1/77 silent", refused=True)


def a_line_goes_down_and_comes_up_on_the_same_port(field):
    port = field.port("t1")
    with socket.create_connection(("127.0.0.1", port)) as sock:
        field.ctl("line t1 down")
        assert sock.recv(1) == b""
    try:
        socket.create_connection(("127.0.0.1", port)).close()
        raise AssertionError("the line is still up")
    except ConnectionRefusedError:
        pass
    field.ctl(f"line s1 down")
    assert not os.path.lexists(f"{DIR}/s1")
    field.ctl("line t1 up")
    field.ctl(f"line s1 up")
    socket.create_connection(("127.0.0.1", port)).close()
    assert os.path.exists(f"{DIR}/s1")


def the_wire_takes_its_time():
    """(8 + L) characters, two silences of 3.5 and the turnaround, for a read of 16 bits."""
    field = Sim("field", "--pty", f"{DIR}/w1", "--pty-units", "8", "--pty-map", "concentrator-bits",
                "--pty-bays", "16", "--baud", "19200", "--turnaround-ms", "5", name="wire")
    fd = os.open(f"{DIR}/w1", os.O_RDWR | os.O_NOCTTY)
    request = bytes.fromhex("010200000010")
    crc = 0xFFFF
    for byte in request:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    took = 1  # the best of ten: another program may have the processor for a while
    for _ in range(10):
        begin = time.monotonic()
        for _ in range(20):  # one alone may follow a late one sooner
            os.write(fd, request + struct.pack("<H", crc))
            assert len(os.read(fd, 64)) == 7
        took = min(took, (time.monotonic() - begin) / 20)
    formula = (8 + 7) * 10 / 19200 + 2 * 35 / 19200 + 0.005
    assert formula * 0.99 <= took <= formula * 1.1 + 0.001, (took, formula)
    os.close(fd)
    cycle = field.status()["lines"][0]
    assert cycle["requests"] == 200 and cycle["cycles"] == 199
    field.stop()


def cars_move_at_the_rate_and_the_same_seed_parks_the_same_cars():
    args = ("field", "--tcp", "127.0.0.1:0", "--bays", "500", "--seed", "42")
    first = Sim(*args, "--changes-per-s", "1000", "--truth", f"{DIR}/truth", name="cars")
    deadline = time.monotonic() + 20
    while first.status()["changes"] < 2500 and time.monotonic() < deadline:
        time.sleep(0.05)
    first.stop()
    moves = [e for e in truth() if e["event"] == "change"]
    parked = next(i for i, m in enumerate(moves) if m["state"] == "free")  # before: the first cars
    moving = moves[parked:]
    rate = len(moving) / ((moving[-1]["mono_us"] - moving[0]["mono_us"]) / 1e6)
    assert 800 < rate < 1200, rate
    for a, b in zip(moving, moving[1:]):
        assert (a["bay"], a["state"]) != (b["bay"], b["state"])
    second = Sim(*args, "--truth", f"{DIR}/truth", name="cars")
    second.stop()
    again = [(m["bay"], m["state"]) for m in truth() if m["event"] == "change"]
    assert again == [(m["bay"], m["state"]) for m in moves[:len(again)]] and len(again) > 250


def a_script_moves_the_cars():
    with open(f"{DIR}/script", "w", encoding="utf-8") as script:
        script.write("# ms bay state\n0 A-0001 occupied\n50 A-0002 occupied\n100 A-0001 free\n")
    field = Sim("field", "--tcp", "127.0.0.1:0", "--bays", "2", "--script", f"{DIR}/script",
                "--truth", f"{DIR}/truth", name="script")
    deadline = time.monotonic() + 10
    while field.status()["changes"] < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    field.stop()
    moves = [e for e in truth() if e["event"] == "change"]
    assert [(m["bay"], m["state"]) for m in moves] == [
        ("A-0001", "occupied"), ("A-0002", "occupied"), ("A-0001", "free")]
    assert abs(moves[2]["mono_us"] - moves[0]["mono_us"] - 100_000) < 50_000


# The city

class City:
    def __init__(self, *extra, name="city"):
        self.sim = Sim("city", "--token-file", f"{DIR}/token", "--cert", f"{DIR}/cert.pem", "--key",
                       f"{DIR}/key.pem", "--state", f"{DIR}/{name}.state", *extra, name=name)
        self.port = int(self.sim.words[0][3])

    def ask(self, method, path, body=None, token=TOKEN, cert=None, **headers):
        context = ssl.create_default_context(cafile=f"{DIR}/cert.pem")
        if cert:
            context.load_cert_chain(f"{DIR}/{cert}.pem", f"{DIR}/key.pem")
        link = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=3, context=context)
        sent = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        sent.update({k.replace("_", "-"): v for k, v in headers.items()})
        text = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        try:
            link.request(method, path, text, {k: v for k, v in sent.items() if v})
            answer = link.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            link.close()

    def put(self, vacancy, **more):
        return self.ask("PUT", f"/v1/lots/{vacancy['lot']}/vacancy", vacancy, **more)[0]

    def post(self, *records, key, **more):
        body = {"site": "demo", "records": list(records)}
        status, text, _ = self.ask("POST", "/v1/records", body, Idempotency_Key=key, **more)
        return [r["status"] for r in json.loads(text)["results"]] if status == 200 else status

    def violations(self):
        return self.sim.status()["violations"]


def vacancy(free=3, **changes):
    zone = {"id": "A1", "name": "A1", "capacity": 10, "free": free, "occupied": 9 - free,
            "unknown": 1, "out_of_service": 0}
    body = {"lot": "A", "as_of": "2026-11-22T03:02:06.123Z", "capacity": 10, "free": free,
            "occupied": 9 - free, "unknown": 1, "out_of_service": 0, "quality": "partial",
            "zones": [zone]}
    body.update(changes)
    return body


def change(seq, old, new, bay="A-0001", **changes):
    body = {"seq": seq, "id": f"{seq:032x}", "type": "bay_changed", "at": "2026-11-22T03:02:06.123Z",
            "lot": "A", "zone": "A1", "bay": bay, "from": old, "to": new, "reason": "reading"}
    body.update(changes)
    return body


def the_city_takes_what_is_right_and_shows_it(city):
    assert city.put(vacancy()) == 200
    assert city.post(change(1, "unknown", "free"), change(2, "free", "occupied"), key="k1") == [
        "accepted", "accepted"]
    assert city.post(change(1, "unknown", "free"), change(2, "free", "occupied"), key="k1") == [
        "duplicate", "duplicate"]
    status, text, _ = city.ask("GET", "/v1/lots", token=None)
    held = json.loads(text)
    assert status == 200 and held["lots"][0]["free"] == 3 and held["names"]["H"]
    status, text, headers = city.ask("GET", "/", token=None)
    assert status == 200 and b"<html" in text and "text/html" in headers["Content-Type"]
    assert b"http" not in text.replace(b"http-equiv", b"")  # no outside resource
    assert city.violations() == 0


def the_city_refuses_what_is_wrong(city):
    refused = [
        (vacancy(free=4, occupied=9), 422),
        (vacancy(free=4, occupied=9, zones=[vacancy()["zones"][0] | {"free": 4, "occupied": 9}]), 422),
        (vacancy(surprise=1), 422),
        (vacancy(capacity="10"), 422),
        (vacancy(as_of="2026-11-22 03:02:06"), 422),
        (vacancy(quality="fine"), 422),
        (vacancy(zones=[{"id": "A1"}]), 422),
    ]
    for count, (body, status) in enumerate(refused, 1):
        assert city.put(body) == status, body
        assert city.violations() == count
    assert city.ask("PUT", "/v1/lots/B/vacancy", vacancy())[0] == 422
    assert city.ask("PUT", "/v1/lots/A/vacancy", b"{")[0] == 400
    assert city.put(vacancy(), Content_Type="text/plain") == 415
    assert city.put(vacancy(), token="wrong") == 401
    assert city.put(vacancy(), token=None, Authorization=None) == 401
    assert city.ask("POST", "/v1/records", {"site": "demo", "records": []})[0] == 422
    assert city.ask("POST", "/v1/records", {"site": "demo", "records": [change(9, "free", "free")]}
                    )[0] == 400  # no key
    assert city.ask("GET", "/v1/other")[0] == 404


def the_city_sees_every_breach_of_order(city):
    def breach(count, expected, *args, **more):
        before = city.violations()
        result = city.post(*args, **more)
        assert result == expected and city.violations() == before + count, (result, args)

    breach(0, ["accepted"], change(10, "unknown", "free", "A-0009"), key="b0")
    breach(1, ["refused"], change(10, "unknown", "occupied", "A-0009"), key="b1")  # id reused
    breach(1, ["accepted"], change(12, "occupied", "free", "A-0009"), key="b2")  # gap in states
    breach(1, ["accepted"], change(11, "free", "occupied", "A-0009"), key="b3")  # seq went back
    breach(1, 422, change(13, "occupied", "free", "A-0009"), key="b3")  # key reused
    breach(1, ["refused"], change(14, "free", "gone", "A-0009"), key="b4")
    breach(1, ["refused"], change(15, "free", "occupied", id="xyz"), key="b5")


def the_city_fails_as_told(city):
    ctl = city.sim.ctl
    before = city.violations()
    ctl("fail 503 2")
    assert [city.put(vacancy()) for _ in range(3)] == [503, 503, 200]
    ctl("fail 429 retry-after 7 1")
    status, _, headers = city.ask("PUT", "/v1/lots/A/vacancy", vacancy())
    assert status == 429 and headers["Retry-After"] == "7"
    ctl("reset 1")
    expect(ConnectionResetError, lambda: city.put(vacancy()))
    ctl("drop-answer 1")
    expect((http.client.RemoteDisconnected, ssl.SSLEOFError), lambda: city.post(
        change(20, "unknown", "free", "A-0020"), key="f1"))
    assert city.post(change(20, "unknown", "free", "A-0020"), key="f1") == ["duplicate"]
    ctl("bad-body 1")
    status, text, _ = city.ask("PUT", "/v1/lots/A/vacancy", vacancy())
    assert status == 200 and text.startswith(b"<html")
    ctl("slow 400 1")
    begin = time.monotonic()
    assert city.put(vacancy()) == 200 and time.monotonic() - begin >= 0.4
    ctl("hang 1")
    expect(TimeoutError, lambda: city.put(vacancy()))
    ctl("ok")
    ctl("refuse bay_changed")
    assert city.post(change(21, "free", "occupied", "A-0020"), key="f2") == ["refused"]
    ctl("ok")
    ctl("retry 1")
    assert city.post(change(22, "occupied", "free", "A-0020"), key="f3") == ["retry"]
    assert city.post(change(22, "occupied", "free", "A-0020"), key="f3") == ["accepted"]
    ctl("fail 200", refused=True)
    assert city.violations() == before


def the_city_forgets_nothing_over_a_kill(city):
    before = city.sim.status()
    city.sim.process.kill()
    city.sim.process.wait()
    with open(f"{DIR}/city.state", "a", encoding="utf-8") as state:
        state.write('{"record":{"seq":99,')  # cut by the kill
    again = City(name="city")
    after = again.sim.status()
    for name in "accepted", "violations", "vacancies":
        assert after[name] == before[name], name
    assert again.post(change(1, "unknown", "free"), key="other") == ["duplicate"]
    again.sim.stop()
    third = City(name="city")
    assert third.sim.status()["accepted"] == before["accepted"]
    third.sim.stop()


def the_city_asks_for_a_client_certificate():
    city = City("--client-ca", f"{DIR}/cert.pem", name="mutual")
    assert city.put(vacancy(), cert="cert") == 200
    assert city.put(vacancy()) == 403
    city.sim.stop()


def expect(kinds, call):
    try:
        result = call()
    except kinds:
        return
    raise AssertionError(f"{result}: expected {kinds}")


def make_certificate():
    with open(f"{DIR}/token", "w", encoding="utf-8") as token:
        token.write(TOKEN + "\n")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                    f"{DIR}/key.pem", "-out", f"{DIR}/cert.pem"], check=True,
                   stderr=subprocess.DEVNULL)


def main():
    make_certificate()
    field = start_field()
    for test in (words_and_bits_are_read_over_tcp, procon_and_sen0310_are_read_over_the_pty,
                 procon_is_read_over_rtu_in_tcp, a_change_is_served_once_and_an_unread_one_never,
                 each_fault_looks_as_named_and_serves_nothing,
                 a_line_goes_down_and_comes_up_on_the_same_port):
        print(test.__name__, flush=True)
        test(field)
    field.stop()
    for test in (the_wire_takes_its_time, a_script_moves_the_cars,
                 cars_move_at_the_rate_and_the_same_seed_parks_the_same_cars,
                 the_city_asks_for_a_client_certificate):
        print(test.__name__, flush=True)
        test()
    city = City("--plan", "demo")
    for test in (the_city_takes_what_is_right_and_shows_it, the_city_refuses_what_is_wrong,
                 the_city_sees_every_breach_of_order, the_city_fails_as_told,
                 the_city_forgets_nothing_over_a_kill):
        print(test.__name__, flush=True)
        test(city)
    print("parksim: all right")


if __name__ == "__main__":
    try:
        main()
    finally:
        for process in Sim.all:
            process.kill()  # those of a test that failed
        shutil.rmtree(DIR)
