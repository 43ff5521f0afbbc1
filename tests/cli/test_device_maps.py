#!/usr/bin/env python3
"""Every shipped map reads what another program serves: addresses, types, word orders and scales are written down here
a second time, the words are packed by Python's struct and served by pymodbus."""
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from device_peer import Server, claim, device, device_json, run

HIGH, LOW = "high", "low"


def rows(names, first, step, **about):
    return {name: dict(about, at=first + step * i) for i, name in enumerate(names)}


def phases(name, first, step=2, **about):
    return rows([f"{name}_{p}" for p in (1, 2, 3)], first, step, **about)


def sdm(**at):
    return {name: dict(at=a, kind="f") for name, a in at.items()}


SDM_SINGLE = sdm(voltage=0x00, current=0x06, power=0x0C, apparent_power=0x12, reactive_power=0x18, power_factor=0x1E,
                 frequency=0x46, **{"import": 0x48}, export=0x4A, reactive_import=0x4C, reactive_export=0x4E,
                 total=0x156, reactive_total=0x158)

GAVAZZI3 = {**phases("voltage", 0x00, kind="i", scale=0.1), **phases("current", 0x0C, kind="i", scale=0.001),
            **phases("power", 0x12, kind="i", scale=0.1), "power": dict(at=0x28, kind="i", scale=0.1),
            "model_code": dict(at=0x0B, kind="H", alone=True)}

TEMPERATURES = dict(outside_temperature=2110, evaporator_coil_temperature=2111, discharge_temperature=2112,
                    suction_temperature=2113, condensing_temperature=2131, evaporating_temperature=2132,
                    water_in_temperature=2133, water_out_temperature=2134, inner_coil_temperature=2135)

SHELLY_PHASE = dict(voltage=0, current=2, power=4, apparent_power=6, power_factor=8, frequency=13)

