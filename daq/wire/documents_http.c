/*
 * documents_http.c - documents over HTTP, through libcurl.
 *
 * The transfer is driven here (multi interface), so that the bound on its time is ours, also while a name is looked up:
 * libcurl would otherwise wait for its resolver's thread when it gives up (CURLOPT_QUICK_EXIT). Signals, proxies of the
 * environment and redirects are switched off. HTTP/0.9, which takes any bytes for a page, is off by default.
 */
#include "daq/wire/documents_ends.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LOOK_MS = 20 };

struct http_end {
	struct documents_end end;
	CURL *easy;
	CURLM *multi;
	char *body; /* DOCUMENTS_MOST + 1 */
	size_t size;
	char etag[128], modified[64];	      /* of the last complete document: asked for by */
	char new_etag[128], new_modified[64]; /* of the one under way */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode started;

static void start_library(void)
{
	started = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static size_t take_body(char *data, size_t one, size_t count, void *self)
{
	struct http_end *http = self;

	(void)one; /* 1 by contract */
	if (count > DOCUMENTS_MOST - http->size)
		return 0; /* CURLE_WRITE_ERROR */
	memcpy(http->body + http->size, data, count);
	http->size += count;
	return count;
}

static bool header_is(const char *line, size_t length, const char *name, char *out, size_t size)
{
	size_t n = strlen(name);

	if (length <= n || strncasecmp(line, name, n) != 0)
		return false;
	for (line += n, length -= n; length && (line[0] == ' ' || line[0] == '\t'); line++)
		length--;
	while (length && strchr("\r\n \t", line[length - 1]))
		length--;
	/* Longer ones are not sent back: half of one would be another one. */
	snprintf(out, size, "%.*s", length < size ? (int)length : 0, line);
	return true;
}

static size_t take_header(char *data, size_t one, size_t count, void *self)
{
	struct http_end *http = self;

	(void)one;
	if (!header_is(data, count, "ETag:", http->new_etag, sizeof(http->new_etag)))
		header_is(data, count, "Last-Modified:", http->new_modified, sizeof(http->new_modified));
	return count;
}

/* What a transfer that libcurl calls failed was. */
static void judge_failure(struct http_end *http, CURLcode code, struct documents_reply *r)
{
	long number = 0;

	curl_easy_getinfo(http->easy, CURLINFO_OS_ERRNO, &number);
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		documents_fail(r, WIRE_GONE, "the host of %.150s has no address", http->end.config.url);
		break;
	case CURLE_COULDNT_CONNECT:
		documents_fail(r, WIRE_GONE, "no connection: %s", number ? strerror((int)number) : "refused");
		break;
	case CURLE_GOT_NOTHING:
		documents_fail(r, WIRE_CHECKSUM, "the connection was closed without an answer");
		break;
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
		documents_fail(r, WIRE_CHECKSUM, "the document was cut short after %zu bytes", http->size);
		break;
	case CURLE_WRITE_ERROR:
		documents_fail(r, WIRE_MISMATCH, "the document is longer than %d KiB", DOCUMENTS_MOST / 1024);
		break;
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
		documents_fail(r, WIRE_MISMATCH, "what answers there does not speak HTTP");
		break;
	default:
		documents_fail(r, WIRE_GONE, "%s", curl_easy_strerror(code));
		break;
	}
}

static void judge_answer(struct http_end *http, struct documents_reply *r)
{
	char *location = NULL;
	long code = 0;

	curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &code);
	curl_easy_getinfo(http->easy, CURLINFO_REDIRECT_URL, &location);
	r->code = (int)code;
	if (code == 304 && (http->etag[0] || http->modified[0])) {
		r->unchanged = true;
		return;
	}
	if (code != 200) {
		documents_fail(r, WIRE_EXCEPTION, "HTTP %ld%s%.120s%s", code, location ? ": it points to " : "",
			location ? location : "", location ? ", which is not followed" : "");
		return;
	}
	text_copy(http->etag, sizeof(http->etag), http->new_etag);
	text_copy(http->modified, sizeof(http->modified), http->new_modified);
	http->body[http->size] = '\0';
	r->body = http->body;
	r->size = http->size;
}

static void judge_silence(struct http_end *http, struct documents_reply *r)
{
	curl_off_t connected = 0;

	curl_easy_getinfo(http->easy, CURLINFO_CONNECT_TIME_T, &connected);
	documents_fail(r, WIRE_TIMEOUT, "%s",
		http->size	? "the document stopped coming in the middle"
		: connected > 0 ? "connected, but no answer in time"
				: "no connection in time");
}

