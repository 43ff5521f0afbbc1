/*
 * A lab day of four CiCs and six heat pumps in lock-step, advanced second by second with nobody reading: what the lab itself
 * costs, its Redis servers included, against the 20 s of CPU that it may take.
 */
#include "tests/bench/bench.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

enum { DAY = 86400 };

#define LIMIT 20.0

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static pid_t start_lab(const char *program, FILE **out)
{
	int pipes[2];
	pid_t pid;

	if (pipe(pipes) != 0)
		die("the lab");
	pid = fork();
	if (pid < 0)
		die("the lab");
	if (pid == 0) {
		dup2(pipes[1], 1);
		execl(program, program, "--rig", "cics", (char *)NULL);
		_exit(127);
	}
	close(pipes[1]);
	*out = fdopen(pipes[0], "r");
	return pid;
}

/* The control socket's path out of the ready line. */
static void connect_control(const char *ready, FILE **in, FILE **out)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	const char *at = strstr(ready, "\"control\":\"");
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (!at || sscanf(at, "\"control\":\"%100[^\"]", a.sun_path) != 1 || fd < 0 ||
		connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0)
		die("the control socket");
	*in = fdopen(fd, "r");
	*out = fdopen(dup(fd), "w");
}

int main(int argc, char **argv)
{
	char program[512], line[8192];
	FILE *lab, *in, *out;
	struct rusage used;
	double cpu;
	pid_t pid;
	int status;

	(void)argc;
	snprintf(program, sizeof(program), "%.*s/../../heatbench-lab", (int)(strrchr(argv[0], '/') - argv[0]), argv[0]);
	pid = start_lab(program, &lab);
	if (!fgets(line, sizeof(line), lab))
		die("the ready line");
	connect_control(line, &in, &out);
	for (int64_t s = 1; s <= DAY; s++) {
		fprintf(out, "advance %lld\n", (long long)(s * 1000000000));
		fflush(out);
		if (!fgets(line, sizeof(line), in) || strncmp(line, "now ", 4) != 0)
			die(line);
	}
	kill(pid, SIGTERM);
	if (wait4(pid, &status, 0, &used) != pid)
		die("wait");
	cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	      (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
	bench_figure("lab day, six heat pumps, second by second", "s of CPU", cpu, LIMIT, "20 s", cpu / LIMIT, 1, false, 1);
	return 0;
}
