/* Readings of a scale that answers from memory on a clock of its own, misbehaves, is late, lies and moves. */
#include "tests/wire/bytes_peer.h"

#include "daq/base/lockstep.h"
#include "daq/device/scale_exchange.h"
#include "daq/wire/bytes_faulty.h"

#include <math.h>

enum { TIMEOUT_MS = 200, DURATION_MS = 30 };

/* A scale; weight n is n grams, counted up with each weighing, so that an answer says which request it is of. */
struct device {
	const struct scale_driver *driver;
	int weighings, requests;
	nanos latest, shortest; /* time from one request to the next */
	const char *script[16]; /* what weighing n says instead; NULL: a stable weight */
	const char *extra;	/* said besides the next answer, behind it */
	const char *serial;
	bool cancelled;
	char command[8]; /* the latest one that is no question */
};

static struct clock *clock_;
static struct clock_seat *seat;

static int say_weight(struct device *d, char *reply, size_t room)
{
	int n = d->weighings++;
	const char *extra = d->extra ? d->extra : "";

	d->extra = NULL;
	if (n < 16 && d->script[n])
		return snprintf(reply, room, "%s%s", d->script[n], extra);
	if (d->driver == &scale_sartorius_sbi)
		return snprintf(reply, room, "N     +%9.2f g  \r\n%s", (double)n, extra);
	return snprintf(reply, room, "S S %10.2f g\r\n%s", (double)n, extra);
}

static int device_answer(void *self, const char *request, size_t size, char *reply, size_t room)
{
	struct device *d = self;
	char text[16] = "";
	nanos now = clock_now(clock_);

	memcpy(text, request, size < 15 ? size : 15);
	if (d->requests++ && now - d->latest < d->shortest)
		d->shortest = now - d->latest;
	d->latest = now;
	if (strcmp(text, "SI\r\n") == 0 || strcmp(text, "S\r\n") == 0 || strcmp(text, "\033P\r\n") == 0)
		return say_weight(d, reply, room);
	if (strcmp(text, "I4\r\n") == 0)
		return d->serial ? snprintf(reply, room, "I4 A \"%s\"\r\n", d->serial) : snprintf(reply, room, "ES\r\n");
	if (strcmp(text, "\033x2_\r\n") == 0)
		return snprintf(reply, room, "      %-14s\r\n", d->serial);
	if (strcmp(text, "I2\r\n") == 0)
		return snprintf(reply, room, "I2 A \"DS 30K0.1L 30.1 kg\"\r\n");
	snprintf(d->command, sizeof(d->command), "%.*s", (int)strcspn(text, "\r"), text);
	if (strcmp(text, "@\r\n") == 0) {
		d->cancelled = true;
		return snprintf(reply, room, "I4 A \"%s\"\r\n", d->serial);
	}
	return text[0] == '\033' ? 0 : snprintf(reply, room, "%c %s\r\n", text[0], text[0] == 'Z' ? "A" : "S       2.00 g");
}

struct rig {
	struct device device;
	struct bytes *wire;
	struct scale_exchange x;
};

static void rig_open(struct rig *rig, const struct scale_driver *driver, const struct bytes_fault *faults, int count)
{
	struct bytes_memory memory = {.answer = device_answer, .self = &rig->device, .duration = DURATION_MS * MS};
	struct scale_exchange_config c = {.driver = driver, .name = "tank", .unit = "g",
		.wire = {.kind = BYTES_SERIAL, .baud = 9600, .parity = 'N', .data_bits = 8, .stop_bits = 1,
			.response_timeout = TIMEOUT_MS * MS}};
	struct bytes *inner = NULL;
	struct error e = ERROR_INIT;

	memset(rig, 0, sizeof(*rig));
	rig->device.driver = driver;
	rig->device.shortest = NANOS_NEVER;
	rig->device.serial = "B123456789";
	must(bytes_memory_open(&inner, &memory, seat, &e));
	must(bytes_faulty_open(&rig->wire, inner, faults, count, &e));
	scale_exchange_init(&rig->x, &c, rig->wire);
}

static void rig_identify(struct rig *rig)
{
	char serial[SCALE_TEXT], model[SCALE_TEXT];
	struct error e = ERROR_INIT;

	must(scale_exchange_identify(&rig->x, serial, model, &e));
	assert_string_equal(serial, "B123456789");
}

/* One reading; a good one must be the weight that was asked for. */
static enum quality reading_of(struct rig *rig, struct scale_reading *r)
{
	int asked = rig->device.weighings;

