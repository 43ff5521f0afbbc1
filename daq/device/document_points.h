/*
 * document_points.h - what every document device tells besides its map's rows: how its clock goes, how old it is.
 */
#ifndef HEATBENCH_DEVICE_DOCUMENT_POINTS_H
#define HEATBENCH_DEVICE_DOCUMENT_POINTS_H

#include "daq/device/register_map.h"

enum document_point {
	DOCUMENT_POINT_NONE = -1,   /* a row of the map */
	DOCUMENT_POINT_OFFSET = 0, /* clock_offset: its time stamp minus our clock at the middle of the fetch, s */
	DOCUMENT_POINT_AGE,	    /* document_age: since a fetch first showed this time stamp, s */
	DOCUMENT_POINTS
};

/* The rows, to stand behind those of a map. */
extern const struct register_row document_points[DOCUMENT_POINTS];

enum document_point document_point_of(const struct register_row *row);

#endif
