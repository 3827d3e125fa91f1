/* SPDX-License-Identifier: Apache-2.0 */
/* Chance that can be repeated: xoshiro256** seeded from a number and a place, so that what one
 * entity does never depends on how many others there are. Not for anything secret. */
#ifndef CLI_DISTRICT_DICE_H
#define CLI_DISTRICT_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

#define ID_CHARS 32

struct dice {
    uint64_t state[4];
};

/* label names what the dice are for; a and b number it. */
void dice_seed(struct dice *d, uint64_t seed, const char *label, uint64_t a, uint64_t b);
uint64_t dice_next(struct dice *d);
/* 0 .. n-1; n is not 0. */
uint64_t dice_below(struct dice *d, uint64_t n);
/* low .. high, both possible. */
int64_t dice_between(struct dice *d, int64_t low, int64_t high);
bool dice_chance(struct dice *d, unsigned percent);
/* 32 hexadecimal digits and NUL: a record's id. */
void dice_id(struct dice *d, char out[ID_CHARS + 1]);
/* UUIDv7 of a time: a message's id. */
void dice_msg_id(struct dice *d, int64_t unix_us, char out[UUID_TEXT + 1]);

#endif
