/* SPDX-License-Identifier: Apache-2.0 */
/* A message with one problem is kept whole; of an array, each bad report for itself. Texts of bad
 * messages are foreign bytes: what a text column would refuse is cut off here, because the
 * quarantine must take everything (the payload column has the bytes themselves). */
#include "pg/refusals.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/utf8.h"
#include "pg/statements.h"

/* The key of the quarantine's index, of which a page holds 2700 bytes: topics are foreign bytes, up
 * to 64 KiB of them. Real ones are never as long. */
#define PUBLISHER_BYTES_MAX ((size_t)256)
#define TOPIC_BYTES_MAX     ((size_t)2048)

struct refusal {
    struct quarantine_row row;
    uint8_t digest[DIGEST_BYTES];
};

/* Never NULL; up to the first byte that is no UTF-8 or is NUL. */
static struct span clean(struct span s)
{
    if (!s.at || s.len == 0) {
        return SPAN_LIT("");
    }
    const char *nul = memchr(s.at, '\0', s.len);
    s.len = nul ? (size_t)(nul - s.at) : s.len;
    s.len = utf8_valid_prefix(s);
    return s;
}

static struct span clean_or_null(const char *text)
{
    return text ? clean(span_of(text)) : SPAN_NONE;
}

static struct span clean_key(struct span s, size_t bytes_max)
{
    s.len = s.len > bytes_max ? bytes_max : s.len;
    return clean(s);
}

static struct span sentence(struct arena *arena, struct buf *scratch, const struct problem *p,
                            bool zh)
{
    const char *label = zh ? p->label_zh : p->label_en;
    struct span name = clean_or_null(label ? label : p->field);
    buf_reset(scratch);
    if (zh) {
        reason_text_zh(p->reason, name, clean_or_null(p->value), scratch);
    } else {
        reason_text_en(p->reason, name, clean_or_null(p->value), scratch);
    }
    const char *kept = arena_strndup(arena, scratch->data ? scratch->data : "", scratch->len);
    return clean((struct span){kept, scratch->len});
}

static void from_message(struct refusal *f, const struct message *m, const struct report *r)
{
    bool whole = m->problem.reason != REASON_NONE || !r->raw.at;
    f->row.publisher = clean_key(span_of(m->publisher), PUBLISHER_BYTES_MAX);
    f->row.topic = clean_key(m->topic, TOPIC_BYTES_MAX);
    f->row.content_type = clean(m->content_type);
    f->row.charset = clean_or_null(m->charset);
    f->row.adapter = clean_or_null(m->adapter);
    f->row.payload = whole ? m->payload : r->raw;
    f->row.received_at = f->row.first_received_at = m->received_us;
    if (whole) {
        memcpy(f->digest, m->payload_hash, DIGEST_BYTES);
    } else {
        digest_of(r->raw, f->digest);
    }
}

static void from_parked(struct refusal *f, const struct parked_row *p, int64_t now_us)
{
    f->row.publisher = clean_or_null(p->publisher);
    f->row.topic = p->topic;
    f->row.content_type = p->content_type;
    f->row.charset = p->charset;
    f->row.adapter = p->adapter;
    f->row.payload = p->entry.report.raw;
    f->row.first_received_at = p->received_us;
    f->row.received_at = now_us;
    digest_of(p->entry.report.raw, f->digest);
}

static void fill(struct refusal *f, const struct plan_item *it, int64_t now_us, struct arena *arena,
                 struct buf *scratch)
{
    const struct report *r = &it->entry->report;
    const Dualgate__V1__Report *env = r->env;
    if (it->parked) {
        from_parked(f, it->parked, now_us);
    } else {
        from_message(f, it->entry->message, r);
    }
    f->row.payload = f->row.payload.at ? f->row.payload : SPAN_LIT("");
    f->row.payload_sha256 = (struct span){(const char *)f->digest, DIGEST_BYTES};
    f->row.sector = clean_or_null(env && env->sector ? env->sector : "");
    f->row.division = clean_or_null(env && env->division ? env->division : "");
    f->row.record = clean_or_null(report_record_name(r));
    f->row.reason = span_of(reason_word(it->problem.reason));
    f->row.field = clean_or_null(it->problem.field);
    f->row.value = clean_or_null(it->problem.value);
    f->row.text = sentence(arena, scratch, &it->problem, true);
    f->row.text_en = sentence(arena, scratch, &it->problem, false);
    f->row.times = 1;
}

static int compare_spans(struct span a, struct span b)
{
    size_t least = a.len < b.len ? a.len : b.len;
    int order = least ? memcmp(a.at, b.at, least) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_key(const void *a, const void *b)
{
    const struct refusal *x = a;
    const struct refusal *y = b;
    int order = compare_spans(x->row.publisher, y->row.publisher);
    order = order != 0 ? order : compare_spans(x->row.topic, y->row.topic);
    return order != 0 ? order : memcmp(x->digest, y->digest, DIGEST_BYTES);
}

static void add_merged(struct refusal *all, size_t n, struct rows *out)
{
    for (size_t i = 0; i < n; i++) {
        struct refusal *f = &all[i];
        /* Sorting has moved it. */
        f->row.payload_sha256.at = (const char *)f->digest;
        if (i + 1 < n && by_key(f, &all[i + 1]) == 0) {
            all[i + 1].row.times += f->row.times;
        } else {
            rows_add(out, &f->row, NULL);
        }
    }
}

enum err refusals_add(const struct plan *p, int64_t now_us, struct arena *arena,
                      struct buf *scratch, struct rows *out)
{
    size_t n = p->refused.n + p->expired.n;
    struct refusal *all = arena_zalloc(arena, n * sizeof *all);
    if (!all) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        bool arrival = i < p->refused.n;
        const struct plan_item *it = arrival ? p->refused.at[i] : p->expired.at[i - p->refused.n];
        fill(&all[i], it, now_us, arena, scratch);
    }
    qsort(all, n, sizeof *all, by_key);
    add_merged(all, n, out);
    return buf_failed(scratch) ? ERR_NOMEM : ERR_OK;
}
