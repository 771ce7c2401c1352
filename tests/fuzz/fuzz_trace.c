/* The reader and the fold against any bytes: a libFuzzer target, and without libFuzzer
 * (-DFUZZ_MAIN) a program that runs over the files it is given, for seeds and for what was found.
 * Besides the sanitizers it checks what run.h and fold.h promise. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/trace/fold.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t most, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t most);

#define PROMISE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static bool is_there(const struct run_process *process, uint32_t number)
{
	return number <= process->connections && process->connection[number - 1].number == number;
}

static void check_event(const struct run_process *process, const struct trace_event *event)
{
	PROMISE(call_class(event->call) >= 0);
	if (event->call == TRACE_NAME)
		return;
	if (event->call == TRACE_COVERS) {
		for (size_t i = 0; i < 6 && event->covered[i]; i++)
			PROMISE(is_there(process, event->covered[i]));
		return;
	}
	PROMISE(event->start && event_end(event) >= event->start);
	PROMISE(!event->flow || is_there(process, event->flow));
}

static void check_flow(const struct fold *fold, const struct flow_fold *flow)
{
	size_t step = 0;

	PROMISE(flow->endpoint < fold->endpoints);
	for (size_t t = 0; t < flow->turns; t++) {
		const struct turn *turn = &flow->turn[t];
		PROMISE(turn->first == step && turn->steps > 0);
		PROMISE(turn->signature < fold->signatures);
		PROMISE(!turn->paused || turn->paused < flow->steps);
		PROMISE(turn->blocked <= turn->wait);
		step += turn->steps;
	}
	PROMISE(step == flow->steps);
}

static void check_fold(const struct fold *fold)
{
	const struct split *split = &fold->split;

	PROMISE(split->program + split->thinking + split->stalled + split->other == split->wall);
	for (size_t f = 0; f < fold->flows; f++)
		check_flow(fold, &fold->flow[f]);
	for (size_t s = 0; s < fold->signatures; s++) {
		const struct signature *signature = &fold->signature[s];
		PROMISE(signature->text && signature->alone && signature->count);
		PROMISE(signature->part_of == UINT32_MAX || signature->part_of < fold->signatures);
	}
	PROMISE(fold->coverage <= 1);
	PROMISE(fold->bytes_seen <= fold->bytes_kernel);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct run_process process;
	const char *why = NULL;

	if (process_read(&process, bytes, length, &why) != 0) {
		PROMISE(why && *why && !strpbrk(why, "\n\033"));
		return 0;
	}
	for (size_t t = 0; t < process.threads; t++)
		for (size_t e = 0; e < process.thread[t].events; e++)
			check_event(&process, &process.thread[t].event[e]);
	const struct run run = {
		.process = &process,
		.processes = 1,
		.began = process.began,
		.ended = process.ended,
	};
	struct fold *fold = fold_run(&run);
	check_fold(fold);
	fold_free(fold);
	process_free(&process);
	return 0;
}

#ifdef FUZZ_MAIN
int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		long length = -1;
		if (file && fseek(file, 0, SEEK_END) == 0)
			length = ftell(file);
		/* exactly as long as the file: a look behind it is seen */
		uint8_t *bytes = length < 0 ? NULL : malloc(length ? (size_t)length : 1);
		if (!bytes || fseek(file, 0, SEEK_SET) != 0 ||
			fread(bytes, 1, (size_t)length, file) != (size_t)length) {
			perror(argv[i]);
			return 1;
		}
		LLVMFuzzerTestOneInput(bytes, (size_t)length);
		free(bytes);
		fclose(file);
	}
	printf("%d files\n", argc - 1);
	return 0;
}
#else
static void put(uint8_t *bytes, size_t at, size_t size, uint64_t value)
{
	memcpy(bytes + at, &value, size);
}

static uint32_t roll(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Half the time whatever libFuzzer does; half the time one field of one record, with a number that
 * is near a bound, so that most inputs get past the header. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t most, unsigned seed)
{
	static const uint64_t edge[] = {0, 1, 2, 3, 7, 11, 255, 4096, UINT32_MAX, INT64_MAX,
		UINT64_C(1) << 63, UINT64_MAX, UINT64_C(1) << 58, UINT64_C(1000000000000)};
	static const size_t width[] = {1, 2, 4, 8};

	if (length < 2 * TRACE_BLOCK || roll(&seed) % 2 == 0)
		return LLVMFuzzerMutate(bytes, length, most);
	for (unsigned times = 1 + roll(&seed) % 4; times--;) {
		const size_t size = width[roll(&seed) % 4];
		const size_t record = roll(&seed) % ((length - TRACE_BLOCK) / 32);
		const size_t at = TRACE_BLOCK + record * 32 + roll(&seed) % (32 / size) * size;
		put(bytes, at, size, roll(&seed) % 3 ? edge[roll(&seed) % 14] : roll(&seed) % 50);
	}
	return length;
}
#endif
