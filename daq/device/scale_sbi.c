/*
 * scale_sbi.c - Sartorius Balance Interface. A line has 14 characters (sign, blank, weight in 8, blank, unit in 3), or 20
 * with six characters of identity before them (`N     `, `Stat  `). 16 and 22 count CR and LF.
 *
 * The manuals disagree on where the weight begins (position 2 on Quintix, 3 elsewhere) and where brackets stand (position
 * 10 or 11), so sign, weight and bracket are read as one field of eleven.
 */
#include "daq/device/scale.h"

#include "daq/base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { FIELD = 11, SHORT = 14, HEAD = 6, LONG = SHORT + HEAD };

/* Left and right blanks off. */
static void trim(const char *from, size_t length, char *to, size_t size)
{
	while (length > 0 && *from == ' ') {
		from++;
		length--;
	}
	while (length > 0 && from[length - 1] == ' ')
		length--;
	if (length >= size)
		length = size - 1;
	memcpy(to, from, length);
	to[length] = '\0';
}

/* What is said instead of a weight. `H`, `L`, `C` and two-letter forms are those of older balances. */
static bool parse_special(const char *words, struct scale_reply *reply)
{
	static const struct {
		const char *words;
		enum scale_state state;
		const char *text;
	} rows[] = {
		{"High", SCALE_OVERLOAD, "above its range"},
		{"H", SCALE_OVERLOAD, "above its range"},
		{"HH", SCALE_OVERLOAD, "above its range, checkweighing"},
		{"Low", SCALE_UNDERLOAD, "below its range"},
		{"L", SCALE_UNDERLOAD, "below its range"},
		{"LL", SCALE_UNDERLOAD, "below its range, checkweighing"},
		{"C", SCALE_NOT_EXECUTABLE, "adjusting"},
		{"Cal.Ext.", SCALE_NOT_EXECUTABLE, "adjusting with an external weight"},
		{"Cal. Ext.", SCALE_NOT_EXECUTABLE, "adjusting with an external weight"},
		{"Cal.Int.", SCALE_NOT_EXECUTABLE, "adjusting with its internal weight"},
		{"--", SCALE_NOT_EXECUTABLE, "the display is not final"},
		{"- -", SCALE_NOT_EXECUTABLE, "the display is not final"},
		{"OFF", SCALE_NOT_EXECUTABLE, "in standby, or the display unit is off"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(words, rows[i].words) == 0) {
			scale_reply_set(reply, rows[i].state, rows[i].text);
			return true;
		}
	return false;
}

/* `Err 54`, `ERR 101`, `APP.ERR`, `DIS.ERR`, `PRT.ERR`: some manuals lose the last letter. */
static bool parse_error(const char *words, struct scale_reply *reply)
{
	static const char *const parts[] = {"APP.ER", "DIS.ER", "PRT.ER"};
	bool error = strncasecmp(words, "Err ", 4) == 0 && words[4 + strspn(words + 4, " 0123456789")] == '\0';

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		error = error || strncasecmp(words, parts[i], strlen(parts[i])) == 0;
	if (error)
		scale_reply_set(reply, SCALE_FAULT, words);
	return error;
}

/* The last three characters; a unit stands left, and has no blank in it. */
static bool read_unit(const char *field, char unit[4])
{
	trim(field, 3, unit, 4);
	return (*unit == '\0' || field[0] != ' ') && !strchr(unit, ' ') && !strpbrk(unit, "+-.[]0123456789");
}

/* The 14 characters of a weight or of what stands in its place. */
static void parse_body(const char *body, bool status, const char *blank_unit, struct scale_reply *reply)
{
	char words[SHORT + 1], unit[4];

	trim(body, SHORT, words, sizeof(words));
	if (parse_special(words, reply) || parse_error(words, reply))
		return;
	scale_reply_set(reply, SCALE_GARBLED, status ? "a status that is not in the manuals" : "no weight, status or error");
	if (status || (body[0] != '+' && body[0] != '-' && body[0] != ' ') || !read_unit(body + FIELD, unit))
		return;
	scale_reply_weight(reply, *unit ? SCALE_STABLE : SCALE_DYNAMIC, body, FIELD, unit, blank_unit);
	reply->padded = reply->width > 0;
}

/* The weight on the display: net, gross, or without a word. Other words stand before other weights (tare, sums). */
static bool is_weight_head(const char *head)
{
	char word[HEAD + 1];

	trim(head, HEAD, word, sizeof(word));
	return word[0] == '\0' || strcmp(word, "N") == 0 || strcmp(word, "G") == 0;
}

static void parse_weight(const char *line, const char *blank_unit, struct scale_reply *reply)
{
	size_t length = strlen(line);

	if (length == SHORT)
		parse_body(line, false, blank_unit, reply);
	else if (length == LONG && strncmp(line, "Stat  ", HEAD) == 0)
		parse_body(line + HEAD, true, blank_unit, reply);
	else if (length == LONG && is_weight_head(line))
		parse_body(line + HEAD, false, blank_unit, reply);
	else if (length == LONG && isalpha((unsigned char)line[0]))
		scale_reply_set(reply, SCALE_OTHER_ANSWER, "another weight than that on the pan, or an identity");
}

/* A line that would also do as a weight or a status is no identity: it may be a late answer. */
static void parse_identity(const char *line, struct scale_reply *reply)
{
	struct scale_reply weight;
	char text[sizeof(reply->text)];

	scale_reply_set(&weight, SCALE_GARBLED, NULL);
	parse_weight(line, "g", &weight);
	trim(line, strlen(line), text, sizeof(text));
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c >= 0x7f)
			return;
	if (weight.state != SCALE_GARBLED && weight.state != SCALE_OTHER_ANSWER)
		scale_reply_set(reply, SCALE_OTHER_ANSWER, "the answer to another request");
	else if (text[0])
		scale_reply_set(reply, SCALE_DONE, text);
}

static void sbi_parse(enum scale_ask ask, const char *line, const char *blank_unit, struct scale_reply *reply)
{
	if (ask == SCALE_SERIAL || ask == SCALE_MODEL)
		parse_identity(line, reply);
	else
		parse_weight(line, blank_unit, reply);
}

/* CR and LF behind a command are optional ("Format 1: Esc ! CR LF"). Whether ESC P waits for a stable weight is a setting
 * of the balance (print with or without stability), so there is no request of its own for that. The port: 9600 8O1 of
 * recent balances (Entris II); older ones come with 1200 7O1. */
const struct scale_driver scale_sartorius_sbi = {
	.name = "sartorius-sbi",
	.title = "Sartorius SBI",
	.port = {9600, 'O', 8, 1, false},
	.ask = {[SCALE_WEIGH] = "\033P\r\n", [SCALE_TARE] = "\033T\r\n", [SCALE_ZERO] = "\033V\r\n",
		[SCALE_SERIAL] = "\033x2_\r\n", [SCALE_MODEL] = "\033x1_\r\n"},
	.silent = {[SCALE_TARE] = true, [SCALE_ZERO] = true},
	.parse = sbi_parse,
};
