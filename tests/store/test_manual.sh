#!/bin/sh
# docs/run-folder.md against a run as it is written.
BUILD=${BUILD:-build}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
run=$("$BUILD/tests/store/test_verify" --make finished "$scratch")

echo 1..3
digest=$("$BUILD/heatbench-runs" show --json "$run" | sed -n 's/.*"rows_digest": "\(.*\)".*/\1/p')
python3 - "$run" docs/run-folder.md "$digest" <<'PY'
import hashlib, json, os, re, sqlite3, sys

run, manual = sys.argv[1], open(sys.argv[2]).read()
failed = 0


def claim(number, name, troubles):
    print(f"{'not ok' if troubles else 'ok'} {number} - {name}")
    for trouble in troubles:
        print(f"#   {trouble}")
    return bool(troubles)


db = sqlite3.connect(f"file:{run}/run.db?mode=ro", uri=True)
groups = {row[0] for row in db.execute("SELECT name FROM rate_group")}
missing = []
for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'"):
    part = re.search(rf"^### `{table}`$(.*?)(?=^### |\Z)", manual, re.M | re.S)
    if table in groups:
        continue
    columns = [row[1] for row in db.execute(f'PRAGMA table_info("{table}")')]
    said = re.findall(r"^\| `(\w+)` \| .* \| .+ \|$", part.group(1), re.M) if part else []
    if said != columns:
        missing.append(f"{table}: the tables have {columns}, the manual {said}")
failed |= claim(1, "every_table_and_column_is_in_the_manual", missing)

os.chdir(run)
try:
    exec(re.search(r"```python\n(.*?)```", manual, re.S).group(1))
    troubles = []
except Exception as e:
    troubles = [repr(e)]
failed |= claim(2, "the_manual_s_recipe_verifies_a_run_without_heatbench", troubles)

try:
    exec(re.findall(r"```python\n(.*?)```", manual, re.S)[1])
    troubles = [] if rows_digest == sys.argv[3] else [f"{rows_digest}, heatbench runs show says {sys.argv[3]}"]
except Exception as e:
    troubles = [repr(e)]
failed |= claim(3, "the_manual_s_recipe_gives_the_rows_digest_without_heatbench", troubles)
sys.exit(failed)
PY
