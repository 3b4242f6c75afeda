/* A /dev/shm of one's own. */
#ifndef TEST_FOLDER_H
#define TEST_FOLDER_H

#include <stdbool.h>

/* Mounts a new tmpfs with these options on /dev/shm, for this process and its children from now on; the others do not
 * see it. False, with errno, where the system does not permit that. To be called while there is one thread. */
bool folder_mount(const char *options);

#endif
