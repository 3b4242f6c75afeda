/* What libFuzzer calls: a list, or bytes that may be none, and what is done to it.
 *
 *   1 byte   bits 0-2: which good list (sync_lists.c); bit 3: none, the block is the input's last part;
 *            bit 4: attached read-only
 *   1 byte   how many acts of the peers follow
 *   acts     of 6 bytes each (sync_peers.h)
 *   1 byte   if the input has the block: how long the script is; else there is none, and the script is all the rest
 *   script   the calls, what they are called with, and what the platform answers (sync_calls.c, sync_platform.h)
 *   block
 *
 * What is missing at the end is short or zeros. */
#include "sync_block.h"
#include "sync_calls.h"
#include "sync_lists.h"
#include "sync_peers.h"
#include "sync_platform.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__asan_default_options(void);

enum { OWN_BLOCK = 8, READONLY = 16 };

/* Freed memory is soon used again, so that the caches hold it: each input makes hardly any. */
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=1:allocator_may_return_null=1";
}

static size_t least(size_t one, size_t other)
{
    return one < other ? one : other;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    const good_list *good = good_list_of(data[0]);
    const uint8_t *acts = data + 2, *end = data + size;
    size_t count = least(data[1], (size_t)(end - acts) / PEERS_ACT);
    const uint8_t *script = acts + count * PEERS_ACT;
    size_t length = (size_t)(end - script), bounds[PARTS + 1] = {0};
    if (data[0] & OWN_BLOCK) {
        if (length < 2)
            return 0;
        length = least(*script++, length - 1);
        bounds[PARTS] = least((size_t)(end - script) - length, BLOCK_MAX);
        block_set(script + length, bounds[PARTS]);
    } else {
        block_set(good->bytes, good->bounds[PARTS]);
    }
    platform_begin(script, length);
    peers_begin(acts, count, data[0] & OWN_BLOCK ? bounds : good->bounds);
    calls_make(data[0] & READONLY);
    return 0;
}
