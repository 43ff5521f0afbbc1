#include "daq/recording/recording_left_out.h"

#include "daq/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const beginnings[] = {"row left out: ", "rows left out: ", "cell of ", "cells of "};

const char *recording_left_out_text(char *out, size_t size, const struct recording_left_out *left)
{
	snprintf(out, size, "%lld %s", left->count, left->what);
	return out;
}

bool recording_left_out_parse(struct recording_left_out *out, const char *text)
{
	char *end;
	long long count = strtoll(text, &end, 10);

	if (end == text || *end++ != ' ')
		return false;
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++)
		if (strncmp(end, beginnings[i], strlen(beginnings[i])) == 0) {
			out->count = count;
			text_copy(out->what, sizeof(out->what), end);
			return true;
		}
	return false;
}
