/* SPDX-License-Identifier: Apache-2.0 */
/* By OpenSSL's EVP. A wrong key is found by the padding (or, one time in 256, by what comes after
 * it: the text is no longer UTF-8 or JSON). */
#include "adapt/envelope.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdint.h>

#define BLOCK 16

/* Base64 with line ends taken out; false when it is none. EVP_DecodeBlock takes '=' anywhere. */
static bool decode_base64(struct span text, unsigned char *out, size_t *len)
{
    char *packed = (char *)out;
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != '\n' && text.at[i] != '\r') {
            packed[n++] = text.at[i];
        }
    }
    size_t pad = 0;
    while (pad < 2 && n > pad && packed[n - 1 - pad] == '=') {
        pad++;
    }
    if (n == 0 || n % 4 != 0 || memchr(packed, '=', n - pad) != NULL ||
        memchr(packed, ' ', n) != NULL || memchr(packed, '\t', n) != NULL) {
        return false;
    }
    int bytes = EVP_DecodeBlock(out, out, (int)n);
    if (bytes < 0) {
        return false;
    }
    *len = (size_t)bytes - pad;
    return true;
}

struct key {
    const EVP_CIPHER *cipher;
    unsigned char bytes[SHA_DIGEST_LENGTH]; /* the first 16 of them */
};

/* Why there is no key, or NULL. */
static const char *make_key(struct envelope how, struct span text, struct key *key)
{
    *key =
        (struct key){how.kind == ENVELOPE_AES_128_ECB ? EVP_aes_128_ecb() : EVP_aes_128_cbc(), {0}};
    if (text.len == 0) {
        return "no key is registered";
    }
    if (how.digest == ENVELOPE_KEY_SHA1PRNG) {
        unsigned char once[SHA_DIGEST_LENGTH];
        (void)SHA1((const unsigned char *)text.at, text.len, once);
        (void)SHA1(once, sizeof once, key->bytes);
        return NULL;
    }
    if (text.len != ENVELOPE_KEY_BYTES) {
        return "the registered key has not 16 bytes";
    }
    memcpy(key->bytes, text.at, ENVELOPE_KEY_BYTES);
    return NULL;
}

static enum err decrypt(struct span sealed, const struct key *key, unsigned char *out, size_t *len)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    if (!ctx) {
        return ERR_NOMEM;
    }
    int first = 0;
    int rest = 0;
    bool good = EVP_DecryptInit_ex(ctx, key->cipher, NULL, key->bytes, key->bytes) == 1 &&
                EVP_DecryptUpdate(ctx, out, &first, (const unsigned char *)sealed.at,
                                  (int)sealed.len) == 1 &&
                EVP_DecryptFinal_ex(ctx, out + first, &rest) == 1;
    EVP_CIPHER_CTX_free(ctx);
    *len = good ? (size_t)first + (size_t)rest : 0;
    return good ? ERR_OK : ERR_INVALID;
}

enum err envelope_open(struct envelope how, struct span sealed, struct span key,
                       struct arena *arena, struct span *plain, const char **why)
{
    struct key made;
    if (how.kind == ENVELOPE_NONE) {
        *plain = sealed;
        return ERR_OK;
    }
    const char *lack = make_key(how, key, &made);
    if (lack) {
        *why = lack;
        return ERR_INVALID;
    }
    if (sealed.len == 0 || sealed.len > INT_MAX / 2) {
        *why = "empty";
        return ERR_INVALID;
    }
    unsigned char *bytes = arena_alloc(arena, sealed.len + 4);
    unsigned char *out = arena_alloc(arena, sealed.len + BLOCK);
    if (!bytes || !out) {
        return ERR_NOMEM;
    }
    size_t len = 0;
    if (!decode_base64(sealed, bytes, &len)) {
        *why = "not base64";
        return ERR_INVALID;
    }
    if (len == 0 || len % BLOCK != 0) {
        *why = "not a whole number of blocks";
        return ERR_INVALID;
    }
    enum err err = decrypt((struct span){(const char *)bytes, len}, &made, out, &len);
    *plain = (struct span){(const char *)out, len};
    if (err == ERR_INVALID) {
        *why = "wrong key or damaged";
    }
    return err;
}

static enum err encrypt(struct span plain, const struct key *key, unsigned char *out, size_t *len)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    if (!ctx) {
        return ERR_NOMEM;
    }
    int first = 0;
    int rest = 0;
    bool good =
        EVP_EncryptInit_ex(ctx, key->cipher, NULL, key->bytes, key->bytes) == 1 &&
        EVP_EncryptUpdate(ctx, out, &first, (const unsigned char *)plain.at, (int)plain.len) == 1 &&
        EVP_EncryptFinal_ex(ctx, out + first, &rest) == 1;
    EVP_CIPHER_CTX_free(ctx);
    *len = good ? (size_t)first + (size_t)rest : 0;
    return good ? ERR_OK : ERR_NOMEM;
}

enum err envelope_seal(struct envelope how, struct span plain, struct span key, struct buf *out)
{
    struct key made;
    if (how.kind == ENVELOPE_NONE) {
        buf_put_span(out, plain);
        return buf_failed(out) ? ERR_NOMEM : ERR_OK;
    }
    if (make_key(how, key, &made) || plain.len > INT_MAX / 2) {
        return ERR_INVALID;
    }
    struct buf sealed;
    buf_init(&sealed, 0);
    enum err err = ERR_NOMEM;
    size_t len = 0;
    unsigned char *room = (unsigned char *)buf_reserve(&sealed, plain.len + BLOCK);
    if (!room) {
        goto out;
    }
    err = encrypt(plain, &made, room, &len);
    if (err != ERR_OK) {
        goto out;
    }
    unsigned char *text = (unsigned char *)buf_reserve(out, (len + 2) / 3 * 4 + 1);
    if (!text) {
        err = ERR_NOMEM;
        goto out;
    }
    out->len += (size_t)EVP_EncodeBlock(text, room, (int)len);
out:
    buf_free(&sealed);
    return err;
}