	scale_exchange_read(&rig->x, SCALE_WEIGH, r);
	if (r->quality == QUALITY_GOOD)
		assert_near(r->weight, asked * 1e-3, 1e-12);
	else
		assert_true(r->detail[0] || r->state == SCALE_DYNAMIC);
	return r->quality;
}

static void a_reading_has_weight_state_quality_and_instant(void **state)
{
	struct scale_reading r;
	struct rig rig;
	nanos character = NANOS_PER_S * 10 / 9600, start;

	(void)state;
	rig_open(&rig, &scale_mt_sics, NULL, 0);
	rig_identify(&rig);
	rig.device.weighings = 500;
	start = clock_now(clock_);
	assert_int_equal(reading_of(&rig, &r), QUALITY_GOOD);
	assert_int_equal(r.state, SCALE_STABLE);
	assert_near(r.weight, 0.5, 1e-12);
	assert_near(r.resolution, 1e-5, 1e-12);
	assert_string_equal(r.line, "S S     500.00 g");
	assert_string_equal(r.detail, "");
	assert_int_equal(r.before, start);
	assert_int_equal(r.after, start); /* in memory a request takes no time */
	assert_int_equal(r.last, start + DURATION_MS * MS);
	/* 30 ms less the 18 characters of the answer is what lies between: the weight is of its middle */
	assert_near((double)r.half_width, (30e6 - 18 * (double)character) / 2, 20);
	assert_near((double)(r.at - r.after), (double)r.half_width, 2);
	bytes_close(rig.wire);
}

static void every_state_arrives_with_its_quality(void **state)
{
	static const struct {
		const char *line;
		enum scale_state state;
		enum quality quality;
	} cases[] = {{"S D       7.00 g\r\n", SCALE_DYNAMIC, QUALITY_SUSPECT},
		{"S +\r\n", SCALE_OVERLOAD, QUALITY_RANGE},
		{"S -\r\n", SCALE_UNDERLOAD, QUALITY_RANGE},
		{"S I\r\n", SCALE_NOT_EXECUTABLE, QUALITY_EXCEPTION},
		{"EL\r\n", SCALE_FAULT, QUALITY_EXCEPTION},
		{"S S          7 PCS\r\n", SCALE_FOREIGN_UNIT, QUALITY_EXCEPTION}};
	struct scale_reading r;
	struct rig rig;

	(void)state;
	rig_open(&rig, &scale_mt_sics, NULL, 0);
	rig_identify(&rig);
	for (int i = 0; i < 6; i++) {
		rig.device.script[i] = cases[i].line;
		rig.x.width = 0;
		assert_int_equal(reading_of(&rig, &r), cases[i].quality);
		assert_int_equal(r.state, cases[i].state);
		assert_int_equal(r.status, WIRE_OK);
		assert_true(isnan(r.weight) == (i > 0));
	}
	bytes_close(rig.wire);
}

static void a_late_weight_is_never_good(void **state)
{
	const struct scale_driver *drivers[] = {&scale_mt_sics, &scale_kern_kcp, &scale_sartorius_sbi};

	(void)state;
	/* late by anything from just after its time-out to well behind late_max, also twice in a row */
	for (int d = 0; d < 3; d++)
		for (int late = 210; late < 4000; late += 170)
			for (int count = 1; count < 3; count++) {
				const struct bytes_fault faults[] = {{BYTES_LATE, 4, count, late * MS}};
				struct scale_reading r;
				struct rig rig;
				int good = 0;

				rig_open(&rig, drivers[d], faults, 1);
				rig_identify(&rig);
				for (int i = 0; i < 60; i++) {
					good += reading_of(&rig, &r) == QUALITY_GOOD; /* and is the one asked for */
					clock_wait(seat, clock_now(clock_) + 500 * MS);
				}
				assert_in_range(good, 50, 59);
				bytes_close(rig.wire);
			}
}

static void random_faults_never_make_a_wrong_weight_good(void **state)
{
	static const enum bytes_fault_kind kinds[] = {BYTES_LATE, BYTES_MUTE, BYTES_SHORT, BYTES_LATE};
	struct bytes_fault faults[20];
	int good = 0;

	(void)state;
	srand(51);
	for (int run = 0; run < 60; run++) {
		struct scale_reading r;
		struct rig rig;

		for (int i = 0; i < 20; i++)
			faults[i] = (struct bytes_fault){kinds[rand() % 4], 6 + rand() % 200, 1 + rand() % 2,
				(205 + rand() % 2500) * MS};
		rig_open(&rig, scale_drivers[run % scale_driver_count], faults, 20);
		rig_identify(&rig);
		for (int i = 0; i < 150; i++) {
			good += reading_of(&rig, &r) == QUALITY_GOOD;
			clock_wait(seat, clock_now(clock_) + rand() % 600 * MS);
		}
		bytes_close(rig.wire);
	}
	assert_true(good > 60 * 75);
}

