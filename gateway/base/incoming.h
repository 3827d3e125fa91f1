/* SPDX-License-Identifier: Apache-2.0 */
/* What an MQTT client hands on: the one shape that mqtt/ gives and pipe/ takes. */
#ifndef BASE_INCOMING_H
#define BASE_INCOMING_H

#include <stdbool.h>

#include "base/span.h"

/* What the broker handed over; borrowed for the length of the call. */
struct incoming {
    struct span topic;
    struct span payload;
    struct span content_type;   /* MQTT 5, or empty */
    struct span response_topic; /* MQTT 5, or empty */
    struct span correlation;    /* MQTT 5, or empty */
    bool retained;
};

#endif
