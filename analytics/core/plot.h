/*
 * plot.h - figures through gnuplot, in a process of its own that may be missing, die or hang without harm.
 *
 * The script reaches gnuplot through a socket pair (a gnuplot that dies is EPIPE here and no SIGPIPE), what
 * it complains about is collected, and after the deadline it is killed. $HEATBENCH_GNUPLOT names another
 * gnuplot.
 */
#ifndef HEATBENCH_CORE_PLOT_H
#define HEATBENCH_CORE_PLOT_H

#include <stddef.h>

struct error;
struct text;

/* Runs `script` in `folder`, where its `set output 'x.svg'` land. 0 when gnuplot ended with status 0 in time.
 * Errors: ERROR_SYSTEM, with gnuplot's last words. Figures that were finished before it failed are there. */
int plot_run(const char *script, size_t length, const char *folder, int deadline_ms, struct error *e);

/* An SVG file as it can stand inside a page among others: without prologue, every id with `name` before it,
 * so that two figures never share one. The caller frees *svg. Errors: ERROR_IO, ERROR_DATA (not a whole
 * SVG). */
int plot_read_svg(char **svg, const char *path, const char *name, struct error *e);

/* `set terminal svg` and `set output` for the next figure. */
void plot_begin(struct text *script, const char *file, const char *name, int width, int height);

/* Text in single quotes as gnuplot wants them, with what enhanced text would act upon escaped. */
void plot_quote(struct text *script, const char *text);

#endif
