#!/usr/bin/python3
"""Signs show what drivers may rely on: the free bays of a lot, of a zone, of a class, as they become durable; nothing but
"unknown" while no bay is known, and 0 where all are out of service. A display that was away is told again when it is
back. Usage: test_signs.py BUILD"""

import json
import os
import socketserver
import struct
import subprocess
import sys
import threading

from whole_site import TOP, Checks, Site, wait_for

UNKNOWN = 65535


class Display(socketserver.BaseRequestHandler):
    """Modbus TCP: holding registers of each unit, as they are written."""

    registers = {}
    away = False

    def handle(self):
        try:
            while head := self.request.recv(7, 0x100):
                number, _, size, unit = struct.unpack(">HHHB", head)
                body = self.request.recv(size - 1, 0x100)
                if Display.away:
                    return
                self.request.sendall(struct.pack(">HHHB", number, 0, 1 + len(answer := self.answer(unit, body)), unit) + answer)
        except (OSError, struct.error):
            pass

    def answer(self, unit, body):
        function, address, value = struct.unpack(">BHH", body[:5])
        if function == 6:
            self.registers[unit, address] = value
            return body
        if function == 16:
            for i in range(value):
                self.registers[unit, address + i] = struct.unpack(">H", body[6 + 2 * i : 8 + 2 * i])[0]
            return body[:5]
        return struct.pack(">BB", function, 2 * value) + bytes(2 * value)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True


def configure(site, port):
    sensors = ", ".join(f'{{ id = "p{n}"; address = "86401605900000{n}"; bay = "A-{n}"; driver = "json/path"; map = "mine"; }}' for n in (1, 2, 3))
    sign = lambda unit, more: f'{{ id = "s{unit}"; bus = "d"; unit = {unit}; map = "number-register"; lot = "A"; refresh_s = 2; {more} }}'
    with open(site.path("parkd.conf"), "w") as file:
        file.write(f"""
site = {{ id = "t"; zone = "Asia/Shanghai"; }};
serve = {{ control = "{site.path('control.sock')}"; }};
store = {{ path = "{site.path('parkd.db')}"; }};
device_maps = "{os.path.join(TOP, 'config/devices')}";
lots = ( {{ id = "A"; zones = ( {{ id = "A1"; bays = "A-1..A-2"; charging = "A-2"; }}, {{ id = "A2"; bays = "A-3"; }} ); }} );
json_maps = ( {{ name = "mine"; state = "t"; occupied = [ "1" ]; free = [ "0" ]; identity = "IMEI"; }} );
networks = ( {{ id = "nb"; type = "json"; url = "mqtt://127.0.0.1:{site.broker_port}"; topics = [ "nb/#" ]; sensors = ( {sensors} ); }} );
buses = ( {{ id = "d"; type = "tcp"; host = "127.0.0.1"; port = {port}; }} );
signs = ( {sign(1, "")}, {sign(2, 'zone = "A1";')}, {sign(3, 'class = "charging";')} );
""")


def main():
    check, site = Checks(), Site(sys.argv[1])
    server = Server(("127.0.0.1", 0), Display)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site.start_broker()
    configure(site, server.server_address[1])
    site.start_parkd()

    def shown():
        return [next((v for (u, _), v in sorted(Display.registers.items()) if u == unit), None) for unit in (1, 2, 3)]

    def sensed(n, state):
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(site.broker_port), "-q", "1", "-t", "nb/up", "-m",
                        json.dumps({"IMEI": f"86401605900000{n}", "t": state})], check=True, timeout=20)  # fmt: skip

    def come(what, wanted, again=lambda: None):
        try:
            wait_for(what, lambda: again() or shown() == wanted, 30)
        except AssertionError:
            pass
        check.that(what, shown() == wanted, str(shown()))

    come("while no bay is known, no number is shown", [UNKNOWN] * 3)
    come("a free bay is counted where it belongs: in the lot and in its zone", [1, 1, UNKNOWN], lambda: sensed(1, "0"))
    sensed(2, "0")
    sensed(3, "0")
    come("those of a class, too", [3, 2, 1])
    Display.away = True
    sensed(3, "1")
    wait_for("it is on record", lambda: any(b["bay"] == "A-3" and b["state"] == "occupied" for b in site.ctl_json("bays")["bays"]), 20)
    Display.registers.clear()  # as after a loss of power
    Display.away = False
    come("displays that were away are told again, also those whose number is as before", [2, 2, 1])
    for n in 1, 2, 3:
        site.ctl("bays", "out", f"A-{n}", "--reason", "repair")
    come("where all bays are out of service none is free, and that is known", [0, 0, 0])
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    check.end()


main()
