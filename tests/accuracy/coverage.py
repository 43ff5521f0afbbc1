"""What the study's intervals said of plants with known truth (cover.c) held against it. Used by tests/accuracy/test_coverage.py and
tests/long/campaign_accuracy.py."""
import collections
import concurrent.futures
import json
import os
import subprocess

import numpy
import scipy.stats

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.path.join(ROOT, os.environ.get("BUILD") or "build"))
ONE, ESTIMATE, LOAD, HEATER, CRANKCASE, PUMP, NOISE, Z = range(8)
SPANS = ("row", "hour", "day")


class Unit:
    """A heat pump's injected errors, and the coefficients of what its meter measures in the quantities z (plants.h)."""

    def __init__(self, fields):
        (self.gain, self.offset, self.heater, self.crankcase, self.skew, self.meter_gain, self.meter_offset,
         self.meter_noise) = map(float, fields)
        self.true = numpy.array([self.offset, 0, self.gain, self.heater, self.crankcase, 1, 0])
        self.reference = (1 + self.meter_gain) * self.true + self.meter_offset * self.at(ONE) + self.meter_noise * self.at(NOISE)
        self.error = self.at(ESTIMATE) - self.reference

    @staticmethod
    def at(quantity):
        return numpy.eye(Z)[quantity]


