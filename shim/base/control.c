/* The control page, and the one way to switch it off, which is for good: a sandbox that refuses a
 * call of ours does it, and whoever records is told once. It is off until the constructor has run:
 * before that every hook is the plain call. */
#include "shim/base/control.h"

#include <errno.h>

#include "shim/base/log.h"

/* a cache line: who reads it writes nothing */
struct control control __attribute__((aligned(64))) = {
	.magic = CONTROL_MAGIC,
	.version = CONTROL_VERSION,
	.size = sizeof(control),
	.release = SOCKFIX_VERSION,
};

struct control_counts control_counts;

/* struct control_note, see there. Hidden, `control` is so far away wherever the library is loaded,
 * and the loader has nothing to write here. */
#define STRING(word)  #word
#define NUMBER(macro) STRING(macro)
#define NOTE_TYPE     NUMBER(CONTROL_NOTE)
#define NOTE_VERSION  NUMBER(CONTROL_VERSION)
#ifdef __LP64__
#define NOTE_AWAY ".quad control - 0b"
#else /* the linker makes no more than 32 bits; notes come before what is written to */
#define NOTE_AWAY ".long control - 0b, 0"
#endif
__asm__(".pushsection .note.sockfix, \"a\", %note\n"
	"	.balign 4\n"
	"	.long 8, 16, " NOTE_TYPE "\n"
	"	.asciz \"" CONTROL_MAGIC "\"\n"
	"0:	" NOTE_AWAY "\n"
	"	.long " NOTE_VERSION ", 64\n"
	"	.popsection\n");

void (*control_ending)(void);
void (*control_ended)(void);

_Atomic uint32_t *control_same_process;
void (*control_becoming)(void);
bool (*control_is_ours)(void);

static _Atomic bool ends;

/* Of a thread with a child on its memory, which has the same thread-local variables. */
static __thread enum { NO_CHILD, CHILD_WAITED_FOR, CHILD_BESIDE } child;

static void add(uint32_t step)
{
	uint32_t on = atomic_load(&control.on);

	while (on && !atomic_compare_exchange_weak(&control.on, &on, on + step))
		;
}

void control_vforks(bool waits)
{
	if (child == NO_CHILD)
		add(2);
	if (child != CHILD_BESIDE)
		child = waits ? CHILD_WAITED_FOR : CHILD_BESIDE;
}

bool control_in_child(void)
{
	return child != NO_CHILD && control_is_ours && !control_is_ours();
}

bool control_ask(void)
{
	if (child == NO_CHILD)
		return true;
	if (control_in_child())
		return false;
	/* A child that is not waited for may come here at any time again. */
	if (child == CHILD_WAITED_FOR) {
		child = NO_CHILD;
		add(-2u);
	}
	return atomic_load(&control.on);
}

void control_forked(void)
{
	child = NO_CHILD;
	if (atomic_load(&control.on))
		atomic_store(&control.on, 1);
}

bool control_off(void)
{
	if (!atomic_load(&control.on) || atomic_exchange(&ends, true))
		return false;
	control_bar();
	atomic_store(&control.state, CONTROL_RESIGNED);
	if (control_ending)
		control_ending();
	atomic_store(&control.on, 0);
	if (control_ended)
		control_ended();
	return true;
}

void control_confined(int error)
{
	if (control_off())
		log_error("a sandbox refuses our system calls (errno %d): off from here on", error);
}

void control_refused(int error)
{
	if (error == EPERM || error == ENOSYS)
		control_confined(error);
}
