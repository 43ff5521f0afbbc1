/*
 * RTU at real time, 9600 8E1, 40 registers, on a pseudo-terminal whose other end paces bytes like the wire:
 * the cycle of scans as fast as they go, against the physical floor of 8 + 5 + 2N + 7 characters of 11 bits
 * plus the responder's turnaround. The responder's own lateness is measured and belongs to it, not to us; it
 * is printed, and not taken off.
 */
#include "tests/bench/bench.h"
#include "tests/bench/bench_rig.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>

enum { REGISTERS = 40, BAUD = 9600, CYCLES = 60 };
static const double character = 11.0 / BAUD, turnaround = 0.010;

static unsigned crc(const unsigned char *bytes, int n)
{
	unsigned c = 0xffff;

	for (int i = 0; i < n; i++) {
		c ^= bytes[i];
		for (int b = 0; b < 8; b++)
			c = c & 1 ? c >> 1 ^ 0xa001 : c >> 1;
	}
	return c;
}

static void sleep_until(double t)
{
	struct timespec ts = {(time_t)t, (long)((t - (double)(time_t)t) * 1e9)};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

/* Answers every request as the wire would: the request takes its time, then the turnaround, then the reply
 * arrives; its last byte is what matters, so it is written as one lump at that instant. */
static void respond(int fd)
{
	unsigned char reply[5 + 2 * REGISTERS] = {1, 4, 2 * REGISTERS}, request[64];
	unsigned c = crc(reply, sizeof(reply) - 2);

	bench_pin(0);
	reply[sizeof(reply) - 2] = (unsigned char)c;
	reply[sizeof(reply) - 1] = (unsigned char)(c >> 8);
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		double first;
		ssize_t n = 0;

		if (poll(&p, 1, -1) < 0)
			_exit(1);
		first = bench_now();
		while (n < 8) {
			ssize_t m = read(fd, request + n, sizeof(request) - (size_t)n);

			if (m <= 0)
				_exit(1);
			n += m;
		}
		/* ... and 3.5 characters of silence are what ends a request */
		sleep_until(first + 11.5 * character + turnaround + (double)sizeof(reply) * character);
		if (write(fd, reply, sizeof(reply)) != (ssize_t)sizeof(reply))
			_exit(1);
	}
}

int main(int argc, char **argv)
{
	struct words_config words = {.kind = WORDS_RTU, .name = "rtu", .baud = BAUD, .parity = 'E', .data_bits = 8,
		.stop_bits = 1, .response_timeout = NANOS_PER_S};
	const char *folder = argc > 1 ? argv[1] : "/tmp";
	double floor_s = (8 + 5 + 2 * REGISTERS + 7) * character + turnaround, cycle, start;
	struct bench_rig r;
	struct termios raw;
	int master, slave;
	int64_t scans, drops;
	pid_t responder;

	if (openpty(&master, &slave, words.port, NULL, NULL) != 0)
		return 2;
	tcgetattr(slave, &raw);
	cfmakeraw(&raw);
	tcsetattr(slave, TCSANOW, &raw);
	responder = fork();
	if (responder == 0)
		respond(master);
	bench_pin(1);
	rig_describe(&r, REGISTERS, NANOS_PER_MS, &words);
	r.clock = clock_open_system(1);
	r.seat = clock_join(r.clock, "bench");
	rig_start(&r, folder, NULL);
	start = bench_now() + 0.02;
	clock_wait(r.seat, clock_now(r.clock) + (nanos)((floor_s * CYCLES + 0.02) * 1e9));
	cycle = bench_now() - start;
	scans = rig_stop(&r, &drops);
	cycle /= (double)scans;
	kill(responder, SIGKILL);
	waitpid(responder, NULL, 0);
	bench_figure("Modbus RTU, 9600 8E1, 40 registers, cycle", "ms", cycle * 1e3, floor_s * 1e3,
		"114.6 ms on the wire + 10 ms turnaround", cycle / floor_s, 1.10, false, (int)scans);
	clock_leave(r.seat);
	clock_close(r.clock);
	close(slave);
	close(master);
	return 0;
}
