/* Measuring, making and recognizing the sync area. */
#include "area.h"

static uint64_t round_up(uint64_t size, uint64_t unit)
{
    return (size + unit - 1) / unit * unit;
}

enum {
    STATE = sizeof(pshmi_area_header),
    GENERATIONS = STATE + sizeof(pshmi_area_state),
    VERSIONS = GENERATIONS + PSHMI_PARTICIPANTS * sizeof(uint16_t)
};

/* Journals begin a cache line of their own. */
static uint64_t journal_offset(uint64_t count)
{
    return VERSIONS + round_up(count * sizeof(uint64_t), PSHMI_AREA_ALIGNMENT);
}

uint64_t pshmi_area_offset(uint64_t stock_size)
{
    return round_up(stock_size, PSHMI_AREA_ALIGNMENT);
}

uint64_t pshmi_area_size(uint64_t count, uint64_t copy_size)
{
    return journal_offset(count) + sizeof(pshmi_area_journal) + copy_size;
}

void pshmi_area_write(void *bytes, uint64_t count, uint64_t copy_size)
{
    *(pshmi_area_header *)bytes = (pshmi_area_header){
        .magic = PSHMI_AREA_MAGIC,
        .version = PSHMI_AREA_VERSION,
        .participants = PSHMI_PARTICIPANTS,
        .count = count,
        .copy_size = copy_size,
        .size = pshmi_area_size(count, copy_size),
    };
}

int32_t pshmi_area_check(const pshmi_area_header *header, uint64_t size, uint64_t count, uint64_t copy_size,
                         bool *present, const char **why)
{
    *present = size >= sizeof *header && header->magic == PSHMI_AREA_MAGIC;
    if (!*present)
        return POLYSHM_OK;

    *why = "its sync area is of another version of polyshm";
    if (header->version != PSHMI_AREA_VERSION)
        return POLYSHM_ELAYOUT;
    *why = "its sync area does not fit the list";
    uint64_t right = pshmi_area_size(count, copy_size);
    if (header->participants != PSHMI_PARTICIPANTS || header->count != count || header->copy_size != copy_size ||
        header->size != right || right > size)
        return POLYSHM_ELAYOUT;
    *why = NULL;
    return POLYSHM_OK;
}

void pshmi_area_open(void *bytes, uint64_t count, uint64_t copy_size, pshmi_area *area)
{
    char *begin = bytes;
    *area = (pshmi_area){
        .state = (pshmi_area_state *)(begin + STATE),
        .generations = (_Atomic uint16_t *)(begin + GENERATIONS),
        .versions = (_Atomic uint64_t *)(begin + VERSIONS),
        .journal = (pshmi_area_journal *)(begin + journal_offset(count)),
        .copy = (uint64_t *)(begin + journal_offset(count) + sizeof(pshmi_area_journal)),
        .count = count,
        .copy_size = copy_size,
    };
}
