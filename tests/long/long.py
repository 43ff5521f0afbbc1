"""What the long campaigns share: their size, figures, several runs at a time, a run's values held against the truth.

LONG=N makes every campaign N times as long (0.1 works, too), SEED=N draws another one.
"""
import concurrent.futures
import json
import os
import random
import shutil
import sys

import numpy
import pandas
import scipy.stats

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "program"))
import end_to_end as e2e  # noqa: E402

LONG = float(os.environ.get("LONG") or 1)
SEED = int(os.environ.get("SEED") or 1)
JOBS = int(os.environ.get("LONG_JOBS") or 1)


def scaled(count):
    return max(1, round(count * LONG))


def draw(*what):
    """Random numbers of one part of a campaign: the same for the same SEED, whatever runs before it."""
    return random.Random("/".join(map(str, (SEED, *what))))


def figure(text):
    print("# figure: " + text, flush=True)


def each(f, count, jobs=JOBS):
    """f(0) ... f(count - 1), some at a time."""
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(f, range(count)))


def share(hits, count):
    """In words: share of hits with its exact (Clopper, Pearson) 95 % interval."""
    i = scipy.stats.binomtest(hits, count).proportion_ci(0.95, "exact")
    return f"{hits} of {count}: {100 * hits / count:.2f} % ({100 * i.low:.2f} to {100 * i.high:.2f} %)"


def some(found, most=5):
    return f"{len(found)}: {found[:most]}"


def remove(run):
    shutil.rmtree(os.path.dirname(run.path), ignore_errors=True)


# --- the truth --------------------------------------------------------------

NOISES = 6  # a noisy reading may be so many standard deviations off
BACK, AHEAD = 3.2, 1.2  # s: what an instrument refreshes once a second, and when it was read in its scan
STARTING = 4  # s: read-back shows codes, no power


class Truth:
    def __init__(self, place):
        table = pandas.read_csv(os.path.join(place, "truth.csv"), engine="c", dtype={p + "_state": "category" for p in e2e.PUMPS})
        self.column = {name: table[name].to_numpy() for name in table if not name.endswith("_state")}
        for name in (p + "_state" for p in e2e.PUMPS):
            starts = [i for i, state in enumerate(table[name].cat.categories) if state.startswith("start")]
            self.column[name] = numpy.isin(table[name].cat.codes, starts)
        self.step = round(self.column["t_s"][1] - self.column["t_s"][0], 3)

    def rows(self, begin, end):
        return slice(max(0, int(numpy.floor(begin / self.step))), int(numpy.ceil(end / self.step)) + 1)

    def windows(self, name, at, reduce):
        """reduce() of the column around each instant."""
        back, ahead = int(numpy.ceil(BACK / self.step)), int(numpy.ceil(AHEAD / self.step)) + 1
        padded = numpy.pad(self.column[name].astype(float), (back, ahead), mode="edge")
        least = reduce(numpy.lib.stride_tricks.sliding_window_view(padded, back + ahead + 1), axis=1)
        return least[numpy.clip(numpy.floor(at / self.step).astype(int), 0, len(least) - 1)]


def quantities(parameter):
    """channel: (column of the truth, gain, offset, relative and absolute tolerance)"""
    table = {"power": ("supply_w", parameter["meter.power_gain"], 0, 0.002, NOISES * parameter["meter.power_noise"] + 0.3),
             "valve_position": ("valve_percent", 0, 0, 0, 1)}
    for pump, unit in e2e.PUMPS.items():
        noise = NOISES * parameter[unit + ".flow_noise"]
        table[pump + "_flow"] = ("flow_lph", parameter[unit + ".flow_gain"], parameter[unit + ".flow_offset"], noise, 3)
        table[pump + "_feedback"] = (pump + "_power_w", parameter[unit + ".power_gain"], parameter[unit + ".power_offset"],
                                     0, NOISES * parameter[unit + ".power_noise"] + 1)
    return table


