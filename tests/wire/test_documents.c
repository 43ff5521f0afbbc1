/* The real ends against servers that nobody here wrote: Python's http.server, and redis-server. */
#include "tests/check.h"

#include "daq/wire/documents.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT (600 * NANOS_PER_MS)
#define MUCH 2500 /* ms of real time that a fetch with this time-out may take on a busy machine */

struct peer {
	pid_t pid;
	int hold; /* its stdin */
	int port;
	struct clock *clock;
	struct clock_seat *seat;
	struct documents *wire;
	struct documents_config config;
};

static void peer_init(struct peer *p)
{
	memset(p, 0, sizeof(*p));
	p->hold = -1;
	p->clock = clock_open_system(1);
	p->seat = clock_join(p->clock, "test");
	p->config.response_timeout = TIMEOUT;
	strcpy(p->config.name, "cic1");
}

static void peer_close(struct peer *p)
{
	documents_close(p->wire);
	p->wire = NULL;
}

static void peer_free(struct peer *p)
{
	peer_close(p);
	clock_leave(p->seat);
	clock_close(p->clock);
	if (p->hold >= 0)
		close(p->hold);
	if (p->pid > 0) {
		kill(p->pid, SIGKILL);
		waitpid(p->pid, NULL, 0);
	}
}

static void start_feed(struct peer *p)
{
	char line[32] = "";
	int in[2], out[2];
	FILE *f;

	peer_init(p);
	assert_int_equal(pipe(in) | pipe(out), 0);
	p->pid = fork();
	if (p->pid == 0) {
		close(in[1]);
		dup2(in[0], 0);
		dup2(out[1], 1);
		execl("/usr/bin/python3", "python3", "tests/wire/feed_server.py", (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	p->hold = in[1];
	f = fdopen(out[0], "r");
	if (fgets(line, sizeof(line), f))
		p->port = atoi(line);
	fclose(f);
	assert_true(p->port > 0);
}

static void open_path(struct peer *p, const char *path)
{
	struct error e = ERROR_INIT;

	peer_close(p);
	p->config.kind = DOCUMENTS_HTTP;
	snprintf(p->config.url, sizeof(p->config.url), "http://127.0.0.1:%d/%s", p->port, path);
	must(documents_open(&p->wire, &p->config, p->seat, &e));
}

/* One fetch, in bounded real time. */
static void fetch(struct peer *p, const char *const *keys, int count, struct documents_reply *r)
{
	int64_t start = clock_wall_ms();

	documents_fetch(p->wire, keys, count, r);
	if (clock_wall_ms() - start > MUCH)
		fail_msg("a fetch took %lld ms", (long long)(clock_wall_ms() - start));
	assert_true(r->before <= r->after && r->after <= r->last);
	assert_true(r->status == WIRE_OK || (r->body == NULL && r->detail[0] != '\0'));
}

static void a_feed_is_fetched_whole_again_and_again(void **state)
{
	struct documents_reply r;
	struct peer p;

	(void)state;
	start_feed(&p);
	open_path(&p, "feed.json");
	for (int i = 0; i < 20; i++) {
		fetch(&p, NULL, 0, &r);
		if (r.status != WIRE_OK)
			fail_msg("%s, %s", wire_status_name(r.status), r.detail);
		assert_int_equal(r.code, 200);
		assert_int_equal(strlen(r.body), r.size);
		assert_non_null(strstr(r.body, "\"powerInput\": 1053"));
		assert_int_equal(r.body[r.size - 1], '}');
	}
	peer_free(&p);
}

static void each_failure_of_a_server_has_its_words(void **state)
{
	static const struct {
		const char *path;
		enum wire_status status;
		int code;
		const char *words;
	} cases[] = {{"500", WIRE_EXCEPTION, 500, "HTTP 500"}, {"404", WIRE_EXCEPTION, 404, "HTTP 404"},
		{"moved.json", WIRE_EXCEPTION, 302, "which is not followed"}, {"half.json", WIRE_CHECKSUM, 200, "cut short after"},
		{"chunk.json", WIRE_CHECKSUM, 200, "cut short after"}, {"closed.json", WIRE_CHECKSUM, 0, "closed without an answer"},
		{"huge.json", WIRE_MISMATCH, 200, "longer than 1024 KiB"}, {"slow.json", WIRE_TIMEOUT, 200, "stopped coming in the middle"},
		{"mute.json", WIRE_TIMEOUT, 0, "connected, but no answer in time"}};
	struct documents_reply r;
	struct peer p;

	(void)state;
	start_feed(&p);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		open_path(&p, cases[i].path);
		for (int again = 0; again < 2; again++) {
			fetch(&p, NULL, 0, &r);
			if (r.status != cases[i].status || !strstr(r.detail, cases[i].words))
				fail_msg("%s: %s, %s", cases[i].path, wire_status_name(r.status), r.detail);
			if (r.status == WIRE_EXCEPTION)
				assert_int_equal(r.code, cases[i].code);
		}
	}
	open_path(&p, "log");
	fetch(&p, NULL, 0, &r);
	assert_null(strstr(r.body, "feed.json")); /* the redirect was not followed */
	peer_free(&p);
}

static void an_unchanged_document_is_not_sent_again(void **state)
{
	struct documents_reply r;
	struct peer p;

	(void)state;
	start_feed(&p);
	open_path(&p, "fixed.json");
	fetch(&p, NULL, 0, &r);
	assert_true(r.status == WIRE_OK && !r.unchanged && r.size > 100);
	for (int i = 0; i < 3; i++) {
		fetch(&p, NULL, 0, &r);
		assert_true(r.status == WIRE_OK && r.unchanged && r.body == NULL);
	}
	documents_forget(p.wire);
	fetch(&p, NULL, 0, &r);
	assert_true(r.status == WIRE_OK && !r.unchanged && r.size > 100);
	peer_free(&p);
}

static void a_proxy_of_the_environment_is_not_asked(void **state)
{
	struct documents_reply r;
	struct peer p;

	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	start_feed(&p);
	open_path(&p, "feed.json");
	fetch(&p, NULL, 0, &r);
	assert_int_equal(r.status, WIRE_OK);
	peer_free(&p);
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
}

/* A port of this machine with nobody behind it, or with somebody who never says anything. */
static int a_port(bool listens, int *fd)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(a);

	*fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(*fd, (struct sockaddr *)&a, sizeof(a)), 0);
	getsockname(*fd, (struct sockaddr *)&a, &size);
	if (listens)
		assert_int_equal(listen(*fd, 5), 0);
	return ntohs(a.sin_port);
}

