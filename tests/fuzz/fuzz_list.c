/* What libFuzzer calls: any bytes, in memory of exactly their size. */
#include <stdlib.h>
#include <string.h>

#include "walk.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    uint64_t *block = malloc(size ? size : 1);
    memcpy(block, data, size);
    walk(block, size);
    free(block);
    return 0;
}
