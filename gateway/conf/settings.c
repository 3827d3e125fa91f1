/* SPDX-License-Identifier: Apache-2.0 */
/* The table of settings. A setting is added by a member in settings.h and a row here; the rest,
 * config/gateway.yaml included, follows from the row. */
#include "conf/settings.h"

#include <string.h>

#define MEMBER(field) (((struct settings *)0)->field)
#define TYPE_OF(field) \
    _Generic(MEMBER(field), int64_t                                                                \
             : SETTING_INTEGER, bool                                                               \
             : SETTING_BOOL, double                                                                \
             : SETTING_DECIMAL, const char *                                                       \
             : SETTING_STRING)
#define NAMED(text, kind, field, ...)                                                   \
    {                                                                                   \
        .name = text, .type = kind, .at = offsetof(struct settings, field), __VA_ARGS__ \
    }
#define ROW(field, ...)      NAMED(#field, TYPE_OF(field), field, __VA_ARGS__)
#define FILE_ROW(field, ...) NAMED(#field, SETTING_PATH, field, .max = 4095, __VA_ARGS__)
#define RANGE(low, high)     .min = (low), .max = (high)
#define TEXT(low, high)      RANGE(low, high)

#define DIGITS "0123456789"
#define WORD   DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-."

#define KIB      INT64_C(1024)
#define MIB      (1024 * KIB)
#define MINUTE_S INT64_C(60)
#define DAY_S    INT64_C(86400)
#define HOUR_MS  3600000
#define YEARS_30 10958 /* days */

