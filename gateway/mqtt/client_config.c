/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/client_config.h"

static struct client_settings common(const struct settings *s, const char *who)
{
    return (struct client_settings){
        .who = who,
        .keepalive_s = (uint32_t)s->mqtt.keepalive_s,
        .connect_timeout_ms = (uint32_t)s->mqtt.connect_timeout_ms,
        .backoff_first_ms = (uint32_t)s->mqtt.backoff_first_ms,
        .backoff_max_ms = (uint32_t)s->mqtt.backoff_max_ms,
        .window_max = 1,
    };
}

struct client_settings client_config_own(const struct settings *s, const char *who,
                                         const char *password)
{
    struct client_settings c = common(s, who);
    c.host = s->mqtt.host;
    c.port = (uint16_t)s->mqtt.port;
    c.username = s->mqtt.username[0] != '\0' ? s->mqtt.username : NULL;
    c.password = password;
    return c;
}

struct client_settings client_config_outside(const struct settings *s, const char *who)
{
    struct client_settings c = common(s, who);
    c.host = s->mqtt.publishers_host;
    c.port = (uint16_t)s->mqtt.publishers_port;
    return c;
}
