#include "daq/program/program_path.h"

#include "daq/base/error.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int program_path(char *out, size_t size, const char *name, struct error *e)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (n < 0)
		return error_set_errno(e, ERROR_SYSTEM, "cannot find the folder of this program");
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (slash)
		*slash = '\0';
	if ((size_t)snprintf(out, size, "%s/%s", self, name) >= size)
		return error_set(e, ERROR_SYSTEM, "the path of %s is too long", name);
	if (access(out, X_OK) != 0)
		return error_set_errno(e, ERROR_SYSTEM, "the program %s is not there", out);
	return 0;
}

const char *results_folder(const char *option)
{
	const char *set = getenv("HEATBENCH_RESULTS");

	if (option && option[0])
		return option;
	return set && set[0] ? set : "results";
}

int program_run(const char *name, char **argv, struct error *e)
{
	char path[PATH_MAX];
	int status = 0;
	pid_t pid;

	if (program_path(path, sizeof(path), name, e) != 0)
		return -1;
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		signal(SIGPIPE, SIG_DFL);
		argv[0] = path;
		execv(path, argv);
		_exit(EXIT_UNABLE);
	}
	if (pid < 0)
		return error_set_errno(e, ERROR_SYSTEM, "cannot start %s", name);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return error_set_errno(e, ERROR_SYSTEM, "lost %s", name);
	if (!WIFEXITED(status))
		return error_set(e, ERROR_SYSTEM, "%s was ended by signal %d", name, WTERMSIG(status));
	return WEXITSTATUS(status);
}
