/* SPDX-License-Identifier: Apache-2.0 */
/* Every setting, as plain fields filled from one table. A setting has a dotted name (`mqtt.host`),
 * which is at once its place in the YAML file (nested maps), its member here and its environment
 * variable (DUALGATE_MQTT_HOST). Precedence: environment, file, default. Whole numbers are int64_t,
 * with their unit in the name; ranges are in the table, so users of a field need not check again.
 * Passwords never stand in a setting: `…_file` names the file that holds one (see conf/secret.h).
 */
#ifndef CONF_SETTINGS_H
#define CONF_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct settings {
    struct {
        const char *code; /* 6 digits */
        const char *name;
    } node;
    struct {
        const char *name; /* the last level of the status topic */
    } gateway;
    struct {
        const char *host; /* the gateway's own listener */
        int64_t port;
        const char *username;      /* "" for none */
        const char *password_file; /* "" for none */
        int64_t keepalive_s;
        int64_t session_expiry_s;
        int64_t receive_maximum;
        int64_t connect_timeout_ms;
        int64_t backoff_first_ms;
        int64_t backoff_max_ms;
        int64_t probe_timeout_ms;
        int64_t probe_interval_ms;
        int64_t receipt_window_max;
        int64_t feed_window_max;
        const char *publishers_host; /* the listener that publishers and subscribers use */
        int64_t publishers_port;
    } mqtt;
    struct {
        const char *host; /* a name, an address, or the directory of a Unix socket */
        int64_t port;
        const char *database;
        const char *user;
        const char *password_file; /* "" for none */
        int64_t connect_timeout_ms;
        int64_t statement_deadline_ms;
        int64_t backoff_first_ms;
        int64_t backoff_max_ms;
        int64_t lock_poll_ms;
        int64_t fatal_retry_ms;
    } pg;
    struct {
        int64_t count;
    } lane;
    struct {
        int64_t message_bytes_max;
        int64_t array_reports_max;
        int64_t report_bytes_max;
        int64_t json_depth_max;
        int64_t correlation_bytes_max;
        int64_t response_topic_bytes_max;
        int64_t arena_bytes_max;
        int64_t observed_ahead_max_s;
    } intake;
    struct {
        int64_t bytes_max;
        int64_t count_max;
        int64_t keep_unreferenced_days;
        int64_t requests_max;
    } attachment;
    struct {
        double lat_min; /* degrees, WGS 84 */
        double lat_max;
        double lon_min;
        double lon_max;
        bool lec_70_is_general;
    } rules;
    struct {
        int64_t messages_max;
        int64_t reports_max;
        int64_t bytes_max;
        int64_t age_ms;
    } batch;
    struct {
        int64_t retry_max;
    } store;
    struct {
        int64_t expiry_s;
        int64_t sweep_ms;
        int64_t sweep_rows_max;
        int64_t reports_max;
    } parked;
    struct {
        int64_t events_max;
    } hazard;
    struct {
        bool enabled;
        int64_t read_rows_max;
        int64_t poll_ms;
        int64_t head_interval_ms;
    } feed;
    struct {
        int64_t keep_days;
    } outbox;
    struct {
        int64_t keep_days;
    } raw;
    struct {
        int64_t keep_days;
    } audit;
    struct {
        int64_t poll_ms;
    } reg; /* named `register` outside; that word is taken in C */
    struct {
        const char *host;
        int64_t port;
        int64_t connections_max;
        int64_t header_timeout_ms;
    } http;
    struct {
        const char *path;
    } adapters;
    struct {
        const char *level; /* debug, info, warn, error */
    } log;
    struct {
        int64_t timeout_ms;
    } drain;

    const char *file;   /* where they were read from; NULL for none */
    struct arena arena; /* holds the strings that are not defaults */
};

enum setting_type { SETTING_INTEGER, SETTING_BOOL, SETTING_DECIMAL, SETTING_STRING, SETTING_PATH };

/* A row of the table. */
struct setting {
    const char *name;
    enum setting_type type;
    size_t at;           /* offset in struct settings */
    const char *initial; /* the default, written as in the file */
    int64_t min, max;    /* of a number; of a string: its length in bytes */
    const char *unit;    /* "ms", "bytes", …; NULL where a number only counts */
    const char *words;   /* a string must be one of these (separated by spaces); or NULL */
    const char *charset; /* a string holds no other characters; or NULL */
    bool reloadable;     /* may change while the gateway runs */
    bool secret;         /* names a file with a password: must not be readable by others */
    bool file_only;      /* has no environment variable */
    const char *help;
};

/* The table, in the order of the file. */
const struct setting *settings_table(size_t *count);
/* The row of a dotted name; NULL if there is none. */
const struct setting *settings_find(const char *name);
/* All defaults. Allocates nothing; settings_free() is harmless afterwards. */
void settings_default(struct settings *s);
/* Defaults, then the file (NULL: none), then the environment. Every problem is one line in errors:
 * `path:line:column: name: what is wrong`, all in one go. ERR_IO: the file cannot be read;
 * ERR_SYNTAX: it is no YAML; ERR_INVALID: some settings are wrong. After an error s holds what was
 * right. The caller frees with settings_free(). */
MUST_CHECK enum err settings_load(struct settings *s, const char *path, struct buf *errors);
void settings_free(struct settings *s);
/* Stores one value given as text; what is wrong with it is appended to why (one phrase), and then s
 * is as before. */
MUST_CHECK enum err setting_store(struct settings *s, const struct setting *row, const char *text,
                                  struct buf *why);
/* The value as text, written as in the file. */
void setting_write(const struct settings *s, const struct setting *row, struct buf *out);
/* DUALGATE_MQTT_HOST for mqtt.host. */
void setting_environment_name(const struct setting *row, struct buf *out);
/* The complete commented file with the values of s. */
void settings_write_yaml(const struct settings *s, struct buf *out);

#endif
