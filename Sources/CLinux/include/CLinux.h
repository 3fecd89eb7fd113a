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
