#include "benches/flow/collection_needed.h"

#include <math.h>

struct flow_needed flow_collection_needed(double resolution, double pulses_per_litre, double u_target)
{
	double target = u_target > 0 ? u_target / 100 : NAN;
	struct flow_needed n = {fmax(0, resolution) / sqrt(6) / target,
		pulses_per_litre > 0 ? 1 / pulses_per_litre / target : 0, NAN};

	if (!isnan(target))
		n.least = fmax(n.mass, n.volume);
	return n;
}