/* Drives the transfer to its end, or to the end of its time. */
static void transfer(struct http_end *http, struct documents_reply *r)
{
	for (;;) {
		int running = 0, left = documents_left(&http->end), ready = 0, queued;
		CURLMcode result = curl_multi_perform(http->multi, &running);
		CURLMsg *message = curl_multi_info_read(http->multi, &queued);

		if (message && message->msg == CURLMSG_DONE) {
			if (message->data.result == CURLE_OK)
				judge_answer(http, r);
			else
				judge_failure(http, message->data.result, r);
			return;
		}
		if (result == CURLM_OK && left > 0)
			result = curl_multi_poll(http->multi, NULL, 0, left < LOOK_MS ? left : LOOK_MS, &ready);
		if (result != CURLM_OK) {
			documents_fail(r, WIRE_GONE, "%s", curl_multi_strerror(result));
			return;
		}
		if (left == 0 || (ready == 0 && documents_silent(&http->end))) {
			judge_silence(http, r);
			return;
		}
	}
}

static struct curl_slist *condition(const struct http_end *http)
{
	struct curl_slist *list = NULL;
	char line[200];

	if (http->etag[0]) {
		snprintf(line, sizeof(line), "If-None-Match: %s", http->etag);
		list = curl_slist_append(list, line);
	}
	if (http->modified[0]) {
		snprintf(line, sizeof(line), "If-Modified-Since: %s", http->modified);
		list = curl_slist_append(list, line);
	}
	return list;
}

static void http_fetch(struct documents *d, const char *const *keys, int count, struct documents_reply *r)
{
	struct http_end *http = (struct http_end *)d;
	struct curl_slist *headers = condition(http);
	curl_off_t sent = 0;

	(void)keys;
	(void)count;
	http->size = 0;
	http->new_etag[0] = http->new_modified[0] = '\0';
	documents_begin(&http->end, r);
	curl_easy_setopt(http->easy, CURLOPT_HTTPHEADER, headers);
	curl_multi_add_handle(http->multi, http->easy);
	transfer(http, r);
	curl_easy_getinfo(http->easy, CURLINFO_PRETRANSFER_TIME_T, &sent);
	curl_multi_remove_handle(http->multi, http->easy);
	curl_slist_free_all(headers);
	documents_settle(&http->end, r, (nanos)sent * 1000);
}

static void http_forget(struct documents *d)
{
	struct http_end *http = (struct http_end *)d;

	http->etag[0] = http->modified[0] = '\0';
}

static void http_use_seat(struct documents *d, struct clock_seat *seat)
{
	((struct http_end *)d)->end.seat = seat;
}

static void http_close(struct documents *d)
{
	struct http_end *http = (struct http_end *)d;

	curl_easy_cleanup(http->easy);
	curl_multi_cleanup(http->multi);
	free(http->body);
	free(http);
}

static const struct documents_ops http_ops = {
	.fetch = http_fetch,
	.forget = http_forget,
	.use_seat = http_use_seat,
	.close = http_close,
};

static bool set_up(struct http_end *http)
{
	CURL *c = http->easy;

	return curl_easy_setopt(c, CURLOPT_URL, http->end.config.url) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_USERAGENT, "heatbench/" HEATBENCH_VERSION) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_WRITEDATA, http) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_HEADERDATA, http) == CURLE_OK;
}

int documents_http_open(struct documents **out, const struct documents_config *config, struct clock_seat *seat,
	struct error *e)
{
	struct http_end *http = NULL;

	if (strncasecmp(config->url, "http://", 7) != 0 && strncasecmp(config->url, "https://", 8) != 0)
		return error_set(e, ERROR_CONFIG, "bus %s: '%s' is no address like http://cic1:8080/beta/feed/data.json",
			config->name, config->url);
	pthread_once(&once, start_library);
	http = calloc(1, sizeof(*http));
	if (!http || started != CURLE_OK)
		goto fail;
	http->end.documents.ops = &http_ops;
	http->end.config = *config;
	http->end.seat = seat;
	http->easy = curl_easy_init();
	http->multi = curl_multi_init();
	http->body = malloc(DOCUMENTS_MOST + 1);
	if (!http->easy || !http->multi || !http->body || !set_up(http))
		goto fail;
	*out = &http->end.documents;
	return 0;
fail:
	if (http)
		http_close(&http->end.documents);
	return error_set(e, ERROR_SYSTEM, "bus %s: libcurl does not start, or there is no memory", config->name);
}
