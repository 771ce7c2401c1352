/* Each finding has a recording that shows it and one that nearly does. The recordings are texts
 * (trace_text.h); the rules that findings propose are read by the loader of rules/. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "rules/load.h"
#include "tests/unit/trace_text.h"
#include "tools/find/judge.h"

static struct run *run;
static struct fold *fold;
static struct findings *findings;

static void judge(const char *text)
{
	run = trace_text(text);
	fold = fold_run(run);
	findings = find_all(fold);
}

static void done(void)
{
	findings_free(findings);
	fold_free(fold);
	run_free(run);
}

static const struct finding *found(const char *code)
{
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->finding[i].code->name, code) == 0)
			return &findings->finding[i];
	return NULL;
}

/* Whether the loader takes it, as `sockfix check` would. */
static void check_mend(const struct mend *mend)
{
	struct book *book = book_new();
	char text[1000];

	snprintf(text, sizeof(text), "%s: { match: { %s }; set: { %s };%s };\n", mend->name,
		mend->match, mend->set, mend->force ? " force = true;" : "");
	if (book_add_text(book, "mend", text, strlen(text)) != 0)
		fail_msg("the rule does not pass: %s", text);
	assert_int_equal(book->errors, 0);
	book_free(book);
}

/* Every finding names its text, and what mends it or why nothing does. */
static void check_all(void)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->finding[i];

		assert_non_null(finding->code);
		assert_true(finding->what[0]);
		assert_true(finding->lost_low <= finding->lost_high);
		assert_true(
			finding->sure != SURE_PROVEN || finding->lost_low == finding->lost_high);
		if (finding->mend.set[0])
			check_mend(&finding->mend);
		if (finding->second.set[0])
			check_mend(&finding->second);
		if (finding->fix != FIX_NONE && !finding->mend.set[0])
			assert_true(finding->no_rule[0]);
	}
	assert_true(fold->split.program + fold->split.thinking + fold->split.stalled +
			    fold->split.other ==
		    fold->split.wall);
}

static void shows(const char *code, const char *text)
{
	judge(text);
	check_all();
	if (!found(code))
		fail_msg("no %s in:\n%s", code, text);
	done();
}

static void shows_not(const char *code, const char *text)
{
	judge(text);
	check_all();
	if (found(code))
		fail_msg("a false %s ('%s') in:\n%s", code, found(code)->what, text);
	done();
}

#define CLIENT "client 1 10.0.0.1:143 tcp.min_rtt_us=50 opt.nodelay=0\n"
#define WARM   "1: connect~0.2ms r38~1ms w20 r30~1ms w20 r30~1ms w20 r30~1ms\n"

static void n01_is_proven_and_counted(void **state)
{
	const struct finding *n01;

	(void)state;
	judge("run wall=3s\n" CLIENT WARM
	      "1: { w27 r6~1ms +0.1ms w480..1390 w2(proven) r82~41ms +0.3ms } x50 close\n");
	check_all();
	n01 = found("N01");
	assert_non_null(n01);
	assert_int_equal(n01->sure, SURE_PROVEN);
	assert_int_equal(n01->fix, FIX_RULE);
	assert_int_equal(n01->hits, 50);
	assert_in_range(n01->lost_high / MS, 50 * 39, 50 * 41);
	assert_string_equal(n01->mend.match, "role = \"client\"; peer = \"10.0.0.1\"; port = 143;");
	assert_string_equal(n01->mend.set, "coalesce = \"auto\";");
	assert_string_equal(n01->mend.name, "n01-10-0-0-1-143");
	assert_string_equal(n01->what, "2 small writes, then a read: 50 of 50");
	assert_false(n01->minor);
	assert_in_range(fold->split.stalled / MS, 50 * 39, 50 * 41);
	done();
}

static void n01_is_likely_where_the_kernel_was_not_asked(void **state)
{
	const struct finding *n01;

	(void)state;
	judge("run wall=3s\n" CLIENT WARM "1: { w480..1390 w2 r82~44ms +0.3ms } x50 close\n");
	check_all();
	n01 = found("N01");
	assert_non_null(n01);
	assert_int_equal(n01->sure, SURE_LIKELY);
	assert_int_equal(n01->fix, FIX_PROVE);
	assert_int_equal(n01->lost_low, 0);
	done();
}

