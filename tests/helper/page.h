/* What the harness and a victim share without a system call: one page, mapped by both. */
#ifndef TEST_PAGE_H
#define TEST_PAGE_H

#include <stdatomic.h>
#include <stdint.h>

/* The descriptor by which a victim finds the page; far from what a program opens by itself. */
#define PAGE_FD 99

struct page {
	_Atomic uint64_t received; /* bytes that the peer has on its first connection */
	_Atomic uint64_t written;  /* bytes that the victim's writes have returned for */
	_Atomic uint64_t told;	   /* what else the harness has to say */
};

/* What a victim sends in a turn of training, in two writes. */
#define TRAIN_LINE "train\n"

#endif
