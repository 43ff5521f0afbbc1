#include "daq/device/document.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct document {
	json_t *root;
};

/* What a document that is none begins with, printable. */
static void beginning(const char *body, size_t size, char *out, size_t room)
{
	size_t n = 0;

	for (; n < size && n + 1 < room; n++)
		out[n] = isprint((unsigned char)body[n]) ? body[n] : ' ';
	out[n] = '\0';
}

int document_parse(struct document **out, const char *body, size_t size, struct error *e)
{
	struct document *document = NULL;
	char begins[48];
	json_error_t why;
	json_t *root;

	if (size == 0)
		return error_set(e, ERROR_DATA, "the document is empty");
	root = json_loadb(body, size, JSON_DECODE_INT_AS_REAL, &why);
	if (json_is_object(root))
		document = calloc(1, sizeof(*document));
	if (document) {
		document->root = root;
		*out = document;
		return 0;
	}
	beginning(body, size, begins, sizeof(begins));
	if (!root)
		error_set(e, ERROR_DATA, "the document of %zu bytes is no JSON (line %d: %.100s); it begins with: %s", size,
			why.line, why.text, begins);
	else
		error_set(e, ERROR_DATA, "the document of %zu bytes has no members; it begins with: %s", size, begins);
	json_decref(root);
	return -1;
}

void document_free(struct document *document)
{
	if (!document)
		return;
	json_decref(document->root);
	free(document);
}

static const json_t *find(const json_t *object, const char *key)
{
	const json_t *whole = json_object_get(object, key);
	const char *dot = strchr(key, '.');
	char head[96];

	if (whole || !dot || (size_t)(dot - key) >= sizeof(head))
		return whole;
	snprintf(head, sizeof(head), "%.*s", (int)(dot - key), key);
	return find(json_object_get(object, head), dot + 1);
}

static const char *digits(const char *p)
{
	while (*p >= '0' && *p <= '9')
		p++;
	return p;
}

/* -12, 0.5, 1e3: a number as JSON and Redis write it, up to its end; no blanks, no "nan", no hexadecimal. */
static bool is_decimal(const char *text)
{
	const char *p = text + (*text == '-' || *text == '+'), *q = digits(p);

	if (q == p)
		return false;
	if (*q == '.') {
		p = q + 1;
		q = digits(p);
		if (q == p)
			return false;
	}
	if (*q == 'e' || *q == 'E') {
		p = q + 1 + (q[1] == '-' || q[1] == '+');
		q = digits(p);
		if (q == p)
			return false;
	}
	return *q == '\0';
}

static enum document_found from_text(const json_t *text, double *value)
{
	double number;

	if (strlen(json_string_value(text)) != json_string_length(text) || !is_decimal(json_string_value(text)))
		return DOCUMENT_WRONG;
	number = strtod(json_string_value(text), NULL);
	if (!isfinite(number))
		return DOCUMENT_WRONG;
	*value = number;
	return DOCUMENT_VALUE;
}

enum document_found document_number(const struct document *document, const char *key, double *value)
{
	const json_t *found = find(document->root, key);

	if (!found)
		return DOCUMENT_MISSING;
	switch (json_typeof(found)) {
	case JSON_NULL:
		return DOCUMENT_NULL;
	case JSON_TRUE:
	case JSON_FALSE:
		*value = json_is_true(found);
		return DOCUMENT_VALUE;
	case JSON_INTEGER:
	case JSON_REAL:
		*value = json_number_value(found);
		return DOCUMENT_VALUE;
	case JSON_STRING:
		return from_text(found, value);
	case JSON_OBJECT:
	case JSON_ARRAY:
		break;
	}
	return DOCUMENT_WRONG;
}

bool document_text(const struct document *document, const char *key, char *out, size_t size)
{
	const json_t *found = find(document->root, key);

	if (json_is_string(found))
		return text_copy(out, size, json_string_value(found)) && out[0];
	if (json_is_boolean(found))
		return text_copy(out, size, json_is_true(found) ? "true" : "false");
	if (!json_is_number(found))
		return false;
	snprintf(out, size, "%.15g", json_number_value(found));
	return true;
}

const char *document_found_name(enum document_found found)
{
	static const char *const names[] = {[DOCUMENT_VALUE] = "a value", [DOCUMENT_NULL] = "null", [DOCUMENT_MISSING] = "missing",
		[DOCUMENT_WRONG] = "no number"};

	return names[found];
}