static void n01_is_not_cried(void **state)
{
	(void)state;
	/* one write a turn: the peer is slow */
	shows_not("N01", "run wall=3s\n" CLIENT WARM "1: { w480 r82~44ms } x50 close\n");
	/* the program has TCP_NODELAY */
	shows_not("N01", "run wall=3s\nclient 1 10.0.0.1:143 tcp.min_rtt_us=50 opt.nodelay=1\n" WARM
			 "1: { w480 w2 r82~44ms } x50 close\n");
	/* an answer of 20 ms is no delayed ACK */
	shows_not("N01", "run wall=3s\n" CLIENT WARM "1: { w480 w2 r82~20ms } x50 close\n");
	/* the path itself takes 44 ms */
	shows_not("N01", "run wall=6s\nclient 1 10.0.0.1:143 tcp.min_rtt_us=44000 opt.nodelay=0\n"
			 "1: connect~44ms { w480 w2 r82~44ms } x50 close\n");
	/* full segments do not wait (Minshall) */
	shows_not("N01", "run wall=3s\nclient 1 10.0.0.1:143 tcp.min_rtt_us=50 tcp.snd_mss=1448 "
			 "opt.nodelay=0\n" WARM "1: { w480 w1448 r82~44ms } x50 close\n");
	/* the first two turns are the kernel's quick-ACK phase */
	shows_not("N01", "run wall=3s\n" CLIENT
			 "1: connect~0.2ms { w480 w2 r82~44ms } x2 { w20 r30~1ms } x50 close\n");
}

static void n02_is_the_server_s(void **state)
{
	const struct finding *n02;

	(void)state;
	judge("run wall=5s\nserver 1 8000 tcp.min_rtt_us=50 opt.nodelay=0\n"
	      "1: { r73~43ms w199 w6(proven) } x100 r0 close\n");
	check_all();
	n02 = found("N02");
	assert_non_null(n02);
	assert_int_equal(n02->sure, SURE_PROVEN);
	assert_string_equal(n02->mend.match, "role = \"server\"; port = 8000;");
	done();
	shows_not("N02", "run wall=5s\nserver 1 8000 tcp.min_rtt_us=50 opt.nodelay=0\n"
			 "1: { r73~43ms w205 } x100 r0 close\n");
	/* held, but the client spoke again at once */
	shows_not("N02", "run wall=5s\nserver 1 8000 tcp.min_rtt_us=50 opt.nodelay=0\n"
			 "1: { r73~2ms w199 w6(proven) } x100 r0 close\n");
}

static void n11_is_the_peer_s_second_part(void **state)
{
	const struct finding *n11;

	(void)state;
	judge("run wall=5s\nclient 1 10.0.0.1:80 tcp.min_rtt_us=50 opt.nodelay=0\n"
	      "1: connect~0.2ms { w73 r199~0.3ms r6~43ms } x100 close\n");
	check_all();
	n11 = found("N11");
	assert_non_null(n11);
	assert_int_equal(n11->sure, SURE_LIKELY);
	assert_string_equal(n11->mend.set, "tcp_quickack = true;");
	done();
	/* an accident is no habit */
	shows_not("N11", "run wall=5s\nclient 1 10.0.0.1:80 tcp.min_rtt_us=50\n"
			 "1: connect~0.2ms { w73 r199~0.3ms r6~43ms } x10 close\n");
	shows_not("N11", "run wall=9s\nclient 1 10.0.0.1:80 tcp.min_rtt_us=50\n"
			 "1: connect~0.2ms { w73 r199~0.3ms r6~80ms } x100 close\n");
}

