/* SPDX-License-Identifier: Apache-2.0 */
/* libxml2's events into nodes: no tree of its own, so that what foreign bytes can make us hold is
 * what the arena allows. */
#include "adapt/xml_tree.h"

#include <libxml/parser.h>
#include <limits.h>
#include <stdio.h>

#include "adapt/fold.h"

#define DEPTH_CEILING 64
#define XSI           "http://www.w3.org/2001/XMLSchema-instance"

struct builder {
    struct arena *arena;
    struct span text;
    xmlParserCtxt *ctxt;
    struct node *open[DEPTH_CEILING + 1]; /* the document, then the elements that are open */
    unsigned depth, depth_max;
    size_t count;
    struct buf run; /* text since the last tag */
    enum err err;
    enum reason reason; /* why parsing was stopped; REASON_NONE for bad syntax */
};

static void stop(struct builder *b, enum err err, enum reason reason)
{
    if (b->err == ERR_OK) {
        b->err = err;
        b->reason = reason;
    }
    xmlStopParser(b->ctxt);
}

static struct span of_xml(const xmlChar *text)
{
    return span_of((const char *)text);
}

static struct span copied(struct builder *b, const char *mark, struct span text)
{
    char *copy = arena_printf(b->arena, "%s%.*s", mark, SPAN_ARG(text));
    return span_of(copy);
}

static struct node *add(struct builder *b, struct node *parent, enum node_kind kind,
                        struct span name)
{
    if (++b->count > NODE_COUNT_MAX) {
        stop(b, ERR_SYNTAX, REASON_TOO_MANY);
        return NULL;
    }
    struct node *node = node_new(b->arena, kind);
    if (!node || !name.at) {
        stop(b, ERR_NOMEM, REASON_NONE);
        return NULL;
    }
    node->name = name;
    if (!node_gather(parent, node, b->arena)) {
        stop(b, ERR_NOMEM, REASON_NONE);
        return NULL;
    }
    return node;
}

/* Bytes read so far. */
static size_t place(const struct builder *b)
{
    long at = xmlByteConsumed(b->ctxt);
    return at < 0 || (size_t)at > b->text.len ? b->text.len : (size_t)at;
}

/* The row is known by its start tag, which ends here: attributes hold no '<'. */
static void note_place(const struct builder *b, struct node *node)
{
    size_t end = place(b);
    const char *start = end > 0 ? memrchr(b->text.at, '<', end) : NULL;
    uint32_t line = (uint32_t)xmlSAX2GetLineNumber(b->ctxt);
    node->raw.at = start ? start : b->text.at;
    for (const char *c = node->raw.at; c < b->text.at + end; c++) {
        line -= *c == '\n' && line > 1;
    }
    node->line = line;
}

/* Text beside elements: the element and all around it are spoilt as rows. */
static void spoil(struct builder *b)
{
    const struct node *node = b->open[b->depth];
    struct problem *bad = arena_alloc(b->arena, sizeof *bad);
    const char *name = arena_strndup(b->arena, node->name.at ? node->name.at : "", node->name.len);
    const char *field = arena_printf(b->arena, "[line %u].%.*s", node->line, SPAN_ARG(node->name));
    if (!bad || !name || !field) {
        stop(b, ERR_NOMEM, REASON_NONE);
        return;
    }
    node_problem(bad, b->arena, REASON_BAD_FORMAT, name, field, fold_trim(buf_span(&b->run)));
    for (unsigned i = 0; i <= b->depth; i++) {
        b->open[i]->bad = b->open[i]->bad ? b->open[i]->bad : bad;
    }
}

static bool is_blank(const struct builder *b)
{
    return b->run.len == 0 || fold_trim(buf_span(&b->run)).len == 0;
}

/* With entities left closed libxml2 writes every '&' of a value as "&#38;", for a tree of its own
 * to read again. Nothing else in a value can look like that. */
