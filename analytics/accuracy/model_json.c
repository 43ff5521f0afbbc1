#include "analytics/accuracy/model_json.h"

#include "daq/base/error.h"
#include "daq/base/settings.h"
#include "daq/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int place_refuse(const struct place *at, const char *key, const char *format, ...)
{
	char why[300];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why, sizeof(why), format, arguments);
	va_end(arguments);
	return error_set(at->e, ERROR_CONFIG, "%s: %s%s: %s", at->file, at->path, key, why);
}

int place_check(const struct place *at, const char *const *known)
{
	const char *key;
	json_t *unused;

	if (!json_is_object(at->object))
		return place_refuse(at, "", "an object in braces was expected");
	json_object_foreach((json_t *)at->object, key, unused)
	{
		const char *near = nearest_name(key, known);
		int i = 0;

		(void)unused;
		while (known[i] && strcmp(known[i], key) != 0)
			i++;
		if (!known[i])
			return place_refuse(at, key, "no such key%s%s%s", near ? "; did you mean '" : "", near ? near : "",
				near ? "'?" : "");
	}
	return 0;
}

struct place place_down(const struct place *at, const char *key, int index)
{
	struct place down = {.file = at->file, .object = json_object_get(at->object, key), .e = at->e};

	if (index >= 0) {
		down.object = json_array_get(down.object, (size_t)index);
		snprintf(down.path, sizeof(down.path), "%.40s%.40s[%d].", at->path, key, index);
	} else {
		snprintf(down.path, sizeof(down.path), "%.40s%.40s.", at->path, key);
	}
	return down;
}

bool place_has(const struct place *at, const char *key)
{
	return json_object_get(at->object, key) != NULL;
}

int place_count(const struct place *at, const char *key, int most)
{
	const json_t *array = json_object_get(at->object, key);

	if (!array)
		return 0;
	if (!json_is_array(array))
		return place_refuse(at, key, "a list in brackets was expected");
	if (json_array_size(array) > (size_t)most)
		return place_refuse(at, key, "%zu items; %d are possible", json_array_size(array), most);
	return (int)json_array_size(array);
}

int place_text(const struct place *at, const char *key, const char *fallback, char *out, size_t size)
{
	const json_t *value = json_object_get(at->object, key);
	const char *text = value ? json_string_value(value) : fallback;

	if (!value && !fallback)
		return place_refuse(at, key, "is missing: a text was expected");
	if (!text)
		return place_refuse(at, key, "a text in quotes was expected");
	if (value && !fallback && !text[0])
		return place_refuse(at, key, "is empty");
	if (!text_copy(out, size, text))
		return place_refuse(at, key, "is longer than %zu bytes", size - 1);
	return 0;
}

int place_number(const struct place *at, const char *key, const double *fallback, double *out)
{
	const json_t *value = json_object_get(at->object, key);

	if (!value && !fallback)
		return place_refuse(at, key, "is missing: a number was expected");
	if (value && !json_is_number(value))
		return place_refuse(at, key, "a number was expected");
	*out = value ? json_number_value(value) : *fallback;
	return 0;
}

int place_integer(const struct place *at, const char *key, int fallback, int min, int max, int *out)
{
	const json_t *value = json_object_get(at->object, key);

	if (value && (!json_is_integer(value) || json_integer_value(value) < min || json_integer_value(value) > max))
		return place_refuse(at, key, "a whole number from %d to %d was expected", min, max);
	*out = value ? (int)json_integer_value(value) : fallback;
	return 0;
}

int place_switch(const struct place *at, const char *key, bool fallback, bool *out)
{
	const json_t *value = json_object_get(at->object, key);

	if (value && !json_is_boolean(value))
		return place_refuse(at, key, "true or false was expected");
	*out = value ? json_is_true(value) : fallback;
	return 0;
}

int place_choice(const struct place *at, const char *key, const char *const *names, int fallback, int *out)
{
	char text[64], all[160] = "";
	size_t length = 0;

	if (place_text(at, key, fallback < 0 ? NULL : names[fallback], text, sizeof(text)) < 0)
		return -1;
	for (int i = 0; names[i]; i++) {
		if (strcmp(names[i], text) == 0) {
			*out = i;
			return 0;
		}
		length += (size_t)snprintf(all + length, sizeof(all) - length, "%s%s", i ? ", " : "", names[i]);
		if (length >= sizeof(all))
			length = sizeof(all) - 1;
	}
	return place_refuse(at, key, "'%s' is none of %s", text, all);
}

int place_item(const struct place *at, const char *key, int index, const char **out)
{
	char name[64];
	const char *text = json_string_value(json_array_get(json_object_get(at->object, key), (size_t)index));

	snprintf(name, sizeof(name), "%s[%d]", key, index);
	if (!text)
		return place_refuse(at, name, "a text in quotes was expected");
	*out = text;
	return 0;
}
