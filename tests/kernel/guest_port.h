/*
 * guest_port.h - what tests of serial ports in the guest share: the far end of a cable, and a USB port that is plugged in
 * and pulled out (a gadget on a simulated host controller: /dev/ttyGS0 is its far end).
 */
#ifndef HEATBENCH_TESTS_KERNEL_GUEST_PORT_H
#define HEATBENCH_TESTS_KERNEL_GUEST_PORT_H

#include "tests/kernel/guest.h"

#include <signal.h>
#include <sys/wait.h>
#include <termios.h>

#define USB_PORT "/dev/ttyACM0"
#define USB_FAR "/dev/ttyGS0"

/* A port as the far end opens it. `bits`: CS7, CS8, PARENB. */
static inline int port_raw(const char *path, speed_t speed, tcflag_t bits)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios t;

	tcgetattr(fd, &t);
	cfmakeraw(&t);
	cfsetspeed(&t, speed);
	t.c_cflag = (t.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | bits;
	tcsetattr(fd, TCSANOW, &t);
	return fd;
}

static inline void port_dismiss(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static inline bool port_is_there(void)
{
	return access(USB_PORT, F_OK) == 0;
}

/* Whether it is as asked now; it may have been left so by a test that failed. */
static inline bool port_move_plug(bool in)
{
	if (port_is_there() == in)
		return true;
	if (system(in ? "insmod /modules/g_serial.ko" : "rmmod g_serial") != 0)
		return false;
	for (int i = 0; i < 500 && port_is_there() != in; i++)
		guest_sleep_ms(10);
	return port_is_there() == in;
}

static inline void port_plug(bool in)
{
	assert_true(port_move_plug(in));
}

#endif
