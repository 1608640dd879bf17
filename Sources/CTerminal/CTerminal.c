#define _XOPEN_SOURCE 700

#include "CTerminal.h"

#include <signal.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

int minsky_wcwidth(uint32_t character) { return wcwidth((wchar_t)character); }

static struct termios shown;
static volatile sig_atomic_t is_hidden;

int minsky_hide_input(void) {
    if (tcgetattr(STDIN_FILENO, &shown) != 0) return -1;
    struct termios hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    hidden.c_lflag |= ECHONL;
    is_hidden = 1;
    return tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
}

void minsky_show_input(void) {
    if (is_hidden) (void)tcsetattr(STDIN_FILENO, TCSANOW, &shown);
    is_hidden = 0;
}
