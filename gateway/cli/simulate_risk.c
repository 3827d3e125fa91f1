/* SPDX-License-Identifier: Apache-2.0 */
/* What an entity says of itself and of its risks, parents first, except where a sender mixes up the
 * order: then the gateway has to park the children. */
#include <inttypes.h>
#include <string.h>

#include "cli/simulate_story.h"
#include "model/civil_time.h"

#define CHECK_EVERY_DAYS 7
#define STEP_US          (INT64_C(20) * 1000000)
/* One unit in so many sends its risk units a day after their children. */
#define MIXED_UP_ONE_IN 13

static bool is_hazchem(const struct teller *t)
{
    return t->unit->entity->company_code != NULL;
}

static const char *time_of(struct teller *t, int64_t us)
{
    char text[TIME_TEXT_MAX];
    time_format(us, text);
    return story_text(t->story, "%s", text);
}

static void put_created(struct teller *t, struct sim_report *r, int64_t at_us)
{
    const char *at = time_of(t, at_us);
    const char *by = t->unit->persons[0].name;
    sim_put(r, "created_at", at);
    sim_put(r, "created_by", by);
    sim_put(r, "updated_at", at);
    sim_put(r, "updated_by", by);
}

static const char *person_json(struct teller *t, const struct district_person *p)
{
    return story_text(t->story, "{\"name\":\"%s\",\"phone\":\"%s\"}", p->name, p->phone);
}

static void tell_entity(struct teller *t, int64_t at_us)
{
    const struct district_entity *e = t->unit->entity;
    struct sim_report r;
    teller_report(t, &r, "entity", at_us);
    sim_put(&r, "name", t->unit->name);
    sim_put(&r, "kind", e->form->kind);
    sim_put(&r, "division", t->unit->division);
    sim_put(&r, "address", e->address);
    sim_put(&r, "lat", e->lat);
    sim_put(&r, "lon", e->lon);
    sim_put(&r, "crs", "GCJ02");
    sim_put(&r, "industry", e->form->industry);
    sim_put(&r, "industry_version", "2017");
    sim_put(&r, "sector", e->sector->code);
    sim_put(&r, "size_class", e->size_class);
    sim_put_raw(&r, "above_scale", e->above_scale ? "true" : "false");
    sim_put(&r, "tier", e->form->tier);
    sim_put_raw(&r, "staff", story_text(t->story, "%" PRId64, e->staff));
    sim_put_raw(&r, "principal", person_json(t, &t->unit->persons[0]));
    sim_put_raw(&r, "safety_head", person_json(t, &t->unit->persons[1]));
    sim_put(&r, "build_state", e->build_state);
    sim_put(&r, "scope", e->scope);
    if (t->unit->unit[0] == '\0') {
        sim_put(&r, "company_code", e->company_code);
    }
    story_open(t->story, t->unit, "entity");
    story_add(t->story, &r);
    (void)story_close(t->story, at_us);
}

/* ---- the bodies of the chain ---- */

static void put_responsible(struct teller *t, struct sim_report *r)
{
    const struct district_person *p = teller_person(t);
    sim_put(r, "resp_dept", teller_pick(t, &words_departments));
    sim_put(r, "resp_person", p->name);
}

static const char *object_code(struct teller *t, const struct sim_link *link)
{
    const struct district_entity *e = t->unit->entity;
    size_t n = (size_t)(link - t->links) + 1;
    return e->company_code ? story_text(t->story, "%s%03zu", e->company_code, n)
                           : story_text(t->story, "FX-%03zu", n);
}

static void put_object(struct teller *t, struct sim_link *link, struct sim_report *r)
{
    bool major = is_hazchem(t) && link == t->links;
    sim_put(r, "id", link->object);
    sim_put(r, "risk_object_code", object_code(t, link));
    sim_put(r, "name", link->words->object);
    sim_put(r, "object_type", link->words->object_type);
    if (is_hazchem(t)) {
        sim_put_raw(r, "major_installation", major ? "true" : "false");
        sim_put(r, "grade", major ? "THIRD" : NULL);
    }
    sim_put(r, "place", t->unit->name);
    sim_put(r, "control", link->words->measure);
    put_responsible(t, r);
}

static void put_unit(struct teller *t, struct sim_link *link, struct sim_report *r)
{
    sim_put(r, "id", link->unit);
    sim_put(r, "risk_object_code", object_code(t, link));
    sim_put(r, "risk_object_id", link->object);
    sim_put(r, "name", link->words->unit);
    put_responsible(t, r);
    sim_put(r, "risk_level", link->words->level);
    sim_put(r, "control_level", link->words->level[0] == 'G' ? "TEAM" : "DEPARTMENT");
}

/* Inputs of LEC that give the level. */
static void put_grading(struct sim_report *r, const char *level)
{
    static const struct {
        const char *level, *likelihood, *consequence, *value;
    } gradings[] = {{"MAJOR", "6", "15", "540"},
                    {"CONSIDERABLE", "3", "15", "270"},
                    {"GENERAL", "3", "7", "126"},
                    {"LOW", "1", "7", "42"}};
    size_t i = 0;
    while (i + 1 < sizeof gradings / sizeof gradings[0] && strcmp(gradings[i].level, level) != 0) {
        i++;
    }
    sim_put(r, "method", "LEC");
    sim_put(r, "likelihood", gradings[i].likelihood);
    sim_put(r, "exposure", "6");
    sim_put(r, "consequence", gradings[i].consequence);
    sim_put(r, "risk_value", gradings[i].value);
    sim_put(r, "risk_level", gradings[i].level);
}

