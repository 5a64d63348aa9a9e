#!/usr/bin/python3
"""A field by other hands: pymodbus serves the bays, so that the gateway is not checked by parksim alone.

Units 1 to N on one TCP port, each with B bays: holding register i and discrete input i are bay i + 1,
0 free, 1 occupied (the device maps concentrator-words and concentrator-bits). Bays are numbered
through: A-0001 and so on. A seeded sequence of changes runs; a bay changes again only after its last
state has been read, so every change can be observed and the journal must hold each one.

Prints `line pymodbus tcp HOST PORT` and `ready`, and `done` once the last change has been read; ends
on SIGTERM. The truth log has the form of parksim's.
"""
import argparse
import asyncio
import json
import random
import signal
import sys
import time
import types

# Debian's pymodbus imports this for asynchronous serial lines, but does not depend on it.
sys.modules.setdefault("serial_asyncio", types.ModuleType("serial_asyncio"))
sys.modules["serial_asyncio"].create_serial_connection = None

from pymodbus.datastore import (ModbusSequentialDataBlock, ModbusServerContext,
                                ModbusSlaveContext)
from pymodbus.server.async_io import ModbusTcpServer

STATES = ("free", "occupied")


class Truth:
    """What really happened, one JSON line an event, flushed at once."""

    def __init__(self, path):
        self.file = open(path, "w", encoding="utf-8")

    def tell(self, event, **members):
        line = {"event": event, **members, "mono_us": time.monotonic_ns() // 1000,
                "utc_ms": time.time_ns() // 1_000_000}
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()


class Field:
    """All bays as they are and as they have last been read."""

    def __init__(self, truth, bays):
        self.truth = truth
        self.occupied = [0] * bays
        self.shown = [None] * bays
        self.changed_us = [0] * bays
        self.seq = 0

    @staticmethod
    def name(bay):
        return f"A-{bay + 1:04d}"

    def flip(self, bay):
        self.occupied[bay] ^= 1
        self.changed_us[bay] = time.monotonic_ns() // 1000
        self.truth.tell("change", bay=self.name(bay), state=STATES[self.occupied[bay]])

    def served(self, bay):
        return self.shown[bay] == self.occupied[bay]

    def serve(self, bay):
        if not self.served(bay):
            self.shown[bay] = self.occupied[bay]
            self.seq += 1
            self.truth.tell("served", seq=self.seq, bay=self.name(bay),
                            state=STATES[self.shown[bay]], changed_us=self.changed_us[bay])
        return self.occupied[bay]


class UnitBlock(ModbusSequentialDataBlock):
    """The addresses of one unit: the field's bays from `first` on."""

    def __init__(self, field, first, bays):
        super().__init__(0, [0] * bays)
        self.field = field
        self.first = first

    def getValues(self, address, count=1):
        begin = self.first + address
        return [self.field.serve(bay) for bay in range(begin, begin + count)]


async def run_changes(field, args):
    """`args.changes` changes, in random order of the bays, one every `args.every_ms`."""
    choose = random.Random(args.seed)
    for _ in range(args.changes):
        await asyncio.sleep(args.every_ms / 1000)
        bay = choose.randrange(len(field.occupied))
        while not field.served(bay):
            await asyncio.sleep(0.001)
        field.flip(bay)
    while not all(map(field.served, range(len(field.occupied)))):
        await asyncio.sleep(0.005)
    print("done", flush=True)


async def serve(args):
    field = Field(Truth(args.truth), args.units * args.bays)
    slaves = {}
    for unit in range(args.units):
        block = UnitBlock(field, unit * args.bays, args.bays)
        slaves[unit + 1] = ModbusSlaveContext(di=block, hr=block, zero_mode=True)
    server = ModbusTcpServer(ModbusServerContext(slaves=slaves, single=False),
                             address=(args.host, args.port), allow_reuse_address=True)
    serving = asyncio.ensure_future(server.serve_forever())
    await server.serving
    port = server.server.sockets[0].getsockname()[1]
    print(f"line pymodbus tcp {args.host} {port}\nready", flush=True)
    changes = asyncio.ensure_future(run_changes(field, args))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    changes.cancel()
    serving.cancel()


def main():
    parser = argparse.ArgumentParser(description="A Modbus TCP field served by pymodbus")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes any")
    parser.add_argument("--units", type=int, default=2)
    parser.add_argument("--bays", type=int, default=20, help="a unit")
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument("--every-ms", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--truth", required=True, help="log of what really happened")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