static void nobody_there_and_nobody_known_are_told_apart(void **state)
{
	static const char *const key = "31";
	struct documents_reply r;
	struct error e = ERROR_INIT;
	char why[200];
	struct peer p;
	int fd;

	(void)state;
	for (int kind = DOCUMENTS_HTTP; kind <= DOCUMENTS_REDIS; kind++) {
		peer_init(&p);
		p.config.kind = (enum documents_kind)kind;
		p.config.tcp_port = a_port(false, &fd);
		snprintf(p.config.url, sizeof(p.config.url), "http://127.0.0.1:%d/x", p.config.tcp_port);
		strcpy(p.config.host, "127.0.0.1");
		must(documents_open(&p.wire, &p.config, p.seat, &e));
		fetch(&p, &key, 1, &r);
		assert_int_equal(r.status, WIRE_GONE);
		if (!strstr(r.detail, "onnection refused"))
			fail_msg("%s", r.detail);
		assert_false(documents_host_unknown(&p.config, 1000, why, sizeof(why)));
		peer_close(&p);
		close(fd);

		p.config.tcp_port = a_port(true, &fd); /* takes connections, and says nothing */
		snprintf(p.config.url, sizeof(p.config.url), "http://127.0.0.1:%d/x", p.config.tcp_port);
		must(documents_open(&p.wire, &p.config, p.seat, &e));
		fetch(&p, &key, 1, &r);
		assert_int_equal(r.status, WIRE_TIMEOUT);
		assert_string_equal(r.detail, "connected, but no answer in time");
		peer_close(&p);
		close(fd);

		strcpy(p.config.url, "http://no-such-cic.invalid:8080/x"); /* RFC 2606: never a host */
		strcpy(p.config.host, "no-such-cic.invalid");
		must(documents_open(&p.wire, &p.config, p.seat, &e));
		fetch(&p, &key, 1, &r);
		assert_true(r.status == WIRE_GONE || r.status == WIRE_TIMEOUT);
		assert_true(documents_host_unknown(&p.config, 1000, why, sizeof(why)));
		assert_non_null(strstr(why, "no-such-cic.invalid"));
		peer_free(&p);
		close(fd);
	}
	peer_init(&p);
	strcpy(p.config.url, "ftp://cic1/feed");
	refused(documents_open(&p.wire, &p.config, p.seat, &e), ERROR_CONFIG, "ftp://cic1/feed");
	peer_free(&p);
}