static void without_a_serial_number_readings_are_suspect_for_a_while(void **state)
{
	static const struct bytes_fault faults[] = {{BYTES_MUTE, 0, 1, 0}};
	struct scale_reading r;
	struct rig rig;
	nanos since;

	(void)state;
	rig_open(&rig, &scale_mt_sics, faults, 1);
	assert_int_equal(reading_of(&rig, &r), QUALITY_TIMEOUT);
	assert_int_equal(r.state, SCALE_NO_ANSWER);
	assert_int_equal(r.status, WIRE_TIMEOUT);
	since = clock_now(clock_);
	assert_int_equal(reading_of(&rig, &r), QUALITY_SUSPECT);
	assert_false(isnan(r.weight));
	while (reading_of(&rig, &r) == QUALITY_SUSPECT)
		clock_wait(seat, clock_now(clock_) + 100 * MS);
	assert_int_equal(r.quality, QUALITY_GOOD);
	assert_true(clock_now(clock_) - since >= 10 * NANOS_PER_S);
	bytes_close(rig.wire);
}

static void lateness_is_learnt(void **state)
{
	static const struct bytes_fault faults[] = {{BYTES_LATE, 3, 1, 1000 * MS}};
	struct scale_reading r;
	struct rig rig;

	(void)state;
	rig_open(&rig, &scale_mt_sics, faults, 1);
	rig_identify(&rig);
	reading_of(&rig, &r);
	assert_int_equal(reading_of(&rig, &r), QUALITY_TIMEOUT);
	assert_int_equal(rig.x.late_max, NANOS_PER_S);
	assert_int_equal(reading_of(&rig, &r), QUALITY_GOOD); /* proved at once */
	/* 800 ms behind the time-out: 1.5 times that */
	assert_near((double)rig.x.late_max / 1e9, 1.2, 0.05);
	bytes_close(rig.wire);
}

static void a_line_that_nobody_asked_for_is_thrown_away(void **state)
{
	struct scale_reading r;
	struct rig rig;

	(void)state;
	rig_open(&rig, &scale_mt_sics, NULL, 0);
	rig_identify(&rig);
	/* somebody presses the print key: another weight comes right behind an answer */
	rig.device.extra = "S S     777.00 g\r\n";
	assert_int_equal(reading_of(&rig, &r), QUALITY_GOOD);
	for (int i = 0; i < 5; i++)
		assert_int_equal(reading_of(&rig, &r), QUALITY_GOOD);
	bytes_close(rig.wire);
}

static void a_weight_that_lost_a_digit_is_garbled(void **state)
{
	struct scale_reading r;
	struct rig rig;

	(void)state;
	rig_open(&rig, &scale_mt_sics, NULL, 0);
	rig_identify(&rig);
	assert_int_equal(reading_of(&rig, &r), QUALITY_GOOD);
	rig.device.script[1] = "S S     10.00 g\r\n";  /* of 100.00, a digit lost */
	assert_int_equal(reading_of(&rig, &r), QUALITY_CHECKSUM);
	assert_true(isnan(r.weight));
	assert_int_equal(reading_of(&rig, &r), QUALITY_CHECKSUM); /* back to the width of before */
	for (int i = 0; i < 3; i++)
		assert_int_equal(reading_of(&rig, &r), QUALITY_GOOD);
	bytes_close(rig.wire);
}

static void kern_scales_are_left_their_pause(void **state)
{
	struct scale_reading r;
	struct rig rig;

	(void)state;
	rig_open(&rig, &scale_kern_kcp, NULL, 0);
	rig_identify(&rig);
	for (int i = 0; i < 20; i++)
		assert_int_equal(reading_of(&rig, &r), QUALITY_GOOD);
	assert_true(rig.device.shortest > 100 * MS);
	assert_true(rig.device.shortest < 120 * MS);
	bytes_close(rig.wire);
	rig_open(&rig, &scale_mt_sics, NULL, 0);
	for (int i = 0; i < 5; i++)
		reading_of(&rig, &r);
	assert_int_equal(rig.device.shortest, DURATION_MS * MS);
	bytes_close(rig.wire);
}

