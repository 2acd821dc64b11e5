/* congestion: loaded in front of a program (LD_PRELOAD), gives its TCP connections the congestion control
 * that TUTTI_PEER_CONGESTION names. Accepted connections inherit it from the socket that listens.
 *
 *   gcc -O2 -shared -fPIC -o libcongestion.so congestion.c -ldl
 *   TUTTI_PEER_CONGESTION=cubic LD_PRELOAD=$PWD/libcongestion.so mpirun ...
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int socket(int domain, int type, int protocol) {
    static int (*real)(int, int, int);
    if (!real) real = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");
    int s = real(domain, type, protocol);
    const char *name = getenv("TUTTI_PEER_CONGESTION");
    int stream = (type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) == SOCK_STREAM;
    if (s >= 0 && name && stream && (domain == AF_INET || domain == AF_INET6)
        && setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, name, strlen(name)) != 0) {
        /* a figure under a wrong name is worse than none */
        static const char text[] = "congestion: cannot set TUTTI_PEER_CONGESTION\n";
        if (write(2, text, sizeof text - 1) < 0) _exit(3);
        _exit(2);
    }
    return s;
}
