/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of the states rise along a life, so a pair that is not in the table is a skip when it
 * rises and a way back when it falls. A state that says "not accepted" stands behind those it is
 * reached from, though what follows it starts again at being rectified. */
#include "model/life_move.h"

#include <stddef.h>

#include "codes.pb-c.h"

#define STATE(name) DUALGATE__V1__HAZARD_STATE__CODE__##name

static const struct {
    int from, to;
    enum life_move move;
} moves[] = {
    {STATE(REGISTERED), STATE(ASSESSED), LIFE_MOVE_USUAL},
    {STATE(ASSESSED), STATE(RECTIFYING), LIFE_MOVE_USUAL},
    {STATE(RECTIFYING), STATE(EXTENSION_REQUESTED), LIFE_MOVE_USUAL},
    {STATE(EXTENSION_REQUESTED), STATE(RECTIFYING), LIFE_MOVE_USUAL},
    {STATE(RECTIFYING), STATE(RECTIFIED), LIFE_MOVE_USUAL},
    {STATE(RECTIFIED), STATE(REINSPECTING), LIFE_MOVE_USUAL},
    {STATE(REINSPECTING), STATE(ACCEPTED), LIFE_MOVE_USUAL},
    /* Sources with three states know no reinspection. */
    {STATE(RECTIFIED), STATE(ACCEPTED), LIFE_MOVE_USUAL},
    {STATE(ACCEPTED), STATE(CLOSED), LIFE_MOVE_USUAL},
    {STATE(RECTIFIED), STATE(REJECTED), LIFE_MOVE_REJECTS},
    {STATE(REINSPECTING), STATE(REJECTED), LIFE_MOVE_REJECTS},
    {STATE(REJECTED), STATE(RECTIFYING), LIFE_MOVE_USUAL},
    /* The same where a source has no word for it. */
    {STATE(RECTIFIED), STATE(RECTIFYING), LIFE_MOVE_REJECTS},
    {STATE(REINSPECTING), STATE(RECTIFYING), LIFE_MOVE_REJECTS},
    {STATE(REJECTED), STATE(EXTENSION_REQUESTED), LIFE_MOVE_SKIPS},
    {STATE(REJECTED), STATE(RECTIFIED), LIFE_MOVE_SKIPS},
    {STATE(REJECTED), STATE(REINSPECTING), LIFE_MOVE_SKIPS},
    {STATE(ACCEPTED), STATE(RECTIFYING), LIFE_MOVE_REOPENS},
    {STATE(CLOSED), STATE(RECTIFYING), LIFE_MOVE_REOPENS},
};

enum life_move life_move_of(int from, int to, bool on_the_spot)
{
    if (from == to) {
        return LIFE_MOVE_STAYS;
    }
    if (from == STATE(VOID)) {
        return LIFE_MOVE_LEAVES_VOID;
    }
    if (to == STATE(VOID)) {
        return LIFE_MOVE_VOIDS;
    }
    if (from == 0) {
        return LIFE_MOVE_ENTERS;
    }
    if (on_the_spot && from == STATE(REGISTERED) && to == STATE(ACCEPTED)) {
        return LIFE_MOVE_USUAL;
    }
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
        if (moves[i].from == from && moves[i].to == to) {
            return moves[i].move;
        }
    }
    return to > from ? LIFE_MOVE_SKIPS : LIFE_MOVE_BACK;
}
