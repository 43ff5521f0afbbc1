/* A bus of documents in lock-step time: what is good, stale, suspect or no value, and what the journal says once. */
#include "tests/acquire/rig.h"

#include "daq/device/document_points.h"
#include "daq/wire/documents_faulty.h"

#define UTC0 (INT64_C(1700000000) * S)

enum { POWER, OUTSIDE, HEATING, COUNTER, NAME, OFFSET, AGE, ROWS };

struct feed {
	struct rig rig;
	struct register_row row[ROWS];
	char text[512];
	double offset;	/* its clock minus ours, s */
	int period;	/* s between two documents */
	const char *host;
	const char *(*tell)(struct feed *feed, double now, double ts);
	char said[4000];
};

static const char *ordinary(struct feed *f, double now, double ts)
{
	snprintf(f->text, sizeof(f->text), "{\"time\":{\"ts\":%.0f},\"system\":{\"hostName\":\"%s\"},\"hp1\":{\"powerInput\":%.0f,"
		"\"temperatureOutside\":%.2f,\"silentModeStatus\":true,\"energy\":%.0f}}",
		ts * 1e3, f->host, 1000 + floor(now), 4.25, floor(now));
	return f->text;
}

static const char *answer(void *self, const char *const *keys, int count)
{
	struct feed *f = self;
	double now = (double)clock_now(f->rig.clock) / 1e9, made = floor(now / f->period) * f->period;

	(void)keys;
	(void)count;
	return f->tell(f, made, (double)(UTC0 / S) + made + f->offset);
}

static void describe(struct feed *f)
{
	static const struct register_row rows[] = {
		[POWER] = {.name = "power", .key = "hp1.powerInput", .scale = 1, .unit = "W", .min = NAN, .max = NAN},
		[OUTSIDE] = {.name = "outside", .key = "hp1.temperatureOutside", .scale = 1, .unit = "degC", .min = NAN, .max = NAN},
		[HEATING] = {.name = "heating", .key = "hp1.silentModeStatus", .scale = 1, .unit = "1", .min = NAN, .max = NAN},
		[COUNTER] = {.name = "energy", .key = "hp1.energy", .scale = 1, .unit = "kWh", .kind = KIND_COUNTER, .min = NAN, .max = NAN},
		[NAME] = {.name = "name", .key = "system.hostName", .scale = 1, .unit = "1"}};
	struct rig *rig = &f->rig;
	struct error e = ERROR_INIT;

	memset(f, 0, sizeof(*f));
	f->tell = ordinary;
	f->period = 1;
	f->host = "CIC-1";
	must(lockstep_open_alone(&rig->clock, UTC0, &e));
	rig->bench = calloc(1, sizeof(*rig->bench));
	memcpy(f->row, rows, sizeof(rows));
	for (int i = 0; i < DOCUMENT_POINTS; i++)
		f->row[OFFSET + i] = document_points[i];
	for (int i = 0; i < ROWS; i++)
		f->row[i].address = i;
	rig->map = (struct register_map){.kind = MAP_DOCUMENT, .name = "feed", .max_words = 64, .max_gap = 64, .rows = ROWS,
		.row = f->row, .check = -1, .identities = 1, .identity = {NAME}, .identity_name = {"hostName"}};
	rig->bench->tick = S;
	rig->bench->buses = rig->bench->devices = 1;
	rig->bench->bus[0].kind = BUS_DOCUMENTS;
	rig->bench->bus[0].retry_after = 5 * S;
	rig->bench->bus[0].words = (struct words_config){.name = "cic1", .response_timeout = S / 2};
	rig->bench->bus[0].documents = (struct documents_config){.kind = DOCUMENTS_HTTP, .name = "cic1", .url = "http://cic1/"};
	strcpy(rig->bench->bus[0].time_key, "time.ts");
	strcpy(rig->bench->device[0].name, "cic");
	strcpy(rig->bench->device[0].source, "rig.lua:1");
	rig->bench->device[0].map = &rig->map;
	for (int i = 0; i < ROWS; i++) {
		if (i == NAME)
			continue;
		rig_channel(rig, 0, i, false);
		rig->bench->channel[rig->bench->channels - 1].kind = f->row[i].kind;
		if (i >= OFFSET) {
			rig->bench->channel[rig->bench->channels - 1].min = f->row[i].min;
			rig->bench->channel[rig->bench->channels - 1].max = f->row[i].max;
		}
	}
	rig_make(rig);
}

