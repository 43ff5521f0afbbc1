/*
 * accuracy_release.h - what heatbench accuracy replay and abba have in common on the command line.
 */
#ifndef HEATBENCH_CLI_ACCURACY_RELEASE_H
#define HEATBENCH_CLI_ACCURACY_RELEASE_H

#include "analytics/accuracy/accuracy.h"
#include "analytics/accuracy/release.h"

int replay_command(int argc, char **argv);
int abba_command(int argc, char **argv);

/* Options of both; a row each by RELEASE_OPTION_ROWS. */
struct release_arguments {
	struct setting_list set;
	char exclude[1024], zone[48], out[1024];
	double margin; /* % */
	int units;
	bool json, quiet;
};
extern const char *const release_units_names[]; /* "random", "fixed", NULL */

/* clang-format off */
#define RELEASE_OPTION_ROWS(whole, member) \
	{.name = "margin", .type = SETTING_NUMBER, .offset = offsetof(whole, member.margin), .unit = "%", .min = 0.001, .max = 50, .fallback = "1 %", .help = "what old and new may differ by and still be called equivalent"}, \
	{.name = "units", .type = SETTING_CHOICE, .offset = offsetof(whole, member.units), .fallback = "random", .choices = release_units_names, .help = "heat pumps stand for others like them, or are meant themselves"}, \
	{.name = "set", .type = SETTING_LIST, .offset = offsetof(whole, member.set), .fallback = "", .placeholder = "KEY=VALUE", .help = "a setting of the study or of the meters (docs/accuracy.md); may be given again"}, \
	{.name = "exclude", .type = SETTING_TEXT, .offset = offsetof(whole, member.exclude), .size = sizeof(((whole *)0)->member.exclude), .fallback = "", .placeholder = "FILE", .help = "CSV of test installations: id, from, to, why"}, \
	{.name = "zone", .type = SETTING_TEXT, .offset = offsetof(whole, member.zone), .size = sizeof(((whole *)0)->member.zone), .fallback = "", .placeholder = "ZONE", .help = "time zone of the days (default: that of the first run)"}, \
	{.name = "out", .type = SETTING_TEXT, .offset = offsetof(whole, member.out), .size = sizeof(((whole *)0)->member.out), .fallback = "", .placeholder = "DIR", .help = "where the report goes (default: the run's evaluations, or a new folder below the results)"}, \
	{.name = "json", .type = SETTING_SWITCH, .offset = offsetof(whole, member.json), .fallback = "no", .help = "print report.json instead of the table"}, \
	{.name = "quiet", .type = SETTING_SWITCH, .offset = offsetof(whole, member.quiet), .fallback = "no", .help = "print only the verdict"}
/* clang-format on */

/* Runs as folders: what is no path lies below the results. `path` and `text` belong to it. */
struct release_runs {
	int count;
	const char *path[STUDY_RUNS];
	char text[STUDY_RUNS][1024];
};
int release_runs_find(struct release_runs *out, const struct setting_list *given, const char *what, struct error *e);

/* What the options say, for the studies; `list` and `rest` belong to the caller and must outlive it. */
struct release_told {
	struct release_rules rules;
	struct comparison_rules comparison;
	struct study_options study;
	struct exclusion_list list;
	char rest[2048], command[2048];
};
int release_tell(struct release_told *out, const struct release_arguments *a, int argc, char **argv, struct error *e);
void release_told_free(struct release_told *t);

/* Writes the files, prints; the exit status, or -1. */
int release_deliver(const struct report *r, const char *folder, const struct release_arguments *a, struct error *e);

#endif
