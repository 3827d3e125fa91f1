/* SPDX-License-Identifier: Apache-2.0 */
/* Samples are written so that people can read and review them; publishers send other bytes. */
#include "adapt/frames.h"
#include "adapt/json_tree.h"
#include "adapt/sample.h"
#include "adapt/xml_tree.h"

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text);
    size_t m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static enum charset charset_of(const struct mapping *m, struct span written)
{
    return m->charset == CHARSET_UNKNOWN ? charset_of_name(xml_declared_encoding(written))
                                         : m->charset;
}

/* Appends one message with its member sealed. */
static enum err seal_one(const struct mapping *m, struct span written, struct span key,
                         struct arena *arena, struct buf *out)
{
    struct node *root = NULL;
    struct problem problem = {.reason = REASON_NONE};
    enum err err = json_tree(written, 32, arena, &root, &problem);
    if (err != ERR_OK) {
        return err;
    }
    const struct node *plain =
        root->kind == NODE_OBJECT ? node_member(root, m->sealed_member) : NULL;
    if (!plain || plain->raw.len == 0) {
        return ERR_SYNTAX;
    }
    struct span bytes;
    err = charset_encode(m->charset, plain->raw, arena, &bytes);
    if (err != ERR_OK) {
        return err;
    }
    const char *after = plain->raw.at + plain->raw.len;
    buf_put(out, written.at, (size_t)(plain->raw.at - written.at));
    buf_putc(out, '"');
    err = envelope_seal(m->envelope, bytes, key, out);
    buf_putc(out, '"');
    buf_put(out, after, (size_t)(written.at + written.len - after));
    return err;
}

static enum err seal(const struct mapping *m, struct span written, struct span key,
                     struct arena *arena, struct buf *out)
{
    struct span frame;
    enum err err = ERR_OK;
    if (m->frame_end.len == 0) {
        return seal_one(m, written, key, arena, out);
    }
    while (err == ERR_OK &&
           frame_take(&written, m->frame_end, written.len, &frame) == FRAME_WHOLE) {
        err = seal_one(m, frame, key, arena, out);
        buf_put_span(out, m->frame_end);
    }
    if (err == ERR_OK && span_trim(written).len > 0) {
        err = seal_one(m, written, key, arena, out); /* without its end */
    }
    return err;
}

static void put_escaped(struct buf *out, struct span bytes)
{
    for (size_t i = 0; bytes.at && i < bytes.len; i++) {
        char c = bytes.at[i];
        bool plain = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
                     (c != '\0' && strchr("-_.~", c) != NULL);
        if (plain) {
            buf_putc(out, c);
        } else {
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
        }
    }
}

static enum err put_pair(enum charset charset, struct span line, struct arena *arena,
                         struct buf *out)
{
    struct span value = line;
    struct span key = span_cut(&value, '=');
    enum err err = charset_encode(charset, key, arena, &key);
    if (err == ERR_OK && value.at) {
        err = charset_encode(charset, value, arena, &value);
    }
    if (err == ERR_OK) {
        put_escaped(out, key);
        buf_puts(out, value.at ? "=" : "");
        put_escaped(out, value);
    }
    return err;
}

static enum err fill_form(const struct mapping *m, struct span written, struct arena *arena,
                          struct buf *out)
{
    enum err err = ERR_OK;
    for (struct span rest = written; rest.at && err == ERR_OK;) {
        struct span line = span_trim(span_cut(&rest, '\n'));
        if (line.len > 0) {
            buf_puts(out, out->len > 0 ? "&" : "");
            err = put_pair(m->charset, line, arena, out);
        }
    }
    return err;
}

enum err sample_prepare(const struct mapping *m, const char *file, struct span written,
                        struct span key, struct arena *arena, struct span *payload)
{
    const char *slash = strrchr(file, '/');
    bool sealed = m->envelope.kind != ENVELOPE_NONE && ends_with(file, ".plain.json");
    bool form = m->container == CONTAINER_FORM && ends_with(file, ".plain.form");
    enum err err = ERR_OK;
    *payload = written;
    if (strstr(slash ? slash : file, ".utf8.")) {
        err = charset_encode(charset_of(m, written), written, arena, payload);
    }
    if (sealed || form) {
        struct buf out;
        buf_init(&out, 0);
        err = sealed ? seal(m, written, key, arena, &out) : fill_form(m, written, arena, &out);
        char *copy =
            buf_failed(&out) ? NULL : arena_strndup(arena, out.data ? out.data : "", out.len);
        *payload = (struct span){copy, out.len};
        err = err == ERR_OK && !copy ? ERR_NOMEM : err;
        buf_free(&out);
    }
    return err == ERR_INVALID || err == ERR_DATA ? ERR_SYNTAX : err;
}
