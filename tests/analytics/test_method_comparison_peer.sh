#!/bin/sh
# Lines, agreement and t-tests against scipy, statsmodels and pandas: a second implementation that shares nothing with ours.
here=$(cd "$(dirname "$0")" && pwd)
calculator=${BUILD:-build}/tests/analytics/test_method_comparison
for python in python3 /usr/bin/python3; do
	if "$python" -c 'import pandas, scipy, statsmodels' 2>/dev/null; then
		exec "$python" "$here/method_comparison_peer.py" "$calculator"
	fi
done
echo '1..1'
echo 'ok 1 - method comparison agrees with scipy, statsmodels and pandas # SKIP no python3 with pandas, scipy and statsmodels'