static void n03_and_n05_are_small_writes_in_a_row(void **state)
{
	const struct finding *n03;

	(void)state;
	judge("run wall=1s\nclient 1 10.0.0.1:8125 tcp.min_rtt_us=50 tcp.snd_mss=1448 "
	      "tcp.data_segs_out=10000\n1: connect~0.2ms { w50 } x10000 close\n");
	check_all();
	n03 = found("N03");
	assert_non_null(n03);
	assert_int_equal(n03->sure, SURE_POSSIBLE);
	assert_int_equal(n03->lost_low, 0);
	assert_in_range(n03->saved_segments, 9500, 9700);
	assert_string_equal(n03->mend.set, "coalesce = \"always\"; coalesce_delay = \"1ms\";");
	done();
	/* the kernel has joined them already */
	shows_not("N03", "run wall=1s\nclient 1 10.0.0.1:8125 tcp.snd_mss=1448 "
			 "tcp.data_segs_out=360\n1: connect~0.2ms { w50 } x10000 close\n");
	/* they come one by one */
	shows_not("N03", "run wall=9s\nclient 1 10.0.0.1:8125 tcp.snd_mss=1448 "
			 "tcp.data_segs_out=1000\n1: connect~0.2ms { w50 +5ms } x1000 close\n");
	shows("N05", "run wall=1s\nclient 1 10.0.0.1:8125 tcp.snd_mss=1448 "
		     "tcp.data_segs_out=1000\n1: connect~0.2ms { w1 } x1000 close\n");
	shows_not("N05", "run wall=1s\nclient 1 10.0.0.1:8125 tcp.snd_mss=1448 "
			 "tcp.data_segs_out=1000\n1: connect~0.2ms { w5 } x1000 close\n");
}

static void n06_is_a_cork_left_on(void **state)
{
	(void)state;
	shows("N06", "run wall=9s\nclient 1 10.0.0.1:80 tcp.min_rtt_us=50 opt.cork=1\n"
		     "1: connect~0.2ms { w73 r199~1ms } x5 { w73 w5 r199~204ms } x20 close\n");
	shows_not("N06", "run wall=9s\nclient 1 10.0.0.1:80 tcp.min_rtt_us=50 opt.cork=0\n"
			 "1: connect~0.2ms { w73 r199~1ms } x5 { w73 r199~204ms } x20 close\n");
	shows_not("N06", "run wall=9s\nclient 1 10.0.0.1:80 tcp.min_rtt_us=50 opt.cork=1\n"
			 "1: connect~0.2ms { w73 r199~1ms } x5 { w73 r199~150ms } x20 close\n");
}

static void s09_is_loss_and_nothing_else(void **state)
{
	static const char text[] =
		"run wall=9s\nclient 1 10.0.0.1:143 tcp.min_rtt_us=50 opt.nodelay=0 "
		"tcp.total_retrans=5\n" WARM
		"1: { w480 w2 r82~205ms probe(asked=1) } x1 { w480 w2 r82~1ms } x5 close\n";

	(void)state;
	judge(text);
	check_all();
	assert_null(found("N01"));
	done();
	shows("S09", text);
	shows_not("S09", "run wall=3s\n" CLIENT WARM "1: { w480 r82~205ms } x5 close\n");
}

static void c01_is_a_syn_sent_again(void **state)
{
	const struct finding *c01;

	(void)state;
	judge("run wall=9s\nclient 1 10.0.0.1:80 syn.total_retrans=0\n"
	      "client 2 10.0.0.1:80 syn.total_retrans=1\n"
	      "1: connect~0.2ms w1 r1 close\n2: connect~1012ms w1 r1 close\n");
	check_all();
	c01 = found("C01");
	assert_non_null(c01);
	assert_int_equal(c01->sure, SURE_PROVEN);
	assert_int_equal(c01->hits, 1);
	assert_in_range(c01->lost_high / MS, 1011, 1012);
	assert_true(c01->no_rule[0]);
	done();
	shows_not("C01", "run wall=9s\nclient 1 10.0.0.1:80 syn.total_retrans=0\n"
			 "1: connect~600ms w1 r1 close\n");
	shows_not("C01", "run wall=9s\nclient 1 10.0.0.1:80 syn.total_retrans=0\n"
			 "1: connect~1400ms w1 r1 close\n");
}

