/*
 * mbus_value.h - data of M-Bus records (EN 13757-3, annex A): integers, BCD, floats, dates. Bytes come low first here;
 * who reads a mode-2 telegram turns them round beforehand.
 */
#ifndef HEATBENCH_DEVICE_MBUS_VALUE_H
#define HEATBENCH_DEVICE_MBUS_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Two's complement (type B); false for 80..00h, which stands for "invalid". `size` 1 to 8. */
bool mbus_signed(const uint8_t *bytes, int size, double *out);

/* Type C and D, `size` 1 to 8. */
bool mbus_unsigned(const uint8_t *bytes, int size, double *out); /* always true */

/* Type A: two digits a byte; Fh as the highest digit is a minus. False for any other nibble above 9: a meter shows an error
 * there. `size` 1 to 6. */
bool mbus_bcd(const uint8_t *bytes, int size, double *out);

/* Type H, IEEE 754; false where it is not finite. */
bool mbus_real(const uint8_t *bytes, double *out);

/* A point in time in the meter's own time: seconds since 1970-01-01 as if that were UTC, and as text. `size` 2: type G (date),
 * 4: type F (to the minute), 6: type I (to the second). False: another size, marked invalid, or no such day. A type F without
 * a century is of 1981 to 2080. */
bool mbus_date(const uint8_t *bytes, int size, double *seconds, char text[24]);

#endif
