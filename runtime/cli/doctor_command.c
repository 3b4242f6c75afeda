/* polyshm doctor: whether this system is fit for shared memory, and what to do where it is not. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "command.h"
#include "output.h"

struct pshmi_findings {
    json_t *all;
    int counts[3];
};

static const char *const levels[] = {"ok", "warning", "problem"};
static const pshmi_style styles[] = {PSHMI_GOOD, PSHMI_DOUBTFUL, PSHMI_BAD};

void pshmi_findings_add(pshmi_findings *findings, const char *check, pshmi_level level, const char *advice,
                        const char *format, ...)
{
    pshmi_text text;
    va_list words;
    pshmi_text_begin(&text);
    va_start(words, format);
    vfprintf(text.stream, format, words);
    va_end(words);
    char *found = pshmi_text_end(&text);
    json_array_append_new(findings->all,
                          json_pack("{s:s, s:s, s:i, s:o, s:s?}", "check", check, "status", levels[level], "level",
                                    level, "found", pshmi_json_escaped(found, strlen(found)), "advice", advice));
    findings->counts[level]++;
    free(found);
}

static const char *text_of(const json_t *finding, const char *key)
{
    return json_string_value(json_object_get(finding, key));
}

static void print(const pshmi_findings *findings)
{
    static const pshmi_column columns[] = {{NULL, false}, {NULL, false}, {NULL, false}};
    pshmi_table table = {.columns = columns, .width = 3};
    size_t i;
    const json_t *one;
    json_array_foreach(findings->all, i, one)
    {
        json_int_t level = json_integer_value(json_object_get(one, "level"));
        const char *advice = text_of(one, "advice");
        pshmi_table_add(&table, styles[level], "%s", levels[level]);
        pshmi_table_add(&table, PSHMI_HEAD, "%s", text_of(one, "check"));
        pshmi_table_add(&table, PSHMI_PLAIN, "%s%s%s", text_of(one, "found"), advice ? "; " : "", advice ? advice : "");
    }
    pshmi_table_print(&table);
}

static int run(const pshmi_call *call)
{
    pshmi_findings findings = {.all = json_array()};
    pshmi_check_blocks_folder(&findings);
    pshmi_check_space(&findings);
    pshmi_check_kernel(&findings);
    pshmi_check_limits(&findings);
    pshmi_check_logout(&findings);
    pshmi_check_books(&findings);
    if (call->json)
        pshmi_json_print(json_pack("{s:O, s:i, s:i}", "checks", findings.all, "warnings",
                                   findings.counts[PSHMI_FOUND_WARNING], "problems",
                                   findings.counts[PSHMI_FOUND_PROBLEM]),
                         false);
    else
        print(&findings);
    json_decref(findings.all);
    return findings.counts[PSHMI_FOUND_PROBLEM] ? PSHMI_COMMAND_FAILED : PSHMI_COMMAND_DONE;
}

const pshmi_command pshmi_doctor_command = {
    .name = "doctor",
    .arguments = "",
    .summary = "check the system, and say what to mend",
    .help = "Checks what polyshm needs of the system: the folder of blocks and its room, what the kernel can do, "
            "limits, what\n"
            "happens at logout, the helper and what ended processes left behind. Each line is ok, a warning or a "
            "problem, with\n"
            "what to do. The status is 1 if there is a problem.",
    .options = "j",
    .run = run,
};
