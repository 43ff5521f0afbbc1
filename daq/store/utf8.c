#include "daq/store/utf8.h"

/* RFC 3629, section 4: the first byte says how many follow and what the second may be. */
static const struct {
	unsigned char first, last, low, high;
	int more;
} utf8_rows[] = {
	{0x01, 0x7f, 0, 0, 0},	     {0xc2, 0xdf, 0x80, 0xbf, 1}, {0xe0, 0xe0, 0xa0, 0xbf, 2},
	{0xe1, 0xec, 0x80, 0xbf, 2}, {0xed, 0xed, 0x80, 0x9f, 2}, {0xee, 0xef, 0x80, 0xbf, 2},
	{0xf0, 0xf0, 0x90, 0xbf, 3}, {0xf1, 0xf3, 0x80, 0xbf, 3}, {0xf4, 0xf4, 0x80, 0x8f, 3},
};

/* Bytes of the character at `s`, 0 where there is none. */
static int utf8_length(const unsigned char *s)
{
	for (size_t i = 0; i < sizeof(utf8_rows) / sizeof(utf8_rows[0]); i++) {
		if (s[0] < utf8_rows[i].first || s[0] > utf8_rows[i].last)
			continue;
		if (utf8_rows[i].more && (s[1] < utf8_rows[i].low || s[1] > utf8_rows[i].high))
			return 0;
		for (int k = 2; k <= utf8_rows[i].more; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return 1 + utf8_rows[i].more;
	}
	return 0;
}

bool utf8_valid(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s) {
		int n = utf8_length(s);

		if (!n)
			return false;
		s += n;
	}
	return true;
}

void utf8_repair(char *text)
{
	unsigned char *s = (unsigned char *)text;

	while (*s) {
		int n = utf8_length(s);

		if (!n)
			*s = '?';
		s += n ? n : 1;
	}
}
