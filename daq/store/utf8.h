/*
 * utf8.h - text that others can read: SQLite and JSON want UTF-8, recordings and keyboards give anything.
 */
#ifndef HEATBENCH_STORE_UTF8_H
#define HEATBENCH_STORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

bool utf8_valid(const char *text);

/* Puts '?' for each byte that is no part of a character (RFC 3629), also of one cut off at the end. */
void utf8_repair(char *text);

#endif
