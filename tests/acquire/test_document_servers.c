/* Buses of documents in real time, on servers that nobody here wrote: a feed by http.server, and Redis killed in the middle. */
#include "tests/acquire/rig.h"

#include "daq/device/document_points.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct place {
	struct rig rig;
	struct register_row row[8];
	pid_t pid;
	int port, hold;
};

static void describe(struct place *p, enum documents_kind kind, const char *const *keys)
{
	struct rig *rig = &p->rig;
	struct bench_bus *bus;
	int n = 0;

	rig->clock = clock_open_system(1);
	rig->bench = calloc(1, sizeof(*rig->bench));
	for (; keys[n]; n++) {
		p->row[n] = (struct register_row){.address = n, .scale = 1, .unit = "1", .min = NAN, .max = NAN};
		snprintf(p->row[n].name, sizeof(p->row[n].name), "v%d", n);
		strcpy(p->row[n].key, keys[n]);
	}
	if (kind == DOCUMENTS_HTTP)
		p->row[n++] = document_points[DOCUMENT_POINT_OFFSET];
	p->row[n - 1].address = n - 1;
	rig->map = (struct register_map){.kind = MAP_DOCUMENT, .name = "map", .max_words = 64, .max_gap = 64, .rows = n, .row = p->row,
		.check = -1};
	rig->bench->tick = S / 5;
	rig->bench->buses = rig->bench->devices = 1;
	bus = &rig->bench->bus[0];
	bus->kind = BUS_DOCUMENTS;
	bus->retry_after = S / 2;
	bus->words = (struct words_config){.name = "cic1", .response_timeout = S};
	bus->documents = (struct documents_config){.kind = kind, .name = "cic1", .host = "127.0.0.1", .tcp_port = p->port,
		.response_timeout = S};
	snprintf(bus->documents.url, sizeof(bus->documents.url), "http://127.0.0.1:%d/hour.json", p->port);
	strcpy(bus->time_key, kind == DOCUMENTS_HTTP ? "time.ts" : "");
	strcpy(rig->bench->device[0].name, "cic");
	strcpy(rig->bench->device[0].source, "rig.lua:1");
	rig->bench->device[0].map = &rig->map;
	for (int i = 0; i < n; i++) {
		rig_channel(rig, 0, i, false);
		rig->bench->channel[i].min = p->row[i].min;
		rig->bench->channel[i].max = p->row[i].max;
	}
	rig_make(rig);
}

static void place_free(struct place *p)
{
	bus_close(p->rig.bus);
	board_close(p->rig.board);
	ring_close(p->rig.ring);
	clock_leave(p->rig.seat);
	clock_close(p->rig.clock);
	free(p->rig.bench);
	if (p->hold > 0)
		close(p->hold);
	kill(p->pid, SIGKILL);
	waitpid(p->pid, NULL, 0);
}

