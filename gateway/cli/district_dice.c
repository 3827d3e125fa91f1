/* SPDX-License-Identifier: Apache-2.0 */
/* xoshiro256** by Blackman and Vigna, its state filled by splitmix64 (both public domain). */
#include "cli/district_dice.h"

#define ID_BYTES     16
#define CHANCE_BYTES 10

static uint64_t splitmix(uint64_t *x)
{
    uint64_t z = (*x += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void dice_seed(struct dice *d, uint64_t seed, const char *label, uint64_t a, uint64_t b)
{
    uint64_t x = seed;
    for (const char *at = label; *at != '\0'; at++) {
        x = splitmix(&x) ^ (unsigned char)*at;
    }
    x = splitmix(&x) ^ a;
    x = splitmix(&x) ^ b;
    for (size_t i = 0; i < 4; i++) {
        d->state[i] = splitmix(&x);
    }
}

static uint64_t rotate(uint64_t x, unsigned by)
{
    return (x << by) | (x >> (64 - by));
}

uint64_t dice_next(struct dice *d)
{
    uint64_t *s = d->state;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

/* The remainder's bias is below 2^-40 for the sizes used here. */
uint64_t dice_below(struct dice *d, uint64_t n)
{
    return (dice_next(d) >> 11) % n;
}

int64_t dice_between(struct dice *d, int64_t low, int64_t high)
{
    return low + (int64_t)dice_below(d, (uint64_t)(high - low) + 1);
}

bool dice_chance(struct dice *d, unsigned percent)
{
    return dice_below(d, 100) < percent;
}

static void fill(struct dice *d, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = (uint8_t)(dice_next(d) >> 56);
    }
}

void dice_id(struct dice *d, char out[ID_CHARS + 1])
{
    uint8_t bytes[ID_BYTES];
    fill(d, bytes, sizeof bytes);
    hex_encode(bytes, sizeof bytes, out);
}

void dice_msg_id(struct dice *d, int64_t unix_us, char out[UUID_TEXT + 1])
{
    uint8_t chance[CHANCE_BYTES];
    fill(d, chance, sizeof chance);
    uuid7_of(unix_us / 1000, chance, out);
}
