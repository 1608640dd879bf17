// What libc knows about terminals and Swift's import of it leaves out.

#ifndef MINSKY_CTERMINAL_H
#define MINSKY_CTERMINAL_H

#include <stdint.h>

/// The columns a character takes, or -1 for a control character, by the current locale (POSIX wcwidth).
int minsky_wcwidth(uint32_t character);

/// Stops a terminal from showing what is typed on standard input. Returns 0, or -1 when it is no terminal.
int minsky_hide_input(void);

/// Shows again what is typed, if it was hidden. May be called by a handler of a signal.
void minsky_show_input(void);

#endif
