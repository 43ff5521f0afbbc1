#!/usr/bin/python3
"""Lock-step: who moves lab time, what a transaction costs, what is held back, and that all of it repeats."""
import json
import os
import select
import socket
import struct
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab_client import *  # noqa: F401,F403,E402

CHARACTER = 11 * S // 19200


@claim
def lab_time_starts_at_zero_at_a_fixed_date_and_moves_only_when_it_is_told():
    with Lab() as lab:
        c = Control(lab)
        assert (c.now, c.utc) == (0, 1767600000 * S)
        assert lab.ready["epoch_utc"] == "2026-01-05T08:00:00Z" and lab.ready["speed"] == 0
        port = rtu_port(lab)
        before = rtu_read(port, 1, 2099, 40)
        assert rtu_read(port, 1, 2099, 40) == before
        assert c.advance(5 * S) == 5 * S
        assert c.advance(3 * S) == 5 * S, "time never goes back"
        assert c.ask("hello") == f"ok {5 * S} {1767600005 * S}"


@claim
def what_is_not_in_the_protocol_is_answered_with_an_error_and_the_line_stays_in_step():
    with Lab() as lab:
        c = Control(lab)
        for line in ("dance 3", "advance", "advance x", "advance 9223372036854775807", "timeout odu", "end nobody",
                     "timeout nobody 5", "timeout odu -5", ""):
            assert c.ask(line).startswith("error "), line
        assert c.ask("hello") == f"ok 0 {1767600000 * S}"
        # two requests in one packet, one request in two
        c.socket.sendall(b"advance 1000000000\nend od")
        assert c.stream.readline() == "now 1000000000\n"
        c.socket.sendall(b"u\n")
        assert c.stream.readline() == "end 1000000000\n"


@claim
def a_transaction_is_charged_its_frames_and_a_turnaround_of_5_to_15_ms():
    with Lab() as lab:
        c = Control(lab)
        port = rtu_port(lab)
        seen = set()
        for i in range(20):
            c.advance(i * S)
            rtu_read(port, 1, 2099, 40)
            turnaround = c.end("odu") - i * S - (8 + 85) * CHARACTER
            assert 5 * MS <= turnaround <= 15 * MS, turnaround
            seen.add(turnaround)
        assert len(seen) == 20
        gateway = tcp_port(lab)
        tcp_read(gateway, 1, 0x0C, 2, 4)
        assert 1 * MS <= c.end("meter") - 19 * S <= 3 * MS


@claim
def an_unanswered_transaction_costs_the_clients_time_out():
    with Lab() as lab:
        c = Control(lab)
        c.timeout("odu", 300 * MS)
        port = rtu_port(lab)
        port.send(rtu(77, read_pdu(2099, 1)))
        assert port.nothing()
        assert c.end("odu") == 300 * MS + 8 * CHARACTER


@claim
def a_reply_late_by_less_than_the_time_out_comes_at_once_and_is_charged():
    with Lab("--fault", "odu1:late@0,ms=250") as lab:
        c = Control(lab)
        c.timeout("odu", 500 * MS)
        port = rtu_port(lab)
        rtu_read(port, 1, 2137, 2)
        assert 250 * MS + 17 * CHARACTER + 5 * MS <= c.end("odu") <= 250 * MS + 17 * CHARACTER + 15 * MS


@claim
def a_reply_later_than_the_time_out_is_withheld_until_lab_time_reaches_it():
    with Lab("--fault", "odu1:late@0,ms=1500,count=1") as lab:
        c = Control(lab)
        c.timeout("odu", 500 * MS)
        port = rtu_port(lab)
        port.send(rtu(1, read_pdu(2122, 1)))
        assert port.nothing()
        c.advance(1499 * MS)
        assert port.nothing()
        c.advance(1500 * MS)
        assert select.select([port.fd], [], [], 0)[0], "the bytes are there before the answer to advance"
        assert port.receive(7) == rtu(1, bytes([3, 2, 2, 3]))


