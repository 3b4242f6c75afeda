/* Limits of this process and of this login (checks.h). */
#include <dirent.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "checks.h"

/* An attachment takes a descriptor. */
enum { FEW_FILES = 256, LAST_SYSTEM_USER = 999 };

void pshmi_check_limits(pshmi_findings *findings)
{
    struct rlimit files, size;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || getrlimit(RLIMIT_FSIZE, &size) != 0)
        return;
    bool few = files.rlim_cur < FEW_FILES;
    pshmi_findings_add(findings, "files", few ? PSHMI_FOUND_WARNING : PSHMI_FOUND_OK,
                       few ? "an attachment takes one: raise it by ulimit -n" : NULL,
                       "a process may have %" PRIu64 " files open (ulimit -n)", (uint64_t)files.rlim_cur);
    if (size.rlim_cur == RLIM_INFINITY)
        pshmi_findings_add(findings, "file size", PSHMI_FOUND_OK, NULL, "a block may have any size (ulimit -f)");
    else
        pshmi_findings_add(findings, "file size", PSHMI_FOUND_WARNING, "larger ones are refused: raise it by ulimit -f",
                           "a block may have %" PRIu64 " bytes (ulimit -f)", (uint64_t)size.rlim_cur);
}

/* Takes a file's last word on RemoveIPC, if it has one (logind.conf(5)). */
static void read_file(const char *path, bool *removes)
{
    char line[256], word[8];
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, " RemoveIPC = %7s", word) == 1)
            *removes = strchr("nNfF0", word[0]) == NULL && strcasecmp(word, "off") != 0;
    if (file)
        fclose(file);
}

static int is_setting(const struct dirent *entry)
{
    const char *end = strrchr(entry->d_name, '.');
    return end && strcmp(end, ".conf") == 0;
}

static void read_folder(const char *folder, bool *removes)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_setting, alphasort);
    for (int i = 0; i < count; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        read_file(path, removes);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static bool lingers(void)
{
    char path[512];
    const struct passwd *user = getpwuid(geteuid());
    snprintf(path, sizeof path, "/var/lib/systemd/linger/%s", user ? user->pw_name : "");
    return user && access(path, F_OK) == 0;
}

/* logind removes what a user has in /dev/shm when the user's last session ends, of system users and root excepted. */
void pshmi_check_logout(pshmi_findings *findings)
{
    static const char *const folders[] = {"/usr/lib/systemd/logind.conf.d", "/run/systemd/logind.conf.d",
                                          "/etc/systemd/logind.conf.d"};
    bool removes = true;
    if (access("/run/systemd/seats", F_OK) != 0) {
        pshmi_findings_add(findings, "logout", PSHMI_FOUND_OK, NULL, "no logind is at work: blocks outlive a logout");
        return;
    }
    read_file("/etc/systemd/logind.conf", &removes);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        read_folder(folders[i], &removes);
    if (!removes || geteuid() <= LAST_SYSTEM_USER || lingers())
        pshmi_findings_add(findings, "logout", PSHMI_FOUND_OK, NULL, "blocks outlive a logout");
    else
        pshmi_findings_add(findings, "logout", PSHMI_FOUND_WARNING,
                           "loginctl enable-linger, or RemoveIPC=no in /etc/systemd/logind.conf",
                           "your blocks go when your last session ends (RemoveIPC)");
}
