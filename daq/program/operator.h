/*
 * operator.h - questions to the operator: at the terminal, or answered from a file.
 */
#ifndef HEATBENCH_PROGRAM_OPERATOR_H
#define HEATBENCH_PROGRAM_OPERATOR_H

#include <stddef.h>

struct error;
struct view;

struct operator_desk;

/* `answers`: a file with one answer a line ("" : the terminal). `stop_fd`: readable when the user wants to
 * stop. Returns 0 with *out NULL where there is neither a file nor a terminal. */
int operator_open(struct operator_desk **out, const char *answers, int stop_fd, struct error *e);
void operator_set_view(struct operator_desk *desk, struct view *view);
void operator_close(struct operator_desk *desk); /* NULL is fine */

/* The form that session_setup.ask wants. */
int operator_ask(void *desk, const char *prompt, char *answer, size_t size, struct error *e);

#endif
