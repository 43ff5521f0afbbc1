/*
 * reader_private.h - what a run's reader holds; inside daq/store only.
 */
#ifndef HEATBENCH_STORE_READER_PRIVATE_H
#define HEATBENCH_STORE_READER_PRIVATE_H

#include "daq/store/reader.h"

struct sqlite3;

struct run_reader {
	char folder[4096], file[4104];
	struct sqlite3 *db;
};

#endif