static bool have_redis(void)
{
	return access("/usr/bin/redis-check-rdb", X_OK) == 0;
}

static void launch_redis(struct peer *p, const char *password)
{
	char port[16];

	snprintf(port, sizeof(port), "%d", p->port);
	p->pid = fork();
	if (p->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves no server behind */
		if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
			_exit(126);
		execl("/usr/bin/redis-check-rdb", "redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
			"--requirepass", password, (char *)NULL);
		_exit(127);
	}
}

static void start_redis(struct peer *p, const char *password)
{
	struct error e = ERROR_INIT;
	int fd;

	if (!have_redis()) {
		print_message("redis-tools is not installed\n");
		skip();
	}
	peer_init(p);
	p->port = a_port(false, &fd);
	close(fd);
	launch_redis(p, password);
	p->config.kind = DOCUMENTS_REDIS;
	p->config.tcp_port = p->port;
	strcpy(p->config.host, "localhost");
	strcpy(p->config.password, password);
	must(documents_open(&p->wire, &p->config, p->seat, &e));
}

/* Waits until it answers at all. */
static void await_redis(struct peer *p)
{
	static const char *const key = "31";
	struct documents_reply r;

	for (int i = 0; i < 500; i++) {
		documents_fetch(p->wire, &key, 1, &r);
		if (r.status == WIRE_OK)
			return;
		usleep(20000);
	}
	fail_msg("redis-server does not come up: %s", r.detail);
}

/* redis-cli sets what is read, so that nobody here says how Redis stores it. */
static void set(struct peer *p, int database, const char *key, const char *value)
{
	char command[300];

	snprintf(command, sizeof(command), "printf '%%b' '%s' | redis-cli -p %d -n %d %s%s -x set %s >/dev/null 2>&1", value, p->port,
		database, p->config.password[0] ? "-a " : "", p->config.password, key);
	assert_int_equal(system(command), 0);
}

static void keys_of_redis_become_a_document(void **state)
{
	static const char *const keys[] = {"31", "103", "9008", "odd", "list"};
	struct documents_reply r;
	struct peer p;
	char command[160];

	(void)state;
	start_redis(&p, "");
	await_redis(&p);
	set(&p, 0, "31", "800.3");
	set(&p, 0, "103", "1");
	set(&p, 0, "odd", "a\\0377b"); /* no UTF-8 */
	snprintf(command, sizeof(command), "redis-cli -p %d rpush list 1 2 >/dev/null", p.port);
	assert_int_equal(system(command), 0);
	fetch(&p, keys, 5, &r);
	assert_int_equal(r.status, WIRE_OK);
	assert_string_equal(r.body, "{\"31\":\"800.3\",\"103\":\"1\",\"9008\":null,\"odd\":\"(3 bytes that are no text)\",\"list\":null}");
	peer_free(&p);
}