static int open_bus(struct feed *f, const struct documents_fault *faults, int count, struct error *e)
{
	struct rig *rig = &f->rig;
	const struct documents_memory memory = {answer, f, 40 * MS, S / 2};
	struct documents *plain = NULL, *faulty = NULL;
	struct bus_setup setup = {.bench = rig->bench, .plan = &rig->plan, .seat = rig->seat, .board = rig->board,
		.journal = &rig->journal, .keep_raw = true};

	if (documents_memory_open(&plain, &memory, rig->seat, e) != 0 ||
		documents_faulty_open(&faulty, plain, faults, count, S / 2, rig->seat, e) != 0)
		return -1;
	setup.documents = faulty;
	if (bus_open(&rig->bus, &setup, NULL, e) != 0)
		return -1;
	return bus_identify(rig->bus, 0, &rig->identity, e);
}

/* Identity takes fetch 0; ticks count from fetch 1. */
static void run(struct feed *f, const struct documents_fault *faults, int count, nanos duration)
{
	struct error e = ERROR_INIT;

	must(open_bus(f, faults, count, &e));
	rig_start(&f->rig);
	rig_run(&f->rig, duration);
	rig_stop(&f->rig);
}

static void feed_free(struct feed *f)
{
	bus_close(f->rig.bus);
	board_close(f->rig.board);
	ring_close(f->rig.ring);
	clock_leave(f->rig.seat);
	clock_close(f->rig.clock);
	free(f->rig.bench);
}

/* Columns of a scan: power, outside, heating, counter, offset, age. */
enum { C_POWER, C_OUTSIDE, C_HEATING, C_COUNTER, C_OFFSET, C_AGE };

static int count_of(const char *text, const char *what)
{
	int n = 0;

	for (const char *p = strstr(text, what); p; p = strstr(p + 1, what))
		n++;
	return n;
}

static void a_feed_gives_its_values_and_how_its_clock_goes(void **state)
{
	struct feed f;
	struct rig_scan s;
	int scans = 0;

	(void)state;
	describe(&f);
	f.offset = 2.5;
	run(&f, NULL, 0, 10 * S);
	assert_string_equal(f.rig.identity.value[0], "CIC-1");
	while (rig_next(&f.rig, &s, f.said, sizeof(f.said))) {
		scans++;
		for (int i = 0; i <= C_AGE; i++)
			assert_int_equal(s.quality[i], QUALITY_GOOD);
		assert_near(s.value[C_POWER], 1000 + floor((double)board_tick_time(f.rig.board, s.tick) / 1e9), 0);
		assert_near(s.value[C_HEATING], 1, 0);
		/* The middle of a fetch of 40 ms lies 20 ms behind the tick, and the document is of the second. */
		assert_near(s.value[C_OFFSET], 2.5 - 0.02 - fmod((double)board_tick_time(f.rig.board, s.tick) / 1e9, 1), 1e-6);
		assert_near(s.value[C_AGE], 0, 0);
	}
	assert_in_range(scans, 9, 11);
	assert_string_equal(f.said, "");
	feed_free(&f);
}

static void a_document_that_has_not_moved_is_stale_and_ages(void **state)
{
	struct feed f;
	struct rig_scan s;
	int good = 0, stale = 0;

	(void)state;
	describe(&f);
	f.period = 5;
	run(&f, NULL, 0, 20 * S);
	while (rig_next(&f.rig, &s, f.said, sizeof(f.said))) {
		bool new = s.quality[C_POWER] == QUALITY_GOOD;

		good += new;
		stale += s.quality[C_POWER] == QUALITY_STALE;
		assert_int_equal(s.quality[C_OFFSET], new ? QUALITY_GOOD : QUALITY_STALE);
		assert_int_equal(s.quality[C_AGE], QUALITY_GOOD);
		assert_true(new ? s.value[C_AGE] == 0 : s.value[C_AGE] >= 1 && s.value[C_AGE] < 5);
		assert_false(isnan(s.value[C_POWER])); /* the last known one, marked */
	}
	assert_in_range(good, 4, 5);
	assert_in_range(stale, 15, 16);
	feed_free(&f);
}

static const char *without_values(struct feed *f, double now, double ts)
{
	(void)now;
	snprintf(f->text, sizeof(f->text), "{\"time\":{\"ts\":%.0f},\"system\":{\"hostName\":\"CIC-1\"},\"hp1\":{\"powerInput\":null,"
		"\"silentModeStatus\":\"yes\",\"energy\":\"12.5\"}}", ts * 1e3);
	return f->text;
}

