/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/life_rows.h"

#include "codes.pb-c.h"
#include "pg/life_events.h"

#define DAYS(column) "(" column " - date '1970-01-01')"

/* clang-format off */
const char life_probe_sql[] =
    "select k.n, h.observed_at, h.source_system, h.source_seq::text, h.state_rank, h.ledger_no,"
    "       h.xmin::text, h.deleted, h.state, h.level, h.found_by, " DAYS("h.deadline") ", h.round,"
    "       h.rectified_at, h.accept_time, h.closed_at,"
    "       l.uscc is not null, h.supervision_state, l.lister, l.escalated, l.withdrawal,"
    "       l.withdrawal_at, l.withdrawal_by, l.denied, l.reported_state, l.reported_level,"
    "       " DAYS("l.reported_deadline") ", l.extended_by, " DAYS("l.deadline_before") ","
    "       l.rejections, l.reopenings, l.self_extensions, l.extensions, l.observed_at,"
    "       l.source_system, l.source_seq::text, l.state_rank, l.ledger_no, h.unit"
    "  from unnest($1::text[], $2::text[]) with ordinality k(uscc, id, n)"
    "  join exchange.hazard h on h.uscc = k.uscc and h.id = k.id"
    "  left join exchange.hazard_life l on l.uscc = k.uscc and l.id = k.id";
/* clang-format on */

const char life_touched_columns[] =
    "state = x.state, level = x.level, found_by = x.found_by, deadline = x.deadline,"
    " round = x.round, rectified_at = x.rectified_at, accept_time = x.accept_time,"
    " closed_at = x.closed_at, supervision_state = x.supervision_state,"
    " withdrawal = x.withdrawal, deleted = x.deleted, observed_at = x.observed_at,"
    " source_system = x.source_system, source_seq = x.source_seq, state_rank = x.state_rank,"
    " ledger_no = x.ledger_no";

enum probe_column {
    P_OBSERVED = 1,
    P_TOKEN = LIFE_PROBE_FIRST,
    P_DELETED,
    P_STATE,
    P_LEVEL,
    P_FOUND_BY,
    P_DEADLINE,
    P_ROUND,
    P_RECTIFIED,
    P_ACCEPTED,
    P_CLOSED,
    P_HAS_ROW,
    P_SUPERVISION,
    P_LISTER,
    P_ESCALATED,
    P_WITHDRAWAL,
    P_WITHDRAWAL_AT,
    P_WITHDRAWAL_BY,
    P_DENIED,
    P_REPORTED_STATE,
    P_REPORTED_LEVEL,
    P_REPORTED_DEADLINE,
    P_EXTENDED_BY,
    P_DEADLINE_BEFORE,
    P_REJECTIONS,
    P_REOPENINGS,
    P_SELF_EXTENSIONS,
    P_EXTENSIONS,
    P_LAST_OBSERVED,
    P_UNIT = P_LAST_OBSERVED + 5
};

/* clang-format off */
/* One kind of thing said: what it has no column for is null. */
#define SAID(kind, record, key, columns)                                                  \
    "select " kind ", ledger_no, observed_at, source_system, source_seq, state_rank, op," \
    " " columns " from exchange." record "_history"                                       \
    " where uscc = k.uscc and " key " = k.id"

const struct pg_statement life_past = {
    "life_past",
    "select k.n, s.kind, s.observed_at, s.source_system, s.source_seq::text, s.state_rank,"
    "       s.ledger_no, l.authority, l.publisher, s.op, s.state, s.level, s.found_by,"
    "       s.supervision, s.manage_type = 'ON_THE_SPOT', " DAYS("s.day") ", s.round,"
    "       s.rectified_at, s.accepted_at, s.closed_at, s.from_state, s.code, s.n, s.asked_at,"
    "       s.what"
    "  from unnest($1::text[], $2::text[]) with ordinality k(uscc, id, n)"
    " cross join lateral (select * from ("
    SAID("0 as kind", "hazard", "id",
         "state, level, coalesce(found_by, case when enforcement_no <> '' then 'AUTHORITY' end)"
         " as found_by, supervision_state as supervision, manage_type, deadline as day, round,"
         " rectified_at, accept_time as accepted_at, closed_at, null::text as from_state,"
         " null::text as code, null::integer as n, null::timestamptz as asked_at,"
         " null::text as what")
    " union all "
    SAID("2", "hazard_transition", "hazard_id",
         "\"to\", null, null, null, null, null, round, null, null, null, \"from\", null, null,"
         " null, null")
    " union all "
    SAID("3", "extension", "hazard_id",
         "null, null, null, null, null, new_deadline, null, null, null, null, null, decision, n,"
         " requested_at, null")
    " union all "
    SAID("4", "supervision", "hazard_id",
         "null, null, null, null, null, null, null, null, null, null, null, state, null, null,"
         " null")
    " union all "
    SAID("5", "withdrawal_decision", "hazard_id",
         "null, null, null, null, null, null, null, null, null, null, null, decision, null, null,"
         " kind")
    ") u order by observed_at, source_system collate \"C\", source_seq, state_rank, ledger_no"
    "   limit $3::int4) s"
    "  join dg.ledger l on l.ledger_no = s.ledger_no"
    " order by k.n, s.observed_at, s.source_system collate \"C\", s.source_seq, s.state_rank,"
    "          s.ledger_no"};