static void c02_is_a_full_queue(void **state)
{
	const struct finding *c02;

	(void)state;
	judge("run wall=9s before.listen_overflows=3 after.listen_overflows=8\n"
	      "listener 1 9999 backlog=1 backlog_set=1 queue_peak=2 queue_limit=1 accepted=500\n"
	      "1: listen\n");
	check_all();
	c02 = found("C02");
	assert_non_null(c02);
	assert_int_equal(c02->sure, SURE_PROVEN);
	assert_int_equal(c02->hits, 5);
	assert_string_equal(c02->mend.match, "role = \"server\"; port = 9999;");
	assert_string_equal(c02->mend.set, "listen_backlog = 1024;");
	done();
	shows("C03", "run wall=2s\nlistener 1 9999 backlog=5 backlog_set=5 queue_peak=1 "
		     "queue_limit=5 accepted=500\n1: listen\n");
	shows_not("C02", "run wall=9s before.listen_overflows=3 after.listen_overflows=3\n"
			 "listener 1 9999 backlog=5 backlog_set=5 queue_peak=3 queue_limit=5 "
			 "accepted=500\n1: listen\n");
	shows_not("C03", "run wall=2s\nlistener 1 9999 backlog=128 backlog_set=128 queue_peak=1 "
			 "queue_limit=128 accepted=500\n1: listen\n");
	shows_not("C03", "run wall=60s\nlistener 1 9999 backlog=5 backlog_set=5 queue_peak=1 "
			 "queue_limit=5 accepted=500\n1: listen\n1: +59s close\n");
}

static char *connections(unsigned count, const char *events)
{
	char *text = calloc(1, 200 * count + 100), *at = text;

	at += sprintf(at, "run wall=9s\n");
	for (unsigned i = 1; i <= count; i++)
		at += sprintf(at, "client %u 10.0.0.1:80 tcp.min_rtt_us=50\n", i);
	for (unsigned i = 1; i <= count; i++)
		at += sprintf(at, "%u: %s\n", i, events);
	return text;
}

static void c04_is_a_connection_each(void **state)
{
	char *many = connections(60, "connect~2ms w50 r50~1ms close");
	char *few = connections(40, "connect~2ms w50 r50~1ms close");
	char *used = connections(60, "connect~2ms { w50 r50~1ms } x4 close");

	(void)state;
	shows("C04", many);
	shows_not("C04", few);
	shows_not("C04", used);
	free(many);
	free(few);
	free(used);
}

static void d01_and_d02_are_lookups(void **state)
{
	(void)state;
	shows("D01", "run wall=9s\n" CLIENT "0: { getaddrinfo(asked=7)~20ms } x20\n" WARM);
	shows_not("D01", "run wall=9s\n" CLIENT "0: { getaddrinfo(asked=7)~20ms } x8\n" WARM);
	shows_not(
		"D01", "run wall=200s\n" CLIENT "0: { getaddrinfo(asked=7)~20ms +9s } x12\n" WARM);
	shows("D02", "run wall=9s\n" CLIENT "0: getaddrinfo(asked=7)~5.01s\n" WARM);
	shows_not("D02", "run wall=9s\n" CLIENT "0: getaddrinfo(asked=7)~3s\n" WARM);
}

