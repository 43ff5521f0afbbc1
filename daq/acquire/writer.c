#include "daq/acquire/writer.h"

#include "daq/acquire/record.h"
#include "daq/base/error.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { COMMIT_MS = 1000, LOOK_MS = 50, WRITER_NICE = 5 };

struct writer {
	struct run *run;
	struct ring *ring;
	pthread_t thread;
	pthread_mutex_t lock; /* over what follows */
	struct error error;
	struct writer_counts counts;
};

typedef int put_record(struct run *run, const char *data, size_t size, struct error *e);

static int put_scan(struct run *run, const char *data, size_t size, struct error *e)
{
	struct record_scan head;

	(void)size;
	memcpy(&head, data, sizeof(head));
	/* Records are padded to 8 bytes in the ring, so the values behind the head are aligned. */
	return run_put_scan(run, head.group, head.tick, (const double *)(const void *)(data + sizeof(head)),
		(const uint8_t *)data + sizeof(head) + (size_t)head.n * sizeof(double), head.n, e);
}

static int put_block(struct run *run, const char *data, size_t size, struct error *e)
{
	struct record_block head;
	struct run_block block;

	memcpy(&head, data, sizeof(head));
	block = (struct run_block){.device = head.device, .block = head.block, .tick = head.tick,
		.before = head.before, .after = head.after, .last = head.last, .half_width = head.half_width,
		.status = head.status, .raw = data + sizeof(head), .raw_size = size - sizeof(head)};
	return run_put_block(run, &block, e);
}

static int put_event(struct run *run, const char *data, size_t size, struct error *e)
{
	const struct record_event *event = (const void *)data;

	(void)size;
	return run_put_event(run, event->at, event->tick, event->level, event->source, event->text, e);
}

static int put_step(struct run *run, const char *data, size_t size, struct error *e)
{
	(void)size;
	return run_put_step(run, (const void *)data, e);
}

static int put_call(struct run *run, const char *data, size_t size, struct error *e)
{
	const struct record_call *head = (const void *)data;
	const char *what = data + sizeof(*head);

	(void)size;
	return run_put_call(run, head->call, head->step, what, what + strlen(what) + 1, e);
}

static int put_mark(struct run *run, const char *data, size_t size, struct error *e)
{
	(void)size;
	return run_put_mark(run, (const void *)data, e);
}

static int put_clock(struct run *run, const char *data, size_t size, struct error *e)
{
	const struct record_clock *pair = (const void *)data;

	(void)size;
	return run_put_clock_pair(run, pair->monotonic, pair->utc, pair->bound, e);
}

static put_record *const putters[] = {
	[RECORD_SCAN] = put_scan, [RECORD_BLOCK] = put_block, [RECORD_EVENT] = put_event, [RECORD_STEP] = put_step,
	[RECORD_CALL] = put_call, [RECORD_MARK] = put_mark,   [RECORD_CLOCK] = put_clock,
};

static int64_t wall_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void note_error(struct writer *writer, const struct error *e)
{
	pthread_mutex_lock(&writer->lock);
	if (writer->error.code == ERROR_NONE)
		writer->error = *e;
	pthread_mutex_unlock(&writer->lock);
}

static void commit(struct writer *writer)
{
	struct error e = ERROR_INIT;
	int64_t start = wall_us(), took;

	if (run_commit(writer->run, &e) != 0)
		note_error(writer, &e);
	took = wall_us() - start;
	pthread_mutex_lock(&writer->lock);
	writer->counts.commits++;
	if (took > writer->counts.longest_commit_us)
		writer->counts.longest_commit_us = took;
	pthread_mutex_unlock(&writer->lock);
}

static void *writer_thread(void *argument)
{
	struct writer *writer = argument;
	int64_t next_commit = clock_wall_ms() + COMMIT_MS, rows = 0;

	/* Rows can wait, samples cannot: where both want the CPU the sampling threads go first. */
	setpriority(PRIO_PROCESS, (id_t)gettid(), WRITER_NICE);
	for (;;) {
		int64_t left = next_commit - clock_wall_ms();
		const void *data;
		size_t size;
		int kind;

		if (left <= 0) {
			if (rows)
				commit(writer);
			rows = 0;
			next_commit = clock_wall_ms() + COMMIT_MS;
			continue;
		}
		if (ring_peek(writer->ring, left < LOOK_MS ? (int)left : LOOK_MS, &kind, &data, &size)) {
			struct error e = ERROR_INIT;

			if (!writer_failed(writer, NULL) && putters[kind](writer->run, data, size, &e) != 0)
				note_error(writer, &e);
			ring_done(writer->ring);
			rows++;
			pthread_mutex_lock(&writer->lock);
			writer->counts.rows++;
			pthread_mutex_unlock(&writer->lock);
		} else if (ring_ended(writer->ring)) {
			break;
		}
	}
	commit(writer);
	return NULL;
}

int writer_start(struct writer **out, struct run *run, struct ring *ring, struct error *e)
{
	struct writer *writer = calloc(1, sizeof(*writer));
	int result;

	if (!writer)
		return error_set(e, ERROR_SYSTEM, "no memory for the writer");
	writer->run = run;
	writer->ring = ring;
	pthread_mutex_init(&writer->lock, NULL);
	result = pthread_create(&writer->thread, NULL, writer_thread, writer);
	if (result != 0) {
		free(writer);
		return error_set(e, ERROR_SYSTEM, "no thread for the writer: %s", strerror(result));
	}
	*out = writer;
	return 0;
}

bool writer_failed(struct writer *writer, struct error *e)
{
	bool failed;

	pthread_mutex_lock(&writer->lock);
	failed = writer->error.code != ERROR_NONE;
	if (failed && e)
		*e = writer->error;
	pthread_mutex_unlock(&writer->lock);
	return failed;
}

void writer_counts(struct writer *writer, struct writer_counts *out)
{
	pthread_mutex_lock(&writer->lock);
	*out = writer->counts;
	pthread_mutex_unlock(&writer->lock);
}

int writer_stop(struct writer *writer, struct error *e)
{
	int result = 0;

	if (!writer)
		return 0;
	ring_end(writer->ring);
	pthread_join(writer->thread, NULL);
	if (writer->error.code != ERROR_NONE) {
		result = -1;
		if (e && e->code == ERROR_NONE)
			*e = writer->error;
	}
	pthread_mutex_destroy(&writer->lock);
	free(writer);
	return result;
}