/* clang-format on */

enum past_column {
    S_PLACE,
    S_KIND,
    S_OBSERVED,
    S_LEDGER_NO = 6,
    S_AUTHORITY,
    S_PUBLISHER,
    S_OP,
    S_STATE,
    S_LEVEL,
    S_FOUND_BY,
    S_SUPERVISION,
    S_ON_THE_SPOT,
    S_DAY,
    S_ROUND,
    S_RECTIFIED,
    S_ACCEPTED,
    S_CLOSED,
    S_FROM,
    S_CODE,
    S_NUMBER,
    S_ASKED,
    S_WHAT
};

/* A row being read; NULL gives what stands for nothing. */
struct reading {
    const struct pg_result *r;
    size_t row;
    struct arena *arena;
    enum err err;
};

static int64_t integer(const struct reading *in, int col, int64_t none)
{
    int64_t v = none;
    (void)result_int(in->r, in->row, col, &v);
    return v;
}

static int64_t instant(const struct reading *in, int col)
{
    int64_t v = LIFE_NO_TIME;
    (void)result_time(in->r, in->row, col, &v);
    return v;
}

static bool flag(const struct reading *in, int col)
{
    bool v = false;
    (void)result_bool(in->r, in->row, col, &v);
    return v;
}

static int code(const struct reading *in, int col, const ProtobufCEnumDescriptor *list)
{
    struct span name;
    return result_text(in->r, in->row, col, &name) ? life_code(list, name) : 0;
}

static const char *text(struct reading *in, int col)
{
    struct span s;
    if (!result_text(in->r, in->row, col, &s)) {
        return "";
    }
    const char *kept = arena_strndup(in->arena, s.at, s.len);
    if (!kept) {
        in->err = ERR_NOMEM;
    }
    return kept ? kept : "";
}

/* observed_at, source_system, source_seq::text, state_rank, ledger_no from column `first` on. */
static void read_order(struct reading *in, int first, struct order_key *order, int64_t *tie)
{
    struct span seq;
    int64_t rank;
    if (!result_time(in->r, in->row, first, &order->observed_us) ||
        !result_text(in->r, in->row, first + 2, &seq) ||
        !result_int(in->r, in->row, first + 3, &rank) ||
        !result_int(in->r, in->row, first + 4, tie)) {
        in->err = ERR_FATAL;
        return;
    }
    order->source_system = text(in, first + 1);
    order->state_rank = (int32_t)rank;
    order->source_seq = 0;
    for (size_t i = 0; i < seq.len && seq.at[i] >= '0' && seq.at[i] <= '9'; i++) {
        order->source_seq = order->source_seq * 10 + (uint64_t)(seq.at[i] - '0');
    }
}

#define STATES  &dualgate__v1__hazard_state__code__descriptor
#define LEVELS  &dualgate__v1__hazard_level__code__descriptor
#define FINDERS &dualgate__v1__hazard_finder__code__descriptor
#define LISTS   &dualgate__v1__supervision_state__code__descriptor
#define KINDS   &dualgate__v1__withdrawal_kind__code__descriptor

static struct hazard_life head_of(const struct reading *in)
{
    struct hazard_life life = life_none();
    life.known = true;
    life.deleted = flag(in, P_DELETED);
    life.state = life.reported_state = code(in, P_STATE, STATES);
    life.level = life.reported_level = code(in, P_LEVEL, LEVELS);
    life.found_by = code(in, P_FOUND_BY, FINDERS);
    life.deadline = life.reported_deadline = integer(in, P_DEADLINE, LIFE_NO_DAY);
    life.round = (int)integer(in, P_ROUND, 1);
    life.rectified_at = instant(in, P_RECTIFIED);
    life.accepted_at = instant(in, P_ACCEPTED);
    life.closed_at = instant(in, P_CLOSED);
    return life;
}

