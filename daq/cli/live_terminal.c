#include "daq/cli/live_terminal.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char *const windows[] = {"qt", "wxt", "x11"};

enum { WINDOWS = sizeof(windows) / sizeof(windows[0]) };

static const char missing_window[] =
	"this gnuplot cannot open a window: install the package gnuplot-qt or gnuplot-x11; in a text "
	"terminal "
	"--terminal dumb draws with letters, and --output FILE.svg draws into a file";

/* Whether the first word of `text` is `word`. */
static bool is(const char *text, const char *word)
{
	size_t n = strlen(word);

	return strncmp(text, word, n) == 0 && (text[n] == '\0' || text[n] == ' ');
}

static bool is_window(const char *text)
{
	for (int i = 0; i < WINDOWS; i++)
		if (is(text, windows[i]))
			return true;
	return false;
}

static bool has_display(void)
{
	const char *x = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");

	return (x && *x) || (wayland && *wayland);
}

/* The first window that stands in gnuplot's list of terminals. */
static enum live_event find_window(struct live_gnuplot *gnuplot, char *out, size_t size, struct error *e)
{
	static const char ask[] = "print ' ', GPVAL_TERMINALS, ' '";
	struct text names = TEXT_INIT;
	enum live_event event = live_gnuplot_do(gnuplot, ask, sizeof(ask) - 1, &names, e);
	char word[16];
	int i = 0;

	for (; event == LIVE_DONE && i < WINDOWS; i++) {
		snprintf(word, sizeof(word), " %s ", windows[i]);
		if (names.data && strstr(names.data, word))
			break;
	}
	text_free(&names);
	if (event != LIVE_DONE)
		return event;
	if (i == WINDOWS)
		error_set(e, ERROR_SYSTEM, "%s", missing_window);
	else if (!has_display())
		error_set(e, ERROR_SYSTEM,
			"there is no display to open a window on ($DISPLAY is not set); in a text terminal "
			"--terminal dumb draws with letters, and --output FILE.svg draws into a file");
	else
		snprintf(out, size, "%s", windows[i]);
	return e->code == ERROR_NONE ? LIVE_DONE : LIVE_FAILED;
}

static int terminal_of_file(char *out, size_t size, const char *output, struct error *e)
{
	static const char *const kinds[][2] = {
		{".svg", "svg"}, {".png", "pngcairo"}, {".pdf", "pdfcairo"}, {".txt", "dumb"}};
	const char *dot = strrchr(output, '.');

	for (size_t i = 0; dot && i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcasecmp(dot, kinds[i][0]) != 0)
			continue;
		snprintf(out, size, "%s", kinds[i][1]);
		return 0;
	}
	return error_set(e, ERROR_USAGE,
		"--output %s: expected a name that ends in .svg, .png, .pdf or .txt, or --terminal", output);
}

/* What a terminal is told where the user did not say it. A window must not take the keyboard at each picture.
 */
static void complete(struct text *full, const char *text, bool tty)
{
	struct winsize size = {.ws_row = 0};

	text_add(full, "set terminal %s", text);
	if (is_window(text)) {
		text_add(full, "%s%s%s", strstr(text, "size") ? "" : " size 1100,800",
			strstr(text, "raise") ? "" : " noraise",
			strstr(text, "title") ? "" : " title 'heatbench live'");
		text_add(full, "\nbind Close 'exit gnuplot'");
	} else if (is(text, "dumb") && !strpbrk(text, "0123456789")) {
		if (tty && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 10 &&
			size.ws_col > 30)
			text_add(full, " size %d,%d nofeed", size.ws_col, size.ws_row - 1);
		else
			text_add(full, " size 100,36 nofeed");
		text_add(full, " enhanced");
	} else if (is(text, "svg") || is(text, "pngcairo")) {
		text_add(full, "%s%s%s", strstr(text, "size") ? "" : " size 1000,800",
			strstr(text, "font") ? "" : " font 'sans-serif,11'",
			strstr(text, "background") ? "" : " background '#ffffff'");
	} else if (is(text, "pdfcairo")) {
		text_add(full, "%s", strstr(text, "size") ? "" : " size 24cm,18cm");
	}
	text_add(full, "\nprint GPVAL_TERMOPTIONS\n");
	/* gnuplot 6 only warns of a terminal that it does not have, and draws nothing. */
	text_add(full, "\nif (GPVAL_TERM eq 'unknown') exit error 'unknown or ambiguous terminal type: %s'", text);
}

