#include "daq/program/check.h"

#include "daq/base/units.h"

#include <jansson.h>
#include <stdio.h>

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static double number_of(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

static void print_sentences(const json_t *list, const char *title)
{
	size_t i;
	json_t *sentence;

	json_array_foreach(list, i, sentence)
		printf("%s: %s\n", title, json_string_value(sentence));
}

static void print_procedure(const json_t *p)
{
	size_t i;
	json_t *call;

	printf("\nprocedure %s: %d steps, %.0f s\n", text_of(p, "file"), (int)number_of(p, "steps"),
		number_of(p, "seconds"));
	json_array_foreach(json_object_get(p, "calls"), i, call)
		printf("  %8.1f s  %s\n", number_of(call, "t"), text_of(call, "what"));
	if (text_of(p, "unreached")[0])
		printf("  lines not reached in the dry run: %s\n", text_of(p, "unreached"));
}

void check_print(const json_t *report)
{
	const json_t *safe = json_object_get(report, "safe"), *disk = json_object_get(report, "disk");
	size_t i, k;
	json_t *row, *block;
	char unit[24];

	printf("bench %s (%s), tick %g s, %d channels\n", text_of(report, "bench"), text_of(report, "file"),
		number_of(report, "tick"), (int)number_of(report, "channels"));
	json_array_foreach(json_object_get(report, "buses"), i, row)
		printf("  bus %-10s %-40s %2d reads, busy %.1f %% (limit %.0f %%)\n", text_of(row, "name"),
			text_of(row, "address"), (int)number_of(row, "reads"), number_of(row, "load") * 100,
			number_of(row, "limit") * 100);
	json_array_foreach(json_object_get(report, "devices"), i, row) {
		if (json_is_true(json_object_get(row, "on_lines"))) {
			printf("  device %-10s %s on %s\n", text_of(row, "name"), text_of(row, "map"), text_of(row, "bus"));
			continue;
		}
		printf("  device %-10s unit %d on %s, map %s (%s)\n", text_of(row, "name"), (int)number_of(row, "unit"),
			text_of(row, "bus"), text_of(row, "map"),
			json_is_true(json_object_get(row, "verified")) ? "verified" : "unverified");
		json_array_foreach(json_object_get(row, "blocks"), k, block)
			printf("      read function %d, %d words from %d, every %d ticks\n", (int)number_of(block, "function"),
				(int)number_of(block, "count"), (int)number_of(block, "address"), (int)number_of(block, "every"));
	}
	print_procedure(json_object_get(report, "procedure"));
	printf("\nsafe state:");
	json_array_foreach(json_object_get(safe, "steps"), i, row)
		printf("%s %s = %g%s", i ? ", then" : "", text_of(row, "channel"), number_of(row, "value"),
			unit_label(text_of(row, "unit"), unit));
	json_array_foreach(json_object_get(report, "interlocks"), i, row) {
		const json_t *min = json_object_get(row, "min"), *max = json_object_get(row, "max");

		printf("%s%s", i ? ", " : "\ninterlocks: ", text_of(row, "channel"));
		unit_label(text_of(row, "unit"), unit);
		if (json_is_number(min))
			printf(" below %g%s", json_number_value(min), unit);
		if (json_is_number(max))
			printf("%s above %g%s", json_is_number(min) ? " or" : "", json_number_value(max), unit);
	}
	printf("\ndisk: about %.1f MB in %s\n\n", number_of(disk, "need") / 1e6, text_of(disk, "results"));
	print_sentences(json_object_get(report, "warnings"), "warning");
	print_sentences(json_object_get(report, "problems"), "problem");
	if (json_array_size(json_object_get(report, "problems")) == 0)
		printf("nothing stands in the way of this run\n");
}
