#define _XOPEN_SOURCE 700

#include "CTerminal.h"

#include <wchar.h>

int minsky_wcwidth(uint32_t character) { return wcwidth((wchar_t)character); }
