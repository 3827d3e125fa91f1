/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/register_rows.h"

#define VALID(t)                                                      \
    t ".valid_from <= " REGISTER_TODAY " and (" t ".valid_to is null" \
      " or " t ".valid_to >= " REGISTER_TODAY ")"

const char *register_cell(const struct pg_result *r, size_t row, int col)
{
    struct span s;
    return result_text(r, row, col, &s) ? s.at : NULL;
}

static const char *cell_or_empty(const struct pg_result *r, size_t row, int col)
{
    const char *text = register_cell(r, row, col);
    return text ? text : "";
}

static enum err take_sectors(struct registry *reg, const struct pg_result *r)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < result_rows(r) && err == ERR_OK; i++) {
        struct reg_sector row = {.code = cell_or_empty(r, i, 0),
                                 .profile = cell_or_empty(r, i, 1),
                                 .lead_org = cell_or_empty(r, i, 2),
                                 .co_orgs = cell_or_empty(r, i, 3)};
        err = registry_add_sector(reg, &row);
    }
    return err;
}

static enum err take_orgs(struct registry *reg, const struct pg_result *r)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < result_rows(r) && err == ERR_OK; i++) {
        bool active = false;
        (void)result_bool(r, i, 4, &active);
        struct reg_org row = {.code = cell_or_empty(r, i, 0),
                              .kind = org_kind_of(span_of(cell_or_empty(r, i, 1))),
                              .division = cell_or_empty(r, i, 2),
                              .sectors = cell_or_empty(r, i, 3),
                              .active = active};
        err = registry_add_org(reg, &row);
    }
    return err;
}

static enum err take_divisions(struct registry *reg, const struct pg_result *r)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < result_rows(r) && err == ERR_OK; i++) {
        bool retired = false;
        (void)result_bool(r, i, 2, &retired);
        struct reg_division row = {.code = cell_or_empty(r, i, 0),
                                   .mapped_to = register_cell(r, i, 1),
                                   .retired = retired};
        err = registry_add_division(reg, &row);
    }
    return err;
}

static enum err take_publishers(struct registry *reg, const struct pg_result *r)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < result_rows(r) && err == ERR_OK; i++) {
        bool active = false;
        (void)result_bool(r, i, 6, &active);
        struct reg_publisher row = {.code = cell_or_empty(r, i, 0),
                                    .kind = cell_or_empty(r, i, 1),
                                    .adapters = cell_or_empty(r, i, 2),
                                    .charset = cell_or_empty(r, i, 3),
                                    .key = cell_or_empty(r, i, 4),
                                    .company_code = cell_or_empty(r, i, 5),
                                    .active = active};
        err = registry_add_publisher(reg, &row);
    }
    return err;
}

static enum err take_authorisations(struct registry *reg, const struct pg_result *r)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < result_rows(r) && err == ERR_OK; i++) {
        err = registry_add_authorisation(reg, cell_or_empty(r, i, 0), cell_or_empty(r, i, 1),
                                         cell_or_empty(r, i, 2));
    }
    return err;
}

static enum err take_code_systems(struct registry *reg, const struct pg_result *r)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < result_rows(r) && err == ERR_OK; i++) {
        struct code_edition row = {.system = cell_or_empty(r, i, 0),
                                   .version = cell_or_empty(r, i, 1),
                                   .last_day = INT64_MAX};
        (void)result_int(r, i, 2, &row.first_day);
        if (!result_null(r, i, 3)) {
            (void)result_int(r, i, 3, &row.last_day);
        }
        (void)result_bool(r, i, 4, &row.complete);
        err = code_book_add_edition(registry_codes_mutable(reg), &row);
    }
    return err;
}

const struct register_table register_tables[] = {
    {{"register_sectors",
      "select code, profile, lead_org, array_to_string(co_orgs, ' ') from register.sector"},
     take_sectors},
    {{"register_orgs",
      "select code, kind, division, array_to_string(sectors, ' '), active from register.org"},
     take_orgs},
    {{"register_divisions", "select code, mapped_to, coalesce(valid_to < " REGISTER_TODAY
                            ", false) from register.division"},
     take_divisions},
    {{"register_publishers",
      "select code, kind, array_to_string(adapters, ' '), charset, adapter_key,"
      " company_code, active from register.publisher"},
     take_publishers},
    {{"register_authorisations",
      "select a.publisher, a.uscc, a.sector from register.authorisation a"
      " where " VALID("a")},
     take_authorisations},
    {{"register_code_systems", "select system, version, (valid_from - date '1970-01-01')::bigint,"
                               "       (valid_to - date '1970-01-01')::bigint, complete"
                               "  from register.code_system order by system, version"},
     take_code_systems},
};

_Static_assert(sizeof register_tables / sizeof register_tables[0] == REGISTER_TABLES,
               "as the header says");

static enum err take_units(struct registry *reg, const struct pg_result *r)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < result_rows(r) && err == ERR_OK; i++) {
        struct reg_unit row = {.uscc = cell_or_empty(r, i, 0),
                               .unit = cell_or_empty(r, i, 1),
                               .division = cell_or_empty(r, i, 2),
                               .company_code = cell_or_empty(r, i, 4),
                               .name = cell_or_empty(r, i, 5),
                               .profile = register_cell(r, i, 6),
                               .co_sectors = cell_or_empty(r, i, 7),
                               .industry = cell_or_empty(r, i, 8)};
        err = registry_add_unit(reg, &row, cell_or_empty(r, i, 3));
    }
    return err;
}

static enum err take_codes(struct registry *reg, const struct pg_result *r)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < result_rows(r) && err == ERR_OK; i++) {
        err = code_book_add_code(registry_codes_mutable(reg), cell_or_empty(r, i, 0),
                                 cell_or_empty(r, i, 1), cell_or_empty(r, i, 2),
                                 cell_or_empty(r, i, 3), cell_or_empty(r, i, 4));
    }
    return err;
}

static enum err take_code_maps(struct registry *reg, const struct pg_result *r)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < result_rows(r) && err == ERR_OK; i++) {
        err = code_book_add_map(registry_codes_mutable(reg), cell_or_empty(r, i, 0),
                                cell_or_empty(r, i, 1), cell_or_empty(r, i, 2),
                                cell_or_empty(r, i, 3), cell_or_empty(r, i, 4));
    }
    return err;
}

const struct register_page register_pages[] = {
    {{"register_units",
      "select u.uscc, u.unit, u.division, u.sector, coalesce(e.company_code, ''), u.name,"
      "       u.profile, array_to_string(u.co_sectors, ' '), coalesce(e.industry, '')"
      "  from register.unit u join register.entity e on e.uscc = u.uscc"
      " where (u.uscc, u.unit) > ($1::text, $2::text)"
      "   and " VALID("u") " and " VALID("e") " order by u.uscc, u.unit limit $3::int4"},
     2,
     take_units},
    {{"register_codes",
      "select system, version, code, name, coalesce(parent, '') from register.code"
      " where (system, version, code) > ($1::text, $2::text, $3::text)"
      " order by system, version, code limit $4::int4"},
     3,
     take_codes},
    {{"register_code_maps",
      "select system, from_version, from_code, to_version, to_code from register.code_map"
      " where (system, from_version, from_code, to_version)"
      "     > ($1::text, $2::text, $3::text, $4::text)"
      " order by system, from_version, from_code, to_version limit $5::int4"},
     4,
     take_code_maps},
};

_Static_assert(sizeof register_pages / sizeof register_pages[0] == REGISTER_PAGES,
               "as the header says");
