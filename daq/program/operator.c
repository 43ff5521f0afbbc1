#include "daq/program/operator.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/program/view.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct operator_desk {
	FILE *answers; /* NULL: the terminal */
	char path[256];
	int line, stop_fd;
	struct view *view;
};

int operator_open(struct operator_desk **out, const char *answers, int stop_fd, struct error *e)
{
	struct operator_desk *desk;
	FILE *file = NULL;

	*out = NULL;
	if (!answers[0] && !isatty(STDIN_FILENO))
		return 0;
	if (answers[0]) {
		file = fopen(answers, "re");
		if (!file)
			return error_set_errno(e, ERROR_IO, "cannot open the answers %s", answers);
	}
	desk = calloc(1, sizeof(*desk));
	if (!desk) {
		if (file)
			fclose(file);
		return error_set(e, ERROR_SYSTEM, "no memory for the answers");
	}
	desk->answers = file;
	desk->stop_fd = stop_fd;
	text_copy(desk->path, sizeof(desk->path), answers);
	*out = desk;
	return 0;
}

void operator_set_view(struct operator_desk *desk, struct view *view)
{
	if (desk)
		desk->view = view;
}

void operator_close(struct operator_desk *desk)
{
	if (!desk)
		return;
	if (desk->answers)
		fclose(desk->answers);
	free(desk);
}

static int ask_file(struct operator_desk *desk, const char *prompt, char *answer, size_t size, struct error *e)
{
	char line[512];

	desk->line++;
	if (!fgets(line, sizeof(line), desk->answers))
		return error_set(e, ERROR_LIMIT, "%s has no line %d, which the procedure wants for \"%s\"", desk->path,
			desk->line, prompt);
	line[strcspn(line, "\r\n")] = '\0';
	text_copy(answer, size, line);
	return 0;
}

/* Waits for a line at the terminal, or for the wish to stop. */
static int ask_terminal(struct operator_desk *desk, const char *prompt, char *answer, size_t size, struct error *e)
{
	struct pollfd p[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = desk->stop_fd, .events = POLLIN}};
	char line[512];
	ssize_t n;

	printf("\n>>> %s ", prompt);
	fflush(stdout);
	while (poll(p, 2, -1) < 0)
		if (errno != EINTR)
			return error_set_errno(e, ERROR_SYSTEM, "cannot wait for an answer");
	if (p[1].revents)
		return error_set(e, ERROR_STOPPED, "stopped by the user");
	n = read(STDIN_FILENO, line, sizeof(line) - 1);
	if (n <= 0)
		return error_set(e, ERROR_LIMIT, "the terminal was closed while the procedure asked \"%s\"", prompt);
	line[n] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	text_copy(answer, size, line);
	return 0;
}

int operator_ask(void *self, const char *prompt, char *answer, size_t size, struct error *e)
{
	struct operator_desk *desk = self;
	int result;

	if (desk->answers)
		return ask_file(desk, prompt, answer, size, e);
	view_pause(desk->view);
	result = ask_terminal(desk, prompt, answer, size, e);
	view_resume(desk->view);
	return result;
}
