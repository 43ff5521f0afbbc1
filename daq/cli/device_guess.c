#include "daq/cli/device_guess.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/base/units.h"
#include "daq/cli/device.h"
#include "daq/script/map_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ASKED = 256, CANDIDATES = 16 };

/* Maps share registers: each is asked for once a unit. */
struct answers {
	int count;
	struct answer {
		int function, address, words;
		struct words_reply reply;
	} answer[ASKED];
};

int device_guesser_open(struct device_guesser *g, struct error *e)
{
	char **names = NULL;

	memset(g, 0, sizeof(*g));
	if (map_file_list(&names, e) != 0)
		return -1;
	for (char **n = names; *n; n++) {
		struct error ignored = ERROR_INIT;

		if (g->maps < GUESS_MAPS && map_file_read(&g->map[g->maps], *n, &ignored) == 0) {
			if (g->map[g->maps]->kind == MAP_REGISTERS)
				g->maps++;
			else
				register_map_free(g->map[g->maps]);
		}
		free(*n);
	}
	free(names);
	return 0;
}

void device_guesser_close(struct device_guesser *g)
{
	for (int i = 0; i < g->maps; i++)
		register_map_free(g->map[i]);
	g->maps = 0;
}

static const struct words_reply *ask(struct answers *a, struct device_line *line, int unit, const struct register_row *row)
{
	int words = register_words(row->type);
	struct answer *new;

	for (int i = 0; i < a->count; i++)
		if (a->answer[i].function == row->function && a->answer[i].address == row->address &&
			a->answer[i].words == words)
			return &a->answer[i].reply;
	if (a->count == ASKED || device_stopped)
		return NULL;
	new = &a->answer[a->count++];
	new->function = row->function;
	new->address = row->address;
	new->words = words;
	device_line_read(line, unit, row->function, row->address, words, &new->reply);
	return &new->reply;
}

static bool is_constant(const struct register_map *map, int row)
{
	for (int i = 0; i < map->identities; i++)
		if (map->identity[i] == row)
			return true;
	return map->check == row;
}

static void add_why(struct device_guess *g, const struct register_row *row, double value)
{
	size_t used = strlen(g->why);
	char unit[24];

	snprintf(g->why + used, sizeof(g->why) - used, "%s%s %.10g%s", used ? ", " : "", row->name, value,
		unit_label(row->unit, unit));
}

/* One row's say. Returns false where it speaks against the map. */
static bool weigh(const struct register_row *row, bool constant, const struct words_reply *r, struct device_guess *g)
{
	double value;

	if (!r || r->status != WIRE_OK || !register_decode(row, r->words, &value))
		return false;
	if (row->expects && !register_expected(row, value))
		return false;
	if (constant && value == 0)
		return false; /* a server that says zero to everything is no meter */
	g->constants += constant;
	g->expected += row->expects;
	add_why(g, row, value);
	return true;
}

/* The whole map, with its word order or the other. */
static bool weigh_map(const struct register_map *map, bool swapped, struct answers *a, struct device_line *line, int unit,
	struct device_guess *g)
{
	memset(g, 0, sizeof(*g));
	text_copy(g->map, sizeof(g->map), map->name);
	text_copy(g->title, sizeof(g->title), map->title);
	g->swapped = swapped;
	for (int i = 0; i < map->rows; i++) {
		struct register_row row = map->row[i];
		bool constant = is_constant(map, i);

		if (!row.expects && !constant)
			continue;
		if (swapped && !row.own_order)
			row.order = row.order == WORDS_HIGH_FIRST ? WORDS_LOW_FIRST : WORDS_HIGH_FIRST;
		if (!weigh(&row, constant, ask(a, line, unit, &map->row[i]), g))
			return false;
	}
	return g->constants + g->expected > 0;
}

static int by_weight(const void *a, const void *b)
{
	const struct device_guess *x = a, *y = b;
	int weight = y->constants + y->expected - x->constants - x->expected;

	return weight ? weight : strcmp(x->map, y->map);
}

int device_guess(struct device_guesser *g, struct device_line *line, int unit, struct device_guess *out, int room)
{
	struct answers *answers = calloc(1, sizeof(*answers));
	struct device_guess all[CANDIDATES];
	int n = 0;

	for (int i = 0; answers && i < g->maps && n < CANDIDATES && !device_stopped; i++)
		if (weigh_map(g->map[i], false, answers, line, unit, &all[n]) ||
			(weigh_map(g->map[i], true, answers, line, unit, &all[n]) && all[n].expected > 0))
			n++;
	free(answers);
	qsort(all, (size_t)n, sizeof(all[0]), by_weight);
	if (n > room)
		n = room;
	memcpy(out, all, (size_t)n * sizeof(all[0]));
	return n;
}

const char *device_guess_sureness(const struct device_guess *g)
{
	return (g->expected && g->constants) || g->expected >= 3 ? "likely" : "possibly";
}
