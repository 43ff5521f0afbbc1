#!/usr/bin/env python3
"""heatbench device decode against telegrams of real meters and what another program made of them (libmbus' XML)."""
import glob
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from device_peer import PROGRAM, Skip, claim, device, device_json, run

HERE = os.path.dirname(os.path.abspath(__file__))
FRAMES = os.path.join(HERE, "..", "..", "..", "shared", "data", "mbus-frames")
FUNCTIONS = {"Instantaneous value": "instantaneous", "Maximum value": "maximum", "Minimum value": "minimum",
             "Value during error state": "during error", "Manufacturer specific": "instantaneous"}
UNITS = {"Wh": "Wh", "m^3": "m3", "m^3/h": "m3/h", "W": "W", "°C": "degC", "Â°C": "degC", "K": "K", "s": "s", "V": "V", "A": "A", "-": "s"}
QUANTITIES = {"Fabrication No": "fabrication_number", "Time point (date & time)": "date_time", "Time point (date)": "date",
              "Volume": "volume", "Energy": "energy", "Volume flow": "flow", "Power": "power",
              "Flow temperature": "flow_temperature", "Return temperature": "return_temperature",
              "Temperature difference": "temperature_difference", "On time": "on_time", "Operating time": "operating_time",
              "Error flags": "error_flags", "Voltage": "voltage", "Current": "current", "Reset counter": "reset_counter",
              "Firmware version": "firmware_version", "Software version": "software_version",
              "Customer location": "customer_location", "Manufacturer specific": "makers"}


def frames():
    found = sorted(glob.glob(os.path.join(FRAMES, "*.hex")))
    if not found:
        raise Skip("the telegrams of real meters are not here (../shared/data/mbus-frames)")
    return found


def text_of(element, name):
    child = element.find(name)
    return "" if child is None or child.text is None else child.text


def decoded(path):
    telegrams = device_json("decode", "--mbus", path)
    assert len(telegrams) == 1
    return telegrams[0]


def same_record(ours, theirs, where):
    function, value, unit = text_of(theirs, "Function"), text_of(theirs, "Value"), text_of(theirs, "Unit")
    assert ours["function"] == FUNCTIONS[function], where
    assert ours["storage"] == int(text_of(theirs, "StorageNumber")), where
    assert ours["tariff"] == int(text_of(theirs, "Tariff") or 0), where
    assert ours["subunit"] == int(text_of(theirs, "Device") or 0), where
    if function == "Manufacturer specific":
        assert ours["text"] == value and ours["quantity"] is None, where
        return
    assert ours["quantity"] == QUANTITIES[text_of(theirs, "Quantity")], where
    assert ours["valid"], where
    if "-" in value[1:]:
        assert (ours["text"] + ":00Z" if "T" in value else ours["text"]) == value, where
    else:  # the XML has six decimals
        assert abs(ours["value"] - float(value)) <= 1e-9 * abs(float(value)) + 0.5e-6, (where, ours["value"], value)
    if unit:
        assert ours["unit"] == UNITS[unit], where
    else:
        assert ours["unit"] in ("", "1"), where


@claim
def real_telegrams_have_the_records_that_another_program_finds():
    count = 0
    for path in frames():
        telegram = decoded(path)
        theirs = ElementTree.parse(path[:-4] + ".norm.xml").getroot().findall("DataRecord")
        if text_of(theirs[-1], "Function") == "More records follow":
            theirs.pop()
            assert telegram["more"], path
        else:
            assert not telegram["more"], path
        assert len(telegram["records"]) == len(theirs), path
        for i, (a, b) in enumerate(zip(telegram["records"], theirs)):
            same_record(a, b, f"{os.path.basename(path)} record {i}")
            count += 1
    assert count > 80, count
    print(f"# {count} records of {len(frames())} telegrams")


@claim
def real_telegrams_say_who_they_are_from():
    media = {"Heat: Outlet": 4, "Electricity": 2, "Heat / Cooling load meter": 13}
    for path in frames():
        telegram, info = decoded(path), ElementTree.parse(path[:-4] + ".norm.xml").getroot().find("SlaveInformation")
        assert int(telegram["id"]) == int(text_of(info, "Id")), path
        assert telegram["manufacturer"] == text_of(info, "Manufacturer"), path
        assert telegram["version"] == int(text_of(info, "Version")), path
        assert telegram["medium"] == media[text_of(info, "Medium")], path
        assert telegram["access"] == int(text_of(info, "AccessNumber")), path
        assert telegram["status"] == int(text_of(info, "Status"), 16), path
        assert telegram["signature"] == int(text_of(info, "Signature"), 16), path