@claim
def whether_a_request_was_answered_can_be_asked_before_the_answer_is_seen():
    with Lab("--fault", "odu1:late@1s,ms=800,count=1", "--fault", "meter:mute@1s,count=1") as lab:
        c = Control(lab)
        port, tcp = rtu_port(lab), tcp_port(lab)
        c.timeout("odu", 500 * MS)
        assert c.ask("answered odu") == "answered -1"  # nothing came
        port.send(rtu(1, read_pdu(2122, 1)))
        assert c.ask("answered odu") == "answered 1" == c.ask("answered odu")
        assert len(port.receive(7)) == 7
        c.end("odu")
        assert c.ask("answered odu") == "answered -1"
        tcp.send(tcp_frame(1, 1, read_pdu(0, 2, 4)))
        assert c.ask("answered meter") == "answered 1" and tcp.receive(13)
        c.advance(1 * S)
        for unit in (1, 9):  # late, and not there
            port.send(rtu(unit, read_pdu(2122, 1)))
            assert c.ask("answered odu") == "answered 0", unit
            assert c.ask("answered odu") == "answered -1", unit
        port.send(rtu(1, read_pdu(2122, 1))[:-1] + b"\0")  # no request
        assert c.ask("answered odu") == "answered 0"
        tcp.send(tcp_frame(2, 1, read_pdu(0, 2, 4)))
        assert c.ask("answered meter") == "answered 0"
        assert c.ask("answered nobody").startswith("error no endpoint is called 'nobody'")
        port.close(), tcp.close(), c.close()


@claim
def a_slow_device_answers_one_after_another_so_the_late_reply_comes_before_the_next():
    with Lab("--fault", "odu1:late@0,ms=800,count=1") as lab:
        c = Control(lab)
        c.timeout("odu", 500 * MS)
        port = rtu_port(lab)
        port.send(rtu(1, read_pdu(2122, 1)))
        assert port.nothing()
        c.advance(510 * MS)  # the client gave up, and asks for something else
        port.send(rtu(1, read_pdu(2138, 1)))
        both = port.receive(14)
        assert both[:7] == rtu(1, bytes([3, 2, 2, 3])), "first the reply to the question before"
        assert both[7:9] == bytes([1, 3]) and crc(both[7:12]) == both[12:]
        # ... while the other unit on the bus is not kept waiting by it
        assert rtu_read(port, 2, 2122, 1) == [0x0203]


def session(seed, steps=60):
    """A scripted session that touches every device; returns all bytes that came back."""
    log = []
    with Lab(seed=seed) as lab:
        c = Control(lab)
        port, gateway = rtu_port(lab), tcp_port(lab)
        rtu_write(port, 1, 2015, 400)
        rtu_write(port, 1, 2010, 4096)
        for i in range(steps):
            c.advance(i * S + 123456789)
            for unit in (1, 2):
                log.append(rtu_ask(port, unit, read_pdu(2099, 40), 85))
            log.append(tcp_ask(gateway, 1, read_pdu(0, 80, 4), 162))
            log.append(tcp_ask(gateway, 2, read_pdu(0, 6), 14))
            log.append(struct.pack(">q", c.end("odu")))
            if i == 20:
                tcp_write(gateway, 2, 0, 3000)
                rtu_write(port, 1, 2015, 700)
    return log


@claim
def the_same_seed_gives_the_same_bytes_and_another_seed_others():
    first = session(5)
    assert session(5) == first
    assert session(6) != first


