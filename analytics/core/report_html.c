#include "analytics/core/report.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* clang-format off */
static const char style[] =
":root{--ink:#1c2530;--soft:#5b6774;--line:#dfe4ea;--pale:#f5f7f9;--passed:#00735c;--failed:#b93a00;--undecided:#8a6100;"
"--none:#5b6774}\n"
"*{box-sizing:border-box}\n"
"body{margin:0;color:var(--ink);background:#fff;font:15px/1.5 system-ui,-apple-system,'Segoe UI','DejaVu Sans',Arial,sans-serif;"
"font-variant-numeric:tabular-nums}\n"
"main{max-width:1080px;margin:0 auto;padding:28px 32px 64px}\n"
"h1{font-size:26px;line-height:1.2;margin:0;letter-spacing:-.01em}\n"
"h2{font-size:18px;margin:44px 0 10px;padding-top:10px;border-top:2px solid var(--ink)}\n"
"h3{font-size:13px;margin:0 0 6px;color:var(--soft);font-weight:600;letter-spacing:.02em}\n"
"p{margin:0 0 10px;max-width:76ch}\n"
".sub{color:var(--soft);margin:4px 0 20px}\n"
".banner{padding:9px 32px;text-align:center;font-weight:600;color:#3b2f00;"
"background:repeating-linear-gradient(135deg,#fff3c4 0 14px,#ffe9a0 14px 28px);border-bottom:1px solid #d9bd55}\n"
".verdict{display:flex;gap:20px;align-items:baseline;padding:16px 20px;border-left:8px solid var(--c);background:var(--pale);"
"margin:0 0 8px}\n"
".verdict b{font-size:24px;color:var(--c);text-transform:uppercase;letter-spacing:.04em;white-space:nowrap}\n"
".verdict p{margin:0;max-width:none}\n"
".passed{--c:var(--passed)}.failed{--c:var(--failed)}.undecided{--c:var(--undecided)}.none{--c:var(--none)}\n"
".rule{color:var(--soft);font-size:13px}\n"
".facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(310px,1fr));gap:22px 36px;margin:26px 0 0}\n"
"dl{margin:0;display:grid;grid-template-columns:fit-content(45%) minmax(8em,1fr);gap:2px 14px;font-size:14px;overflow-wrap:anywhere}\n"
	".many{grid-column:1/-1}\n"
"dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}\n"
".wide{overflow-x:auto}\n"
"table{border-collapse:collapse;width:100%;font-size:13px;line-height:1.35}\n"
".narrow{width:auto;min-width:52%}.narrow th,.narrow td{padding-right:28px}\n"
"th{text-align:left;vertical-align:bottom;font-weight:600;border-bottom:1.5px solid var(--ink);padding:4px 9px 4px 0}\n"
"th.n{white-space:nowrap}th small{display:block;color:var(--soft);font-weight:400}\n"
"td{border-bottom:1px solid var(--line);padding:4px 9px 4px 0;vertical-align:top}\n"
".n{text-align:right}td.n{white-space:nowrap}\n"
".v{font-weight:600;color:var(--c);white-space:nowrap}.v::before{content:'';display:inline-block;width:9px;height:9px;"
"margin-right:6px;background:var(--c)}.v.failed::before{transform:rotate(45deg)}.v.passed::before{border-radius:50%}\n"
".note{color:var(--soft)}\n"
".figures{display:grid;grid-template-columns:1fr 1fr;gap:8px 24px}\n"
"figure{margin:18px 0 0;grid-column:span 2;break-inside:avoid}figure.half{grid-column:span 1}\n"
"figure svg{display:block;width:100%;height:auto}\n"
"figure svg text{font-family:system-ui,-apple-system,'Segoe UI','DejaVu Sans',Arial,sans-serif}\n"
"figcaption{font-size:13px;color:var(--soft);max-width:96ch}figcaption b{color:var(--ink)}\n"
".missing{border:1px dashed #aab3bd;padding:18px;color:var(--soft);margin-bottom:6px}\n"
"footer{margin-top:48px;border-top:1px solid var(--line);padding-top:10px;color:var(--soft);font-size:13px}\n"
"h4{font-size:15px;margin:26px 0 6px}td small{display:block;color:var(--soft);font-size:11px;white-space:nowrap}\n"
"td small{font-weight:400}.again{color:#aab3bd}\n"
"nav{margin:26px 0 0;font-size:14px;columns:3 240px;column-gap:36px}nav a{display:block;color:inherit;text-decoration:none;padding:1px 0}\n"
"nav a:hover{text-decoration:underline}.aside{font-size:13px;color:var(--soft)}\n"
"@media (max-width:720px){.figures{grid-template-columns:1fr}figure,figure.half{grid-column:auto}main{padding:20px 16px}}\n"
"@media print{@page{size:A4;margin:14mm}body{font-size:10.5pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}"
"main{max-width:none;padding:0}table{font-size:8pt}td,th{padding-right:5px}h2,h4{break-after:avoid}h2{margin-top:26px}"
"tr{break-inside:avoid}thead{display:table-header-group}.wide{overflow:visible}.banner{padding:6px}}\n";
/* clang-format on */