static void null_and_missing_are_gaps_and_text_is_an_exception_never_zero(void **state)
{
	struct feed f;
	struct rig_scan s;
	int scans = 0;

	(void)state;
	describe(&f);
	f.tell = without_values;
	run(&f, NULL, 0, 10 * S);
	while (rig_next(&f.rig, &s, f.said, sizeof(f.said))) {
		scans++;
		assert_int_equal(s.quality[C_POWER], QUALITY_GAP);
		assert_int_equal(s.quality[C_OUTSIDE], QUALITY_GAP);
		assert_int_equal(s.quality[C_HEATING], QUALITY_EXCEPTION);
		assert_int_equal(s.quality[C_COUNTER], QUALITY_GOOD);
		assert_near(s.value[C_COUNTER], 12.5, 0);
		assert_true(isnan(s.value[C_POWER]) && isnan(s.value[C_OUTSIDE]) && isnan(s.value[C_HEATING]));
	}
	assert_true(scans > 8);
	assert_int_equal(count_of(f.said, "hp1.powerInput is null: no value"), 1);
	assert_int_equal(count_of(f.said, "hp1.temperatureOutside is missing: no value"), 1);
	assert_int_equal(count_of(f.said, "hp1.silentModeStatus is no number: no value"), 1);
	feed_free(&f);
}

static void every_way_to_fail_is_told_once_and_gives_no_value(void **state)
{
	static const struct {
		enum documents_fault_kind kind;
		enum quality quality;
		const char *words;
	} cases[] = {{DOCUMENTS_MUTE, QUALITY_TIMEOUT, "no answer in time"}, {DOCUMENTS_CUT, QUALITY_CHECKSUM, "cut short after"},
		{DOCUMENTS_REFUSED, QUALITY_EXCEPTION, "HTTP 500"}, {DOCUMENTS_GARBAGE, QUALITY_CHECKSUM, "begins with: <html>no feed"},
		{DOCUMENTS_GONE, QUALITY_TIMEOUT, "Connection refused"}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct documents_fault fault = {cases[i].kind, 4, 2};
		struct feed f;
		struct rig_scan s;
		int bad = 0, gaps = 0, good = 0;

		describe(&f);
		run(&f, &fault, 1, 15 * S);
		while (rig_next(&f.rig, &s, f.said, sizeof(f.said))) {
			assert_true(s.quality[C_POWER] == QUALITY_GOOD || isnan(s.value[C_POWER]));
			bad += s.quality[C_POWER] == cases[i].quality;
			gaps += s.quality[C_POWER] == QUALITY_GAP;
			good += s.quality[C_POWER] == QUALITY_GOOD;
		}
		assert_int_equal(bad, 2);
		assert_in_range(good + gaps + bad, 14, 15); /* the last tick and the end are at one instant */
		/* Silence twice in a row: left alone for 5 s; what answers is asked at every tick. */
		assert_int_equal(gaps, cases[i].quality == QUALITY_TIMEOUT ? 5 : 0);
		assert_int_equal(count_of(f.said, cases[i].words), 1);
		assert_int_equal(count_of(f.said, "gives documents again"), 1);
		feed_free(&f);
	}
}

static const char *leaping(struct feed *f, double now, double ts)
{
	return ordinary(f, now, ts + (now >= 5 && now < 9 ? 3600 : 0));
}

static void a_clock_an_hour_off_is_flagged_and_told_and_values_stay(void **state)
{
	struct feed f;
	struct rig_scan s;
	int range = 0, suspect = 0, scans = 0;

	(void)state;
	describe(&f);
	f.offset = -3600;
	run(&f, NULL, 0, 8 * S);
	while (rig_next(&f.rig, &s, f.said, sizeof(f.said))) {
		assert_int_equal(s.quality[C_POWER], QUALITY_GOOD);
		assert_int_equal(s.quality[C_OFFSET], QUALITY_RANGE);
		assert_true(s.value[C_OFFSET] < -3599 && s.value[C_OFFSET] > -3602);
	}
	assert_int_equal(count_of(f.said, "its clock is 3600"), 1);
	assert_int_equal(count_of(f.said, "behind ours"), 1);
	feed_free(&f);

	describe(&f);
	f.tell = leaping;
	run(&f, NULL, 0, 14 * S);
	while (rig_next(&f.rig, &s, f.said, sizeof(f.said))) {
		scans++;
		range += s.quality[C_OFFSET] == QUALITY_RANGE;
		suspect += s.quality[C_POWER] == QUALITY_SUSPECT;
		assert_true(s.quality[C_POWER] == QUALITY_GOOD || s.quality[C_POWER] == QUALITY_SUSPECT);
	}
	assert_int_equal(count_of(f.said, "its clock jumped by +3600"), 1);
	assert_int_equal(count_of(f.said, "its clock went back by 3600"), 1);
	assert_int_equal(suspect, 1); /* the one that is older than the one before */
	assert_int_equal(range, 3);
	assert_true(scans > 12);
	feed_free(&f);
}

