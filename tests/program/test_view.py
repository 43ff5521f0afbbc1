#!/usr/bin/env python3
"""What an engineer sees while a run goes on: a screen on a terminal, plain lines where there is none."""
import os
import pty
import re
import select
import struct
import subprocess
import termios
import fcntl

import end_to_end as e2e
from end_to_end import claim

PROCEDURE = e2e.write("""
step{ "warm up" }
set("wilo_duty", 1000)
set("wilo_relay", 1)
set("wilo_duty", 400)
hold(20)
step{ "measure it" }
measure{ samples = 40, name = "window" }
""")


class Screen:
    """The program on a terminal of 40 lines and 160 columns; .text is all that it wrote, .rows() what is seen."""

    def __init__(self, *arguments, lines=40, columns=160, term="xterm"):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.size = (lines, columns)
        self.results = e2e.folder()
        self.p = subprocess.Popen([e2e.HEATBENCH, "pump", "--virtual", "--procedure", PROCEDURE, "--out", self.results,
                                   *map(str, arguments)], stdin=slave, stdout=slave, stderr=slave,
                                  env={**os.environ, "TERM": term}, start_new_session=True,
                                  preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        e2e.started.append(self.p)
        self.text = ""

    def read(self, limit=0.05):
        while select.select([self.master], [], [], limit)[0]:
            try:
                self.text += os.read(self.master, 65536).decode(errors="replace")
            except OSError:
                return self.text
        return self.text

    def wait(self, what, pattern, limit=10.0):
        return e2e.wait_for(what, lambda: re.search(pattern, self.read()), limit)

    def end(self, limit=15):
        e2e.wait_for("the end", lambda: self.read() is not None and self.p.poll() is not None, limit)
        self.read()
        return self.p.returncode

    def type(self, text):
        os.write(self.master, text.encode())

    def rows(self):
        return render(self.text, *self.size)


def render(text, lines, columns):
    """Enough of a terminal for what is written here: home, clear, erase, colours, newlines."""
    wraps = True
    rows, y, x = [[" "] * columns for _ in range(lines)], 0, 0
    for m in re.finditer(r"\033\[([0-9;?]*)([A-Za-z])|(\r)|(\n)|([^\033])", text):
        if m.group(2) == "H":
            y = x = 0
        elif m.group(2) == "J":
            if m.group(1) == "2":
                rows = [[" "] * columns for _ in range(lines)]
            else:
                rows[y][x:] = [" "] * (columns - x)
                for below in range(y + 1, lines):
                    rows[below] = [" "] * columns
        elif m.group(2) == "K":
            rows[y][x:] = [" "] * (columns - x)
        elif m.group(3):
            x = 0
        elif m.group(4):
            y += 1
            if y == lines:
                rows, y = rows[1:] + [[" "] * columns], lines - 1
        elif m.group(2) in ("h", "l") and m.group(1) == "?7":
            wraps = m.group(2) == "h"
        elif m.group(5):
            if x == columns and wraps:
                x, y = 0, y + 1
                if y == lines:
                    rows, y = rows[1:] + [[" "] * columns], lines - 1
            rows[y][min(x, columns - 1)] = m.group(5)
            x = min(x + 1, columns)
    return ["".join(r).rstrip() for r in rows]


@claim
def the_screen_shows_step_time_values_with_unit_and_quality_and_how_the_buses_do():
    s = Screen("--speed", 20)
    s.wait("the second step is on the screen", r"step 2/2")
    s.wait("a new picture", r"step 2/2[\s\S]+Ctrl-C ends safely")
    rows = s.rows()
    seen = "\n".join(rows)
    assert re.search(r"step 2/2 +measure it +measuring 40 s", seen), seen
    assert re.search(r"elapsed 0:00:\d\d +remaining about 0:0[01]:\d\d", seen), seen
    assert re.search(r"wilo_flow +\d+(\.\d+)? l/h +good", seen), seen
    assert re.search(r"power +\d+\.\d+ W +good", seen), seen
    assert re.search(r"bus odu +\d+ exchanges, 0 time-outs, .*busy \d+ %", seen), seen
    assert "simulated" in rows[0] and s.results in rows[0], rows[0]
    assert s.end() == e2e.PASSED, s.text[-500:]


@claim
def the_cursor_is_back_after_the_end_and_the_terminal_is_as_it_was():
    s = Screen("--speed", 40)
    assert s.end() == e2e.PASSED, s.text[-500:]
    assert s.text.rindex("\033[?25h") > s.text.rindex("\033[?25l")
    assert termios.tcgetattr(s.slave) == s.before
    assert "recorded" in s.text[s.text.rindex("\033[?25h"):], "the result stands below the screen"


@claim
def ctrl_c_on_the_keyboard_ends_safely_and_leaves_the_cursor():
    s = Screen("--speed", 2)
    s.wait("it runs", r"step 1/2")
    s.wait("the pump runs", r"holding 20 s")
    s.type("\x03")
    assert s.end() == e2e.STOPPED, s.text[-500:]
    assert s.text.rindex("\033[?25h") > s.text.rindex("\033[?25l")
    run = e2e.only_run(s.results)
    assert run.verdict() == "incomplete" and e2e.how_unsafe(run.writes()) is None


@claim
def ctrl_z_does_not_leave_a_running_pump_unwatched():
    s = Screen("--speed", 40)
    s.wait("the pump runs", r"holding 20 s")
    s.type("\x1a")
    assert s.end() == e2e.PASSED, "it went on to its end"


@claim
def a_small_terminal_shows_what_has_room_and_says_how_much_has_not():
    s = Screen("--speed", 20, lines=18, columns=100)
    s.wait("a picture", r"Ctrl-C ends safely[\s\S]+Ctrl-C ends safely")
    rows = s.rows()
    seen = "\n".join(rows)
    assert rows[0].startswith("Circulators") and rows[-1] == "" or "Ctrl-C" in rows[-1], seen
    assert re.search(r"\.\.\. \d+ more channels", seen) and "bus meter" in seen and "elapsed" in seen, seen
    s.type("\x03")
    s.end()


@claim
def a_question_stands_on_the_terminal_until_it_is_answered():
    procedure = e2e.write('step{ "ask" }\nlocal a = ask("Is the valve open?")\nnote("said " .. a)\nhold(1)\n')
    s = Screen("--speed", 20, "--procedure", procedure)
    s.wait("the question", r">>> Is the valve open\?")
    s.type("yes it is\n")
    assert s.end() == e2e.PASSED, s.text[-300:]
    assert "said yes it is" in [t for _, _, t in e2e.only_run(s.results).events()]


@claim
def ctrl_c_at_a_question_ends_safely():
    procedure = e2e.write('step{ "ask" }\nset("wilo_relay", 1)\nset("wilo_duty", 400)\nask("Is the valve open?")\n')
    s = Screen("--speed", 20, "--procedure", procedure)
    s.wait("the question", r">>> Is the valve open\?")
    s.type("\x03")
    assert s.end() == e2e.STOPPED, s.text[-300:]
    assert e2e.how_unsafe(e2e.only_run(s.results).writes()) is None


@claim
def without_a_terminal_there_is_a_plain_line_for_each_step():
    p = e2e.heatbench("pump", "--virtual", "--procedure", PROCEDURE, "--out", e2e.folder())
    lines = p.out.splitlines()
    assert "\033" not in p.out + p.err
    assert re.match(r" +0\.0 s  step 1/2  warm up$", lines[0]) and re.match(r" +\d+\.\d s  step 2/2  measure it$", lines[1]), lines
    assert p.err == "", p.err


@claim
def a_dumb_terminal_gets_plain_lines_too():
    s = Screen(term="dumb")
    assert s.end() == e2e.PASSED
    assert "\033" not in s.text and "step 2/2  measure it" in s.text, s.text


@claim
def quiet_says_nothing_but_the_result_and_json_is_json():
    import json
    p = e2e.heatbench("pump", "--virtual", "--procedure", PROCEDURE, "--out", e2e.folder(), "--json")
    assert json.loads(p.out)["verdict"] == "not judged" and p.err == "", (p.out, p.err)
    p = e2e.heatbench("pump", "--virtual", "--out", e2e.folder(), "--json")
    assert json.loads(p.out)["verdict"] in ("passed", "failed", "undecided"), p.out[:200]
    p = e2e.heatbench("pump", "--virtual", "--procedure", PROCEDURE, "--out", e2e.folder(), "--quiet")
    assert "step" not in p.out.split("recorded")[0] and len(p.out.splitlines()) <= 2, p.out


@claim
def a_result_that_could_not_be_printed_is_not_a_success():
    if not os.path.exists("/dev/full"):
        raise e2e.Skip("no /dev/full")
    with open("/dev/full", "w") as full:
        p = subprocess.run([e2e.HEATBENCH, "pump", "--virtual", "--check"], stdout=full, stderr=subprocess.PIPE, text=True)
        assert p.returncode == e2e.UNABLE and "print" in p.stderr, (p.returncode, p.stderr)
        p = subprocess.run([e2e.HEATBENCH, "pump", "--virtual", "--quiet", "--procedure", PROCEDURE, "--out", e2e.folder()],
                           stdout=full, stderr=subprocess.PIPE, text=True)
        assert p.returncode == e2e.UNABLE, p.returncode
        p = subprocess.run([e2e.HEATBENCH, "pump", "--virtual", "--out", e2e.folder()], stdout=full,
                           stderr=subprocess.PIPE, text=True)
        assert p.returncode == e2e.UNABLE, p.returncode


e2e.finish()
