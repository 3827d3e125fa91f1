/* SPDX-License-Identifier: Apache-2.0 */
#include "adapt/trial.h"

#include "adapt/csv_rows.h"
#include "adapt/load.h"
#include "model/rules.h"

#define REGISTER_BYTES_MAX  ((size_t)4 << 20)
#define FUTURE_TOLERANCE_US (INT64_C(600) * 1000000)

/* The cell as text, "" when there is none. */
static const char *cell(const struct node *row, const char *column)
{
    const struct node *node = node_member(row, span_of(column));
    return node && node->text.at ? node->text.at : "";
}

static const char *or_else(const char *text, const char *other)
{
    return text[0] ? text : other;
}

static enum err add_sector(struct registry *r, const struct node *row)
{
    const char *code = cell(row, "sector");
    struct reg_sector sector = {.code = code, .profile = or_else(cell(row, "profile"), code)};
    return registry_sector(r, span_of(code)) ? ERR_OK : registry_add_sector(r, &sector);
}

/* Every entity is its own unit "" as well; one that is registered only with a named unit gets it by
 * that row. */
static enum err add_unit(struct registry *r, const struct node *row)
{
    struct reg_unit unit = {
        .uscc = cell(row, "uscc"),
        .unit = "",
        .division = cell(row, "division"),
        .company_code = cell(row, "company_code"),
        .name = cell(row, "name"),
    };
    struct reg_division division = {.code = unit.division};
    enum err err =
        registry_division(r, span_of(unit.division)) ? ERR_OK : registry_add_division(r, &division);
    bool named = cell(row, "unit")[0] != '\0';
    if (err == ERR_OK && (!named || !registry_has_entity(r, span_of(unit.uscc)))) {
        err = registry_add_unit(r, &unit, cell(row, "sector"));
    }
    unit.unit = cell(row, "unit");
    return err == ERR_OK && named ? registry_add_unit(r, &unit, cell(row, "sector")) : err;
}

static enum err add_publisher(struct registry *r, const struct node *row, const char *adapter)
{
    const char *uscc = cell(row, "uscc");
    const char *code = or_else(cell(row, "publisher"), uscc);
    bool itself = strcmp(code, uscc) == 0;
    struct reg_publisher publisher = {
        .code = code,
        .kind = itself ? "ENTITY" : "PLATFORM",
        .adapters = adapter,
        .charset = "",
        .key = cell(row, "key"),
        .company_code = itself ? cell(row, "company_code") : "",
        .active = true,
    };
    enum err err = ERR_OK;
    const struct reg_publisher *known = registry_publisher(r, span_of(code));
    if (!known || itself) {
        err = registry_add_publisher(r, &publisher);
    }
    if (err == ERR_OK && !itself) {
        err = registry_add_authorisation(r, code, uscc, "");
    }
    return err;
}

static enum err add_row(struct registry *r, const struct node *row, const char *adapter)
{
    enum err err = row->kind == NODE_OBJECT ? add_sector(r, row) : ERR_INVALID;
    if (err == ERR_OK) {
        err = add_unit(r, row);
    }
    return err == ERR_OK ? add_publisher(r, row, adapter) : err;
}

static void note_first(const struct node *row, struct trial_register *out)
{
    struct span division = span_of(cell(row, "division"));
    size_t n = division.len < 6 ? division.len : 6;
    memcpy(out->node, division.at, n);
    out->node[n] = '\0';
    out->publisher = or_else(cell(row, "publisher"), cell(row, "uscc"));
}

/* What is wrong with a row; NULL when nothing is. */
static const char *fault_of(const struct node *row)
{
    size_t digits = strspn(cell(row, "division"), "0123456789");
    if (row->kind != NODE_OBJECT) {
        return "has more or fewer cells than the heading; expected as many";
    }
    if (cell(row, "uscc")[0] == '\0') {
        return "has no uscc; expected a unified social credit code";
    }
    if (cell(row, "division")[digits] != '\0' || (digits != 6 && digits != 9 && digits != 12)) {
        return "has no division; expected 6, 9 or 12 digits";
    }
    return cell(row, "sector")[0] == '\0' ? "has no sector; expected a code" : NULL;
}

