#include "limit.h"

#include <time.h>

static uint64_t read_clock(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

uint64_t nanoseconds(void) { return read_clock(CLOCK_BOOTTIME); }

uint64_t unix_milliseconds(void) { return read_clock(CLOCK_REALTIME) / 1000000; }

void sleep_until(uint64_t time) {
    struct timespec until = {
        .tv_sec = (time_t)(time / 1000000000),
        .tv_nsec = (long)(time % 1000000000),
    };
    clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &until, NULL);
}
