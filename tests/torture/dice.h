/* Numbers that look random, and are the same for the same seed (splitmix64). */
#ifndef TORTURE_DICE_H
#define TORTURE_DICE_H

#include <stdint.h>

static inline uint64_t dice_throw(uint64_t *dice)
{
    uint64_t number = *dice += UINT64_C(0x9E3779B97F4A7C15);
    number = (number ^ number >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    number = (number ^ number >> 27) * UINT64_C(0x94D049BB133111EB);
    return number ^ number >> 31;
}

/* 0 to below - 1. */
static inline uint64_t dice_below(uint64_t *dice, uint64_t below)
{
    return dice_throw(dice) % below;
}

#endif
