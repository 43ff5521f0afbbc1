"""csv_against_json.py FOLDER: each table's CSV holds exactly what report.json holds in values."""
import csv
import json
import sys

report = json.load(open(sys.argv[1] + "/report.json", encoding="utf-8"))
cells = 0


def flat(row):
    for value in row:
        if isinstance(value, dict):
            yield from (value["value"], value["low"], value["high"])
        else:
            yield value


def same(text, value):
    if value is None:
        return text == ""
    return text == value if isinstance(value, str) else float(text) == value


assert len(report["tables"]) > 30, len(report["tables"])
for table in report["tables"]:
    name = table["name"]
    values = table.get("values", table["rows"])
    with open(f"{sys.argv[1]}/{name}.csv", encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    assert len(set(lines[0])) == len(lines[0]), f"{name}: a column is there twice: {lines[0]}"
    assert len(lines) == len(values) + 1, f"{name}: {len(lines)} lines for {len(values)} rows"
    for line, row in zip(lines[1:], values):
        row = list(flat(row))
        assert len(line) == len(lines[0]) == len(row), f"{name}: {line}"
        for text, value in zip(line, row):
            assert same(text, value), f"{name}: {text!r} is not {value!r}"
            cells += 1
assert cells > 1000, cells