class Plants:
    def __init__(self, count, first=1, jobs=2, **rules):
        """`rules` as cover.c takes them. Each job studies its part."""
        starts = numpy.linspace(0, count, jobs + 1).astype(int)
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            parts = list(pool.map(lambda k: self.run(first + starts[k], starts[k + 1] - starts[k], rules), range(jobs)))
        self.unit, self.interval, self.skew, self.permitted, self.across, self.deming = {}, {}, {}, {}, {}, {}
        moments = []
        for text in parts:
            *rows, last = text.splitlines()
            moments.append(json.loads(last))
            for row in rows:
                self.take(row.split(","))
        self.pumps = len(moments[0])
        self.mean = [[self.pool([m[p][s] for m in moments]) for s in range(3)] for p in range(self.pumps)]
        self.count = len(self.across)

    @staticmethod
    def run(first, plants, rules):
        words = [f"{k}={v}" for k, v in {**rules, "first": first, "plants": plants}.items()]
        done = subprocess.run([os.path.join(BUILD, "tests/accuracy/cover"), *words], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @staticmethod
    def pool(parts):
        """E(z z'): its first column is E(z)."""
        return sum(numpy.array(m["zz"]).reshape(Z, Z) for m in parts) / sum(m["n"] for m in parts)

    def take(self, f):
        plant, rest = int(f[1]), f[2:]
        if f[0] == "U":
            self.unit[plant, int(rest[0])] = Unit(rest[1:])
        elif f[0] == "I":
            self.interval[plant, int(rest[0]), SPANS[int(rest[1])], rest[2]] = tuple(map(float, rest[3:]))
        elif f[0] == "S":
            self.skew[plant, int(rest[0])] = float(rest[1]), float(rest[2])
        elif f[0] == "P":
            self.permitted[plant, int(rest[0])] = float(rest[1])
        elif f[0] == "N":
            self.across[plant] = tuple(map(float, rest))
        else:
            self.deming[plant] = tuple(map(float, rest))

    # --- the truth: expected values over days of the same process, for the units of this plant -----------------

    def parts(self, plant, pump, span):
        """E(e), E(e^2), E(reference) of each heat pump that counts."""
        s = SPANS.index(span)
        for p in range(self.pumps) if pump < 0 else [pump]:
            u, m = self.unit[plant, p], self.mean[p][s]
            yield u.error @ m[:, ONE], u.error @ m @ u.error, u.reference @ m[:, ONE]

    def truth(self, plant, pump, span, metric):
        error, square, reference = numpy.mean(list(self.parts(plant, pump, span)), axis=0)
        return {"bias": error, "rmse": square ** 0.5, "nmbe": 100 * error / reference, "energy_error": 100 * error / reference,
                "cv_rmse": 100 * square ** 0.5 / reference}[metric]

    def deming_truth(self, plant):
        """Slope of the line through hourly means of all heat pumps, errors on both sides alike."""
        second = numpy.zeros((3, 3))
        for p in range(self.pumps):
            u, m = self.unit[plant, p], self.mean[p][1]
            both = numpy.array([u.at(ONE), u.reference, u.at(ESTIMATE)])
            second += both @ m @ both.T / self.pumps
        (xx, xy), (_, yy) = second[1:, 1:] - numpy.outer(second[0, 1:], second[0, 1:])
        return (yy - xx + ((yy - xx) ** 2 + 4 * xy * xy) ** 0.5) / (2 * xy)

    # --- what was held against it ------------------------------------------------------------------------------------

    def misses(self, pump, span, metric):
        """How many intervals lie above the truth, hold it, lie below it. `pump` None: of each alone, the first of each plant only,
        for they share their weather."""
        found = collections.Counter()
        for plant in self.across:
            value, low, high = self.interval[plant, 0 if pump is None else pump, span, metric]
            assert low <= high, (plant, span, metric)
            true = self.truth(plant, 0 if pump is None else pump, span, metric)
            found["above" if true < low else "below" if true > high else "held"] += 1
        return found

    def deming_misses(self):
        found = collections.Counter()
        for plant, (_, low, high, *_) in self.deming.items():
            true = self.deming_truth(plant)
            found["above" if true < low else "below" if true > high else "held"] += 1
        return found

    def skews(self, level=0.95):
        """(error, u) of every heat pump whose skew was found, how many were not."""
        rows = [(s - self.unit[k].skew, u) for k, (s, u) in self.skew.items()]
        known = [r for r in rows if not numpy.isnan(r[0])]
        return numpy.array(known), len(rows) - len(known)

    def energy_errors(self):
        """True energy error of every heat pump of every plant: the population."""
        return numpy.array([self.truth(plant, p, "row", "energy_error") for plant in self.across for p in range(self.pumps)])

    def spreads(self):
        """Tolerance intervals that hold at least 95 % of all heat pumps; prediction intervals that hold one of another plant."""
        population = numpy.sort(self.energy_errors())
        tolerance = prediction = 0
        plants = sorted(self.across)
        for i, plant in enumerate(plants):
            _, _, _, low, high, next_low, next_high = self.across[plant]
            inside = numpy.searchsorted(population, high, "right") - numpy.searchsorted(population, low)
            tolerance += inside >= 0.95 * len(population)
            other = self.truth(plants[(i + 1) % len(plants)], 0, "row", "energy_error")
            prediction += next_low <= other <= next_high
        return tolerance, prediction

    def beyond_permitted(self):
        """Heat pumps whose error against the meter is further from that against the truth than the meter's class permits."""
        beyond = 0
        for (plant, p), permitted in self.permitted.items():
            u, m = self.unit[plant, p], self.mean[p][0]
            against_truth = 100 * ((u.at(ESTIMATE) - u.true) @ m[:, ONE]) / (u.true @ m[:, ONE])
            beyond += abs(self.interval[plant, p, "row", "energy_error"][0] - against_truth) > permitted
        return beyond


def share(hits, count):
    i = scipy.stats.binomtest(hits, count).proportion_ci(0.95, "exact")
    return f"{hits} of {count}: {100 * hits / count:.1f} % ({100 * i.low:.1f} to {100 * i.high:.1f})"


CLAIMS = [("row", "energy_error"), ("row", "nmbe"), ("row", "bias"), ("row", "rmse"), ("row", "cv_rmse"), ("hour", "rmse"), ("hour", "cv_rmse"),
          ("day", "nmbe"), ("day", "rmse")]


def table(plants):
    """[(name, held, count, text)] of every claim."""
    rows = []
    for pump, who in ((-1, "all heat pumps"), (0, "one heat pump")):
        for span, metric in CLAIMS:
            c = plants.misses(pump, span, metric)
            rows.append((f"{metric} by {span}, {who}", c["held"], sum(c.values()), f"; too high {c['above']}, too low {c['below']}"))
    c = plants.deming_misses()
    rows.append(("Deming slope of hourly means", c["held"], sum(c.values()), f"; too high {c['above']}, too low {c['below']}"))
    found, unknown = plants.skews()
    k = 1.96
    rows.append(("skew", int((abs(found[:, 0]) <= k * found[:, 1]).sum()), len(found),
                 f"; mean error {found[:, 0].mean():+.3f} s, sd {found[:, 0].std():.3f} s, mean u {found[:, 1].mean():.3f} s, not found {unknown}"))
    tolerance, prediction = plants.spreads()
    rows.append(("tolerance interval (95 % of heat pumps)", tolerance, plants.count, ""))
    rows.append(("prediction interval (one more)", prediction, plants.count, ""))
    return [(name, held, count, share(held, count) + text) for name, held, count, text in rows]
