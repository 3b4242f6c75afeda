/* Computes some rows of a product of matrices. In a block of shared memory lie A, B and C, one behind the other, each
 * SIZE rows of SIZE doubles. This fills C's rows from FIRST to before END.
 *
 *     multiply BLOCK SIZE FIRST END */
#include <polyshm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void fail(const char *words)
{
    fprintf(stderr, "multiply: %s\n", words);
    exit(EXIT_FAILURE);
}

/* Goes through B row by row, as it lies in memory. */
static void multiply_row(const double *a, const double *b, double *c, size_t size)
{
    memset(c, 0, size * sizeof *c);
    for (size_t k = 0; k < size; k++)
        for (size_t j = 0; j < size; j++)
            c[j] += a[k] * b[k * size + j];
}

int main(int argc, char **argv)
{
    if (argc != 5)
        fail("usage: multiply BLOCK SIZE FIRST END");
    size_t size = strtoul(argv[2], NULL, 10), first = strtoul(argv[3], NULL, 10), end = strtoul(argv[4], NULL, 10);

    polyshm_segment *block;
    void *address;
    uint64_t bytes;
    if (polyshm_segment_attach(argv[1], 0, 0, &block) || polyshm_segment_address(block, &address) ||
        polyshm_segment_size(block, &bytes))
        fail(polyshm_error_message());
    if (size > 1 << 20 || bytes < 3 * size * size * sizeof(double) || end > size)
        fail("the block is too small for these matrices, or the matrices for these rows");

    const double *a = address, *b = a + size * size;
    double *c = (double *)address + 2 * size * size;
    for (size_t row = first; row < end; row++)
        multiply_row(a + row * size, b, c + row * size, size);
    polyshm_segment_unref(block);
    return EXIT_SUCCESS;
}