enum err trial_register_load(const char *path, const char *adapter, struct arena *arena,
                             struct trial_register *out, struct buf *complaints)
{
    struct span bytes;
    struct span text;
    struct csv_table table;
    struct problem problem = {.reason = REASON_NONE};
    size_t faults = 0;
    *out = (struct trial_register){.registry = NULL};
    enum err err = load_file(path, REGISTER_BYTES_MAX, arena, &bytes);
    if (err == ERR_OK) {
        err = charset_decode(CHARSET_UTF8, bytes, arena, &text);
    }
    if (err == ERR_OK) {
        err = csv_rows(text, ',', arena, &table, &problem);
    }
    if (err == ERR_OK) {
        err = table.rows->first ? registry_new(&out->registry) : ERR_INVALID;
    }
    for (const struct node *row = err == ERR_OK ? table.rows->first : NULL; row; row = row->next) {
        const char *fault = fault_of(row);
        if (fault) {
            buf_printf(complaints, "%s:%u:1: the row %s\n", path, row->line, fault);
        }
        faults += fault ? 1 : 0;
        err = fault ? ERR_OK : add_row(out->registry, row, adapter);
        if (err != ERR_OK && err != ERR_NOMEM) {
            buf_printf(complaints, "%s:%u:1: the row cannot be added to those above it: %s\n", path,
                       row->line, err_text(err));
            faults++;
            err = ERR_OK;
        }
    }
    err = err == ERR_OK && faults > 0 ? ERR_INVALID : err;
    if (err == ERR_OK) {
        note_first(table.rows->first, out);
        return ERR_OK;
    }
    trial_register_free(out);
    if (err != ERR_NOMEM && err != ERR_NOT_FOUND) {
        if (faults == 0) {
            buf_printf(complaints,
                       "%s:1:1: not a register; expected CSV in UTF-8 with the columns "
                       "uscc, name, division, sector and a row for each entity\n",
                       path);
        }
        return ERR_INVALID;
    }
    return err;
}

void trial_register_free(struct trial_register *r)
{
    registry_free(r->registry);
    r->registry = NULL;
}

static struct span sector_of(const struct trial *trial, const struct report *r)
{
    const Dualgate__V1__Report *env = r->env;
    const struct reg_unit *unit = env && env->uscc
                                      ? registry_unit(trial->registry, span_of(env->uscc),
                                                      span_of(env->unit ? env->unit : ""))
                                      : NULL;
    return unit ? span_of(unit->sector->code) : SPAN_LIT("other");
}

enum err trial_run(const struct trial *trial, struct span payload, struct arena *arena,
                   struct report_set *out)
{
    struct principal who = {.publisher = trial->publisher};
    struct rules_context ctx = {
        .schema = adapters_schema(trial->adapters),
        .registry = trial->registry,
        .node = trial->node,
        .publisher = &who,
        .received_us = trial->received_us,
        .future_tolerance_us = FUTURE_TOLERANCE_US,
        .attachments = adapters_limits(trial->adapters)->attachments,
    };
    union {
        const struct adapters *read_only;
        void *plain;
    } set = {.read_only = trial->adapters};
    enum err err = adapt_read(set.plain, trial->adapter, payload, trial->charset, trial->publisher,
                              trial->registry, trial->received_us, arena, out);
    for (size_t i = 0; i < out->count && err == ERR_OK; i++) {
        struct report *r = &out->items[i];
        if (r->problem.reason != REASON_NONE) {
            continue;
        }
        ctx.topic_sector = sector_of(trial, r);
        err = rules_judge(&ctx, r, arena);
        adapt_blame(trial->adapters, trial->adapter, r, arena);
    }
    return err;
}
