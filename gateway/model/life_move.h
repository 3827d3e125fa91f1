/* SPDX-License-Identifier: Apache-2.0 */
/* What it means that a hazard goes from one state to another. For: the table of the usual moves,
 * and a name for every other one. Not for: who may do it, what follows from it (model/life.h).
 * Promises: every pair of states has exactly one kind. */
#ifndef MODEL_LIFE_MOVE_H
#define MODEL_LIFE_MOVE_H

#include <stdbool.h>

enum life_move {
    LIFE_MOVE_ENTERS, /* the first state that is known */
    LIFE_MOVE_STAYS,
    LIFE_MOVE_USUAL,
    LIFE_MOVE_SKIPS,   /* forward, leaving out states between */
    LIFE_MOVE_REJECTS, /* not accepted: back to be rectified */
    LIFE_MOVE_REOPENS, /* accepted or closed, and to be rectified again */
    LIFE_MOVE_BACK,    /* any other way back */
    LIFE_MOVE_VOIDS,
    LIFE_MOVE_LEAVES_VOID
};

/* States are numbers of HazardState.Code; from 0: none is known. on_the_spot: the hazard was put
 * right when it was found. */
enum life_move life_move_of(int from, int to, bool on_the_spot);

#endif
