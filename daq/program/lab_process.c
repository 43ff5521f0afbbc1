#include "daq/program/lab_process.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/program/one_cpu.h"
#include "daq/program/program_path.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READY_MS = 10000, ARGUMENTS = 288 };

struct lab_process {
	pid_t pid;
	int lifetime; /* write end */
	int output;   /* its stdout */
	json_t *ready;
};

/* Fills argv; the texts live in `room`. */
static int make_arguments(const struct lab_request *r, int lifetime_fd, char **argv, char room[][64])
{
	int n = 1;

	snprintf(room[0], 64, "%d", r->seed);
	snprintf(room[1], 64, "%d", lifetime_fd);
	snprintf(room[2], 64, "%.17g", r->speed);
	argv[n++] = (char *)"--rig";
	argv[n++] = (char *)r->rig;
	argv[n++] = (char *)"--seed";
	argv[n++] = room[0];
	argv[n++] = (char *)"--lifetime-fd";
	argv[n++] = room[1];
	if (r->speed > 0) {
		argv[n++] = (char *)"--speed";
		argv[n++] = room[2];
	} else {
		argv[n++] = (char *)"--lockstep";
	}
	if (r->truth) {
		argv[n++] = (char *)"--truth";
		argv[n++] = (char *)r->truth;
	}
	for (int i = 0; r->faults && i < r->faults->count && n < ARGUMENTS - 3; i++) {
		argv[n++] = (char *)"--fault";
		argv[n++] = (char *)r->faults->item[i];
	}
	for (int i = 0; r->parameters && i < r->parameters->count && n < ARGUMENTS - 3; i++) {
		argv[n++] = (char *)"--set";
		argv[n++] = (char *)r->parameters->item[i];
	}
	argv[n] = NULL;
	return n;
}

static void become_lab(const struct lab_request *request, const char *path, int lifetime_fd, int output_fd)
{
	char *argv[ARGUMENTS], room[3][64];

	one_cpu_keep(request->cpu);
	setsid(); /* Ctrl-C is for the acquisition; the lab ends when nobody needs it any more */
	dup2(output_fd, STDOUT_FILENO);
	fcntl(lifetime_fd, F_SETFD, 0);
	argv[0] = (char *)path;
	make_arguments(request, lifetime_fd, argv, room);
	execv(path, argv);
	_exit(EXIT_UNABLE);
}

/* One line of its output, within the time a lab may take to get ready. */
static int read_line(int fd, char *line, size_t size)
{
	int64_t give_up = clock_wall_ms() + READY_MS;
	size_t used = 0;

	while (used + 1 < size) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int64_t left = give_up - clock_wall_ms();

		if (left <= 0 || poll(&p, 1, (int)left) <= 0 || read(fd, line + used, 1) != 1)
			return -1;
		if (line[used] == '\n') {
			line[used] = '\0';
			return 0;
		}
		used++;
	}
	return -1;
}