/* Text for element or attribute. What is not UTF-8 is left to the browser; control characters become
 * spaces. */
enum { FEW = 12, MANY_FACTS = 9 };

static void html(struct text *t, const char *s)
{
	const char *from = s;

	for (;; s++) {
		const char *as = *s == '&'   ? "&amp;"
				 : *s == '<' ? "&lt;"
				 : *s == '>' ? "&gt;"
				 : *s == '"' ? "&quot;"
					     : NULL;

		if (*s && !as)
			continue;
		text_add_bytes(t, from, (size_t)(s - from));
		if (!*s)
			return;
		text_add(t, "%s", as);
		from = s + 1;
	}
}

static void element(struct text *t, const char *tag, const char *attributes, const char *content)
{
	text_add(t, "<%s%s%s>", tag, *attributes ? " " : "", attributes);
	html(t, content);
	text_add(t, "</%s>", tag);
}

static const char *verdict_class(enum verdict v)
{
	return v == VERDICT_NONE ? "none" : verdict_name(v);
}

static void head(struct text *t, const struct report *r)
{
	text_add(t, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
		    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n");
	element(t, "title", "", r->title);
	text_add(t, "<style>\n%s</style></head>\n<body>\n", style);
	if (r->banner[0]) {
		element(t, "div", "class=\"banner\" role=\"note\"", r->banner);
		text_add(t, "\n");
	}
	text_add(t, "<main>\n");
	element(t, "h1", "", r->title);
	element(t, "p", "class=\"sub\"", r->subtitle);
	text_add(t, "\n<div class=\"verdict %s\"><b>%s%s</b>", verdict_class(r->verdict),
		verdict_name(r->verdict), r->incomplete ? ", incomplete" : "");
	element(t, "p", "", r->verdict_sentence);
	text_add(t, "</div>\n");
	if (r->rule_sentence[0])
		element(t, "p", "class=\"rule\"", r->rule_sentence);
}

static void fact_list(struct text *t, const struct report *r, const char *group)
{
	text_add(t, "<dl>");
	for (int i = 0; i < r->facts; i++) {
		if (strcmp(r->fact[i].group, group) != 0)
			continue;
		element(t, "dt", "", r->fact[i].label);
		element(t, "dd", "", r->fact[i].value);
	}
	text_add(t, "</dl>");
}

static int facts_of(const struct report *r, const char *group)
{
	int n = 0;

	for (int i = 0; i < r->facts; i++)
		n += strcmp(r->fact[i].group, group) == 0;
	return n;
}

static bool any_facts(const struct report *r, int section)
{
	for (int i = 0; i < r->facts; i++)
		if (r->fact[i].section == section && strcmp(r->fact[i].group, REPORT_AGAIN) != 0)
			return true;
	return false;
}

/* Groups stand where their first fact was added; a long one takes the width of the page. */
static void facts(struct text *t, const struct report *r, int section)
{
	if (!any_facts(r, section))
		return;
	text_add(t, "<section class=\"facts\">\n");
	for (int i = 0; i < r->facts; i++) {
		const char *group = r->fact[i].group;
		bool seen = strcmp(group, REPORT_AGAIN) == 0 || r->fact[i].section != section;

		for (int j = 0; j < i && !seen; j++)
			seen = strcmp(r->fact[j].group, group) == 0;
		if (seen)
			continue;
		text_add(t, "<div%s>", facts_of(r, group) > MANY_FACTS ? " class=\"many\"" : "");
		element(t, "h3", "", group);
		fact_list(t, r, group);
		text_add(t, "</div>\n");
	}
	text_add(t, "</section>\n");
}

/* Units as people write them. */
static const char *unit_sign(const char *unit)
{
	return strcmp(unit, "permille") == 0 ? "\xe2\x80\xb0"
	       : strcmp(unit, "degC") == 0   ? "\xc2\xb0"
					       "C"
	       : strcmp(unit, "1") == 0	     ? ""
					     : unit;
}

static void verdict_cells(struct text *t, const struct report_result *r)
{
	char cell[96], attributes[64];

	element(t, "td", "class=\"n\"", report_limit(cell, sizeof(cell), r->min, r->max));
	snprintf(attributes, sizeof(attributes), "class=\"v %s\"", verdict_class(r->verdict));
	element(t, "td", attributes, verdict_name(r->verdict));
}

static void result_row(struct text *t, const struct report_result *r, bool judged)
{
	char cell[96];

	text_add(t, "<tr>");
	element(t, "td", "", r->dut);
	element(t, "td", "", r->quantity);
	snprintf(cell, sizeof(cell), "%g", r->set_point);
	element(t, "td", "class=\"n\"", isnan(r->set_point) ? "" : cell);
	element(t, "td", "", r->valve);
	element(t, "td", "class=\"n\"", report_value(cell, sizeof(cell), r->value, r->U));
	element(t, "td", "class=\"n\"", report_uncertainty(cell, sizeof(cell), r->U));
	element(t, "td", "", unit_sign(r->unit));
	snprintf(cell, sizeof(cell), "%.2f", r->k);
	element(t, "td", "class=\"n\"", isnan(r->k) ? "" : cell);
	snprintf(cell, sizeof(cell), "%lld", (long long)r->n);
	element(t, "td", "class=\"n\"", cell);
	if (judged)
		verdict_cells(t, r);
	snprintf(cell, sizeof(cell), "%s%s", strcmp(r->state, "running") == 0 ? "" : r->state,
		r->note[0] && strcmp(r->state, "running") != 0 && r->state[0] ? ": " : "");
	text_add(t, "<td class=\"note\">");
	html(t, cell);
	html(t, r->note);
	text_add(t, "</td></tr>\n");
}

static int count(const struct report *r, enum verdict verdict)
{
	int n = 0;

	for (int i = 0; i < r->results; i++)
		n += r->result[i].verdict == verdict;
	return n;
}

/* Results in the order given, which ends with VERDICTS_END. */
enum { VERDICTS_END = -1 };
static void results(struct text *t, const struct report *r, const int *order, const char *title)
{
	bool judged = order[0] != VERDICT_NONE;
	int n = 0;

	for (const int *o = order; *o != VERDICTS_END; o++)
		n += count(r, (enum verdict)*o);
	if (n == 0)
		return;
	element(t, "h2", "", title);
	text_add(t, "<div class=\"wide\"><table><thead><tr><th>under test<th>quantity<th class=\"n\">set "
		    "point<small>");
	html(t, unit_sign(r->result[0].set_point_unit));
	text_add(t,
		"</small><th>%s<th class=\"n\">value<th class=\"n\">\xc2\xb1 U<th>unit<th "
		"class=\"n\">k<th class=\"n\">n%s"
		"<th>remark</tr></thead><tbody>\n",
		r->place[0] ? r->place : "valve", judged ? "<th class=\"n\">limit<th>verdict" : "");
	for (const int *o = order; *o != VERDICTS_END; o++)
		for (int i = 0; i < r->results; i++)
			if (r->result[i].verdict == (enum verdict)*o)
				result_row(t, &r->result[i], judged);
	text_add(t, "</tbody></table></div>\n");
}

/* Judged results, the worst first: they are the verdict. Many that passed stand below the figures. */
static void judged(struct text *t, const struct report *r, bool above)
{
	static const int all[] = {VERDICT_FAILED, VERDICT_UNDECIDED, VERDICT_PASSED, VERDICTS_END},
			 worst[] = {VERDICT_FAILED, VERDICT_UNDECIDED, VERDICTS_END}, passed[] = {VERDICT_PASSED, VERDICTS_END};

	if (count(r, VERDICT_PASSED) <= FEW) {
		if (above)
			results(t, r, all, "Verdict by value");
	} else if (above) {
		results(t, r, worst, "Not passed");
	} else {
		results(t, r, passed, "Passed");
	}
}

static void figure(struct text *t, const struct report_figure *f)
{
	text_add(t, "<figure%s>", f->half ? " class=\"half\"" : "");
	if (f->svg) {
		text_add_bytes(t, f->svg, strlen(f->svg));
	} else {
		text_add(t, "<div class=\"missing\">This figure is missing: ");
		html(t, f->missing);
		text_add(t, "</div>");
	}
	text_add(t, "<figcaption>");
	element(t, "b", "", f->title);
	text_add(t, " ");
	html(t, f->caption);
	text_add(t, "</figcaption></figure>\n");
}

static void figures(struct text *t, const struct report *r, int section)
{
	int n = 0;

	for (int i = 0; i < r->figures; i++) {
		if (r->figure[i].section != section)
			continue;
		if (n++ == 0) {
			if (section == 0)
				element(t, "h2", "", "Figures");
			text_add(t, "<div class=\"figures\">\n");
		}
		figure(t, &r->figure[i]);
	}
	if (n)
		text_add(t, "</div>\n");
}

/* `again`: the same as above it, which need not be read again. */
static void table_cell(struct text *t, const struct report_cell *c, bool number, bool again)
{
	char attributes[64] = "";

	if (c->mark != VERDICT_NONE)
		snprintf(attributes, sizeof(attributes), " class=\"%sv %s\"", number ? "n " : "", verdict_class(c->mark));
	else if (number || again)
		text_copy(attributes, sizeof(attributes), number ? " class=\"n\"" : " class=\"again\"");
	text_add(t, "<td%s>", attributes);
	html(t, c->text);
	if (c->below)
		element(t, "small", "", c->below);
	text_add(t, "</td>");
}

/* In the first two columns of a long report's tables: whom the row is about. */
static bool says_again(const struct report_table *table, int row, int column)
{
	const struct report_cell *c = &table->cell[row * table->columns + column];

	if (!table->section || row == 0 || column > 1 || c->kind != REPORT_TEXT)
		return false;
	return strcmp(c->text, (c - table->columns)->text) == 0 && (column == 0 || says_again(table, row, 0));
}

static void table(struct text *t, const struct report_table *table)
{
	element(t, table->section ? "h4" : "h2", "", table->title);
	if (table->text[0])
		element(t, "p", "", table->text);
	text_add(t, "<div class=\"wide\"><table%s><thead><tr>",
		table->columns <= 6 ? " class=\"narrow\"" : "");
	for (int i = 0; i < table->columns; i++) {
		text_add(t, "<th%s>", table->column[i].number ? " class=\"n\"" : "");
		html(t, table->column[i].title);
		if (table->column[i].unit[0])
			element(t, "small", "", table->column[i].unit);
	}
	text_add(t, "</tr></thead><tbody>\n");
	for (int i = 0; i < table->rows; i++) {
		text_add(t, "<tr>");
		for (int j = 0; j < table->columns; j++)
			table_cell(t, &table->cell[i * table->columns + j], table->column[j].number, says_again(table, i, j));
		text_add(t, "</tr>\n");
	}
	text_add(t, "</tbody></table></div>\n");
}

/* Those that are too long for the page are named. */
static void tables(struct text *t, const struct report *r, int section)
{
	int n = 0;

	for (int i = 0; i < r->tables; i++)
		if (r->table[i].section == section && !r->table[i].aside)
			table(t, &r->table[i]);
	for (int i = 0; i < r->tables; i++) {
		char rows[48];

		if (r->table[i].section != section || !r->table[i].aside)
			continue;
		text_add(t, n++ ? "; " : "<p class=\"aside\">Too long for this page: ");
		html(t, r->table[i].title);
		snprintf(rows, sizeof(rows), ".csv (%d rows)", r->table[i].rows);
		text_add(t, ", ");
		html(t, r->table[i].name);
		html(t, rows);
	}
	if (n)
		text_add(t, ".</p>\n");
}

static void notes(struct text *t, const struct report *r, int section)
{
	const char *heading = "";

	for (int i = 0; i < r->notes; i++) {
		if (r->note[i].section != section)
			continue;
		if (strcmp(heading, r->note[i].heading) != 0)
			element(t, section ? "h4" : "h2", "", heading = r->note[i].heading);
		element(t, "p", "", r->note[i].text);
	}
}

static void contents(struct text *t, const struct report *r)
{
	if (r->sections == 0)
		return;
	text_add(t, "<nav>");
	for (int i = 0; i < r->sections; i++) {
		text_add(t, "<a href=\"#section-%d\">%d&ensp;", i + 1, i + 1);
		html(t, r->section[i].title);
		text_add(t, "</a>");
	}
	text_add(t, "</nav>\n");
}

static void sections(struct text *t, const struct report *r)
{
	for (int i = 0; i < r->sections; i++) {
		text_add(t, "<h2 id=\"section-%d\">%d&ensp;", i + 1, i + 1);
		html(t, r->section[i].title);
		text_add(t, "</h2>\n");
		if (r->section[i].text[0])
			element(t, "p", "", r->section[i].text);
		facts(t, r, i + 1);
		figures(t, r, i + 1);
		tables(t, r, i + 1);
		notes(t, r, i + 1);
	}
}

int report_html(const struct report *r, const char *path, struct error *e)
{
	struct text t = TEXT_INIT;
	char day[40];
	time_t made = (time_t)r->made_utc;
	struct tm when;
	int status;

	gmtime_r(&made, &when);
	strftime(day, sizeof(day), "%Y-%m-%d %H:%M:%S UTC", &when);
	head(&t, r);
	contents(&t, r);
	facts(&t, r, 0);
	if (!r->tables_judge)
		judged(&t, r, true);
	figures(&t, r, 0);
	if (!r->tables_judge)
		judged(&t, r, false);
	if (!r->judged_only)
		results(&t, r, (const int[]){VERDICT_NONE, VERDICTS_END}, "Measured, not judged");
	tables(&t, r, 0);
	notes(&t, r, 0);
	sections(&t, r);
	if (facts_of(r, REPORT_AGAIN))
		element(&t, "h2", "", REPORT_AGAIN);
	fact_list(&t, r, REPORT_AGAIN);
	text_add(&t, "<footer>Evaluated %s by ", day);
	html(&t, r->software);
	text_add(&t, ". The same numbers for programs are in report.json beside this "
		     "page.</footer>\n</main></body></html>\n");
	status = t.failed || r->failed ? error_set(e, ERROR_SYSTEM, "out of memory while writing %s", path)
				       : text_write_file(path, t.data, t.length, e);
	text_free(&t);
	return status;
}
