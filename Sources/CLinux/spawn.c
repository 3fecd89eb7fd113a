#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* Not posix_spawn: it has no way to give a program a niceness or a limit before it begins, and what is
 * set from outside comes when it may have begun, and has started others. So this does what posix_spawn
 * does: the child is a clone that shares the caller's memory, while the caller's thread waits until the
 * program is loaded or the child is gone. Nothing is copied, and how it went is told in memory. The
 * child does nothing but system calls: no locks, no allocation, no Swift. */

struct order {
    const struct clinux_start *start;
    pid_t parent;
    int step;
    int error;
};

/* The child runs on the thread-local storage of the thread that waits for it, and never returns: a
 * sanitizer must not count it in. */
#define IN_CHILD __attribute__((disable_sanitizer_instrumentation, noinline)) static

/* All zero is SIG_DFL without flags, however the kernel's struct looks on this machine. */
static const char default_action[128];

/* By the kernel's own call, because glibc's leaves out the two signals that it keeps for itself.
 * SIGKILL and SIGSTOP refuse. */
IN_CHILD void reset_signals(void) {
    for (int number = 1; number < _NSIG; number++)
        syscall(SYS_rt_sigaction, number, default_action, NULL, _NSIG / 8);
}

IN_CHILD int set_streams(const int streams[3]) {
    /* None of them is 0, 1 or 2, so none is displaced by another. */
    for (int target = 0; target < 3; target++)
        if (syscall(SYS_dup3, streams[target], target, 0) < 0) return -1;
    return (int)syscall(SYS_close_range, 3, ~0U, 0);
}

/* A limit that is lower already stays. */
IN_CHILD int set_limit(int resource, uint64_t soft, uint64_t hard) {
    struct rlimit64 limit;
    if (syscall(SYS_prlimit64, 0, resource, NULL, &limit) < 0) return -1;
    if (limit.rlim_max > hard) limit.rlim_max = hard;
    limit.rlim_cur = soft < limit.rlim_max ? soft : limit.rlim_max;
    return (int)syscall(SYS_prlimit64, 0, resource, &limit, NULL);
}

IN_CHILD int set_limits(const struct clinux_start *start) {
    uint64_t memory = start->memory, seconds = start->processor_seconds;
    if (memory != 0 && set_limit(RLIMIT_AS, memory, memory) < 0) return -1;
    /* SIGXCPU first, which tells what it was; a second later SIGKILL. */
    if (seconds != 0 && set_limit(RLIMIT_CPU, seconds, seconds + 1) < 0) return -1;
    if (start->descriptors != 0
        && set_limit(RLIMIT_NOFILE, start->descriptors, start->most_descriptors) < 0)
        return -1;
    return 0;
}

/* Less than it was needs CAP_SYS_RESOURCE, unless it was less when the service was started. */
IN_CHILD int set_oom_score(const char *score) {
    long length = 0;
    while (score[length] != 0) length++;
    long file = syscall(SYS_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC, 0);
    if (file < 0) return -1;
    long written = syscall(SYS_write, file, score, length);
    int error = errno;
    syscall(SYS_close, file);
    errno = error;
    return written == length ? 0 : -1;
}

IN_CHILD int run(void *context) {
    static const uint64_t no_signals = 0;
    struct order *order = context;
    const struct clinux_start *start = order->start;

    order->step = clinux_step_prepare;
    if (syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) goto failed;
    /* The parent may have died before that held. */
    if (syscall(SYS_getppid) != order->parent) syscall(SYS_exit_group, 127);
    reset_signals();
    if (syscall(SYS_setsid) < 0) goto failed;
    if (set_streams(start->streams) < 0) goto failed;

    order->step = clinux_step_directory;
    if (start->directory != NULL && syscall(SYS_chdir, start->directory) < 0) goto failed;
    order->step = clinux_step_nice;
    if (start->sets_nice && syscall(SYS_setpriority, PRIO_PROCESS, 0, start->nice) < 0) goto failed;
    order->step = clinux_step_limit;
    if (set_limits(start) < 0) goto failed;
    order->step = clinux_step_oom_score;
    if (start->oom_score != NULL && set_oom_score(start->oom_score) < 0 && start->needs_oom_score)
        goto failed;
    if (start->umask >= 0) syscall(SYS_umask, start->umask);

    order->step = clinux_step_run;
    if (syscall(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, NULL, _NSIG / 8) < 0) goto failed;
    syscall(SYS_execve, start->path, start->arguments, start->environment);
failed:
    order->error = errno;
    syscall(SYS_exit_group, 127);
    __builtin_unreachable();
}

/* The other name that glibc has for clone: a sanitizer stands before the first one, and takes the child
 * for a copy of the process. */
extern int __clone(int (*function)(void *), void *stack, int flags, void *argument, ...);

int clinux_spawn(const struct clinux_start *start, pid_t *pid, int *pidfd, int *step) {
    /* On this thread's own stack, which is at rest meanwhile. */
    _Alignas(64) char stack[32 << 10];
    struct order order = {.start = start, .parent = getpid(), .step = clinux_step_prepare};
    uint64_t all_signals = ~(uint64_t)0, blocked;

    /* A handler of this process would run in the child, on memory that is not its own. */
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all_signals, &blocked, _NSIG / 8);
    *pid = __clone(run, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD,
                   &order, pidfd);
    int error = *pid < 0 ? errno : order.error;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &blocked, NULL, _NSIG / 8);

    *step = order.step;
    if (*pid < 0 || error == 0) return error;
    while (waitid(P_PIDFD, (id_t)*pidfd, NULL, WEXITED) < 0 && errno == EINTR) continue;
    close(*pidfd);
    return error;
}
