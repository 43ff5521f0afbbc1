/*
 * procedure_message.h - what travels between a procedure and its parent: one JSON object a packet.
 *
 * Child to parent: {"call": "set", "at": "x.lua:12", "arguments": [...]}, at last {"end": true} or
 * {"end": false, "code": N, "text": "..."}, either with "unreached". Parent to child: {"return": [...]} or
 * {"error": "...", "code": N}.
 */
#ifndef HEATBENCH_SCRIPT_PROCEDURE_MESSAGE_H
#define HEATBENCH_SCRIPT_PROCEDURE_MESSAGE_H

#include <jansson.h>

struct error;

enum { MESSAGE_MOST = 128 * 1024 };

/* Errors: ERROR_SYSTEM (too long, the other end is gone). */
int message_send(int fd, const json_t *message, struct error *e);

/* *out is for the caller to release; NULL when the other end has closed. Errors: ERROR_SYSTEM. */
int message_receive(int fd, json_t **out, struct error *e);

#endif
