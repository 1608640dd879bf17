// What libc knows about terminals and Swift's import of it leaves out.

#ifndef MINSKY_CTERMINAL_H
#define MINSKY_CTERMINAL_H

#include <stdint.h>

/// The columns a character takes, or -1 for a control character, by the current locale (POSIX wcwidth).
int minsky_wcwidth(uint32_t character);

#endif
