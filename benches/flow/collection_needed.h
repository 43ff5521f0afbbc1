/*
 * collection_needed.h - how much must be collected so that scale and pulses do not spoil it; for the configuration
 * check of the acquisition program and for the evaluation.
 */
#ifndef HEATBENCH_FLOW_COLLECTION_NEEDED_H
#define HEATBENCH_FLOW_COLLECTION_NEEDED_H

struct flow_needed {
	double mass;   /* kg: two readings of resolution d, u = sqrt(2) d/sqrt(12) = d/sqrt(6); 816 d for 0.05 % */
	double volume; /* l: one pulse in so many; 2000 pulses for 0.05 %; 0 without pulses */
	double least;  /* kg: the larger of the two, a litre taken for a kilogram */
};

/* Resolution in kg (0: not known), pulses a litre (0: the meter has none), target of each relative standard
 * uncertainty in % (0.05). NaN for a target that is not above zero. */
struct flow_needed flow_collection_needed(double resolution, double pulses_per_litre, double u_target);

#endif
