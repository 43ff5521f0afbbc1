#include "daq/script/procedure_message.h"

#include "daq/base/error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int message_send(int fd, const json_t *message, struct error *e)
{
	char *text = json_dumps(message, JSON_COMPACT | JSON_REAL_PRECISION(17));
	size_t length = text ? strlen(text) : 0;
	ssize_t n;
	int result = -1;

	if (!text || length > MESSAGE_MOST) {
		error_set(e, ERROR_SYSTEM, text ? "a message of %zu bytes is too long" : "no memory for a message", length);
		goto out;
	}
	do {
		n = send(fd, text, length, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		error_set_errno(e, ERROR_SYSTEM, "cannot reach the other end of a procedure");
	else
		result = 0;
out:
	free(text);
	return result;
}

int message_receive(int fd, json_t **out, struct error *e)
{
	char *text = malloc(MESSAGE_MOST + 1);
	json_t *message = NULL;
	ssize_t n;
	int result = -1;

	if (!text)
		return error_set(e, ERROR_SYSTEM, "no memory for a message");
	do {
		n = recv(fd, text, MESSAGE_MOST + 1, 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno != ECONNRESET) {
		error_set_errno(e, ERROR_SYSTEM, "cannot hear the other end of a procedure");
		goto out;
	}
	if (n > 0) {
		message = json_loadb(text, (size_t)n, 0, NULL);
		if (!message || n > MESSAGE_MOST) {
			error_set(e, ERROR_SYSTEM, "the other end of a procedure sent no JSON object");
			goto out;
		}
	}
	*out = message;
	message = NULL;
	result = 0;
out:
	json_decref(message);
	free(text);
	return result;
}
