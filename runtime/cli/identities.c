/* Sorting and finding (identities.h). */
#include "identities.h"

#include <stdlib.h>

#include "screen.h"

void *pshmi_identities_add(pshmi_identities *found, size_t size)
{
    if (found->count == found->room) {
        found->room = found->room ? found->room * 2 : 64;
        found->all = pshmi_must(realloc(found->all, found->room * size));
    }
    return (char *)found->all + size * found->count++;
}

static int compare(const void *one, const void *other)
{
    const pshmi_identity *left = one, *right = other;
    if (left->device != right->device)
        return left->device < right->device ? -1 : 1;
    return (left->inode > right->inode) - (left->inode < right->inode);
}

void pshmi_identities_sort(pshmi_identities *found, size_t size)
{
    if (found->count)
        qsort(found->all, found->count, size, compare);
}

const void *pshmi_identities_of(const pshmi_identities *found, size_t size, pshmi_identity identity, size_t *count)
{
    size_t first = 0, end = found->count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (compare((const char *)found->all + size * middle, &identity) < 0)
            first = middle + 1;
        else
            end = middle;
    }
    const char *begin = found->all;
    for (end = first; end < found->count && compare(begin + size * end, &identity) == 0;)
        end++;
    *count = end - first;
    return *count ? begin + size * first : NULL;
}
