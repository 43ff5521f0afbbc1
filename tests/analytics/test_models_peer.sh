#!/bin/sh
# ARX, moving means and Welch's analysis of variance against numpy and statsmodels.
here=$(cd "$(dirname "$0")" && pwd)
calculator=${BUILD:-build}/tests/analytics/test_models
for python in python3 /usr/bin/python3; do
	if "$python" -c 'import numpy, statsmodels' 2>/dev/null; then
		exec "$python" "$here/models_peer.py" "$calculator"
	fi
done
echo '1..1'
echo 'ok 1 - models agree with numpy and statsmodels # SKIP no python3 with numpy and statsmodels'