static void a_feed_an_hour_off_with_null_and_no_hp2_is_logged_as_such(void **state)
{
	static const char *const keys[] = {"hp1.powerInput", "boiler.otFbChModeActive", "hp3.powerInput", "system.hostName", NULL};
	struct place p = {.pid = 0};
	struct rig_scan s;
	char line[32] = "", said[3000] = "";
	int in[2], out[2], good = 0, scans = 0;
	FILE *f;

	(void)state;
	assert_int_equal(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
	p.pid = fork();
	if (p.pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execl("/usr/bin/python3", "python3", "tests/wire/feed_server.py", (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	p.hold = in[1];
	f = fdopen(out[0], "r");
	if (fgets(line, sizeof(line), f))
		p.port = atoi(line);
	fclose(f);
	describe(&p, DOCUMENTS_HTTP, keys);
	rig_open_bus(&p.rig, NULL);
	rig_start(&p.rig);
	rig_run(&p.rig, 2 * S);
	rig_stop(&p.rig);
	while (rig_next(&p.rig, &s, said, sizeof(said))) {
		scans++;
		good += s.quality[0] == QUALITY_GOOD && s.value[0] == 1053;
		assert_true(isnan(s.value[1]) && isnan(s.value[2]) && isnan(s.value[3]));
		if (s.quality[0] != QUALITY_GOOD)
			continue;
		assert_int_equal(s.quality[1], QUALITY_GAP);
		assert_int_equal(s.quality[2], QUALITY_GAP);
		assert_int_equal(s.quality[3], QUALITY_EXCEPTION);
		assert_int_equal(s.quality[4], QUALITY_RANGE);
		assert_near(s.value[4], 3600, 1);
	}
	assert_true(scans >= 8 && good >= scans - 2);
	assert_non_null(strstr(said, "its clock is 3600.0 s ahead of ours"));
	assert_non_null(strstr(said, "hp3.powerInput is missing: no value"));
	place_free(&p);
}

static void launch_redis(struct place *p)
{
	char port[16], command[120];

	snprintf(port, sizeof(port), "%d", p->port);
	p->pid = fork();
	if (p->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!freopen("/dev/null", "w", stdout))
			_exit(126);
		execl("/usr/bin/redis-check-rdb", "redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", (char *)NULL);
		_exit(127);
	}
	snprintf(command, sizeof(command), "redis-cli -p %d mset 31 800.3 103 on >/dev/null 2>&1", p->port);
	for (int i = 0; i < 500 && system(command) != 0; i++)
		usleep(20000);
}

static int free_port(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	getsockname(fd, (struct sockaddr *)&a, &size);
	close(fd);
	return ntohs(a.sin_port);
}

/* Waits until a scan is just complete. */
static void await_scan(struct rig *rig)
{
	struct board_value latest[BENCH_CHANNELS];
	int64_t tick = board_snapshot(rig->board, latest);

	while (board_snapshot(rig->board, latest) == tick)
		clock_wait(rig->seat, clock_now(rig->clock) + MS);
}

static void redis_killed_in_the_middle_leaves_gaps_and_comes_back(void **state)
{
	static const char *const keys[] = {"31", "103", "9008", NULL};
	struct place p = {.pid = 0};
	struct rig_scan s;
	char said[3000] = "";
	int before = 0, away = 0, after = 0;

	(void)state;
	if (access("/usr/bin/redis-check-rdb", X_OK) != 0) {
		print_message("redis-tools is not installed\n");
		skip();
	}
	p.port = free_port();
	launch_redis(&p);
	describe(&p, DOCUMENTS_REDIS, keys);
	rig_open_bus(&p.rig, NULL);
	rig_start(&p.rig);
	rig_run(&p.rig, S);
	await_scan(&p.rig); /* nothing is under way now: the next fetch finds nobody */
	kill(p.pid, SIGKILL);
	waitpid(p.pid, NULL, 0);
	rig_run(&p.rig, S);
	launch_redis(&p);
	rig_run(&p.rig, 2 * S);
	rig_stop(&p.rig);
	while (rig_next(&p.rig, &s, said, sizeof(said))) {
		bool good = s.quality[0] == QUALITY_GOOD;

		before += good && !away;
		away += !good;
		after += good && away;
		assert_true(good ? s.value[0] == 800.3 : isnan(s.value[0]));
		assert_true(good || s.quality[0] == QUALITY_TIMEOUT || s.quality[0] == QUALITY_GAP);
		assert_true(isnan(s.value[1]) && isnan(s.value[2])); /* "on" is no number, 9008 is not there */
	}
	assert_true(before >= 3 && away >= 4 && after >= 4);
	assert_non_null(strstr(said, "cic: no document: no connection: Connection refused"));
	assert_non_null(strstr(said, "cic: gives documents again"));
	place_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_feed_an_hour_off_with_null_and_no_hp2_is_logged_as_such),
		cmocka_unit_test(redis_killed_in_the_middle_leaves_gaps_and_comes_back),
	};

	return cmocka_run_group_tests_name("document servers", tests, NULL, NULL);
}
