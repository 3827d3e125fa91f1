/* SPDX-License-Identifier: Apache-2.0 */
#include "adapt/choose.h"

#include "adapt/fold.h"
#include "adapt/origin.h"
#include "adapt/source.h"

/* What follows the last '/' if the mapping says so. */
static struct span name_of_record(const struct mapping *m, struct span value)
{
    const char *slash =
        m->find_last_part && value.len > 0 ? memrchr(value.at, '/', value.len) : NULL;
    return slash ? (struct span){slash + 1, (size_t)(value.at + value.len - slash - 1)} : value;
}

static const struct record_map *record_of_value(const struct mapping *m, struct span value)
{
    struct span name = name_of_record(m, value);
    for (size_t i = 0; i < m->n_records; i++) {
        if (words_hold(m->records[i].match, name)) {
            return &m->records[i];
        }
    }
    return NULL;
}

/* ---- by what is there ---- */

struct lack {
    const struct record_map *record; /* the one that lacks nothing, or the least */
    const struct source *first;      /* what it lacks, or NULL */
    size_t count;
};

static bool in_header(const struct node *header, struct span name)
{
    for (const struct node *it = header->first; it; it = it->next) {
        if (span_eq(it->text, name)) {
            return true;
        }
    }
    return false;
}

static enum err has_value(struct reading *r, struct node *row, const struct source *key, bool *has)
{
    struct node *node = NULL;
    enum err err = source_find(key, row, r->t->arena, &node);
    *has = node && (!node_is_scalar(node) || fold_trim(node->text).len > 0);
    return err;
}

/* header: of CSV, or NULL to ask the row. */
static enum err find_lack(struct reading *r, const struct record_map *record,
                          const struct node *header, struct node *row, struct lack *out)
{
    *out = (struct lack){.record = record};
    for (size_t i = 0; i < record->n_keys; i++) {
        const struct source *key = &record->keys[i];
        bool has = header && in_header(header, key->name);
        enum err err = header ? ERR_OK : has_value(r, row, key, &has);
        if (err != ERR_OK) {
            return err;
        }
        if (!has) {
            out->first = out->first ? out->first : key;
            out->count++;
        }
    }
    return ERR_OK;
}

/* The first record that lacks nothing; else the one of which most is there. */
static bool nearer(const struct lack *a, const struct lack *b)
{
    if (!b->record || b->count == 0) {
        return !b->record;
    }
    size_t a_has = a->record->n_keys - a->count;
    size_t b_has = b->record->n_keys - b->count;
    return a->count == 0 || a_has > b_has || (a_has == b_has && a->count < b->count);
}

static enum err least_lack(struct reading *r, const struct node *header, struct node *row,
                           struct lack *best)
{
    *best = (struct lack){.record = NULL};
    for (size_t i = 0; i < r->m->n_records; i++) {
        struct lack lack;
        if (r->m->records[i].n_keys == 0 || r->m->records[i].inner) {
            continue;
        }
        enum err err = find_lack(r, &r->m->records[i], header, row, &lack);
        if (err != ERR_OK) {
            return err;
        }
        if (nearer(&lack, best)) {
            *best = lack;
        }
    }
    return ERR_OK;
}

/* ---- one row ---- */

/* What a row is not, as its own problem. */
static enum err spoil(struct reading *r, struct job *job, enum reason reason, struct span field,
                      struct span value)
{
    struct problem *bad = arena_alloc(r->t->arena, sizeof *bad);
    const struct node *row = job->node;
    const char *name = arena_strndup(r->t->arena, field.at ? field.at : "", field.len);
    const char *place = origin_place(row->line, job->place, field, r->t->arena);
    if (!bad || !name || !place) {
        return ERR_NOMEM;
    }
    node_problem(bad, r->t->arena, reason, name, place, value);
    job->bad = bad;
    return ERR_OK;
}

static enum err by_field(struct reading *r, struct job *job)
{
    const struct source *source = &r->m->find_source;
    struct node *node = NULL;
    enum err err = source_find(source, job->node, r->t->arena, &node);
    struct span value = node && node_is_scalar(node) ? fold_trim(node->text) : SPAN_NONE;
    job->record = record_of_value(r->m, value);
    if (err != ERR_OK || job->record) {
        return err;
    }
    return spoil(r, job, REASON_UNKNOWN_RECORD, source->name, value);
}

