/*
 * error.h - what went wrong: a code for the program, one whole sentence for the operator.
 *
 * A library function that can fail takes a `struct error *` last, returns 0 or -1, and writes its
 * out-parameters only on success. The sentence is composed once, where the facts are known (which
 * device, which file and line, what was expected, what came) and is passed up untouched.
 * Libraries never print and never exit; programs print `text` and map `code` to an exit status.
 */
#ifndef HEATBENCH_BASE_ERROR_H
#define HEATBENCH_BASE_ERROR_H

enum error_code {
	ERROR_NONE = 0,
	ERROR_USAGE,	/* the command line is off */
	ERROR_CONFIG,	/* a bench file, map, procedure or setting is off */
	ERROR_DATA,	/* a recording or a stored run is not what it claims to be */
	ERROR_BUSY,	/* somebody else holds the port, the run, the file */
	ERROR_IO,	/* a file, folder or disk refused */
	ERROR_DEVICE,	/* a device did not answer, or answered wrongly */
	ERROR_LIMIT,	/* a procedure step or assertion failed, a budget ran out */
	ERROR_STOPPED,	/* the user stopped it */
	ERROR_SYSTEM,	/* the operating system or a library refused */
};

struct error {
	enum error_code code;
	char text[512];
};

#define ERROR_INIT {ERROR_NONE, ""}

/* Exit statuses that scripts rely on. */
enum exit_status {
	EXIT_PASSED = 0,
	EXIT_FAILED = 1,    /* failed its limits */
	EXIT_UNABLE = 2,    /* could not be done */
	EXIT_UNDECIDED = 3, /* no limits, inside the uncertainty, coverage too small */
	EXIT_STOPPED = 4,   /* stopped by the user */
};

/* Writes code and sentence; always returns -1, so that `return error_set(...)` reads well.
 * `e` may be NULL. A first error is not overwritten by a later one of the clean-up. */
int error_set(struct error *e, enum error_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with ": <strerror(errno)>" behind the sentence. */
int error_set_errno(struct error *e, enum error_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Forgets: for a caller that handled the error and goes on. */
void error_clear(struct error *e);

#endif
