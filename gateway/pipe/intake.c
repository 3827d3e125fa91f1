/* SPDX-License-Identifier: Apache-2.0 */
#include "pipe/intake.h"

#include <strings.h>

#include "base/digest.h"
#include "model/json_read.h"
#include "model/may.h"
#include "model/proto_read.h"
#include "model/rules.h"
#include "pipe/expand.h"

/* What a refusal may still allocate when a message has used up its arena. */
#define REFUSAL_BYTES ((size_t)64 * 1024)

/* What taking a message needs beside its own bytes. */
#define TAKING_BYTES ((size_t)5 * 1024)

enum decoder { DECODE_JSON, DECODE_PROTOBUF, DECODE_NATIVE, DECODE_UNKNOWN };

/* An MQTT 5 content type taken apart: type, adapter name and declared charset, each may be empty.
 */
struct media {
    struct span type, adapter, charset;
};

struct read_limits intake_limits(const struct settings *s)
{
    return (struct read_limits){
        .reports_max = (size_t)s->intake.array_reports_max,
        .report_bytes_max = (size_t)s->intake.report_bytes_max,
        .depth_max = (unsigned)s->intake.json_depth_max,
        .attachments = {.bytes_max = (size_t)s->attachment.bytes_max,
                        .count_max = (size_t)s->attachment.count_max},
    };
}

struct rule_limits intake_rules(const struct settings *s)
{
    return (struct rule_limits){
        .lat_min = s->rules.lat_min,
        .lat_max = s->rules.lat_max,
        .lon_min = s->rules.lon_min,
        .lon_max = s->rules.lon_max,
        .lec_70_is_general = s->rules.lec_70_is_general,
    };
}

struct intake intake_of(const struct settings *s, const struct native_ops *native)
{
    return (struct intake){
        .node = s->node.code,
        .limits = intake_limits(s),
        .message_bytes_max = (size_t)s->intake.message_bytes_max,
        .arena_bytes_max = (size_t)s->intake.arena_bytes_max,
        .correlation_bytes_max = (size_t)s->intake.correlation_bytes_max,
        .response_topic_bytes_max = (size_t)s->intake.response_topic_bytes_max,
        .future_tolerance_us = s->intake.observed_ahead_max_s * 1000000,
        .rules = intake_rules(s),
        .native = native,
    };
}

static bool same_word(struct span a, const char *word)
{
    return a.len == strlen(word) && strncasecmp(a.at, word, a.len) == 0;
}

static struct media media_parse(struct span content_type)
{
    const struct span vendor = SPAN_LIT("application/vnd.dualgate.");
    struct media m = {0};
    struct span rest = content_type;
    m.type = span_trim(span_cut(&rest, ';'));
    if (m.type.len > vendor.len && strncasecmp(m.type.at, vendor.at, vendor.len) == 0) {
        m.adapter = (struct span){m.type.at + vendor.len, m.type.len - vendor.len};
    }
    while (rest.at != NULL) {
        struct span value = span_cut(&rest, ';');
        struct span name = span_trim(span_cut(&value, '='));
        if (same_word(name, "charset") && value.at != NULL) {
            m.charset = span_trim(value);
        }
    }
    return m;
}

static enum decoder decoder_of(const struct address *to, const struct media *media)
{
    if (to->native) {
        return DECODE_NATIVE;
    }
    if (media->charset.len > 0 && !same_word(media->charset, "utf-8") &&
        !same_word(media->charset, "utf8")) {
        return DECODE_UNKNOWN;
    }
    if (media->type.len == 0 || same_word(media->type, "application/json")) {
        return DECODE_JSON;
    }
    return same_word(media->type, "application/x-protobuf") ? DECODE_PROTOBUF : DECODE_UNKNOWN;
}

static void refuse(struct message *m, enum reason reason, struct span value)
{
    struct report r = {0};
    report_reject(&r, &m->arena, reason, NULL, NULL, value);
    m->problem = r.problem;
}

/* "12582913" as a span of the arena, for reasons that name a size. */
static struct span number_text(struct message *m, size_t n)
{
    return span_of(arena_printf(&m->arena, "%zu", n));
}

/* The adapter that reads a native message: named by the content type if it is one of the
 * publisher's, else the publisher's first. Empty when there is none. */
static struct span choose_adapter(const struct reg_publisher *publisher, const struct media *media)
{
    struct span rest = span_of(publisher->adapters);
    struct span first = SPAN_NONE;
    while (rest.at != NULL) {
        struct span name = span_cut(&rest, ' ');
        if (name.len == 0) {
            continue;
        }
        if (first.len == 0) {
            first = name;
        }
        if (media->adapter.len > 0 && span_eq(name, media->adapter)) {
            return name;
        }
    }
    return media->adapter.len > 0 ? SPAN_NONE : first;
}