static enum err by_keys(struct reading *r, struct job *job)
{
    struct lack lack;
    enum err err = least_lack(r, NULL, job->node, &lack);
    if (err != ERR_OK || !lack.first) {
        job->record = lack.record;
        return err;
    }
    return spoil(r, job, REASON_MISSING_FIELD, lack.first->name, SPAN_NONE);
}

static enum err by_element(struct reading *r, struct job *job)
{
    job->record = record_of_value(r->m, job->node->name);
    return job->record ? ERR_OK
                       : spoil(r, job, REASON_UNKNOWN_RECORD, job->node->name, job->node->name);
}

static enum err find_record(struct reading *r, struct job *job)
{
    if (job->record || job->node->bad || job->node->kind != NODE_OBJECT) {
        return ERR_OK;
    }
    switch (r->m->find) {
    case FIND_FIELD:
        return by_field(r, job);
    case FIND_KEYS:
        return by_keys(r, job);
    case FIND_ELEMENT:
        return by_element(r, job);
    case FIND_FIXED:
    case FIND_MEMBER:
    case FIND_HEADER:
        break;
    }
    return ERR_OK;
}

/* ---- the whole message ---- */

static enum err record_by_header(struct reading *r, const struct node *header,
                                 const struct record_map **out)
{
    struct lack lack;
    enum err err = least_lack(r, header, NULL, &lack);
    *out = lack.record;
    if (err == ERR_OK && lack.first) {
        reading_refuse(r, REASON_MISSING_FIELD, lack.first->name.at, lack.first->name, SPAN_NONE);
    }
    return err;
}

static enum err record_by_member(struct reading *r, struct node *outer,
                                 const struct record_map **out)
{
    const struct source *source = &r->m->find_source;
    struct node *node = NULL;
    enum err err = outer ? source_find(source, outer, r->t->arena, &node) : ERR_OK;
    struct span value = node && node_is_scalar(node) ? span_trim(node->text) : SPAN_NONE;
    *out = record_of_value(r->m, value);
    if (err == ERR_OK && !node) {
        reading_refuse(r, REASON_MISSING_FIELD, source->name.at, source->name, SPAN_NONE);
    } else if (err == ERR_OK && !*out) {
        reading_refuse(r, REASON_UNKNOWN_RECORD, NULL, source->name, value);
    }
    return err;
}

/* NULL with a refusal, or when each row says it itself. */
static enum err record_of_all(struct reading *r, const struct contents *c,
                              const struct record_map **out)
{
    *out = NULL;
    switch (r->m->find) {
    case FIND_HEADER:
        return record_by_header(r, c->header, out);
    case FIND_MEMBER:
        return record_by_member(r, c->outer, out);
    case FIND_FIXED:
        *out = &r->m->records[0];
        break;
    case FIND_FIELD:
    case FIND_KEYS:
    case FIND_ELEMENT:
        break;
    }
    return ERR_OK;
}

static enum err push(struct reading *r, struct jobs *jobs, struct job job)
{
    if (jobs->n == jobs->cap) {
        size_t cap = jobs->cap > 0 ? 2 * jobs->cap : 32;
        struct job *at = arena_alloc(r->t->arena, cap * sizeof *at);
        if (!at) {
            return ERR_NOMEM;
        }
        if (jobs->n > 0) {
            memcpy(at, jobs->at, jobs->n * sizeof *at);
        }
        jobs->at = at;
        jobs->cap = cap;
    }
    jobs->at[jobs->n++] = job;
    return ERR_OK;
}

struct inner_take {
    struct reading *r;
    struct jobs *jobs;
    const struct record_map *record;
    size_t count;
    enum err err;
};