static void put_event(struct teller *t, struct sim_link *link, struct sim_report *r)
{
    sim_put(r, "id", link->event);
    sim_put(r, "risk_unit_id", link->unit);
    sim_put(r, "name", link->words->event);
    sim_put_raw(r, "accident_types", story_text(t->story, "[\"%s\"]", link->words->accident));
    put_grading(r, link->words->level);
    sim_put(r, "measures_text", link->words->measure);
}

static void put_measure(struct teller *t, struct sim_link *link, struct sim_report *r)
{
    (void)t;
    sim_put(r, "id", link->measure);
    sim_put(r, "risk_event_id", link->event);
    sim_put(r, "control_mode", "CHECK");
    sim_put(r, "description", link->words->measure);
    sim_put(r, "class1", link->words->class1);
    sim_put(r, "class2", link->words->class2);
    sim_put(r, "check_content", link->words->check);
}

static void put_task(struct teller *t, struct sim_link *link, struct sim_report *r)
{
    sim_put(r, "id", link->task);
    sim_put(r, "measure_id", link->measure);
    sim_put(r, "content", link->words->check);
    sim_put(r, "cycle", dice_chance(&t->dice, 50) ? "1" : "7");
    sim_put(r, "cycle_unit", "DAY");
    sim_put(r, "workday_type", "EVERY_DAY");
    sim_put(r, "task_type", "DAILY");
}

struct stage {
    const char *record;
    void (*put)(struct teller *t, struct sim_link *link, struct sim_report *r);
};

/* An array of one record, one row a link of the chain. */
static void tell_stage(struct teller *t, const struct stage *stage, int64_t at_us, int64_t sent_us)
{
    story_open(t->story, t->unit, stage->record);
    for (size_t i = 0; i < t->n_links; i++) {
        struct sim_report r;
        teller_report(t, &r, stage->record, at_us);
        stage->put(t, &t->links[i], &r);
        put_created(t, &r, at_us);
        story_add(t->story, &r);
    }
    (void)story_close(t->story, sent_us);
}

static void make_links(struct teller *t)
{
    t->n_links = t->unit->entity->size_class == NULL || dice_chance(&t->dice, 60) ? 2 : 3;
    for (size_t i = 0; i < t->n_links; i++) {
        struct sim_link *link = &t->links[i];
        link->words = &t->unit->entity->sector->risks[i];
        dice_id(&t->dice, link->object);
        dice_id(&t->dice, link->unit);
        dice_id(&t->dice, link->event);
        dice_id(&t->dice, link->measure);
        dice_id(&t->dice, link->task);
    }
}

/* ---- checks ---- */

/* Hazards refer to the first check's records. */
static const char *new_record_id(struct teller *t, struct sim_link *link, int64_t at_us)
{
    char id[ID_CHARS + 1];
    dice_id(&t->dice, id);
    if (link->record[0] == '\0') {
        memcpy(link->record, id, sizeof id);
        t->checked_us = at_us;
    }
    return story_text(t->story, "%s", id);
}

static void tell_checks(struct teller *t, int64_t at_us)
{
    story_open(t->story, t->unit, "check_record");
    for (size_t i = 0; i < t->n_links; i++) {
        struct sim_link *link = &t->links[i];
        const struct district_person *p = teller_person(t);
        bool found = dice_chance(&t->dice, 20);
        struct sim_report r;
        teller_report(t, &r, "check_record", at_us);
        r.channel = "MOBILE";
        sim_put(&r, "id", new_record_id(t, link, at_us));
        sim_put(&r, "task_id", link->task);
        sim_put(&r, "checked_at", time_of(t, at_us));
        sim_put(&r, "result", found ? "HAZARD" : "NORMAL");
        sim_put(&r, "checker", p->name);
        sim_put(&r, "checker_mobile", p->phone);
        sim_put(&r, "dept", teller_pick(t, &words_departments));
        sim_put(&r, "description", found ? "发现异常，已登记隐患" : "检查正常");
        put_created(t, &r, at_us);
        story_add(t->story, &r);
    }
    (void)story_close(t->story, at_us);
}

void tell_risks(struct teller *t)
{
    static const struct stage stages[] = {
        {"risk_object", put_object}, {"risk_unit", put_unit},  {"risk_event", put_event},
        {"measure", put_measure},    {"check_task", put_task},
    };
    int64_t day = dice_between(&t->dice, 0, 2);
    int64_t at_us = teller_time(t, day);
    bool mixed_up = t->unit->entity->index % MIXED_UP_ONE_IN == 3;
    tell_entity(t, at_us);
    make_links(t);
    for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++) {
        at_us += STEP_US;
        tell_stage(t, &stages[i], at_us, at_us + (mixed_up && i == 1 ? SIM_DAY_US : 0));
    }
    for (int64_t d = day + 1; d < t->days.count; d += CHECK_EVERY_DAYS) {
        tell_checks(t, teller_time(t, d));
    }
}