static struct span with_plain_ampersands(struct span value)
{
    static const struct span escape = {"&#38;", 5};
    char *text = (char *)(uintptr_t)value.at; /* our copy */
    size_t n = 0;
    for (size_t i = 0; text && i < value.len; n++) {
        struct span rest = {text + i, value.len - i};
        text[n] = text[i];
        i += span_starts(rest, escape) ? escape.len : 1;
    }
    return (struct span){text, n};
}

static void add_attributes(struct builder *b, struct node *node, int n, const xmlChar **attributes)
{
    for (int i = 0; i < n && b->err == ERR_OK; i++) {
        const xmlChar **a = attributes + (ptrdiff_t)5 * i; /* name, prefix, URI, value, its end */
        if (a[2] && span_is(of_xml(a[2]), XSI)) {
            continue;
        }
        struct span value = {(const char *)a[3], (size_t)(a[4] - a[3])};
        struct node *member = add(b, node, NODE_STRING, copied(b, "@", of_xml(a[0])));
        if (member) {
            member->text = with_plain_ampersands(copied(b, "", value));
        }
    }
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int n_spaces, const xmlChar **spaces, int n_attributes, int n_defaulted,
                     const xmlChar **attributes)
{
    xmlParserCtxt *ctxt = ctx;
    struct builder *b = ctxt->_private;
    (void)prefix;
    (void)uri;
    (void)n_spaces;
    (void)spaces;
    (void)n_defaulted;
    if (b->depth >= b->depth_max) {
        stop(b, ERR_SYNTAX, REASON_TOO_DEEP);
        return;
    }
    if (!is_blank(b)) {
        spoil(b);
    }
    buf_reset(&b->run);
    struct node *node = add(b, b->open[b->depth], NODE_OBJECT, copied(b, "", of_xml(name)));
    if (node) {
        note_place(b, node);
        b->open[++b->depth] = node;
        add_attributes(b, node, n_attributes, attributes);
    }
}

static bool has_elements(const struct node *node)
{
    for (const struct node *it = node->first; it; it = it->next) {
        if (it->name.len == 0 || it->name.at[0] != '@') {
            return true;
        }
    }
    return false;
}

static void on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    xmlParserCtxt *ctxt = ctx;
    struct builder *b = ctxt->_private;
    (void)name;
    (void)prefix;
    (void)uri;
    struct node *node = b->open[b->depth];
    if (!has_elements(node)) {
        char *copy = arena_strndup(b->arena, b->run.data ? b->run.data : "", b->run.len);
        node->text = (struct span){copy, b->run.len};
        if (!copy || buf_failed(&b->run)) {
            stop(b, ERR_NOMEM, REASON_NONE);
        }
    } else if (!is_blank(b)) {
        spoil(b);
    }
    buf_reset(&b->run);
    node->raw.len = (size_t)(b->text.at + place(b) - node->raw.at);
    b->depth--;
}

static void on_text(void *ctx, const xmlChar *text, int len)
{
    xmlParserCtxt *ctxt = ctx;
    struct builder *b = ctxt->_private;
    buf_put(&b->run, text, (size_t)len);
}

static void on_doctype(void *ctx, const xmlChar *name, const xmlChar *external,
                       const xmlChar *system)
{
    xmlParserCtxt *ctxt = ctx;
    (void)name;
    (void)external;
    (void)system;
    stop(ctxt->_private, ERR_SYNTAX, REASON_UNREADABLE);
}

/* What is wrong is read from the context afterwards; nothing is printed. */
static void on_error(void *ctx, xmlError *error)
{
    (void)ctx;
    (void)error;
}

static void explain(struct builder *b, struct problem *problem)
{
    char value[160];
    const xmlError *error = xmlCtxtGetLastError(b->ctxt);
    switch ((int)b->reason) {
    case REASON_TOO_DEEP:
        (void)snprintf(value, sizeof value, "%u", b->depth_max);
        break;
    case REASON_TOO_MANY:
        (void)snprintf(value, sizeof value, "%d", NODE_COUNT_MAX);
        break;
    case REASON_UNREADABLE:
        (void)snprintf(value, sizeof value, "DOCTYPE");
        break;
    default:
        b->reason = REASON_UNREADABLE;
        (void)snprintf(value, sizeof value, "line %d: %s", error ? error->line : 0,
                       error && error->message ? error->message : "not XML");
        value[strcspn(value, "\n")] = '\0';
        break;
    }
    node_problem(problem, b->arena, b->reason, "XML", NULL, span_of(value));
}

