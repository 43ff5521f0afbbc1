#include "daq/wire/lines.h"

#include "daq/base/error.h"
#include "daq/wire/lines_ends.h"

#include <string.h>

/* What no end could make sense of. */
static int check(const struct lines_config *config, struct error *e)
{
	if (config->lines < 1 || config->lines > LINES_MOST)
		return error_set(e, ERROR_CONFIG, "board %s: expected 1 to %d lines, not %d", config->name,
			LINES_MOST, config->lines);
	for (int i = 0; i < config->lines; i++) {
		const struct line_config *l = &config->line[i];

		if (l->kind != LINE_PWM)
			continue;
		if (!(l->frequency > 0 && l->frequency <= 1e6))
			return error_set(e, ERROR_CONFIG,
				"%s: a PWM of %g Hz: expected more than 0 and at most 1000000", l->name,
				l->frequency);
		if (!(l->duty >= 0 && l->duty <= 1))
			return error_set(
				e, ERROR_CONFIG, "%s: a duty of %g: expected 0 to 1", l->name, l->duty);
	}
	return 0;
}

int lines_open(
	struct lines **out, const struct lines_config *config, struct clock_seat *seat, struct error *e)
{
	if (check(config, e) != 0)
		return -1;
	if (config->socket[0])
		return lines_virtual_open(out, config, seat, e);
	return lines_kernel_open(out, config, seat, e);
}

void lines_close(struct lines *l)
{
	if (l)
		l->ops->close(l);
}

void lines_use_seat(struct lines *l, struct clock_seat *seat)
{
	l->ops->use_seat(l, seat);
}

enum line_status lines_set(struct lines *l, int line, bool level)
{
	return l->ops->set(l, line, level);
}

enum line_status lines_set_duty(struct lines *l, int line, double duty)
{
	return l->ops->set_duty(l, line, duty);
}

enum line_status lines_get(struct lines *l, int line, struct line_state *state)
{
	memset(state, 0, sizeof(*state));
	return l->ops->get(l, line, state);
}

int lines_take(struct lines *l, int line, struct edge *out, int room)
{
	return l->ops->take(l, line, out, room);
}

const char *lines_detail(struct lines *l)
{
	return l->ops->detail(l);
}

bool lines_lacks_permission(const struct lines_config *config, char *why, size_t size)
{
	return !config->socket[0] && lines_kernel_lacks_permission(config, why, size);
}
