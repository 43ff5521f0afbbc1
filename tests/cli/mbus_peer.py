"""A meter after EN 13757-2 on a file descriptor, which answers byte by byte with the telegram of a real one."""
import json
import os
import select
import subprocess
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(HERE, "..", "..", "build")))
DEVICE = os.path.join(BUILD, "heatbench-device")


def real_telegram():
    """A Multical 601's, which proves the map that is used here: 37351 kWh, address 17."""
    said = subprocess.run([DEVICE, "maps", "kamstrup-403-mbus", "--json"], capture_output=True, text=True, check=True)
    return bytearray.fromhex(json.loads(said.stdout)["proofs"][0]["frame"])


def sealed(frame):
    frame[-2] = sum(frame[4:-2]) & 0xFF
    return bytes(frame)


class Meter:
    """A meter after EN 13757-2 on a file descriptor. `mood(n)` says how the n-th request for data is answered."""

    def __init__(self, read, write, mood):
        self.read, self.write, self.mood = read, write, mood
        self.frame = real_telegram()
        self.energy = int.from_bytes(self.frame[27:31], "little")
        self.asked, self.fcb, self.selected, self.ended, self.heard = 0, None, False, False, b""
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while not self.ended:
            if select.select([self.read], [], [], 0.05)[0]:
                try:
                    self.heard += os.read(self.read, 256)
                except OSError:
                    return
            while self.heard:
                size = 5 if self.heard[0] == 0x10 else self.heard[1] + 6 if len(self.heard) > 1 else 99
                if len(self.heard) < size:
                    break
                request, self.heard = self.heard[:size], self.heard[size:]
                self.answer(request)

    def say(self, data):
        for byte in data:  # as a slow line gives it
            os.write(self.write, bytes([byte]))
            time.sleep(0.0002)

    def answer(self, request):
        control, address = (request[1], request[2]) if request[0] == 0x10 else (request[4], request[5])
        mood = self.mood(self.asked)
        if request[0] == 0x68 and request[6] == 0x52:
            number = bytes(self.frame[7:15])
            self.selected = all(a in (b, 0xFF) for a, b in zip(request[7:15], number))
            self.fcb = None
        if not (address == self.frame[5] or (address == 253 and self.selected)):
            return
        if mood == "mute":
            return
        if control & 0x4F != 0x4B:
            self.fcb = None
            self.say(b"\xe5")
            return
        if self.fcb != control & 0x20:
            self.asked += 1
            self.energy += 1
            self.frame[15] = (self.frame[15] + 1) & 0xFF
        self.fcb = control & 0x20
        frame = bytearray(self.frame)
        frame[27:31] = self.energy.to_bytes(4, "little")
        if mood == "other":
            frame[7:11] = b"\x99\x58\x85\x06"
            frame[27:31] = b"\x03\x00\x00\x00"
        data = bytearray(sealed(frame))
        if mood == "garbled":
            data[40] ^= 0x08
            self.mood = lambda n, at=self.asked, after=self.mood: after(n) if n > at else None
        if mood == "noise":
            self.say(b"\x00\x68\x10\x68\xff\x68\x05\x05\x41")
        self.say(data)

    def end(self):
        self.ended = True
        self.thread.join()


class Player(Meter):
    """Answers each request for data with the same recorded telegram, noise before it."""

    def __init__(self, read, write, telegram):
        self.telegram = telegram
        super().__init__(read, write, lambda n: "good")

    def answer(self, request):
        control, address = (request[1], request[2]) if request[0] == 0x10 else (request[4], request[5])
        if address == self.telegram[5]:
            self.say(b"\xe5" if control == 0x40 else b"\x00\xff\x68\x02" + self.telegram)
