#include "daq/recording/recording_choice.h"

#include "daq/store/csv.h"

bool recording_fits(const struct recording_file *file, const struct recording_map *map)
{
	struct csv *csv = NULL;
	bool fits;

	if (csv_open(&csv, file->path, NULL) != 0)
		return false;
	fits = csv_find_any(csv, map->time_column, NULL) >= 0 &&
	       (recording_map_wide(map) || file->dut[0] || map->dut_fixed[0] || (map->dut_column[0] && csv_find(csv, map->dut_column, NULL) >= 0));
	for (int i = 0; i < map->columns && fits; i++)
		fits = !map->column[i].required || csv_find_any(csv, map->column[i].column, NULL) >= 0;
	csv_close(csv);
	return fits;
}

int recording_choose(const struct recording_file *file, int files, const struct recording_map *map, int maps)
{
	for (int m = 0; m < maps; m++) {
		bool fits = true;

		for (int i = 0; i < files && fits; i++)
			fits = recording_fits(&file[i], &map[m]);
		if (fits)
			return m;
	}
	return 0;
}
