#include "daq/store/digest.h"

#include "daq/base/error.h"
#include "daq/store/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

static void digest_print(struct sha256_ctx *hash, char out[65])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t bytes[SHA256_DIGEST_SIZE];

	sha256_digest(hash, sizeof(bytes), bytes);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[64] = '\0';
}

void digest_bytes(const void *bytes, size_t length, char out[65])
{
	struct sha256_ctx hash;

	sha256_init(&hash);
	sha256_update(&hash, length, bytes);
	digest_print(&hash, out);
}

struct digest {
	struct sha256_ctx hash;
};

struct digest *digest_new(void)
{
	struct digest *digest = malloc(sizeof(*digest));

	if (digest)
		sha256_init(&digest->hash);
	return digest;
}

void digest_add(struct digest *digest, const void *bytes, size_t length)
{
	sha256_update(&digest->hash, length, bytes);
}

void digest_end(struct digest *digest, char out[65])
{
	out[0] = '\0';
	if (digest)
		digest_print(&digest->hash, out);
	free(digest);
}

int file_digest(const char *path, char out[65], struct error *e)
{
	enum { CHUNK = 1 << 17 };
	struct sha256_ctx hash;
	uint8_t *buffer = malloc(CHUNK);
	ssize_t n = -1;
	int result = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		error_set_errno(e, ERROR_IO, "cannot open %s", path);
		goto out;
	}
	if (!buffer) {
		error_set(e, ERROR_SYSTEM, "no memory to read %s", path);
		goto out;
	}
	sha256_init(&hash);
	while ((n = read(fd, buffer, CHUNK)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			sha256_update(&hash, (size_t)n, buffer);
	if (n < 0) {
		error_set_errno(e, ERROR_IO, "cannot read %s", path);
		goto out;
	}
	digest_print(&hash, out);
	result = 0;
out:
	if (fd >= 0)
		close(fd);
	free(buffer);
	return result;
}
