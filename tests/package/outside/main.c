/* Makes a list, reads it back by name and removes it: the header, the library and its version are all there. */
#include <polyshm.h>
#include <stdio.h>
#include <string.h>

static int fail(void)
{
    fprintf(stderr, "%s\n", polyshm_error_message());
    return 1;
}

int main(void)
{
    const polyshm_value values[] = {{.type = POLYSHM_TYPE_INT64, .integer = 42}};
    polyshm_list *made, *found;
    polyshm_segment *segment;
    polyshm_value value;
    const char *name;

    if (polyshm_list_create(NULL, values, 1, 0, 0, 0, &made) || polyshm_list_segment(made, &segment) ||
        polyshm_segment_name(segment, &name) || polyshm_list_attach(name, 0, 0, &found) || polyshm_list_unlink(made) ||
        polyshm_list_get(found, 0, NULL, 0, &value))
        return fail();
    polyshm_segment_unref(segment);
    polyshm_list_unref(made);
    polyshm_list_unref(found);
    printf("polyshm %s: %d\n", polyshm_version(), (int)value.integer);
    return value.integer == 42 ? 0 : 1;
}