MAPS = {
    "sdm120": (4, HIGH, {**SDM_SINGLE, "serial_number": dict(at=0xFC00, kind="I", fc=3)}),
    "sdm230": (4, HIGH, {**SDM_SINGLE, **sdm(phase_angle=0x24, power_demand=0x54)}),
    "sdm630": (4, HIGH, {
        **phases("voltage", 0x00, kind="f"), **phases("current", 0x06, kind="f"), **phases("power", 0x0C, kind="f"),
        **sdm(power=0x34, apparent_power=0x38, reactive_power=0x3C, power_factor=0x3E, frequency=0x46,
              **{"import": 0x48}, export=0x4A, power_demand=0x54, total=0x156),
        **phases("import", 0x15A, kind="f"), **phases("total", 0x166, kind="f")}),
    "em111": (3, LOW, {
        "voltage": dict(at=0, kind="i", scale=0.1), "current": dict(at=2, kind="i", scale=0.001),
        "power": dict(at=4, kind="i", scale=0.1), "power_factor": dict(at=14, kind="h", scale=0.001),
        "frequency": dict(at=15, kind="h", scale=0.1), "import": dict(at=0x10, kind="i", scale=0.1),
        "export": dict(at=0x20, kind="i", scale=0.1), "model_code": dict(at=0x0B, kind="H", alone=True),
        "hardware": dict(at=0x302, kind="H"), "firmware": dict(at=0x303, kind="H")}),
    "em24": (3, LOW, {
        **GAVAZZI3, "power_factor": dict(at=0x35, kind="h", scale=0.001), "frequency": dict(at=0x37, kind="h", scale=0.1),
        "import": dict(at=0x42, kind="i", scale=0.1), "export": dict(at=0x5C, kind="i", scale=0.1),
        **phases("import", 0x46, kind="i", scale=0.1), **phases("serial", 0x1300, kind="I", order=HIGH)}),
    "em340": (3, LOW, {
        **GAVAZZI3, "power_factor": dict(at=0x31, kind="h", scale=0.001), "frequency": dict(at=0x33, kind="h", scale=0.1),
        "import": dict(at=0x34, kind="i", scale=0.1), "export": dict(at=0x4E, kind="i", scale=0.1),
        **phases("power_factor", 0x2E, 1, kind="h", scale=0.001), **phases("import", 0x40, kind="i", scale=0.1)}),
    "abb-b23": (3, HIGH, {
        **phases("voltage", 0x5B00, kind="I", scale=0.1), **phases("current", 0x5B0C, kind="I", scale=0.01),
        "power": dict(at=0x5B14, kind="i", scale=0.01), **phases("power", 0x5B16, kind="i", scale=0.01),
        "frequency": dict(at=0x5B2C, kind="H", scale=0.01), "power_factor": dict(at=0x5B3A, kind="h", scale=0.001),
        **phases("power_factor", 0x5B3B, 1, kind="h", scale=0.001), "import": dict(at=0x5000, kind="Q", scale=0.01),
        "export": dict(at=0x5004, kind="Q", scale=0.01), **phases("import", 0x5460, 4, kind="Q", scale=0.01),
        **phases("export", 0x546C, 4, kind="Q", scale=0.01), "serial_number": dict(at=0x8900, kind="I"),
        "mapping_version": dict(at=0x8910, kind="H"), "type_letters": dict(at=0x8960, kind="I")}),
    "shelly-pro-3em": (4, LOW, {
        **phases("mac", 0, kind="I", order=HIGH), **sdm(neutral_current=1007, current=1011, power=1013,
                                                        apparent_power=1015, **{"import": 1162}, export=1164),
        **{f"{q}_{p}": dict(at=1000 + 20 * p + o, kind="f") for q, o in SHELLY_PHASE.items() for p in (1, 2, 3)},
        **phases("import", 1182, 20, kind="f"), **phases("export", 1184, 20, kind="f")}),
    "keller-33x": (3, HIGH, {**sdm(pressure=0x100, temperature=0x102, pressure_p1=0x02, temperature_tob1=0x08),
                             "serial_number": dict(at=0x202, kind="I")}),
    "adam-4015": (3, HIGH, {**rows([f"temperature_{c}" for c in range(6)], 0, 1, kind="H", scale=200 / 65535, offset=-50),
                            "module_name": dict(at=210, kind="H")}),
    "excelog-6": (3, HIGH, rows([f"temperature_{c}" for c in range(1, 7)], 0x1000, 2, kind="i", scale=0.1)),
    "generic-float": (3, HIGH, sdm(value=0)),
    "analog-8": (3, HIGH, rows([f"output_{n}" for n in range(1, 9)], 0, 1, kind="H", scale=0.1)),
    "kamstrup-403": (4, HIGH, sdm(flow=0, power=4, t1=6, t2=8, energy=20, volume=52)),
    "relay-8": (3, HIGH, {**rows([f"relay_{n}" for n in range(8)], 0, 1, kind="H"),
                          **rows(["contact_0", "contact_1"], 8, 1, kind="H")}),
    "belimo-mod": (3, HIGH, {
        "set_point": dict(at=0, kind="H", scale=0.01), "override": dict(at=1, kind="H"),
        "actuator_type": dict(at=3, kind="H"), "position": dict(at=4, kind="H", scale=0.01),
        **rows(["series_1", "series_2", "series_4"], 100, 1, kind="H"), "firmware": dict(at=103, kind="H", scale=0.01),
        "malfunction": dict(at=104, kind="H")}),
    "quatt-odu": (3, HIGH, {
        **{n: dict(at=a, kind="H") for n, a in dict(
            compressor_level=1999, silent=2006, pump_speed=2015, mode=3999, working_mode=2099, ac_voltage=2100,
            compressor_demand=2102, compressor_frequency=2103, fan_limit=2104, fan_speed=2105, expansion_valve=2107,
            defrosting=2118, protection=2119, failure_1=2120, failure_2=2121, firmware=2122).items()},
        **{n: dict(at=a, kind="H", scale=0.01, offset=-30) for n, a in TEMPERATURES.items()},
        **{n: dict(at=2108, kind="H", bit=b) for n, b in dict(
            fan_low=0, bottom_plate_heater=2, crankcase_heater=3, fan_defrost=4, fan_high=5, four_way_valve=6,
            pump_relay_state=11).items()},
        "pump_failure": dict(at=2121, kind="H", bit=13), "pump_relay": dict(at=2010, kind="H", scale=1 / 4096),
        "ac_current": dict(at=2101, kind="H", scale=0.1), "evaporating_pressure": dict(at=2116, kind="H", scale=0.1),
        "condensing_pressure": dict(at=2117, kind="H", scale=0.1), "pump_power": dict(at=2137, kind="H", scale=0.1),
        "flow": dict(at=2138, kind="H", scale=0.618)}),
}


def raw_value(kind, n):
    """Another value for each register, with something in each word and both signs."""
    return {"f": (-1) ** n * (0.375 + 17.25 * n), "i": (-1) ** n * (70001 + 1234 * n), "I": 3000000001 + 65539 * n,
            "h": (-1) ** n * (300 + 7 * n), "H": 40000 + 101 * n, "Q": 2 ** 50 + 65537 * n}[kind]


