/* SPDX-License-Identifier: Apache-2.0 */
/* yajl with its memory in our hands. A run owns at most a handful of blocks at a time (handle,
 * lexer, state stack, two buffers), so a small table of them is enough to free all when one cannot
 * be had. */
#include "model/json_run.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/utf8.h"

#define BLOCKS_MAX 16
/* PostgreSQL's numeric ends at 10^131071; nobody's figure has more than this. */
#define NUMBER_CHARS_MAX 300
#define EXPONENT_MAX     1000

struct json_run {
    void *blocks[BLOCKS_MAX];
    yajl_handle handle;
    size_t before; /* of the text, what yajl has left behind: all of it, at the very end */
    jmp_buf no_memory;
};

static void **slot_of(struct json_run *run, const void *block)
{
    for (size_t i = 0; i < BLOCKS_MAX; i++) {
        if (run->blocks[i] == block) {
            return &run->blocks[i];
        }
    }
    longjmp(run->no_memory, 1);
}

static void *resize(void *ctx, void *old, size_t size)
{
    struct json_run *run = ctx;
    void **slot = slot_of(run, old);
    void *block = mem_realloc(old, size);
    if (!block) {
        longjmp(run->no_memory, 1);
    }
    *slot = block;
    return block;
}

static void *take(void *ctx, size_t size)
{
    return resize(ctx, NULL, size);
}

static void give_back(void *ctx, void *block)
{
    if (block) {
        *slot_of(ctx, block) = NULL;
        mem_free(block);
    }
}

static void free_blocks(struct json_run *run)
{
    for (size_t i = 0; i < BLOCKS_MAX; i++) {
        mem_free(run->blocks[i]);
    }
}

static void tell_fault(struct json_run *run, struct span text, struct json_fault *fault)
{
    fault->offset = json_run_at(run);
    unsigned char *why = yajl_get_error(run->handle, 0, (const unsigned char *)text.at, text.len);
    struct span line = span_trim(span_of((const char *)why));
    snprintf(fault->text, sizeof fault->text, "%.*s", SPAN_ARG(line));
    yajl_free_error(run->handle, why);
}

static enum err parse(struct json_run *run, struct span text, struct json_fault *fault)
{
    yajl_status status = yajl_parse(run->handle, (const unsigned char *)text.at, text.len);
    if (status == yajl_status_ok) {
        /* A number that ends with the text is told only now, while yajl reads a blank of its own.
         */
        run->before = text.len;
        status = yajl_complete_parse(run->handle);
    }
    switch (status) {
    case yajl_status_ok:
        return ERR_OK;
    case yajl_status_client_canceled:
        return ERR_INVALID;
    case yajl_status_error:
        break;
    }
    tell_fault(run, text, fault);
    return ERR_SYNTAX;
}

enum err json_run(const yajl_callbacks *callbacks, void *ctx, struct span text,
                  const struct json_run **at, struct json_fault *fault)
{
    struct json_run run = {.handle = NULL};
    yajl_alloc_funcs memory = {take, resize, give_back, &run};
    *at = &run;
    if (setjmp(run.no_memory) != 0) {
        free_blocks(&run);
        *at = NULL;
        return ERR_NOMEM;
    }
    run.handle = yajl_alloc(callbacks, &memory, ctx);
    /* The bytes have passed a stricter scan than yajl's. */
    yajl_config(run.handle, yajl_dont_validate_strings, 1);
    enum err e = parse(&run, text, fault);
    yajl_free(run.handle);
    *at = NULL;
    return e;
}

size_t json_run_at(const struct json_run *run)
{
    return run->before > 0 ? run->before : yajl_get_bytes_consumed(run->handle);
}

bool json_string_storable(struct span text)
{
    return text.len == 0 || !memchr(text.at, '\0', text.len);
}

bool json_number_storable(struct span text)
{
    if (text.len > NUMBER_CHARS_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == 'e' || text.at[i] == 'E') {
            /* The number ends before a byte that is no digit, or with the text: strtol needs a
             * copy. */
            char exponent[NUMBER_CHARS_MAX + 1];
            memcpy(exponent, text.at + i + 1, text.len - i - 1);
            exponent[text.len - i - 1] = '\0';
            long value = strtol(exponent, NULL, 10);
            return value >= -EXPONENT_MAX && value <= EXPONENT_MAX;
        }
    }
    return true;
}

struct check {
    unsigned depth, depth_max;
};

static int check_open(void *ctx)
{
    struct check *c = ctx;
    return ++c->depth <= c->depth_max;
}

static int check_close(void *ctx)
{
    struct check *c = ctx;
    c->depth--;
    return 1;
}

static int check_string(void *ctx, const unsigned char *text, size_t len)
{
    (void)ctx;
    return json_string_storable((struct span){(const char *)text, len});
}

static int check_number(void *ctx, const char *text, size_t len)
{
    (void)ctx;
    return json_number_storable((struct span){text, len});
}

enum err json_check(struct span text, unsigned depth_max)
{
    static const yajl_callbacks callbacks = {
        .yajl_number = check_number,
        .yajl_string = check_string,
        .yajl_map_key = check_string,
        .yajl_start_map = check_open,
        .yajl_end_map = check_close,
        .yajl_start_array = check_open,
        .yajl_end_array = check_close,
    };
    struct check c = {.depth_max = depth_max};
    const struct json_run *run = NULL;
    struct json_fault fault;
    if (utf8_json_valid_prefix(text) != text.len) {
        return ERR_INVALID;
    }
    enum err e = json_run(&callbacks, &c, text, &run, &fault);
    return e == ERR_SYNTAX ? ERR_INVALID : e;
}
