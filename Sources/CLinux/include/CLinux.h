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

/* SIG_DFL is a cast macro as well. */
void clinux_default_signal(int signal);

/* Starts a program in a session of its own. It has `streams` as its descriptors 0, 1 and 2 and no
 * other, no blocked signal, and the default action for each. `path` is not looked up in PATH, and no
 * shell is tried. In C, because addclosefrom_np and POSIX_SPAWN_SETSID are hidden behind _GNU_SOURCE.
 * Blocks until the program was loaded or has failed to. Returns 0, or the error number; then nothing
 * is left of it. */
int clinux_spawn(const char *path, char *const arguments[], char *const environment[],
                 const int streams[3], pid_t *pid, int *pidfd);

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

/* `stdout` is a variable, which Swift 6 takes for unsafe. A line is written when it ends. */
void clinux_buffer_output_by_line(void);