static void add_row(struct reading *in, struct hazard_life *life)
{
    life->lister = text(in, P_LISTER);
    life->supervision = life->lister[0] ? code(in, P_SUPERVISION, LISTS) : 0;
    life->escalated = flag(in, P_ESCALATED);
    life->withdrawal = (enum life_request)code(in, P_WITHDRAWAL, KINDS);
    life->withdrawal_at = instant(in, P_WITHDRAWAL_AT);
    life->withdrawal_by = text(in, P_WITHDRAWAL_BY);
    life->denied = (enum life_request)code(in, P_DENIED, KINDS);
    life->reported_state = code(in, P_REPORTED_STATE, STATES);
    life->reported_level = code(in, P_REPORTED_LEVEL, LEVELS);
    life->reported_deadline = integer(in, P_REPORTED_DEADLINE, LIFE_NO_DAY);
    life->extended_by = (int)integer(in, P_EXTENDED_BY, 0);
    life->deadline_before = integer(in, P_DEADLINE_BEFORE, LIFE_NO_DAY);
    life->rejections = integer(in, P_REJECTIONS, 0);
    life->reopenings = integer(in, P_REOPENINGS, 0);
    life->self_extensions = integer(in, P_SELF_EXTENSIONS, 0);
    life->extensions = integer(in, P_EXTENSIONS, 0);
}

enum err life_take_probe(const struct pg_result *r, size_t row, struct arena *arena,
                         struct life_stored *out)
{
    struct reading in = {r, row, arena, ERR_OK};
    *out = (struct life_stored){
        .life = head_of(&in),
        .token = text(&in, P_TOKEN),
        .unit = text(&in, P_UNIT),
        .has_row = flag(&in, P_HAS_ROW),
    };
    if (out->has_row) {
        add_row(&in, &out->life);
    }
    read_order(&in, out->has_row ? P_LAST_OBSERVED : P_OBSERVED, &out->order, &out->tie);
    return in.err;
}

enum err life_take_past(const struct pg_result *r, size_t row, struct arena *arena, int64_t *place,
                        struct life_said **out)
{
    struct reading in = {r, row, arena, ERR_OK};
    int64_t kind;
    struct span op;
    struct span act;
    struct life_said *s = arena_zalloc(arena, sizeof *s);
    if (!s) {
        return ERR_NOMEM;
    }
    if (!result_int(r, row, S_PLACE, place) || !result_int(r, row, S_KIND, &kind) || kind < 0 ||
        kind >= LIFE_KINDS || !result_text(r, row, S_OP, &op)) {
        return ERR_FATAL;
    }
    read_order(&in, S_OBSERVED, &s->order, &s->tie);
    struct life_event *e = &s->event;
    *e = life_event_none((enum life_kind)kind);
    e->authority = flag(&in, S_AUTHORITY);
    e->by = text(&in, S_PUBLISHER);
    e->at = s->order.observed_us;
    if (span_is(op, "DELETE")) {
        e->kind = kind == LIFE_VERSION ? LIFE_TOMBSTONE : e->kind;
    } else {
        e->state = code(&in, S_STATE, STATES);
        e->level = code(&in, S_LEVEL, LEVELS);
        e->found_by = code(&in, S_FOUND_BY, FINDERS);
        e->supervision = code(&in, S_SUPERVISION, LISTS);
        e->on_the_spot = flag(&in, S_ON_THE_SPOT);
        e->deadline = integer(&in, S_DAY, LIFE_NO_DAY);
        e->round = (int)integer(&in, S_ROUND, 0);
        e->rectified_at = instant(&in, S_RECTIFIED);
        e->accepted_at = instant(&in, S_ACCEPTED);
        e->closed_at = instant(&in, S_CLOSED);
        e->from = code(&in, S_FROM, STATES);
        e->n = (int)integer(&in, S_NUMBER, 0);
        e->asked_at = instant(&in, S_ASKED);
        e->what = (enum life_request)code(&in, S_WHAT, KINDS);
        if (result_text(r, row, S_CODE, &act)) {
            e->act = life_act_named(e->kind, act);
        }
    }
    *out = s;
    return in.err;
}
