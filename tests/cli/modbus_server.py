"""A Modbus TCP server made with pymodbus, in a process of its own. pymodbus 3.0 (Debian 12) to 3.8 (Debian 13).

Reads one line of JSON, {"units": {"1": {"3": {address: word}, "4": {...}, "alone": {address: word}}}}, serves it on a
free port and prints that port. Addresses that are not named are refused; "alone" answers reads of that one word.
"""
import asyncio
import importlib.util
import json
import socket
import sys
import types

for module in ("serial", "serial_asyncio"):  # Debian 12's package imports them even for TCP
    if importlib.util.find_spec(module) is None:
        sys.modules[module] = types.SimpleNamespace(create_serial_connection=None)

from pymodbus import datastore
from pymodbus.server import StartAsyncTcpServer

Unit = getattr(datastore, "ModbusSlaveContext", None) or datastore.ModbusDeviceContext


class Words(datastore.ModbusSequentialDataBlock):
    """Words by protocol address, whatever this version of the package adds to it."""

    shift = 0

    def __init__(self, words, alone):
        super().__init__(0, [0])
        self.words = {int(a): w for a, w in words.items()}
        self.alone = {int(a): w for a, w in alone.items()}

    def validate(self, address, count=1):
        first = address - Words.shift
        return (count == 1 and first in self.alone) or all(a in self.words for a in range(first, first + count))

    def getValues(self, address, count=1):
        first = address - Words.shift
        if count == 1 and first in self.alone:
            return [self.alone[first]]
        return [self.words.get(a, 0) for a in range(first, first + count)]


class Probe(datastore.ModbusSequentialDataBlock):
    def __init__(self):
        super().__init__(0, [0])
        self.asked = None

    def getValues(self, address, count=1):
        self.asked = address
        return [0] * count


def server_context(units):
    try:
        return datastore.ModbusServerContext(slaves=units, single=False)
    except TypeError:
        return datastore.ModbusServerContext(devices=units, single=False)


async def main():
    probe = Probe()
    Unit(hr=probe, ir=probe).getValues(3, 0, 1)
    Words.shift = probe.asked
    units = {}
    for number, content in json.loads(sys.stdin.readline())["units"].items():
        alone = content.get("alone", {})
        units[int(number)] = Unit(hr=Words(content.get("3", {}), alone), ir=Words(content.get("4", {}), alone))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = asyncio.ensure_future(StartAsyncTcpServer(context=server_context(units), address=("127.0.0.1", port)))
    while not server.done():
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            break
        except OSError:
            await asyncio.sleep(0.02)
    print(port, flush=True)
    await server


asyncio.run(main())