class Held:
    """A run's good values held against the truth."""

    def __init__(self, run, truth="truth"):
        place = run.file(truth)
        with open(os.path.join(place, "truth.json")) as f:
            self.parameter = json.load(f)["parameters"]
        self.run, self.truth = run, Truth(place)
        self.checked, self.wrong = 0, []
        self.ticks = numpy.array([t for t, in run.sql("SELECT tick FROM scan ORDER BY tick")])
        self.at = run.lab_time(0) + self.ticks * run.one("SELECT period FROM run") / 1e9
        self.count_qualities()
        for channel, row in quantities(self.parameter).items():
            self.measured(channel, *row)
        for pump in e2e.PUMPS:
            self.output(pump + "_duty", pump + "_duty_permille")
            self.output(pump + "_relay", pump + "_relay")

    def count_qualities(self):
        self.qualities = dict(self.run.sql("SELECT q.name, count(*) FROM flag f JOIN quality q ON q.code = f.quality GROUP BY 1"))
        self.zeros = 0  # values of scans that did not come and are not NULL
        for channel, number in self.run.channels().items():
            table, = self.run.sql("SELECT rate_group FROM channel WHERE id = ?", number)[0]
            self.zeros += self.run.one(
                f"SELECT count(*) FROM flag f JOIN quality q ON q.code = f.quality JOIN {table} s ON s.tick = f.tick "
                f"WHERE f.channel = ? AND q.name IN ('timeout', 'checksum', 'exception', 'gap') AND s.{channel} IS NOT NULL",
                number)

    def good(self, channel):
        """Values, NaN where not good, and which of them are good."""
        values = numpy.array([numpy.nan if v is None else v for v, in self.run.sql(f"SELECT {channel} FROM scan ORDER BY tick")])
        flags = [t for t, in self.run.sql("SELECT tick FROM flag WHERE channel = ?", self.run.channels()[channel])]
        good = numpy.ones(len(values), bool)
        good[numpy.searchsorted(self.ticks, [t for t in flags if self.ticks[0] <= t <= self.ticks[-1]])] = False
        for i in numpy.flatnonzero(good & numpy.isnan(values)):
            self.wrong.append((channel, float(self.at[i]), None, "good without a value"))
        return values, good & ~numpy.isnan(values)

    def measured(self, channel, column, gain, offset, relative, absolute):
        values, good = self.good(channel)
        low = self.truth.windows(column, self.at, numpy.min) * (1 + gain - relative) + offset - absolute
        high = self.truth.windows(column, self.at, numpy.max) * (1 + gain + relative) + offset + absolute
        off = good & ~((values >= low) & (values <= high))
        self.checked += int(good.sum())
        for i in numpy.flatnonzero(off):
            if not self.excused(channel, column, values, i, gain, offset, relative, absolute):
                self.wrong.append((channel, float(self.at[i]), float(values[i]), (float(low[i]), float(high[i]))))

    def excused(self, channel, column, values, i, gain, offset, relative, absolute):
        """What the instrument itself shows: codes, zero below what it sees, a reading that it repeats."""
        at, pump = self.at[i], channel.split("_")[0]
        rows = self.truth.rows(at - STARTING, at + STARTING)
        if channel.endswith("_feedback"):
            switched = self.truth.column[pump + "_relay"][rows]
            return self.truth.column[pump + "_state"][rows].any() or (values[i] == 0 and not switched.all())
        least = self.truth.column[column][self.truth.rows(at - BACK, at + AHEAD)].min()
        if channel.endswith("_flow") and values[i] == 0 and least < self.parameter[e2e.PUMPS[pump] + ".flow_cutoff"] + 5:
            return True
        first = i
        while first and values[first - 1] == values[i]:
            first -= 1
        true = self.truth.column[column][self.truth.rows(self.at[first] - BACK, at + AHEAD)]
        return first < i and true.min() * (1 + gain - relative) + offset - absolute <= values[i] \
            <= true.max() * (1 + gain + relative) + offset + absolute

    def output(self, channel, column):
        """A set point that is good is what the device has."""
        values, good = self.good(channel)
        self.checked += int(good.sum())
        low, high = (self.truth.windows(column, self.at, f) for f in (numpy.min, numpy.max))
        for i in numpy.flatnonzero(good & ~((low == high) & (values == low))):
            if values[i] not in self.truth.column[column][self.truth.rows(self.at[i] - AHEAD, self.at[i] + AHEAD)]:
                self.wrong.append((channel, float(self.at[i]), float(values[i]), (float(low[i]), float(high[i]))))

    def ticks_are_all_there(self):
        return len(self.ticks) and bool((numpy.diff(self.ticks) == 1).all())


# --- faults -----------------------------------------------------------------

DEVICES = ("odu1", "odu2", "meter", "valve")
KINDS = ("late", "short", "garbled", "mute", "wrong-unit", "exception", "replug")


def fault(rng, until, longest, least=1.0):
    """One fault at any time until then, as --fault takes it."""
    kind = rng.choice(KINDS)
    device = rng.choice(("odu-bus", "meter-bus")) if kind == "replug" else rng.choice(DEVICES)
    lasts = least * (longest / least) ** rng.random()
    text = f"{device}:{kind}@{rng.uniform(5, until):.2f}s+{lasts:.2f}s"
    if kind == "late":
        text += f",ms={rng.randint(50, 1800)}"
    if kind == "exception":
        text += f",code={rng.choice((1, 2, 3, 4, 6))}"
    return text
