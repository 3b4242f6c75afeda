/* Blurs the picture in a block of shared memory, in place: each pixel becomes the mean of the square around it.
 *
 *     blur BLOCK WIDTH RADIUS */
#include <polyshm.h>
#include <stdio.h>
#include <stdlib.h>

enum { COLOURS = 3 };

/* A row or a column of one colour. */
typedef struct {
    unsigned char *first;
    size_t count, step; /* bytes from one to the next */
} line;

static _Noreturn void fail(const char *words)
{
    fprintf(stderr, "blur: %s\n", words);
    exit(EXIT_FAILURE);
}

/* The mean of a square is the mean of its rows' means, so that lines are all there is to do. Beyond its ends a line
 * goes on with its last value. The sum moves along: one value comes in, one goes out. old has room for the line. */
static void blur(line pixels, size_t radius, unsigned char *old)
{
    size_t last = pixels.count - 1, wide = 2 * radius + 1, sum = 0;
    for (size_t i = 0; i < pixels.count; i++)
        old[i] = pixels.first[i * pixels.step];
    for (size_t i = 0; i <= radius; i++)
        sum += (size_t)old[i < last ? i : last] + (i ? old[0] : 0);
    for (size_t i = 0; i < pixels.count; i++) {
        pixels.first[i * pixels.step] = (unsigned char)((sum + radius) / wide);
        sum += old[i + radius < last ? i + radius + 1 : last];
        sum -= old[i > radius ? i - radius : 0];
    }
}

static void blur_picture(unsigned char *pixels, size_t width, size_t height, size_t radius)
{
    unsigned char *old = malloc(width > height ? width : height);
    if (!old)
        fail("out of memory");
    for (size_t colour = 0; colour < COLOURS; colour++) {
        for (size_t y = 0; y < height; y++)
            blur((line){pixels + y * width * COLOURS + colour, width, COLOURS}, radius, old);
        for (size_t x = 0; x < width; x++)
            blur((line){pixels + x * COLOURS + colour, height, width * COLOURS}, radius, old);
    }
    free(old);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        fail("usage: blur BLOCK WIDTH RADIUS");
    size_t width = strtoul(argv[2], NULL, 10), radius = strtoul(argv[3], NULL, 10);

    polyshm_segment *block;
    void *pixels;
    uint64_t size;
    if (polyshm_segment_attach(argv[1], 0, 0, &block) || polyshm_segment_address(block, &pixels) ||
        polyshm_segment_size(block, &size))
        fail(polyshm_error_message());
    if (width == 0 || size % (width * COLOURS))
        fail("the block is not made of rows of that width");
    blur_picture(pixels, width, size / (width * COLOURS), radius);
    polyshm_segment_unref(block);
    return EXIT_SUCCESS;
}
