/*
 * documents_redis.c - registers of Redis as a document, through hiredis.
 *
 * hiredis's own calls bound each read, not the whole; and they write without MSG_NOSIGNAL, so that a server that went away
 * raises SIGPIPE. So bytes are moved here, and hiredis makes the commands and takes the answers apart.
 */
#include "daq/wire/documents_ends.h"

#include "daq/base/error.h"
#include "daq/wire/host.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { KEYS = 256 };

struct redis_end {
	struct documents_end end;
	redisContext *context; /* NULL: not connected */
	char *body;
};

static void hang_up(struct redis_end *redis)
{
	if (redis->context)
		redisFree(redis->context);
	redis->context = NULL;
}

/* Waits until the connection is ready for `events`; false: time is up. */
static bool await(struct redis_end *redis, short events)
{
	struct pollfd p = {.fd = redis->context->fd, .events = events};

	for (;;) {
		int left = documents_left(&redis->end), n = poll(&p, 1, left);

		if (n > 0)
			return true;
		if (left == 0 || (n < 0 && errno != EINTR))
			return false;
	}
}

static bool send_all(struct redis_end *redis, const char *data, size_t size, struct documents_reply *r)
{
	while (size > 0) {
		ssize_t n;

		if (!await(redis, POLLOUT)) {
			documents_fail(r, WIRE_TIMEOUT, "connected, but it takes no question in time");
			return false;
		}
		n = send(redis->context->fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			documents_fail(r, WIRE_GONE, "the connection is gone: %s", strerror(errno));
			return false;
		}
		data += n > 0 ? n : 0;
		size -= n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* The next whole answer, to be freed; NULL: r says why there is none. */
static redisReply *receive(struct redis_end *redis, struct documents_reply *r)
{
	static const char cut[] = "the connection was closed in the middle of an answer";
	char lump[16384];
	void *answer = NULL;
	size_t total = 0;

	for (;;) {
		ssize_t n;

		if (redisReaderGetReply(redis->context->reader, &answer) != REDIS_OK) {
			documents_fail(r, WIRE_MISMATCH, "what answers there does not speak Redis");
			return NULL;
		}
		if (answer)
			return answer;
		if (!await(redis, POLLIN)) {
			documents_fail(r, WIRE_TIMEOUT, "%s",
				total ? "the answer stopped coming in the middle" : "connected, but no answer in time");
			return NULL;
		}
		n = recv(redis->context->fd, lump, sizeof(lump), MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0) {
			documents_fail(r, total ? WIRE_CHECKSUM : WIRE_GONE, "%s",
				total ? cut : "the connection was closed without an answer");
			return NULL;
		}
		total += (size_t)n;
		if (total > DOCUMENTS_MOST) {
			documents_fail(r, WIRE_MISMATCH, "the answer is longer than %d KiB", DOCUMENTS_MOST / 1024);
			return NULL;
		}
		if (redisReaderFeed(redis->context->reader, lump, (size_t)n) != REDIS_OK) {
			documents_fail(r, WIRE_MISMATCH, "what answers there does not speak Redis");
			return NULL;
		}
	}
}

/* One command, one answer; an answer that is an error is r's. */
static redisReply *command(struct redis_end *redis, int count, const char **words, struct documents_reply *r)
{
	redisReply *answer = NULL;
	char *text = NULL;
	long long length = redisFormatCommandArgv(&text, count, words, NULL);

	if (length < 0) {
		documents_fail(r, WIRE_GONE, "no memory for a question");
		return NULL;
	}
	if (send_all(redis, text, (size_t)length, r))
		answer = receive(redis, r);
	redisFreeCommand(text);
	if (answer && answer->type == REDIS_REPLY_ERROR) {
		documents_fail(r, WIRE_EXCEPTION, "Redis refuses: %.150s", answer->str);
		freeReplyObject(answer);
		return NULL;
	}
	return answer;
}

static bool say(struct redis_end *redis, const char *verb, const char *argument, struct documents_reply *r)
{
	const char *words[] = {verb, argument};
	redisReply *answer = command(redis, 2, words, r);

	if (!answer)
		return false;
	freeReplyObject(answer);
	return true;
}

static bool dial(struct redis_end *redis, const char *address, struct documents_reply *r)
{
	int left = documents_left(&redis->end);
	struct timeval patience = {left / 1000, left % 1000 * 1000};

	if (left == 0) {
		documents_fail(r, WIRE_TIMEOUT, "no connection in time");
		return false;
	}
	redis->context = redisConnectWithTimeout(address, redis->end.config.tcp_port, patience);
	if (redis->context && !redis->context->err)
		return true;
	if (redis->context && (errno == ETIMEDOUT || documents_left(&redis->end) == 0))
		documents_fail(r, WIRE_TIMEOUT, "no connection in time");
	else
		documents_fail(r, WIRE_GONE, "no connection: %.150s", redis->context ? redis->context->errstr : "no memory");
	hang_up(redis);
	return false;
}

static bool connect_to(struct redis_end *redis, struct documents_reply *r)
{
	const struct documents_config *c = &redis->end.config;
	char address[HOST_ADDRESSES][64], database[16];
	struct error e = ERROR_INIT;
	int n;

	if (redis->context)
		return true;
	n = host_resolve(c->host, documents_left(&redis->end), address, &e);
	if (n <= 0) {
		documents_fail(r, WIRE_GONE, "%.190s", e.text);
		return false;
	}
	for (int i = 0; i < n && !redis->context; i++)
		dial(redis, address[i], r);
	if (!redis->context)
		return false;
	r->status = WIRE_OK;
	r->detail[0] = '\0';
	snprintf(database, sizeof(database), "%d", c->database);
	return (!c->password[0] || say(redis, "AUTH", c->password, r)) && (c->database == 0 || say(redis, "SELECT", database, r));
}

static json_t *value_of(const redisReply *element)
{
	char text[64];
	json_t *value;

	if (element->type != REDIS_REPLY_STRING)
		return json_null();
	value = json_stringn(element->str, element->len);
	if (value)
		return value;
	snprintf(text, sizeof(text), "(%zu bytes that are no text)", (size_t)element->len);
	return json_string(text);
}

static void take_answer(struct redis_end *redis, const char *const *keys, int count, const redisReply *answer,
	struct documents_reply *r)
{
	json_t *object = json_object();

	if (answer->type != REDIS_REPLY_ARRAY || answer->elements != (size_t)count) {
		documents_fail(r, WIRE_MISMATCH, "the answer has another number of values than keys were asked for");
	} else {
		for (int i = 0; i < count; i++)
			json_object_set_new(object, keys[i], value_of(answer->element[i]));
		free(redis->body);
		redis->body = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);
		r->body = redis->body;
		r->size = redis->body ? strlen(redis->body) : 0;
		if (!redis->body)
			documents_fail(r, WIRE_GONE, "no memory for the answer");
	}
	json_decref(object);
}

static void ask(struct redis_end *redis, const char *const *keys, int count, struct documents_reply *r)
{
	const char *words[KEYS + 1] = {"MGET"};
	redisReply *answer;

	memcpy(words + 1, keys, (size_t)count * sizeof(words[0]));
	answer = command(redis, count + 1, words, r);
	if (!answer)
		return;
	take_answer(redis, keys, count, answer, r);
	freeReplyObject(answer);
}

/* Returns how long it took in real time until the question could go out. */
static nanos connect_and_ask(struct redis_end *redis, const char *const *keys, int count, struct documents_reply *r)
{
	int64_t start = clock_wall_ms();
	nanos sent = 0;

	if (connect_to(redis, r)) {
		sent = (clock_wall_ms() - start) * NANOS_PER_MS;
		ask(redis, keys, count, r);
	}
	if (r->status != WIRE_OK)
		hang_up(redis); /* what is on its way would be taken for the next answer */
	return sent;
}

static void redis_fetch(struct documents *d, const char *const *keys, int count, struct documents_reply *r)
{
	struct redis_end *redis = (struct redis_end *)d;
	bool kept = redis->context != NULL;
	nanos sent = 0;

	documents_begin(&redis->end, r);
	if (count < 1 || count > KEYS) {
		documents_fail(r, WIRE_MISMATCH, "%d keys at once: 1 to %d are possible", count, KEYS);
	} else {
		sent = connect_and_ask(redis, keys, count, r);
		if (kept && r->status == WIRE_GONE) { /* a server that was started anew meanwhile */
			r->status = WIRE_OK;
			r->detail[0] = '\0';
			sent = connect_and_ask(redis, keys, count, r);
		}
	}
	documents_settle(&redis->end, r, sent);
}

static void redis_use_seat(struct documents *d, struct clock_seat *seat)
{
	((struct redis_end *)d)->end.seat = seat;
}

static void redis_close(struct documents *d)
{
	struct redis_end *redis = (struct redis_end *)d;

	hang_up(redis);
	free(redis->body);
	free(redis);
}

static const struct documents_ops redis_ops = {
	.fetch = redis_fetch,
	.use_seat = redis_use_seat,
	.close = redis_close,
};

int documents_redis_open(struct documents **out, const struct documents_config *config, struct clock_seat *seat,
	struct error *e)
{
	struct redis_end *redis = calloc(1, sizeof(*redis));

	if (!redis)
		return error_set(e, ERROR_SYSTEM, "no memory for bus %s", config->name);
	redis->end.documents.ops = &redis_ops;
	redis->end.config = *config;
	redis->end.seat = seat;
	*out = &redis->end.documents;
	return 0;
}
