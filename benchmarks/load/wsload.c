/* wsload.c - chatload's load over WebSocket and JSON.
 *
 *   gcc -O2 -std=gnu11 -Wall -Wextra -o wsload wsload.c     (chatload.c beside it)
 *   wsload --host 127.0.0.1 --port P --pid SERVER_PID --clients 1000 ...   as chatload, without --proto
 *
 * chatload.c is included whole, and believes that it speaks the line protocol: the schedule, the
 * histograms, the accounting and the output are its own, so that two figures differ by nothing but
 * the protocol. Only its recv() and send() are others. They translate at the socket:
 *
 *   chatload sends                            the socket takes
 *     NAME                                      the HTTP upgrade, and when that is answered: hello
 *     ROOM                                      join
 *     TEXT                                      say, masked, with a nonce of its own (a UUID)
 *   the socket gives                          chatload reads
 *     welcome                                   Available rooms:
 *     events: [{kind: joined, by}]              [date time] NAME has joined the chat!
 *     events: [{kind: said, by, text}]          [date time] NAME: TEXT
 *
 * Beyond chatload's checks every client's events must be numbered without a hole or a repeat: a
 * hole counts as "bad", a repeat as "disorder". At the end each must have been told of the newest
 * event that anybody in its room was told of; else the exit code is 3.
 *
 * What the names and texts of this load do not need is not done: no JSON escapes on the way out.
 */
#define _GNU_SOURCE
#include <sys/socket.h>
#include <sys/types.h>

static ssize_t ws_recv(int fd, void *to, size_t room, int flags);
static ssize_t ws_send(int fd, const void *lines, size_t n, int flags);

#define recv ws_recv
#define send ws_send
#define main chatload_main
#include "chatload.c"
#undef recv
#undef send
#undef main

/* RFC 6455, 1.3: the key of its example, and the answer that belongs to it */
#define WS_KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define WS_ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#define DATE "[0000-00-00 00:00:00] "

enum { W_NEW, W_UPGRADING, W_GREETING, W_WELCOME, W_IN };
enum { OP_TEXT = 1, OP_CLOSE = 8, OP_PING = 9, OP_PONG = 10 };

struct bytes { char *p; size_t n, cap; };
struct ws {
	uint8_t state, owed;   /* owed: the end of a line that was translated, but not yet accepted */
	char name[32], room[32];
	int64_t seq;           /* the newest event that it was told of; -1 before "joined" */
	struct bytes part;     /* incomplete last frame */
	struct bytes out;      /* frames that the socket would not take yet */
};
static struct ws **by_fd;
static size_t n_fd;

static struct bytes raw;          /* what was read from one socket, the incomplete frame before it */
static struct bytes lines;        /* the same, translated */
static size_t lines_off;
static int lines_fd = -1;

static void reserve(struct bytes *b, size_t more)
{
	if (b->n + more <= b->cap) return;
	b->cap = (b->n + more) * 2;
	b->p = realloc(b->p, b->cap);
	if (!b->p) die("out of memory");
}
static void append(struct bytes *b, const char *p, size_t n)
{
	reserve(b, n);
	memcpy(b->p + b->n, p, n);
	b->n += n;
}
static struct ws *ws_of(int fd)
{
	if ((size_t)fd >= n_fd) {
		size_t n = (size_t)fd * 2 + 64;
		by_fd = realloc(by_fd, n * sizeof *by_fd);
		if (!by_fd) die("out of memory");
		memset(by_fd + n_fd, 0, (n - n_fd) * sizeof *by_fd);
		n_fd = n;
	}
	if (!by_fd[fd]) {
		by_fd[fd] = calloc(1, sizeof **by_fd);
		if (!by_fd[fd]) die("out of memory");
		by_fd[fd]->seq = -1;
	}
	return by_fd[fd];
}
static uint64_t chance(void) /* xorshift64*: masks and nonces need to differ, not to be secret */
{
	static uint64_t x;
	if (!x) x = now_ns() * 2 + 1;
	x ^= x >> 12; x ^= x << 25; x ^= x >> 27;
	return x * 2685821657736338717ull;
}

