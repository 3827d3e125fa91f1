/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes stand in sorted arrays: they are few, and rows are written in their order, so that two
 * lanes with the same photos never wait for each other crosswise. */
#include "pg/attached.h"

#include <stdlib.h>
#include <string.h>

#include "model/attachments.h"
#include "model/finding.h"
#include "pg/result.h"

const struct pg_statement attached_known = {
    "attached", "select a.hash from dg.attachment a where a.hash = any ($1::bytea[])"
                " order by a.hash for key share"};

static int by_digest(const void *a, const void *b)
{
    return memcmp(a, b, DIGEST_BYTES);
}

static size_t count_named(const struct plan *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_items; i++) {
        for (const struct attachment *a = p->items[i]->entry->report.attachments; a; a = a->next) {
            n++;
        }
    }
    return n;
}

enum err attached_gather(struct plan *p)
{
    size_t n = 0;
    p->n_named = p->n_kept = 0;
    size_t most = count_named(p);
    if (most == 0) {
        return ERR_OK;
    }
    p->named = arena_alloc(&p->arena, most * DIGEST_BYTES);
    if (!p->named) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < p->n_items; i++) {
        for (const struct attachment *a = p->items[i]->entry->report.attachments; a; a = a->next) {
            memcpy(p->named[n++], a->hash, DIGEST_BYTES);
        }
    }
    qsort(p->named, n, DIGEST_BYTES, by_digest);
    for (size_t i = 0; i < n; i++) {
        if (p->n_named == 0 || memcmp(p->named[p->n_named - 1], p->named[i], DIGEST_BYTES) != 0) {
            memmove(p->named[p->n_named++], p->named[i], DIGEST_BYTES);
        }
    }
    return ERR_OK;
}

enum err attached_take(struct plan *p, const struct pg_result *r)
{
    size_t n = result_rows(r);
    p->kept = arena_alloc(&p->arena, (n + 1) * DIGEST_BYTES);
    if (!p->kept) {
        return ERR_NOMEM;
    }
    for (size_t row = 0; row < n; row++) {
        struct span hash;
        if (!result_bytes(r, row, 0, &hash) || hash.len != DIGEST_BYTES) {
            return ERR_FATAL;
        }
        memcpy(p->kept[row], hash.at, DIGEST_BYTES);
    }
    p->n_kept = n;
    return ERR_OK;
}

static bool is_kept(const struct plan *p, const uint8_t *hash)
{
    return p->n_kept > 0 && bsearch(hash, p->kept, p->n_kept, DIGEST_BYTES, by_digest) != NULL;
}

/* ---- what is missing ---- */

/* What the reports that are kept bring, sorted: only then their bytes are. */
struct bringing {
    uint8_t (*hashes)[DIGEST_BYTES];
    size_t n;
};

static enum err gather_brought(const struct plan *p, struct arena *arena, struct bringing *out)
{
    out->n = 0;
    out->hashes = arena_alloc(arena, (count_named(p) + 1) * DIGEST_BYTES);
    if (!out->hashes) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < p->claims.n; i++) {
        for (const struct attachment *a = p->claims.at[i]->entry->report.attachments; a;
             a = a->next) {
            if (a->bytes.at) {
                memcpy(out->hashes[out->n++], a->hash, DIGEST_BYTES);
            }
        }
    }
    qsort(out->hashes, out->n, DIGEST_BYTES, by_digest);
    return ERR_OK;
}

static bool is_brought(const struct bringing *b, const uint8_t *hash)
{
    return bsearch(hash, b->hashes, b->n, DIGEST_BYTES, by_digest) != NULL;
}

/* A batch may be planned again. */
static bool is_said(const struct report *r, const char *field)
{
    const char *word = finding_word(FINDING_ATTACHMENT_MISSING);
    for (const struct finding *f = r->findings; f; f = f->next) {
        if (strcmp(f->code, word) == 0 && strcmp(f->field, field) == 0) {
            return true;
        }
    }
    return false;
}

