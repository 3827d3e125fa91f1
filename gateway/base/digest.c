/* SPDX-License-Identifier: Apache-2.0 */
/* Digests and identifiers. The digest context is kept per thread, because fetching the algorithm
 * and allocating a context costs more than hashing a report; it is a cache, not state that anybody
 * could observe. A digest that cannot be made ends the process: a wrong hash in the ledger is
 * worse. */
#include "base/digest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/evp.h>

static EVP_MD_CTX *sha256_context(void)
{
    static _Thread_local EVP_MD_CTX *kept;
    if (!kept) {
        EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
        EVP_MD_CTX *fresh = EVP_MD_CTX_new();
        if (sha256 && fresh && EVP_DigestInit_ex2(fresh, sha256, NULL) == 1) {
            kept = fresh;
        } else {
            EVP_MD_CTX_free(fresh);
        }
        EVP_MD_free(sha256); /* the context holds its own reference */
    }
    return kept;
}

void digest_of(struct span bytes, uint8_t out[DIGEST_BYTES])
{
    EVP_MD_CTX *c = sha256_context();
    if (!c || EVP_DigestInit_ex2(c, NULL, NULL) != 1 ||
        EVP_DigestUpdate(c, bytes.len ? bytes.at : "", bytes.len) != 1 ||
        EVP_DigestFinal_ex(c, out, NULL) != 1) {
        fputs("dualgate: SHA-256 is not available\n", stderr);
        abort();
    }
}

void hex_encode(const uint8_t *bytes, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * n] = '\0';
}

/* 0 to 15, or -1. */
static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum err hex_decode(struct span text, uint8_t *out, size_t n)
{
    if (text.len != 2 * n) {
        return ERR_SYNTAX;
    }
    for (size_t i = 0; i < n; i++) {
        int high = hex_digit(text.at[2 * i]);
        int low = hex_digit(text.at[2 * i + 1]);
        if (high < 0 || low < 0) {
            return ERR_SYNTAX;
        }
        out[i] = (uint8_t)(high * 16 + low);
    }
    return ERR_OK;
}

enum err random_bytes(void *out, size_t n)
{
    uint8_t *to = out;
    while (n > 0) {
        ssize_t got = getrandom(to, n, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return ERR_IO;
        }
        to += got;
        n -= (size_t)got;
    }
    return ERR_OK;
}

/* Sets version and variant and writes 8-4-4-4-12. */
static void uuid_write(uint8_t bytes[16], uint8_t version, char out[UUID_TEXT + 1])
{
    static const size_t group[] = {4, 2, 2, 2, 6};
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | version << 4);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    const uint8_t *from = bytes;
    for (size_t i = 0; i < sizeof(group) / sizeof(group[0]); i++) {
        hex_encode(from, group[i], out);
        from += group[i];
        out += 2 * group[i];
        *out++ = '-';
    }
    out[-1] = '\0';
}

void uuid8_of(const uint8_t digest[DIGEST_BYTES], char out[UUID_TEXT + 1])
{
    uint8_t bytes[16];
    memcpy(bytes, digest, sizeof(bytes));
    uuid_write(bytes, 8, out);
}

void uuid7_of(int64_t unix_ms, const uint8_t chance[10], char out[UUID_TEXT + 1])
{
    uint8_t bytes[16];
    for (size_t i = 0; i < 6; i++) {
        bytes[i] = (uint8_t)((uint64_t)unix_ms >> (8 * (5 - i)));
    }
    memcpy(bytes + 6, chance, 10);
    uuid_write(bytes, 7, out);
}

int uuid_is(struct span text)
{
    if (text.len != UUID_TEXT) {
        return 0;
    }
    for (size_t i = 0; i < text.len; i++) {
        int dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text.at[i] != '-' : hex_digit(text.at[i]) < 0) {
            return 0;
        }
    }
    return 1;
}
