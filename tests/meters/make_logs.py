"""make_logs.py DIR: exported logs of two CiCs with three heat pumps, with everything that goes wrong in them."""
import math
import os
import random
import sys

START = 1704067200 + 5 * 3600  # 2024-01-01 05:00 UTC
STEP = 10
N = 2 * 8640 + 4000


def pump(seed, energy, heat):
    """One heat pump: rows of its columns, at steps of 10 s."""
    rng = random.Random(seed)
    flow = 800 + 40 * seed
    volume = 100.0 * seed
    for i in range(N):
        t = START + STEP * i
        hour = t / 3600 % 24
        outside = 4 + 4 * math.sin((hour - 9) / 24 * 2 * math.pi)
        defrost = i % 700 < 30 and outside < 5
        on = i % 900 < 700
        el = (1100 + 60 * seed - 40 * outside + 20 * rng.random()) if on else 9 + rng.random()
        dt = (-1.5 if defrost else 5.2 + 0.2 * rng.random()) if on else 0.02
        ret = 30 + 0.5 * math.sin(i / 500)
        q = flow * (1 + 0.01 * rng.random()) if on else 0.0
        p = q * dt * 4.16 / 3.6
        energy += el * STEP / 3.6e6
        heat += max(p, 0) * STEP / 3.6e6
        volume += q * STEP / 3.6e6
        volts = 225 + rng.randrange(12)
        amps = round(el / volts / 0.95, 1)
        yield {
            "acInputVoltage": volts, "acInputCurrent": amps, "powerInput": round(volts * amps, 1),
            "getFanSpeed": 600 if on else 0, "circulatingPumpDutyCycle": round(43 + rng.random(), 1) if on else 4,
            "getCirculatingPumpRelay": on, "bottomPlateHeaterEnable": defrost, "compressorCrankcaseHeaterEnable": not on,
            "temperatureOutside": round(outside, 2), "defrostFlag": defrost, "powerOutput": round(p * 1.02, 1),
            "externalElectricityMeterPower": round(el, 1), "externalElectricityMeterEnergy": round(energy, 2),
            "externalElectricityMeterSerial": 4700 + seed,
            "externalHeatMeterPower": round(p, 0), "externalHeatMeterEnergy": math.floor(heat * 10) / 10,
            "externalHeatMeterFlow": round(q, 0), "externalHeatMeterSupplyTemperature": round(ret + dt, 2),
            "externalHeatMeterReturnTemperature": round(ret, 2), "externalHeatMeterVolume": round(volume, 2),
        }


def cell(v):
    return "" if v is None else str(v).upper() if isinstance(v, bool) else repr(v) if isinstance(v, float) else str(v)


def write(path, pumps, spoil):
    rows = zip(*pumps)
    header = None
    with open(path, "w", encoding="utf-8", newline="") as f:
        for i, both in enumerate(rows):
            row = {"time.ts": (START + STEP * i) * 1000}
            for n, values in enumerate(both, 1):
                row |= {f"hp{n}.{k}": v for k, v in values.items()}
            row |= {"system.quattBuild": "2.13, \"beta\"", "hp1.nothing": None, "hp1.temperatureWaterIn": None}
            if header is None:
                header = list(row)
                f.write("\ufeff" + ",".join(f'"{h}"' for h in header) + "\n")
            for line in spoil(i, row):
                f.write(",".join('"' + v.replace('"', '""') + '"' if isinstance(v, str) and '"' in v else cell(v)
                                 for v in line.values()) + "\n")


def spoil_first(i, row):
    if 9000 <= i < 9240:  # 40 minutes without anything
        return []
    if i == 3000:  # a register that reads zero once, and nonsense once
        row["hp1.externalElectricityMeterEnergy"] = 0
    if i == 3100:
        row["hp1.externalHeatMeterEnergy"] = 99999.9
    if i == 4000:  # no number
        row["hp1.externalElectricityMeterPower"] = "err"
    if 4100 <= i < 4103:
        row["hp2.externalHeatMeterFlow"] = None
    if i >= 12000:  # the second heat pump's electricity meter was replaced
        row["hp2.externalElectricityMeterSerial"] = 9001
        row["hp2.externalElectricityMeterEnergy"] = round(row["hp2.externalElectricityMeterEnergy"] - 300, 2)
    if i == 5000:  # two rows with one time stamp: the second says something else
        twin = dict(row, **{"hp1.externalElectricityMeterPower": 77777.0})
        return [row, twin]
    if i == 6000:  # time goes back an hour for a row
        return [row, dict(row, **{"time.ts": row["time.ts"] - 3600000})]
    if i == 7000:  # no time
        return [row, dict(row, **{"time.ts": None})]
    return [row]


def spoil_second(i, row):
    return [row]


def main():
    folder = sys.argv[1]
    write(os.path.join(folder, "cic1.csv"), [pump(1, 1234.5, 4000), pump(2, 500, 2000)], spoil_first)
    write(os.path.join(folder, "cic2.csv"), [pump(3, 80, 300)], spoil_second)
    path = os.path.join(folder, "cic1.csv")
    with open(path, "rb") as f:
        text = f.read()
    with open(path, "wb") as f:
        f.write(text[:-37])  # in the middle of a line


main()
