/*
 * host.h - names of machines to addresses, in bounded time: getaddrinfo alone may take half a minute.
 */
#ifndef HEATBENCH_WIRE_HOST_H
#define HEATBENCH_WIRE_HOST_H

#include <stddef.h>

struct error;

enum { HOST_ADDRESSES = 4 };

/* The numeric addresses of a name, or of a number itself; returns how many. Waits `ms` real milliseconds at most. Errors:
 * ERROR_DEVICE: nobody knows the name, or nobody said in time. */
int host_resolve(const char *name, int ms, char address[HOST_ADDRESSES][64], struct error *e);

#endif
