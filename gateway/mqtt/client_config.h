/* SPDX-License-Identifier: Apache-2.0 */
/* From the settings to an ordinary client of the broker; what its owner adds are filters, windows
 * and a will. */
#ifndef MQTT_CLIENT_CONFIG_H
#define MQTT_CLIENT_CONFIG_H

#include "conf/settings.h"
#include "mqtt/client.h"

/* On the gateway's own listener. password may be NULL; all texts are borrowed. */
struct client_settings client_config_own(const struct settings *s, const char *who,
                                         const char *password);
/* On the listener that publishers and subscribers use. */
struct client_settings client_config_outside(const struct settings *s, const char *who);

#endif
