#pragma once

/* What Linux offers and Swift's Glibc module does not import: each with its reason. */

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

/* `struct ucred` is hidden behind _GNU_SOURCE. Returns 0, or -1 with errno. */
int clinux_peer_credentials(int socket, pid_t *pid, uid_t *uid, gid_t *gid);

/* Supplementary groups of a peer (SO_PEERGROUPS). Returns how many were stored, or -1 with errno
 * (ERANGE when `capacity` is too small). */
int clinux_peer_groups(int socket, gid_t *groups, unsigned capacity);

/* accept4 is hidden behind _GNU_SOURCE. The connection is non-blocking and closed on exec. Returns
 * its descriptor, or -1 with errno. */
int clinux_accept(int listener);

/* SIG_IGN is a cast macro, which Swift cannot see. */
void clinux_ignore_signal(int signal);

/* pthread_setname_np is hidden behind _GNU_SOURCE. At most 15 bytes of `name` are kept. */
void clinux_name_thread(const char *name);

/* gettid is hidden behind _GNU_SOURCE. */
pid_t clinux_thread_id(void);

/* SIG_DFL is a cast macro as well. */
void clinux_default_signal(int signal);

/* What a program is started with. */
struct clinux_start {
    /* Not looked up in PATH, and no shell is tried. */
    const char *path;
    char *const *arguments;
    char *const *environment;
    /* What become 0, 1 and 2. None of them is one of these. */
    int streams[3];
    /* NULL: the caller's. */
    const char *directory;
    int sets_nice;
    int nice;
    /* Bytes of address space, and seconds on a processor, of each of its processes; 0: no limit. */
    uint64_t memory;
    uint64_t processor_seconds;
    /* Descriptors that each of its processes may have open, soft and hard; 0: the caller's. */
    uint64_t descriptors;
    uint64_t most_descriptors;
    /* What is written to oom_score_adj, a number with its NUL; NULL: the caller's. */
    const char *oom_score;
    /* Whether the start fails when that is refused; else the caller's holds. */
    int needs_oom_score;
    /* The file mode creation mask; -1: the caller's. */
    int umask;
};

/* What a start has failed at. */
enum clinux_step {
    clinux_step_prepare,
    clinux_step_directory,
    clinux_step_nice,
    clinux_step_limit,
    clinux_step_oom_score,
    clinux_step_run,
};

/* Starts a program in a session of its own. It has no other descriptor, no blocked signal, and the
 * default action for each; SIGKILL comes when the *thread* that has called this ends. Blocks until the
 * program was loaded or has failed to. Returns 0, or the error number with the step; then nothing is
 * left of it. In C, because nothing of Swift may run between the clone and the program. */
int clinux_spawn(const struct clinux_start *start, pid_t *pid, int *pidfd, int *step);

/* waitid of a pidfd: siginfo_t's fields are macros. Does not wait. Returns 1 with what it ended with
 * when it was reaped, 0 while it runs, -1 with errno. `signal` is 0 when it has exited. */
int clinux_reap(int pidfd, int *signal, int *status);

/* pidfd_open is hidden behind _GNU_SOURCE. Returns a descriptor that is closed on exec, or -1. */
int clinux_pidfd_open(pid_t pid);

/* The same for pidfd_send_signal. Returns 0, or -1 with errno. */
int clinux_pidfd_signal(int pidfd, int signal);

/* pipe2 is hidden behind _GNU_SOURCE. Both ends are closed on exec. Returns 0, or -1 with errno. */
int clinux_pipe(int ends[2]);

/* ioctl is variadic. How many bytes wait in a pipe; -1 with errno. */
int clinux_bytes_waiting(int descriptor);

/* prctl is variadic. SIGKILL comes when the *thread* that has started this process ends. */
int clinux_die_with_parent(void);

/* The same: orphans below this process become its children. Returns 0, or -1 with errno. */
int clinux_adopt_orphans(void);

/* waitid's macros, once more. 1: a child has ended, and was not asked for; 0: none has; -1 with errno. */
int clinux_has_ended_child(void);

/* Takes away a child that has ended, whatever it ended with, and does not wait for one that runs. */
void clinux_reap_child(pid_t child);

/* `stdout` is a variable, which Swift 6 takes for unsafe. A line is written when it ends. */
void clinux_buffer_output_by_line(void);

/* Takes the terminal for a page that is shown anew: writes `enter` to standard output, has keys come one by
 * one and unseen, and gives all of it back, with `leave`, whenever the process ends or is stopped, also by
 * a signal at any moment. Both texts must live as long as the process. In C, because nothing of Swift may run
 * in a signal's handler. */
void clinux_take_terminal(const char *enter, const char *leave);

/* Gives it back at once, for what is to be read on the screen that was there before. */
void clinux_give_back_terminal(void);

/* Waits for a key. Returns it, -1 when a signal came (such as that of another size), -2 when the time is
 * over. */
int clinux_wait_for_key(int milliseconds);

/* TIOCGWINSZ: ioctl is variadic. Returns 0, or -1 with errno. */
int clinux_terminal_size(int descriptor, int *rows, int *columns);