static enum err read_native(const struct intake *in, struct message *m, const struct media *media,
                            const struct reg_publisher *publisher, struct report_set *set)
{
    if (publisher == NULL) {
        refuse(m, REASON_UNKNOWN_PUBLISHER, m->address.publisher);
        return ERR_OK;
    }
    struct span adapter = choose_adapter(publisher, media);
    if (adapter.len == 0) {
        refuse(m, REASON_NO_ADAPTER, media->adapter);
        return ERR_OK;
    }
    struct span charset = media->charset.len > 0 ? media->charset : span_of(publisher->charset);
    m->adapter = arena_strndup(&m->arena, adapter.at, adapter.len);
    m->charset = arena_strndup(&m->arena, charset.at, charset.len);
    if (m->adapter == NULL || m->charset == NULL) {
        return ERR_NOMEM;
    }
    enum err e = ERR_OK;
    if (in->native->redact != NULL) {
        e = in->native->redact(in->native_ctx, adapter, m->payload, &m->arena, &m->payload);
    }
    if (e == ERR_OK) {
        e = in->native->read(in->native_ctx, adapter, m->payload, charset, publisher, in->registry,
                             m->received_us, &m->arena, set);
    }
    if (e == ERR_NOT_FOUND) {
        refuse(m, REASON_NO_ADAPTER, adapter);
        return ERR_OK;
    }
    return e;
}

static enum err read_reports(const struct intake *in, struct message *m,
                             const struct reg_publisher *publisher, struct report_set *set)
{
    struct media media = media_parse(m->content_type);
    enum decoder decoder = decoder_of(&m->address, &media);
    if (decoder == DECODE_NATIVE) {
        return read_native(in, m, &media, publisher, set);
    }
    if (decoder == DECODE_UNKNOWN) {
        refuse(m, REASON_UNKNOWN_CONTENT_TYPE, m->content_type);
        return ERR_OK;
    }
    const struct record_type *record = schema_record(in->schema, m->address.record);
    if (record == NULL || record->via != NULL) {
        refuse(m, REASON_UNKNOWN_RECORD, m->address.record);
        return ERR_OK;
    }
    return decoder == DECODE_JSON
               ? json_read(in->schema, m->payload, record, &in->limits, &m->arena, set)
               : proto_read(in->schema, m->payload, record, &in->limits, &m->arena, set);
}

/* What can be said of the message before its payload is looked at. */
static bool check_message(const struct intake *in, struct message *m, const struct incoming *what)
{
    bool addressed = address_parse(m->topic, &m->address);
    m->publisher = arena_strndup(&m->arena, m->address.publisher.at, m->address.publisher.len);
    if (!addressed) {
        refuse(m, REASON_BAD_TOPIC, m->topic);
    } else if (!span_is(m->address.node, in->node)) {
        refuse(m, REASON_WRONG_NODE, m->address.node);
    } else if (what->retained) {
        refuse(m, REASON_RETAINED_MESSAGE, SPAN_NONE);
    } else if (m->payload.len == 0) {
        refuse(m, REASON_EMPTY_MESSAGE, SPAN_NONE);
    } else if (what->payload.len > in->message_bytes_max) {
        refuse(m, REASON_MESSAGE_TOO_LARGE, number_text(m, what->payload.len));
    }
    return m->problem.reason == REASON_NONE;
}

/* A receipt goes where it was asked to go only below the publisher's own down/ (contract.md §4).
 * What is refused is taken out, so that nobody downstream has to ask again. */
static void check_answer(const struct intake *in, struct message *m)
{
    struct span asked = m->response_topic;
    if (m->correlation.len > in->correlation_bytes_max) {
        m->correlation = SPAN_NONE;
    }
    if (asked.len == 0) {
        return;
    }
    struct span publisher = m->address.publisher;
    char *own = publisher.len > 0
                    ? arena_printf(&m->arena, "%.*s/down/",
                                   (int)(publisher.at + publisher.len - m->topic.at), m->topic.at)
                    : NULL;
    struct scope scope = {.topic = asked, .own_topic_prefix = span_of(own)};
    if (own == NULL || asked.len > in->response_topic_bytes_max ||
        !may(in->registry, NULL, VERB_RECEIVE, &scope)) {
        m->response_topic = SPAN_NONE;
        m->response_topic_refused = true;
    }
}

/* A report that is the whole message needs no second digest. */
static void know_digest(const struct message *m, struct report *r)
{
    if (r->raw.at == m->payload.at && r->raw.len == m->payload.len) {
        memcpy(r->raw_hash, m->payload_hash, DIGEST_BYTES);
        r->raw_hashed = true;
    }
}