@claim
def neither_the_order_of_requests_nor_the_way_time_was_cut_changes_a_reading():
    def readings(cuts, order):
        with Lab(seed=9) as lab:
            c = Control(lab)
            port, gateway = rtu_port(lab), tcp_port(lab)
            rtu_write(port, 2, 2015, 250)
            rtu_write(port, 2, 2010, 4096)
            for i in range(1, cuts + 1):
                c.advance(20 * S * i // cuts)
            out = {}
            for what in order:
                if what == "meter":
                    out[what] = tcp_read(gateway, 1, 0, 80, 4)
                else:
                    out[what] = rtu_read(port, what, 2099, 40)
            return out
    assert readings(1, (1, 2, "meter")) == readings(7777, ("meter", 2, 1))


@claim
def a_write_takes_effect_from_its_lab_time_on_and_no_reading_changes_before_the_next_advance():
    with Lab() as lab:
        c = Control(lab)
        port = rtu_port(lab)
        c.advance(10 * S)
        before = rtu_read(port, 1, 2108, 1)
        rtu_write(port, 1, 2010, 4096)
        rtu_write(port, 1, 2015, 100)
        assert rtu_read(port, 1, 2010, 1) == [4096] and rtu_read(port, 1, 2015, 1) == [100]
        assert rtu_read(port, 1, 2108, 1) == before == [0]
        c.advance(11 * S)
        assert rtu_read(port, 1, 2108, 1) == [1 << 11]
        c.advance(40 * S)
        flow = rtu_read(port, 1, 2138, 1)[0] * 0.618
        assert 1150 < flow < 1280, flow
        lab.end()
        writes = [(e["t_s"], e["device"], e["address"], e["value"], e["exception"]) for e in lab.events()
                  if e["event"] == "write"]
        assert writes == [("10.000000", "odu1", "2010", "4096", "0"), ("10.000000", "odu1", "2015", "100", "0")]


@claim
def read_backs_differ_from_the_truth_by_the_injected_errors_and_not_more():
    with Lab(seed=11) as lab:
        c = Control(lab)
        port, gateway = rtu_port(lab), tcp_port(lab)
        rtu_write(port, 2, 2015, 100)
        rtu_write(port, 2, 2010, 4096)
        shown = []
        c.advance(30 * S)
        start = tcp_float(gateway, 0x48)
        for i in range(31, 631):
            c.advance(i * S)
            power, flow = rtu_read(port, 2, 2137, 2)
            shown.append((power * 0.1, flow * 0.618, tcp_float(gateway, 0x0C)))
        energy = tcp_float(gateway, 0x48) - start
        lab.end()
        p = lab.facts()["parameters"]
        mean = [sum(x) / len(shown) for x in zip(*shown)]
        assert abs(mean[0] - (43 * (1 + p["odu2.power_gain"]) + p["odu2.power_offset"])) < 0.05, mean
        assert abs(mean[1] - (1119 * (1 + p["odu2.flow_gain"]) + p["odu2.flow_offset"])) < 0.8, mean
        assert abs(mean[2] - 43 * (1 + p["meter.power_gain"])) < 0.02, mean
        assert abs(1000 * energy - 43 * (1 + p["meter.power_gain"]) / 6) < 1.1, energy
        row = lab.rows()[6000]
        assert row["t_s"] == "600.00" and row["wilo_state"] == "running" and row["awmt_state"] == "off"
        assert abs(float(row["flow_lph"]) - 1119) < 0.5 and abs(float(row["supply_w"]) - 43) < 0.05


@claim
def a_flow_sample_repeats_the_one_before_as_often_as_it_is_set_to():
    repeats = {}
    for often in (0, 0.06, 0.5):
        with Lab("--set", f"odu1.flow_repeat={often}", "--set", "odu1.flow_noise=0.02") as lab:
            c = Control(lab)
            port = rtu_port(lab)
            rtu_write(port, 1, 2015, 100)
            rtu_write(port, 1, 2010, 4096)
            c.advance(30 * S)
            flow = []
            for i in range(31, 431):
                c.advance(i * S)
                flow += rtu_read(port, 1, 2138, 1)
            repeats[often] = sum(a == b for a, b in zip(flow, flow[1:]))
    assert repeats[0] < 20 and 170 < repeats[0.5] < 240, repeats
    assert repeats[0] + 8 < repeats[0.06] < repeats[0] + 50, repeats


@claim
def wilo_at_850_per_mille_reads_4_w_and_no_flow():
    with Lab("--set", "odu2.power_gain=0", "--set", "odu2.power_offset=0") as lab:
        c = Control(lab)
        port = rtu_port(lab)
        rtu_write(port, 2, 2015, 850)
        rtu_write(port, 2, 2010, 4096)
        c.advance(30 * S)
        power, flow = rtu_read(port, 2, 2137, 2)
        assert flow == 0 and 30 <= power <= 50, (power, flow)


@claim
def both_units_see_the_flow_of_the_loop_whichever_pump_runs():
    with Lab() as lab:
        c = Control(lab)
        port = rtu_port(lab)
        rtu_write(port, 1, 2015, 250)
        rtu_write(port, 1, 2010, 4096)
        c.advance(30 * S)
        for unit in (1, 2):
            flow = rtu_read(port, unit, 2138, 1)[0] * 0.618
            assert abs(flow - 1058) < 30, flow
        assert rtu_read(port, 2, 2137, 1) == [0]


@claim
def the_valve_moves_in_its_running_time_and_throttles_the_loop():
    with Lab() as lab:
        c = Control(lab)
        port, gateway = rtu_port(lab), tcp_port(lab)
        rtu_write(port, 1, 2015, 100)
        rtu_write(port, 1, 2010, 4096)
        c.advance(30 * S)
        tcp_write(gateway, 2, 0, 3000)
        c.advance(40 * S)
        assert abs(tcp_read(gateway, 2, 4, 1)[0] - 6667) < 15
        c.advance(51 * S + 100 * MS)
        assert tcp_read(gateway, 2, 4, 2) == [3000, 27]
        c.advance(60 * S)
        assert abs(rtu_read(port, 1, 2138, 1)[0] * 0.618 - 790) < 25
        tcp_write(gateway, 2, 1, 2)  # override: close
        c.advance(80 * S)
        assert tcp_read(gateway, 2, 4, 1) == [0] and rtu_read(port, 1, 2138, 1) == [0]
        assert tcp_read(gateway, 2, 100, 4) == [839, 31324, 8, 302]
        reply = tcp_ask(gateway, 2, write_pdu(0, 10001), 2)
        assert reply[7:] == bytes([0x86, 3])


@claim
def when_the_control_client_goes_time_flows_on_so_that_a_guard_can_reach_the_safe_state():
    with Lab() as lab:
        c = Control(lab)
        port = rtu_port(lab)
        rtu_write(port, 1, 2015, 100)
        rtu_write(port, 1, 2010, 4096)
        c.advance(30 * S)
        c.close()
        rtu_write(port, 1, 2015, 1000)
        rtu_write(port, 1, 2010, 0)
        while rtu_read(port, 1, 2108, 1) != [0]:
            pass
        again = Control(lab)
        assert 30 * S < again.now < 60 * S
        still = again.now
        assert again.advance(still) == still
        lab.end()
        safe = [e for e in lab.events() if e["event"] == "write" and e["value"] in ("1000", "0")]
        assert [e["address"] for e in safe] == ["2015", "2010"] and float(safe[0]["t_s"]) >= 30


@claim
def frames_that_are_not_for_anybody_or_broken_are_met_with_silence_and_do_no_harm():
    with Lab() as lab:
        Control(lab)
        port = rtu_port(lab)
        bad = bytearray(rtu(1, read_pdu(2122, 1)))
        bad[-1] ^= 1
        for frame in (bytes(bad), rtu(1, read_pdu(2122, 1))[:5], rtu(9, read_pdu(2122, 1))):
            port.send(frame)
            assert port.nothing()
            assert rtu_read(port, 1, 2122, 1) == [0x0203]
        for pdu, code in ((read_pdu(2000, 1), 2), (read_pdu(2137, 3), 2), (read_pdu(2099, 1, 4), 1),
                          (b"\x2b\x0e\x01\x00", 1), (b"\x11", 1), (read_pdu(2099, 0), 3), (write_pdu(2015, 1001), 3),
                          (write_pdu(2137, 1), 2)):
            assert rtu_ask(port, 1, pdu, 5) == rtu(1, bytes([pdu[0] | 0x80, code])), pdu.hex()
        many = struct.pack(">BHHBH", 16, 2015, 1, 2, 700)
        assert rtu_ask(port, 2, many, 8) == rtu(2, many[:5])
        assert rtu_read(port, 2, 2015, 1) == [700]


@claim
def a_request_cut_in_pieces_is_one_request():
    with Lab() as lab:
        Control(lab)
        port, gateway = rtu_port(lab), tcp_port(lab)
        frame = rtu(1, read_pdu(2122, 1))
        port.send(frame[:3])
        port.send(frame[3:])
        assert port.receive(7) == rtu(1, bytes([3, 2, 2, 3]))
        frame = tcp_frame(7, 2, read_pdu(3, 1)) + tcp_frame(8, 2, read_pdu(103, 1))
        gateway.send(frame[:5])
        gateway.send(frame[5:])
        assert gateway.receive(22) == tcp_frame(7, 2, b"\x03\x02\x00\x01") + tcp_frame(8, 2, b"\x03\x02\x01\x2e")
        assert tcp_ask(gateway, 9, read_pdu(0, 1), 2)[7:] == b"\x83\x0b", "the gateway has no such unit"


@claim
def a_port_that_a_client_held_for_itself_is_free_again_once_that_client_is_gone():
    import fcntl
    import termios
    import time
    with Lab() as lab:
        fd = os.open(lab.port, os.O_RDWR | os.O_NOCTTY)
        fcntl.ioctl(fd, termios.TIOCEXCL)
        os.close(fd)
        fd = os.open(lab.port, os.O_RDWR | os.O_NOCTTY)
        until, exclusive = time.monotonic() + 5, True
        while exclusive and time.monotonic() < until:
            exclusive = struct.unpack("i", fcntl.ioctl(fd, 0x80045440, bytes(4)))[0]  # TIOCGEXCL
        assert not exclusive
        os.close(fd)


@claim
def wrong_options_end_with_2_and_a_sentence_that_says_what_was_expected():
    for options, said in ((["--rig", "boiler"], "pump"), (["--sped", "1"], "--help"), ([], "--rig"),
                          (["--rig", "pump", "--speed", "0"], "0.001"),
                          (["--rig", "pump", "--speed"], "expected N"),
                          (["--rig", "pump", "--fault", "odu3:mute@1s"], "odu1"),
                          (["--rig", "pump", "--fault", "odu1:muet@1s"], "mute"),
                          (["--rig", "pump", "--fault", "odu1:mute@1x"], "12s"),
                          (["--rig", "pump", "--fault", "odu1:late@1s,sm=3"], "ms"),
                          (["--rig", "pump", "--fault", "odu1:nan@1s"], "no float"),
                          (["--rig", "pump", "--fault", "odu1"], "DEVICE:KIND@T"),
                          (["--rig", "pump", "--set", "odu1.power_gian=1"], "odu1.power_gain"),
                          (["--rig", "pump", "--set", "odu1.power_gain=7"], "-0.5 to 0.5"),
                          (["--rig", "pump", "--lifetime-fd", "99"], "descriptor"),
                          (["--rig", "pump", "--link", __file__], "no link"),
                          (["--rig", "pump", "--control", "/nowhere/x"], "/nowhere/x")):
        done = subprocess.run([PROGRAM, *options], capture_output=True, text=True, timeout=10)
        assert done.returncode == 2 and said in done.stderr and done.stdout == "", (options, done)


@claim
def the_lab_ends_with_its_lifetime_pipe_and_leaves_nothing_behind_but_complete_truth():
    reader, writer = os.pipe()
    os.set_inheritable(reader, True)
    child = subprocess.Popen([PROGRAM, "--rig", "pump", "--lifetime-fd", str(reader)], stdout=subprocess.PIPE,
                             pass_fds=[reader], text=True)
    ready = json.loads(child.stdout.readline())
    os.close(reader)
    folder = os.path.dirname(ready["control"])
    assert os.path.exists(ready["control"]) and os.path.islink(ready["endpoints"]["odu"]["port"])
    assert os.stat(folder).st_mode & 0o777 == 0o700
    os.close(writer)
    assert child.wait(10) == 0
    child.stdout.close()
    assert not os.path.exists(folder)
    with Lab("--fault", "odu1:mute@5s+1s") as lab:
        c = Control(lab)
        c.advance(10 * S)
        assert lab.end() == 0
        assert len(lab.rows()) == 101 and lab.facts()["ended"] is True and lab.facts()["now_s"] == 10
        assert [e["event"] for e in lab.events()] == ["control", "fault-begin", "fault-end"]


@claim
def what_is_expected_of_a_transaction_is_told_unasked_and_time_moves_to_its_end():
    with Lab("--fault", "meter:mute@5s,count=1") as lab:
        c = Control(lab)
        c.timeout("odu", 500 * MS)
        c.timeout("meter", 500 * MS)
        port, tcp = rtu_port(lab), tcp_port(lab)
        c.socket.sendall(b"expect odu 7 1000000 %d\n" % S)
        port.send(rtu(1, read_pdu(2122, 1)))
        assert len(port.receive(7)) == 7
        number, answered, end, now = map(int, c.stream.readline().split()[1:])
        assert (number, answered, now) == (7, 1, end + MS) and end > 8 * CHARACTER + 7 * CHARACTER
        assert c.ask("hello").split()[1] == str(now)
        # not beyond what others wait for; not at all where somebody is busy
        for limit, moved in ((now + MS, MS), (0, 0)):
            before = now
            c.socket.sendall(b"expect odu 8 0 %d\n" % limit)
            port.send(rtu(1, read_pdu(2122, 1)))
            port.receive(7)
            number, answered, end, now = map(int, c.stream.readline().split()[1:])
            assert (number, answered, now) == (8, 1, before + moved) and end > now
        # a device that is silent moves nothing, and the client's wait is its own
        c.advance(5 * S)
        c.socket.sendall(b"expect meter 9 0 %d\n" % (9 * S))
        tcp.send(tcp_frame(1, 1, read_pdu(0, 2, 4)))
        assert c.stream.readline() == f"ended 9 0 {5 * S} {5 * S}\n"
        assert c.ask("answered meter") == "answered 0"
        assert c.ask("expect nobody 1 0 0").startswith("error ") and c.ask("expect odu 1").startswith("error ")


@claim
def a_serial_bus_has_the_same_bytes_at_a_socket_as_long_as_it_is_plugged_in():
    with Lab("--fault", "odu:replug@10s+5s") as lab:
        c = Control(lab)
        path = lab.ready["endpoints"]["odu"]["socket"]
        terminal = rtu_port(lab)
        terminal.send(rtu(1, read_pdu(2122, 1)))
        said = terminal.receive(7)
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(path)
            s.sendall(rtu(1, read_pdu(2122, 1)))
            assert s.recv(100) == said
            c.advance(11 * S)
            assert s.recv(100) == b"", "what is unplugged is gone"
        assert not os.path.exists(path)
        c.advance(16 * S)
        for _ in range(2):  # one after the other
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(path)
                s.sendall(rtu(1, read_pdu(2122, 1)))
                assert len(s.recv(100)) == 7
    assert not os.path.exists(os.path.dirname(path)), "nothing is left behind"


@claim
def against_the_clock_there_is_no_socket_beside_the_terminal():
    with Lab("--speed", "20") as lab:
        assert "socket" not in lab.ready["endpoints"]["odu"]


run()
