#include "daq/cli/columns.h"

#include "daq/base/text.h"

#include <stdlib.h>
#include <string.h>

struct columns {
	char *alignment;
	int columns, rows, room;
	char **cell; /* [rows * columns] */
};

struct columns *columns_new(const char *alignment)
{
	struct columns *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->alignment = strdup(alignment);
	if (!c->alignment) {
		free(c);
		return NULL;
	}
	c->columns = (int)strlen(alignment);
	return c;
}

static void columns_forget(struct columns *c)
{
	for (int i = 0; i < c->rows * c->columns; i++)
		free(c->cell[i]);
	c->rows = 0;
}

void columns_free(struct columns *columns)
{
	if (!columns)
		return;
	columns_forget(columns);
	free(columns->cell);
	free(columns->alignment);
	free(columns);
}

void columns_row(struct columns *c, const char *const *cells)
{
	if (!c)
		return;
	if (c->rows == c->room) {
		int room = c->room ? 2 * c->room : 32;
		char **grown = realloc(c->cell, (size_t)room * (size_t)c->columns * sizeof(*grown));

		if (!grown)
			return;
		c->cell = grown;
		c->room = room;
	}
	for (int i = 0; i < c->columns; i++)
		c->cell[c->rows * c->columns + i] = strdup(cells[i] ? cells[i] : "");
	c->rows++;
}

static int columns_widest(const struct columns *c, int column)
{
	int widest = 0;

	for (int r = 0; r < c->rows; r++) {
		int width = text_width(c->cell[r * c->columns + column]);

		widest = width > widest ? width : widest;
	}
	return widest;
}

void columns_print(struct columns *c, int indent, FILE *to)
{
	int widest[64] = {0};

	if (!c)
		return;
	for (int i = 0; i < c->columns && i < 64; i++)
		widest[i] = columns_widest(c, i);
	for (int r = 0; r < c->rows; r++) {
		int owed = indent; /* blanks are written before the next text, so that no line ends with them */

		for (int i = 0; i < c->columns && i < 64; i++) {
			const char *text = c->cell[r * c->columns + i];
			int blanks = widest[i] - text_width(text);

			if (c->alignment[i] == 'r')
				owed += blanks;
			if (text && *text) {
				fprintf(to, "%*s%s", owed, "", text);
				owed = 0;
			}
			if (c->alignment[i] != 'r')
				owed += blanks;
			owed += 2;
		}
		fputc('\n', to);
	}
	columns_forget(c);
}
