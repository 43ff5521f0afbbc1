#include "daq/base/parallel.h"

#include "daq/base/error.h"
#include "daq/base/share.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct work {
	int (*one)(void *self, int i, struct error *e);
	void *self;
	atomic_bool stop;
	pthread_mutex_t lock; /* of what follows */
	int failed;	      /* least that did; count: none */
	struct error error;
};

static void take(void *self, int i)
{
	struct work *w = self;
	struct error e = ERROR_INIT;

	if (atomic_load(&w->stop) || w->one(w->self, i, &e) == 0)
		return;
	atomic_store(&w->stop, true);
	pthread_mutex_lock(&w->lock);
	if (i < w->failed) {
		w->failed = i;
		w->error = e;
	}
	pthread_mutex_unlock(&w->lock);
}

int parallel_each(int count, int (*one)(void *self, int i, struct error *e), void *self, struct error *e)
{
	struct work w = {.one = one, .self = self, .lock = PTHREAD_MUTEX_INITIALIZER, .failed = count};

	atomic_init(&w.stop, false);
	share_out(count, take, &w);
	pthread_mutex_destroy(&w.lock);
	return w.failed < count ? error_set(e, w.error.code, "%s", w.error.text) : 0;
}
