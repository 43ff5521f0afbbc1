#!/bin/sh
# Effective samples, Welch and t against scipy and statsmodels: a second implementation that shares nothing with ours.
here=$(cd "$(dirname "$0")" && pwd)
calculator=${BUILD:-build}/tests/analytics/test_stats
for python in python3 /usr/bin/python3; do
	if "$python" -c 'import scipy, statsmodels' 2>/dev/null; then
		exec "$python" "$here/stats_peer.py" "$calculator"
	fi
done
echo '1..1'
echo 'ok 1 - statistics agree with scipy and statsmodels # SKIP no python3 with scipy and statsmodels'
