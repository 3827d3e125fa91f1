/* SPDX-License-Identifier: Apache-2.0 */
/* A mapping against its own samples: each file of <adapter>/samples with what must come of it
 * beside it. Done before a mapping is used, when its file changes, and by the golden tests.
 * adapters/README.md says how samples are written. */
#ifndef ADAPT_SAMPLE_H
#define ADAPT_SAMPLE_H

#include "adapt/adapt.h"

struct sample_count {
    size_t files;
    size_t accepted; /* reports expected to be taken, and taken so */
    size_t rejected; /* reports or messages expected to be refused, and refused so */
};

/* Runs all samples of one adapter of the set below dir. Every difference is a line of complaints,
 * `expected file:line: report n: what: expected …, came …`: then ERR_INVALID. An adapter without
 * samples is ERR_OK with a count of zero. */
MUST_CHECK enum err sample_check(const struct adapters *a, const char *dir, const struct mapping *m,
                                 struct sample_count *count, struct buf *complaints);
/* All adapters of the set. */
MUST_CHECK enum err adapt_check(const struct adapters *a, const char *dir, struct buf *complaints);

/* A sample as it is written for people into the bytes that would be published. x.plain.json: what
 * stands in clear gets its envelope. x.plain.form: lines key=value become one form,
 * percent-encoded. x.utf8.EXT: from UTF-8 into the mapping's encoding, or the one that the XML
 * declares. Others are as they are. ERR_SYNTAX when it cannot be; ERR_NOMEM. */
MUST_CHECK enum err sample_prepare(const struct mapping *m, const char *file, struct span written,
                                   struct span key, struct arena *arena, struct span *payload);

#endif
