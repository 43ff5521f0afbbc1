#include "daq/base/share.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { THREADS_MOST = 8 };

struct share {
	void (*work)(void *self, int piece);
	void *self;
	int pieces, rows, columns; /* the pieces row by row; they are taken column by column */
	atomic_int next;
};

static void *worker(void *self)
{
	struct share *s = self;

	for (int i; (i = atomic_fetch_add(&s->next, 1)) < s->rows * s->columns;) {
		int piece = i % s->rows * s->columns + i / s->rows;

		if (piece < s->pieces)
			s->work(s->self, piece);
	}
	return NULL;
}

void share_out(int pieces, void (*work)(void *self, int piece), void *self)
{
	struct share s = {.work = work, .self = self, .pieces = pieces, .rows = 1};
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t thread[THREADS_MOST];
	int threads = 0;

	if (processors > 1)
		s.rows = processors < THREADS_MOST ? (int)processors : THREADS_MOST;
	s.columns = (pieces + s.rows - 1) / s.rows;
	while (threads + 1 < s.rows && threads + 1 < pieces && pthread_create(&thread[threads], NULL, worker, &s) == 0)
		threads++;
	worker(&s);
	while (threads > 0)
		pthread_join(thread[--threads], NULL);
}
