/*
 * scale_sics.c - Mettler Toledo's Standard Interface Command Set, and the Kern Communications Protocol, which has its
 * grammar: `S S     100.00 g`, the request's word, a status, a weight right-aligned in ten characters, a unit.
 */
#include "daq/device/scale.h"

#include "daq/base/text.h"

#include <stdio.h>
#include <string.h>

/* First words of what answers a request; the second is a habit of some terminals. */
static const char *const echoes[SCALE_ASKS][2] = {
	[SCALE_WEIGH] = {"S", "SI"},
	[SCALE_WEIGH_STABLE] = {"S", "S"},
	[SCALE_TARE] = {"T", "T"},
	[SCALE_ZERO] = {"Z", "Z"},
	[SCALE_SERIAL] = {"I4", "I4"},
	[SCALE_MODEL] = {"I2", "I2"},
};

static bool is_weight(enum scale_ask ask)
{
	return ask == SCALE_WEIGH || ask == SCALE_WEIGH_STABLE;
}

/* ES, ET and EL come instead of an answer, without its first word. */
static bool parse_error(const char *line, struct scale_reply *reply)
{
	static const struct {
		const char *line, *text;
	} errors[] = {{"ES", "ES: it does not know the request"}, {"ET", "ET: the request arrived damaged"},
		{"EL", "EL: it cannot carry out the request"}};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (strcmp(line, errors[i].line) == 0) {
			scale_reply_set(reply, SCALE_FAULT, errors[i].text);
			return true;
		}
	return false;
}

/* A status that stands alone; false: it is none of them. */
static bool parse_status(const char *status, struct scale_reply *reply)
{
	static const struct {
		const char *status;
		enum scale_state state;
		const char *text;
	} rows[] = {{"I", SCALE_NOT_EXECUTABLE, "busy, or not stable in time"},
		{"L", SCALE_FAULT, "L: a parameter is not allowed"},
		{"+", SCALE_OVERLOAD, "above its range"},
		{"-", SCALE_UNDERLOAD, "below its range"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(status, rows[i].status) == 0) {
			scale_reply_set(reply, rows[i].state, rows[i].text);
			return true;
		}
	return false;
}

/* `weight unit`: one word with blanks before it, one blank or more, one word. */
static void parse_weight(enum scale_state state, const char *field, struct scale_reply *reply)
{
	size_t blanks = strspn(field, " "), number = blanks + strcspn(field + blanks, " ");
	const char *unit = field + number + strspn(field + number, " ");
	size_t length = strcspn(unit, " ");
	char name[sizeof(reply->unit)];

	if (strncmp(field + blanks, "Error", 5) == 0) {
		scale_reply_set(reply, SCALE_FAULT, field + blanks);
		return;
	}
	scale_reply_set(reply, SCALE_GARBLED, "no weight and unit behind the status");
	if (length == 0 || length >= sizeof(name) || unit[length + strspn(unit + length, " ")])
		return;
	memcpy(name, unit, length);
	name[length] = '\0';
	scale_reply_weight(reply, state, field, number, name, "");
}

/* `A "text"`, or the text without its quotes. */
static void parse_identity(const char *field, struct scale_reply *reply)
{
	size_t length = strlen(field);
	char text[sizeof(reply->text)];

	if (length >= 2 && field[0] == '"' && field[length - 1] == '"') {
		field++;
		length -= 2;
	}
	if (length == 0 || length >= sizeof(text) || memchr(field, '"', length)) {
		scale_reply_set(reply, SCALE_GARBLED, "no text where the identity should be");
		return;
	}
	memcpy(text, field, length);
	text[length] = '\0';
	scale_reply_set(reply, SCALE_DONE, text);
}

/* What stands behind the request's word: a status, and behind that and a blank perhaps more. */
static void parse_answer(enum scale_ask ask, const char *answer, struct scale_reply *reply)
{
	char status = answer[0];
	const char *field = status && answer[1] == ' ' ? answer + 2 : "";

	if (parse_status(answer, reply))
		return;
	scale_reply_set(reply, SCALE_GARBLED, "no status that it has");
	if (!status || (answer[1] && answer[1] != ' '))
		return;
	/* InstrumentKit's balance says A where the manual says S. */
	if (is_weight(ask) && (status == 'S' || status == 'A'))
		parse_weight(SCALE_STABLE, field, reply);
	else if (is_weight(ask) && status == 'D')
		parse_weight(SCALE_DYNAMIC, field, reply);
	else if ((ask == SCALE_TARE && (status == 'A' || status == 'S')) || (ask == SCALE_ZERO && status == 'A'))
		scale_reply_set(reply, SCALE_DONE, field);
	else if ((ask == SCALE_SERIAL || ask == SCALE_MODEL) && status == 'A')
		parse_identity(field, reply);
}

/* Whether the line begins with the first word of any answer that there is here. */
static bool is_other(const char *line, size_t word)
{
	static const char *const words[] = {"S", "SI", "T", "TI", "TA", "TAC", "Z", "ZI", "I0", "I1", "I2", "I3", "I4",
		"I5", "@", "K", "D", "SR", "SU"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == word && strncmp(line, words[i], word) == 0)
			return line[word] == ' ';
	return false;
}

static void sics_parse(enum scale_ask ask, const char *line, const char *blank_unit, struct scale_reply *reply)
{
	size_t word = strcspn(line, " ");

	(void)blank_unit;
	if (parse_error(line, reply))
		return;
	for (int i = 0; i < 2; i++)
		if (line[word] && strlen(echoes[ask][i]) == word && strncmp(line, echoes[ask][i], word) == 0) {
			parse_answer(ask, line + word + 1, reply);
			return;
		}
	if (is_other(line, word))
		scale_reply_set(reply, SCALE_OTHER_ANSWER, "the answer to another request");
}

#define SICS_ASKS                                                                                              \
	{                                                                                                      \
		[SCALE_WEIGH] = "SI\r\n", [SCALE_WEIGH_STABLE] = "S\r\n", [SCALE_TARE] = "T\r\n",              \
		[SCALE_ZERO] = "Z\r\n", [SCALE_SERIAL] = "I4\r\n", [SCALE_MODEL] = "I2\r\n"                    \
	}

/* Port: the set-up that janelia's and Atlantis' libraries ask for; MT-SICS itself leaves it open. */
const struct scale_driver scale_mt_sics = {
	.name = "mt-sics",
	.title = "Mettler Toledo MT-SICS",
	.port = {9600, 'N', 8, 1, false},
	.ask = SICS_ASKS,
	.cancel = "@\r\n",
	.parse = sics_parse,
};

/* KIB-TM-ZB 1.4: "the time between periodic inquiries or when sending requests must be longer than 100 ms". */
const struct scale_driver scale_kern_kcp = {
	.name = "kern-kcp",
	.title = "Kern KCP",
	.port = {9600, 'N', 8, 1, false},
	.pause = 110 * NANOS_PER_MS,
	.ask = SICS_ASKS,
	.cancel = "@\r\n",
	.parse = sics_parse,
};
