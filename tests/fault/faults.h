/* Faults at will: the n-th system call of the runtime fails, or is its process's last moment. */
#ifndef TEST_FAULTS_H
#define TEST_FAULTS_H

#include <stdbool.h>

/* The calls in pshmi_system's table. */
typedef enum {
    CALL_OPEN,
    CALL_CLOSE,
    CALL_DUP,
    CALL_FSTAT,
    CALL_LSTAT,
    CALL_FCHMOD,
    CALL_FTRUNCATE,
    CALL_FALLOCATE,
    CALL_WRITE,
    CALL_PREAD,
    CALL_PWRITE,
    CALL_FSTATVFS,
    CALL_MKDIR,
    CALL_LINKAT,
    CALL_RENAME,
    CALL_UNLINK,
    CALL_LOCK,
    CALL_SETLEASE,
    CALL_FLOCK,
    CALL_MMAP,
    CALL_MUNMAP,
    CALL_NANOSLEEP,
    CALLS
} fault_call;

/* Puts itself between the runtime and the system, and lets all calls pass. Counting starts anew. */
void faults_reset(void);

/* The at-th call from now on, counted from 0, fails with this errno. close and munmap do their work all the same, as
 * the system's do. */
void faults_fail(int at, int error);

/* Every call of this kind from now on fails with this errno. */
void faults_fail_all(fault_call call, int error);

/* The process is killed before the at-th call from now on. */
void faults_kill(int at);

/* The file system has no O_TMPFILE, until the process ends. */
void faults_refuse_tmpfile(void);

/* How many calls there were, and which the at-th was. */
int faults_count(void);
fault_call faults_call(int at);
const char *faults_name(fault_call call);

/* The name of the block that was last made with a name, be it by a child that is dead: "" if there was none. */
const char *faults_hidden(void);

#endif
