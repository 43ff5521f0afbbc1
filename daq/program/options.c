#include "daq/program/options.h"

#include "daq/base/error.h"

#include <stdio.h>
#include <string.h>

/* What stands for the value in the help. */
static const char *placeholder_of(const struct setting *row)
{
	if (row->placeholder)
		return row->placeholder;
	switch (row->type) {
	case SETTING_SWITCH:
		return "";
	case SETTING_INTEGER:
	case SETTING_NUMBER:
		return "N";
	case SETTING_DURATION:
		return "TIME";
	default:
		return "TEXT";
	}
}

void options_help(const struct command *command)
{
	printf("%s %s\n\n%s\n\n", command->name, command->usage, command->purpose);
	for (const struct setting *row = command->options; row->name; row++) {
		char left[64];

		snprintf(left, sizeof(left), "--%s%s%s", row->name, row->type == SETTING_SWITCH ? "" : " ",
			placeholder_of(row));
		printf("  %-26s %s", left, row->help ? row->help : "");
		if (row->fallback && row->fallback[0] && row->type != SETTING_SWITCH && row->type != SETTING_LIST)
			printf(" (default %s)", row->fallback);
		printf("\n");
	}
	printf("  %-26s this text\n", "--help");
	if (command->epilogue)
		printf("\n%s\n", command->epilogue);
}

static int unknown_option(const struct command *command, const char *name, struct error *e)
{
	const char *near = settings_nearest(command->options, name);

	if (near)
		return error_set(e, ERROR_USAGE, "%s: unknown option --%s (did you mean --%s?)", command->name, name, near);
	return error_set(e, ERROR_USAGE, "%s: unknown option --%s; --help lists them", command->name, name);
}

/* One "--..." argument; takes the next one where the option needs a value. Returns how many it used, or -1. */
static int take_option(const struct command *command, char **argv, int left, void *base, struct error *e)
{
	struct setting_value value = {.kind = VALUE_SWITCH, .on = true};
	const char *equals = strchr(argv[0], '=');
	const struct setting *row;
	char name[64], where[80];
	size_t n = equals ? (size_t)(equals - argv[0]) - 2 : strlen(argv[0]) - 2;
	int used = 1;

	if (n >= sizeof(name))
		return error_set(e, ERROR_USAGE, "%s: unknown option %s", command->name, argv[0]);
	memcpy(name, argv[0] + 2, n);
	name[n] = '\0';
	row = settings_find(command->options, name);
	if (!row)
		return unknown_option(command, name, e);
	if (equals) {
		value = (struct setting_value){.kind = VALUE_TEXT, .text = equals + 1};
	} else if (row->type != SETTING_SWITCH) {
		if (left < 2 || strncmp(argv[1], "--", 2) == 0) /* a value that begins so is given as --name=--value */
			return error_set(e, ERROR_USAGE, "%s: --%s needs a value: %s", command->name, name,
				placeholder_of(row));
		value = (struct setting_value){.kind = VALUE_TEXT, .text = argv[1]};
		used = 2;
	}
	snprintf(where, sizeof(where), "--%s", name);
	return settings_assign(row, base, &value, where, e) == 0 ? used : -1;
}

int options_parse(const struct command *command, int argc, char **argv, void *base, struct setting_list *words,
	struct error *e)
{
	bool only_words = false;

	if (settings_defaults(command->options, base, e) != 0)
		return -1;
	for (int i = 1; i < argc;) {
		int used = 1;

		if (!only_words && strcmp(argv[i], "--help") == 0) {
			options_help(command);
			return 1;
		}
		if (!only_words && strcmp(argv[i], "--") == 0) {
			only_words = true;
		} else if (!only_words && strncmp(argv[i], "--", 2) == 0) {
			used = take_option(command, argv + i, argc - i, base, e);
			if (used < 0) {
				if (e->code == ERROR_CONFIG)
					e->code = ERROR_USAGE;
				return -1;
			}
		} else if (!words || words->count == (int)(sizeof(words->item) / sizeof(words->item[0]))) {
			return error_set(e, ERROR_USAGE, "%s: what is '%s'? --help says what is expected", command->name,
				argv[i]);
		} else {
			words->item[words->count++] = argv[i];
		}
		i += used;
	}
	return 0;
}
