"""A CiC's feed by Python's own http.server, well and ill behaved, each under a path of its own.

	feed_server.py		prints the port it listens on; ends when stdin does

/feed.json       a whole feed with the time of now       /hour.json     the same from a clock an hour ahead
/null.json       values that are null, no hp2            /fixed.json    a file with Last-Modified, ETag and 304
/500, /404       refused                                 /half.json     half of what Content-Length promises
/chunk.json      chunks, then the connection is cut      /garbage.json  something else
/slow.json       a byte now and then                     /mute.json     nothing at all
/moved.json      points to another machine               /huge.json     2 MiB
/closed.json     the connection is closed at once        /log           how many requests came for each path
"""
import collections
import http.server
import json
import sys
import threading
import time

asked = collections.Counter()
over = threading.Event()


def feed(offset=0.0, host="CIC-test"):
    return {"time": {"ts": int((time.time() + offset) * 1000), "tsHuman": "2023-11-14T22:13:20Z"},
            "system": {"hostName": host},
            "hp1": {"modbusSlaveId": 1, "getMainWorkingMode": 2, "temperatureOutside": 4.12, "temperatureWaterIn": 31.05,
                    "temperatureWaterOut": 36.02, "powerInput": 1053, "power": 4606, "silentModeStatus": False,
                    "limitedByCop": False},
            "hp2": {"powerInput": 980, "power": 4100, "temperatureOutside": 4.0},
            "qc": {"supervisoryControlMode": 2, "flowRateFiltered": 800.3},
            "flowMeter": {"waterSupplyTemperature": 35.9}, "boiler": {"otFbChModeActive": None}}


class Feed(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def say(self, body, status=200, length=None, **headers):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        asked[self.path] += 1
        whole = json.dumps(feed()).encode()
        name = self.path.strip("/").split(".")[0]
        if name == "feed":
            self.say(whole)
        elif name == "hour":
            self.say(json.dumps(feed(3600)).encode())
        elif name == "null":
            ill = feed()
            ill["hp1"]["powerInput"] = None
            ill["hp1"]["temperatureOutside"] = "cold"
            del ill["hp2"]
            self.say(json.dumps(ill).encode())
        elif name == "fixed":
            if self.headers["If-None-Match"] == '"one"' and self.headers["If-Modified-Since"]:
                self.say(b"", 304)
            else:
                self.say(whole, ETag='"one"', Last_Modified="Tue, 14 Nov 2023 22:13:20 GMT")
        elif name in ("500", "404"):
            self.say(b"{}", int(name))
        elif name == "half":
            self.say(whole[:len(whole) // 2], length=len(whole))
            self.close_connection = True
        elif name == "chunk":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"20\r\n" + whole[:32] + b"\r\n")
            self.close_connection = True
        elif name == "garbage":
            self.say(b"<html>no feed today</html>")
        elif name == "slow":
            self.send_response(200)
            self.send_header("Content-Length", str(len(whole)))
            self.end_headers()
            for byte in whole:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                if over.wait(0.1):
                    break
        elif name == "mute":
            over.wait(30)
            self.close_connection = True
        elif name == "moved":
            self.say(b"", 302, Location="http://127.0.0.1:%d/feed.json" % self.server.server_port)
        elif name == "huge":
            self.say(b'{"x":"' + b"y" * (2 << 20) + b'"}')
        elif name == "closed":
            self.close_connection = True
        elif name == "log":
            self.say(json.dumps(asked).encode())
        else:
            self.say(b"{}", 404)

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass  # who asked has gone


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0), Feed)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()
    over.set()


if __name__ == "__main__":
    main()