static enum err say_missing(struct entry *e, const struct attachment *a)
{
    char link[sizeof ATTACHMENT_LINK + (size_t)DIGEST_HEX] = ATTACHMENT_LINK;
    hex_encode(a->hash, DIGEST_BYTES, link + sizeof ATTACHMENT_LINK - 1);
    report_find(&e->report, &e->message->arena, finding_word(FINDING_ATTACHMENT_MISSING), a->field,
                link, NULL);
    return e->report.starved ? ERR_NOMEM : ERR_OK;
}

enum err attached_find_missing(const struct plan *p, struct arena *arena)
{
    struct bringing brought;
    if (p->n_named == 0) {
        return ERR_OK;
    }
    enum err e = gather_brought(p, arena, &brought);
    for (size_t i = 0; i < p->claims.n && e == ERR_OK; i++) {
        struct entry *entry = p->claims.at[i]->entry;
        for (const struct attachment *a = entry->report.attachments; a && e == ERR_OK;
             a = a->next) {
            if (!a->bytes.at && !is_kept(p, a->hash) && !is_said(&entry->report, a->field) &&
                !is_brought(&brought, a->hash)) {
                e = say_missing(entry, a);
            }
        }
    }
    return e;
}

/* ---- writing ---- */

struct brought {
    const struct attachment *what;
    int64_t ledger_no;
};

static int by_hash(const void *a, const void *b)
{
    const struct brought *x = a;
    const struct brought *y = b;
    int order = memcmp(x->what->hash, y->what->hash, DIGEST_BYTES);
    return order != 0 ? order : (x->ledger_no > y->ledger_no) - (x->ledger_no < y->ledger_no);
}

static void add_rows(struct steps *s, const struct write_context *c, struct brought *list, size_t n)
{
    qsort(list, n, sizeof *list, by_hash);
    for (size_t i = 0; i < n; i++) {
        const struct attachment *a = list[i].what;
        if (i > 0 && memcmp(list[i - 1].what->hash, a->hash, DIGEST_BYTES) == 0) {
            continue;
        }
        struct attachment_row row = {
            .hash = rows_digest(a->hash),
            .media_type = rows_text(media_type(a->kind)),
            .size = (int64_t)a->bytes.len,
            .bytes = a->bytes,
            .first_seen_at = c->accepted_us,
            .ledger_no = list[i].ledger_no,
        };
        rows_add(&s->rows[TABLE_ATTACHMENT], &row, NULL);
    }
}

static void add_ref(struct steps *s, const struct plan_item *it, const struct attachment *a)
{
    const struct report *r = &it->entry->report;
    struct attachment_ref_row row = {
        .hash = rows_digest(a->hash),
        .ledger_no = it->ledger_no,
        .field = rows_text(a->field),
        .record = rows_text(report_record_name(r)),
        .uscc = rows_text(r->env->uscc),
        .unit = rows_text(r->env->unit),
        .id = rows_text(r->id),
        .sector = rows_text(r->env->sector),
        .township = rows_text(r->township),
    };
    rows_add(&s->rows[TABLE_ATTACHMENT_REF], &row, NULL);
}

enum err attached_write(struct steps *s, const struct write_context *c)
{
    const struct plan *p = c->plan;
    size_t n = 0;
    size_t most = count_named(p);
    struct brought *list = most > 0 ? arena_alloc(&s->arena, most * sizeof *list) : NULL;
    if (!list) {
        return most > 0 ? ERR_NOMEM : ERR_OK;
    }
    for (size_t i = 0; i < p->claims.n; i++) {
        const struct plan_item *it = p->claims.at[i];
        for (const struct attachment *a = it->entry->report.attachments; a; a = a->next) {
            add_ref(s, it, a);
            if (a->bytes.at && !is_kept(p, a->hash)) {
                list[n++] = (struct brought){a, it->ledger_no};
            }
        }
    }
    add_rows(s, c, list, n);
    enum err e = steps_table(s, c, TABLE_ATTACHMENT);
    return e == ERR_OK ? steps_table(s, c, TABLE_ATTACHMENT_REF) : e;
}
