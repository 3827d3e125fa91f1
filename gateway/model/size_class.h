/* SPDX-License-Identifier: Apache-2.0 */
/* Size class (大中小微) and 规模以上 of an enterprise, computed from staff, revenue, assets and its
 * industry after 统计上大中小微型企业划分办法(2017). For: comparing with what was reported, which
 * wins. Not for: schools, hospitals, homes and other institutions, which have a tier. Pure. */
#ifndef MODEL_SIZE_CLASS_H
#define MODEL_SIZE_CLASS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/schema.h"

struct size_input {
    /* Of GB/T 4754-2017: letter and up to four digits, "C2614", "C". */
    const char *industry;
    bool has_staff;
    int64_t staff;
    /* In yuan (the method's own table is in 万元): valid decimals, NULL where not known. */
    const char *revenue;
    const char *assets;
};

/* UNKNOWN when the method has no table for the industry, or when what is not known would decide. */
Dualgate__V1__SizeClass__Code size_class_of(const struct size_input *in);

/* Whether the enterprise is 规模以上, where yearly revenue alone decides: industry and wholesale
 * from 20 million yuan, retail from 5, hotels and catering from 2. False when it cannot be said. */
bool size_above_scale(const struct size_input *in, bool *above);

#endif
