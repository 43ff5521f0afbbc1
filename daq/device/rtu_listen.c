#include "daq/device/rtu_listen.h"

#include <string.h>

enum { STRAY_MOST = 2, SHORTEST = 5 };

enum frame_kind { FRAME_REQUEST, FRAME_REPLY, FRAME_EXCEPTION };

/* How a function's frames are built: a fixed length with CRC, or a byte count at `counted` with `rest` bytes besides. */
struct frame_shape {
	int function;
	enum frame_kind kind;
	int length, counted, rest;
};

static const struct frame_shape shapes[] = {
	{1, FRAME_REQUEST, 8, 0, 0},  {1, FRAME_REPLY, 0, 2, 5},  {2, FRAME_REQUEST, 8, 0, 0}, {2, FRAME_REPLY, 0, 2, 5},
	{3, FRAME_REQUEST, 8, 0, 0},  {3, FRAME_REPLY, 0, 2, 5},  {4, FRAME_REQUEST, 8, 0, 0}, {4, FRAME_REPLY, 0, 2, 5},
	{5, FRAME_REQUEST, 8, 0, 0},  {5, FRAME_REPLY, 8, 0, 0},  {6, FRAME_REQUEST, 8, 0, 0}, {6, FRAME_REPLY, 8, 0, 0},
	{15, FRAME_REQUEST, 0, 6, 9}, {15, FRAME_REPLY, 8, 0, 0}, {16, FRAME_REQUEST, 0, 6, 9}, {16, FRAME_REPLY, 8, 0, 0},
};