@claim
def every_single_wrong_byte_of_a_real_telegram_is_refused():
    """A sum finds each; a few single runs of the program, each byte in turn over the telegrams."""
    for path in frames():
        good = bytes.fromhex(open(path).read())
        for at in range(0, len(good), max(1, len(good) // 12)):
            bad = bytearray(good)
            bad[at] ^= 0x24
            out, said = decode(bad, status=2)
            assert out == "" and "byte " in said, (path, at, said)


def decode(data, status=0, *words):
    with tempfile.NamedTemporaryFile("w", suffix=".hex") as f:
        f.write(data if isinstance(data, str) else bytes(data).hex())
        f.flush()
        return device("decode", "--mbus", f.name, *words, status=status)


HEAT = ("68 3F 3F 68 08 05 72 78 56 34 12 2D 2C 35 04 07 00 00 00 04 06 D2 04 00 00 04 14 2E 16 00 00 04 22 10 27 00 00"
        " 04 2D 2D 00 00 00 04 3B 20 03 00 00 02 59 AC 0D 02 5D B8 0B 02 61 F4 01")


def sealed(text):
    data = bytearray.fromhex(text)
    data[1] = data[2] = len(data) - 4
    return bytes(data) + bytes([sum(data[4:]) & 0xFF, 0x16])


@claim
def the_record_set_of_a_multical_403_reads_as_a_person_would():
    out = decode(sealed(HEAT))[0]
    assert "meter 12345678 of KAM, version 53, heat" in out
    rows = {line.split()[1]: line.split()[2:4] for line in out.splitlines() if line[:4].strip().isdigit()}
    assert rows["energy"] == ["1234000", "Wh"] and rows["volume"] == ["56.78", "m3"]
    assert rows["power"] == ["4500", "W"] and rows["flow"] == ["0.8", "m3/h"]
    assert rows["flow_temperature"] == ["35", "degC"] and rows["return_temperature"] == ["30", "degC"]
    assert rows["temperature_difference"] == ["5", "K"]


@claim
def errors_name_the_byte_and_what_was_expected():
    good = sealed(HEAT)
    wrong = bytearray(good)
    wrong[-2] ^= 1
    cases = {
        "expected hex digits, 'x' came": "68 3F xx",
        "ends with half a byte, byte 1": "68 3",
        "holds no bytes": "# nothing\n",
        "byte 0: expected the start of a frame (68h, 10h or E5h), 42h came": "42",
        f"byte 2: expected the same length again, {good[2] ^ 1:02X}h came": (good[:2] + bytes([good[2] ^ 1]) + good[3:]).hex(),
        f"byte {len(good) - 2}: wrong checksum": wrong.hex(),
        f"byte {len(good) - 9}: the frame is cut short: it has {len(good)} bytes": good[:-9].hex(),
        "byte 6: expected CI 72h or 76h": sealed("68 00 00 68 08 05 73 01 02 03 04").hex(),
        "the fixed data structure is not read": sealed("68 00 00 68 08 05 73 01 02 03 04").hex(),
        "expected the 12 bytes of the header, 4 came": sealed("68 00 00 68 08 05 72 01 02 03 04").hex(),
        "the telegram is encrypted (mode 5)": sealed(HEAT.replace("07 00 00 00", "07 00 00 05", 1)).hex(),
        "expected the rest of a value, the telegram's data end here": sealed(HEAT + " 04 06 01").hex(),
        "expected a VIF, the telegram's data end here": sealed(HEAT + " 04").hex(),
        "3Fh is no DIF that a meter sends": sealed(HEAT + " 3F 06").hex(),
        "the meter reports an application error (CI 70h, code 08h)": sealed("68 00 00 68 08 05 70 08").hex(),
    }
    for expected, text in cases.items():
        out, said = decode(text, status=2)
        assert out == "" and expected in said, (expected, said)
    assert "--mbus FILE.hex" in device("decode", status=2)[1]
    assert "/nowhere.hex" in device("decode", "--mbus", "/nowhere.hex", status=2)[1]


@claim
def several_frames_of_a_file_are_each_shown():
    data = "E5 # acknowledged\n10 5B 05 60 16\n" + sealed(HEAT).hex()
    out = decode(data)[0]
    assert "acknowledgement (E5h)" in out and "short frame: C 5Bh, address 5" in out and "meter 12345678" in out
    out, said = decode(data + "68", status=2)
    assert "frame that begins at byte" in said


@claim
def a_full_disk_is_no_success():
    done = subprocess.run(["sh", "-c", f"echo E5 | {PROGRAM} decode --mbus - > /dev/full"], capture_output=True, text=True)
    assert done.returncode == 2 and "cannot write" in done.stderr, done


run()