/* gnuplot says how large it is; a picture is laid out in letters, at some 7 by 16 dots each. */
static void measure(struct live_terminal *terminal, const char *options)
{
	const char *size = options ? strstr(options, "size ") : NULL;
	struct live_canvas *canvas = &terminal->canvas;
	int width, height;

	if (!size || sscanf(size, "size %d , %d", &width, &height) != 2 || width < 40 || height < 10) {
		width = canvas->letters ? 80 : 1000;
		height = canvas->letters ? 24 : 750;
	}
	canvas->columns = canvas->letters ? width : width / 7;
	canvas->lines = canvas->letters ? height : height / 16;
	if (canvas->lines < 12)
		canvas->lines = 12;
}

enum live_event live_terminal_open(struct live_terminal *terminal, struct live_gnuplot *gnuplot,
	const char *text, const char *output, struct error *e)
{
	struct text script = TEXT_INIT, said = TEXT_INIT;
	enum live_event event = LIVE_DONE;
	char chosen[32];

	if (strpbrk(text, "\r\n")) {
		error_set(e, ERROR_USAGE, "--terminal: expected one line");
		return LIVE_FAILED;
	}
	if (!text[0] && output[0])
		event = terminal_of_file(chosen, sizeof(chosen), output, e) == 0 ? LIVE_DONE : LIVE_FAILED;
	else if (!text[0])
		event = find_window(gnuplot, chosen, sizeof(chosen), e);
	if (event != LIVE_DONE)
		return event;
	text = text[0] ? text : chosen;
	terminal->on_stdout = !output[0] && !is_window(text);
	terminal->clear = terminal->on_stdout && isatty(STDOUT_FILENO);
	terminal->window = !is_window(text) ? NULL : is(text, "qt") ? "qt" : is(text, "wxt") ? "wxt" : "x11";
	terminal->canvas.letters = is(text, "dumb");
	/* Where the X server lacks a font for UTF-8 it sends errors, which gnuplot takes for a window that
	 * was closed. */
	terminal->canvas.ascii = is(text, "x11");
	complete(&script, text, terminal->clear);
	event = live_gnuplot_do(gnuplot, script.data ? script.data : "", script.length, &said, e);
	if (event == LIVE_DONE)
		measure(terminal, said.data);
	text_free(&script);
	text_free(&said);
	return event;
}

enum live_event live_terminal_leave(
	const struct live_terminal *terminal, struct live_gnuplot *gnuplot, struct error *e)
{
	char script[64];

	if (!terminal->window)
		return LIVE_DONE;
	/* Not before: a window that persists would also stay when it was us who were stopped. */
	snprintf(script, sizeof(script), "bind Close ''\nset terminal %s persist", terminal->window);
	return live_gnuplot_do(gnuplot, script, strlen(script), NULL, e);
}

void live_terminal_part(char *out, size_t size, const char *output)
{
	snprintf(out, size, "%s.part", output);
}

/* A path in single quotes, which gnuplot takes as it is. */
static void add_path(struct text *script, const char *path)
{
	text_add(script, "'");
	for (; *path; path++)
		text_add(script, *path == '\'' ? "''" : "%c", *path);
	text_add(script, "'");
}

void live_terminal_begin(const struct live_terminal *terminal, struct text *script, const char *output)
{
	char part[1100];

	if (terminal->clear) {
		printf("\033[H\033[2J");
		fflush(stdout);
	}
	if (!output[0])
		return;
	live_terminal_part(part, sizeof(part), output);
	text_add(script, "set output ");
	add_path(script, part);
	text_add(script, "\n");
}

void live_terminal_end(const struct live_terminal *terminal, struct text *script, const char *output)
{
	(void)terminal;
	if (output[0])
		text_add(script, "set output\n");
}
