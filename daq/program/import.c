#include "daq/program/import.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/program/evaluation_keys.h"
#include "daq/program/evidence.h"
#include "daq/program/program_path.h"
#include "daq/recording/recording_choice.h"
#include "daq/script/recording_map.h"
#include "daq/store/reader.h"

#include <string.h>

enum { MAPS_MOST = 8, SETTINGS_MOST = 128 };

static bool rename_dut(struct recording_file *r, const char *from, const char *to)
{
	if (r->names == RECORDING_DUT_NAMES || !*to || strncmp(from, "hp", 2) != 0)
		return false;
	return text_copy(r->name[r->names].from, sizeof(r->name[0].from), from) &&
	       text_copy(r->name[r->names++].to, sizeof(r->name[0].to), to);
}

static int take_valve(struct recording_file *r, const char *value, const char *text, struct error *e)
{
	static const char *const positions[] = {"open", "throttled", NULL};
	const char *near = nearest_name(value, positions);

	for (int i = 0; positions[i]; i++)
		if (strcmp(value, positions[i]) == 0) {
			text_copy(r->valve, sizeof(r->valve), value);
			return 0;
		}
	return error_set(e, ERROR_USAGE, "--recording %s: valve=%s is no position%s%s%s; expected valve=open or valve=throttled", text, value,
		near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

/* "FILE[,valve=open][,dut=NAME][,hp1=NAME]" */
static int parse_recording(struct recording_file *r, const char *text, struct error *e)
{
	char copy[600], *part, *save = NULL;

	memset(r, 0, sizeof(*r));
	if (!text_copy(copy, sizeof(copy), text))
		return error_set(e, ERROR_USAGE, "--recording %s is too long", text);
	part = strtok_r(copy, ",", &save);
	if (!part || !text_copy(r->path, sizeof(r->path), part))
		return error_set(e, ERROR_USAGE, "--recording %s names no file", text);
	while ((part = strtok_r(NULL, ",", &save))) {
		char *value = strchr(part, '=');

		if (value)
			*value++ = '\0';
		if (value && strcmp(part, "valve") == 0) {
			if (take_valve(r, value, text, e) != 0)
				return -1;
			continue;
		}
		if (value && strcmp(part, "dut") == 0 && text_copy(r->dut, sizeof(r->dut), value))
			continue;
		if (value && rename_dut(r, part, value))
			continue;
		return error_set(e, ERROR_USAGE, "--recording %s: what is '%s'? expected valve=open, valve=throttled, dut=NAME, or "
			"hp1=NAME: what the file's hp1 is called", text, part);
	}
	return 0;
}

/* The same samples twice would make every interval too narrow. */
static int refuse_twice(const struct recording_file *file, int count, struct error *e)
{
	char digest[64][65];

	for (int i = 0; i < count; i++) {
		if (file_digest(file[i].path, digest[i], e) != 0)
			return -1;
		for (int k = 0; k < i; k++)
			if (strcmp(digest[i], digest[k]) == 0)
				return error_set(e, ERROR_DATA, "recording %s holds the same as %s: given twice, its samples would count twice",
					file[i].path, file[k].path);
	}
	return 0;
}

/* The map that was named, else the first known one that fits the headers. */
static int choose_map(struct recording_map *out, char *path, size_t size, const struct acquisition *what,
	const char *named, const struct recording_file *files, int count, struct error *e)
{
	static struct recording_map map[MAPS_MOST];
	int maps = 0, chosen;

	for (; !named[0] && maps < MAPS_MOST && what->maps[maps]; maps++) {
		acquisition_file(path, size, "", what->maps[maps]);
		if (recording_map_read(&map[maps], path, e) != 0)
			return -1;
	}
	chosen = named[0] ? 0 : recording_choose(files, count, map, maps);
	acquisition_file(path, size, named, what->maps[chosen]);
	return recording_map_read(out, path, e);
}

static int settings_of(struct recording_import *import, struct run_setting *setting, const struct acquisition *what,
	const struct acquisition_options *o, struct error *e)
{
	if (o->set.count && !what->evaluation)
		return error_set(e, ERROR_USAGE, "heatbench %s: its evaluation has no settings (--set)", what->name);
	for (int i = 0; i < o->set.count; i++)
		if (evaluation_keys_parse(setting, &import->settings, SETTINGS_MOST, what->evaluation, o->set.item[i], e) != 0)
			return -1;
	import->setting = setting;
	return 0;
}

int import_recordings(const struct acquisition *what, const struct acquisition_options *o, const char *command, char *run,
	size_t size, struct error *e)
{
	static struct recording_file files[64];
	static struct recording_map map;
	static struct run_setting setting[SETTINGS_MOST];
	struct recording_import import = {.file = files, .files = o->recording.count, .map = &map};
	struct run_about about;
	char map_path[512];

	for (int i = 0; i < o->recording.count; i++)
		if (parse_recording(&files[i], o->recording.item[i], e) != 0)
			return -1;
	if (refuse_twice(files, o->recording.count, e) != 0)
		return -1;
	if (choose_map(&map, map_path, sizeof(map_path), what, o->map, files, o->recording.count, e) != 0)
		return -1;
	import.map_path = map_path;
	if (settings_of(&import, setting, what, o, e) != 0)
		return -1;
	evidence_about(&about, what->name, o->label, o->operator, command);
	text_copy(about.procedure, sizeof(about.procedure), "recordings");
	return recording_import(&import, &about, results_folder(o->out), run, size, e);
}
