// Preloaded into a program, it sets that program's date off by as many seconds as stand in the file
// that CLOCK_SHIFT_FILE names. The file may change at any time. Clocks that only count up are left alone.