def words_of(kind, raw, order):
    data = struct.pack(">" + kind, raw)
    words = list(struct.unpack(f">{len(data) // 2}H", data))
    return words if order == HIGH else words[::-1]


def unit_of(name, raw_of=raw_value):
    """The words of one device, and what its registers then read."""
    function, order, table = MAPS[name]
    unit, expected = {"3": {}, "4": {}, "alone": {}}, {}
    for words in (unit["3"], unit["4"]):  # reads go over the gaps between registers
        ats = [about["at"] for about in table.values()]
        for at in ats:
            words.update({str(a): 0xDEAD for a in range(at, at + 24) if str(a) not in words})
    by_place = {}
    for n, (register, about) in enumerate(table.items()):
        place = (about.get("fc", function), about["at"])
        raw = by_place.setdefault(place, raw_of(about["kind"], n))
        for i, word in enumerate(words_of(about["kind"], raw, about.get("order", order))):
            if about.get("alone"):
                unit["alone"][str(about["at"])] = word
            else:
                unit[str(place[0])][str(about["at"] + i)] = word
        expected[register] = raw >> about["bit"] & 1 if "bit" in about else raw * about.get("scale", 1) + about.get("offset", 0)
    return unit, expected


def close(a, b):
    return a is not None and abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1)


@claim
def every_shipped_map_is_written_down_here_as_well():
    assert {m["name"] for m in device_json("maps") if m["kind"] == "registers"} == set(MAPS)


@claim
def every_map_reads_what_pymodbus_serves_for_it():
    units = {str(i): unit_of(name) for i, name in enumerate(MAPS, 1)}
    with Server({i: unit for i, (unit, _) in units.items()}) as server:
        for i, name in enumerate(MAPS, 1):
            got = device_json("read", "--on", server.on, "--unit", str(i), "--map", name)
            expected = units[str(i)][1]
            assert {r["register"] for r in got["registers"]} == set(expected), name
            for r in got["registers"]:
                assert close(r["value"], expected[r["register"]]), (name, r, expected[r["register"]])


@claim
def what_a_maker_calls_invalid_has_no_value():
    for name, register, bad in (("em111", "power", 0x7FFFFFFF), ("em340", "import", 0x7FFFFFFF), ("sdm630", "power", float("nan")),
                                ("abb-b23", "voltage_2", 0xFFFFFFFF), ("abb-b23", "import", 2 ** 64 - 1),
                                ("abb-b23", "power", 0x7FFFFFFF), ("keller-33x", "pressure", float("inf"))):
        index = list(MAPS[name][2]).index(register)
        unit, _ = unit_of(name, lambda kind, n, i=index, v=bad: v if n == i else raw_value(kind, n))
        with Server({"1": unit}) as server:
            got = device_json("read", "--on", server.on, "--map", name, "--register", register)["registers"][0]
            assert got["value"] is None and "invalid" in got["note"], (name, got)


def shelly(order):
    """A Shelly Pro 3EM on 230 V with its words the one way or the other."""
    unit, expected = unit_of("shelly-pro-3em")
    for register, about in MAPS["shelly-pro-3em"][2].items():
        if about["kind"] != "f":
            continue
        value = 230.25 if register.startswith("voltage") else 50.0 if register.startswith("frequency") else expected[register]
        for i, word in enumerate(words_of("f", value, order)):
            unit["4"][str(about["at"] + i)] = word
    return unit


@claim
def the_word_order_that_fits_is_named_and_can_be_given():
    with Server({"1": shelly(HIGH), "2": shelly(LOW)}) as server:
        wrong = device_json("read", "--on", server.on, "--map", "shelly-pro-3em")
        assert wrong["better_word_order"] == "high-first"
        assert "200 to 260 V is expected" in [r["note"] for r in wrong["registers"] if r["register"] == "voltage_1"]
        assert 'word_order = "high-first"' in device("read", "--on", server.on, "--map", "shelly-pro-3em")[0]
        right = device_json("read", "--on", server.on, "--map", "shelly-pro-3em", "--word-order", "high-first")
        assert right["better_word_order"] == ""
        assert [r["value"] for r in right["registers"] if r["register"] == "voltage_2"] == [230.25]
        assert device_json("read", "--on", server.on, "--unit", "2", "--map", "shelly-pro-3em")["better_word_order"] == ""
        found = device_json("scan", "--on", server.on, "--unit", "1-2")["units"]
        assert [u["maps"][0]["map"] for u in found] == ["shelly-pro-3em"] * 2
        assert [u["maps"][0]["other_word_order"] for u in found] == [True, False]


run()