static const char *exchanged(struct feed *f, double now, double ts)
{
	f->host = now >= 4 && now < 8 ? "CIC-2" : "CIC-1";
	return ordinary(f, now, ts);
}

static void another_device_in_its_place_is_suspect_until_it_is_back(void **state)
{
	struct feed f;
	struct rig_scan s;
	int suspect = 0, good = 0;

	(void)state;
	describe(&f);
	f.tell = exchanged;
	run(&f, NULL, 0, 12 * S);
	while (rig_next(&f.rig, &s, f.said, sizeof(f.said))) {
		suspect += s.quality[C_POWER] == QUALITY_SUSPECT;
		good += s.quality[C_POWER] == QUALITY_GOOD;
	}
	assert_int_equal(suspect, 4);
	assert_in_range(good, 7, 8);
	assert_int_equal(count_of(f.said, "another device answers in its place (hostName CIC-2)"), 1);
	assert_int_equal(count_of(f.said, "expected device again"), 1);
	feed_free(&f);
}

static const char *nameless(struct feed *f, double now, double ts)
{
	(void)now;
	snprintf(f->text, sizeof(f->text), "{\"time\":{\"ts\":%.0f},\"hp1\":{}}", ts * 1e3);
	return f->text;
}

static const char *timeless(struct feed *f, double now, double ts)
{
	(void)now;
	(void)ts;
	snprintf(f->text, sizeof(f->text), "{\"time\":{\"ts\":\"2023-11-14T22:13:20Z\"},\"system\":{\"hostName\":\"CIC-1\"}}");
	return f->text;
}

static void a_feed_that_cannot_be_known_does_not_start(void **state)
{
	static const struct documents_fault refused_at_once = {DOCUMENTS_REFUSED, 0, 1};
	struct error e = ERROR_INIT;
	struct feed f;

	(void)state;
	describe(&f);
	f.tell = nameless;
	refused(open_bus(&f, NULL, 0, &e), ERROR_DEVICE, "rig.lua:1: the document of 'cic' (http://cic1/) does not say whose it is: "
		"system.hostName has no text");
	feed_free(&f);
	describe(&f);
	f.tell = timeless;
	refused(open_bus(&f, NULL, 0, &e), ERROR_DEVICE, "no time in ms since 1970 under 'time.ts'");
	feed_free(&f);
	describe(&f);
	refused(open_bus(&f, &refused_at_once, 1, &e), ERROR_DEVICE, "gives no document: HTTP 500");
	feed_free(&f);
	describe(&f);
	f.rig.bench->device[0].expects = 1;
	strcpy(f.rig.bench->device[0].expect[0].what, "hostName");
	strcpy(f.rig.bench->device[0].expect[0].value, "CIC-9");
	refused(open_bus(&f, NULL, 0, &e), ERROR_DEVICE, "its hostName is CIC-1, the bench file says CIC-9");
	feed_free(&f);
}

static void the_whole_document_is_kept_with_half_its_fetch(void **state)
{
	struct feed f;
	const void *data;
	size_t size;
	int kind, blocks = 0;

	(void)state;
	describe(&f);
	run(&f, NULL, 0, 5 * S);
	while (ring_peek(f.rig.ring, 0, &kind, &data, &size)) {
		const struct record_block *head = data;

		if (kind == RECORD_BLOCK) {
			blocks++;
			assert_true(head->half_width == 20 * MS && head->last - head->before == 40 * MS);
			assert_memory_equal((const char *)data + sizeof(*head), "{\"time\":{\"ts\":17000000", 20);
			assert_true(((const char *)data)[size - 1] == '}');
		}
		ring_done(f.rig.ring);
	}
	assert_in_range(blocks, 4, 6);
	feed_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_feed_gives_its_values_and_how_its_clock_goes),
		cmocka_unit_test(a_document_that_has_not_moved_is_stale_and_ages),
		cmocka_unit_test(null_and_missing_are_gaps_and_text_is_an_exception_never_zero),
		cmocka_unit_test(every_way_to_fail_is_told_once_and_gives_no_value),
		cmocka_unit_test(a_clock_an_hour_off_is_flagged_and_told_and_values_stay),
		cmocka_unit_test(another_device_in_its_place_is_suspect_until_it_is_back),
		cmocka_unit_test(a_feed_that_cannot_be_known_does_not_start),
		cmocka_unit_test(the_whole_document_is_kept_with_half_its_fetch),
	};

	return cmocka_run_group_tests_name("documents", tests, NULL, NULL);
}
