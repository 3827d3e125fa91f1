/* SPDX-License-Identifier: Apache-2.0 */
/* The samples of any adapter, changed: the first byte says which adapter, the second which of its
 * samples, and each four after them change one place of it (two bytes say where, one how, one is
 * new). What stands in clear is sealed afterwards. Run from the top of the tree. */
#include <dirent.h>
#include <stdint.h>

#include "adapt/load.h"
#include "adapt/sample.h"
#include "adapt_fuzz.h"

#define ADAPTERS_MAX 32
#define SAMPLES_MAX  64
#define SAMPLE_BYTES ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sample_text {
    const char *name;
    struct span written;
};

struct adapter_samples {
    const struct mapping *m;
    struct trial_register reg;
    struct sample_text samples[SAMPLES_MAX];
    size_t n;
};

static struct adapt_fuzz f;
static struct adapter_samples all[ADAPTERS_MAX];
static size_t n_all;

static bool is_sample(const char *name)
{
    return name[0] != '.' && !strstr(name, ".expected.") && strcmp(name, "register.csv") != 0;
}

static void load_samples(struct adapter_samples *a)
{
    char folder[256];
    char path[600];
    struct buf complaints;
    buf_init(&complaints, 0);
    (void)snprintf(folder, sizeof folder, "adapters/%s/samples", a->m->name);
    (void)snprintf(path, sizeof path, "%s/register.csv", folder);
    fuzz_require(trial_register_load(path, a->m->name, &f.arena, &a->reg, &complaints) == ERR_OK);
    buf_free(&complaints);
    DIR *handle = opendir(folder);
    fuzz_require(handle);
    for (const struct dirent *entry; (entry = readdir(handle)) && a->n < SAMPLES_MAX;) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        struct sample_text *s = &a->samples[a->n];
        if (is_sample(entry->d_name) &&
            load_file(path, SAMPLE_BYTES, &f.arena, &s->written) == ERR_OK) {
            s->name = arena_strdup(&f.arena, path);
            a->n++;
        }
    }
    (void)closedir(handle);
}

static int by_name(const void *a, const void *b)
{
    const struct sample_text *x = a;
    const struct sample_text *y = b;
    return strcmp(x->name, y->name);
}

static void load_all(void)
{
    static const struct read_limits limits = {
        .reports_max = 20, .report_bytes_max = 8192, .depth_max = 16};
    const char *why = NULL;
    struct buf complaints;
    buf_init(&complaints, 0);
    arena_init(&f.arena, (size_t)1 << 28);
    fuzz_require(schema_load(&f.schema, &why) == ERR_OK);
    fuzz_require(adapters_load("adapters", f.schema, &limits, &f.adapters, &complaints) == ERR_OK);
    for (size_t i = 0; i < adapters_count(f.adapters) && n_all < ADAPTERS_MAX; i++) {
        all[n_all].m = adapters_at(f.adapters, i);
        load_samples(&all[n_all]);
        qsort(all[n_all].samples, all[n_all].n, sizeof all[n_all].samples[0], by_name);
        n_all += all[n_all].n > 0;
    }
    buf_free(&complaints);
}

/* One change: another byte, a byte out, a byte in, or a piece twice. */
static void change(struct buf *text, const uint8_t edit[4])
{
    size_t at = text->len > 0 ? ((size_t)edit[0] << 8 | edit[1]) % text->len : 0;
    struct span rest = {text->data + at, text->len - at};
    switch (edit[2] % 4) {
    case 0:
        if (text->len > 0) {
            text->data[at] = (char)edit[3];
        }
        break;
    case 1:
        if (text->len > 0) {
            memmove(text->data + at, text->data + at + 1, rest.len - 1);
            text->len--;
        }
        break;
    case 2:
        buf_putc(text, '\0');
        memmove(text->data + at + 1, text->data + at, text->len - at - 1);
        text->data[at] = (char)edit[3];
        break;
    default:
        rest.len = rest.len < edit[3] ? rest.len : edit[3];
        if (rest.len > 0 && buf_reserve(text, rest.len)) {
            memmove(text->data + text->len, text->data + at, rest.len);
            text->len += rest.len;
        }
        break;
    }
}

static void take(const struct adapter_samples *a, const struct sample_text *s, struct span written)
{
    struct arena arena;
    struct span payload;
    arena_init(&arena, 1 << 24);
    f.trial = (struct trial){
        .adapters = f.adapters,
        .adapter = span_of(a->m->name),
        .registry = a->reg.registry,
        .publisher = registry_publisher(a->reg.registry, span_of(a->reg.publisher)),
        .node = a->reg.node,
        .received_us = FUZZ_RECEIVED_US,
    };
    enum err err =
        sample_prepare(a->m, s->name, written, span_of(f.trial.publisher->key), &arena, &payload);
    fuzz_take(&f, err == ERR_OK ? payload : written);
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text;
    if (n_all == 0) {
        load_all();
    }
    if (size < 2) {
        return 0;
    }
    const struct adapter_samples *a = &all[data[0] % n_all];
    const struct sample_text *s = &a->samples[data[1] % a->n];
    buf_init(&text, 0);
    buf_put_span(&text, s->written);
    for (size_t i = 2; i + 4 <= size && i < 400; i += 4) {
        change(&text, data + i);
    }
    take(a, s, buf_span(&text));
    buf_free(&text);
    return 0;
}
