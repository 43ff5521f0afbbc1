/*
 * Scan to writer over Modbus TCP, 40 registers a transaction: against a bare libmodbus loop on the same link. The
 * server (libmodbus too) runs on CPU 0, the client with all its threads, the writer among them, on CPU 1.
 *
 * An acquisition reads at ticks, not as fast as it can, so its rate is that of the transactions inside one tick: six
 * follow each other, and the time from the beginning of one to the beginning of the next holds everything that the bus
 * thread does between them (decoding, quality, publishing, keeping the raw words).
 */
#include "tests/bench/bench.h"
#include "tests/bench/bench_rig.h"

#include <modbus.h>
#include <signal.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { REGISTERS = 40, BLOCKS = 6, PAIRS = 9 };
#define TICK (10 * NANOS_PER_MS)
static const double seconds = 1.0;

static void serve(int listener)
{
	modbus_mapping_t *mapping = modbus_mapping_new(0, 0, 0, REGISTERS * BLOCKS);
	uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];

	bench_pin(0);
	for (;;) {
		modbus_t *context = modbus_new_tcp("127.0.0.1", 0);
		int s = modbus_tcp_accept(context, &listener), n;

		if (s < 0)
			_exit(1);
		while ((n = modbus_receive(context, query)) >= 0)
			if (n > 0)
				modbus_reply(context, query, n, mapping);
		modbus_close(context);
		modbus_free(context);
	}
}

static double bare(int port)
{
	modbus_t *context = modbus_new_tcp("127.0.0.1", port);
	uint16_t words[REGISTERS];
	double start, end;
	long n = 0;

	if (modbus_connect(context) != 0)
		exit(2);
	modbus_set_slave(context, 1);
	start = bench_now();
	do {
		for (int i = 0; i < 64; i++)
			n += modbus_read_input_registers(context, 0, REGISTERS, words) == REGISTERS;
		end = bench_now();
	} while (end - start < seconds);
	modbus_close(context);
	modbus_free(context);
	return (double)n / (end - start);
}

/* In front of the real end: notes when transactions begin. */
struct timed {
	struct words words;
	struct words *inner;
	double last, sum;
	long count;
};

static void timed_read(struct words *w, int unit, int function, int address, int count, struct words_reply *r)
{
	struct timed *t = (struct timed *)w;
	double now = bench_now();

	if (address > 0) {
		t->sum += now - t->last;
		t->count++;
	}
	t->last = now;
	words_read(t->inner, unit, function, address, count, r);
}

static void timed_write(struct words *w, int unit, int address, int count, const uint16_t *words,
	struct words_reply *r)
{
	words_write(((struct timed *)w)->inner, unit, address, count, words, r);
}

static int timed_drain(struct words *w, nanos quiet, nanos *latest)
{
	return words_drain(((struct timed *)w)->inner, quiet, latest);
}

static bool timed_pending(struct words *w)
{
	return words_pending(((struct timed *)w)->inner);
}

static void timed_use_seat(struct words *w, struct clock_seat *seat)
{
	words_use_seat(((struct timed *)w)->inner, seat);
}

static void timed_close(struct words *w)
{
	words_close(((struct timed *)w)->inner);
}

static double ours(int port, const char *folder)
{
	static const struct words_ops ops = {.read = timed_read, .write = timed_write, .drain = timed_drain,
		.pending = timed_pending, .use_seat = timed_use_seat, .close = timed_close};
	struct words_config words = {.kind = WORDS_TCP, .name = "tcp", .host = "127.0.0.1", .tcp_port = port,
		.response_timeout = NANOS_PER_S};
	struct timed timed = {.words.ops = &ops};
	struct error e = ERROR_INIT;
	struct bench_rig r;
	int64_t drops;

	rig_describe(&r, REGISTERS * BLOCKS, TICK, &words);
	r.map.max_words = REGISTERS;
	r.bench->device[0].keep_raw = KEEP_ALWAYS;
	r.clock = clock_open_system(1);
	r.seat = clock_join(r.clock, "bench");
	if (words_open(&timed.inner, &words, r.seat, &e) != 0)
		rig_die("connect", &e);
	rig_start(&r, folder, &timed.words);
	clock_wait(r.seat, clock_now(r.clock) + (nanos)(seconds * 1e9));
	rig_stop(&r, &drops);
	clock_leave(r.seat);
	clock_close(r.clock);
	if (drops)
		fprintf(stderr, "%lld records were dropped\n", (long long)drops);
	return (double)timed.count / timed.sum;
}

int main(int argc, char **argv)
{
	modbus_t *context = modbus_new_tcp("127.0.0.1", 0);
	double a[PAIRS], b[PAIRS], ratio[PAIRS];
	struct sockaddr_in address;
	socklen_t size = sizeof(address);
	const char *folder = argc > 1 ? argv[1] : "/tmp";
	int listener = modbus_tcp_listen(context, 4), port;
	pid_t server;

	if (listener < 0 || getsockname(listener, (struct sockaddr *)&address, &size) != 0)
		return 2;
	port = ntohs(address.sin_port);
	server = fork();
	if (server == 0)
		serve(listener);
	bench_pin(1);
	for (int i = 0; i < PAIRS; i++) {
		b[i] = bare(port);
		a[i] = ours(port, folder);
		ratio[i] = a[i] / b[i];
	}
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	bench_figure("Modbus TCP, 40 registers, scan to writer", "transactions/s", bench_quantile(a, PAIRS, 0.5),
		bench_quantile(b, PAIRS, 0.5), "bare libmodbus loop", bench_quantile(ratio, PAIRS, 0.5), 0.80, true, PAIRS);
	modbus_free(context);
	return 0;
}
