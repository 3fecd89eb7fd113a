#pragma once

/* timeval is used by hiredis.h, which leaves its definition to the includer. */
#include <sys/time.h>

#include <hiredis/async.h>
#include <hiredis/hiredis.h>