static void s01_s02_s03_are_buffers(void **state)
{
	(void)state;
	shows("S01", "run wall=9s\nclient 1 10.0.0.1:80 tcp.busy_us=4000000 "
		     "tcp.sndbuf_limited_us=3000000\n" WARM);
	shows_not("S01", "run wall=9s\nclient 1 10.0.0.1:80 tcp.busy_us=4000000 "
			 "tcp.sndbuf_limited_us=300000\n" WARM);
	shows("S02", "run wall=9s\nclient 1 10.0.0.1:80 tcp.busy_us=4000000 "
		     "tcp.rwnd_limited_us=3000000\n" WARM);
	shows_not("S02", "run wall=9s\nclient 1 10.0.0.1:80 tcp.busy_us=40000 "
			 "tcp.rwnd_limited_us=30000\n" WARM);
	shows("S03", "run wall=9s\nclient 1 10.0.0.1:80 tcp.min_rtt_us=20000 opt.rcvbuf=65536 "
		     "opt.buf_lock=2\n1: connect~20ms w20 { r30000~20ms } x200 close\n");
	shows_not("S03", "run wall=9s\nclient 1 10.0.0.1:80 tcp.min_rtt_us=20000 opt.rcvbuf=65536 "
			 "opt.buf_lock=0\n1: connect~20ms w20 { r30000~20ms } x200 close\n");
	shows_not("S03", "run wall=60s\nclient 1 10.0.0.1:80 tcp.min_rtt_us=100 opt.rcvbuf=65536 "
			 "opt.buf_lock=2\n1: connect~20ms w20 { r30000~20ms } x200 close\n");
}

static void s06_and_e01_spin(void **state)
{
	(void)state;
	shows("S06", "run wall=9s\n" CLIENT WARM "1: { again } x200 r5 close\n");
	shows_not("S06", "run wall=9s\n" CLIENT WARM "1: { again } x50 r5 close\n");
	shows_not(
		"S06", "run wall=9s\n" CLIENT WARM "1: { again poll(done=1)~1ms r5 } x200 close\n");
	shows("E01", "run wall=9s\n" CLIENT WARM "1: { epoll_wait(extra=0) } x2000 close\n");
	shows_not("E01", "run wall=9s\n" CLIENT WARM "1: { epoll_wait(extra=0) } x400 close\n");
	shows_not("E01",
		"run wall=60s\n" CLIENT WARM "1: { epoll_wait(extra=1)~1ms +9ms } x2000 close\n");
}

static void s11_sets_what_is_set(void **state)
{
	(void)state;
	shows("S11", "run wall=9s\n" CLIENT WARM
		     "1: { setsockopt(asked=393217,done=1) w5 r5 } x200 close\n");
	shows_not("S11", "run wall=9s\n" CLIENT WARM "1: { setsockopt(asked=393219,done=1) w5 "
			 "setsockopt(asked=393219,done=0) r5 } x200 close\n");
}

static void r04_and_r05_wait_by_design(void **state)
{
	(void)state;
	shows("R04", "run wall=9s\nclient 1 10.0.0.1:80 tcp.min_rtt_us=1000\n"
		     "1: connect~1ms { w20 r30~1.2ms } x300 close\n");
	shows_not("R04", "run wall=9s\nclient 1 10.0.0.1:80 tcp.min_rtt_us=1000\n"
			 "1: connect~1ms { w20 r30~1.2ms +1ms } x300 close\n");
	shows_not("R04", "run wall=9s\nclient 1 10.0.0.1:80 tcp.min_rtt_us=100\n"
			 "1: connect~1ms { w20 r30~1.2ms } x300 close\n");
	shows("R05", "run wall=9s\n" CLIENT WARM
		     "1: w200 poll(done=0,extra=1000,covers=1)~1.001s w5000 r50~1ms close\n");
	shows_not("R05", "run wall=9s\n" CLIENT WARM
			 "1: w200 poll(done=0,extra=700,covers=1)~0.7s w5000 r50~1ms close\n");
}

static void l01_and_l03_are_about_the_end(void **state)
{
	(void)state;
	shows("L01", "run wall=400s\nclient 1 10.0.0.1:80 opt.keepalive=0\n" WARM
		     "1: +320s w5 r5~1ms close\n");
	shows_not("L01", "run wall=400s\nclient 1 10.0.0.1:80 opt.keepalive=1\n" WARM
			 "1: +320s w5 r5~1ms close\n");
	shows_not("L01", "run wall=400s\nclient 1 10.0.0.1:80 opt.keepalive=0\n" WARM
			 "1: +120s w5 r5~1ms close\n");
	shows("L03",
		"run wall=9s\nclient 1 10.0.0.1:80 unread=5 opt.linger=-1\n" WARM "1: w5 close\n");
	shows("L03", "run wall=9s\nclient 1 10.0.0.1:80 opt.linger=0\n" WARM "1: w5 close\n");
	shows_not("L03",
		"run wall=9s\nclient 1 10.0.0.1:80 unread=0 opt.linger=-1\n" WARM "1: w5 close\n");
}

