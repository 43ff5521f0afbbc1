"""What the tests of `heatbench device` share: running it, a pymodbus server, a meter on a pseudo-terminal, TAP."""
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import threading
import time
import traceback
import tty

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(HERE, "..", "..", "build")))
PROGRAM = os.path.join(BUILD, "heatbench-device")
claims = []


class Skip(Exception):
    pass


def claim(f):
    claims.append(f)
    return f


def run():
    failed = 0
    print(f"1..{len(claims)}", flush=True)
    for i, f in enumerate(claims, 1):
        try:
            f()
            print(f"ok {i} - {f.__name__}", flush=True)
        except Skip as why:
            print(f"ok {i} - {f.__name__} # SKIP {why}", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {i} - {f.__name__}", flush=True)
            for line in traceback.format_exc().splitlines():
                print("# " + line, flush=True)
    sys.exit(1 if failed else 0)


def device(*words, status=0, env=None):
    """Runs heatbench-device; returns (stdout, stderr)."""
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=60,
                          env={**os.environ, **(env or {})})
    assert done.returncode == status, f"status {done.returncode}, expected {status}: {done.stdout}{done.stderr}"
    return done.stdout, done.stderr


def device_json(*words, status=0):
    return json.loads(device(*words, "--json", status=status)[0])


def python_with_pymodbus():
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import pymodbus"], capture_output=True).returncode == 0:
            return python
    raise Skip("no Python here has pymodbus")


class Server:
    """pymodbus serves these units until the `with` block ends."""

    def __init__(self, units):
        self.units = units

    def __enter__(self):
        self.process = subprocess.Popen([python_with_pymodbus(), os.path.join(HERE, "modbus_server.py")],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.process.stdin.write(json.dumps({"units": self.units}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("the server did not start: " + self.process.stderr.read())
        self.on = f"tcp:127.0.0.1:{int(line)}"
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()


def crc(data):
    c = 0xFFFF
    for b in data:
        c ^= b
        for _ in range(8):
            c = (c >> 1) ^ 0xA001 if c & 1 else c >> 1
    return struct.pack("<H", c)


def whole_requests(heard):
    """Requests by their CRC, and what is not whole yet: a busy machine gives two at once, or half of one."""
    found = []
    while True:
        size = next((n for n in range(4, len(heard) + 1) if crc(heard[:n - 2]) == heard[n - 2:n]), 0)
        if not size:
            return found, heard
        found.append(heard[:size])
        heard = heard[size:]


class Meter:
    """A meter on a pseudo-terminal. `answer(request, number, speed)` says (delay, frame without CRC) or None."""

    def __init__(self, answer):
        self.answer = answer
        self.ended = False
        self.requests = []

    def __enter__(self):
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self

    def serve(self):
        due, heard = [], b""
        while not self.ended:
            wait = min([t for t, _ in due] + [time.monotonic() + 0.02]) - time.monotonic()
            if select.select([self.master], [], [], max(wait, 0))[0]:
                heard += os.read(self.master, 256)
                requests, heard = whole_requests(heard)
                for request in requests:
                    self.requests.append(request)
                    reply = self.answer(request, len(self.requests), termios.tcgetattr(self.master)[4])
                    if reply:  # one thing at a time: what is asked while an answer is late is answered after it
                        after = max([time.monotonic() + reply[0]] + [t for t, _ in due])
                        due.append((after, reply[1] + crc(reply[1])))
            for item in [d for d in due if d[0] <= time.monotonic()]:
                os.write(self.master, item[1])
                due.remove(item)

    def __exit__(self, *_):
        self.ended = True
        self.thread.join()
        os.close(self.master)
        os.close(self.slave)


def words_reply(request, words):
    return request[:2] + bytes([2 * len(words)]) + struct.pack(f">{len(words)}H", *words)


class Lab:
    """heatbench-lab --rig pump at the speed of the clock."""

    def __init__(self, *options):
        self.options = options

    def __enter__(self):
        self.process = subprocess.Popen([os.path.join(BUILD, "heatbench-lab"), "--rig", "pump", "--speed", "1",
                                         *self.options], stdout=subprocess.PIPE, text=True)
        facts = json.loads(self.process.stdout.readline())
        self.odu_path = facts["endpoints"]["odu"]["port"]
        self.odu = f"rtu:{self.odu_path}?baud=19200&parity=E"
        self.tcp_port = facts["endpoints"]["meter"]["tcp_port"]
        self.meter = f"tcp:127.0.0.1:{self.tcp_port}"
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