/* ---- frames out */
static void add_frame(struct ws *w, unsigned op, const char *p, size_t n)
{
	uint8_t head[8]; size_t h = 2; uint32_t key = (uint32_t)chance();
	head[0] = (uint8_t)(0x80 | op);
	if (n < 126) head[1] = (uint8_t)(0x80 | n);
	else { head[1] = 0x80 | 126; head[2] = (uint8_t)(n >> 8); head[3] = (uint8_t)n; h = 4; }
	append(&w->out, (char *)head, h);
	append(&w->out, (char *)&key, 4);
	reserve(&w->out, n);
	const uint8_t *k = (uint8_t *)&key; char *to = w->out.p + w->out.n;
	for (size_t i = 0; i < n; i++) to[i] = (char)((uint8_t)p[i] ^ k[i & 3]);
	w->out.n += n;
}
static int flush_frames(struct ws *w, int fd) /* 1: all is out; 0: the socket is full; -1: error */
{
	size_t off = 0;
	while (off < w->out.n) {
		ssize_t k = send(fd, w->out.p + off, w->out.n - off, MSG_NOSIGNAL);
		if (k < 0 && errno == EINTR) continue;
		if (k < 0 && errno != EAGAIN) return -1;
		if (k < 0) break;
		off += (size_t)k;
	}
	if (off) memmove(w->out.p, w->out.p + off, w->out.n - off);
	w->out.n -= off;
	return w->out.n == 0;
}
static void take_line(struct ws *w, const char *p, size_t n)
{
	static char b[8192]; int k = 0; uint64_t x, y;
	switch (w->state) {
	case W_NEW:
		snprintf(w->name, sizeof w->name, "%.*s", (int)n, p);
		k = snprintf(b, sizeof b, "GET /ws HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			"Sec-WebSocket-Key: " WS_KEY "\r\nSec-WebSocket-Version: 13\r\n\r\n", o_host, ports[0]);
		append(&w->out, b, (size_t)k);
		w->state = W_UPGRADING;
		break;
	case W_WELCOME:
		snprintf(w->room, sizeof w->room, "%.*s", (int)n, p);
		k = snprintf(b, sizeof b, "{\"type\":\"join\",\"room\":\"%s\"}", w->room);
		add_frame(w, OP_TEXT, b, (size_t)k);
		w->state = W_IN;
		break;
	case W_IN:
		x = chance(); y = chance();
		k = snprintf(b, sizeof b, "{\"type\":\"say\",\"room\":\"%s\",\"text\":\"%.*s\","
			"\"nonce\":\"%08x-%04x-4%03x-8%03x-%012" PRIx64 "\"}", w->room, (int)n, p,
			(unsigned)(x >> 32), (unsigned)(x & 0xffff), (unsigned)(x >> 16 & 0xfff),
			(unsigned)(y >> 48 & 0xfff), (uint64_t)(y & 0xffffffffffffull));
		add_frame(w, OP_TEXT, b, (size_t)k);
		break;
	default:
		die("a line before the answer to the last one");
	}
}
static ssize_t ws_send(int fd, const void *from, size_t n, int flags)
{
	(void)flags;
	struct ws *w = ws_of(fd);
	int done = flush_frames(w, fd);
	if (done <= 0) { if (!done) errno = EAGAIN; return -1; }
	const char *p = from, *end = p + n, *nl;
	for (p += w->owed; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl) die("half a line");
		take_line(w, p, (size_t)(nl - p) - (nl > p && nl[-1] == '\r'));
	}
	done = flush_frames(w, fd);
	w->owed = !done;
	return done < 0 ? -1 : (ssize_t)(n - w->owed); /* what is owed makes chatload come back */
}

/* ---- JSON in: just what the server sends, in any order but "type" first */
static const char *string_end(const char *p, const char *end) /* after the opening quote -> the closing one */
{
	for (;;) {
		const char *q = memchr(p, '"', (size_t)(end - p)), *s = q;
		if (!q) return NULL;
		while (s > p && s[-1] == '\\') s--;
		if (!((q - s) & 1)) return q;
		p = q + 1;
	}
}
static const char *value_end(const char *p, const char *end)
{
	int depth = 0;
	for (; p < end; p++) {
		if (*p == '"') { p = string_end(p + 1, end); if (!p) return NULL; if (!depth) return p + 1; }
		else if (*p == '{' || *p == '[') depth++;
		else if (*p == '}' || *p == ']') { if (depth <= 1) return depth ? p + 1 : p; depth--; }
		else if (*p == ',' && !depth) return p;
	}
	return p;
}
struct pair { const char *key, *val; size_t nkey, nval; };
static const char *next_pair(const char *p, const char *end, struct pair *f) /* NULL at the end of the object */
{
	if (p >= end || *p == '}') return NULL;
	if (*p == ',' || *p == '{') p++;
	if (p >= end || *p != '"') return NULL;
	const char *q = string_end(p + 1, end);
	if (!q || q + 1 >= end || q[1] != ':') return NULL;
	f->key = p + 1; f->nkey = (size_t)(q - p - 1); f->val = q + 2;
	q = value_end(f->val, end);
	if (!q) return NULL;
	f->nval = (size_t)(q - f->val);
	return q;
}
static int is(const char *p, size_t n, const char *word) { return strlen(word) == n && !memcmp(p, word, n); }
static int64_t number(const struct pair *f)
{
	int64_t v = 0;
	for (size_t i = 0; i < f->nval && f->val[i] >= '0' && f->val[i] <= '9'; i++) v = v * 10 + (f->val[i] - '0');
	return v;
}

