/* SPDX-License-Identifier: Apache-2.0 */
/* `dualgate register import FILE --source ORG`: an organisation's list of entities or units, kept
 * as it came beside the register. The register itself changes only by `register merge --apply`. */
#ifndef CLI_SOURCE_IMPORT_H
#define CLI_SOURCE_IMPORT_H

#include "cli/register_kind.h"
#include "cli/register_names.h"

struct source_file {
    const char *path, *org, *list, *encoding;
    const struct register_kind *kind; /* or NULL */
    struct span bytes;                /* as they lie in the file */
    struct span text;                 /* the same as UTF-8 */
    bool dry_run, json;
};

/* Prints what is wrong and what came of it. CLI_WRONG when a row has a problem, or the list could
 * not be taken. The list's predecessor (same org, kind and name) is superseded. */
int source_import(struct sync *db, const struct register_names *names, const struct source_file *f);

#endif
