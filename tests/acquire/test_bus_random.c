/* Thousands of benches with random faults: whatever happens on the wire, no value marked good is ever wrong. */
#include "tests/acquire/rig.h"

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { BENCHES = 400 };
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
enum { BENCHES = 400 };
#else
enum { BENCHES = 4000 };
#endif
#else
enum { BENCHES = 4000 };
#endif

enum { FAULTS = 8 };

static uint64_t seed;

/* splitmix64 */
static int dice(int sides)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (int)((z ^ z >> 31) % (uint64_t)sides);
}

static void random_faults(struct words_fault *faults, int n, int first)
{
	static const enum words_fault_kind kinds[] = {FAULT_LATE, FAULT_LATE, FAULT_LATE, FAULT_LATE, FAULT_MUTE,
		FAULT_SHORT, FAULT_GARBLED, FAULT_WRONG_UNIT, FAULT_EXCEPTION};

	for (int i = 0; i < n; i++) {
		faults[i].kind = kinds[dice(sizeof(kinds) / sizeof(kinds[0]))];
		faults[i].from = first + dice(60);
		faults[i].count = 1 + dice(dice(4) ? 2 : 8);
		/* within the drain, just past it, and far past it */
		faults[i].late = (100 + dice(dice(2) ? 1000 : 9000)) * MS;
	}
}

struct total {
	long good, bad, scans, late;
};

/* One bench: its shape, its faults and its timing come from the seed. */
static void one_bench(uint64_t number, struct total *total)
{
	struct words_fault faults[FAULTS];
	struct bus_health health;
	struct rig rig;
	struct rig_scan s;
	int devices, n;

	seed = number;
	devices = 1 + dice(2);
	n = 1 + dice(FAULTS);
	rig_describe(&rig, devices, 1 + dice(4), (1 + dice(3)) * S, 100 * MS);
	rig.map.max_gap = dice(2) ? 0 : 10 * dice(4);
	if (dice(2))
		rig_channel(&rig, dice(devices), rig.map.check, false);
	for (int c = 0; c < rig.bench->channels && dice(2); c++)
		rig.bench->channel[c].every = 1 + dice(3);
	rig.silent_from = (dice(40)) * S + 5 * S;
	rig.silent_to = dice(3) ? 0 : rig.silent_from + dice(20) * S;
	random_faults(faults, n, 2 * devices);
	rig.label = (long)number;
	rig_make(&rig);
	rig_open_bus(&rig, rig_words(&rig, faults, n, (1 + dice(20)) * MS));
	rig_start(&rig);
	rig_run(&rig, 60 * S);
	rig_stop(&rig);
	while (rig_next(&rig, &s, NULL, 0)) {
		rig_check_good(&rig, &s);
		total->scans++;
		for (int i = 0; i < s.n; i++) {
			if (rig.bench->channel[rig.plan.group[s.group].channel[i]].output)
				continue;
			total->good += s.quality[i] == QUALITY_GOOD;
			total->bad += s.quality[i] != QUALITY_GOOD;
		}
	}
	bus_health(rig.bus, &health);
	total->late += health.late + health.wrong;
	rig_free(&rig);
}

static void no_value_marked_good_is_ever_wrong(void **state)
{
	struct total total = {0};
	const char *only = getenv("ONLY_SEED");

	(void)state;
	for (uint64_t number = 1; number <= BENCHES; number++) {
		uint64_t chosen = only ? strtoull(only, NULL, 10) : number;

		one_bench(chosen, &total);
		if (only)
			break;
	}
	print_message("%d benches, %ld scans: %ld values good, %ld not, %ld late or wrong replies\n", BENCHES, total.scans,
		total.good, total.bad, total.late);
	assert_true(total.late > BENCHES);
	assert_true(total.good > total.bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_value_marked_good_is_ever_wrong),
	};

	return cmocka_run_group_tests_name("random faults", tests, NULL, NULL);
}
