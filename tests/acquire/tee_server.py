"""A bus with two ends joined through this program, and a pseudo-terminal that hears both: master, slaves, and a listener.

	tee_server.py pymodbus|mbpoll [GLITCH]

A pymodbus server (unit 1: holding register a is 3 a + 7; unit 2: 5 a + 11; a = 0..2199) answers a master, which asks unit 1
for 2099 to 2138, unit 2 for 2099 to 2108, unit 9, which nobody is, and, if it is pymodbus, writes 2015 of unit 1 (function 6,
400 + its round). GLITCH: the listener hears a byte 0 before every answer, as of a line that turns round. Prints the listener's terminal,
or "skip: WHY"; when stdin ends "silent", or "written" if anything was ever sent from the listener's side.

pymodbus speaks RTU frames over TCP to this program, so that it needs no pyserial.
"""
import asyncio
import importlib.util
import os
import socket
import subprocess
import sys
import threading
import time
import tty
import types


def terminal():
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    return ours, os.ttyname(theirs)


def listening():
    server = socket.create_server(("127.0.0.1", 0))
    return server, server.getsockname()[1]


def connect(port):
    for _ in range(400):
        try:
            return socket.create_connection(("127.0.0.1", port), 1)
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("the server does not listen")


def carry(take, gives):
    while True:
        data = take(512)
        if not data:
            return
        for give in gives:
            give(data)


def serve(port):
    from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
    from pymodbus.server import StartAsyncTcpServer
    from pymodbus.transaction import ModbusRtuFramer
    slaves = {u: ModbusSlaveContext(hr=ModbusSequentialDataBlock(1, [(k * a + c) & 0xFFFF for a in range(2200)]))
              for u, (k, c) in {1: (3, 7), 2: (5, 11)}.items()}
    asyncio.run(StartAsyncTcpServer(context=ModbusServerContext(slaves=slaves, single=False), framer=ModbusRtuFramer,
                                    address=("127.0.0.1", port), ignore_missing_slaves=True))


def ask_by_pymodbus(port):
    from pymodbus.client import ModbusTcpClient
    from pymodbus.transaction import ModbusRtuFramer
    client = ModbusTcpClient("127.0.0.1", port=port, framer=ModbusRtuFramer, timeout=1, retries=0)  # whole seconds
    for turn in range(1000):
        client.connect()
        client.read_holding_registers(2099, 40, slave=1)
        client.read_holding_registers(2099, 10, slave=2)
        client.write_register(2015, 400 + turn, slave=1)
        if turn % 8 == 2:
            client.read_holding_registers(2099, 4, slave=9)
        time.sleep(0.1)


def ask_by_mbpoll(path):
    while True:
        for unit, count in ((1, 40), (2, 10), (9, 4)):
            subprocess.run(["mbpoll", "-m", "rtu", "-b", "19200", "-P", "none", "-a", str(unit), "-t", "4", "-0", "-r", "2099",
                            "-c", str(count), "-1", "-o", "1", "-q", path], stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=5)
        time.sleep(0.1)


def start(work, *arguments):
    threading.Thread(target=work, args=arguments, daemon=True).start()


def join(master_take, master_give, slave, listener, glitch):
    start(carry, master_take, (lambda data: os.write(listener, data), slave.sendall))
    start(carry, slave.recv, (lambda data: os.write(listener, glitch + data), master_give))


def main():
    # The package imports its serial client even where none is used.
    for module in ("serial", "serial_asyncio"):
        if importlib.util.find_spec(module) is None:
            sys.modules[module] = types.SimpleNamespace(create_serial_connection=None)
    try:
        import pymodbus
        assert pymodbus.__version__.startswith("3.0"), "pymodbus " + pymodbus.__version__
    except (ImportError, AssertionError) as why:
        print("skip: %s" % why, flush=True)
        return
    listener, listener_path = terminal()
    probe, port = listening()
    probe.close()
    glitch = b"\0" if len(sys.argv) > 2 else b""
    start(serve, port)
    slave = connect(port)
    slave.settimeout(None)
    if sys.argv[1] == "mbpoll":
        master, path = terminal()
        join(lambda size: os.read(master, size), lambda data: os.write(master, data), slave, listener, glitch)
        start(ask_by_mbpoll, path)
    else:
        server, port = listening()
        start(ask_by_pymodbus, port)
        latest = [server.accept()[0]]

        def take(size):  # pymodbus hangs up when nobody answers, and calls again
            data = latest[0].recv(size)
            while not data:
                latest[0] = server.accept()[0]
                data = latest[0].recv(size)
            return data
        join(take, lambda data: latest[0].sendall(data), slave, listener, glitch)
    heard = []
    start(lambda: heard.append(os.read(listener, 1)))
    print(listener_path, flush=True)
    sys.stdin.read()
    os.write(1, b"written\n" if heard else b"silent\n")
    os._exit(0)


main()