static void a_stable_weight_is_awaited_and_cancelled_when_it_does_not_come(void **state)
{
	const struct bytes_fault faults[] = {{BYTES_LATE, 2, 1, 12 * NANOS_PER_S}, {BYTES_MUTE, 3, 1, 0}};
	struct scale_reading r;
	struct rig rig;

	(void)state;
	rig_open(&rig, &scale_mt_sics, faults, 2);
	rig_identify(&rig);
	scale_exchange_read(&rig.x, SCALE_WEIGH_STABLE, &r);
	assert_int_equal(r.quality, QUALITY_GOOD);
	assert_int_equal(r.last - r.before, 12 * NANOS_PER_S);
	assert_false(rig.device.cancelled);
	scale_exchange_read(&rig.x, SCALE_WEIGH_STABLE, &r);
	assert_int_equal(r.quality, QUALITY_TIMEOUT);
	assert_true(r.last - r.before >= 30 * NANOS_PER_S);
	assert_true(rig.device.cancelled);
	assert_int_equal(reading_of(&rig, &r), QUALITY_GOOD);
	bytes_close(rig.wire);
}

static void scales_are_tared_and_zeroed(void **state)
{
	struct error e = ERROR_INIT;
	struct rig rig;

	(void)state;
	rig_open(&rig, &scale_mt_sics, NULL, 0);
	must(scale_exchange_command(&rig.x, SCALE_TARE, &e));
	assert_string_equal(rig.device.command, "T");
	must(scale_exchange_command(&rig.x, SCALE_ZERO, &e));
	assert_string_equal(rig.device.command, "Z");
	bytes_close(rig.wire);
	rig_open(&rig, &scale_sartorius_sbi, NULL, 0);
	must(scale_exchange_command(&rig.x, SCALE_TARE, &e)); /* not answered */
	assert_string_equal(rig.device.command, "\033T");
	refused(scale_exchange_command(&rig.x, SCALE_WEIGH_STABLE, &e), ERROR_DEVICE, "no such command");
	bytes_close(rig.wire);
}

static void who_does_not_say_who_it_is_is_refused_with_a_hint(void **state)
{
	static const struct bytes_fault mute[] = {{BYTES_MUTE, 0, 100, 0}}, gone[] = {{BYTES_GONE, 0, 100, 0}};
	char serial[SCALE_TEXT] = "untouched", model[SCALE_TEXT];
	struct error e = ERROR_INIT;
	struct scale_reading r;
	struct rig rig;

	(void)state;
	rig_open(&rig, &scale_mt_sics, mute, 1);
	refused(scale_exchange_identify(&rig.x, serial, model, &e), ERROR_DEVICE, "set to this protocol");
	assert_non_null(strstr(e.text, "tank"));
	bytes_close(rig.wire);
	rig_open(&rig, &scale_mt_sics, gone, 1);
	refused(scale_exchange_identify(&rig.x, serial, model, &e), ERROR_DEVICE, "port is gone");
	scale_exchange_read(&rig.x, SCALE_WEIGH, &r);
	assert_int_equal(r.status, WIRE_GONE);
	assert_int_equal(r.quality, QUALITY_TIMEOUT);
	bytes_close(rig.wire);
	rig_open(&rig, &scale_mt_sics, NULL, 0);
	rig.device.serial = NULL;
	refused(scale_exchange_identify(&rig.x, serial, model, &e), ERROR_DEVICE, "ES");
	assert_string_equal(serial, "untouched");
	bytes_close(rig.wire);
}

static void another_scale_on_the_port_is_not_trusted(void **state)
{
	struct scale_reading r;
	struct rig rig;

	(void)state;
	rig_open(&rig, &scale_sartorius_sbi, NULL, 0);
	rig_identify(&rig);
	assert_int_equal(reading_of(&rig, &r), QUALITY_GOOD);
	rig.device.serial = "Z999";
	scale_exchange_use(&rig.x, rig.wire); /* as after the port was gone */
	assert_int_equal(reading_of(&rig, &r), QUALITY_SUSPECT);
	rig.device.serial = "B123456789";
	scale_exchange_use(&rig.x, rig.wire);
	assert_int_equal(reading_of(&rig, &r), QUALITY_GOOD);
	bytes_close(rig.wire);
}

/* Answers on the terminal until it is closed. */
static void *scale_thread(void *argument)
{
	struct peer *p = argument;
	char request[16];
	int n = 0;

	while (peer_hear(p, request, 4) == 4) {
		char answer[32];
		int length = memcmp(request, "SI", 2) == 0 ? snprintf(answer, sizeof(answer), "S S %10.2f kg\r\n", n++ / 10.0)
							   : snprintf(answer, sizeof(answer), "%.2s A \"7\"\r\n", request);

		for (int i = 0; i < length; i++) { /* as slow as 19200 baud */
			usleep(500);
			if (write(p->fd, answer + i, 1) != 1)
				return NULL;
		}
	}
	return NULL;
}

