"""A virtual lab started by a test, and raw clients that show every byte (no Modbus library in between).

TAP: collect claims with @claim, end with run(). A claim is a function's name; what it asserts must hold.
"""
import json
import os
import select
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import traceback
import tty

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("BUILD", os.path.join(HERE, "..", "..", "build"))
PROGRAM = os.path.join(BUILD, "heatbench-lab")
S = 10**9
MS = 10**6

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
        except Exception:  # a broken client fails its claim, not the others
            failed += 1
            print(f"not ok {i} - {f.__name__}", flush=True)
            for line in traceback.format_exc().splitlines():
                print("# " + line, flush=True)
    sys.exit(1 if failed else 0)


def crc(data):
    c = 0xFFFF
    for b in data:
        c ^= b
        for _ in range(8):
            c = (c >> 1) ^ 0xA001 if c & 1 else c >> 1
    return struct.pack("<H", c)


def rtu(unit, pdu):
    frame = bytes([unit]) + pdu
    return frame + crc(frame)


def read_pdu(address, count, function=3):
    return struct.pack(">BHH", function, address, count)


def write_pdu(address, value):
    return struct.pack(">BHH", 6, address, value)


class Lab:
    """heatbench-lab in a child process. Ends with the `with` block; only this process is ever signalled."""

    def __init__(self, *options, seed=1, rig="pump"):
        self.folder = tempfile.mkdtemp(prefix="lab-test-")
        self.truth = os.path.join(self.folder, "truth")
        self.child = subprocess.Popen(
            [PROGRAM, "--rig", rig, "--seed", str(seed), "--truth", self.truth, *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError("the lab did not start: " + self.child.stderr.read())
        self.ready = json.loads(line)
        ends = self.ready["endpoints"]
        self.port = ends["odu" if "odu" in ends else "electricity"]["port"]
        self.tcp_port = ends["meter" if "meter" in ends else "electricity_tcp"]["tcp_port"]
        self.status = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
        shutil.rmtree(self.folder)

    def end(self):
        """Ends the lab and waits for it; its truth is complete then."""
        if self.status is None:
            if self.child.poll() is None:
                self.child.terminate()
            self.child.stdout.close()
            self.child.stderr.read()
            self.child.stderr.close()
            self.status = self.child.wait(10)
        return self.status

    def rows(self):
        return self._csv("truth.csv")

    def events(self):
        return self._csv("truth-events.csv")

    def facts(self):
        with open(os.path.join(self.truth, "truth.json")) as f:
            return json.load(f)

    def _csv(self, name):
        import csv
        with open(os.path.join(self.truth, name), newline="") as f:
            return list(csv.DictReader(f))


class Control:
    """The lock-step client."""

    def __init__(self, lab):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(lab.ready["control"])
        self.stream = self.socket.makefile("rw")
        answer = self.ask("hello").split()
        assert answer[0] == "ok", answer
        self.now, self.utc = int(answer[1]), int(answer[2])

    def ask(self, line):
        self.stream.write(line + "\n")
        self.stream.flush()
        return self.stream.readline().rstrip("\n")

    def advance(self, to):
        word, now = self.ask(f"advance {int(to)}").split()
        assert word == "now"
        self.now = int(now)
        return self.now

    def end(self, endpoint):
        word, at = self.ask(f"end {endpoint}").split()
        assert word == "end"
        return int(at)

    def timeout(self, endpoint, ns):
        assert self.ask(f"timeout {endpoint} {int(ns)}") == "ok"

    def close(self):
        self.stream.close()
        self.socket.close()


class Lines:
    """A client of the line socket that shows every line."""

    def __init__(self, lab, name="test"):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(lab.ready["endpoints"]["lines"]["socket"])
        self.stream = self.socket.makefile("rw")
        assert self.ask(f"hello {name}").startswith("ok ")

    def ask(self, line):
        self.stream.write(line + "\n")
        self.stream.flush()
        return self.stream.readline().rstrip("\n")

    def must(self, line):
        answer = self.ask(line)
        assert answer.split()[0] == "ok", (line, answer)

    def claim(self, **kinds):
        for name, kind in kinds.items():
            self.must(f"claim {name} {kind}")

    def take(self, name):
        """Level, missed, edges as (ns, level)."""
        edges, missed = [], 0
        while True:
            words = self.ask(f"take {name} 256").split()
            assert words[0] == "edges", words
            missed += int(words[3])
            assert int(words[4]) == len(words) - 5
            edges += [tuple(map(int, w.split(":"))) for w in words[5:]]
            if int(words[4]) < 256:
                return int(words[2]), missed, edges

    def close(self):
        self.stream.close()
        self.socket.close()


class Port:
    """Raw bytes; `rest` is how long to wait for more once something may still come."""

    def __init__(self, fd):
        self.fd = fd

    def send(self, data):
        os.write(self.fd, data)

    def receive(self, count=512, patience=2.0):
        """Up to `count` bytes: returns when they are there, or nothing came for `patience` seconds."""
        data = b""
        while len(data) < count and select.select([self.fd], [], [], patience)[0]:
            try:
                more = os.read(self.fd, count - len(data))
            except OSError:
                break
            if not more:
                break
            data += more
        return data

    def nothing(self, patience=0.15):
        return self.receive(patience=patience) == b""

    def close(self):
        os.close(self.fd)


def rtu_port(lab):
    fd = os.open(lab.port, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(fd)
    termios.tcflush(fd, termios.TCIOFLUSH)
    return Port(fd)


def tcp_port(lab):
    s = socket.create_connection(("127.0.0.1", lab.tcp_port), 5)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Port(s.detach())


def serial_port(lab, name="scale"):
    fd = os.open(lab.ready["endpoints"][name]["port"], os.O_RDWR | os.O_NOCTTY)
    tty.setraw(fd)
    termios.tcflush(fd, termios.TCIOFLUSH)
    return Port(fd)


def words(data):
    return list(struct.unpack(f">{len(data) // 2}H", data))


def rtu_ask(port, unit, pdu, length):
    """One exchange; `length` is that of the whole reply."""
    port.send(rtu(unit, pdu))
    return port.receive(length)


def rtu_read(port, unit, address, count):
    reply = rtu_ask(port, unit, read_pdu(address, count), 5 + 2 * count)
    assert len(reply) == 5 + 2 * count and reply[:3] == bytes([unit, 3, 2 * count]), reply.hex(" ")
    assert crc(reply[:-2]) == reply[-2:], reply.hex(" ")
    return words(reply[3:-2])


def rtu_write(port, unit, address, value):
    request = rtu(unit, write_pdu(address, value))
    port.send(request)
    reply = port.receive(8)
    assert reply == request, reply.hex(" ")


def tcp_frame(number, unit, pdu):
    return struct.pack(">HHHB", number, 0, len(pdu) + 1, unit) + pdu


def tcp_ask(port, unit, pdu, length, number=1):
    """`length` is that of the reply's PDU."""
    port.send(tcp_frame(number, unit, pdu))
    return port.receive(7 + length)


def tcp_read(port, unit, address, count, function=3):
    reply = tcp_ask(port, unit, read_pdu(address, count, function), 2 + 2 * count)
    assert reply[:9] == tcp_frame(1, unit, bytes([function, 2 * count]) + bytes(2 * count))[:9], reply.hex(" ")
    return words(reply[9:])


def tcp_float(port, address):
    return struct.unpack(">f", struct.pack(">2H", *tcp_read(port, 1, address, 2, 4)))[0]


def tcp_write(port, unit, address, value):
    request = tcp_frame(1, unit, write_pdu(address, value))
    port.send(request)
    assert port.receive(len(request)) == request