enum { SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

void rtu_listen_init(struct rtu_listen *l, nanos character)
{
	memset(l, 0, sizeof(*l));
	l->character = character;
}

/* The question that waits will not be answered any more, or nobody knows by what. */
static void lose_request(struct rtu_listen *l)
{
	if (!l->request.open)
		return;
	l->lost[l->losses++ % RTU_LISTEN_LOST] = (struct rtu_question){l->request.unit, l->request.function, l->request.address,
		l->request.count, l->request.after};
	l->request.open = false;
	l->counts.unanswered++;
}

void rtu_listen_restart(struct rtu_listen *l)
{
	lose_request(l);
	l->counts.noise += l->have;
	l->have = l->stray = 0;
	l->in_step = false;
}

size_t rtu_listen_feed(struct rtu_listen *l, const uint8_t *bytes, size_t size, nanos last)
{
	size_t room = (size_t)(RTU_LISTEN_ROOM - l->have), n = size < room ? size : room;

	for (size_t i = 0; i < n; i++) {
		nanos at = last - (nanos)(size - 1 - i) * l->character;
		nanos before = l->have ? l->at[l->have - 1] : at;

		l->byte[l->have] = bytes[i];
		l->at[l->have++] = at > before ? at : before;
	}
	return n;
}

static uint16_t crc_of(const uint8_t *bytes, int n)
{
	uint16_t crc = 0xffff;

	for (int i = 0; i < n; i++) {
		crc ^= bytes[i];
		for (int b = 0; b < 8; b++)
			crc = crc & 1 ? (uint16_t)(crc >> 1 ^ 0xa001) : (uint16_t)(crc >> 1);
	}
	return crc;
}

static int word_at(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

/* Whether the head of a frame can be one of this shape, as far as it has come. */
static bool plausible(const struct frame_shape *s, const uint8_t *f, int have)
{
	int most = s->function <= 2 || s->function == 15 ? 2000 : s->function == 16 ? 123 : 125;

	if (f[0] > 247 || (f[0] == 0 && (s->kind != FRAME_REQUEST || s->function <= 4)))
		return false; /* to all, only writes go */
	if (s->counted == 2 && have > 2)
		return f[2] >= 1 && f[2] <= 250 && (s->function <= 2 || f[2] % 2 == 0);
	if (s->function == 5 || s->function == 6 || have < 6)
		return true;
	if (word_at(f + 4) < 1 || word_at(f + 4) > most)
		return false;
	if (s->counted == 6 && have > 6)
		return f[6] == (s->function == 16 ? 2 * word_at(f + 4) : (word_at(f + 4) + 7) / 8);
	return true;
}

/* Length of the frame with its CRC; 0: not known yet. */
static int length_of(const struct frame_shape *s, const uint8_t *f, int have)
{
	if (s->length)
		return s->length;
	return have > s->counted ? f[s->counted] + s->rest : 0;
}

/* Whether a reply of this shape would answer the request that waits. */
static bool awaited(const struct rtu_listen *l, const struct frame_shape *s, const uint8_t *f, int have)
{
	if (s->kind == FRAME_REQUEST || !l->request.open || f[0] != l->request.unit || (f[1] & 0x7f) != l->request.function)
		return false;
	return s->counted != 2 || (have > 2 && f[2] == 2 * l->request.count) || s->function <= 2;
}

static bool crc_fits(const uint8_t *f, int length)
{
	return crc_of(f, length - 2) == (f[length - 2] | f[length - 1] << 8);
}

/* Looks for a frame that begins at `f`. Returns its length (`found` says which), 0: it may be one, with more to come; -1: none
 * begins here. An answer that is waited for goes before a request that looks the same, while it may still come (`patient`). */
static int match(const struct rtu_listen *l, const uint8_t *f, int have, bool patient, struct frame_shape *found)
{
	bool open = false;

	if (have < 2)
		return 0;
	if (f[1] & 0x80) {
		*found = (struct frame_shape){f[1] & 0x7f, FRAME_EXCEPTION, SHORTEST, 0, 0};
		if (f[0] < 1 || f[0] > 247 || (have > 2 && (f[2] < 1 || f[2] > 11)))
			return -1;
		return have < SHORTEST ? 0 : crc_fits(f, SHORTEST) ? SHORTEST : -1;
	}
	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < SHAPES; i++) {
			const struct frame_shape *s = &shapes[i];
			int length;

			if (s->function != f[1] || awaited(l, s, f, have) != (pass == 0) || !plausible(s, f, have))
				continue;
			length = length_of(s, f, have);
			if (length == 0 || length > have) {
				open = true;
				if (pass == 0 && patient)
					return 0; /* the awaited answer is on its way */
				continue;
			}
			if (crc_fits(f, length)) {
				*found = *s;
				return length;
			}
		}
	return open ? 0 : -1;
}

static void throw_away(struct rtu_listen *l, int n)
{
	l->have -= n;
	memmove(l->byte, l->byte + n, (size_t)l->have);
	memmove(l->at, l->at + n, (size_t)l->have * sizeof(l->at[0]));
}

static void take_words(const uint8_t *from, int count, uint16_t *words)
{
	for (int i = 0; i < count; i++)
		words[i] = (uint16_t)word_at(from + 2 * i);
}

static void take_request(struct rtu_listen *l, int length)
{
	const uint8_t *f = l->byte;

	lose_request(l);
	l->counts.requests++;
	l->request.open = f[0] != 0; /* nobody answers what goes to all */
	l->request.unit = f[0];
	l->request.function = f[1];
	l->request.address = word_at(f + 2);
	l->request.count = f[1] == 5 || f[1] == 6 ? 1 : word_at(f + 4);
	l->request.before = l->at[0];
	l->request.after = l->at[length - 1];
	if (f[1] == 6)
		take_words(f + 4, 1, l->request.words);
	else if (f[1] == 16)
		take_words(f + 7, l->request.count, l->request.words);
}

/* Whether the frame at the head answers the request that waits, beyond doubt. */
static bool answers(const struct rtu_listen *l, const struct frame_shape *s, int length)
{
	const uint8_t *f = l->byte;

	if (!l->request.open || l->stray > STRAY_MOST || f[0] != l->request.unit || s->function != l->request.function ||
		l->at[length - 1] - l->request.after > RTU_LISTEN_PATIENCE)
		return false;
	if (s->kind == FRAME_EXCEPTION)
		return true;
	if (s->function == 3 || s->function == 4)
		return f[2] == 2 * l->request.count;
	if (s->function == 6)
		return l->at[0] - l->request.after < RTU_LISTEN_ECHO && word_at(f + 2) == l->request.address && word_at(f + 4) == l->request.words[0];
	if (s->function == 16)
		return word_at(f + 2) == l->request.address && word_at(f + 4) == l->request.count;
	return true;
}

/* Whether what looks like the answer may be that to another question, which went unanswered so far. */
static bool doubtful(const struct rtu_listen *l)
{
	for (int i = 0; i < RTU_LISTEN_LOST && i < l->losses; i++) {
		const struct rtu_question *q = &l->lost[i];

		if (q->unit == l->request.unit && q->function == l->request.function && q->count == l->request.count &&
			q->address != l->request.address && l->request.after - q->after < RTU_LISTEN_LATE)
			return l->request.function == 3 || l->request.function == 4;
	}
	return false;
}

/* Returns whether there is something to tell. */
static bool take_answer(struct rtu_listen *l, const struct frame_shape *s, int length, struct rtu_heard *out)
{
	if (!answers(l, s, length) || doubtful(l)) {
		l->counts.misfits++;
		lose_request(l);
		return false;
	}
	l->request.open = false;
	*out = (struct rtu_heard){.unit = l->request.unit, .function = s->function, .address = l->request.address,
		.count = l->request.count, .before = l->request.before, .after = l->request.after, .last = l->at[length - 1]};
	if (s->kind == FRAME_EXCEPTION) {
		l->counts.exceptions++;
		out->kind = HEARD_EXCEPTION;
		out->exception = l->byte[2];
		return true;
	}
	l->counts.replies++;
	if (s->function == 3 || s->function == 4) {
		out->kind = HEARD_READ;
		take_words(l->byte + 3, out->count, out->words);
		return true;
	}
	if (s->function != 6 && s->function != 16) {
		l->counts.others++;
		return false;
	}
	l->counts.writes++;
	out->kind = HEARD_WRITE;
	memcpy(out->words, l->request.words, (size_t)out->count * sizeof(out->words[0]));
	return true;
}

static bool take_frame(struct rtu_listen *l, const struct frame_shape *s, int length, struct rtu_heard *out)
{
	bool told = false;

	if (s->kind == FRAME_REQUEST || (s->kind == FRAME_REPLY && s->function == 6 && !answers(l, s, length)))
		take_request(l, length);
	else
		told = take_answer(l, s, length, out);
	throw_away(l, length);
	l->in_step = true;
	l->stray = 0;
	return told;
}

/* A whole frame behind bytes that begin none, or only seem to: where it begins, -1: nowhere. Only where the head is in
 * doubt: inside a long frame another may stand by chance. */
static int find_frame(const struct rtu_listen *l)
{
	struct frame_shape shape;

	for (int at = 1; at + SHORTEST <= l->have; at++)
		if (match(l, l->byte + at, l->have - at, false, &shape) > 0)
			return at;
	return -1;
}

static void skip(struct rtu_listen *l, int n)
{
	throw_away(l, n);
	l->counts.noise += n;
	l->stray += n;
	l->in_step = false;
}

bool rtu_listen_next(struct rtu_listen *l, nanos now, struct rtu_heard *out)
{
	while (l->have >= 2) {
		struct frame_shape shape = {0};
		bool stalled = now - l->at[l->have - 1] > RTU_LISTEN_STALL || l->have == RTU_LISTEN_ROOM;
		int length = match(l, l->byte, l->have, !stalled, &shape);

		if (length > 0) {
			if (take_frame(l, &shape, length, out))
				return true;
		} else if (length < 0) {
			skip(l, 1);
		} else {
			int at = l->in_step && !stalled ? -1 : find_frame(l);

			if (at < 0 && !stalled)
				return false;
			skip(l, at > 0 ? at : 1);
		}
	}
	return false;
}
