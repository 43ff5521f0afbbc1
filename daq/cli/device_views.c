#include "daq/cli/device_views.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int words;
} views[VIEWS] = {
	[VIEW_U16] = {"u16", 1}, [VIEW_S16] = {"s16", 1}, [VIEW_U32_HIGH] = {"u32 high-first", 2},
	[VIEW_S32_HIGH] = {"s32 high-first", 2}, [VIEW_F32_HIGH] = {"f32 high-first", 2},
	[VIEW_U32_LOW] = {"u32 low-first", 2}, [VIEW_S32_LOW] = {"s32 low-first", 2},
	[VIEW_F32_LOW] = {"f32 low-first", 2}, [VIEW_ASCII] = {"ascii", 1},
};

const char *device_view_name(enum device_view view)
{
	return views[view].name;
}

int device_view_words(enum device_view view)
{
	return views[view].words;
}

/* Measured things lie between a thousandth and ten million; noise seen as a float seldom does. */
static bool view_float(uint32_t bits, char *out, size_t size)
{
	float f;

	memcpy(&f, &bits, sizeof(f));
	snprintf(out, size, "%.7g", f);
	return isfinite(f) && fabsf(f) >= 1e-3F && fabsf(f) < 1e7F;
}

static bool view_text(uint16_t word, char *out, size_t size)
{
	int high = word >> 8, low = word & 0xff;
	bool both = isprint(high) && isprint(low);

	snprintf(out, size, "%c%c", isprint(high) ? high : '.', isprint(low) ? low : '.');
	return both && (isalnum(high) || isalnum(low));
}

bool device_view(enum device_view view, const uint16_t *w, char *out, size_t size)
{
	uint32_t high = 0, low = 0;

	if (views[view].words == 2) {
		high = (uint32_t)w[0] << 16 | w[1];
		low = (uint32_t)w[1] << 16 | w[0];
	}
	switch (view) {
	case VIEW_U16:
		snprintf(out, size, "%u", w[0]);
		return false;
	case VIEW_S16:
		snprintf(out, size, "%d", (int16_t)w[0]);
		return false;
	case VIEW_U32_HIGH:
	case VIEW_U32_LOW:
		high = view == VIEW_U32_HIGH ? high : low;
		snprintf(out, size, "%lu", (unsigned long)high);
		return high < 100000000 && (high & 0xffff) != 0;
	case VIEW_S32_HIGH:
	case VIEW_S32_LOW:
		high = view == VIEW_S32_HIGH ? high : low;
		snprintf(out, size, "%ld", (long)(int32_t)high);
		return high >> 24 == 0xff && (high & 0xffff) != 0xffff;
	case VIEW_F32_HIGH:
		return view_float(high, out, size);
	case VIEW_F32_LOW:
		return view_float(low, out, size);
	case VIEW_ASCII:
		return view_text(w[0], out, size);
	default:
		return false;
	}
}
