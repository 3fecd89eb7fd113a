#pragma once

#include <microhttpd.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* Targets are matched as they were sent: `%2e` stays `%2e`. Returns the length of `text`. */
static inline size_t cmicrohttpd_keep_escapes(
    void *context, struct MHD_Connection *connection, char *text) {
    (void)context;
    (void)connection;
    return strlen(text);
}

/* MHD_start_daemon is variadic, which Swift does not import. Starts a server that has no thread and
 * no listening socket of its own: it is given connections, and turned from outside. */
static inline struct MHD_Daemon *cmicrohttpd_start(
    unsigned connections, unsigned timeout_seconds, size_t memory, MHD_AccessHandlerCallback request,
    MHD_RequestCompletedCallback completed, MHD_NotifyConnectionCallback connection, void *context) {
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET,
        0, NULL, NULL, request, context,
        MHD_OPTION_CONNECTION_LIMIT, connections,
        MHD_OPTION_CONNECTION_TIMEOUT, timeout_seconds,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory,
        MHD_OPTION_UNESCAPE_CALLBACK, &cmicrohttpd_keep_escapes, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, completed, context,
        MHD_OPTION_NOTIFY_CONNECTION, connection, context,
        MHD_OPTION_END);
}

/* MHD_get_daemon_info is variadic. Returns the epoll descriptor, or -1. */
static inline int cmicrohttpd_epoll_descriptor(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return info ? info->epoll_fd : -1;
}

/* MHD_get_connection_info is variadic. Returns the connection's socket, or -1. */
static inline int cmicrohttpd_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

/* MHD_get_connection_info is variadic. Whether the client is on this machine: it came over the loopback device
 * or a Unix socket. */
static inline int cmicrohttpd_is_local(struct MHD_Connection *connection) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    memset(&address, 0, sizeof address);
    if (getpeername(cmicrohttpd_socket(connection), (struct sockaddr *)&address, &size) != 0) return 0;
    if (address.ss_family == AF_UNIX) return 1;
    if (address.ss_family == AF_INET) {
        const struct sockaddr_in *peer = (const struct sockaddr_in *)&address;
        return ntohl(peer->sin_addr.s_addr) >> 24 == 127;
    }
    if (address.ss_family == AF_INET6) {
        const struct in6_addr *peer = &((const struct sockaddr_in6 *)&address)->sin6_addr;
        return IN6_IS_ADDR_LOOPBACK(peer) || (IN6_IS_ADDR_V4MAPPED(peer) && peer->s6_addr[12] == 127);
    }
    return 0;
}

/* accept4 is hidden behind _GNU_SOURCE. */
int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
