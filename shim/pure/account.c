/* The chances of a process: taken, given back, lost, forgiven.
 *
 * Must stay pure, and must err on the side of holding less: of two threads that race, one may find
 * no chance where there was one; none ever finds one too many. */
#include "shim/pure/account.h"

static struct account_lost nowhere = {.ever = 1};

void account_begin(struct account *account, struct account_lost *lost)
{
	account->lost = lost ? lost : &nowhere;
}

void account_forked(struct account *account)
{
	for (unsigned i = 0; i < ACCOUNT_CHANCES; i++)
		atomic_store(&account->chance[i].taken, 0);
}

/* Another thread may have lost it a little later than `now`. */
static bool is_lost(uint64_t when, uint64_t now)
{
	return when && (int64_t)(now - when) < (int64_t)ACCOUNT_HOUR_NS;
}

unsigned account_left(const struct account *account, uint64_t now)
{
	unsigned left = ACCOUNT_CHANCES;

	for (unsigned i = 0; i < ACCOUNT_CHANCES; i++)
		left -= is_lost(atomic_load(&account->lost->when[i]), now);
	return left;
}

static void lose_one(struct account_lost *lost, uint64_t now)
{
	atomic_fetch_add(&lost->ever, 1);
	for (unsigned i = 0; i < ACCOUNT_CHANCES; i++) {
		uint64_t when = atomic_load(&lost->when[i]);

		if (!is_lost(when, now) &&
			atomic_compare_exchange_strong(&lost->when[i], &when, now))
			return;
	}
}

static bool rests(struct account *account)
{
	uint32_t rest = atomic_load_explicit(&account->rest, memory_order_relaxed);

	if (rest)
		atomic_store_explicit(&account->rest, rest - 1, memory_order_relaxed);
	return rest;
}

/* Chances that may be taken at the same time: the first ones of the table. */
static unsigned open_chances(const struct account *account, uint64_t now)
{
	unsigned left = account_left(account, now);

	return left > 1 && account_kept(&account->chance[0]) < ACCOUNT_TURNS ? 1 : left;
}

unsigned account_take(struct account *account, uint32_t holder, uint32_t hint, uint64_t now)
{
	unsigned open;

	if (account->lost == &nowhere || rests(account))
		return 0;
	open = open_chances(account, now);
	for (unsigned i = 0; i < open; i++) {
		unsigned at = (hint + i) % open;
		uint32_t nobody = 0;

		if (atomic_compare_exchange_strong(&account->chance[at].taken, &nobody, holder))
			return at + 1;
	}
	return 0;
}

void account_lose(struct account *account, unsigned chance, uint64_t now)
{
	lose_one(account->lost, now);
	atomic_store(&account->rest, ACCOUNT_TURNS);
	account_keep(&account->chance[0], 0);
	atomic_store(&account->chance[chance - 1].taken, 0);
}