static enum err parse(struct builder *b)
{
    const xmlSAXHandler handlers = {
        .internalSubset = on_doctype,
        .startElementNs = on_start,
        .endElementNs = on_end,
        .characters = on_text,
        .ignorableWhitespace = on_text,
        .cdataBlock = on_text,
        .serror = on_error,
        .initialized = XML_SAX2_MAGIC,
    };
    b->ctxt = xmlNewParserCtxt();
    if (!b->ctxt) {
        return ERR_NOMEM;
    }
    *b->ctxt->sax = handlers;
    b->ctxt->_private = b;
    /* Neither NOENT nor HUGE nor RECOVER: entities stay closed, limits hold, errors are errors. */
    xmlDoc *none = xmlCtxtReadMemory(b->ctxt, b->text.at, (int)b->text.len, NULL, NULL,
                                     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                         XML_PARSE_IGNORE_ENC);
    xmlFreeDoc(none);
    const xmlError *error = xmlCtxtGetLastError(b->ctxt);
    if (b->err == ERR_OK && error && error->code == XML_ERR_NO_MEMORY) {
        return ERR_NOMEM;
    }
    return b->err == ERR_OK && !b->ctxt->wellFormed ? ERR_SYNTAX : b->err;
}

enum err xml_tree(struct span text, unsigned depth_max, struct arena *arena, struct node **out,
                  struct problem *problem)
{
    struct builder b = {
        .arena = arena,
        .text = text,
        .depth_max = depth_max < DEPTH_CEILING ? depth_max : DEPTH_CEILING,
    };
    *out = b.open[0] = node_new(arena, NODE_OBJECT);
    if (!*out) {
        return ERR_NOMEM;
    }
    /* libxml2 takes NUL bytes for a sign of another encoding. */
    if (text.len == 0 || text.len > INT_MAX || memchr(text.at, '\0', text.len)) {
        node_problem(problem, arena, REASON_UNREADABLE, "XML", NULL, SPAN_LIT("not XML"));
        return ERR_SYNTAX;
    }
    buf_init(&b.run, 0);
    enum err err = parse(&b);
    if (err == ERR_SYNTAX) {
        explain(&b, problem);
    }
    xmlFreeParserCtxt(b.ctxt);
    buf_free(&b.run);
    return err;
}

/* ---- the declaration ---- */

struct span xml_declared_encoding(struct span bytes)
{
    static const struct span mark = {"\xEF\xBB\xBF", 3};
    static const struct span key = {"encoding", 8};
    if (span_starts(bytes, mark)) {
        bytes = (struct span){bytes.at + mark.len, bytes.len - mark.len};
    }
    const char *end = bytes.len > 0 ? memchr(bytes.at, '>', bytes.len) : NULL;
    if (!end || !span_starts(bytes, SPAN_LIT("<?xml"))) {
        return SPAN_NONE;
    }
    struct span rest = {bytes.at, (size_t)(end - bytes.at)};
    const char *at = memmem(rest.at, rest.len, key.at, key.len);
    if (!at) {
        return SPAN_NONE;
    }
    rest = (struct span){at + key.len, (size_t)(end - at) - key.len};
    struct span before = span_cut(&rest, '=');
    rest = rest.at ? span_trim(rest) : rest;
    if (span_trim(before).len > 0 || rest.len < 2 || (rest.at[0] != '"' && rest.at[0] != '\'')) {
        return SPAN_NONE;
    }
    char quote = rest.at[0];
    rest = (struct span){rest.at + 1, rest.len - 1};
    struct span name = span_cut(&rest, quote);
    return rest.at ? name : SPAN_NONE;
}