static void f01_copies_a_file(void **state)
{
	(void)state;
	shows("F01", "run wall=9s\nserver 1 80 tcp.min_rtt_us=50\n"
		     "1: r50~1ms { file65536 w65536 } x100 close\n");
	shows_not("F01", "run wall=9s\nserver 1 80 tcp.min_rtt_us=50\n"
			 "1: r50~1ms { w65536 } x100 close\n");
	shows_not("F01", "run wall=9s\nserver 1 80 tcp.min_rtt_us=50\n"
			 "1: r50~1ms { file8192 w8192 } x70 close\n");
}

static void a_no_names_the_innocents_and_a_bound(void **state)
{
	(void)state;
	judge("run wall=10s\n" CLIENT WARM "1: { w480 r82~1ms +80ms } x100 close\n");
	check_all();
	assert_non_null(found("A01"));
	assert_non_null(found("A03"));
	assert_null(found("N01"));
	assert_true(findings->bound < 10 * MS);
	assert_true(findings->innocents >= 4);
	assert_string_equal(findings->innocent[0].label, "why not stalled");
	assert_string_equal(findings->innocent[0].why,
		"one write a turn, 103 of 103: nothing waits for an ACK");
	done();
	judge("run wall=10s\n" CLIENT WARM "1: { w480 r82~90ms } x100 close\n");
	assert_non_null(found("A02"));
	assert_null(found("A01"));
	done();
}

static void nobody_is_innocent_where_little_was_seen(void **state)
{
	(void)state;
	judge("run wall=10s\nclient 1 10.0.0.1:143 tcp.bytes_sent=100000 "
	      "tcp.bytes_received=100000\n1: connect~0.2ms { w48 r82~1ms } x10 close\n");
	assert_true(fold->coverage < 0.95);
	assert_int_equal(findings->innocents, 0);
	done();
}

static void every_code_has_its_page(void **state)
{
	(void)state;
	for (size_t i = 0; i < code_count; i++) {
		const struct code *code = &code_table[i];

		assert_ptr_equal(code_find(code->name), code);
		assert_true(code->title[0] && code->mechanism[0] && code->proof[0]);
		assert_true(code->remedy[0] && code->not_when[0] && code->source[0]);
		assert_true(code->author[0]);
	}
	assert_int_equal(code_count, 27);
	assert_null(code_find("N99"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n01_is_proven_and_counted),
		cmocka_unit_test(n01_is_likely_where_the_kernel_was_not_asked),
		cmocka_unit_test(n01_is_not_cried),
		cmocka_unit_test(n02_is_the_server_s),
		cmocka_unit_test(n11_is_the_peer_s_second_part),
		cmocka_unit_test(n03_and_n05_are_small_writes_in_a_row),
		cmocka_unit_test(n06_is_a_cork_left_on),
		cmocka_unit_test(s09_is_loss_and_nothing_else),
		cmocka_unit_test(c01_is_a_syn_sent_again),
		cmocka_unit_test(c02_is_a_full_queue),
		cmocka_unit_test(c04_is_a_connection_each),
		cmocka_unit_test(d01_and_d02_are_lookups),
		cmocka_unit_test(s01_s02_s03_are_buffers),
		cmocka_unit_test(s06_and_e01_spin),
		cmocka_unit_test(s11_sets_what_is_set),
		cmocka_unit_test(r04_and_r05_wait_by_design),
		cmocka_unit_test(l01_and_l03_are_about_the_end),
		cmocka_unit_test(f01_copies_a_file),
		cmocka_unit_test(a_no_names_the_innocents_and_a_bound),
		cmocka_unit_test(nobody_is_innocent_where_little_was_seen),
		cmocka_unit_test(every_code_has_its_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
