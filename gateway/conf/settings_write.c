/* SPDX-License-Identifier: Apache-2.0 */
/* The complete configuration file, written from the table: config/gateway.yaml is this with the
 * defaults. What it writes, settings_load() reads back to the same values. */
#include "conf/settings.h"

#include <inttypes.h>
#include <string.h>

static const char head[] =
    "# Settings of dualgate: all there are, each with its default. What is left out has its "
    "default.\n"
    "# Written by the program from its table of settings; to change a help text or a default, "
    "change\n"
    "# the table.\n"
    "#\n"
    "# An environment variable overrides the file: DUALGATE_MQTT_HOST for mqtt.host, and so on.\n"
    "# Passwords stand in files of their own (..._file), which must not be readable by others.\n"
    "#\n"
    "# SIGHUP: this file, the adapters and the password files are read again. What may change\n"
    "# while running is taken; the log names what needs a restart, a changed password too. A\n"
    "# file that is wrong changes nothing.\n";

static void write_facts(const struct setting *row, struct buf *out)
{
    buf_printf(out, "  # Default: %s", row->initial[0] ? row->initial : "empty");
    if (row->unit) {
        buf_printf(out, " %s", row->unit);
    }
    if (row->type == SETTING_INTEGER || row->type == SETTING_DECIMAL) {
        buf_printf(out, " (from %" PRId64 " to %" PRId64 ")", row->min, row->max);
    }
    if (row->words) {
        buf_printf(out, " (one of: %s)", row->words);
    }
    buf_puts(out, row->reloadable ? "; may change while running\n" : "; needs a restart\n");
}

void settings_write_yaml(const struct settings *s, struct buf *out)
{
    struct span group = SPAN_NONE;
    size_t count;
    const struct setting *table = settings_table(&count);
    buf_puts(out, head);
    for (const struct setting *row = table; row < table + count; row++) {
        struct span key = span_of(row->name);
        struct span first = span_cut(&key, '.');
        if (!span_eq(first, group)) {
            group = first;
            buf_printf(out, "\n%.*s:\n", SPAN_ARG(group));
        }
        buf_printf(out, "  # %s\n", row->help);
        write_facts(row, out);
        buf_printf(out, "  %.*s: ", SPAN_ARG(key));
        setting_write(s, row, out);
        buf_putc(out, '\n');
    }
}
