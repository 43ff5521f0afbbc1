#!/bin/sh
# Regressions and their HAC covariance against statsmodels, scikit-learn and scipy.
here=$(cd "$(dirname "$0")" && pwd)
calculator=${BUILD:-build}/tests/analytics/test_regress
for python in python3 /usr/bin/python3; do
	if "$python" -c 'import numpy, scipy, sklearn, statsmodels' 2>/dev/null; then
		exec "$python" "$here/regress_peer.py" "$calculator"
	fi
done
echo '1..1'
echo 'ok 1 - regressions agree with statsmodels, scikit-learn and scipy # SKIP no python3 with statsmodels, scikit-learn and scipy'