static bool take_inner(void *ctx, struct node *node)
{
    struct inner_take *t = ctx;
    struct job job = {.node = node, .record = t->record};
    if (node->line == 0 && t->record->each.path.n > 0) {
        job.place =
            arena_printf(t->r->t->arena, "%.*s[%zu].", SPAN_ARG(t->record->each.name), t->count);
    }
    t->count++;
    t->err = push(t->r, t->jobs, job);
    return t->err == ERR_OK && t->jobs->n <= t->r->t->limits->reports_max;
}

/* Where the rows are the very same, those that have a value in all keys. */
static enum err is_taken(struct reading *r, const struct record_map *record, struct node *row,
                         bool *taken)
{
    *taken = true;
    for (size_t i = 0; i < record->n_keys && *taken; i++) {
        struct node *node = NULL;
        enum err err = source_find(&record->keys[i], row, r->t->arena, &node);
        if (err != ERR_OK) {
            return err;
        }
        *taken =
            node && (!node_is_scalar(node) || !words_hold(record->nothing, fold_trim(node->text)));
    }
    return ERR_OK;
}

/* The rows inside a row, in the order of the mapping's records. */
static enum err push_inner(struct reading *r, struct jobs *jobs, struct job *outer)
{
    size_t index = outer->record ? (size_t)(outer->record - r->m->records) : r->m->n_records;
    for (size_t i = 0; i < r->m->n_records && !outer->bad; i++) {
        const struct record_map *inner = &r->m->records[i];
        struct inner_take take = {.r = r, .jobs = jobs, .record = inner, .err = ERR_OK};
        struct source_walk walk = {.arena = r->t->arena,
                                   .depth_max = r->t->limits->depth_max,
                                   .items = true,
                                   .visit = take_inner,
                                   .ctx = &take};
        bool taken = false;
        if (!inner->inner || inner->base != index) {
            continue;
        }
        enum err err = is_taken(r, inner, outer->node, &taken);
        if (err == ERR_OK && taken) {
            err = source_walk(&inner->each, outer->node, &walk);
        }
        if (err == ERR_OK && walk.broken) {
            err = spoil(r, outer, REASON_BAD_FORMAT, walk.broken->name, walk.broken->text);
        }
        if (err != ERR_OK || take.err != ERR_OK) {
            return err != ERR_OK ? err : take.err;
        }
    }
    return ERR_OK;
}

static enum err push_row(struct reading *r, struct jobs *jobs, const struct record_map *record,
                         struct node *row)
{
    struct job job = {.node = row, .record = record};
    if (r->m->container == CONTAINER_FORM && row->name.at) {
        job.place = arena_printf(r->t->arena, "%.*s.", SPAN_ARG(row->name));
    }
    enum err err = find_record(r, &job);
    size_t at = jobs->n;
    if (err == ERR_OK) {
        err = push(r, jobs, job);
    }
    if (err == ERR_OK && row->kind == NODE_OBJECT && !row->bad) {
        err = push_inner(r, jobs, &job);
        jobs->at[at].bad = job.bad;
    }
    return err;
}

enum err choose_rows(struct reading *r, const struct contents *contents, struct jobs *jobs)
{
    const struct record_map *record = NULL;
    struct row_list rows = {.at = NULL};
    size_t before = jobs->n;
    jobs->header = contents->header;
    jobs->charset = r->charset;
    size_t most = r->t->limits->reports_max;
    enum err err = record_of_all(r, contents, &record);
    if (err == ERR_OK && !reading_refused(r)) {
        err = container_rows(r, contents, &rows);
    }
    for (size_t i = 0; i < rows.n && err == ERR_OK && jobs->n <= most; i++) {
        err = push_row(r, jobs, record, rows.at[i]);
    }
    if (err != ERR_OK || reading_refused(r)) {
        return err;
    }
    if (jobs->n > most) {
        size_t many = before + rows.n > jobs->n ? before + rows.n : jobs->n;
        const char *count = arena_printf(r->t->arena, "%zu", many);
        reading_refuse(r, REASON_ARRAY_TOO_LARGE, NULL, SPAN_NONE, span_of(count));
    } else if (jobs->n == before) {
        reading_refuse(r, REASON_EMPTY_MESSAGE, NULL, SPAN_NONE, SPAN_NONE);
    }
    return ERR_OK;
}
