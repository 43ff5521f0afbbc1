#include "daq/base/parallel.h"

#include "daq/base/error.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

struct work {
	int (*one)(void *self, int i, struct error *e);
	void *self;
	int count;
	atomic_int next;
	pthread_mutex_t lock; /* of what follows */
	int failed;	      /* least that did; count: none */
	struct error error;
};

static void *take(void *arg)
{
	struct work *w = arg;

	for (int i = atomic_fetch_add(&w->next, 1); i < w->count; i = atomic_fetch_add(&w->next, 1)) {
		struct error e = ERROR_INIT;

		if (w->one(w->self, i, &e) == 0)
			continue;
		atomic_store(&w->next, w->count);
		pthread_mutex_lock(&w->lock);
		if (i < w->failed) {
			w->failed = i;
			w->error = e;
		}
		pthread_mutex_unlock(&w->lock);
		break;
	}
	return NULL;
}

static int processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > PARALLEL_MOST ? PARALLEL_MOST : (int)n;
}

int parallel_each(int count, int (*one)(void *self, int i, struct error *e), void *self, struct error *e)
{
	struct work w = {.one = one, .self = self, .count = count, .lock = PTHREAD_MUTEX_INITIALIZER, .failed = count};
	pthread_t helper[PARALLEL_MOST];
	int helpers = 0, wanted = (processors() < count ? processors() : count) - 1;

	atomic_init(&w.next, 0);
	while (helpers < wanted && pthread_create(&helper[helpers], NULL, take, &w) == 0)
		helpers++;
	take(&w);
	for (int i = 0; i < helpers; i++)
		pthread_join(helper[i], NULL);
	pthread_mutex_destroy(&w.lock);
	return w.failed < count ? error_set(e, w.error.code, "%s", w.error.text) : 0;
}
