/* Making and dropping the list of a test (lists.h). */
#include "lists.h"

#include "blocks.h"
#include "children.h"
#include "names.h"
#include "values.h"

#define NAME test_name(0)

polyshm_list *list_make(void)
{
    const polyshm_value values[] = {v_int(7), v_str("text")};
    polyshm_list *list;
    CHECK(polyshm_list_create(NAME, values, COUNT_OF(values), 0, 0, 0, &list) == POLYSHM_OK);
    return list;
}

polyshm_list *list_attach(void)
{
    polyshm_list *list;
    CHECK(polyshm_list_attach(NAME, 0, 0, &list) == POLYSHM_OK);
    return list;
}

void list_drop(polyshm_list *list)
{
    block_remove(NAME);
    polyshm_list_unref(list);
}