static void a_database_and_a_password_are_used_and_refusals_told(void **state)
{
	static const char *const key = "31";
	struct documents_reply r;
	struct error e = ERROR_INIT;
	struct peer p;

	(void)state;
	start_redis(&p, "secret");
	await_redis(&p);
	set(&p, 3, "31", "42");
	peer_close(&p);
	p.config.database = 3;
	must(documents_open(&p.wire, &p.config, p.seat, &e));
	fetch(&p, &key, 1, &r);
	assert_true(r.status == WIRE_OK);
	assert_string_equal(r.body, "{\"31\":\"42\"}");
	peer_close(&p);
	strcpy(p.config.password, "wrong");
	must(documents_open(&p.wire, &p.config, p.seat, &e));
	fetch(&p, &key, 1, &r);
	assert_int_equal(r.status, WIRE_EXCEPTION);
	assert_non_null(strstr(r.detail, "WRONGPASS"));
	peer_close(&p);
	p.config.password[0] = '\0';
	must(documents_open(&p.wire, &p.config, p.seat, &e));
	fetch(&p, &key, 1, &r);
	assert_int_equal(r.status, WIRE_EXCEPTION);
	assert_non_null(strstr(r.detail, "NOAUTH"));
	strcpy(p.config.password, "secret");
	peer_close(&p);
	p.config.database = 999;
	must(documents_open(&p.wire, &p.config, p.seat, &e));
	fetch(&p, &key, 1, &r);
	assert_int_equal(r.status, WIRE_EXCEPTION);
	assert_non_null(strstr(r.detail, "DB index"));
	peer_free(&p);
}

static void redis_killed_is_gone_and_comes_back_by_itself(void **state)
{
	static const char *const key = "31";
	struct documents_reply r;
	struct peer p;

	(void)state;
	start_redis(&p, "");
	await_redis(&p);
	kill(p.pid, SIGKILL);
	waitpid(p.pid, NULL, 0);
	for (int i = 0; i < 3; i++) {
		fetch(&p, &key, 1, &r);
		assert_int_equal(r.status, WIRE_GONE);
	}
	launch_redis(&p, "");
	await_redis(&p);
	set(&p, 0, "31", "7");
	fetch(&p, &key, 1, &r);
	assert_string_equal(r.body, "{\"31\":\"7\"}");
	/* Stopped, not ended: it takes the question and never answers. */
	kill(p.pid, SIGSTOP);
	fetch(&p, &key, 1, &r);
	assert_int_equal(r.status, WIRE_TIMEOUT);
	kill(p.pid, SIGCONT);
	await_redis(&p);
	/* A connection that an idle server closed costs no fetch. */
	kill(p.pid, SIGKILL);
	waitpid(p.pid, NULL, 0);
	launch_redis(&p, "");
	usleep(500000);
	fetch(&p, &key, 1, &r);
	assert_int_equal(r.status, WIRE_OK);
	peer_free(&p);
}

/* A feed's server in the place of Redis, and Redis in the place of a feed. */
static void what_speaks_something_else_is_no_document(void **state)
{
	static const char *const key = "31";
	struct documents_reply r;
	struct error e = ERROR_INIT;
	struct peer p;

	(void)state;
	start_feed(&p);
	p.config.kind = DOCUMENTS_REDIS;
	p.config.tcp_port = p.port;
	strcpy(p.config.host, "127.0.0.1");
	must(documents_open(&p.wire, &p.config, p.seat, &e));
	fetch(&p, &key, 1, &r);
	assert_int_not_equal(r.status, WIRE_OK);
	peer_free(&p);
	start_redis(&p, "");
	await_redis(&p);
	open_path(&p, "feed.json");
	fetch(&p, NULL, 0, &r);
	assert_int_not_equal(r.status, WIRE_OK);
	peer_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_feed_is_fetched_whole_again_and_again),
		cmocka_unit_test(each_failure_of_a_server_has_its_words),
		cmocka_unit_test(an_unchanged_document_is_not_sent_again),
		cmocka_unit_test(a_proxy_of_the_environment_is_not_asked),
		cmocka_unit_test(nobody_there_and_nobody_known_are_told_apart),
		cmocka_unit_test(keys_of_redis_become_a_document),
		cmocka_unit_test(a_database_and_a_password_are_used_and_refusals_told),
		cmocka_unit_test(redis_killed_is_gone_and_comes_back_by_itself),
		cmocka_unit_test(what_speaks_something_else_is_no_document),
	};

	signal(SIGPIPE, SIG_DFL); /* a server that went away must not end this program */
	return cmocka_run_group_tests_name("documents", tests, NULL, NULL);
}
