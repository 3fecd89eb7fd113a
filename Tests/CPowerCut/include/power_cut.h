#pragma once

/*
 * Makes every SQLite file that this process opens from now on keep, beside itself as `FILE.disk`, what a
 * disk is sure to hold of it: what was synced. What was written and not synced may be there too, whole
 * or torn, in any order. To cut the power, kill the process and take the `.disk` files for the real ones.
 *
 * Returns an SQLite result code.
 */
int power_cut_register(unsigned seed);
