"""A Modbus device by pymodbus: holding register a is 3 a + 7, input register a is 65535 - a, a = 0..399; unit 1.

	peer_server.py tcp		prints the port it listens on
	peer_server.py rtu		prints the terminal it answers on

One line on stdout when it is ready, or "skip: WHY". It ends when stdin does. Works with pymodbus 3.0 and 3.8, and
without pyserial: pymodbus speaks RTU frames over TCP to itself, and bytes are carried to a pseudo-terminal.
"""
import asyncio
import importlib.util
import os
import socket
import sys
import threading
import time
import tty
import types


def context():
    from pymodbus import datastore
    from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext
    device = getattr(datastore, "ModbusSlaveContext", None) or datastore.ModbusDeviceContext
    # A block that begins with 1 begins with protocol address 0.
    store = device(hr=ModbusSequentialDataBlock(1, [3 * a + 7 for a in range(400)]),
                   ir=ModbusSequentialDataBlock(1, [65535 - a for a in range(400)]))
    return ModbusServerContext(store, single=True)


def rtu_framer():
    try:  # 3.0 wants a class, 3.8 a name
        from pymodbus import FramerType
        return FramerType.RTU
    except ImportError:
        from pymodbus.transaction import ModbusRtuFramer
        return ModbusRtuFramer


def connect(port):
    for _ in range(400):
        try:
            return socket.create_connection(("127.0.0.1", port), 1)
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("the server does not listen")


def carry(take, give):
    while True:
        try:
            data = take(512)
            if not data:
                return
            give(data)
        except OSError:
            return


def ready(mode, port):
    stream = connect(port)
    if mode == "tcp":
        stream.close()
        print(port, flush=True)
        return
    stream.settimeout(None)
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    master, slave = os.openpty()
    tty.setraw(slave)
    threading.Thread(target=carry, args=(lambda n: os.read(master, n), stream.sendall), daemon=True).start()
    threading.Thread(target=carry, args=(stream.recv, lambda d: os.write(master, d)), daemon=True).start()
    print(os.ttyname(slave), flush=True)


async def serve(mode, port):
    from pymodbus.server import StartAsyncTcpServer
    options = {"framer": rtu_framer()} if mode == "rtu" else {}
    threading.Thread(target=ready, args=(mode, port), daemon=True).start()
    await StartAsyncTcpServer(context=context(), address=("127.0.0.1", port), **options)


def end_with_stdin():
    sys.stdin.read()
    os._exit(0)


def main():
    # The package imports its serial client even where none is used.
    for module in ("serial", "serial_asyncio"):
        if importlib.util.find_spec(module) is None:
            sys.modules[module] = types.SimpleNamespace(create_serial_connection=None)
    try:
        import pymodbus.server  # noqa: F401
    except ImportError as why:
        print(f"skip: {why}", flush=True)
        return
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    threading.Thread(target=end_with_stdin, daemon=True).start()
    asyncio.run(serve(sys.argv[1], port))


main()
