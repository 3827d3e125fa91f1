/* SPDX-License-Identifier: Apache-2.0 */
/* A photo or document that stands in a text: `data:image/jpeg;base64,…` (RFC 2397). Knows the kinds
 * that are taken, by their names and by their first bytes; a kind is what the bytes are, never what
 * somebody says they are. */
#ifndef MODEL_DATA_URI_H
#define MODEL_DATA_URI_H

#include <stdbool.h>

#include "base/span.h"
#include "model/reason.h"

enum media { MEDIA_NONE, MEDIA_PNG, MEDIA_JPEG, MEDIA_PDF, MEDIA_COUNT };

/* "image/png"; "" of none. */
const char *media_type(enum media kind);
/* "png", for file names; "" of none. */
const char *media_suffix(enum media kind);
bool media_is_picture(enum media kind);
/* MEDIA_NONE where the type is not one of the list. */
enum media media_of_type(struct span type);
/* By the first bytes. */
enum media media_of_bytes(struct span bytes);

struct data_uri {
    enum media kind;
    struct span bytes; /* where the text was */
    struct span wrong; /* with a reason: what to show of it */
};

/* Does the text say that it holds its bytes itself? */
bool data_uri_is(struct span text);
/* Decodes in place: text is overwritten by its bytes, also when they are refused. REASON_NONE,
 * ATTACHMENT_TOO_LARGE (out->wrong is empty), ATTACHMENT_TYPE, ATTACHMENT_BROKEN. */
enum reason data_uri_read(char *text, size_t len, size_t bytes_max, struct data_uri *out);

#endif
