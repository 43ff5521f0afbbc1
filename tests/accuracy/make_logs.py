"""make_logs.py DIR: an exported log of one CiC with two heat pumps over three days, 15 s, with what a study meets: the controller's values
come late, gaps, missing flags and readings, commissioning, antifreeze, cooling, defrosts; and a list of what is to be left out."""
import math
import os
import random
import sys

START = 1706655607  # 2024-01-31 00:00:07 in Amsterdam: rows lie across the edges of hours and days
STEP = 15
N = 3 * 5760
SKEW = {1: 2.3, 2: 4.6}


class Pump:
    """States that change at any instant; at(t) is what they are then."""

    def __init__(self, number):
        self.number, rng = number, random.Random(100 + number)
        self.changes, t, level = [], -3600.0, 0
        while t < N * STEP + 3600:
            level = 0 if level and rng.random() < 0.12 else rng.randint(2, 10)
            self.changes.append((t, level, rng.random() < 0.08))
            t += rng.expovariate(1 / 600) + 60 if level else rng.uniform(900, 3000)
        self.place = 0
        self.noise = random.Random(200 + number)

    def at(self, t):
        while self.place + 1 < len(self.changes) and self.changes[self.place + 1][0] <= t:
            self.place += 1
        while self.changes[self.place][0] > t:
            self.place -= 1
        since, level, defrost = self.changes[self.place]
        return level, defrost and level > 0, t - since


def outside(t):
    return 3 + 4 * math.sin((t / 3600 - 9) / 24 * 2 * math.pi) + 1.5 * math.sin(t / 50000)


def true_state(p, t):
    level, defrost, since = p.at(t)
    va = (250 + 140 * level) * (1 + 0.01 * math.sin(t / 37)) if level else 0.0
    return {"va": va, "fan": 0 if defrost or not level else 450 + 30 * level, "duty": 43.0 if level else 4.0, "relay": level > 0,
            "plate": level > 0 and outside(t) < 4, "crank": not level and since > 600 and outside(t) < 4.5, "defrost": defrost}


def power(p, s):
    gain, plate, crank, offset = ((1.15, 158, 36, 6.5), (1.105, 145, 43, 4.0))[p.number - 1]
    return offset + gain * s["va"] - 0.045 * s["fan"] + plate * s["plate"] + crank * s["crank"] + s["duty"] * s["relay"]


def rows(p, electric, heat):
    rng, skew, volume = p.noise, SKEW[p.number], 40.0 * p.number
    for i in range(N):
        t = STEP * i
        late, now = true_state(p, t - skew), true_state(p, t)
        volts = 231 + 2 * math.sin(t / 9000)
        el = power(p, now) + 0.4 * rng.gauss(0, 1)
        flow = 820.0 + 30 * p.number if now["relay"] else 0.0
        dt = 0.0 if not now["relay"] else -1.2 if now["defrost"] else 2.2 + now["va"] / 420
        ret = 29 + 2 * math.sin(t / 20000)
        p_heat = flow * dt * 1.155
        electric += el * STEP / 3.6e6
        heat += max(p_heat, 0) * STEP / 3.6e6
        volume += flow * STEP / 3.6e6
        yield {
            "acInputVoltage": round(volts), "acInputCurrent": round(late["va"] / volts, 1), "getFanSpeed": late["fan"],
            "circulatingPumpDutyCycle": late["duty"], "getCirculatingPumpRelay": late["relay"],
            "bottomPlateHeaterEnable": late["plate"], "compressorCrankcaseHeaterEnable": late["crank"],
            "getMainWorkingMode": 2 if late["relay"] else 0, "supervisoryControlMode": 2 if late["relay"] else 0, "defrostFlag": late["defrost"], "temperatureOutside": round(outside(t), 1),
            "temperatureWaterIn": round(ret + 0.05, 2), "temperatureWaterOut": round(ret + dt * 1.01 + 0.05, 2),
            "flowRate": round(flow * (1.012 if p.number == 1 else 0.995)), "electricPower": round(1.09 * el),
            "powerOutput": round(1.02 * p_heat),
            "externalElectricityMeterPower": round(el, 1), "externalElectricityMeterEnergy": round(electric, 2),
            "externalHeatMeterPower": round(p_heat), "externalHeatMeterEnergy": math.floor(heat * 10) / 10,
            "externalHeatMeterFlow": round(flow), "externalHeatMeterSupplyTemperature": round(ret + dt, 2),
            "externalHeatMeterReturnTemperature": round(ret, 2), "externalHeatMeterVolume": round(volume, 3),
        }


def spoil(i, a, b):
    """None: the row is not there."""
    if 7000 <= i < 7160:  # 40 minutes without anything
        return None
    if i in (300, 301, 9000):  # short holes
        return None
    if 1000 <= i < 1090:
        a["acInputCurrent"] = None
    if 2000 <= i < 2400:
        b["compressorCrankcaseHeaterEnable"] = None
    if 2600 <= i < 3000:
        a["bottomPlateHeaterEnable"] = None
    if 3100 <= i < 3104 or 3200 <= i < 3260:
        a["externalElectricityMeterPower"] = None
    if 4000 <= i < 4240:
        a["supervisoryControlMode"] = 100
    if 4400 <= i < 4500:
        b["supervisoryControlMode"] = 98
    if 5000 <= i < 5300:
        b["getMainWorkingMode"] = 1
    if 8000 <= i < 8100:
        b["externalHeatMeterFlow"] = None
    if 9500 <= i < 9520:
        b["temperatureWaterOut"] = None
    return a, b


def cell(v):
    return "" if v is None else str(v).upper() if isinstance(v, bool) else repr(v) if isinstance(v, float) else str(v)


def main():
    folder = sys.argv[1]
    first, second = Pump(1), Pump(2)
    with open(os.path.join(folder, "cic1.csv"), "w", encoding="utf-8", newline="") as f:
        header = None
        for i, (a, b) in enumerate(zip(rows(first, 1000.0, 4000.0), rows(second, 2000.0, 7000.0))):
            both = spoil(i, a, b)
            if both is None:
                continue
            row = {"time.ts": (START + STEP * i) * 1000}
            for n, values in enumerate(both, 1):
                row |= {f"hp{n}.{k}": v for k, v in values.items()}
            if header is None:
                header = list(row)
                f.write(",".join(f'"{h}"' for h in header) + "\n")
            f.write(",".join(cell(v) for v in row.values()) + "\n")
    with open(os.path.join(folder, "exclude.csv"), "w", encoding="utf-8", newline="") as f:
        f.write("id,from,to,why\n")
        f.write("hp2,2024-02-01T12:00:00Z,2024-02-01T14:30:00Z,the meter's cable was being moved\n")
        f.write("hp9,,,an installation that is not in this study\n")


main()