/* ---- frames in */
static void wrong(struct ws *w, const char *what, const char *p, size_t n)
{
	if (n_bad++ < 5) fprintf(stderr, "wsload: %s: %s: %.*s\n", w->name, what, (int)(n > 300 ? 300 : n), p);
}
static void take_event(struct ws *w, const char *p, const char *end)
{
	struct pair f, by = { 0 }, kind = { 0 }, text = { 0 }; const char *at = p; int64_t seq = 0;
	while ((at = next_pair(at, end, &f))) {
		if (is(f.key, f.nkey, "text")) text = f;
		else if (is(f.key, f.nkey, "seq")) seq = number(&f);
		else if (is(f.key, f.nkey, "by")) by = f;
		else if (is(f.key, f.nkey, "kind")) kind = f;
	}
	if (by.nval < 2 || kind.nval < 2 || !seq) { wrong(w, "no event", p, (size_t)(end - p)); return; }
	if (w->seq < 0) wrong(w, "an event before joined", p, (size_t)(end - p));
	else if (seq > w->seq + 1) wrong(w, "a hole before", p, (size_t)(end - p));
	else if (seq <= w->seq) n_disorder++;
	w->seq = seq;
	int said = is(kind.val, kind.nval, "\"said\"") && text.nval >= 2;
	if (!said && !is(kind.val, kind.nval, "\"joined\"")) return;
	append(&lines, DATE, sizeof DATE - 1);
	append(&lines, by.val + 1, by.nval - 2);
	if (said) { append(&lines, ": ", 2); append(&lines, text.val + 1, text.nval - 2); }
	else append(&lines, " has joined the chat!", 21);
	append(&lines, "\n", 1);
}
static void take_message(struct ws *w, const char *p, size_t n)
{
	const char *end = p + n, *at, *q; struct pair f;
	at = next_pair(p, end, &f);
	if (!at || !is(f.key, f.nkey, "type")) { wrong(w, "no message", p, n); return; }
	struct pair type = f;
	if (is(type.val, type.nval, "\"events\"")) {
		static const char list[] = "\"events\":[";
		at = memmem(at, (size_t)(end - at), list, sizeof list - 1);
		if (!at) { wrong(w, "no events", p, n); return; }
		for (at += sizeof list - 1; at < end && *at == '{'; at = q + (q < end && *q == ',')) {
			q = value_end(at, end);
			if (!q) { wrong(w, "half an event", p, n); return; }
			take_event(w, at, q);
		}
	} else if (is(type.val, type.nval, "\"welcome\"")) {
		w->state = W_WELCOME;
		append(&lines, "Available rooms:\n", 17);
	} else if (is(type.val, type.nval, "\"joined\"")) {
		while ((at = next_pair(at, end, &f))) if (is(f.key, f.nkey, "after")) w->seq = number(&f);
	} else if (is(type.val, type.nval, "\"error\"") || is(type.val, type.nval, "\"bye\"")) {
		numeric_errs++;
		if (errs_shown++ < 20) fprintf(stderr, "wsload: %s: %.*s\n", w->name, (int)(n > 300 ? 300 : n), p);
	} /* an ack says nothing that the event did not */
}
static size_t take_frame(struct ws *w, int fd, const char *p, size_t n) /* how long it was; 0: not all is here */
{
	const uint8_t *b = (const uint8_t *)p;
	if (n < 2) return 0;
	size_t h = 2, len = b[1] & 127;
	if (b[1] & 128) die("a masked frame from the server");
	if (len == 126) { if (n < 4) return 0; len = (size_t)b[2] << 8 | b[3]; h = 4; }
	else if (len == 127) { if (n < 10) return 0; for (len = 0, h = 2; h < 10; h++) len = len << 8 | b[h]; }
	if (n - h < len) return 0;
	if (b[0] == (0x80 | OP_TEXT)) { bytes_in += h + len; take_message(w, p + h, len); }
	else if (b[0] == (0x80 | OP_PING)) { add_frame(w, OP_PONG, p + h, len); flush_frames(w, fd); }
	else if (b[0] == (0x80 | OP_CLOSE)) {
		if (errs_shown++ < 20) fprintf(stderr, "wsload: %s: close frame: %.*s\n", w->name, (int)(len < 2 ? 0 : len - 2), p + h + 2);
	} else wrong(w, "not a frame of the protocol", p, n > 16 ? 16 : n);
	return h + len;
}
static size_t take_answer(struct ws *w, int fd, const char *p, size_t n)
{
	const char *end = memmem(p, n, "\r\n\r\n", 4);
	if (!end) return 0;
	if (memcmp(p, "HTTP/1.1 101 ", 13) || !memmem(p, (size_t)(end - p), WS_ACCEPT, sizeof WS_ACCEPT - 1))
		die("the server does not open a WebSocket: %.*s", (int)(end - p), p);
	char b[64]; int k = snprintf(b, sizeof b, "{\"type\":\"hello\",\"user\":\"%s\"}", w->name);
	add_frame(w, OP_TEXT, b, (size_t)k);
	flush_frames(w, fd);
	w->state = W_GREETING;
	return (size_t)(end - p) + 4;
}
static void translate(struct ws *w, int fd)
{
	size_t at = 0, used = 1, before = lines.n;
	while (at < raw.n && used) {
		used = w->state == W_UPGRADING ? take_answer(w, fd, raw.p + at, raw.n - at)
			: take_frame(w, fd, raw.p + at, raw.n - at);
		at += used;
	}
	bytes_in -= lines.n - before; /* chatload counts the lines; what crossed the wire is counted above */
	w->part.n = 0;
	if (raw.n > at) append(&w->part, raw.p + at, raw.n - at);
}
static ssize_t ws_recv(int fd, void *to, size_t room, int flags)
{
	(void)flags;
	if (lines_fd != fd || lines_off == lines.n) {
		struct ws *w = ws_of(fd);
		ssize_t k;
		lines_fd = fd; lines_off = lines.n = 0;
		do {
			raw.n = 0;
			append(&raw, w->part.p ? w->part.p : "", w->part.n);
			reserve(&raw, RBUF);
			k = recv(fd, raw.p + raw.n, RBUF, 0);
			if (k <= 0) break;
			raw.n += (size_t)k;
			translate(w, fd);
		} while (k == RBUF);
		if (!lines.n) {
			if (k > 0) { k = -1; errno = EAGAIN; }
			return k;
		}
	}
	size_t n = lines.n - lines_off < room ? lines.n - lines_off : room;
	memcpy(to, lines.p + lines_off, n);
	lines_off += n;
	return (ssize_t)n;
}

/* ---- was everybody told of everything? */
static int all_told(void)
{
	int64_t *head = calloc((size_t)o_rooms, sizeof *head); int behind = 0;
	if (!head) die("out of memory");
	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < o_clients; i++) {
			if (cl[i].fd < 0) continue;
			int64_t seq = ws_of(cl[i].fd)->seq, *h = &head[cl[i].room];
			if (!pass) { if (seq > *h) *h = seq; }
			else if (seq < *h && behind++ < 5)
				fprintf(stderr, "wsload: client %d was told of event %" PRId64 " of %" PRId64 "\n", i, seq, *h);
		}
	free(head);
	return !behind;
}

int main(int argc, char **argv)
{
	char **args = calloc((size_t)argc + 3, sizeof *args);
	if (!args) return 1;
	for (int i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "--calibrate") || !strcmp(argv[i], "--proto")) {
			fprintf(stderr, "wsload: %s is chatload's\n", argv[i]);
			return 2;
		}
		args[i] = argv[i];
	}
	args[argc] = "--proto"; args[argc + 1] = "line";
	int status = chatload_main(argc + 2, args);
	return status ? status : all_told() ? 0 : 3;
}
