#!/bin/sh
# dropped.sh COMMAND...: as scripts do that know nothing of who started them.
unset LD_PRELOAD
exec "$@"
