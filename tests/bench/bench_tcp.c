/*
 * Scan to writer over Modbus TCP, 40 registers, as fast as it goes: against a bare libmodbus loop on the same
 * link. The server (libmodbus too) runs on CPU 0, the client with all its threads on CPU 1.
 */
#include "tests/bench/bench.h"
#include "tests/bench/bench_rig.h"

#include <modbus.h>
#include <signal.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { REGISTERS = 40, PAIRS = 9 };
static const double seconds = 1.0;

static void serve(int listener)
{
	modbus_mapping_t *mapping = modbus_mapping_new(0, 0, 0, REGISTERS);
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

static double ours(int port, const char *folder)
{
	struct words_config words = {.kind = WORDS_TCP, .name = "tcp", .host = "127.0.0.1", .tcp_port = port,
		.response_timeout = NANOS_PER_S};
	struct bench_rig r;
	double start, took;
	int64_t scans, drops;

	rig_describe(&r, REGISTERS, 1000, &words); /* a tick of 1 us: the next scan is always due */
	r.clock = clock_open_system(1);
	r.seat = clock_join(r.clock, "bench");
	rig_start(&r, folder, NULL);
	start = bench_now() + 0.02;
	clock_wait(r.seat, clock_now(r.clock) + (nanos)((seconds + 0.02) * 1e9));
	took = bench_now() - start;
	scans = rig_stop(&r, &drops);
	clock_leave(r.seat);
	clock_close(r.clock);
	return (double)scans / took;
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