static enum err make_entries(struct message *m, const struct report_set *set)
{
    size_t n = set->count > 0 ? set->count : 1;
    m->entries = arena_zalloc(&m->arena, n * sizeof *m->entries);
    if (m->entries == NULL) {
        return ERR_NOMEM;
    }
    m->n_entries = n;
    if (m->problem.reason == REASON_NONE && set->count == 0) {
        m->problem = set->problem;
        if (m->problem.reason == REASON_NONE) {
            refuse(m, REASON_EMPTY_MESSAGE, SPAN_NONE);
        }
    }
    for (size_t i = 0; i < n; i++) {
        struct entry *e = &m->entries[i];
        e->message = m;
        if (i < set->count) {
            e->report = set->items[i];
            know_digest(m, &e->report);
        } else {
            e->report.problem = m->problem;
            e->report.raw = m->payload;
        }
    }
    return ERR_OK;
}

/* Who speaks: an organisation only on its own topic. */
static struct principal principal_of(const struct intake *in, const struct message *m,
                                     const struct reg_publisher *publisher)
{
    bool as_org = publisher != NULL && span_is(m->address.sector, SECTOR_OF_ORGANISATIONS) &&
                  strcmp(publisher->kind, "ORG") == 0;
    return (struct principal){
        .publisher = publisher,
        .org = as_org ? registry_org(in->registry, span_of(publisher->code)) : NULL,
    };
}

static enum err judge(const struct intake *in, struct message *m,
                      const struct reg_publisher *publisher)
{
    struct principal who = principal_of(in, m, publisher);
    struct rules_context ctx = {
        .schema = in->schema,
        .registry = in->registry,
        .node = in->node,
        .publisher = &who,
        .topic_sector = m->address.sector,
        .received_us = m->received_us,
        .future_tolerance_us = in->future_tolerance_us,
        .limits = &in->rules,
        .attachments = in->limits.attachments,
    };
    for (size_t i = 0; i < m->n_entries; i++) {
        struct report *r = &m->entries[i].report;
        if (r->problem.reason != REASON_NONE) {
            continue;
        }
        enum err e = rules_judge(&ctx, r, &m->arena);
        if (e == ERR_OK && r->problem.reason == REASON_NONE) {
            e = report_settle_identity(r, &m->arena, m->received_us);
        }
        if (e == ERR_OK) {
            e = expand_entry(&ctx, &m->entries[i], &m->arena);
        }
        if (e != ERR_OK) {
            return e;
        }
        if (m->address.native && r->problem.reason != REASON_NONE) {
            in->native->blame(in->native_ctx, span_of(m->adapter), r, &m->arena);
        }
    }
    return expand_join(m);
}

static enum err take(const struct intake *in, struct message *m, const struct incoming *what)
{
    struct report_set set = {0};
    const struct reg_publisher *publisher = NULL;
    bool readable = check_message(in, m, what);
    check_answer(in, m);
    if (readable) {
        publisher = registry_publisher(in->registry, m->address.publisher);
        enum err e = read_reports(in, m, publisher, &set);
        if (e != ERR_OK) {
            return e;
        }
    }
    enum err e = make_entries(m, &set);
    return e == ERR_OK ? judge(in, m, publisher) : e;
}

/* The payload asked for more memory than one message may have. That is its fault, not a shortage of
 * ours: the cap is lifted by what a refusal needs, and it is told so. */
static enum err refuse_greedy(struct message *m)
{
    m->arena.max_bytes += REFUSAL_BYTES;
    m->entries = NULL;
    m->n_entries = 0;
    refuse(m, REASON_MESSAGE_TOO_LARGE, number_text(m, m->payload.len));
    return make_entries(m, &(struct report_set){0});
}

/* Whatever its size, a message can be taken: one that could not would come back for ever. */
static size_t arena_max(const struct intake *in, const struct incoming *what)
{
    size_t least = what->payload.len + what->topic.len + what->content_type.len +
                   what->response_topic.len + what->correlation.len + TAKING_BYTES;
    return in->arena_bytes_max > least ? in->arena_bytes_max : least;
}

struct message *intake_take(const struct intake *in, const struct incoming *what)
{
    /* What is too large is kept up to the limit, under the digest of the whole. */
    struct incoming kept = *what;
    kept.payload.len =
        what->payload.len > in->message_bytes_max ? in->message_bytes_max : what->payload.len;
    struct message *m = message_new(&kept, clock_wall_us(in->clock), arena_max(in, &kept));
    if (m == NULL) {
        return NULL;
    }
    digest_of(what->payload, m->payload_hash);
    enum err e = take(in, m, what);
    if (e == ERR_NOMEM && m->arena.capped) {
        e = refuse_greedy(m);
    }
    if (e != ERR_OK) {
        message_free(m);
        return NULL;
    }
    m->bytes = m->arena.held;
    return m;
}