int lab_process_start(struct lab_process **out, const struct lab_request *request, struct error *e)
{
	struct lab_process *lab = NULL;
	char path[PATH_MAX], line[8192];
	int life[2] = {-1, -1}, output[2] = {-1, -1};
	json_error_t why;

	if (program_path(path, sizeof(path), "heatbench-lab", e) != 0)
		return -1;
	lab = calloc(1, sizeof(*lab));
	if (!lab || pipe2(life, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0) {
		free(lab);
		return error_set_errno(e, ERROR_SYSTEM, "no pipes for the virtual lab");
	}
	lab->lifetime = life[1];
	lab->output = output[0];
	fflush(NULL);
	lab->pid = fork();
	if (lab->pid == 0)
		become_lab(request, path, life[0], output[1]);
	close(life[0]);
	close(output[1]);
	if (lab->pid < 0) {
		error_set_errno(e, ERROR_SYSTEM, "cannot start the virtual lab");
		goto fail;
	}
	if (read_line(lab->output, line, sizeof(line)) != 0) {
		error_set(e, ERROR_DEVICE, "the virtual lab did not get ready; what it said stands above");
		goto fail;
	}
	lab->ready = json_loads(line, 0, &why);
	if (!lab->ready) {
		error_set(e, ERROR_DEVICE, "the virtual lab said something else than its endpoints: %.200s", line);
		goto fail;
	}
	*out = lab;
	return 0;
fail:
	lab_process_end(lab);
	return -1;
}

static const char *document_kind(const struct documents_config *d)
{
	return d->kind == DOCUMENTS_HTTP ? "http" : "redis";
}

/* A feed's endpoint is a whole URL, or a machine: then the path stays as the bench file has it. */
static void point_document(struct documents_config *d, const json_t *endpoint)
{
	const char *url = json_string_value(json_object_get(endpoint, "url"));
	const char *host = json_string_value(json_object_get(endpoint, "host"));
	int tcp_port = (int)json_integer_value(json_object_get(endpoint, "tcp_port"));
	const char *after = strstr(d->url, "://"), *path = after ? strchr(after + 3, '/') : NULL;
	char pointed[sizeof(d->url)];

	d->password[0] = '\0'; /* that of the real one is nobody else's business */
	if (url) {
		text_copy(d->url, sizeof(d->url), url);
	} else if (host && d->kind == DOCUMENTS_HTTP) {
		snprintf(pointed, sizeof(pointed), "http://%.100s:%d%.100s", host, tcp_port, path ? path : "/");
		text_copy(d->url, sizeof(d->url), pointed);
	} else if (host) {
		text_copy(d->host, sizeof(d->host), host);
		d->tcp_port = tcp_port;
	}
}

/* A bus behind a gateway stays behind one where the lab has one; everything else is a terminal there. */
static void point_bytes(struct bytes_config *c, const json_t *endpoint, const char *port, const char *host)
{
	if (c->kind == BYTES_TCP && host) {
		text_copy(c->host, sizeof(c->host), host);
		c->tcp_port = (int)json_integer_value(json_object_get(endpoint, "tcp_port"));
		return;
	}
	c->kind = BYTES_SERIAL;
	if (port)
		text_copy(c->port, sizeof(c->port), port);
}

int lab_process_connect(const struct lab_process *lab, struct bench *bench, struct error *e)
{
	json_t *endpoints = json_object_get(lab->ready, "endpoints");

	for (int b = 0; b < bench->buses; b++) {
		struct words_config *w = &bench->bus[b].words;
		json_t *endpoint = json_object_get(endpoints, w->name);
		const char *kind = json_string_value(json_object_get(endpoint, "kind"));
		const char *port = json_string_value(json_object_get(endpoint, "port"));
		const char *host = json_string_value(json_object_get(endpoint, "host"));
		const char *socket = json_string_value(json_object_get(endpoint, "socket"));
		const char *wanted = bench->bus[b].kind == BUS_LINES	  ? "lines"
				     : bench->bus[b].kind == BUS_BYTES ? "serial"
				     : bench->bus[b].kind == BUS_MBUS ? "mbus"
				     : bench->bus[b].kind == BUS_DOCUMENTS ? document_kind(&bench->bus[b].documents)
				     : w->kind == WORDS_RTU ? "rtu" : "tcp";

		if (!kind)
			return error_set(e, ERROR_CONFIG, "%s: the virtual lab has no bus called '%s'", bench->bus[b].source,
				w->name);
		if (strcmp(kind, wanted) != 0)
			return error_set(e, ERROR_CONFIG, "%s: bus '%s' is %s in the virtual lab", bench->bus[b].source,
				w->name, kind);
		if (bench->bus[b].kind == BUS_LINES) {
			if (socket)
				text_copy(bench->bus[b].lines.socket, sizeof(bench->bus[b].lines.socket), socket);
			continue;
		}
		if (bench->bus[b].kind == BUS_BYTES || bench->bus[b].kind == BUS_MBUS) {
			point_bytes(&bench->bus[b].bytes, endpoint, port, host);
			continue;
		}
		if (bench->bus[b].kind == BUS_DOCUMENTS) {
			point_document(&bench->bus[b].documents, endpoint);
			continue;
		}
		if (w->kind == WORDS_RTU && port) /* where time stands still it has a socket as well */
			text_copy(w->port, sizeof(w->port), socket ? socket : port);
		if (w->kind == WORDS_TCP && host) {
			text_copy(w->host, sizeof(w->host), host);
			w->tcp_port = (int)json_integer_value(json_object_get(endpoint, "tcp_port"));
		}
	}
	return 0;
}

const char *lab_process_control(const struct lab_process *lab)
{
	return json_string_value(json_object_get(lab->ready, "control"));
}

int lab_process_lifetime(const struct lab_process *lab)
{
	return lab->lifetime;
}

pid_t lab_process_pid(const struct lab_process *lab)
{
	return lab->pid;
}

void lab_process_end(struct lab_process *lab)
{
	if (!lab)
		return;
	close(lab->lifetime);
	close(lab->output);
	if (lab->pid > 0) {
		kill(lab->pid, SIGTERM);
		while (waitpid(lab->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	json_decref(lab->ready);
	free(lab);
}
