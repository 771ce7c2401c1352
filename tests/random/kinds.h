/* THE list of step kinds. STEP(name, weight): how often a step is of that kind, beside the others
 * of its program; play_NAME() of the program plays it.
 *
 * A program has only about half of the kinds, drawn from its seed: some faults need many steps of
 * a few kinds, and what ends holding (a cork, a filter, a second process) must be absent often.
 *
 * This file has no include guard on purpose: it is read once for each use of the list. */

/* bytes */
STEP(turns, 60)
STEP(write, 60)
STEP(burst, 20)
STEP(ask, 30)
STEP(probe, 15)
STEP(wait, 12)
STEP(waits, 12)
STEP(pause, 6)

/* descriptors */
STEP(close, 14)
STEP(name, 16)
STEP(swap, 10)
STEP(over, 6)
STEP(pass, 6)

/* state of a connection */
STEP(shutdown, 6)
STEP(option, 15)
STEP(cork, 5)
STEP(more, 4)
STEP(mode, 10)
STEP(finish, 4)
STEP(reset, 3)
STEP(urgent, 1)
STEP(stdio, 8)

/* processes */
STEP(fork, 5)
STEP(carry, 2)
STEP(vfork, 5)
STEP(exec, 3)
STEP(spawn, 3)
STEP(system, 3)
STEP(leftover, 2)
STEP(recycle, 2)

/* threads and signals */
STEP(threads, 4)
STEP(relay, 5)
STEP(stays, 3)
STEP(handler, 8)
STEP(jump, 3)
STEP(cancel, 3)

/* what must fail, and sockets that are no connection of the peer's */
STEP(error, 12)
STEP(refused, 3)
STEP(datagram, 5)
STEP(pair, 5)
STEP(filter, 1)
