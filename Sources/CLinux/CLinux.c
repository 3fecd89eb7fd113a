#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

int clinux_peer_credentials(int socket, pid_t *pid, uid_t *uid, gid_t *gid) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) return -1;
    *pid = peer.pid;
    *uid = peer.uid;
    *gid = peer.gid;
    return 0;
}

int clinux_peer_groups(int socket, gid_t *groups, unsigned capacity) {
    socklen_t size = (socklen_t)(capacity * sizeof(gid_t));
    if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0) return -1;
    return (int)(size / sizeof(gid_t));
}

int clinux_accept(int listener) {
    return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

void clinux_ignore_signal(int number) { signal(number, SIG_IGN); }

void clinux_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

pid_t clinux_thread_id(void) { return gettid(); }

void clinux_default_signal(int number) { signal(number, SIG_DFL); }

int clinux_reap(int pidfd, int *signal, int *status) {
    siginfo_t information = {.si_pid = 0};
    int code;
    do {
        code = waitid(P_PIDFD, (id_t)pidfd, &information, WEXITED | WNOHANG);
    } while (code < 0 && errno == EINTR);
    if (code < 0) return -1;
    if (information.si_pid == 0) return 0;
    int exited = information.si_code == CLD_EXITED;
    *signal = exited ? 0 : information.si_status;
    *status = exited ? information.si_status : 0;
    return 1;
}

int clinux_pidfd_open(pid_t pid) { return pidfd_open(pid, 0); }

int clinux_pidfd_signal(int pidfd, int signal) {
    return pidfd_send_signal(pidfd, signal, NULL, 0);
}

int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int clinux_bytes_waiting(int descriptor) {
    int count = 0;
    return ioctl(descriptor, FIONREAD, &count) < 0 ? -1 : count;
}

int clinux_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL); }

int clinux_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1); }

int clinux_has_ended_child(void) {
    siginfo_t information = {.si_pid = 0};
    if (waitid(P_ALL, 0, &information, WEXITED | WNOHANG | WNOWAIT) < 0) return -1;
    return information.si_pid != 0;
}

void clinux_reap_child(pid_t child) { waitpid(child, NULL, WNOHANG); }

void clinux_buffer_output_by_line(void) { setvbuf(stdout, NULL, _IOLBF, 0); }
