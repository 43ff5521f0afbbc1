#include "daq/wire/lines_pwm.h"

#include "daq/base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXPORT_PATIENCE_MS = 1000, EXPORT_STEP_MS = 10 };

struct lines_pwm {
	char name[32];
	char chip[192], channel[256]; /* folders */
	bool inverted;
	int64_t period, duty; /* ns, electrical, as the kernel has them */
};

/* 0, or -1 with errno: a value that the driver refuses shows only in the result of write. */
static int write_number(const char *folder, const char *file, int64_t value)
{
	char path[320], text[32];
	int fd, length = snprintf(text, sizeof(text), "%" PRId64 "\n", value), number = 0;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (write(fd, text, (size_t)length) != length)
		number = errno ? errno : EIO;
	if (close(fd) != 0 && !number)
		number = errno;
	errno = number;
	return number ? -1 : 0;
}

static int read_text(const char *folder, const char *file, char *text, int size)
{
	char path[320];
	FILE *f;
	bool got;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	f = fopen(path, "re");
	if (!f)
		return -1;
	got = fgets(text, size, f) != NULL;
	fclose(f);
	if (!got) {
		errno = EIO;
		return -1;
	}
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

static int read_number(const char *folder, const char *file, int64_t *value)
{
	char text[32];

	if (read_text(folder, file, text, sizeof(text)) != 0)
		return -1;
	*value = strtoll(text, NULL, 10);
	return 0;
}

static bool may_write(const struct lines_pwm *self)
{
	char path[320];

	snprintf(path, sizeof(path), "%s/duty_cycle", self->channel);
	return access(path, W_OK) == 0;
}

/* udev gives a fresh channel its group some time after it appeared. */
static void await_channel(const struct lines_pwm *self)
{
	for (int ms = 0; ms < EXPORT_PATIENCE_MS && !may_write(self); ms += EXPORT_STEP_MS)
		usleep(EXPORT_STEP_MS * 1000);
}

static int find_channel(struct lines_pwm *self, const struct line_config *c, struct error *e)
{
	int64_t channels;

	if (read_number(self->chip, "npwm", &channels) != 0)
		return error_set(e, ERROR_DEVICE, "%s: there is no PWM chip %s", c->name, c->chip);
	if (c->offset < 0 || c->offset >= channels)
		return error_set(e, ERROR_DEVICE,
			"%s: %s has PWM channels 0 to %" PRId64 ", and no channel %d", c->name, c->chip,
			channels - 1, c->offset);
	if (access(self->channel, F_OK) != 0) {
		if (write_number(self->chip, "export", c->offset) != 0 && errno == EBUSY)
			return error_set(e, ERROR_BUSY,
				"%s: channel %d of %s is in use by a driver of the kernel", c->name,
				c->offset, c->chip);
		if (access(self->channel, F_OK) != 0)
			return error_set_errno(e, ERROR_DEVICE, "%s: cannot export channel %d of %s", c->name,
				c->offset, c->chip);
	}
	await_channel(self);
	if (!may_write(self))
		return error_set_errno(
			e, ERROR_DEVICE, "%s: cannot write channel %d of %s", c->name, c->offset, c->chip);
	return 0;
}

/* Inversion is done in numbers here, so a channel that was left inversed would turn it round once more; the
 * kernel changes the polarity of a channel only while it is off, and off is what we never do. */
static int check_polarity(const struct lines_pwm *self, bool enabled, struct error *e)
{
	char text[32], path[320];
	FILE *f;

	if (read_text(self->channel, "polarity", text, sizeof(text)) != 0 || strcmp(text, "inversed") != 0)
		return 0;
	if (enabled)
		return error_set(e, ERROR_DEVICE,
			"%s: the PWM runs with polarity \"inversed\", which cannot be changed while it runs",
			self->name);
	snprintf(path, sizeof(path), "%s/polarity", self->channel);
	f = fopen(path, "we");
	if (!f || fputs("normal", f) == EOF || fclose(f) != 0)
		return error_set(
			e, ERROR_DEVICE, "%s: the PWM does not take polarity \"normal\"", self->name);
	return 0;
}

/* Period and duty are two files, so between two writes the share is neither the old nor the new one: some
 * microseconds, and only when the period changes. The duty always fits into the period of the moment, else
 * the kernel refuses. */
static int move(struct lines_pwm *self, int64_t period, int64_t duty)
{
	if (period != self->period && self->period > 0 &&
		write_number(self->channel, "duty_cycle", duty < self->period ? duty : self->period) != 0)
		return -1;
	if (period != self->period && write_number(self->channel, "period", period) != 0)
		return -1;
	return write_number(self->channel, "duty_cycle", duty);
}

static bool read_back(struct lines_pwm *self)
{
	return read_number(self->channel, "period", &self->period) == 0 &&
	       read_number(self->channel, "duty_cycle", &self->duty) == 0;
}

/* A driver may round to its own clock; half a per cent of the period is half the step in which circulators
 * read it. */
static bool is_near(int64_t got, int64_t wanted, int64_t period)
{
	return llabs(got - wanted) <= period / 200;
}

static int64_t electrical(const struct lines_pwm *self, double duty, int64_t period)
{
	return llround((self->inverted ? 1 - duty : duty) * (double)period);
}

static int start(struct lines_pwm *self, const struct line_config *c, struct error *e)
{
	int64_t period = llround(1e9 / c->frequency), duty = electrical(self, c->duty, period), enabled = 0;

	if (!read_back(self) || read_number(self->channel, "enable", &enabled) != 0)
		return error_set_errno(e, ERROR_DEVICE, "%s: cannot read %s", c->name, self->channel);
	if (check_polarity(self, enabled, e) != 0)
		return -1;
	if (move(self, period, duty) != 0)
		return error_set_errno(e, ERROR_DEVICE,
			"%s: %s refuses a period of %" PRId64 " ns with a duty of %" PRId64 " ns", c->name,
			c->chip, period, duty);
	if (!enabled && write_number(self->channel, "enable", 1) != 0)
		return error_set_errno(e, ERROR_DEVICE, "%s: %s refuses to be enabled", c->name, c->chip);
	if (!read_back(self) || read_number(self->channel, "enable", &enabled) != 0 || !enabled ||
		!is_near(self->period, period, period) || !is_near(self->duty, duty, period))
		return error_set(e, ERROR_DEVICE,
			"%s: %s was set to a period of %" PRId64 " ns and a duty of %" PRId64
			" ns and reads back %" PRId64 " ns and %" PRId64 " ns%s",
			c->name, c->chip, period, duty, self->period, self->duty,
			enabled ? "" : ", not enabled");
	return 0;
}

int lines_pwm_open(
	struct lines_pwm **out, const char *root, const struct line_config *config, struct error *e)
{
	struct lines_pwm *self = calloc(1, sizeof(*self));

	if (!self)
		return error_set(e, ERROR_SYSTEM, "no memory for PWM %s", config->name);
	snprintf(self->name, sizeof(self->name), "%s", config->name);
	snprintf(self->chip, sizeof(self->chip), "%.120s/%.64s", root, config->chip);
	snprintf(self->channel, sizeof(self->channel), "%s/pwm%d", self->chip, config->offset);
	self->inverted = config->active_low;
	if (find_channel(self, config, e) != 0 || start(self, config, e) != 0) {
		free(self);
		return -1;
	}
	*out = self;
	return 0;
}

void lines_pwm_close(struct lines_pwm *self)
{
	free(self);
}

enum line_status lines_pwm_set(struct lines_pwm *self, double duty, char *why, size_t size)
{
	int64_t wanted, got;
	int number;

	if (!(duty >= 0 && duty <= 1)) {
		snprintf(why, size, "%s: a duty of %g: expected 0 to 1", self->name, duty);
		return LINE_REFUSED;
	}
	wanted = electrical(self, duty, self->period);
	if (write_number(self->channel, "duty_cycle", wanted) != 0 ||
		read_number(self->channel, "duty_cycle", &got) != 0) {
		number = errno;
		snprintf(why, size, "%s: the PWM refuses a duty of %g: %s", self->name, duty,
			strerror(number));
		return number == ENOENT || number == ENODEV ? LINE_GONE : LINE_REFUSED;
	}
	if (!is_near(got, wanted, self->period)) {
		snprintf(why, size, "%s: the PWM was set to %" PRId64 " ns and reads back %" PRId64 " ns",
			self->name, wanted, got);
		return LINE_REFUSED;
	}
	self->duty = got;
	return LINE_OK;
}