static void a_scale_is_read_over_a_terminal_at_real_time(void **state)
{
	char serial[SCALE_TEXT], model[SCALE_TEXT];
	struct clock *real = clock_open_system(1);
	struct clock_seat *own = clock_join(real, "test");
	struct scale_exchange_config c = {.driver = &scale_mt_sics, .name = "tank"};
	struct scale_exchange x;
	struct scale_reading r;
	struct error e = ERROR_INIT;
	struct peer p;
	struct bytes *b;
	pthread_t thread;

	(void)state;
	peer_start(&p, false);
	p.config.response_timeout = 5 * NANOS_PER_S;
	b = peer_open(&p, own);
	c.wire = p.config;
	assert_int_equal(pthread_create(&thread, NULL, scale_thread, &p), 0);
	scale_exchange_init(&x, &c, b);
	must(scale_exchange_identify(&x, serial, model, &e));
	assert_string_equal(serial, "7");
	for (int i = 0; i < 10; i++) {
		scale_exchange_read(&x, SCALE_WEIGH, &r);
		assert_int_equal(r.quality, QUALITY_GOOD);
		assert_near(r.weight, i / 10.0, 1e-12);
		assert_true(r.before <= r.after && r.after <= r.at && r.at <= r.last);
	}
	pthread_join(thread, NULL); /* nobody asks any more */
	bytes_close(b);
	peer_stop(&p);
	clock_leave(own);
	clock_close(real);
}

static void *printer_thread(void *argument)
{
	struct peer *p = argument;

	while (!atomic_load(&p->over)) {
		usleep(10000);
		if (write(p->fd, "S S       1.00 g\r\n", 18) != 18)
			break;
	}
	return NULL;
}

static void a_scale_that_sends_by_itself_is_refused_with_a_hint(void **state)
{
	char serial[SCALE_TEXT], model[SCALE_TEXT];
	struct clock *real = clock_open_system(1);
	struct clock_seat *own = clock_join(real, "test");
	struct scale_exchange_config c = {.driver = &scale_mt_sics, .name = "tank", .late_max = 150 * MS};
	struct scale_exchange x;
	struct error e = ERROR_INIT;
	struct peer p;
	struct bytes *b;
	pthread_t thread;

	(void)state;
	peer_start(&p, false);
	b = peer_open(&p, own);
	c.wire = p.config;
	assert_int_equal(pthread_create(&thread, NULL, printer_thread, &p), 0);
	scale_exchange_init(&x, &c, b);
	refused(scale_exchange_identify(&x, serial, model, &e), ERROR_DEVICE, "by itself");
	atomic_store(&p.over, true);
	pthread_join(thread, NULL);
	bytes_close(b);
	peer_stop(&p);
	clock_leave(own);
	clock_close(real);
}

static int open_all(void **state)
{
	struct error e = ERROR_INIT;

	(void)state;
	must(lockstep_open_alone(&clock_, 0, &e));
	seat = clock_join(clock_, "test");
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	clock_leave(seat);
	clock_close(clock_);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reading_has_weight_state_quality_and_instant),
		cmocka_unit_test(every_state_arrives_with_its_quality),
		cmocka_unit_test(a_late_weight_is_never_good),
		cmocka_unit_test(random_faults_never_make_a_wrong_weight_good),
		cmocka_unit_test(without_a_serial_number_readings_are_suspect_for_a_while),
		cmocka_unit_test(lateness_is_learnt),
		cmocka_unit_test(a_line_that_nobody_asked_for_is_thrown_away),
		cmocka_unit_test(a_weight_that_lost_a_digit_is_garbled),
		cmocka_unit_test(kern_scales_are_left_their_pause),
		cmocka_unit_test(a_stable_weight_is_awaited_and_cancelled_when_it_does_not_come),
		cmocka_unit_test(scales_are_tared_and_zeroed),
		cmocka_unit_test(who_does_not_say_who_it_is_is_refused_with_a_hint),
		cmocka_unit_test(another_scale_on_the_port_is_not_trusted),
		cmocka_unit_test(a_scale_is_read_over_a_terminal_at_real_time),
		cmocka_unit_test(a_scale_that_sends_by_itself_is_refused_with_a_hint),
	};

	return cmocka_run_group_tests_name("scale exchange", tests, open_all, close_all);
}