static const struct setting table[] = {
    ROW(node.code, .initial = "410411", TEXT(6, 6), .charset = DIGITS,
        .help = "Division code of this node (GB/T 2260), the {node} of every topic."),
    ROW(node.name, .initial = "湛河区", TEXT(0, 200), .reloadable = true,
        .help = "Name of the node, for people."),
    ROW(gateway.name, .initial = "gateway-1", TEXT(1, 64), .charset = WORD,
        .help = "Name of this gateway, the last level of dp/v1/{node}/status/{gateway}."),

    ROW(mqtt.host, .initial = "127.0.0.1", TEXT(1, 255),
        .help = "Broker: the listener for the gateway alone."),
    ROW(mqtt.port, .initial = "1884", RANGE(1, 65535), .file_only = true,
        .help = "Its port. (DUALGATE_MQTT_PORT belongs to deploy/dev/stack and means the "
                "publishers' listener.)"),
    ROW(mqtt.username, .initial = "", TEXT(0, 255),
        .help = "User name at that listener, or empty."),
    FILE_ROW(mqtt.password_file, .initial = "", .secret = true,
             .help = "File with the password of that user, or empty."),
    ROW(mqtt.keepalive_s, .initial = "15", RANGE(5, 65535), .unit = "s",
        .help = "A broker silent for one and a half times as long is taken for dead."),
    ROW(mqtt.session_expiry_s, .initial = "604800", RANGE(MINUTE_S, 4294967295), .unit = "s",
        .help =
            "How long the broker keeps the lane's session and queue while no gateway is there."),
    ROW(mqtt.receive_maximum, .initial = "4000", RANGE(1, 65535),
        .help = "Messages the broker sends ahead of our PUBACK. Not below batch.messages_max, not "
                "above the broker's max_queued_messages."),
    ROW(mqtt.connect_timeout_ms, .initial = "5000", RANGE(50, HOUR_MS), .unit = "ms",
        .help = "From the attempt to connect to CONNACK."),
    ROW(mqtt.backoff_first_ms, .initial = "200", RANGE(1, HOUR_MS), .unit = "ms",
        .help = "First wait before connecting again; doubles, with chance in it."),
    ROW(mqtt.backoff_max_ms, .initial = "10000", RANGE(1, HOUR_MS), .unit = "ms",
        .help = "Longest such wait."),
    ROW(mqtt.probe_timeout_ms, .initial = "5000", RANGE(50, HOUR_MS), .unit = "ms",
        .help = "A probe message not back by then means the subscription is not there: connect "
                "again."),
    ROW(mqtt.probe_interval_ms, .initial = "10000", RANGE(50, HOUR_MS), .unit = "ms",
        .help = "How often a probe message is sent through the broker."),
    ROW(mqtt.receipt_window_max, .initial = "1000", RANGE(2, 65535),
        .help = "Receipts of a lane under way without the broker's PUBACK."),
    ROW(mqtt.feed_window_max, .initial = "1000", RANGE(1, 65535),
        .help = "Feed items under way without the broker's PUBACK."),
    ROW(mqtt.publishers_host, .initial = "127.0.0.1", TEXT(1, 255), .reloadable = true,
        .help = "The listener of publishers and subscribers; for dualgate report, feed and "
                "simulate."),
    ROW(mqtt.publishers_port, .initial = "1883", RANGE(1, 65535), .reloadable = true,
        .help = "Its port."),

    ROW(pg.host, .initial = "127.0.0.1", TEXT(1, 255),
        .help = "PostgreSQL: name, address, or directory of its Unix socket."),
    ROW(pg.port, .initial = "5432", RANGE(1, 65535), .file_only = true,
        .help = "Its port. (DUALGATE_PG_PORT belongs to deploy/dev/stack.)"),
    ROW(pg.database, .initial = "dualgate", TEXT(1, 63), .help = "Database."),
    ROW(pg.user, .initial = "dualgate_gateway", TEXT(1, 63), .help = "Login role."),
    FILE_ROW(pg.password_file, .initial = "", .secret = true,
             .help = "File with the password of that role, or empty."),
    ROW(pg.connect_timeout_ms, .initial = "5000", RANGE(50, HOUR_MS), .unit = "ms",
        .help = "From the attempt to connect to a session ready for use."),
    ROW(pg.statement_deadline_ms, .initial = "8000", RANGE(50, 9999), .unit = "ms",
        .help = "A server that has not answered by then is taken for hung and left."),
    ROW(pg.backoff_first_ms, .initial = "200", RANGE(1, HOUR_MS), .unit = "ms",
        .help = "First wait before connecting again; doubles, with chance in it."),
    ROW(pg.backoff_max_ms, .initial = "5000", RANGE(1, HOUR_MS), .unit = "ms",
        .help = "Longest such wait."),
    ROW(pg.lock_poll_ms, .initial = "1000", RANGE(10, HOUR_MS), .unit = "ms",
        .help = "How often a standby asks for the lane's lock."),
    ROW(pg.fatal_retry_ms, .initial = "15000", RANGE(10, HOUR_MS), .unit = "ms",
        .help = "How long a lane stands still after an error that is nobody's data (a missing "
                "table, a missing right)."),

    ROW(lane.count, .initial = "1", RANGE(1, 16),
        .help = "Lanes, each one MQTT session and one database connection."),

    ROW(intake.message_bytes_max, .initial = "12582912", RANGE(KIB, 256 * MIB), .unit = "bytes",
        .help = "Largest message (12 MiB)."),
    ROW(intake.array_reports_max, .initial = "500", RANGE(1, 10000), .reloadable = true,
        .help = "Reports in one message."),
    ROW(intake.report_bytes_max, .initial = "262144", RANGE(KIB, 256 * MIB), .unit = "bytes",
        .reloadable = true, .help = "Largest report without attachments (256 KiB)."),
    ROW(intake.json_depth_max, .initial = "32", RANGE(8, 512), .reloadable = true,
        .help = "Nesting of JSON."),
    ROW(intake.correlation_bytes_max, .initial = "256", RANGE(0, 65535), .unit = "bytes",
        .reloadable = true, .help = "Correlation data that come back with the receipt."),
    ROW(intake.response_topic_bytes_max, .initial = "256", RANGE(0, 65535), .unit = "bytes",
        .reloadable = true, .help = "Response topic of a message."),
    ROW(intake.arena_bytes_max, .initial = "67108864", RANGE(MIB, 1024 * MIB), .unit = "bytes",
        .help = "Memory that one message may take while it is worked on (64 MiB)."),
    ROW(intake.observed_ahead_max_s, .initial = "600", RANGE(0, DAY_S), .unit = "s",
        .reloadable = true, .help = "How far observed_at may lie ahead of our clock."),

    ROW(attachment.bytes_max, .initial = "5242880", RANGE(KIB, 64 * MIB), .unit = "bytes",
        .help = "Largest photo or document in a report, decoded (5 MiB)."),
    ROW(attachment.count_max, .initial = "20", RANGE(0, 1000),
        .help = "Photos and documents that one report may bring along."),
    ROW(attachment.keep_unreferenced_days, .initial = "30", RANGE(1, YEARS_30), .unit = "days",
        .reloadable = true,
        .help = "How long a photo or document is kept that no record names any more."),
    ROW(attachment.requests_max, .initial = "16", RANGE(1, 1000),
        .help = "Requests for photos that wait for the database; more are turned away."),

    ROW(rules.lat_min, .initial = "33", RANGE(-90, 90), .unit = "degrees", .reloadable = true,
        .help = "Southernmost latitude a report may give."),
    ROW(rules.lat_max, .initial = "35", RANGE(-90, 90), .unit = "degrees", .reloadable = true,
        .help = "Northernmost latitude."),
    ROW(rules.lon_min, .initial = "112", RANGE(-180, 180), .unit = "degrees", .reloadable = true,
        .help = "Westernmost longitude."),
    ROW(rules.lon_max, .initial = "115", RANGE(-180, 180), .unit = "degrees", .reloadable = true,
        .help = "Easternmost longitude."),
    ROW(rules.lec_70_is_general, .initial = "true", .reloadable = true,
        .help =
            "LEC: D = 70 is a general risk (一般); false: a low one (低). Sources differ in this "
            "alone."),

    ROW(batch.messages_max, .initial = "400", RANGE(1, 65535), .reloadable = true,
        .help = "Messages in one transaction."),
    ROW(batch.reports_max, .initial = "1000", RANGE(1, 100000), .reloadable = true,
        .help = "Reports in one transaction; the last message may exceed it."),
    ROW(batch.bytes_max, .initial = "8388608", RANGE(KIB, 256 * MIB), .unit = "bytes",
        .help = "Bytes of messages in one transaction (8 MiB); the last message may exceed it."),
    ROW(batch.age_ms, .initial = "20", RANGE(1, 10000), .unit = "ms", .reloadable = true,
        .help = "A batch is committed when its first message is that old."),

    ROW(store.retry_max, .initial = "10", RANGE(1, 1000), .reloadable = true,
        .help = "How often a batch is tried again in place before the connection is given up."),

    ROW(parked.expiry_s, .initial = "604800", RANGE(1, 3650 * DAY_S), .unit = "s",
        .reloadable = true, .help = "How long a report waits for its parent (7 days)."),
    ROW(parked.sweep_ms, .initial = "2000", RANGE(10, HOUR_MS), .unit = "ms", .reloadable = true,
        .help = "How often the parked ones are looked at again."),
    ROW(parked.sweep_rows_max, .initial = "500", RANGE(1, 100000), .reloadable = true,
        .help = "Parked reports looked at, or released, in one transaction."),
    ROW(parked.reports_max, .initial = "1000000", RANGE(1, INT64_C(1000000000)), .reloadable = true,
        .help = "Parked reports of the node; more are rejected."),

    ROW(hazard.events_max, .initial = "1000", RANGE(1, 100000),
        .help =
            "Of a hazard's past, read when something older than its newest version comes; a hazard "
            "with more takes it as if it were said last."),

    ROW(feed.enabled, .initial = "true", .help = "Publish accepted records on the feed topics."),
    ROW(feed.read_rows_max, .initial = "250", RANGE(1, 100000), .reloadable = true,
        .help = "Feed items read from the outbox at a time."),
    ROW(feed.poll_ms, .initial = "200", RANGE(10, HOUR_MS), .unit = "ms", .reloadable = true,
        .help = "How often an empty outbox is looked at."),
    ROW(feed.head_interval_ms, .initial = "5000", RANGE(100, 5000), .unit = "ms",
        .reloadable = true,
        .help = "How often the retained last numbers are published while they change."),

    ROW(outbox.keep_days, .initial = "30", RANGE(1, YEARS_30), .unit = "days", .reloadable = true,
        .help = "How long published feed items stay in the outbox."),
    ROW(raw.keep_days, .initial = "30", RANGE(1, YEARS_30), .unit = "days", .reloadable = true,
        .help = "How long the raw bytes of messages are kept."),
    ROW(audit.keep_days, .initial = "730", RANGE(184, YEARS_30), .unit = "days", .reloadable = true,
        .help = "How long the audit trail is kept; never under half a year."),

    NAMED("register.poll_ms", SETTING_INTEGER, reg.poll_ms, .initial = "1000", RANGE(10, HOUR_MS),
          .unit = "ms", .reloadable = true, .help = "How often the register is asked for changes."),

    ROW(http.host, .initial = "127.0.0.1", TEXT(1, 255), .words = "127.0.0.1 ::1",
        .help = "Address of the administrators' pages; loopback only."),
    ROW(http.port, .initial = "8080", RANGE(0, 65535), .file_only = true,
        .help =
            "Their port; 0 takes a free one. (DUALGATE_HTTP_PORT belongs to deploy/dev/stack.)"),
    ROW(http.connections_max, .initial = "64", RANGE(4, 10000),
        .help = "HTTP connections at the same time."),
    ROW(http.header_timeout_ms, .initial = "10000", RANGE(50, HOUR_MS), .unit = "ms",
        .help = "A request whose header has not come by then is cut off."),

    FILE_ROW(adapters.path, .initial = "adapters", .min = 1, .reloadable = true,
             .help = "Folder of the adapters, one folder each."),
    ROW(log.level, .initial = "info", TEXT(1, 16), .words = "debug info warn error",
        .reloadable = true, .help = "What is logged: this and worse."),
    ROW(drain.timeout_ms, .initial = "10000", RANGE(0, HOUR_MS), .unit = "ms", .reloadable = true,
        .help = "After SIGTERM: how long what was begun may take to end."),
};

#define ROWS (sizeof(table) / sizeof(table[0]))

const struct setting *settings_table(size_t *count)
{
    *count = ROWS;
    return table;
}

const struct setting *settings_find(const char *name)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(table[i].name, name) == 0) {
            return &table[i];
        }
    }
    return NULL;
}
