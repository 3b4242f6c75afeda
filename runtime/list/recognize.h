/* Whether a block holds a list, and where everything in it is. */
#ifndef PSHMI_RECOGNIZE_H
#define PSHMI_RECOGNIZE_H

#include "geometry.h"
#include "platform.h"

/* Room for the offsets of count items; NULL if that is not to be had, which is recorded. */
uint64_t *pshmi_recognize_room(uint64_t count);

/* Reads the geometry of the list in an open block, and looks for a sync area behind it. On POLYSHM_OK the offsets are the
 * caller's, who frees them. The name is for the words of a system call that fails; the verdict then has none.
 *
 * POLYSHM_ENOTLIST  it is none
 * POLYSHM_ELAYOUT   it is one in a layout that is not served
 * POLYSHM_EEMPTY    it is none, or its creator has not filled it
 * POLYSHM_ENOMEM, POLYSHM_ESYSTEM */
pshmi_verdict pshmi_recognize(const pshmi_file *file, const char *name, pshmi_geometry *geometry, bool *synchronized);

#endif
