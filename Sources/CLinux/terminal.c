#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

/* What a page that is shown anew takes of the terminal. One program shows one page: the state is of the
 * process, as the handlers of its signals need it. */
static struct {
    volatile sig_atomic_t is_taken;
    int has_settings;
    struct termios before, during;
    const char *enter, *leave;
} terminal;

static void put(const char *text) {
    size_t left = strlen(text);
    while (left > 0) {
        ssize_t written = write(STDOUT_FILENO, text, left);
        if (written < 0 && errno != EINTR) return;
        if (written < 0) continue;
        text += written;
        left -= (size_t)written;
    }
}

static void take(void) {
    if (terminal.has_settings) tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal.during);
    put(terminal.enter);
    terminal.is_taken = 1;
}

/* Only calls that a signal's handler may make. */
void clinux_give_back_terminal(void) {
    if (!terminal.is_taken) return;
    terminal.is_taken = 0;
    put(terminal.leave);
    if (terminal.has_settings) tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal.before);
}

/* The signal does what it would have done without us: it ends the process, or stops it. */
static void strike(int number) {
    int error = errno;
    clinux_give_back_terminal();
    struct sigaction plain = {.sa_handler = SIG_DFL}, own;
    sigaction(number, &plain, &own);
    raise(number);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    /* Only a stopped process comes here, when it goes on. */
    sigaction(number, &own, NULL);
    take();
    errno = error;
}

static void go_on(int number) {
    (void)number;
    int error = errno;
    /* After SIGSTOP, too, the shell has had the terminal meanwhile. */
    take();
    errno = error;
}

static void wake(int number) { (void)number; }

static void handle(int number, void (*handler)(int)) {
    struct sigaction before, action = {.sa_handler = handler};
    /* What a parent such as nohup has told us to ignore stays ignored. */
    if (sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN) return;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

void clinux_take_terminal(const char *enter, const char *leave) {
    terminal.enter = enter;
    terminal.leave = leave;
    terminal.has_settings = tcgetattr(STDIN_FILENO, &terminal.before) == 0;
    terminal.during = terminal.before;
    terminal.during.c_lflag &= (tcflag_t)~(ICANON | ECHO);
    terminal.during.c_cc[VMIN] = 1;
    terminal.during.c_cc[VTIME] = 0;
    atexit(clinux_give_back_terminal);
    handle(SIGINT, strike);
    handle(SIGTERM, strike);
    handle(SIGHUP, strike);
    handle(SIGQUIT, strike);
    handle(SIGTSTP, strike);
    handle(SIGCONT, go_on);
    handle(SIGWINCH, wake);
    take();
}

int clinux_wait_for_key(int milliseconds) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    /* A terminal that is not ours to read would stop us: input is then no input. */
    if (!terminal.has_settings) input.fd = -1;
    int ready = poll(&input, 1, milliseconds);
    if (ready < 0) return errno == EINTR ? -1 : -2;
    if (ready == 0) return -2;
    unsigned char key;
    ssize_t count = read(STDIN_FILENO, &key, 1);
    if (count == 1) return key;
    /* Nobody types any more. */
    if (count == 0 || errno == EIO) terminal.has_settings = 0;
    return -1;
}

int clinux_terminal_size(int descriptor, int *rows, int *columns) {
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) < 0) return -1;
    *rows = size.ws_row;
    *columns = size.ws_col;
    return 0;
}
